"""Links of one direction next to their singular points: sin(z)/z has a limit there and a weak derivative, |z|^{-1/4} has none."""

from __future__ import annotations

from steinlab.theory.behaviour.germs import End, Germ, Point, germ
from steinlab.theory.behaviour.kinks import divides_its_jump
from steinlab.theory.behaviour.points import singular_points, zeros
from steinlab.theory.behaviour.scales import ONE, UnknownBehaviour, X, compare, constant_sign
from steinlab.theory.errors import InputError
from steinlab.theory.integrals.line import converges, on_a_line
from steinlab.theory.links.ring import Sum, constant, sign_atoms
from steinlab.theory.verdicts import Verdict

_UNDECIDED = "g may be unbounded near a point"


def weak_derivative(u: Sum) -> tuple[Verdict, str]:
    """Whether a link that may be singular has a weak derivative, where it is a function h of one linear form; and why.

    A function on the line has one if and only if it is locally absolutely continuous, up to a null set. HOLDS where h has the
    same limit on both sides of every singular point and kink, and h' is integrable there by its germs; the sides of a kink at
    unknown points must agree. FAILS where h is unbounded next to a point, or its limits there differ. UNDECIDED otherwise. Kind:
    certified.

    >>> from steinlab.theory.language.link_reader import read
    >>> from steinlab.theory.language.parsing import parse
    >>> [weak_derivative(read(parse(t)))[0].value for t in ("sin(z1)/z1", "abs(z1)**(-1/4)", "tanh(z1)/abs(z1)", "sin(1/z1)")]
    ['holds', 'fails', 'fails', 'undecided']
    """
    try:
        line = on_a_line(u)
        return (Verdict.UNDECIDED, _UNDECIDED) if line is None else _on_the_line(line[0], line[2])
    except (InputError, UnknownBehaviour):  # no germ is known, or a field is too large
        return Verdict.UNDECIDED, _UNDECIDED


def _on_the_line(h: Sum, name: str) -> tuple[Verdict, str]:
    singular = singular_points(h)
    doubtful, points = not singular.complete, list(singular.found)
    for kink in sign_atoms(h):
        known = zeros(kink.argument)
        points += known.found if known.complete else ()
        doubtful = doubtful or not (known.complete or divides_its_jump(h, kink))
    for point in dict.fromkeys(points):
        left, right = (germ(h, End(point, side)) for side in (-1, 1))
        if any(side.below is not None and compare(side.below, ONE) == 1 for side in (left, right)):
            return Verdict.FAILS, f"g is unbounded near {name} = {point}"
        limits = [_limit(side) for side in (left, right)]
        gap = None if limits[0] is None or limits[1] is None else limits[1] - limits[0]
        if gap is not None and constant_sign(gap):
            return Verdict.FAILS, f"g jumps at {name} = {point}"
        doubtful = doubtful or gap is None or not gap.is_zero or not _has_integrable_slope(h, point)
    if doubtful:
        return Verdict.UNDECIDED, _UNDECIDED
    return Verdict.HOLDS, "g has the same limit on both sides of its singular points, and its slope is integrable there"


def _limit(u: Germ) -> Sum | None:
    """The limit of a germ; None where it has none that is known."""
    if u.is_small:
        return constant(0)
    if ONE not in u.terms or any(compare(m, ONE) != -1 for m in (*u.terms, *u.rest) if m != ONE) or ONE in u.rest:
        return None
    return u.terms[ONE]


def _has_integrable_slope(h: Sum, point: Point) -> bool:
    """Whether h' is integrable next to the point t: with x = 1/|z - t| the measure dz is dx/x², that is 1/x times dx/x."""
    slopes = [germ(h.derivative(0), End(point, side)) for side in (-1, 1)]
    return all(converges(m * X ** constant(-1)) for slope in slopes for m in slope.above)
