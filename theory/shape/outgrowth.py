"""Does a link grow at most polynomially, everywhere: next to its singular points and far out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from steinlab.theory.behaviour.germs import End, germ, is_bounded_near
from steinlab.theory.behaviour.growth import product_growth
from steinlab.theory.behaviour.points import singular_points
from steinlab.theory.behaviour.scales import LOGARITHMS, ONE, Scale, UnknownBehaviour, X, compare, leading_power
from steinlab.theory.errors import InputError
from steinlab.theory.integrals.arrangements import along_form, split_by_forms
from steinlab.theory.integrals.line import on_a_line
from steinlab.theory.links.ranges import may_be_singular, quadratic_minimum
from steinlab.theory.links.ring import Product, Sum, constant, sign_atoms, variable
from steinlab.theory.links.zero_sets import is_nonzero

_OFFSETS = (Fraction(1, 3), Fraction(-1, 2), Fraction(2, 5))
_LINES = ((1, (1, 1)), (1, (1, -1)), (1, (1, 0)), (1, (0, 1)), (0, (2, 3)), (0, (3, -2)))
"""Lines z_i = scale·offset + slope y along which an outgrowth is looked for, the slopes repeated over the variables."""


_BOUNDED = "g is bounded next to its singular points, and by powers far out"


@dataclass(frozen=True)
class Outgrowth:
    """Whether a link exceeds every C (1 + |z|)^k somewhere: True, False, or None where neither is proved; and why."""

    outgrown: bool | None
    reason: str


def outgrowth(u: Sum) -> Outgrowth:
    """Whether no bound |u| <= C (1 + |z|)^k holds everywhere. Kind: certified.

    >>> from steinlab.theory.language.link_reader import read
    >>> from steinlab.theory.language.parsing import parse
    >>> [outgrowth(read(parse(t))).outgrown for t in ("exp(z1*z2/4)", "log(abs(z1 - z2))", "tanh(z1)*log(1 + exp(z1*z2))")]
    [True, True, False]
    """
    try:
        line = on_a_line(u)
        if line is not None:
            return _on_the_line(line[0], line[2])
        if all(map(_is_tame, u.terms)):
            return Outgrowth(False, _BOUNDED)
        return _along_lines(u)
    except InputError as error:  # outside the fields or sizes that are supported
        return Outgrowth(None, str(error))


MAX_POWER = 64
"""Highest power by which the growth of a link is bounded."""


def power_on_the_line(u: Sum) -> int | None:
    """A least k with |u| <= C (1 + |y|)^k, for a function of one linear form y that is bounded next to its singular points.

    The hypothesis is that `outgrowth` proved it to grow by powers. None for other functions, and where no k is found. Kind:
    certified.

    >>> from steinlab.theory.language.link_reader import read
    >>> from steinlab.theory.language.parsing import parse
    >>> [power_on_the_line(read(parse(t))) for t in ("sin(z1)/z1", "z1**3*tanh(z1 - 2)/(1 + abs(z1))", "sinh(z1)*exp(-abs(z1))")]
    [0, 2, 0]
    """
    line = on_a_line(u)
    if line is None:
        return None
    try:
        sizes = [m for side in (1, -1) for m in germ(line[0], End(None, side)).above]
    except (UnknownBehaviour, InputError):
        return None
    return next((k for k in range(MAX_POWER + 1) if all(compare(m, X ** constant(k)) in (-1, 0) for m in sizes)), None)


def _on_the_line(h: Sum, name: str) -> Outgrowth:
    points = singular_points(h)
    doubt = "" if points.complete else "the points where a divisor or a logarithm is singular were not all found"
    near = [point for point in points.found if not is_bounded_near(h, point)]
    for end in (*(End(point, side) for point in near for side in (1, -1)), End(None, 1), End(None, -1)):
        try:
            here = germ(h, end)
        except UnknownBehaviour as error:
            doubt = doubt or f"as {name} tends to {end}: {error}"
            continue
        if here.below is not None and _exceeds(here.below, end):
            if end.point is not None:
                return Outgrowth(True, f"g is unbounded near {name} = {end}")
            size = here.below.written(f"abs({name})", 1)
            return Outgrowth(True, f"g grows at least like {size} as {name} tends to {end}: an exponential dominates")
        if not all(_exceeds(m, end) is False for m in here.above):
            doubt = doubt or f"as {name} tends to {end} no bound on g was proved"
    return Outgrowth(None, doubt) if doubt else Outgrowth(False, _BOUNDED)


def _exceeds(m: Scale, end: End) -> bool | None:
    """Whether a scale is unbounded next to a point, or larger than every power far out."""
    size = compare(m, ONE)
    if end.point is not None or size != 1:
        return None if size is None else size == 1
    lead = leading_power(m)
    if lead is None:
        return None
    beyond = compare(lead[0], LOGARITHMS[0])
    return None if beyond is None else beyond == 1


def _is_tame(product: Product) -> bool:
    """Whether a product is certainly bounded by powers, factor by factor."""
    along, exponent, wide = split_by_forms(product)
    if not exponent.is_polynomial or quadratic_minimum(-exponent) is None:
        return False
    if any(_on_the_line(along_form(u, form), "").outgrown is not False for form, u in along.items()):
        return False
    return not any(may_be_singular(p) or not product_growth(p).is_polynomial for factor in wide for p in factor.terms)


def _along_lines(u: Sum) -> Outgrowth:
    """An outgrowth on a line on which u is continuous but for isolated points is one of u."""
    order = sorted(u.variables)
    doubt = "no bound on g by powers was proved, and no line was found on which it outgrows them"
    for scale, slopes in _LINES:
        line = {i: variable(0) * slopes[k % 2] + _OFFSETS[k % len(_OFFSETS)] * scale for k, i in enumerate(order)}
        try:
            h = u.substitute(line)
            continuous = all(is_nonzero(kink.argument.substitute(line)) for kink in sign_atoms(u))
        except InputError:  # a divisor or the argument of a logarithm is zero all along it
            continue
        if not continuous:
            continue
        found = _on_the_line(h, "y") if h.variables else None
        if found is not None and found.outgrown:
            along = ", ".join(str(slopes[k % 2]) for k in range(len(order)))
            return Outgrowth(True, f"on a line y -> z of direction ({along}): {found.reason}")
    return Outgrowth(None, doubt)
