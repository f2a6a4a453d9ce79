"""Nested sums of products of Hermite polynomials along orthonormal directions: the targets of Abbe et al. 2023, section 4."""

from __future__ import annotations

from collections import Counter
from itertools import combinations_with_replacement, count, pairwise
from math import factorial, prod
from typing import NamedTuple

from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix, dot, inverse, kernel, multiply, rank, transpose
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion, linear_forms
from steinlab.theory.verdicts import Verdict

MAX_ENTRIES = 2_000_000
"""Most entries of the linear system that is solved, counted before it is written down: unknowns times equations."""


class NestedProducts(NamedTuple):
    """f*(x) = Σ_l c_l Π_{s <= P_l} He_{k_s}(<v_s, x>), P_1 < P_2 < ..., with orthonormal v_s, k_s >= 1 and c_l != 0.

    `orders[l]`: the k_s that come in with the l-th product, falling. `squares[l]`: c_l². `energies[l]`: c_l² Π_{s <= P_l} k_s!,
    the squares of the coefficients of normalised products. `opposite`: no choice of the signs of the v_s makes all c_l positive
    or all negative.
    """

    orders: tuple[tuple[int, ...], ...]
    squares: tuple[Number, ...]
    energies: tuple[Number, ...]
    opposite: bool

    @property
    def degrees(self) -> tuple[int, ...]:
        """D_l = k_{P_{l-1}+1} + ... + k_{P_l}."""
        return tuple(map(sum, self.orders))

    @property
    def equal(self) -> bool:
        """Whether dividing the labels by one number makes every coefficient 1, that of He or that of normalised products."""
        return not self.opposite and any(all(c == column[0] for c in column) for column in (self.squares, self.energies))


class Decomposition(NamedTuple):
    """Whether f* - E f* is a nested sum of products: with them where it is, with the reason where it is not or is undecided."""

    verdict: Verdict
    reason: str
    products: NestedProducts | None = None


def nested_products(expansion: HermiteExpansion) -> Decomposition:
    """f* - E f* as a nested sum of products, in whichever orthonormal basis it is one.

    Statement (derived): let F_k be the part of degree k of the symbol, k >= 1, on S* of dimension r. The F_k are monomials in one
    orthonormal basis exactly when the symmetric matrices S with xᵀS∇F_k = λ_k F_k for all k have dimension r and commute; they
    are then the diagonal matrices of that basis, λ_k(S) = tr(S K_k) with K_k = diag(orders of F_k), and the monomials are nested
    exactly when K_j K_k = K_j² for j <= k. Each order is at least 1, so that r <= deg f*.
    Hypotheses: none on the directions, which need not be orthonormal. Raises: nothing; a system that exceeds MAX_ENTRIES is
    undecided. Kind: exact. Source: the targets of Theorems 8, 10 and 19 of Abbe, Boix-Adserà, Misiakiewicz 2023.

    >>> from steinlab.theory.targets.target import Target
    >>> def found(text): return nested_products(Target.from_expression(text).expansion)
    >>> found("He(2,z1)*z2 + He(2,z1)*z2*z3*z4").products.degrees
    (3, 2)
    >>> found("z1**2 - z2**2").products.orders  # twice the product along (1, 1) and (1, -1)
    ((1, 1),)
    >>> found("z1*z2*(z1 + z2)").reason
    'it is no sum of products of Hermite polynomials along orthonormal directions'
    """
    r = len(expansion.effective_subspace)
    if r > expansion.degree:
        reason = f"it depends on {r} directions, and a product of degree {expansion.degree} on at most {expansion.degree}"
        return Decomposition(Verdict.FAILS, reason)
    try:
        return _decomposition(expansion)
    except InputError as error:
        return Decomposition(Verdict.UNDECIDED, str(error))


def _decomposition(expansion: HermiteExpansion) -> Decomposition:
    basis, view = expansion.effective_subspace, expansion.intrinsic
    gram = multiply(multiply(basis, view.gram), transpose(basis, len(view.gram)))
    forms = linear_forms(multiply(view.lift, transpose(basis, expansion.size)))
    parts = {k: expansion.parts[k].compose(forms) for k in expansion.degree_energies if k}
    found = _scalings(parts, gram)
    if len(found) != len(basis) or not _commute(found):
        return Decomposition(Verdict.FAILS, "it is no sum of products of Hermite polynomials along orthonormal directions")
    slots = _weights(found, len(basis))
    for (j, left), (k, right) in pairwise(slots.items()):
        if multiply(right, left) != multiply(left, left):
            return Decomposition(Verdict.FAILS, f"its products of degrees {j} and {k} are not nested")
    counts = [_orders(weights, k) for k, weights in slots.items()]
    energies = tuple(expansion.energy(k) for k in slots)
    squares = tuple(
        e / prod(factorial(j) ** times for j, times in count.items()) for e, count in zip(energies, counts, strict=True)
    )
    added = [new - old for old, new in pairwise([Counter[int](), *counts])]
    orders = tuple(tuple(sorted(new.elements(), reverse=True)) for new in added)
    products = NestedProducts(orders, squares, energies, _opposite(list(parts.values()), orders))
    return Decomposition(Verdict.HOLDS, "", products)


class _Scaling(NamedTuple):
    """S = Σ_ij A_ij b_i b_jᵀ on the basis b of S*, as `mixed` = A G, with its λ_k by degree k."""

    mixed: Matrix
    factors: dict[int, Number]


def _scalings(parts: dict[int, Polynomial], gram: Matrix) -> list[_Scaling]:
    """A basis of the symmetric matrices that scale every part. InputError where the system is too large."""
    size, degrees, zero = len(gram), list(parts), Number.of(0)
    pairs = list(combinations_with_replacement(range(size), 2))
    coordinates = linear_forms(gram)  # <x, b_i>
    entries = len(pairs) ** 2 * max(part.field.degree * len(part.terms()) for part in parts.values())
    if entries > MAX_ENTRIES:
        raise InputError(f"a system of about {entries} entries for its products, where {MAX_ENTRIES} are solved")
    rows: list[tuple[Number, ...]] = []
    for place, part in enumerate(parts.values()):
        slopes = [part.derivative(j) for j in range(size)]
        moved = (coordinates[i] * slopes[j] + (coordinates[j] * slopes[i] if i != j else part * 0) for i, j in pairs)
        columns = [m.terms() for m in moved]
        monomials = dict.fromkeys(alpha for column in (*columns, part.terms()) for alpha in column)
        for alpha in monomials:
            scaled = [-part.coefficient(alpha) if at == place else zero for at in range(len(degrees))]
            rows.append((*(column.get(alpha, zero) for column in columns), *scaled))
    found = []
    for vector in kernel(rows, len(pairs) + len(degrees)):
        entry = dict(zip(pairs, vector, strict=False))
        a = tuple(tuple(entry[min(i, j), max(i, j)] for j in range(size)) for i in range(size))
        found.append(_Scaling(multiply(a, gram), dict(zip(degrees, vector[len(pairs) :], strict=True))))
    return found


def _commute(found: list[_Scaling]) -> bool:
    return all(multiply(s.mixed, t.mixed) == multiply(t.mixed, s.mixed) for i, s in enumerate(found) for t in found[:i])


def _weights(found: list[_Scaling], size: int) -> dict[int, Matrix]:
    """K_k by degree k, each in mixed form: the matrix of the space with tr(S K_k) = λ_k(S)."""

    def trace(left: Matrix, right: Matrix) -> Number:
        return sum((dot(row, column) for row, column in zip(left, transpose(right, size), strict=True)), Number.of(0))

    traces = inverse(tuple(tuple(trace(s.mixed, t.mixed) for t in found) for s in found))
    weights = {}
    for k in found[0].factors:
        amounts = [dot(row, [s.factors[k] for s in found]) for row in traces]
        weights[k] = tuple(tuple(dot(amounts, [s.mixed[i][j] for s in found]) for j in range(size)) for i in range(size))
    return weights


def _orders(weights: Matrix, degree: int) -> Counter[int]:
    """How often each positive order is an eigenvalue."""
    size = len(weights)
    counts = Counter[int]()
    for order in range(1, degree + 1):
        shifted = (tuple(x - order * (i == j) for j, x in enumerate(row)) for i, row in enumerate(weights))
        counts[order] = size - rank(tuple(shifted))
    return +counts


def _opposite(parts: list[Polynomial], orders: tuple[tuple[int, ...], ...]) -> bool:
    """Whether a product that comes in with even orders only has another sign than the one before: no v_s turns it."""
    for (before, after), new in zip(pairwise(parts), orders[1:], strict=True):
        if all(order % 2 == 0 for order in new) and _sign(before * after) < 0:
            return True
    return False


def _sign(p: Polynomial) -> int:
    """The sign of a form that is not zero and does not change it, at the first of some points where it is not zero."""
    points = (tuple(n**i for i in range(p.variables)) for n in count())  # a zero of p along the curve is one of a polynomial in n
    return next(sign for point in points if (sign := p.evaluate(point).sign()))
