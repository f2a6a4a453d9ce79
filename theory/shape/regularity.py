"""Is a general link a polynomial, and has it a weak derivative: decided with proof, or undecided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor

from steinlab.theory.behaviour.growth import polynomial_powers
from steinlab.theory.behaviour.kinks import sides
from steinlab.theory.exact.digits import above
from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.quadrature import enclosure
from steinlab.theory.links.balls import certain_sign
from steinlab.theory.links.cases import settle
from steinlab.theory.links.factors import quotient
from steinlab.theory.links.ranges import may_be_singular
from steinlab.theory.links.ring import Atom, Sum, constant, sign_atoms
from steinlab.theory.shape.monotone import polynomial_growth
from steinlab.theory.targets.degree import polynomial_degree
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.witnesses import nonzero_difference
from steinlab.theory.verdicts import Evidence, Finding, Verdict

SEARCHED_DEGREES = 4
"""How many degrees beyond the growth of a link are searched for a coefficient that a polynomial could not have."""
_BITS = 96
_POINTS = (Number.of(1) / 3, -Number.of(7) / 5, Number.of(2))
"""Where a jump along a line is evaluated."""


def polynomial(expansion: LinkExpansion) -> Finding:
    """Whether f* is a polynomial, for a link that is not one as written: damian.polynomial.

    FAILS where |g| <= C (1 + |z_i|)^p in one variable and a difference of order p + 1 along z_i, or some E[g He_α] with α_i > p,
    is certified nonzero: a polynomial of that growth has degree at most p in z_i, so both would vanish. Differences come first:
    they take values at points, coefficients take integrals. FAILS also where g is proved to outgrow every polynomial. UNDECIDED
    otherwise. Source: Damian et al. 2022, section 1, takes f* to be a polynomial; the criterion is derived.

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
    growths = {} if powers is None else {i: powers.get(i, 0.0) for i in sorted(expansion.function.variables)}
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

    HOLDS where g is continuous across every kink, which must lie on hyperplanes: the difference of its two sides vanishes there
    identically. FAILS where a jump is certified at a point. UNDECIDED otherwise. Kind: certified. Source: Mousavi-Hosseini et
    al. 2022, whose gradient formula uses Stein's lemma on g.

    >>> [weakly_differentiable(LinkExpansion.from_expression(t)).verdict.value for t in ("relu(z1)*tanh(z2)", "sign(z1 - z2)")]
    ['holds', 'fails']
    """
    id = "mousavi.weakly_differentiable"
    g = expansion.function
    undecided = "no proof that the two sides of every kink agree"
    if any(may_be_singular(product) for product in g.terms):
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, "g may be unbounded near a point")
    kinks = sign_atoms(g)
    doubtful = False
    for kink in kinks if not all(_agrees_in_its_terms(g, kink) for kink in kinks) else ():
        limits = sides(g, kink)
        jump = None if limits is None else limits[1] - limits[0]
        if jump is not None and _is_somewhere_nonzero(jump):
            return Finding(id, Verdict.FAILS, Evidence.CERTIFIED, f"g jumps where {kink.argument} = 0")
        doubtful = doubtful or ((jump is None or not jump.is_zero) and not _divides_its_jump(g, kink))
    if doubtful:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, undecided)
    reason = "the two sides of every kink agree: g is continuous" if kinks else "g is smooth"
    return Finding(id, Verdict.HOLDS, Evidence.EXACT, reason)


def _agrees_in_its_terms(g: Sum, kink: Atom) -> bool:
    """Whether the terms of g with this kink in them are continuous across it; where all are across theirs, g is continuous."""
    limits = sides(Sum({product: c for product, c in g.terms.items() if kink in sign_atoms(Sum({product: c}))}), kink)
    return limits is not None and (limits[1] - limits[0]).is_zero


def _divides_its_jump(g: Sum, kink: Atom) -> bool:
    """Whether the argument of a kink divides the jump of g across it, which thus vanishes there: the quotient is bounded.

    That of f sign(f) is 2f: where the zeros of f are not known exactly, the division is.
    """
    jump = settle(g, {kink: 1}) - settle(g, {kink: -1})
    return jump.is_zero or quotient(jump, kink.argument) is not None


def _is_somewhere_nonzero(jump: Sum) -> bool:
    """Whether a ball excludes zero at a point near which the jump is continuous: no sign changes there."""
    for point in _points(sorted(jump.variables)):
        arguments = [kink.argument.substitute(point) for kink in sign_atoms(jump)]
        if all(certain_sign(enclosure(u, _BITS)) in (1, -1) for u in (*arguments, jump.substitute(point))):
            return True
    return False


def _points(variables: Sequence[int]) -> Iterator[dict[int, Sum]]:
    for shift in range(len(_POINTS)):
        yield {i: constant(_POINTS[(shift + j) % len(_POINTS)]) for j, i in enumerate(variables)}
