"""Is a general link a polynomial, and has it a weak derivative: decided with proof, or undecided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from itertools import product as cartesian
from math import floor

from flint import arb

from steinlab.theory.behaviour.growth import polynomial_powers
from steinlab.theory.behaviour.kinks import divides_its_jump, sides
from steinlab.theory.budget import charge
from steinlab.theory.exact.digits import above
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.expansions.degree import polynomial_degree
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.witnesses import nonzero_difference
from steinlab.theory.integrals.quadrature import enclosure
from steinlab.theory.links.balls import Function, certain_sign, fraction_ball, real_value
from steinlab.theory.links.cases import settle
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ranges import may_be_singular
from steinlab.theory.links.ring import Atom, Sum, constant, sign_atoms
from steinlab.theory.shape.monotone import polynomial_growth
from steinlab.theory.shape.outgrowth import power_on_the_line
from steinlab.theory.shape.removable import weak_derivative
from steinlab.theory.verdicts import Evidence, Finding, Verdict

SEARCHED_DEGREES = 4
"""How many degrees beyond the growth of a link are searched for a coefficient that a polynomial could not have."""
_BITS = 96
_POINTS = (Number.of(1) / 3, -Number.of(7) / 5, Number.of(2))
"""Where a jump along a line is evaluated."""
_STARTS = (Fraction(3, 7), Fraction(-6, 5), Fraction(11, 6), Fraction(-1, 9))
_WIDTHS = (arb(2) ** -6, arb(2) ** -12)
_SEARCHED, _HALVINGS = 30, 30
"""Points from which a hypersurface is looked for, half the sides of boxes around a point of it, how many points at most, and how
often the interval that holds it is halved."""


def polynomial(expansion: LinkExpansion) -> Finding:
    """Whether f* is a polynomial, for a link that is not one as written: damian.polynomial.

    FAILS where |g| <= C (1 + |z_i|)^p in one variable, by its structure or its germs, and a difference of order p + 1 along z_i,
    or some E[g He_α] with α_i > p, is certified nonzero: a polynomial of that growth has degree at most p in z_i, so both would
    vanish. Differences come first: they take values at points, coefficients take integrals. FAILS also where g is proved to
    outgrow every polynomial. UNDECIDED otherwise. Source: Damian et al. 2022, section 1, takes f* to be a polynomial; the
    criterion is derived.

    >>> polynomial(LinkExpansion.from_expression("relu(z1)")).reason
    'f* is not a polynomial: |g| grows at most like |z1|^1, and a difference of order 2 (along z1 by 1 from (-3/4)) is not zero'
    """
    id = "damian.polynomial"
    degree = polynomial_degree(expansion.function)
    if degree is not None:
        size = str(degree.lower) if degree.value is not None else f"{degree.lower} to {degree.upper}"
        reason = f"f* is a polynomial of degree {size}, with coefficients in closed form"
        return Finding(id, Verdict.HOLDS, Evidence.EXACT, reason)
    outgrown = polynomial_growth(expansion)
    if outgrown.verdict is Verdict.FAILS:
        return Finding(id, Verdict.FAILS, Evidence.CERTIFIED, f"f* is not a polynomial: {outgrown.reason}")
    powers = polynomial_powers(expansion.function)
    variables = sorted(expansion.function.variables)
    growths = {} if powers is None else {i: powers.get(i, 0.0) for i in variables}
    if powers is None and outgrown.verdict is Verdict.HOLDS:
        by_germs = power_on_the_line(expansion.function)
        growths = {} if by_germs is None else dict.fromkeys(variables, float(by_germs))
    for i, power in growths.items():
        order = floor(power) + 1
        seen = nonzero_difference(expansion.function, expansion.size, i, order)
        if seen is not None:
            point, step = seen
            where = f"along z{i + 1} by {step} from ({', '.join(map(str, point))})"
            reason = f"|g| grows at most like |z{i + 1}|^{above(power)}, and a difference of order {order} ({where}) is not zero"
            return Finding(id, Verdict.FAILS, Evidence.CERTIFIED, f"f* is not a polynomial: {reason}")
    for i, power in growths.items():
        for alpha in _beyond(i, floor(power), expansion.size):
            c = expansion.coefficient(alpha)
            if c.is_zero is Verdict.FAILS:
                name = str(alpha[0]) if expansion.size == 1 else str(alpha)
                reason = f"|g| grows at most like |z{i + 1}|^{above(power)}, and E[g He_{name}] = {c} is not zero"
                return Finding(id, Verdict.FAILS, Evidence.CERTIFIED, f"f* is not a polynomial: {reason}")
    reason = "f* is not written as a polynomial, and no coefficient was found that a polynomial could not have"
    return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, reason)


def _beyond(i: int, power: int, size: int) -> Iterator[tuple[int, ...]]:
    """Multi-indices with α_i above `power`: alone first, then with one or two of another variable, then with one of each."""
    for other in (None, *(j for j in range(size) if j != i)):
        for extra in (0,) if other is None else (1, 2):
            for k in range(power + 1, power + 1 + SEARCHED_DEGREES):
                yield tuple(k if j == i else extra if j == other else 0 for j in range(size))
    for k in range(power + 1, power + 1 + SEARCHED_DEGREES) if size > 2 else ():
        yield tuple(k if j == i else 1 for j in range(size))


def weakly_differentiable(expansion: LinkExpansion) -> Finding:
    """Whether g has a weak derivative: mousavi.weakly_differentiable.

    HOLDS where g is continuous across every kink: the difference of its two sides vanishes with the argument of the kink. FAILS
    where a jump is certified at a point of a hyperplane or on a piece of a hypersurface. UNDECIDED otherwise. Kind: certified.
    Source: Mousavi-Hosseini et al. 2022, whose gradient formula uses Stein's lemma on g.

    >>> [weakly_differentiable(LinkExpansion.from_expression(t)).verdict.value for t in ("relu(z1)*tanh(z2)", "sign(z1 - z2)")]
    ['holds', 'fails']
    """
    id = "mousavi.weakly_differentiable"
    g = expansion.function
    undecided = "no proof that the two sides of every kink agree"
    if any(may_be_singular(product) for product in g.terms):
        verdict, reason = weak_derivative(g)
        return Finding(id, verdict, Evidence.NUMERICAL if verdict is Verdict.UNDECIDED else Evidence.CERTIFIED, reason)
    kinks = sign_atoms(g)
    doubtful = False
    for kink in kinks if not all(_agrees_in_its_terms(g, kink) for kink in kinks) else ():
        limits = sides(g, kink)
        jump = None if limits is None else limits[1] - limits[0]
        if (jump is None or not jump.is_zero) and not divides_its_jump(g, kink):
            if (jump is not None and _is_somewhere_nonzero(jump)) or _jumps_across(g, kink):
                return Finding(id, Verdict.FAILS, Evidence.CERTIFIED, f"g jumps where {kink.argument} = 0")
            doubtful = True
    if doubtful:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, undecided)
    reason = "the two sides of every kink agree: g is continuous" if kinks else "g is smooth"
    return Finding(id, Verdict.HOLDS, Evidence.EXACT, reason)


def _agrees_in_its_terms(g: Sum, kink: Atom) -> bool:
    """Whether the terms of g with this kink in them are continuous across it; where all are across theirs, g is continuous."""
    limits = sides(Sum({product: c for product, c in g.terms.items() if kink in sign_atoms(Sum({product: c}))}), kink)
    return limits is not None and (limits[1] - limits[0]).is_zero


def _is_somewhere_nonzero(jump: Sum) -> bool:
    """Whether a ball excludes zero at a point near which the jump is continuous: no sign changes there."""
    for point in _points(sorted(jump.variables)):
        arguments = [kink.argument.substitute(point) for kink in sign_atoms(jump)]
        if all(certain_sign(enclosure(u, _BITS)) in (1, -1) for u in (*arguments, jump.substitute(point))):
            return True
    return False


def _jumps_across(g: Sum, kink: Atom) -> bool:
    """Whether g is certified to jump across a piece of the hypersurface on which the argument v of a kink is zero.

    A box is looked for on which ∂v/∂z_i excludes zero, v has different signs on the two faces that z_i leads to, no other sign
    changes, and balls tell the two sides of g apart: on each line along z_i through it all values of g before the zero of v lie
    below those after it, or above, while a function with a weak derivative is continuous on almost all lines, up to null sets
    (Ziemer 1989, theorem 2.1.4).
    """
    sides = [settle(g, {kink: side}) for side in (1, -1)]
    others = {other.argument for h in (*sides, kink.argument) for other in sign_atoms(h)}
    order = sorted(g.variables)
    with working_precision(_BITS):
        v, plus, minus = (compile_sum(h) for h in (kink.argument, *sides))
        steady = [compile_sum(u) for u in sorted(others, key=lambda u: u.order_text)]
        for i in sorted(kink.argument.variables):
            slope = compile_sum(kink.argument.derivative(i))
            for start in islice(cartesian(_STARTS, repeat=len(order)), _SEARCHED):
                point = [arb(0)] * (max(order) + 1)
                for j, x in zip(order, start, strict=True):
                    point[j] = fraction_ball(x)
                charge(_SEARCHED)
                root = _root_along(v, point, i)
                if root is None:
                    continue
                for width in _WIDTHS:
                    near = [x + arb(0, width**2) for x in point]
                    places = (root - width, root + arb(0, width), root + width)
                    low, box, high = ([*near[:i], place, *near[i + 1 :]] for place in places)
                    ends = {certain_sign(real_value(v, face)) for face in (low, high)}
                    clear = all(certain_sign(real_value(f, box)) in (1, -1) for f in (slope, *steady))
                    if ends == {1, -1} and clear and certain_sign(real_value(plus, box) - real_value(minus, box)) in (1, -1):
                        return True
    return False


def _root_along(v: Function, point: Sequence[arb], i: int) -> arb | None:
    """The middle of a short interval along z_{i+1} through a point, at whose ends v seems to have different signs."""

    def side(x: arb) -> int | None:
        return certain_sign(real_value(v, [*point[:i], x, *point[i + 1 :]]))

    grid = [arb(k) / 4 + arb(1) / 17 for k in range(-12, 13)]
    signs = [side(x) for x in grid]
    for (low, a), (high, b) in pairwise(zip(grid, signs, strict=True)):
        if a and b and a != b:
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                low, high = (middle, high) if side(middle) == a else (low, middle)
            return arb(((low + high) / 2).mid())
    return None


def _points(variables: Sequence[int]) -> Iterator[dict[int, Sum]]:
    for shift in range(len(_POINTS)):
        yield {i: constant(_POINTS[(shift + j) % len(_POINTS)]) for j, i in enumerate(variables)}
