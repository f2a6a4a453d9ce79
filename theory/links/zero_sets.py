"""The set on which a link vanishes, up to null sets: where it is more than that, sign(u) is 0 on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from steinlab.theory.budget import priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.links.balls import certain_sign, fraction_ball, real_value
from steinlab.theory.links.cases import MAX_SPLITS, breakpoints, settle
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.factors import content
from steinlab.theory.links.functions import FUNCTIONS
from steinlab.theory.links.ranges import is_bounded_away, value_range
from steinlab.theory.links.ring import Atom, Sum, absolute, apply, constant, from_atom, sign_atoms

_BITS = 128
_POINTS = 24
"""How many points are tried to show that an analytic function is not the zero function."""


def written_sign(u: Sum) -> Sum:
    """sign(u) almost everywhere, 0 where u = 0. InputError where the zero set of u is undecided. Kind: exact.

    >>> from steinlab.theory.links.ring import relu, variable
    >>> str(written_sign(relu(variable(0)))), str(apply("sign", relu(variable(0))))
    ('1/2 + 1/2*sign(z1)', '1')
    """
    return apply("sign", u) * (constant(1) - vanishing(u))


def is_nonzero(u: Sum) -> bool:
    """Whether u is proved to be nonzero almost everywhere."""
    try:
        return vanishing(u).is_zero
    except InputError:
        return False


@priced(5_000)
def vanishing(u: Sum) -> Sum:
    """The indicator of {u = 0}, almost everywhere: 0 where that is a null set.

    u is taken apart by the signs of its kinks. On each piece it is zero as a form, or real-analytic on a convex set and certainly
    nonzero at a point of it, so that its zeros there are a null set. InputError where neither is proved. Kind: exact.

    >>> from steinlab.theory.links.ring import relu, variable
    >>> str(vanishing(relu(variable(0)))), str(vanishing(apply("sin", variable(0)) - 1))
    ('1/2 - 1/2*sign(z1)', '0')
    """
    return _vanishing(u, {})


def _vanishing(u: Sum, sides: Mapping[Atom, int]) -> Sum:
    if u.is_zero:
        return constant(1)
    if u.is_polynomial:
        return constant(0)
    kinks = [kink for kink in sign_atoms(u) if kink not in sides]
    if not sides or not kinks:
        bounds = value_range(u)
        if (bounds.low is not None and bounds.low.sign() > 0) or (bounds.high is not None and bounds.high.sign() < 0):
            return constant(0)
    factors, rest = content(u)
    if factors:
        nonzero = constant(1) - _vanishing(rest, sides)
        for atom, _ in factors:
            nonzero = nonzero * (constant(1) - _vanishing_atom(atom, sides))
        return constant(1) - nonzero
    return _by_pieces(u, kinks, sides)


def _by_pieces(u: Sum, kinks: Sequence[Atom], sides: Mapping[Atom, int]) -> Sum:
    """The indicator by the signs of the kinks that are not settled yet; where all are, u is analytic and nonzero at a point."""
    if kinks:
        ordered = breakpoints(kinks, u.variables) if not sides else None
        if ordered is not None:
            return _along_line(u, list(ordered.values()))
        kink = kinks[0]  # innermost: no kink stands in its argument
        if len(sides) + len(kinks) > MAX_SPLITS or not _vanishing(kink.argument, {}).is_zero:
            raise _undecided(u)
        plus, minus = (_vanishing(settle(u, {kink: side}), {**sides, kink: side}) for side in (1, -1))
        return (plus + minus + (plus - minus) * from_atom(kink)) * Fraction(1, 2)
    if not (_is_analytic(u) and _is_somewhere_nonzero(u, sides)):
        raise _undecided(u)
    return constant(0)


def _along_line(u: Sum, kinks: Sequence[Atom]) -> Sum:
    """The indicator for a function of one variable with kinks at points, piece by piece."""
    pieces = [{kink: 1 if j < i else -1 for j, kink in enumerate(kinks)} for i in range(len(kinks) + 1)]
    found = [_vanishing(settle(u, signs), signs) for signs in pieces]
    out = found[0] + found[-1]
    for kink, (before, after) in zip(kinks, pairwise(found), strict=True):
        out = out + (after - before) * from_atom(kink)
    return out * Fraction(1, 2)


def _vanishing_atom(atom: Atom, sides: Mapping[Atom, int]) -> Sum:
    row = FUNCTIONS.get(atom.name)
    if atom.name in ("z", "pi", "sign") or (row is not None and row.positive):
        return constant(0)
    if atom.name == "base":
        return _vanishing(atom.argument, sides)
    if row is not None and row.root is not None:
        return _vanishing(atom.argument - row.root, sides)
    u = from_atom(atom)
    return _by_pieces(u, [kink for kink in sign_atoms(u) if kink not in sides], sides)


def _is_analytic(u: Sum) -> bool:
    """Whether u, all its kinks settled, is real-analytic on the convex set on which the affine ones have their signs."""
    for product in u.terms:
        for atom, _ in product:
            if atom.is_variable or not atom.variables:
                continue
            if atom.name == "sign":
                return False
            if atom.name in ("log", "base") and affine_inside(atom.argument) is not None:  # zero on a kink that was settled
                continue
            if atom.name in ("log", "base") and not is_bounded_away(atom.argument):
                return False
            if not _is_analytic(atom.argument):
                return False
    return True


def _is_somewhere_nonzero(u: Sum, sides: Mapping[Atom, int]) -> bool:
    """Whether a ball excludes zero at a point where the affine kinks of `sides` have their signs."""
    affine = {kink: side for kink, side in sides.items() if kink.argument.is_affine}
    size = max([*u.variables, *(i for kink in affine for i in kink.variables)], default=-1) + 1
    with working_precision(_BITS):
        f = compile_sum(u)
        conditions = [(compile_sum(kink.argument), side) for kink, side in affine.items()]
        for coordinates in _points(size):
            point = [fraction_ball(x) for x in coordinates]
            inside = all(certain_sign(real_value(g, point)) == side for g, side in conditions)
            if inside and certain_sign(real_value(f, point)) in (1, -1):
                return True
    return False


def _points(size: int) -> Iterator[list[Fraction]]:
    """Points on no line that a person would write, growing outwards."""
    state = 1
    for k in range(_POINTS):
        point = []
        for _ in range(size):
            state = state * 16807 % 2147483647
            point.append((Fraction(state, 2147483647) - Fraction(1, 2)) * (1 + k))
        yield point


def _undecided(u: Sum) -> InputError:
    return InputError(
        f"the argument of sign vanishes on a set of positive measure, or that could not be excluded: {u}; write the cases as a "
        "Piecewise whose conditions compare polynomials"
    )


def affine_inside(u: Sum) -> Sum | None:
    """v when u = |v| for an affine v; None otherwise."""
    kinks = {atom for product in u.terms for atom, _ in product if atom.name == "sign"}
    if len(kinks) != 1:
        return None
    (kink,) = kinks
    return kink.argument if kink.argument.is_affine and u == absolute(kink.argument) else None
