"""Integrals of one variable up to a point at which the integrand is singular, with a proved bound on what is left out.

Next to a point t the integrand is written in w = |z - t|, so that what vanishes at t vanishes as a form. With w = v^k the
integral is computed down to a tiny w, and below that the integrand is at most C w^{-a} (-log w)^b with numbers C, a, b that hold
on the whole interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, factorial, lcm

from flint import acb, arb, ctx

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.links.balls import Function, certain_sign, fraction_ball, interval, real_value
from steinlab.theory.links.cases import settle
from steinlab.theory.links.enclosures import compile_sum, integral
from steinlab.theory.links.functions import FUNCTIONS
from steinlab.theory.links.ranges import value_range
from steinlab.theory.links.ring import Atom, Sum, absolute, constant, sign_atoms, variable

MAX_STRETCH = 400
"""Highest k in w = v^k."""
_START = 40
"""w = 2^-start is where the bound is looked for first, to learn its exponents."""
_GUARD = 24
"""Bits by which what is left out is smaller than the accuracy asked for, up to the size of the bound."""
_WIDE = 20
"""Balls of fewer bits than this are wide."""
_ORDER = 6
"""Highest order of a zero that is looked for."""


class NoBound(Exception):
    """No bound of the form C w^{-a} (-log w)^b was found."""


@dataclass(frozen=True)
class LocalBound:
    """|u(w)| <= size · w^{-order} (-log w)^logs for 0 < w <= 1/e, as far as the interval goes on which it was found."""

    size: arb
    order: arb
    logs: arb

    def __mul__(self, other: LocalBound) -> LocalBound:
        return LocalBound(self.size * other.size, self.order + other.order, self.logs + other.logs)

    def __add__(self, other: LocalBound) -> LocalBound:
        return LocalBound(self.size + other.size, _larger(self.order, other.order), _larger(self.logs, other.logs))

    def __pow__(self, e: arb) -> LocalBound:
        """Hypothesis: e >= 0."""
        return LocalBound(self.size**e, self.order * e, self.logs * e)

    def integral(self, width: arb) -> arb:
        """A bound on ∫_0^width, not finite for a >= 1: ∫_0^δ w^{-a} (-log w)^b dw = Γ(b+1, (1-a) log(1/δ))/(1-a)^{b+1}."""
        room = 1 - self.order
        if not (room > 0 and width < arb(1) / 3):
            return arb("nan")
        value = self.size * (-room * width.log()).gamma_upper(self.logs + 1) / room ** (self.logs + 1)
        return value.upper()


def _larger(a: arb, b: arb) -> arb:
    return arb(max(a.upper(), b.upper()))


def _bounded(size: arb) -> LocalBound:
    return LocalBound(size.upper(), arb(0), arb(0))


def toward(g: Sum, point: Sum, side: int, reach: arb, bits: int) -> arb:
    """∫ g(z) exp(-z²/2) dz over the z between point and point + side·reach; not finite where no bound is known.

    Hypothesis: no kink and no singular point lies between, ends excepted. Kind: certified.
    """
    try:
        u = g.substitute({0: variable(0) * side + point})
        sides = _sides(u, reach / 2)
        u = settle(u, sides)
        order = upper(u, _down_to(_START)).order
        if not order < 1:
            return arb("nan")
        parts = _powers(u)
        whole = lcm(*(p.denominator for p in parts))  # powers of w are whole powers of v, unless these were too high
        whole = whole if whole <= MAX_STRETCH else 1
        stretch = whole * ceil(1 / (whole * float((1 - order).lower())))
        if stretch > MAX_STRETCH:
            return arb("nan")
        depth = ceil((bits + _GUARD) / (stretch * float((1 - order).lower())))  # v = 2^-depth is where the integral begins
        left_out = upper(u, _down_to(stretch * depth)).integral(arb(2) ** (-stretch * depth))
    except (NoBound, InputError):
        return arb("nan")
    cancelled = max((_order_of_zero(rest)[0] for rest in parts.values() if len(rest.terms) > 1), default=0)
    small = min(stretch * depth, bits + _GUARD)  # below w = 2^-small the first term of Taylor's formula is as good as all
    with working_precision(ctx.prec + cancelled * small):  # where terms cancel down to w^m
        t = real_value(compile_sum(point), [])
        terms = [(_power_function(stretch * (p + 1) - 1), _compile(rest, sides, small)) for p, rest in parts.items()]

        def integrand(v: acb, analytic: bool) -> acb:
            w = v**stretch
            z = t + side * w
            total = acb(0)
            for power, f in terms:
                total += f([w], analytic) * power(v, analytic)
            return total * (-z * z / 2).exp() * stretch

        value = integral(integrand, arb(2) ** -depth, reach ** (arb(1) / stretch), bits)
    return value + arb(0, left_out)


def _power_function(e: Fraction) -> Callable[[acb, bool], acb]:
    """v^e at balls v, with FLINT's flag."""
    if e.denominator == 1:
        return lambda v, _: v ** int(e)
    exponent = acb(fraction_ball(e))
    return lambda v, analytic: v.pow(exponent, analytic=analytic)


def _compile(u: Sum, sides: dict[Atom, int], small: int) -> Function:
    """u as a function; where its terms cancel at zero, on wide balls and below w = 2^-small by w^m u^(m)(between 0 and w)/m!."""
    f = compile_sum(u, sides)
    m, slope = _order_of_zero(u) if len(u.terms) > 1 else (0, u)
    if not m:
        return f
    derivative, least = compile_sum(slope, sides), arb(2) ** -small

    def value(x: Sequence[acb], analytic: bool) -> acb:
        w = x[0]
        if w.rel_accuracy_bits() > _WIDE and w.abs_lower() > least:
            return f(x, analytic)
        return w**m * derivative([w.union(acb(0))], analytic) / factorial(m)

    return value


def _powers(u: Sum) -> dict[Fraction, Sum]:
    """{p: R_p} with u = Σ w^p R_p, for w = z1 > 0."""
    size = Atom.get("base", absolute(variable(0)))
    out: dict[Fraction, Sum] = {}
    for product, c in u.terms.items():
        p = sum((e for atom, e in product if atom.is_variable or atom is size), Fraction(0))
        rest = tuple((atom, e) for atom, e in product if not (atom.is_variable or atom is size))
        out[p] = out.get(p, constant(0)) + Sum({rest: c})
    return out


def _sides(u: Sum, at: arb) -> dict[Atom, int]:
    """The signs of all kinks at a point, innermost first."""
    out: dict[Atom, int] = {}
    for kink in sign_atoms(u):
        side = certain_sign(real_value(compile_sum(kink.argument, out), [at]))
        if side not in (1, -1):
            raise NoBound
        out[kink] = side
    return out


def _down_to(bits: int) -> arb:
    """The ball that holds 0 <= w <= 2^-bits."""
    return interval(arb(0), arb(2) ** -bits)


def upper(u: Sum, w: arb) -> LocalBound:
    """A bound on |u|, a function of w = z1 without kinks, for w > 0 in a ball at zero. NoBound where none is found."""
    out = None
    for p, rest in _powers(u).items():
        term = _upper_sum(rest, w) * LocalBound(arb(1), -fraction_ball(p), arb(0))
        out = term if out is None else out + term
    return _bounded(arb(0)) if out is None else out


def _upper_sum(u: Sum, w: arb) -> LocalBound:
    """The same by Taylor's formula, |u| <= max|u^(m)| w^m/m!, where terms cancel at zero; else term by term."""
    m, slope = _order_of_zero(u) if len(u.terms) > 1 else (0, u)
    size = abs(_value(slope, w)) if m else arb("nan")
    if size.is_finite():
        return LocalBound((size / factorial(m)).upper(), arb(-m), arb(0))
    out = _bounded(arb(0))
    for product, c in u.terms.items():
        term = _bounded(abs(c.ball()))
        for atom, e in product:
            term = term * _upper_factor(atom, e, w)
        out = term if out.size.is_zero() else out + term
    return out


def _order_of_zero(u: Sum) -> tuple[int, Sum]:
    """(m, the m-th derivative of u), the derivatives below the m-th being zero at zero as forms; m as large as they are."""
    slope = u
    for m in range(_ORDER):
        try:
            if not slope.substitute({0: constant(0)}).is_zero:
                return m, slope
        except InputError:  # not smooth there
            return 0, u
        slope = slope.derivative(0)
    return _ORDER, slope


def _value(u: Sum, w: arb) -> arb:
    return real_value(compile_sum(u), [w])


def _upper_factor(atom: Atom, e: Fraction, w: arb) -> LocalBound:
    power = fraction_ball(e)
    if atom.is_variable:
        return LocalBound(arb(1), -power, arb(0))
    if not atom.variables:
        return _bounded(abs(_value(Sum({((atom, e),): Number.of(1)}), arb(0))))
    if atom.name == "base":
        if e > 0:
            return upper(atom.argument, w) ** power
        size, order = lower(atom.argument, w)
        return LocalBound((size**power).upper(), -order * power, arb(0))
    if atom.name == "log":
        return _upper_logarithm(atom.argument, w) ** power
    if atom.name == "exp":
        return _upper_exponential(atom.argument, w)
    row = FUNCTIONS[atom.name]
    small = None if row.near_zero is None else upper(atom.argument, w)
    if row.near_zero is not None and small is not None and (row.bound is None or small.order < 0):
        return (_bounded(arb(row.near_zero)) * small) ** power
    if row.bound is None:
        raise NoBound
    return _bounded(fraction_ball(row.bound)) ** power


def _upper_logarithm(v: Sum, w: arb) -> LocalBound:
    value = _value(v, w)
    if certain_sign(value) == 1:
        return _bounded(abs(value.log()))
    above, (size, order) = upper(v, w), lower(v, w)
    total = abs(above.size.log()) + abs(above.order) + abs(above.logs) + abs(size.log()) + abs(order)
    return LocalBound(total.upper(), arb(0), arb(1))


def _upper_exponential(u: Sum, w: arb) -> LocalBound:
    out = _bounded(arb(1))
    for product, c in u.terms.items():
        term = Sum({product: c})
        value, high = _value(term, w), value_range(term).high
        logs = [atom for atom, e in product if atom.name == "log" and atom.variables and e == 1]
        rest = Sum({tuple((atom, e) for atom, e in product if atom not in logs): c})
        if value.is_finite():
            out = out * _bounded(value.exp())
        elif high is not None:
            out = out * _bounded(high.ball().exp())
        elif len(logs) == 1 and not rest.variables:  # v^c
            exponent = _value(rest, arb(0))
            side = certain_sign(exponent)
            if side is None:
                raise NoBound
            if side > 0:
                out = out * upper(logs[0].argument, w) ** exponent
            else:
                size, order = lower(logs[0].argument, w)
                out = out * LocalBound((size**exponent).upper(), -order * exponent, arb(0))
        else:
            raise NoBound
    return out


def lower(u: Sum, w: arb) -> tuple[arb, arb]:
    """(c, m) with u >= c w^m, c > 0, for w > 0 in a ball at zero, u positive there. NoBound where none is found."""
    value, floor = _value(u, w), value_range(u).low
    if certain_sign(value) == 1:
        return value.lower(), arb(0)
    if floor is not None and floor.sign() > 0:
        return floor.ball().lower(), arb(0)
    if len(u.terms) == 1:
        ((product, c),) = u.terms.items()
        size, order = abs(c.ball()).lower(), arb(0)
        for atom, e in product:
            factor = _lower_factor(atom, e, w)
            size, order = size * factor[0], order + factor[1]
        return size, order
    found = _by_derivatives(u, w)
    if found is not None:
        return found
    for product, c in u.terms.items():
        term = Sum({product: c})
        floors = [value_range(other).low for other in (u - term, term)]
        if all(floor is not None and floor.sign() >= 0 for floor in floors):
            return lower(term, w)
    raise NoBound


def _lower_factor(atom: Atom, e: Fraction, w: arb) -> tuple[arb, arb]:
    """The same for the absolute value of a factor."""
    if atom.name == "sign":
        return arb(1), arb(0)
    power = fraction_ball(e)
    value = abs(_value(Sum({((atom, e),): Number.of(1)}), w))
    if certain_sign(value) == 1:
        return value.lower(), arb(0)
    if atom.is_variable:
        return arb(1), power
    if atom.name == "base" and e < 0:
        above = upper(atom.argument, w)
        if not above.logs.is_zero():
            raise NoBound
        return (above.size**power).lower(), -above.order * power
    if atom.name == "base":
        size, order = lower(atom.argument, w)
        return (size**power).lower(), order * power
    found = _by_derivatives(Sum({((atom, Fraction(1)),): Number.of(1)}), w)
    if found is None:
        raise NoBound
    return (found[0] ** power).lower(), found[1] * power


def _by_derivatives(u: Sum, w: arb) -> tuple[arb, arb] | None:
    """|u| >= min|u^(m)| w^m/m! by Taylor's formula, where all derivatives below the m-th are zero at zero as forms."""
    m, slope = _order_of_zero(u)
    value = abs(_value(slope, w))
    return (value.lower() / factorial(m), arb(m)) if certain_sign(value) == 1 else None
