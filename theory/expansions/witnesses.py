"""What points show of a function: along what it varies, along what it rises, and that it is no polynomial of low degree."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, islice
from itertools import product as cartesian
from math import comb

from flint import arb

from steinlab.theory.behaviour.kinks import sides
from steinlab.theory.budget import charge
from steinlab.theory.exact.linear_algebra import row_echelon
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.expansions.ranks import ball_rank
from steinlab.theory.links.balls import certain_sign, fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum, negative_point
from steinlab.theory.links.ranges import may_be_singular
from steinlab.theory.links.ring import Sum, apply, constant, sign_atoms

MAX_PLACES = 20
"""Most hyperplanes, and points where several of them meet, beside which points are tried."""
_SHIFTS = (Fraction(1, 2), Fraction(-3, 4))
"""How far beside the hyperplanes on which something happens a function is looked at."""
_BASE = (Fraction(1, 3), Fraction(-7, 5), Fraction(2), Fraction(-1, 2))
_STEPS = (Fraction(1), Fraction(16))
"""Steps of differences: about the size of what happens near the mean, and of what happens in the tails."""
_BITS = 128


def dimension_at_points(g: Sum, size: int, enough: int) -> int:
    """A lower bound on the dimension of the space along which g varies, at most `enough`. Kind: certified.

    Where g has a continuous gradient near a point, the gradient there lies in that space; where g jumps across a hyperplane, the
    normal does: g would not change along any other direction, and could neither rise nor jump.

    >>> from steinlab.theory.links.ring import apply, variable
    >>> dimension_at_points(apply("tanh", variable(0) - 100) + apply("sign", variable(1) - 50), 2, 2)
    2
    """
    rows: list[list[arb]] = []
    rank = 0
    with working_precision(_BITS):
        for kink in sign_atoms(g):
            limits = sides(g, kink) if kink.argument.is_affine else None
            jump = constant(0) if limits is None else limits[1] - limits[0]
            if not jump.is_zero and any(_is_nonzero(jump, point) for point in _points(jump, size)):
                rows.append([_value(kink.argument.derivative(i), ()) for i in range(size)])
        rank = ball_rank(rows)
        slopes = [g.derivative(i) for i in range(size)]
        for point in _points(g, size) if rank < enough else ():
            if all(certain_sign(_value(kink.argument, point)) for kink in sign_atoms(g)):
                rows.append([_value(slope, point) for slope in slopes])
                rank = max(rank, ball_rank(rows))
            if rank >= enough:
                break
    return min(rank, enough)


def rises_along(g: Sum, i: int) -> int | None:
    """1 where g rises along z_{i+1}, -1 where it falls: nowhere the other way on almost every line, and strictly near a point.

    Then E[g z_{i+1}] has that sign where E g² is finite: given the others, increasing functions of one variable are positively
    correlated (Chebyshev). None where it is not proved. Kind: certified.

    >>> from steinlab.theory.links.ring import apply, relu, variable
    >>> z1, z2 = variable(0), variable(1)
    >>> [rises_along(g, 0) for g in (apply("tanh", z1 - relu(z2)), -relu(z1) * apply("exp", z2), z1 * z2, z1 + apply("sign", z1))]
    [1, -1, None, None]
    """
    if any(may_be_singular(product) for product in g.terms):
        return None
    for kink in sign_atoms(g):
        limits = sides(g, kink) if i in kink.variables and kink.argument.is_affine else None
        if i in kink.variables and (limits is None or limits[0] != limits[1]):
            return None
    slope = g.derivative(i)
    side = apply("sign", slope).number
    found = 0 if side is None else side.sign()
    return found if found and negative_point(slope * -found) is not None else None


def nonzero_difference(g: Sum, size: int, i: int, order: int) -> tuple[tuple[Fraction, ...], Fraction] | None:
    """(z, h) with Σ_k (-1)^{n-k} C(n, k) g(z + k h e_i) certainly not zero, n the order; None where no such point is found.

    g is continuous near each of its points. Hypothesis: nothing in g is singular. Kind: certified.

    >>> from steinlab.theory.links.ring import relu, variable
    >>> nonzero_difference(relu(variable(0)), 1, 0, 2) is None, nonzero_difference(variable(0) ** 2, 1, 0, 3) is None
    (False, True)
    """
    with working_precision(_BITS):
        f, arguments = compile_sum(g), [compile_sum(kink.argument) for kink in sign_atoms(g)]
        for start in _points(g, size):
            for step in _STEPS:
                total = arb(0)
                for k in range(order + 1):
                    charge(len(g.terms))
                    point = [fraction_ball(x + k * step if j == i else x) for j, x in enumerate(start)]
                    if not all(certain_sign(real_value(u, point)) for u in arguments):
                        break
                    total += (-1) ** (order - k) * comb(order, k) * real_value(f, point)
                else:
                    if certain_sign(total):
                        return start, step
    return None


def _is_nonzero(u: Sum, point: tuple[Fraction, ...]) -> bool:
    """Whether u is certified nonzero at a point near which it is continuous."""
    return all(certain_sign(_value(v, point)) for v in (u, *(kink.argument for kink in sign_atoms(u))))


def _value(u: Sum, point: tuple[Fraction, ...]) -> arb:
    charge(len(u.terms))
    return real_value(compile_sum(u), [fraction_ball(x) for x in point])


def _points(g: Sum, size: int) -> Iterator[tuple[Fraction, ...]]:
    """Points beside the hyperplanes on which arguments of functions vanish or are extreme, and where several of them meet."""
    places = [[_short(form.derivative(i)) for i in range(size)] + [_short(_at_zero(form))] for form in dict.fromkeys(_forms(g))]
    several = (chosen for k in range(min(size, len(places)), 0, -1) for chosen in combinations(places, k))
    base = tuple(_BASE[i % len(_BASE)] for i in range(size))
    yield base
    for chosen in islice(several, MAX_PLACES):  # of many neurons there are far more than memory holds
        for shifts in cartesian(_SHIFTS, repeat=len(chosen)):
            rows = [[*row[:-1], shift - row[-1]] for row, shift in zip(chosen, shifts, strict=True)]
            reduced, pivots = row_echelon([tuple(map(Number.of, row)) for row in rows])
            if size in pivots:  # parallel hyperplanes
                continue
            point = list(base)
            for row, i in zip(reduced, pivots, strict=True):
                point[i] = row[size].fraction - sum(
                    (row[j].fraction * base[j] for j in range(size) if j not in pivots), Fraction(0)
                )
            yield tuple(point)


def _forms(g: Sum) -> Iterator[Sum]:
    """The affine arguments in g and the partial derivatives of quadratic ones."""
    for product in g.terms:
        for atom, _ in product:
            if atom.is_variable or not atom.variables:
                continue
            u = atom.argument
            if u.is_polynomial and u.degree <= 2:
                yield from [u] if u.is_affine else [v for i in sorted(u.variables) if (v := u.derivative(i)).variables]
            yield from _forms(u)


def _at_zero(u: Sum) -> Sum:
    return u.substitute({i: constant(0) for i in u.variables})


def _short(u: Sum) -> Fraction:
    """A short fraction near a number: points need not be where they are meant to be."""
    return Fraction(float(_value(u, ()).mid())).limit_denominator(1000)
