"""Against exact integration in odd dimensions, SciPy's Beta law, exhaustive counts of signs, and sets that attain the bounds."""

from fractions import Fraction
from itertools import product
from math import comb, cos, exp, log2, pi, sqrt

import pytest
import scipy.stats
from flint import arb
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.statements.near_orthogonal import (
    inner_product_tail,
    levenshtein_coherence,
    levenshtein_size,
    maximal_set_size,
    root_up,
    sign_coherence_bound,
    sub_gaussian_tail,
    union_bound_size,
    upper_fraction,
    welch_bound,
)

cosines = st.builds(Fraction, st.integers(1, 31), st.just(32))
tails = st.builds(Fraction, st.integers(1, 1000), st.integers(1000, 10**9))


def exact_tail(d, cosine):
    """P(|u·v| > δ) for odd d: the density (1-t²)^{(d-3)/2} is a polynomial, integrated term by term."""
    n = (d - 3) // 2

    def antiderivative(t):
        return sum(Fraction((-1) ** i * comb(n, i), 2 * i + 1) * t ** (2 * i + 1) for i in range(n + 1))

    return 1 - antiderivative(cosine) / antiderivative(Fraction(1))


@given(st.integers(1, 60).map(lambda n: 2 * n + 1), cosines)
def test_tail_is_above_the_exact_integral_and_tight(d, cosine):
    exact = exact_tail(d, cosine)
    assert exact <= inner_product_tail(d, cosine) <= exact * (1 + Fraction(1, 2**60))


@given(st.integers(2, 400), cosines)
def test_tail_by_scipy(d, cosine):
    expected = 2 * scipy.stats.beta((d - 1) / 2, (d - 1) / 2).cdf((1 - float(cosine)) / 2)
    assume(expected > 1e-250)
    assert float(inner_product_tail(d, cosine)) == pytest.approx(expected, rel=1e-9)


@given(st.integers(2, 5), st.integers(6, 200), cosines)
def test_frames_take_a_union_bound_over_rows(r, d, cosine):
    row = scipy.stats.beta(r / 2, (d - r) / 2).sf(float(cosine) ** 2 / r)
    assert float(inner_product_tail(d, cosine, r)) == pytest.approx(min(r * row, 1), rel=1e-9)


def test_tail_in_a_million_dimensions():
    got = float(inner_product_tail(10**6, Fraction(1, 200)))
    assert got == pytest.approx(scipy.stats.norm.sf(5) * 2, rel=1e-3)


@given(st.integers(1, 60).map(lambda n: 2 * n + 1), cosines)
def test_sub_gaussian_tail_is_an_upper_bound(d, cosine):
    bound = sub_gaussian_tail(d, cosine)
    assert exact_tail(d, cosine) <= bound
    assert float(bound) == pytest.approx(2 * exp(-d * float(cosine) ** 2 / 2), rel=1e-12)


@given(tails)
def test_union_bound_size_is_the_largest(tail):
    m = union_bound_size(tail)
    assert m * (m - 1) * tail / 2 < 1 <= (m + 1) * m * tail / 2


@given(tails)
def test_maximal_set_covers(tail):
    m = maximal_set_size(tail)
    assert (m - 1) * tail < 1 <= m * tail


def test_sizes_at_a_certain_event():
    assert (union_bound_size(Fraction(1)), maximal_set_size(Fraction(1))) == (1, 1)


@pytest.mark.parametrize("d", [1, 2, 3, 6])
@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("failure", [Fraction(1, 3), Fraction(1, 4), Fraction(1, 20), Fraction(99, 100)])
def test_sign_vectors_by_exhaustion(d, size, failure):
    sums = [abs(sum(signs)) for signs in product((-1, 1), repeat=d)]
    pairs = comb(size, 2)

    def beyond(t):
        return pairs * Fraction(sum(s > t for s in sums), len(sums))

    expected = min(t for t in range(d + 1) if (t - d) % 2 == 0 and beyond(t) <= failure)
    assert sign_coherence_bound(d, size, failure) == Fraction(expected, d)


@pytest.mark.parametrize(
    ("d", "size", "squared"),
    [
        (3, 6, Fraction(1, 5)),  # the icosahedron
        (7, 28, Fraction(1, 9)),  # equiangular lines in E_7
        (23, 276, Fraction(1, 25)),  # Conway's equiangular lines
        (8, 120, Fraction(1, 4)),  # the roots of E_8
        (24, 98280, Fraction(1, 4)),  # the minimal vectors of the Leech lattice
        (23, 2300, Fraction(1, 9)),  # a section of them
        (16, 144, Fraction(1, 16)),  # nine mutually unbiased bases
        (5, 5, Fraction(0)),  # an orthonormal basis
    ],
)
def test_sets_that_attain_levenshtein(d, size, squared):
    assert levenshtein_size(d, squared) == size
    assert squared - Fraction(1, 10**6) <= levenshtein_coherence(d, size) <= squared
    assert levenshtein_coherence(d, size + 1) >= levenshtein_coherence(d, size)


@given(st.integers(2, 9), st.integers(2, 200))
def test_levenshtein_is_never_below_welch(d, size):
    assert levenshtein_coherence(d, size, order=3, bits=20) >= welch_bound(d, size)


@given(st.integers(2, 30), st.integers(2, 200))
def test_welch_formula(d, size):
    """Σ (u·v)² over all ordered pairs is at least N²/d."""
    squared = welch_bound(d, size)
    assert squared == 0 if size <= d else size + size * (size - 1) * squared == Fraction(size**2, d)


def test_the_closed_form_of_the_second_degree():
    d, s = 10, Fraction(1, 7)
    assert levenshtein_size(d, s, order=2) == d * (d + 2) * (1 - s) / (3 - (d + 2) * s)


def test_the_closed_form_of_the_first_degree():
    d, s = 10, Fraction(1, 17)
    assert levenshtein_size(d, s, order=1) == d * (1 - s) / (1 - d * s)


def test_the_third_degree_by_five_lines_in_the_plane():
    """Equally spaced, they have (u·v)² of cos² 36° and cos² 72°, the roots of a polynomial of degree 3 in y."""
    s = Fraction(int(cos(pi / 5) ** 2 * 10**9) + 1, 10**9)
    assert levenshtein_size(2, s, order=2) > 7
    assert 5 <= levenshtein_size(2, s, order=3) < 5 + Fraction(1, 10**6)


def test_no_bound_is_none():
    assert levenshtein_size(121, Fraction(36, 121)) is None
    assert levenshtein_coherence(2, 2, order=1) == 0


@given(st.builds(Fraction, st.integers(0, 10**6), st.integers(1, 10**6)))
def test_root_up(x):
    root = root_up(x)
    assert x <= root**2 <= x * (1 + Fraction(1, 2**100))
    assert root_up(x * x) == x


def test_upper_fraction():
    ball = arb(2).sqrt()
    top = upper_fraction(ball)
    assert top**2 > 2
    assert float(top) == sqrt(2)
    with pytest.raises(ValueError, match="no upper end"):
        upper_fraction(arb("nan"))


@pytest.mark.parametrize("lines", range(3, 15))
def test_equally_spaced_lines_of_the_plane_attain_the_degree_of_their_products(lines):
    """N lines at multiples of 180°/N: (u·v)² takes N/2 values, zero among them for even N, each but zero and s twice a root."""
    s = Fraction(int(cos(pi / lines) ** 2 * 10**12) + 1, 10**12)
    assert lines <= levenshtein_size(2, s, order=lines - 2) < lines + Fraction(1, 10**6)
    assert lines == 3 or (levenshtein_size(2, s, order=lines - 3) or lines + 1) > lines + Fraction(1, 10)


def test_a_coherence_is_found_to_the_bits_that_are_asked_for():
    """Nine bases of R^16: s = 1/16 from below, at each precision."""
    for bits in (5, 10, 20):
        assert Fraction(1, 16) - Fraction(1, 2**bits) <= levenshtein_coherence(16, 144, bits=bits) <= Fraction(1, 16)
    assert Fraction(1, 16) - levenshtein_coherence(16, 144, bits=5) > Fraction(1, 10**5)


def test_the_smallest_tail_that_is_written_out():
    """log2 P = (d-1)/2 log2(1-δ²) + log2(2/(δ √(2πd))) up to 1/d: at δ = 3/5 it passes -90000 near d = 279530."""

    def bits(d):
        return (d - 1) / 2 * log2(16 / 25) + log2(2 / (0.6 * sqrt(2 * pi * d)))

    last = next(d for d in range(281_000, 278_000, -1) if bits(d) > -90_000)
    tail = inner_product_tail(last - 2, Fraction(3, 5))
    assert tail.denominator.bit_length() - tail.numerator.bit_length() == pytest.approx(90_000, abs=2)
    with pytest.raises(InputError, match=f"the tail at d = {last + 3}, cosine 0.6 is too small to enclose"):
        inner_product_tail(last + 3, Fraction(3, 5))


def test_at_the_edges_of_the_hypotheses():
    assert float(inner_product_tail(10**9, Fraction(1, 10**5))) == pytest.approx(2 * scipy.stats.norm.sf(sqrt(0.1)), rel=1e-6)
    assert inner_product_tail(2, Fraction(1, 2)) == pytest.approx(2 / 3)  # an angle below 60° of 90°
    assert inner_product_tail(3, Fraction(1, 100), 2) == 1
    assert [float(sub_gaussian_tail(1, Fraction(x))) for x in (0, 1)] == [2, pytest.approx(2 * exp(-1 / 2))]
    assert (welch_bound(1, 2), welch_bound(2, 3), welch_bound(4, 4)) == (1, Fraction(1, 4), 0)
    assert levenshtein_size(2, Fraction(0), 1) == 2
    assert levenshtein_size(3, Fraction(0), 12) == 3


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: inner_product_tail(1, Fraction(1, 2)), "d = 1 with 1 direction"),
        (lambda: inner_product_tail(3, Fraction(1, 2), 3), "give 3 < d <= 1000000000"),
        (lambda: inner_product_tail(3, Fraction(1, 2), 0), "0 direction"),
        (lambda: inner_product_tail(10**9 + 1, Fraction(1, 2)), "d = 1000000001 with"),
        (lambda: inner_product_tail(10**9, Fraction(99, 100)), "too small"),
        (lambda: inner_product_tail(3, Fraction(0)), "cosine 0"),
        (lambda: inner_product_tail(3, Fraction(1)), "cosine 1: give one strictly between 0 and 1"),
        (lambda: inner_product_tail(3, Fraction(-1, 2)), "cosine -1/2"),
        (lambda: sub_gaussian_tail(0, Fraction(1, 2)), "d = 0"),
        (lambda: sub_gaussian_tail(3, Fraction(3, 2)), "cosine 3/2"),
        (lambda: sub_gaussian_tail(3, Fraction(-1, 2)), "cosine -1/2"),
        (lambda: union_bound_size(Fraction(0)), "probability of 0"),
        (lambda: union_bound_size(Fraction(-1, 2)), "probability of -0.5"),
        (lambda: maximal_set_size(Fraction(2)), "probability of 2"),
        (lambda: sign_coherence_bound(0, 2, Fraction(1, 2)), "d = 0"),
        (lambda: sign_coherence_bound(4, 1, Fraction(1, 2)), "1 vectors"),
        (lambda: sign_coherence_bound(4, 2, Fraction(1)), "failure 1"),
        (lambda: sign_coherence_bound(4, 2, Fraction(0)), "failure 0"),
        (lambda: welch_bound(0, 3), "dimension 0"),
        (lambda: welch_bound(3, 1), "1 vectors"),
        (lambda: levenshtein_size(1, Fraction(1, 2)), "d = 1"),
        (lambda: levenshtein_size(3, Fraction(1)), "squared coherence 1"),
        (lambda: levenshtein_size(3, Fraction(-1, 9)), "squared coherence -1/9"),
        (lambda: levenshtein_size(3, Fraction(1, 2), 13), "order 13: .* order 1..12"),
        (lambda: levenshtein_size(3, Fraction(1, 2), 0), "order 0"),
    ],
)
def test_hypotheses_are_enforced(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_negative_root():
    with pytest.raises(ValueError, match="root"):
        root_up(Fraction(-1))
