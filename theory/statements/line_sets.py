"""Explicit sets of nearly orthogonal unit vectors, each with its coherence computed in integers.

The coherence of a set is max |u·v| over its pairs. It is never taken from the literature: each builder computes it from integers
and says how (`verified`). Sizes are refused before work starts, not after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number

MAX_WORK = 4e11
"""Most multiplications spent on one coherence: about ten seconds of one core."""
MAX_ENTRIES = 2**25
"""Most entries of a matrix of vectors that is written out (256 MiB)."""
MAX_BLOCK = 1_000_000
"""Most values of polynomials that are held at a time, several for each p <= 20000."""
MAX_KERDOCK = 4**10

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class NearOrthogonalSet:
    """`size` unit vectors of R^`dimension` whose largest squared inner product over pairs is `coherence_squared`, exactly.

    `verified` says what was computed to know it; `source` where the construction comes from.
    """

    name: str
    dimension: int
    size: int
    coherence_squared: Fraction
    verified: str
    source: str
    _build: Callable[[], Floats] = field(repr=False, compare=False)

    @property
    def coherence(self) -> Number:
        """max |u·v|. Kind: exact."""
        return Number.of(self.coherence_squared).root(2)

    def vectors(self) -> Floats:
        """The vectors as rows, shape (size, dimension), of unit norm up to rounding.

        Raises: InputError where the matrix has more than 2^25 entries; size and coherence need no matrix.
        """
        if self.size * self.dimension > MAX_ENTRIES:
            raise InputError(
                f"{self.size} vectors of dimension {self.dimension} have over {MAX_ENTRIES} entries; give a smaller dimension"
            )
        return self._build()


def random_signs(signs: NDArray[np.int8]) -> NearOrthogonalSet:
    """The rows of a matrix of signs, divided by √d: vectors drawn at random by the caller.

    Coherence: the integer Gram matrix, all pairs. Raises: InputError for other entries than ±1, fewer than two rows, or
    N² d beyond `MAX_WORK`. Kind: exact. Source: Damian et al., Lemma 3, with signs in place of the sphere; what to expect of
    random rows is `steinlab.theory.statements.near_orthogonal.sign_coherence_bound`.

    >>> random_signs(np.array([[1, 1, 1, 1], [1, 1, 1, -1]], dtype=np.int8)).coherence_squared
    Fraction(1, 4)
    """
    if signs.ndim != 2 or len(signs) < 2 or signs.shape[1] < 1 or not np.isin(signs, (-1, 1)).all():
        raise InputError(f"an array of shape {signs.shape}: give at least two rows of signs, each 1 or -1")
    size, d = signs.shape
    require_gram(size, d)
    largest = largest_product(signs)
    return NearOrthogonalSet(
        "random",
        d,
        size,
        Fraction(largest, d) ** 2,
        f"integer Gram matrix of the signs, all {size * (size - 1) // 2} pairs",
        "Damian, Lee, Soltanolkotabi 2022, Lemma 3, with random signs",
        lambda: signs / np.sqrt(d),
    )


def require_gram(size: int, d: int) -> None:
    """InputError where a Gram matrix of `size` vectors in dimension d costs more than `MAX_WORK` multiplications."""
    if size * size * d > MAX_WORK:
        raise InputError(
            f"the Gram matrix of {size} vectors in dimension {d} takes {size * size * d:.1e} multiplications, the limit is "
            f"{MAX_WORK:.0e}; give fewer vectors"
        )


def largest_product(rows: NDArray[np.int8]) -> int:
    """max |u·v| over pairs of distinct rows of small integers. Exact: every partial sum is an integer below 2^24.

    >>> largest_product(np.array([[1, 0, 2], [0, 1, -3]], dtype=np.int8))
    6
    """
    size, d = rows.shape
    if d * int(np.abs(rows.astype(np.int64)).max(initial=0)) ** 2 >= 2**24:
        raise InputError(f"rows of {d} entries: their products may pass 2^24; give shorter rows")
    matrix, block, largest = rows.astype(np.float32), 2048, 0
    for start in range(0, size, block):
        products = np.abs(matrix[start : start + block] @ matrix[start:].T)
        np.fill_diagonal(products, 0)
        largest = max(largest, int(products.max(initial=0)))
    return largest


# -- real mutually unbiased bases


def kerdock(d: int) -> NearOrthogonalSet:
    """The d/2 + 1 mutually unbiased bases of R^d from a Kerdock set, d = 4^j: d²/2 + d vectors with coherence 1/√d.

    The vectors are the axes and (-1)^{Q_s(x) + b·x}/√d for x, b in F_2^m, d = 2^m, and s in GF(2^{m-1}), where
    Q_s(u, ε) = Tr Σ_{1<=j<=(m-2)/2} (su)^{1+2^j} + ε Tr(su). Then Q_s - Q_t, seen through u ↦ u/s, is Q_1 - Q_{t/s}, and a
    quadratic form whose bilinear form has rank m has all Walsh coefficients ±√d (square the sum). So the coherence is 1/√d
    when the 2^{m-1} - 1 forms Q_1 - Q_t have rank m over F_2, which is what is computed. Kind: exact.
    Source: Kerdock 1972; Calderbank, Cameron, Kantor, Seidel 1997. InputError unless d = 4^j, 1 <= j <= 10.

    >>> bases = kerdock(16)
    >>> bases.size, str(bases.coherence)
    (144, '1/4')
    """
    m = d.bit_length() - 1
    if d < 4 or d != 2**m or m % 2 or d > MAX_KERDOCK:
        raise InputError(f"dimension {d}: Kerdock sets are built for powers of 4 from 4 to {MAX_KERDOCK}")
    forms = _KerdockForms(m)
    ranks = _binary_ranks(forms.bilinear() ^ forms.bilinear(only=1), m)
    if int(ranks[np.arange(len(ranks)) != 1].min()) != m:
        raise ArithmeticError(f"a difference of two forms of the Kerdock set for d = {d} is degenerate")
    return NearOrthogonalSet(
        "kerdock",
        d,
        d * (d // 2 + 1),
        Fraction(1, d),
        f"rank over F_2 of the {d // 2 - 1} differences of quadratic forms, one for each orbit of pairs of bases",
        "Kerdock 1972; Calderbank, Cameron, Kantor, Seidel 1997",
        forms.vectors,
    )


class _KerdockForms:
    """The forms Q_s on F_2^m, m even: a point (u, ε) is the integer u + ε 2^{m-1}, u an element of GF(2^{m-1})."""

    def __init__(self, m: int) -> None:
        self.m, self.n = m, m - 1
        self.order = 2**self.n
        self._exp = np.array(_powers_of_a_generator(self.n), dtype=np.int64)
        self._log = np.zeros(self.order, dtype=np.int64)
        self._log[self._exp] = np.arange(self.order - 1)
        x = np.arange(self.order)
        self._trace = np.bitwise_xor.reduce([self._power(x, 2**i) for i in range(self.n)])
        products = [self._power(x, 1 + 2**j) for j in range(1, (self.n - 1) // 2 + 1)]
        self._square_part = self._trace[np.bitwise_xor.reduce([np.zeros_like(x), *products])]

    def _power(self, x: Integers, exponent: int) -> Integers:
        return np.where(x == 0, 0, self._exp[self._log[x] * exponent % (self.order - 1)])

    def _times(self, s: Integers, u: Integers) -> Integers:
        return np.where((s == 0) | (u == 0), 0, self._exp[(self._log[s] + self._log[u]) % (self.order - 1)])

    def values(self, s: Integers, x: Integers) -> Integers:
        """Q_s(x) in {0, 1}, broadcast."""
        su = self._times(s, x & (self.order - 1))
        out: Integers = self._square_part[su] ^ ((x >> self.n) & self._trace[su])
        return out

    def bilinear(self, only: int | None = None) -> NDArray[np.uint32]:
        """Rows of the matrices Q_s(e_i + e_j) - Q_s(e_i) - Q_s(e_j), row i as an integer of m bits; shape (forms, m)."""
        s = np.arange(self.order) if only is None else np.array([only])
        units = 1 << np.arange(self.m)
        single = [self.values(s, np.full_like(s, e)) for e in units]
        rows = np.zeros((len(s), self.m), dtype=np.uint32)
        for i in range(self.m):
            for j in range(i):
                bit = (self.values(s, np.full_like(s, units[i] | units[j])) ^ single[i] ^ single[j]).astype(np.uint32)
                rows[:, i] |= bit << np.uint32(j)
                rows[:, j] |= bit << np.uint32(i)
        return rows

    def vectors(self) -> Floats:
        d = 2**self.m
        x = np.arange(d)
        characters = 1.0 - 2.0 * (np.bitwise_count(x[:, None] & x[None, :]) & 1)
        forms = (self.values(np.full_like(x, s), x) for s in range(self.order))
        return np.concatenate([np.eye(d), *(characters * (1.0 - 2.0 * form) / np.sqrt(d) for form in forms)])


def _powers_of_a_generator(n: int) -> list[int]:
    """1, g, g², ... for a generator g of the multiplicative group of GF(2^n), elements as integers of n bits."""
    for modulus in range(2**n + 1, 2 ** (n + 1), 2):
        powers, x = [1], 2 if n > 1 else 1
        while x != 1:
            powers.append(x)
            x <<= 1
            if x >> n:
                x ^= modulus
        if len(powers) == 2**n - 1:
            return powers
    raise ArithmeticError(f"no primitive polynomial of degree {n} over F_2")


def _binary_ranks(rows: NDArray[np.uint32], m: int) -> Integers:
    """Ranks over F_2 of many m x m matrices, row i of each an integer of m bits."""
    basis = np.zeros((m, len(rows)), dtype=np.uint32)
    for i in range(m):
        row = rows[:, i].copy()
        for bit in reversed(range(m)):
            leads = (row >> np.uint32(bit)) & 1 == 1
            fresh = leads & (basis[bit] == 0)
            basis[bit][fresh] = row[fresh]
            row ^= np.where(leads, basis[bit], 0).astype(np.uint32)
    ranks: Integers = np.count_nonzero(basis, axis=0).astype(np.int64)
    return ranks


# -- complex mutually unbiased bases, read as real vectors


def complex_bases(d: int) -> NearOrthogonalSet:
    """The p + 1 mutually unbiased bases of C^p, p = d/2 an odd prime, read in R^d: 2p(p+1) vectors with coherence 1/√p = √(2/d).

    The vectors are e_x and (ω^{ax² + bx})_x/√p for a, b in F_p, ω = e^{2πi/p}, each with its multiple by i, orthogonal to it
    in R^d. The products p<u, v> are the sums S(α, β) = Σ_x ω^{αx² + βx} of the differences, so that α may be taken 0, 1 or a
    nonresidue (x ↦ cx). Computed in integers: the number of x for each exponent, hence |S|² in Z[ω], which must be p for α ≠ 0,
    and S = 0 for α = 0 ≠ β. An entry 1/√p of a vector attains the bound. Kind: exact.
    Source: Ivanović 1981; Wootters, Fields 1989.
    InputError unless d/2 is an odd prime up to 1000.

    >>> bases = complex_bases(6)
    >>> bases.size, str(bases.coherence)
    (24, 'sqrt(3)/3')
    """
    p = d // 2
    if p > 1000:
        raise InputError(f"dimension {d}: the sums of 2p² characters are counted for p <= 1000; give d <= 1994")
    if d % 2 or p == 2 or not is_prime(p):
        raise InputError(f"dimension {d}: complex bases are built for d = 2p, p an odd prime: try {_near(d, lambda q: 2 * q)}")
    for alpha in (0, 1, _nonresidue(p)):
        counts = _exponent_counts(alpha, p)
        # |S|² = Σ_l A_l ω^l with A_l = Σ_j n_j n_{j+l}; since 1 + ω + ... + ω^{p-1} = 0 it is A_0 - A_1 when A_1 = ... = A_{p-1}
        correlations = np.stack([(counts * np.roll(counts, -shift, axis=1)).sum(axis=1) for shift in range(p)])
        squared = correlations[0] - correlations[1]
        expected = np.full(p, p) if alpha else np.where(np.arange(p) == 0, p * p, 0)
        if (correlations[1:] != correlations[1]).any() or (squared != expected).any():
            raise ArithmeticError(f"the bases of C^{p} are not mutually unbiased")
    return NearOrthogonalSet(
        "mub",
        d,
        2 * p * (p + 1),
        Fraction(1, p),
        f"|S|² in Z[ω] for the {3 * p} character sums S, one for each orbit of pairs, from integer counts",
        "Ivanović 1981; Wootters, Fields 1989",
        lambda: _complex_vectors(p),
    )


def _exponent_counts(alpha: int, p: int) -> Integers:
    """Entry (β, j): the number of x in F_p with αx² + βx = j."""
    x = np.arange(p)
    exponents = (alpha * x * x + x[:, None] * x) % p
    counts: Integers = np.zeros((p, p), dtype=np.int64)
    np.add.at(counts, (np.repeat(x, p), exponents.ravel()), 1)
    return counts


def _complex_vectors(p: int) -> Floats:
    x = np.arange(p)
    a, b = np.divmod(np.arange(p * p), p)
    exponents = (a[:, None] * (x * x % p) + b[:, None] * x) % p
    rows = np.concatenate([np.eye(p), np.exp(2j * np.pi * exponents / p) / np.sqrt(p)])
    rows = np.concatenate([rows, 1j * rows])
    return np.concatenate([rows.real, rows.imag], axis=1)


# -- Reed-Solomon codes


def devore(d: int, code_degree: int = 2) -> NearOrthogonalSet:
    """The graphs of the polynomials of degree <= r = code_degree over F_p, d = p²: p^{r+1} vectors with coherence r/p = r/√d.

    The vector of f has 1/√p at (x, f(x)) and 0 elsewhere, so p u·v is the number of roots of the difference: a Reed-Solomon code.
    Computed: the most roots of a monic polynomial of degree 0..r, by evaluating all of them at all points. Kind: exact.
    Source: DeVore 2007. InputError unless d is the square of a prime p > r >= 1 and p^{r+1} evaluations are within 4 10^8.

    >>> code = devore(25, 2)
    >>> code.size, str(code.coherence)
    (125, '2/5')
    """
    p, r = isqrt(max(d, 0)), code_degree
    if p * p > 4e8:
        raise InputError(f"dimension {d}: evaluating even linear polynomials is too much work; give d <= 4e8")
    if p * p != d or not is_prime(p):
        raise InputError(f"dimension {d}: DeVore's vectors are built for d = p², p a prime: try {_near(d, lambda q: q * q)}")
    if not 1 <= r < p:
        raise InputError(f"code degree {r} over F_{p}: give a degree from 1 to {p - 1}")
    if p ** (r + 1) > 4e8:
        raise InputError(f"code degree {r} over F_{p}: evaluating {p}^{r + 1} polynomials is too much work; give a lower degree")
    most = max(_most_roots(p, k) for k in range(r + 1))
    return NearOrthogonalSet(
        "devore",
        d,
        p ** (r + 1),
        Fraction(most, p) ** 2,
        f"roots of all {(p ** (r + 1) - 1) // (p - 1)} monic polynomials of degree at most {r} over F_{p}, counted",
        "Reed, Solomon 1960; DeVore 2007",
        lambda: _graphs(p, r),
    )


def _most_roots(p: int, degree: int) -> int:
    """The most roots in F_p of a monic polynomial of this degree, all of them evaluated at all points."""
    x = np.arange(p)
    most, block = 0, MAX_BLOCK // p
    for start in range(0, p**degree, block):
        codes = np.arange(start, min(start + block, p**degree))
        values: Integers = np.ones((len(codes), p), dtype=np.int64)
        for _ in range(degree):
            codes, digit = np.divmod(codes, p)
            values = (values * x + digit[:, None]) % p
        most = max(most, int((values == 0).sum(axis=1).max()))
    return most


def _graphs(p: int, r: int) -> Floats:
    x = np.arange(p)
    codes = np.arange(p ** (r + 1))
    values = np.zeros((len(codes), p), dtype=np.int64)
    for _ in range(r + 1):
        codes, digit = np.divmod(codes, p)
        values = (values * x + digit[:, None]) % p
    out = np.zeros((len(values), p, p))
    np.put_along_axis(out, values[:, :, None], 1 / np.sqrt(p), axis=2)
    return out.reshape(len(values), p * p)


# -- equiangular lines


def paley(d: int) -> NearOrthogonalSet:
    """The q + 1 = 2d equiangular lines of R^d from Paley's conference matrix C, q = 2d - 1 a prime = 1 mod 4: coherence 1/√q.

    Their Gram matrix is I + C/√q. Computed in integers: C is symmetric with zero diagonal, entries ±1 elsewhere and C² = qI; so
    the eigenvalues of C are ±√q, equally often since the trace is 0, and the Gram matrix has rank (q+1)/2 = d. Welch's bound is
    met. The rows are written in the eigenvectors of C that the discrete Fourier transform gives in closed form, so that no choice
    of a basis is left. Kind: exact. Source: Paley 1933; van Lint, Seidel 1966. InputError unless q is such a prime, (q+1)³ within
    `MAX_WORK`.

    >>> lines = paley(3)
    >>> lines.size, str(lines.coherence)
    (6, 'sqrt(5)/5')
    """
    q = 2 * d - 1
    require_gram(2 * d, 2 * d)
    if q % 4 != 1 or not is_prime(q):
        near = _near(d, lambda r: (r + 1) // 2, lambda r: r % 4 == 1)
        raise InputError(f"dimension {d}: Paley's lines are built for d = (q+1)/2, q = 1 mod 4 a prime: try {near}")
    conference = _conference_matrix(q)
    # float64 products of entries 0, ±1 are exact integers here
    square = conference @ conference
    off = ~np.eye(q + 1, dtype=bool)
    if (conference != conference.T).any() or (np.abs(conference) != off).any() or (square != q * np.eye(q + 1)).any():
        raise ArithmeticError(f"the conference matrix of order {q + 1} is not one")

    return NearOrthogonalSet(
        "paley",
        d,
        q + 1,
        Fraction(1, q),
        f"C² = {q} I for the integer conference matrix C of order {q + 1}",
        "Paley 1933; van Lint, Seidel 1966",
        lambda: _paley_lines(q),
    )


def _conference_matrix(q: int) -> Floats:
    x = np.arange(q)
    character = -np.ones(q)
    character[x * x % q] = 1
    character[0] = 0
    out = np.ones((q + 1, q + 1))
    out[0, 0] = 0
    out[1:, 1:] = character[(x[:, None] - x) % q]
    return out


def _paley_lines(q: int) -> Floats:
    """√2 times an orthonormal basis of the eigenspace of √q, as columns.

    The circulant block of C has eigenvalue χ(t)√q on x -> exp(2πi tx/q) (Gauss), so that cos and sin of 2πtx/q for the quadratic
    residues t, one of each pair ±t, are eigenvectors; the last is (√q, 1, ..., 1).
    """
    x = np.arange(q)
    residues = np.unique(x * x % q)[1:]
    products = np.outer(x, residues[: len(residues) // 2]) % q  # those up to (q-1)/2: with t, q - t is a residue too
    angles = 2 * np.pi / q * x
    out = np.zeros((q + 1, (q + 1) // 2))
    out[0, 0], out[1:, 0] = 1, 1 / np.sqrt(q)
    out[1:, 1::2] = 2 / np.sqrt(q) * np.cos(angles)[products]
    out[1:, 2::2] = 2 / np.sqrt(q) * np.sin(angles)[products]
    return out


# -- primes


def is_prime(n: int) -> bool:
    """By trial division; n below 10^12 or so.

    >>> [n for n in range(20) if is_prime(n)]
    [2, 3, 5, 7, 11, 13, 17, 19]
    """
    return n >= 2 and all(n % k for k in range(2, isqrt(n) + 1))


def _nonresidue(p: int) -> int:
    return next(a for a in range(2, p) if pow(a, (p - 1) // 2, p) == p - 1)


def _near(d: int, dimension: Callable[[int], int], suits: Callable[[int], bool] = lambda p: p > 2) -> str:
    """The largest admissible dimension below d and the least above, as text for a message."""
    below, above, p = None, None, 3
    while above is None:
        if is_prime(p) and suits(p):
            size = dimension(p)
            below, above = (size, None) if size < d else (below, size)
        p += 2
    return f"{below} or {above}" if below else str(above)
