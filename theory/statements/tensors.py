"""Symmetric tensors and their contractions with Gaussian and spherical vectors (Damian et al., Appendix E).

A symmetric k-tensor on R^d is stored by its entries at sorted 0-based index tuples, the format of
`HermiteExpansion.tensor`. T(S) contracts a p-tensor T with an s-tensor S and leaves a (p - s)-tensor; ‖·‖_F is the norm
of all d^k entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb, factorial, prod

from steinlab.theory.errors import InputError
from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number, Scalar

Index = tuple[int, ...]


@dataclass(frozen=True)
class SymmetricTensor:
    """A symmetric tensor of the given order on R^dimension; entries that are not listed are 0.

    Raises InputError for an index of the wrong length, out of range or not sorted.

    >>> identity = SymmetricTensor(2, 2, {(0, 0): 1, (1, 1): 1})
    >>> str(identity.norm_squared()), str(identity.trace()[()])
    ('2', '2')
    """

    dimension: int
    order: int
    entries: Mapping[Index, Number]

    def __init__(self, dimension: int, order: int, entries: Mapping[Index, Scalar]) -> None:
        if dimension < 1 or order < 0:
            raise InputError(f"a tensor of order {order} on R^{dimension}: give an order >= 0 and a dimension >= 1")
        for index in entries:
            if len(index) != order or list(index) != sorted(index) or any(not 0 <= i < dimension for i in index):
                raise InputError(f"tensor index {index}: give {order} sorted integers from 0 to {dimension - 1}")
        object.__setattr__(self, "dimension", dimension)
        object.__setattr__(self, "order", order)
        object.__setattr__(self, "entries", {i: Number.of(t) for i, t in sorted(entries.items()) if t != 0})

    def __getitem__(self, index: Index) -> Number:
        return self.entries.get(tuple(sorted(index)), Number.of(0))

    def norm_squared(self) -> Number:
        """‖T‖_F², exact."""
        return sum((_arrangements(i) * t * t for i, t in self.entries.items()), Number.of(0))

    def trace(self) -> SymmetricTensor:
        """T(I), the contraction of two slots, exact. InputError if the order is below 2."""
        if self.order < 2:
            raise InputError(f"the trace of a tensor of order {self.order}: the order must be at least 2")
        indices = combinations_with_replacement(range(self.dimension), self.order - 2)
        return SymmetricTensor(
            self.dimension,
            self.order - 2,
            {i: sum((self[(*i, j, j)] for j in range(self.dimension)), Number.of(0)) for i in indices},
        )


def gaussian_moment(dimension: int, k: int) -> SymmetricTensor:
    """E[w^{⊗2k}] for w ~ N(0, I), which is (2k-1)!! Sym(I^{⊗k}). Exact identity; Lemma 22.

    >>> fourth = gaussian_moment(2, 2)
    >>> str(fourth[0, 0, 0, 0]), str(fourth[0, 0, 1, 1])
    ('3', '1')
    """
    return _scaled_identity_power(dimension, k, Fraction(double_factorial(2 * k - 1)))


def sphere_moment(dimension: int, k: int) -> SymmetricTensor:
    """E[w^{⊗2k}] for w uniform on the unit sphere of R^dimension: the Gaussian moment over E ν^{2k}, ν ~ χ(dimension).

    Exact identity; Lemma 26 with Lemma 25.

    >>> str(sphere_moment(3, 2)[0, 0, 1, 1])
    '1/15'
    """
    return _scaled_identity_power(dimension, k, Fraction(double_factorial(2 * k - 1), chi_moment(dimension, k)))


def chi_moment(dimension: int, k: int) -> int:
    """E ν^{2k} = Π_{j<k} (d + 2j) for ν ~ χ(d), the norm of a standard Gaussian vector. Exact identity; Lemma 25.

    >>> chi_moment(3, 2)
    15
    """
    _require(dimension, k)
    return prod(dimension + 2 * j for j in range(k))


def contraction_second_moment(tensor: SymmetricTensor, k: int) -> Number:
    """E‖T(w^{⊗k})‖_F² for w ~ N(0, I) and 0 <= k <= p, the order of T. Exact identity; Lemma 23:

    Σ_{2l<=k} (k-2l)! ((2l-1)!!)² C(k,2l)² ‖T(I^{⊗l})‖_F².

    InputError if k is out of range.

    >>> identity = SymmetricTensor(2, 2, {(0, 0): 1, (1, 1): 1})
    >>> str(contraction_second_moment(identity, 2))  # E‖w‖⁴ in R²
    '8'
    """
    if not 0 <= k <= tensor.order:
        raise InputError(f"contracting {k} slots of a tensor of order {tensor.order}: give 0 <= k <= {tensor.order}")
    total, contracted = Number.of(0), tensor
    for l in range(k // 2 + 1):  # noqa: E741 - the paper's letter
        if l:
            contracted = contracted.trace()
        total += factorial(k - 2 * l) * double_factorial(2 * l - 1) ** 2 * comb(k, 2 * l) ** 2 * contracted.norm_squared()
    return total


def contraction_bound(tensor: SymmetricTensor) -> Number:
    """E<T, w^{⊗p}>², an upper bound on E‖T(w^{⊗k})‖_F² for every k <= p, the order of T; w ~ N(0, I). Corollary 10.

    Attained at k = p. The value is exact.

    >>> str(contraction_bound(SymmetricTensor(1, 3, {(0, 0, 0): 1})))  # E w⁶
    '15'
    """
    return contraction_second_moment(tensor, tensor.order)


@dataclass(frozen=True)
class MomentCertificate:
    """Exact proof that E[w^{⊗2k}] ⪰ constant · Π_{Sym^k}: the gap matrix is L D Lᵀ with D >= 0.

    Rows follow `monomials`, the multi-indices α with |α| = k, and the quadratic form is taken at the coefficients
    s_α = (k!/α!) T_α of w ↦ <T, w^{⊗k}>: the gap is E[w^{α+β}] - constant · (α!/k!) δ_αβ.
    """

    dimension: int
    k: int
    constant: Fraction
    monomials: tuple[Index, ...]
    lower: Matrix
    diagonal: tuple[Number, ...]


def moment_certificate(dimension: int, k: int, constant: Fraction | None = None) -> MomentCertificate | None:
    """A certificate of E[w^{⊗2k}] ⪰ constant · Π_{Sym^k} for w ~ N(0, I), or None if the inequality is false.

    The default constant is k!, Corollary 11's; no larger one holds if dimension >= 2 or k <= 1. Exact, direction lower.

    >>> moment_certificate(2, 3) is None, moment_certificate(2, 3, Fraction(7)) is None
    (False, True)
    """
    _require(dimension, k)
    constant = Fraction(factorial(k)) if constant is None else constant
    monomials = tuple(_exponents(dimension, i) for i in combinations_with_replacement(range(dimension), k))
    gap = [[Number.of(_moment(a, b)) for b in monomials] for a in monomials]
    for row, alpha in enumerate(monomials):
        gap[row][row] -= constant * Fraction(prod(map(factorial, alpha)), factorial(k))
    factors = ldl(tuple(map(tuple, gap)))
    if factors is None or any(d < 0 for d in factors[1]):
        return None
    return MomentCertificate(dimension, k, constant, monomials, *factors)


def ldl(matrix: Matrix) -> tuple[Matrix, tuple[Number, ...]] | None:
    """L unit lower triangular and D with matrix = L diag(D) Lᵀ, for a symmetric matrix of exact numbers.

    No row is exchanged, so None is returned when a zero pivot has a nonzero entry below it; such a matrix is not
    positive semidefinite. The matrix is positive semidefinite exactly when the result is not None and D >= 0.

    >>> one, two = Number.of(1), Number.of(2)
    >>> ldl(((one, two), (two, one)))[1]
    (Number('1'), Number('-3'))
    """
    size = len(matrix)
    rest = [list(row) for row in matrix]
    lower = [[Number.of(int(i == j)) for j in range(size)] for i in range(size)]
    diagonal: list[Number] = []
    for j in range(size):
        pivot = rest[j][j]
        diagonal.append(pivot)
        if pivot.is_zero:
            if any(rest[i][j] for i in range(j + 1, size)):
                return None
            continue
        for i in range(j + 1, size):
            lower[i][j] = rest[i][j] / pivot
        for i in range(j + 1, size):
            for m in range(j + 1, i + 1):
                rest[i][m] -= lower[i][j] * pivot * lower[m][j]
                rest[m][i] = rest[i][m]
    return tuple(map(tuple, lower)), tuple(diagonal)


def _scaled_identity_power(dimension: int, k: int, scale: Fraction) -> SymmetricTensor:
    """scale · Sym(I^{⊗k}): its polynomial is scale · ‖v‖^{2k}, whose coefficients are multinomial."""
    _require(dimension, k)
    entries: dict[Index, Scalar] = {}
    for pairs in combinations_with_replacement(range(dimension), k):
        index = tuple(i for i in pairs for _ in range(2))
        entries[index] = scale * Fraction(_arrangements(pairs), _arrangements(index))
    return SymmetricTensor(dimension, 2 * k, entries)


def _arrangements(index: Index) -> int:
    """How many entries of the full tensor one sorted index stands for: k!/α!."""
    return factorial(len(index)) // prod(map(factorial, Counter(index).values()))


def _exponents(dimension: int, index: Index) -> Index:
    counts = Counter(index)
    return tuple(counts[i] for i in range(dimension))


def _moment(alpha: Index, beta: Index) -> int:
    """E[w^{α+β}] for w ~ N(0, I)."""
    total = [a + b for a, b in zip(alpha, beta, strict=True)]
    return 0 if any(n % 2 for n in total) else prod(double_factorial(n - 1) for n in total)


def _require(dimension: int, k: int) -> None:
    if dimension < 1 or k < 0:
        raise InputError(f"dimension {dimension} and order {k}: give a dimension >= 1 and an order >= 0")
