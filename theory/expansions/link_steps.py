"""The steps of leaps of general links: what they gain at most, by exact relations, and for certain, by balls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, permutations
from itertools import product as cartesian
from math import comb, prod
from typing import Protocol, TypeAlias

from flint import arb

from steinlab.theory.budget import charge
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix, Vector, dot, identity, kernel, multiply, transpose
from steinlab.theory.exact.multi_indices import exponents
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.reals import GUARD, ROUGH
from steinlab.theory.expansions.ranks import exact_row_space
from steinlab.theory.integrals.constants import PRECISIONS, SIGN_ACCURACIES, Constant, ball_of
from steinlab.theory.integrals.expectations import MAX_SYMMETRY, conditional_expectation, orthonormal, times_hermite
from steinlab.theory.integrals.integrability import terms_integrable
from steinlab.theory.integrals.ridges import Ridges, about
from steinlab.theory.links.balls import certain_sign
from steinlab.theory.links.coordinates import combination
from steinlab.theory.links.ring import Sum, constant, variable
from steinlab.theory.verdicts import Verdict

WITNESS_DEGREE = 4
"""Highest degree in the seen variables of the coefficients that witness a step of a leap."""


class Coefficients(Protocol):
    """What the steps of a link g in orthonormal coordinates stand on."""

    @property
    def size(self) -> int: ...
    @property
    def function(self) -> Sum: ...
    @property
    def ridges(self) -> Ridges: ...
    def coefficient(self, alpha: Sequence[int]) -> Constant: ...
    def average(self, h: Sum) -> Sum: ...


# -- what is reached for certain


def reached(g: Coefficients, highest: int, most: int) -> int:
    """A lower bound on the dimension that steps of degree <= `highest` reach, from balls alone. Kind: certified.

    Let V be what such steps reach, k <= highest and s_1, ..., s_{j-k} in V. For all vectors a_i, C_j(., a_1, ..., a_{k-1}, s_1,
    ..., s_{j-k}) lies in V: with each a_i split along V and across it, its part across V is a sum of columns of
    (P_{V⊥}^{⊗m} ⊗ P_V^{⊗(j-m)}) C_j with m <= k, which vanish. So the vectors found in this way from C_1, ..., C_highest on all
    lie in V (derived).
    """
    rank = 0
    for bits in (ROUGH, PRECISIONS[0]):
        rank = max(rank, _reached(g, highest, most, bits))
        if rank == most:
            break
    return rank


def _reached(g: Coefficients, highest: int, most: int, bits: int) -> int:
    """The same from balls of one accuracy."""
    found = _Span()

    def grows(j: int) -> bool:
        k = min(j, highest)
        return found.extend(_columns(g, k, found.vectors, j - k, bits), most)

    with working_precision(bits + GUARD):
        degrees = range(1, highest + WITNESS_DEGREE + 1)
        while len(found) < most and sum(map(grows, degrees)):  # all of them each time: long chains of products lose digits
            pass
    return len(found)


def spanned(g: Coefficients, highest: int, most: int) -> int:
    """A lower bound on the dimension that the mode-1 columns of C_1, ..., C_highest span, at most `most`. Kind: certified."""
    rank = 0
    columns = sum(comb(g.size + k - 2, k - 1) for k in range(1, highest + 1))
    for bits in (ROUGH, *PRECISIONS[:2]):
        found = _Span()
        with working_precision(bits + GUARD):
            for k in range(1, highest + 1):
                found.extend(_columns(g, k, [], 0, bits), most)
        rank = max(rank, len(found))
        if rank == min(most, columns):
            break
    return rank


def gained_for_certain(g: Coefficients, seen: Sequence[Vector], k: int, most: int) -> int:
    """A lower bound on the dimension gained at degree k where nothing is gained below, at most `most`. Kind: certified."""
    rank, enough = 0, most if seen or k > 1 else min(most, 1)  # C_1 is one vector
    for bits in SIGN_ACCURACIES[:-1]:
        rank = max(rank, _witnessed(g, seen, k, most, bits))
        if rank >= enough:
            break
    return rank


def _witnessed(g: Coefficients, seen: Sequence[Vector], k: int, most: int, bits: int) -> int:
    """A lower bound on the dimension gained at degree k where nothing is gained below: `reached` says why. Kind: certified."""
    with working_precision(bits + GUARD):
        known = [[x.ball() for x in vector] for vector in seen]
        found = _Span()
        found.extend(iter(known), len(seen))
        for degree in range(WITNESS_DEGREE + 1 if seen else 1):
            found.extend(_columns(g, k, known, degree, bits), len(seen) + most)
            if len(found) == len(seen) + most:
                break
    return len(found) - len(seen)


def _columns(g: Coefficients, k: int, vectors: Sequence[Sequence[arb]], degree: int, bits: int) -> Iterator[list[arb]]:
    """C_{k + degree} with k - 1 coordinate vectors and `degree` of the given vectors as arguments, one mode left free."""
    size = g.size
    if g.ridges.is_complete and (not degree or g.ridges.rest.is_zero or g.ridges.rest.degree < k + degree):
        yield from _ridge_columns(g.ridges, k, vectors, degree, bits)
        return
    for free in combinations_with_replacement(range(size), k - 1):
        for chosen in combinations_with_replacement(vectors, degree):
            vector = [arb(0)] * size
            for index in cartesian(range(size), repeat=degree):
                weight = arb(1)
                for s, a in zip(chosen, index, strict=True):
                    weight *= s[a]
                if not weight.is_zero():
                    charge(size)
                    entries = (ball_of(g.coefficient(exponents((i, *free, *index), size)), bits) for i in range(size))
                    vector = [x + weight * entry for x, entry in zip(vector, entries, strict=True)]
            yield vector


def _ridge_columns(ridges: Ridges, k: int, vectors: Sequence[Sequence[arb]], degree: int, bits: int) -> Iterator[list[arb]]:
    """The same of Σ_i E[φ_i He_j] u_i^{⊗j}, j = k + degree: one integral for each ridge, and no sum over indices.

    The tensor of the polynomial rest is added where no vectors are given; elsewhere it has none of this order.
    """
    rest = Ridges((), ridges.rest, ridges.size)
    units = [[x.ball() for x in ridge.unit] for ridge in ridges.ridges]
    means = [ball_of(Constant(ridge.mean(k + degree)), bits) for ridge in ridges.ridges]
    along = [[sum((x * y for x, y in zip(unit, s, strict=True)), arb(0)) for s in vectors] for unit in units]
    for free in combinations_with_replacement(range(ridges.size), k - 1):
        for chosen in combinations_with_replacement(range(len(vectors)), degree):
            charge(len(units))
            vector = [arb(0)] * ridges.size
            for unit, mean, products in zip(units, means, along, strict=True):
                weight = prod([*(unit[i] for i in free), *(products[i] for i in chosen)], start=mean)
                vector = [x + weight * y for x, y in zip(vector, unit, strict=True)]
            if not degree and not rest.rest.is_zero and rest.rest.degree >= k:
                own = (Constant(rest.coefficient(exponents((i, *free), ridges.size))) for i in range(ridges.size))
                vector = [x + ball_of(c, bits) for x, c in zip(vector, own, strict=True)]
            yield vector


class _Span:
    """Vectors in balls that are certainly independent: each is 1 at its lead, an entry at which all later ones vanish.

    Elimination as they come, so that one more takes a pass over those before it; they span what the vectors added do.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[int, list[arb]]] = []

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def vectors(self) -> list[list[arb]]:
        return [vector for _, vector in self._rows]

    def extend(self, vectors: Iterator[list[arb]], most: int) -> bool:
        """Add the vectors that are certainly independent of the span, until it has `most` dimensions; whether there was one."""
        before = len(self)
        while len(self) < most and (vector := next(vectors, None)) is not None:
            self._add(vector)
        return len(self) > before

    def _add(self, vector: list[arb]) -> None:
        for lead, row in self._rows:
            factor = vector[lead]
            if not factor.is_zero():
                vector = [x - factor * y for x, y in zip(vector, row, strict=True)]
                vector[lead] = arb(0)
        leads = [i for i, x in enumerate(vector) if certain_sign(x)]
        if leads:
            lead = max(leads, key=lambda i: float(abs(vector[i]).lower()))
            pivot = vector[lead]
            row = [x / pivot for x in vector]
            row[lead] = arb(1)
            self._rows.append((lead, row))


# -- what is gained at most


Symmetry: TypeAlias = tuple[dict[int, Sum], int]
"""An orthogonal map P, as a substitution, with g∘P = g (1) or g∘P = -g (-1)."""


def across(g: Coefficients, seen: Sequence[Vector]) -> Callable[[int], Matrix]:
    """A function of k that gives a subspace, exact and across the seen directions, that holds all that is gained at degree k."""
    size = g.size
    if g.ridges.is_complete:
        return lambda k: exact_row_space([[Constant(x) for x in row] for _, row in g.ridges.across(seen, k)])
    basis = orthonormal([*seen, *kernel(seen, size)]) if seen else identity(size)  # the seen ones first
    images = {i: combination(column, range(size)) for i, column in enumerate(transpose(basis, size))}
    turned = g.function.substitute(images) if seen else g.function
    if seen and not terms_integrable(turned):
        raise InputError("in turned coordinates the terms are not known to be integrable one by one")
    symmetries = _symmetries(g.function, basis, len(seen))

    def bound(k: int) -> Matrix:
        space = _vanishing_complement(turned, len(seen), size, k, symmetries, g.average)
        return multiply(space, basis[len(seen) :]) if space else ()

    return bound


def _symmetries(g: Sum, basis: Matrix, seen: int) -> list[Symmetry]:
    """The signed permutations P of the coordinates that fix every seen vector and have g∘P = ±g, in the turned coordinates."""
    size = len(basis)
    if size > MAX_SYMMETRY:
        return []
    out = []
    for order in permutations(range(size)):
        for signs in cartesian((1, -1), repeat=size):
            moved = tuple(tuple(row[j] * s for j, s in zip(order, signs, strict=True)) for row in basis)
            if moved[:seen] != basis[:seen]:
                continue
            image = g.substitute({j: variable(i) * s for i, (j, s) in enumerate(zip(order, signs, strict=True))})
            if image in (g, -g):
                turned = {a: combination([dot(moved[a], row) for row in basis], range(size)) for a in range(seen, size)}
                out.append((turned, 1 if image == g else -1))
    return out


def _average(p: Sum, symmetries: Sequence[Symmetry]) -> Sum:
    """The mean of ±p∘P: as g∘P = ±g, E[g p | seen] does not change."""
    total = constant(0)
    for images, side in symmetries:
        total = total + p.substitute(images) * side
    return total * Fraction(1, len(symmetries)) if symmetries else p


def _vanishing_complement(
    g: Sum, seen: int, size: int, k: int, symmetries: Sequence[Symmetry], average: Callable[[Sum], Sum]
) -> Matrix:
    """A subspace, exact, of the unseen coordinates that holds everything gained at degree k; `average` is E where none is seen.

    With E[g He_{β + e_i} | seen] written over distinct functions of the seen variables and constants, a vector on which all their
    coefficients vanish gains nothing, whatever the degree in the seen variables.
    """
    unseen = range(seen, size)
    rows: list[list[Constant]] = []
    for beta in combinations_with_replacement(unseen, k - 1):
        row = []
        for i in unseen:
            alpha = exponents((*beta, i), size)
            h = about(g, alpha) if not symmetries else g
            h = h * _average(times_hermite(constant(1), alpha), symmetries)
            form = conditional_expectation(h, unseen) if seen else average(h)
            row.append(Constant(form))
        rows.append(row)
    return exact_row_space(rows)


# -- what is gained along the axes


def axes_gained(g: Coefficients, seen: Sequence[int], unseen: Sequence[int], k: int) -> set[int] | None:
    """The coordinates of a nonzero coefficient of degree k in `unseen`; empty if all are proved zero; None if undecided."""
    size = g.size
    possible = None
    if g.ridges.is_complete:
        axes = [identity(size)[i] for i in seen]
        rows = g.ridges.across(axes, k)
        possible = {tuple(sorted((*fixed, i))) for fixed, row in rows for i, entry in enumerate(row) if not entry.is_zero}
    undecided = False
    for beta in combinations_with_replacement(unseen, k):
        if possible is not None and beta not in possible:
            continue
        for degree in range(WITNESS_DEGREE + 1 if seen else 1):
            for gamma in combinations_with_replacement(seen, degree):
                vanishes = g.coefficient(exponents((*gamma, *beta), size)).is_zero
                if vanishes is Verdict.FAILS:
                    return set(beta)
        if not seen and vanishes is Verdict.HOLDS:  # where nothing is seen, the coefficient is all of the conditional expectation
            continue
        if possible is None:
            alpha = exponents(beta, size)
            h = times_hermite(about(g.function, alpha), alpha)
            form = conditional_expectation(h, unseen) if seen else g.average(h)
        undecided = undecided or possible is not None or not form.is_zero
    return None if undecided else set()
