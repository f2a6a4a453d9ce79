"""The points at which a function of one variable vanishes, and those at which it is singular."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from steinlab.theory.behaviour.germs import Point, Root
from steinlab.theory.behaviour.scales import constant_sign
from steinlab.theory.budget import priced
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.univariate import count_real_roots, squarefree_factors
from steinlab.theory.links.factors import content, monic_factors
from steinlab.theory.links.functions import FUNCTIONS
from steinlab.theory.links.ranges import is_bounded_away, value_range
from steinlab.theory.links.ring import (
    Atom,
    Product,
    Sum,
    constant,
    fix_signs,
    from_atom,
    logarithm,
    power,
)


@dataclass(frozen=True)
class Points:
    """Points that were found; where `complete`, they hold every point of the kind that was asked for, and perhaps others."""

    found: tuple[Point, ...] = ()
    complete: bool = True


_UNKNOWN = Points(complete=False)


def _union(parts: Iterable[Points]) -> Points:
    known = list(parts)
    return Points(tuple(dict.fromkeys(p for part in known for p in part.found)), all(part.complete for part in known))


@priced(5_000)
def singular_points(u: Sum) -> Points:
    """Where a divisor or the argument of a logarithm vanishes, anywhere in a function of z1. Kind: exact."""
    parts = []
    for product in u.terms:
        for atom, e in product:
            if not atom.is_variable and atom.variables:
                parts.append(singular_points(atom.argument))
                if atom.name == "log" or (atom.name == "base" and e < 0):
                    parts.append(zeros(atom.argument))
    return _union(parts)


@priced(5_000)
def zeros(u: Sum) -> Points:
    """Where a function of z1 vanishes; complete only where that is proved to be a finite set. Kind: exact.

    >>> from steinlab.theory.links.ring import absolute, variable
    >>> z = variable(0)
    >>> [str(point) for point in zeros(absolute(z) * (z**2 - 2)).found], zeros(z + absolute(z)).complete
    (['0', '-sqrt(2)', 'sqrt(2)'], False)
    """
    if not u.variables:
        return Points() if constant_sign(u) else _UNKNOWN
    if is_bounded_away(u):
        return Points()
    factors, rest = content(u)
    if factors:
        return _union([*(_zeros_of_factor(atom) for atom, _ in factors), zeros(rest)])
    if u.is_polynomial:
        return Points(tuple(_roots(u)))
    parts = u.coefficients_in(0)
    if parts is not None and set(parts) <= {0, 1}:  # with coefficients such as π
        side = constant_sign(parts[1])
        return Points((parts.get(0, constant(0)) * power(parts[1] * side, Fraction(-1)) * -side,)) if side else _UNKNOWN
    kinks = [atom for product in u.terms for atom, _ in product if atom.name == "sign"]
    if kinks:  # a zero of u is one of the branch that u is there
        kink = min(kinks, key=lambda atom: atom.order)
        return _union(zeros(fix_signs(u, {kink: side})) for side in (1, -1))
    terms = [Sum({product: c}) for product, c in u.terms.items()]
    for side in (1, -1):
        lows = [value_range(term * side).low for term in terms]
        if all(low is not None and low.sign() >= 0 for low in lows):  # all terms vanish where the sum does
            return next((found for found in map(zeros, terms) if found.complete), _UNKNOWN)
    solved = _solved(list(u.terms.items())) if len(u.terms) == 2 else None
    return _UNKNOWN if solved is None else solved


def _zeros_of_factor(atom: Atom) -> Points:
    if not atom.variables:
        return Points() if constant_sign(from_atom(atom)) else _UNKNOWN
    row = FUNCTIONS.get(atom.name)
    if atom.name == "sign" or (row is not None and row.positive):
        return Points()
    if atom.is_variable:
        return Points((constant(0),))
    if row is not None and row.root is not None:
        return zeros(atom.argument - row.root)
    if row is not None and row.attains is not None:  # one of infinitely many
        return Points(zeros(atom.argument - row.attains(Number.of(0))).found, complete=False)
    return zeros(atom.argument)


def _solved(terms: Sequence[tuple[Product, Number]]) -> Points | None:
    """Zeros of c f(v) + d and of c e^v + d e^w, by the inverse of the function; None for other sums."""
    for (first, c), (second, d) in (terms, terms[::-1]):
        ratio = -d * c.inverse()
        if all(not p or (len(p) == 1 and p[0][0].name == "exp") for p in (first, second)):
            v, w = (p[0][0].argument if p else constant(0) for p in (first, second))
            return zeros(v - w - logarithm(constant(ratio))) if ratio.sign() > 0 else Points()
        if second or len(first) != 1 or first[0][1] != 1:
            continue
        name, v = first[0][0].name, first[0][0].argument
        row = FUNCTIONS.get(name)
        if row is None:
            continue
        at_end = ratio in (row.low, row.high)
        if (
            (row.low is not None and ratio < row.low)
            or (row.high is not None and ratio > row.high)
            or (at_end and row.increasing)
        ):
            return Points()
        if row.attains is not None and at_end:  # one of infinitely many
            return Points(zeros(v - row.attains(ratio)).found, complete=False)
        inverse = None if row.inverse is None else row.inverse(ratio)
        if inverse is not None:
            return zeros(v - inverse)
    return None


def _roots(u: Sum) -> list[Point]:
    """The real roots of a polynomial in z1 with algebraic coefficients."""
    out: list[Point] = []
    for squarefree, _ in squarefree_factors(u.univariate):
        for factor in monic_factors(squarefree):
            if len(factor) == 2:
                out.append(constant(-factor[0]))
            else:
                out += [Root(tuple(factor), k) for k in range(count_real_roots(factor))]
    return out
