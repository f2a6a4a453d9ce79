"""Functions of one variable far out: tanh and erf as their limits and exponentially small terms, and bounds on products there."""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import exact_fraction, working_precision
from steinlab.theory.links.balls import certain_sign, fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.functions import FUNCTIONS, bound_of
from steinlab.theory.links.ranges import positive_floor
from steinlab.theory.links.ring import Atom, Product, Sum, constant, from_atom

_BITS = 96
_CLOSE_BITS = 128
"""Accuracy in bits of a number that stands beside one in closed form."""


def limit_form(h: Sum, radius: int) -> Sum:
    """h for z >= radius with tanh and erf of affine functions as ±(1 - small), the small part in terms of exponentials.

    For u >= 0, 1 - tanh(u) = 2 e^{-2u} β and 1 - erf(u) = e^{-u²} β with some β in [0, 1] that depends on z; β is written as the
    square of a function with values in [-1, 1] that stands for it.
    """
    out = constant(0)
    for product, c in h.terms.items():
        term = constant(c)
        for atom, e in product:
            factor = Sum({((atom, e),): Number.of(1)})
            row = FUNCTIONS.get(atom.name)
            if row is not None and row.gap is not None and row.high is not None and is_line(atom.argument):
                side = _side(atom.argument, radius)
                if side:
                    u = atom.argument * side
                    share = from_atom(Atom.get("erf", from_atom(Atom.get(atom.name, u)))) ** 2
                    factor = ((constant(row.high) - row.gap(u) * share) * side) ** int(e)
            term = term * factor
        out = out + term
    return out


def is_line(u: Sum) -> bool:
    """Whether u is affine in z1, with constants such as π for coefficients."""
    parts = u.coefficients_in(0)
    return parts is not None and max(parts, default=0) <= 1


def _side(u: Sum, radius: int) -> int:
    """The sign of an affine u on z >= radius, 0 where it may change."""
    parts = u.coefficients_in(0) or {}
    slope, offset = parts.get(1, constant(0)), parts.get(0, constant(0))
    with working_precision(_BITS):
        at, rate = certain_sign(_ball_of(slope * radius + offset)), certain_sign(_ball_of(slope))
    return at if at is not None and at == rate else 0


def term_tail(product: Product, radius: int) -> arb | None:
    """A bound on |product| for z >= radius: powers of z times exp of a concave quadratic times bounded factors."""
    r = arb(radius)
    power, slope, size = arb(0), arb(0), arb(1)
    for atom, e in product:
        if atom.is_variable:
            power += fraction_ball(max(e, Fraction(0)))  # a negative power decreases alone
            size *= r ** int(e)
        elif atom.name == "exp":
            parts = atom.argument.coefficients_in(0)
            if parts is None or max(parts, default=0) > 2:
                return None
            a, b, c = (_ball_of(parts.get(k, constant(0))) for k in (2, 1, 0))
            if not (a < 0 or certain_sign(a) == 0):
                return None
            slope += 2 * a * r + b
            size *= (a * r * r + b * r + c).exp()
        elif atom.name in ("pi", "E") or not atom.variables:
            size *= abs(_ball_of(Sum({((atom, e),): Number.of(1)})))
        elif atom.name == "base" and e < 0:
            low = positive_floor(atom.argument)
            if low is None:
                return None
            size *= low.ball() ** fraction_ball(e)
        else:
            most = bound_of(atom.name)
            if most is None:
                return None
            size *= fraction_ball(most ** int(e))
    # log|product| is at most a concave function with this slope at the radius, and that function decreases from there on
    if power > 0 and not power / r + slope < 0:
        return None
    return size.upper() if slope <= 0 or power / r + slope < 0 else None


def _ball_of(u: Sum) -> arb:
    return real_value(compile_sum(u), [])


def below(x: Number) -> Fraction:
    """A rational number just below x, x itself where it is rational."""
    if x.is_rational:
        return x.fraction
    with working_precision(_BITS):
        return exact_fraction(x.ball().lower())


def beside(t: Sum, side: int) -> Number:
    """A constant where it is a number, else a rational number just above it (side 1) or below."""
    if t.number is not None:
        return t.number
    with working_precision(_CLOSE_BITS):
        ball = _ball_of(t)
        return Number.of(exact_fraction(ball.upper() if side > 0 else ball.lower()))
