"""Monotone links and polynomial growth: the hypotheses of Mousavi-Hosseini et al., decided for general links."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, inf, isfinite
from typing import TypeAlias

from steinlab.theory.behaviour.growth import polynomial_powers
from steinlab.theory.behaviour.kinks import Piece, branches, jumps, pieces
from steinlab.theory.budget import charge
from steinlab.theory.exact.digits import above
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.univariate import changes_sign
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.quadrature import enclosure
from steinlab.theory.links.balls import Function, certain_sign, fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.one_sign import sign_between
from steinlab.theory.links.ring import Sum, variable
from steinlab.theory.links.tails import below, beside
from steinlab.theory.shape.outgrowth import outgrowth
from steinlab.theory.verdicts import Evidence, Finding, Verdict

_BITS = 96
_GRID = [Fraction(k, 8) for k in range(-97, 98, 2)]
"""Points at which a link that is not taken apart is evaluated in the search for both signs."""
_REACH, _STEPS = Fraction(12), 96
"""How far from zero, and in how many steps, the derivative on a piece is looked at in that search."""
_PEAKS, _THIRDS = 3, 40
"""How many of its largest values are refined, and how often the interval around one is shortened by a third."""
Places: TypeAlias = tuple[Fraction | None, Fraction | None]


def monotone_link(expansion: LinkExpansion) -> Finding:
    """Whether the link is monotone in its one direction.

    HOLDS where the derivative has one sign on every piece between kinks, tails included, and every jump has the same sign: the
    derivative has one sign by factors, exact ranges and balls (see `sign_between`), so the proof holds on whole half-lines. FAILS
    where balls certify both signs. A polynomial is decided exactly. UNDECIDED otherwise.
    Source: Mousavi-Hosseini et al. 2022, section 5.

    >>> [monotone_link(LinkExpansion.from_expression(t)).verdict.value for t in ("tanh(z1) + relu(z1)", "abs(z1)", "sign(z1)")]
    ['holds', 'fails', 'holds']
    """
    id = "mousavi.monotone_link"
    if len(expansion.linear_span) != 1:
        dimension = expansion.effective_dimension
        if dimension.lower > 1:
            return Finding(id, Verdict.FAILS, Evidence.CERTIFIED, "f* depends on more than one direction")
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"the effective dimension is undecided: {dimension.reason}")
    (direction,) = expansion.linear_span  # of any length: monotone functions stay so
    g = expansion.function.substitute({i: variable(0) * c for i, c in enumerate(direction)})
    if g.is_polynomial:
        turns = changes_sign(g.derivative(0).univariate)
        reason = f"the link is a polynomial, whose derivative {'changes' if turns else 'never changes'} sign, by Sturm's theorem"
        return Finding(id, Verdict.FAILS if turns else Verdict.HOLDS, Evidence.EXACT, reason)
    signs = _slopes(g)
    if signs is not None and not {1, -1} <= signs and None not in signs:
        word = "increases" if -1 in signs else "decreases"
        reason = f"the link nowhere {word}: its derivative and its jumps have one sign, tails included"
        return Finding(id, Verdict.HOLDS, Evidence.CERTIFIED, reason)
    points = _both_signs(g)
    if points is not None:
        rising, falling = points
        reason = f"the link rises near {rising} and falls near {falling} (certified)"
        return Finding(id, Verdict.FAILS, Evidence.CERTIFIED, reason)
    return Finding(
        id,
        Verdict.UNDECIDED,
        Evidence.NUMERICAL,
        "no sign of the derivative was proved on the whole line, and no two signs were found",
    )


def _slopes(g: Sum) -> set[int | None] | None:
    """The signs of the derivative on the pieces and of the jumps: 0 for constant pieces, None for a sign that is not proved.

    Where the ends of the pieces are not known, those of all functions that a continuous link may be there. None where the link
    cannot be taken apart into smooth functions.
    """
    found = pieces(g)
    if found is None:
        anywhere = branches(g)
        return None if anywhere is None else {sign_between(h.derivative(0), None, None) for h in anywhere}
    out: set[int | None] = set()
    for piece in found:
        out.add(sign_between(piece.form.derivative(0), piece.start, piece.end))
    for _, jump in jumps(found):
        out.add(0 if jump.is_zero else certain_sign(enclosure(jump, _BITS)))
    return out


def _both_signs(g: Sum) -> tuple[Fraction, Fraction] | None:
    """Points (rising, falling) near which the link certainly rises, and falls."""
    found = pieces(g)
    places = [_by_quotients(g)] if found is None else [_by_jumps(found), _by_slopes(found)]
    rising, falling = (next((place for place in side if place is not None), None) for side in zip(*places, strict=True))
    return None if rising is None or falling is None else (rising, falling)


def _by_jumps(found: list[Piece]) -> Places:
    """Points just below kinks where the jump is certified positive, and negative."""
    rising = falling = None
    for place, jump in jumps(found):
        side = certain_sign(enclosure(jump, _BITS))
        near = below(beside(place, -1))
        rising = near if side == 1 and rising is None else rising
        falling = near if side == -1 and falling is None else falling
    return rising, falling


def _by_quotients(g: Sum) -> Places:
    """Points where difference quotients over short intervals are certified positive, and negative."""
    rising = falling = None
    with working_precision(_BITS):
        f = compile_sum(g)
        for a, b in pairwise(_GRID):
            change = certain_sign(real_value(f, [fraction_ball(b)]) - real_value(f, [fraction_ball(a)]))
            rising = a if change == 1 and rising is None else rising
            falling = a if change == -1 and falling is None else falling
    return rising, falling


def _by_slopes(found: Sequence[Piece]) -> Places:
    """Points inside the pieces where the derivative is certified positive, and negative: looked for where it is extreme."""
    rising = falling = None
    with working_precision(_BITS):
        for piece in found:
            slope = compile_sum(piece.form.derivative(0))
            low = -_REACH if piece.low is None else -below(-piece.low)
            high = _REACH if piece.high is None else below(piece.high)
            low, high = min(low, high - 1 if piece.low is None else low), max(high, low + 1 if piece.high is None else high)
            step = (high - low) / _STEPS
            grid = [(low + k * step).limit_denominator(ceil(1 / step)) for k in range(1, _STEPS)]  # off by half a step at most
            if rising is None:
                rising = _extreme(slope, grid, 1)
            if falling is None:
                falling = _extreme(slope, grid, -1)
    return rising, falling


def _extreme(slope: Function, grid: Sequence[Fraction], side: int) -> Fraction | None:
    """A point where side·slope is certified positive: on the grid, or between its points around the largest values there."""

    def size(x: Fraction) -> float:
        return side * float(real_value(slope, [fraction_ball(x)]).mid())

    def holds(x: Fraction) -> bool:
        return certain_sign(real_value(slope, [fraction_ball(x)])) == side

    charge(len(grid))
    sizes = [size(x) for x in grid]
    best = max(range(len(grid)), key=lambda k: sizes[k] if isfinite(sizes[k]) else -inf)
    if holds(grid[best]):
        return grid[best]
    peaks = [k for k in range(1, len(grid) - 1) if sizes[k - 1] <= sizes[k] >= sizes[k + 1]]
    for k in sorted(peaks, key=lambda k: -sizes[k])[:_PEAKS]:
        low, high = grid[k - 1], grid[k + 1]
        for _ in range(_THIRDS):
            third = (high - low) / 3
            charge(2)
            low, high = (low, high - third) if size(low + third) > size(high - third) else (low + third, high)
        for digits in (2, 4, 9):
            middle = ((low + high) / 2).limit_denominator(10**digits)
            if grid[k - 1] <= middle <= grid[k + 1] and holds(middle):
                return middle
    return None


def polynomial_growth(expansion: LinkExpansion) -> Finding:
    """Whether |g(z)| <= C (1 + |z|)^p for some C and p, everywhere.

    HOLDS by a structural bound, or by the germs of a link of one direction; FAILS where these show that on some line g is
    unbounded next to a point or outgrows every power. Source: Mousavi-Hosseini et al. 2022, section 5. Kind: certified.

    >>> texts = ("z1*tanh(z1)", "exp(z1) + z1", "log(abs(z1))", "sin(z1)/z1")
    >>> [polynomial_growth(LinkExpansion.from_expression(t)).verdict.value for t in texts]
    ['holds', 'fails', 'fails', 'holds']
    """
    id = "mousavi.polynomial_growth"
    g = expansion.function
    powers = polynomial_powers(g)
    if powers is not None:
        size = max(powers.values(), default=0.0)
        return Finding(id, Verdict.HOLDS, Evidence.CERTIFIED, f"|g| is at most a constant times powers (1 + |z_i|)^{above(size)}")
    found = outgrowth(g)
    if found.outgrown is None:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, found.reason)
    return Finding(id, Verdict.FAILS if found.outgrown else Verdict.HOLDS, Evidence.CERTIFIED, found.reason)
