"""Sums as functions of balls, at real and complex points.

Comparisons have three values: `certain_sign` is None where a ball holds zero or is not finite. Functions own FLINT's `analytic`
flag: log and fractional powers return a non-finite ball where they are not analytic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, prod
from typing import TypeAlias

from flint import acb, acb_poly, arb

from steinlab.theory.budget import priced
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import exact_fraction, kept_balls, working_precision
from steinlab.theory.links.functions import FUNCTIONS, bound_of
from steinlab.theory.links.ring import ENERGY, Atom, Product, Sum, factor_order, fix_signs, outer_atoms, product_order

Function: TypeAlias = Callable[[Sequence[acb], bool], acb]
"""A function of a complex point; with the flag set it is not finite unless it is analytic on the whole ball."""


HORNER_TERMS = 8
"""A polynomial in one variable of more terms is evaluated by Horner's rule."""
MAX_DERIVATIVES = 60
"""Most derivatives of a polynomial, itself included, by which it is evaluated on wide balls."""
WIDE = arb(2) ** -20
NUMBER_BITS = (53, 212)
"""Accuracies in bits at which the sign of a number in closed form is looked for."""


_GUARD = 32
"""Working bits beyond these."""


def certain_sign(ball: arb) -> int | None:
    """1, -1, or 0 for the exact number zero; None where the ball does not decide."""
    if not ball.is_finite():
        return None
    return 1 if ball > 0 else -1 if ball < 0 else 0 if ball.is_zero() else None


def fraction_ball(x: Fraction) -> arb:
    return arb(x.numerator) / x.denominator


Bounds: TypeAlias = Callable[[Sum], tuple[Number | None, Number | None]]
"""Exact numbers between which a sum lies everywhere, None for no bound: wide balls are cut to them."""


@dataclass(frozen=True)
class Evaluation:
    """Sums as functions at the current precision.

    `signs` fixes sign atoms; others take the sign of the real part. `means` holds the values of expectations.
    """

    bounds: Bounds
    signs: Mapping[Atom, int] | None = None
    means: Mapping[Atom, arb] | None = None

    def sum(self, u: Sum) -> Function:
        """u as a function; where its ball holds zero, by the factors b - f in it, for functions f with a bound b to tend to."""
        plain = self._sum(u)
        distances, rest = self._distances(fix_signs(u, self.signs) if self.signs else u)
        if not distances:
            return plain
        others = self._sum(rest)

        def value(x: Sequence[acb], analytic: bool) -> acb:
            near = plain(x, analytic)
            if near.is_finite() and not near.contains(0):
                return near
            total = others(x, analytic)
            for distance, e in distances:
                total *= distance(x, analytic) ** e
            return total if total.is_finite() else near

        return value

    def _distances(self, u: Sum) -> tuple[list[tuple[Function, int]], Sum]:
        """([(|b - f|, e)], v) with u = v Π |b - f|^e, for the bounds b of functions f that tend to them."""
        found: list[tuple[Function, int]] = []
        for atom in outer_atoms(u):
            row = FUNCTIONS.get(atom.name)
            outer = None if row is None else row.distance
            if row is None or outer is None or row.high is None:
                continue
            for side in (1, -1):  # of an odd function: high - f(v), and f(v) - low = high - f(-v)
                e = 0
                while (left := _divided(u, atom, row.high * side)) is not None:
                    u, e = left * -side, e + 1
                if e:
                    found.append((_distance(self.sum(atom.argument), outer, side), e))
        return found, u

    def _sum(self, u: Sum) -> Function:
        if len(u.terms) > HORNER_TERMS and u.is_polynomial and len(u.variables) == 1:
            return _compile_polynomial(u)
        # in a fixed order, so that rounding does not depend on how the sum came about
        terms = [(acb(u.terms[p].ball()), p) for p in sorted(u.terms, key=product_order)]
        factors = {factor: self._factor(*factor) for _, p in terms for factor in p}
        if sum(len(p) for _, p in terms) >= 2 * len(factors):
            return _sharing(terms, factors)
        alone = [(c, _product([factors[factor] for factor in p])) for c, p in terms]

        def value(x: Sequence[acb], analytic: bool) -> acb:
            total = acb(0)
            for c, f in alone:
                total += c * f(x, analytic)
            return total

        return value

    def product(self, p: Product) -> Function:
        return _product([self._factor(atom, e) for atom, e in p])

    def _factor(self, atom: Atom, e: Fraction) -> Function:
        whole = int(e) if e.denominator == 1 else 0
        if atom.name == "z":
            index = atom.index
            return (lambda x, _: x[index]) if whole == 1 else (lambda x, _: x[index] ** whole)
        if atom.name == "unknown":
            return lambda _, __: acb(arb("nan"))
        if atom.name in ("pi", "E", ENERGY):
            known = arb.pi() if atom.name == "pi" else self.means[atom] if self.means is not None else None
            assert known is not None, f"no value for {atom}"
            # the complex type has whole powers by multiplication; the real one is not finite on balls that hold negative numbers
            fixed = acb(known) ** whole if whole else acb(known ** fraction_ball(e))
            return lambda x, _: fixed
        if atom.name == "sign" and self.signs is not None and atom in self.signs:
            side = acb(self.signs[atom])
            return lambda x, _: side
        # what cancels on one side of a kink cancels exactly
        argument = fix_signs(atom.argument, self.signs) if self.signs else atom.argument
        if argument.is_zero and atom.name == "base" and e > 0:
            return lambda x, _: acb(0)
        inner = self._within_bounds(atom, self._centred(argument, self.sum(argument)))
        if atom.name == "base":
            return _compile_power(inner, e)
        outer = self._bounded_exponential(atom) or FUNCTIONS[atom.name].ball
        if whole == 1:
            return lambda x, analytic: outer(inner(x, analytic), analytic)
        return lambda x, analytic: outer(inner(x, analytic), analytic) ** whole

    def _bounded_exponential(self, atom: Atom) -> Callable[[acb, bool], acb] | None:
        """exp of something bounded above that may be minus infinity on a ball, such as -1/z²: there from 0 to the exact bound."""
        high = self.bounds(atom.argument)[1] if atom.name == "exp" and not atom.argument.is_polynomial else None
        if high is None:
            return None
        largest = interval(arb(0), high.ball().exp().upper())
        return lambda v, analytic: v.exp() if analytic or v.is_finite() else acb(largest)

    def _centred(self, u: Sum, inner: Function) -> Function:
        """A polynomial of several variables, on wide balls by Taylor's formula at the middle: terms add before they widen."""
        if not (u.is_polynomial and len(u.variables) > 1 and u.degree > 1):
            return inner
        variables = sorted(u.variables)
        found: dict[tuple[int, ...], Sum] = {(): u}
        work: list[tuple[int, ...]] = [()]
        while work:
            path = work.pop()
            for i in variables:
                slope = found[path].derivative(i)
                if (not path or i >= path[-1]) and not slope.is_zero:
                    found[(*path, i)] = slope
                    work.append((*path, i))
        if len(found) > MAX_DERIVATIVES:
            return inner
        derivatives = [
            (path, self.sum(slope), fraction_ball(Fraction(1, prod(factorial(path.count(i)) for i in set(path)))))
            for path, slope in found.items()
        ]

        def value(x: Sequence[acb], analytic: bool) -> acb:
            if not any(x[i].real.rad() > WIDE or x[i].imag.rad() > WIDE for i in variables):
                return inner(x, analytic)
            middle = [acb(z.real.mid(), z.imag.mid()) for z in x]
            steps = [z - m for z, m in zip(x, middle, strict=True)]
            total = acb(0)
            for path, f, weight in derivatives:
                term = f(middle, analytic) * weight
                for i in path:
                    term *= steps[i]
                total += term
            return total

        return value

    def _within_bounds(self, atom: Atom, inner: Function) -> Function:
        """The argument of exp, log or a power, at real points cut to exact bounds on it: wide balls overestimate."""
        if atom.name not in ("exp", "log", "base") or len(atom.variables) < 2:
            return inner
        low, high = _ends(self.bounds(atom.argument))
        if low is None and high is None:
            return inner

        def value(x: Sequence[acb], analytic: bool) -> acb:
            v = inner(x, analytic)
            if analytic or not (v.is_finite() and all(z.imag.is_zero() for z in x)):
                return v
            real = v.real
            if low is not None and not real > low:
                real = interval(low, real.upper().max(low))
            if high is not None and not real < high:
                real = interval(real.lower().min(high), high)
            return acb(real)

        return value


def _divided(u: Sum, atom: Atom, b: Fraction) -> Sum | None:
    """The quotient of u, a polynomial in the atom f, by f - b; None where there is a remainder."""
    if len(u.terms) < 2:
        return None
    rows: dict[Product, dict[int, Number]] = {}
    for product, c in u.terms.items():
        e = next((e for other, e in product if other is atom), Fraction(0))
        rows.setdefault(tuple(factor for factor in product if factor[0] is not atom), {})[int(e)] = c
    out: dict[Product, Number] = {}
    for others, row in rows.items():
        carry = Number.of(0)
        for k in range(max(row), 0, -1):  # Horner's rule, whose last step is the remainder
            carry = carry * b + row.get(k, Number.of(0))
            if carry:
                power = ((atom, Fraction(k - 1)),) if k > 1 else ()
                out[tuple(sorted((*others, *power), key=factor_order))] = carry
        if carry * b + row.get(0, Number.of(0)):
            return None
    return Sum(out)


def _distance(inner: Function, outer: Callable[[acb], acb], side: int) -> Function:
    """high - f(side·v) at v = inner(x), real balls by their ends: it decreases in side·v."""

    def value(x: Sequence[acb], analytic: bool) -> acb:
        v = inner(x, analytic) * side
        if v.imag.is_zero() and v.is_finite():
            return acb(outer(acb(v.real.upper())).real.union(outer(acb(v.real.lower())).real))
        return outer(v)

    return value


def _ends(bounds: tuple[Number | None, Number | None]) -> tuple[arb | None, arb | None]:
    low, high = bounds
    return None if low is None else low.ball().lower(), None if high is None else high.ball().upper()


def _product(factors: Sequence[Function]) -> Function:
    def value(x: Sequence[acb], analytic: bool) -> acb:
        out = acb(1)
        for f in factors:
            out *= f(x, analytic)
        return out

    return factors[0] if len(factors) == 1 else value


def _sharing(terms: Sequence[tuple[acb, Product]], factors: Mapping[tuple[Atom, Fraction], Function]) -> Function:
    """A sum of products, each factor evaluated once at a point: derivatives of tanh(tanh(z)) have few in hundreds of terms."""
    places = {factor: i for i, factor in enumerate(factors)}
    numbered = [(c, [places[factor] for factor in p]) for c, p in terms]

    def value(x: Sequence[acb], analytic: bool) -> acb:
        known = [f(x, analytic) for f in factors.values()]
        total = acb(0)
        for c, held in numbered:
            term = known[held[0]] if len(held) == 1 else acb(1)
            for i in held if len(held) > 1 else ():
                term *= known[i]
            total += c * term
        return total

    return value


@kept_balls(200)
def _compile_polynomial(u: Sum) -> Function:
    """A polynomial in one variable by Horner's rule, its coefficients rounded to the current precision."""
    (i,) = u.variables
    p = acb_poly([acb(c.canonical.ball()) for c in u.univariate])
    return lambda x, _: p(x[i])


def _compile_power(inner: Function, e: Fraction) -> Function:
    if e.denominator == 1:
        whole = int(e)
        return lambda x, analytic: inner(x, analytic) ** whole
    if e == Fraction(-1, 2):
        return lambda x, analytic: inner(x, analytic).rsqrt(analytic=analytic)
    exponent = acb(fraction_ball(e))

    def value(x: Sequence[acb], analytic: bool) -> acb:
        v = inner(x, analytic)
        if e > 0 and not analytic and v.imag.is_zero() and v.real.contains(0) and v.is_finite():
            return acb(interval(arb(0), v.real.abs_upper() ** fraction_ball(e)))  # the base is nowhere negative
        return v.sqrt(analytic=analytic) if e == Fraction(1, 2) else v.pow(exponent, analytic=analytic)

    return value


def real_value(f: Function, point: Sequence[arb]) -> arb:
    """An enclosure of the real function f on a box of real balls."""
    value = f([acb(x) for x in point], False)
    return value.real if value.is_finite() else arb("nan")


def interval(low: arb, high: arb) -> arb:
    """The smallest convenient ball that holds [low, high]."""
    return low.union(high)


def _no_bounds(_: Sum) -> tuple[None, None]:
    """No exact bounds on a sum: a constant needs none."""
    return None, None


CONSTANT_BITS = (64, 256)
"""Precisions at which a constant is bounded away from zero."""


@priced(2_000)
def constant_bounds(u: Sum) -> tuple[Fraction, Fraction] | None:
    """Rational numbers on either side of a constant in closed form, of its sign if a ball excludes zero. Kind: certified."""
    if any(atom.name in ("E", ENERGY) for product in u.terms for atom, _ in product):
        return None
    found = None
    for bits in CONSTANT_BITS:
        with working_precision(bits):
            ball = real_value(Evaluation(_no_bounds).sum(u), [])
            with suppress(OverflowError):  # too large or too small to be a fraction
                found = (exact_fraction(ball.lower()), exact_fraction(ball.upper())) if ball.is_finite() else found
            if certain_sign(ball) in (1, -1):
                break
    return found


def number_side(u: Sum) -> int | None:
    """The sign of a number in closed form, such as sin(1), where a ball or a strict bound excludes zero, as in 1 - erf(20)."""
    if u.number is not None:
        return u.number.sign() or None
    if any(atom.name in ("E", ENERGY, "unknown") for product in u.terms for atom, _ in product):
        return None
    for bits in NUMBER_BITS:
        with working_precision(bits + _GUARD):
            side = certain_sign(real_value(Evaluation(_no_bounds).sum(u), []))
        if side is not None:
            return side
    return strict_side(u)


def strict_side(u: Sum) -> int | None:
    """The sign that u has everywhere, where its number c is at least as large as all bounds on the other terms together.

    One of these terms must hold an increasing function, which attains no bound: |u - c| < |c|. No ball is needed, however close
    to zero u comes. Kind: exact.

    >>> from steinlab.theory.links.ring import apply, constant
    >>> erf = apply("erf", constant(20))
    >>> strict_side(1 - erf), strict_side(erf**2 * 3 - 3), strict_side(1 - 2 * erf), strict_side(1 - apply("sin", constant(1)))
    (1, -1, None, None)
    """
    lead = u.terms.get(())
    if lead is None:
        return None
    spread, attained = Number.of(0), True
    for product, c in u.terms.items():
        size = abs(c)
        for atom, e in product:
            top = bound_of(atom.name)
            if top is None or e < 0 or e.denominator != 1:
                return None
            size = size * top ** int(e)
            attained = attained and not FUNCTIONS[atom.name].increasing
        spread = spread + size if product else spread
    return None if attained or spread > abs(lead) else lead.sign()
