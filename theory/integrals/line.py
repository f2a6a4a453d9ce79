"""Is a function of one linear form, or of the length of a vector, integrable under the Gaussian? Decided by its germs.

They are taken at every point where a divisor or the argument of a logarithm may vanish, and at both infinities.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from steinlab.theory.behaviour.germs import End, germ, is_bounded_near
from steinlab.theory.behaviour.points import singular_points
from steinlab.theory.behaviour.scales import (
    LOGARITHMS,
    ONE,
    Scale,
    UnknownBehaviour,
    X,
    compare,
    constant_sign,
    exponential,
    leading_power,
)
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.coordinates import forms, span
from steinlab.theory.links.ring import (
    Sum,
    constant,
    variable,
)


@dataclass(frozen=True)
class Integrability:
    """Whether E|u|^p is finite: True, False, or None where neither is proved; and why, or what is in the way."""

    finite: bool | None
    reason: str


@dataclass(frozen=True)
class Weight:
    """N(0, variance) on the line; or the law of the length of a vector of independent such variables."""

    variance: Number = field(default_factory=lambda: Number.of(1))
    dimension: int = 1

    def integrand(self, m: Scale, end: End) -> Scale:
        """m times the density, as a multiple of dx/x."""
        if end.point is None:
            square = {X ** constant(2): constant(self.variance.inverse() * Fraction(-1, 2))}
            return m * X ** constant(self.dimension) * exponential(square)
        return m * X ** constant(-self.at(end))

    def at(self, end: End) -> int:
        """The number of dimensions in which the end is a point."""
        return self.dimension if end.point == constant(0) else 1


def on_a_line(u: Sum) -> tuple[Sum, Number, str] | None:
    """(h, variance, name) with u = h(y) for one linear form y ~ N(0, variance) of that name; None for other functions."""
    order = sorted(u.variables)
    if order == [0]:
        return u, Number.of(1), "z1"
    basis = span(forms(u), order)
    if len(basis) != 1:
        return None
    (row,) = basis
    lead = next(k for k, c in enumerate(row) if c)
    images = {i: constant(0) for i in order} | {order[lead]: variable(0) * row[lead].inverse()}
    variance = sum((c * c for c in row), Number.of(0))
    return u.substitute(images), variance, _name(dict(zip(order, row, strict=True)))


def _name(form: dict[int, Number]) -> str:
    return str(sum((variable(i) * c for i, c in form.items()), constant(0)))


def along_the_line(u: Sum, p: int, weight: Weight, name: str) -> Integrability:
    points = singular_points(u)
    ends = [End(point, side) for point in points.found if not is_bounded_near(u, point) for side in (1, -1)]
    doubt = "" if points.complete else "the points where a divisor or a logarithm is singular were not all found"
    for end in (*ends, End(None, 1), End(None, -1)):
        try:
            here = germ(u, end)
            if here.below is not None and converges(weight.integrand(here.below ** constant(p), end)) is False:
                return Integrability(False, growth_text(here.below, end, name, weight, p))
            if not all(converges(weight.integrand(m ** constant(p), end)) for m in here.above):
                doubt = doubt or f"as {name} tends to {end} no bound on it is known that is integrable to the power {p}"
        except (UnknownBehaviour, InputError) as error:
            doubt = doubt or f"as {name} tends to {end}: {error}"
    return Integrability(None, doubt) if doubt else Integrability(True, "its germs at every singular point and at infinity")


def growth_text(m: Scale, end: End, name: str, weight: Weight, p: int) -> str:
    """Where and how fast a function grows that is not integrable, and what to write instead."""
    if end.point is None:
        size = m.written(name if name.startswith("|") else f"abs({name})", 1)
        squared = f"({name})**2" if " " in name else f"{name}**2"
        most = (weight.variance * (2 * p)).inverse()
        return f"it grows at least like {size} as {name} tends to {end}; exp(c*{squared}) needs c < {most}"
    distance = name if name.startswith("|") else f"abs({name} - {end.point})" if end.point != constant(0) else f"abs({name})"
    lead = leading_power(m)
    power_like = lead is not None and lead[0] == LOGARITHMS[0]
    remedy = f"use an exponent above -{Fraction(weight.at(end), p)}" if power_like else f"write 1 + {distance} in its place"
    return f"it grows at least like {m.written(distance, -1)} near {name} = {end}; {remedy}"


def converges(n: Scale) -> bool | None:
    """Whether ∫^∞ n dx/x is finite; None where that is not certified.

    >>> [converges(X ** constant(e) * LOGARITHMS[0] ** constant(b)) for e, b in ((-1, 9), (0, 2), (0, -1), (0, -2))]
    [True, False, False, True]
    """
    if n == ONE:
        return False
    lead = leading_power(n)
    if lead is None:
        return None
    m, side = lead
    size = compare(m, LOGARITHMS[1])
    if size is None or size == 1:  # in the variable log x the integrand is an exponential, or smaller than every power
        return None if size is None else side < 0
    if size == -1:
        return False
    beyond = constant_sign(dict(n.powers)[m] + 1)
    if beyond == 0:
        return False if n * LOGARITHMS[0] == ONE else None
    return None if beyond is None else beyond < 0
