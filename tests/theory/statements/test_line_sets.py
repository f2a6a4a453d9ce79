"""Every pair of every small set, multiplied out in plain Python; integers in the real sets, complex numbers in the others."""

from fractions import Fraction
from itertools import combinations, permutations, product
from math import isqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.statements import line_sets as frames
from steinlab.theory.statements.line_sets import complex_bases, devore, is_prime, kerdock, largest_product, paley, random_signs
from steinlab.theory.statements.near_orthogonal import levenshtein_size, welch_bound


def brute_force(vectors):
    """max |u·v| over pairs, by Python's own arithmetic; all norms must be 1."""
    rows = [list(map(float, row)) for row in vectors]
    assert all(abs(sum(x * x for x in row) - 1) < 1e-12 for row in rows)
    return max(abs(sum(x * y for x, y in zip(u, v, strict=True))) for u, v in combinations(rows, 2))


def exact_integers(vectors, scale):
    """The rows times `scale`, which must be integers."""
    scaled = np.rint(vectors * scale)
    assert np.abs(scaled - vectors * scale).max() < 1e-12
    return [list(map(int, row)) for row in scaled]


SMALL = [
    kerdock(4),
    kerdock(16),
    complex_bases(6),
    complex_bases(10),
    complex_bases(14),
    devore(9, 1),
    devore(9, 2),
    devore(25, 2),
    devore(4, 1),
    paley(3),
    paley(7),
    paley(9),
    paley(15),
    random_signs(np.where(np.random.default_rng(3).integers(0, 2, (20, 12)) == 1, 1, -1).astype(np.int8)),
]


@pytest.mark.parametrize("made", SMALL, ids=lambda made: f"{made.name}-{made.dimension}-{made.size}")
def test_coherence_is_that_of_the_vectors(made):
    vectors = made.vectors()
    assert vectors.shape == (made.size, made.dimension)
    assert brute_force(vectors) == pytest.approx(float(made.coherence), abs=1e-12)
    assert made.coherence**2 == made.coherence_squared
    assert made.verified
    assert made.source


@pytest.mark.parametrize("d", [4, 16])
def test_kerdock_in_exact_integers(d):
    """√d times a vector off the axes is a sign vector: products are 0 within a basis, ±√d across."""
    vectors = kerdock(d).vectors()
    assert (vectors[:d] == np.eye(d)).all()
    signs = exact_integers(vectors[d:], isqrt(d))
    for (i, u), (j, v) in combinations(enumerate(signs), 2):
        expected = 0 if i // d == j // d else isqrt(d)
        assert abs(sum(x * y for x, y in zip(u, v, strict=True))) == expected


def test_kerdock_64_by_the_gram_matrix():
    made = kerdock(64)
    signs = np.rint(made.vectors()[64:] * 8).astype(np.int8)
    assert largest_product(signs) == 8
    assert made.size == 2112


@pytest.mark.parametrize("d", [4, 16, 64, 256, 1024, 4096])
def test_kerdock_attains_levenshtein(d):
    made = kerdock(d)
    assert made.coherence_squared == Fraction(1, d)
    assert levenshtein_size(d, made.coherence_squared) == made.size == d * (d // 2 + 1)


@pytest.mark.parametrize("d", [3, 7, 9, 51])
def test_paley_attains_welch(d):
    made = paley(d)
    assert made.coherence_squared == welch_bound(d, made.size) == Fraction(1, 2 * d - 1)
    assert np.linalg.matrix_rank(made.vectors()) == d


@pytest.mark.parametrize("p", [3, 5, 7, 11])
def test_complex_bases_are_unbiased_over_the_complex_numbers(p):
    vectors = complex_bases(2 * p).vectors()
    half = vectors[: p * (p + 1)]
    states = half[:, :p] + 1j * half[:, p:]
    gram = np.abs(states.conj() @ states.T) ** 2
    basis = np.arange(p * (p + 1)) // p
    same = basis[:, None] == basis
    assert np.allclose(gram, np.where(np.eye(len(gram)) == 1, 1, np.where(same, 0, 1 / p)))
    other = vectors[p * (p + 1) :]
    assert np.allclose(other[:, :p] + 1j * other[:, p:], 1j * states)


@pytest.mark.parametrize(("p", "r"), [(2, 1), (3, 2), (5, 3), (7, 1)])
def test_codes_agree_where_polynomials_do(p, r):
    """Agreements counted over all pairs of value tables, made by another evaluation."""
    tables = [[sum(c * x**i for i, c in enumerate(f)) % p for x in range(p)] for f in product(range(p), repeat=r + 1)]
    most = max(sum(a == b for a, b in zip(f, g, strict=True)) for f, g in combinations(tables, 2))
    made = devore(p * p, r)
    assert made.coherence_squared == Fraction(most, p) ** 2
    supports = {tuple(np.flatnonzero(v)) for v in made.vectors()}
    assert supports == {tuple(x * p + y for x, y in enumerate(table)) for table in tables}


@given(st.integers(2, 6), st.integers(1, 9), st.randoms(use_true_random=False))
def test_largest_product_by_hand(size, d, random):
    rows = [[random.randint(-5, 5) for _ in range(d)] for _ in range(size)]
    expected = max(abs(sum(x * y for x, y in zip(u, v, strict=True))) for u, v in combinations(rows, 2))
    assert largest_product(np.array(rows, dtype=np.int8)) == expected


def test_largest_product_across_blocks():
    """The one large product joins a row of the first block with one of the last."""
    rows = np.zeros((5000, 4), dtype=np.int8)
    rows[:, 0] = 1
    rows[3], rows[4990] = [0, 9, 0, 0], [0, -9, 0, 0]
    assert largest_product(rows) == 81
    rows[4990] = [0, 0, 9, 0]
    assert largest_product(rows) == 1


@pytest.mark.parametrize("t", [0, 2, 7])
def test_a_degenerate_difference_is_noticed(monkeypatch, t):
    """With the form of t replaced by that of 1 plus one of rank 2, two bases are not unbiased."""
    honest = frames._KerdockForms.bilinear

    def forged(self, only=None):
        rows = honest(self, only)
        if only is None:
            rows[t] = rows[1]
            rows[t, 0] ^= 2
            rows[t, 1] ^= 1
        return rows

    monkeypatch.setattr(frames._KerdockForms, "bilinear", forged)
    with pytest.raises(ArithmeticError, match="degenerate"):
        kerdock(16)


def test_a_biased_pair_of_bases_is_noticed(monkeypatch):
    honest = frames._exponent_counts

    def forged(alpha, p):
        counts = honest(alpha, p).copy()
        if alpha > 1:
            counts[2] = np.roll(counts[2], 1) + np.eye(p, dtype=np.int64)[0] - np.eye(p, dtype=np.int64)[1]
        return counts

    monkeypatch.setattr(frames, "_exponent_counts", forged)
    with pytest.raises(ArithmeticError, match="unbiased"):
        complex_bases(14)


def test_one_equal_correlation_is_not_enough(monkeypatch):
    """Counts rearranged so that A_0 - A_1 is still p, while |S|² is not: its other coefficients differ."""
    honest = frames._exponent_counts
    p = 7

    def correlations(counts):
        return [sum(counts[j] * counts[(j + shift) % p] for j in range(p)) for shift in range(p)]

    rearranged = next(
        order
        for order in permutations(honest(3, p)[2].tolist())
        if (a := correlations(order))[0] - a[1] == p and len(set(a[1:])) > 1
    )

    def forged(alpha, prime):
        counts = honest(alpha, prime).copy()
        if alpha > 1:
            counts[2] = rearranged
        return counts

    monkeypatch.setattr(frames, "_exponent_counts", forged)
    with pytest.raises(ArithmeticError, match="unbiased"):
        complex_bases(2 * p)


def test_a_wrong_conference_matrix_is_noticed(monkeypatch):
    honest = frames._conference_matrix

    def forged(q):
        matrix = honest(q)
        matrix[1, 2] *= -1
        matrix[2, 1] *= -1
        return matrix

    monkeypatch.setattr(frames, "_conference_matrix", forged)
    with pytest.raises(ArithmeticError, match="conference"):
        paley(7)


@given(st.integers(-3, 2000))
def test_is_prime(n):
    assert is_prime(n) == (n > 1 and not any(n % k == 0 for k in range(2, n)))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: kerdock(8), "powers of 4"),
        (lambda: kerdock(1), "powers of 4"),
        (lambda: kerdock(48), "powers of 4"),
        (lambda: kerdock(4**11), "powers of 4"),
        (lambda: complex_bases(8), "6 or 10"),
        (lambda: complex_bases(4), "try 6"),
        (lambda: complex_bases(7), "6 or 10"),
        (lambda: complex_bases(2 * 1009), "1994"),
        (lambda: devore(10), "9 or 25"),
        (lambda: devore(81), "49 or 121"),
        (lambda: devore(25, 5), "from 1 to 4"),
        (lambda: devore(25, 0), "from 1 to 4"),
        (lambda: devore(31**2, 6), "too much work"),
        (lambda: paley(4), "3 or 7"),
        (lambda: paley(12), "9 or 15"),
        (lambda: paley(10009), "multiplications"),
        (lambda: paley(10**30), "multiplications"),
        (lambda: complex_bases(2 * 10**30), "1994"),
        (lambda: devore(10**60), "4e8"),
        (lambda: devore(-4), "try 9"),
        (lambda: random_signs(np.ones((1, 4), dtype=np.int8)), "two rows"),
        (lambda: random_signs(np.zeros((3, 4), dtype=np.int8)), "signs"),
        (lambda: random_signs(np.ones(4, dtype=np.int8)), "two rows"),
        (lambda: frames.require_gram(10**6, 10), "fewer vectors"),
        (lambda: largest_product(np.full((2, 2000), 127, dtype=np.int8)), "2\\^24"),
        (lambda: kerdock(4096).vectors(), "smaller dimension"),
    ],
)
def test_refusals(call, said):
    with pytest.raises(InputError, match=said):
        call()


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (SMALL[-1], "integer Gram matrix of the signs, all 190 pairs"),
        (SMALL[1], "rank over F_2 of the 7 differences of quadratic forms, one for each orbit of pairs of bases"),
        (SMALL[3], "|S|² in Z[ω] for the 15 character sums S, one for each orbit of pairs, from integer counts"),
        (SMALL[7], "roots of all 31 monic polynomials of degree at most 2 over F_5, counted"),
        (SMALL[11], "C² = 17 I for the integer conference matrix C of order 18"),
    ],
)
def test_what_was_counted_is_said(made, said):
    """20·19/2 pairs; 16/2 - 1 forms; 3·5 sums; 1 + 5 + 25 polynomials; 2·9 lines."""
    assert made.verified == said


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: random_signs(np.ones((3, 0), dtype=np.int8)), "shape \\(3, 0\\)"),
        (lambda: random_signs(np.ones((2, 2, 2), dtype=np.int8)), "shape \\(2, 2, 2\\)"),
        (lambda: frames.require_gram(2 * 10**5, 11), "takes 4.4e\\+11 multiplications, the limit is 4e\\+11"),
        (lambda: frames.require_gram(1, 4 * 10**11 + 1), "1 vectors"),
        (lambda: frames.require_gram(632456, 1), "632456 vectors"),
        (lambda: largest_product(np.full((2, 1024), -128, dtype=np.int8)), "rows of 1024 entries"),
        (lambda: kerdock(2), "from 4 to 1048576"),
        (lambda: kerdock(4**11), "dimension 4194304"),
        (lambda: kerdock(4**10 - 1), "powers of 4"),
        (lambda: complex_bases(2000), "try 1994 or 2018"),
        (lambda: complex_bases(2002), "p <= 1000"),
        (lambda: complex_bases(0), "try 6"),
        (lambda: complex_bases(12), "try 10 or 14"),
        (lambda: devore(20000**2), f"p a prime: try {19997**2} or {20011**2}"),
        (lambda: devore(20001**2), "give d <= 4e8"),
        (lambda: devore(8), "try 9"),
        (lambda: devore(25, 5), "code degree 5 over F_5: give a degree from 1 to 4"),
        (lambda: devore(53**2, 4), "evaluating 53\\^5 polynomials"),
        (lambda: paley(1), "try 3"),
        (lambda: paley(2), "try 3"),
    ],
)
def test_the_first_that_is_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_the_last_that_is_not_refused():
    frames.require_gram(2 * 10**5, 10)
    frames.require_gram(1, 4 * 10**11)
    assert largest_product(np.full((2, 1023), -128, dtype=np.int8)) == 1023 * 128**2
    assert random_signs(np.ones((2, 1), dtype=np.int8)).coherence == 1


def test_matrices_are_written_out_up_to_a_limit():
    def of_size(size):
        return frames.NearOrthogonalSet("none", 64, size, Fraction(0), "", "", lambda: np.zeros((1, 1)))

    assert of_size(2**19).vectors().shape == (1, 1)
    with pytest.raises(InputError, match="524289 vectors of dimension 64 have over 33554432 entries"):
        of_size(2**19 + 1).vectors()


def test_a_nonresidue_is_no_square():
    for p in [q for q in range(3, 200) if is_prime(q)]:
        a = frames._nonresidue(p)
        assert 1 < a < p
        assert all((x * x - a) % p for x in range(p))


def test_powers_of_a_generator_are_all_elements():
    for n in range(1, 11):
        assert sorted(frames._powers_of_a_generator(n)) == list(range(1, 2**n))
