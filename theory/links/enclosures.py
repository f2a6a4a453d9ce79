"""Sums as certified functions: balls at real and complex points, and integrals of one variable with proof.

FLINT's balls are used through this module alone. Comparisons have three values: `certain_sign` is None where a ball holds zero or
is not finite. Integrands own FLINT's `analytic` flag: log and fractional powers return a non-finite ball where they are not
analytic, and `sign` is a constant on each piece between its breakpoints, so that every integrand is analytic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import product as cartesian
from math import factorial, prod
from typing import TypeAlias

from flint import acb, acb_poly, arb

from steinlab.theory.budget import charge, priced
from steinlab.theory.exact.numbers import Number, exact_fraction, kept_balls, working_precision
from steinlab.theory.exact.univariate import isolating_discs, squarefree_factors
from steinlab.theory.links.signs import value_range
from steinlab.theory.links.symbolic import Atom, Product, Sum, fix_signs, product_order

Function: TypeAlias = Callable[[Sequence[acb], bool], acb]
"""A function of a complex point; with the flag set it is not finite unless it is analytic on the whole ball."""


HORNER_TERMS = 8
"""A polynomial in one variable of more terms is evaluated by Horner's rule."""
MAX_DERIVATIVES = 60
"""Most derivatives of a polynomial, itself included, by which it is evaluated on wide balls."""
WIDE = arb(2) ** -20


def certain_sign(ball: arb) -> int | None:
    """1, -1, or 0 for the exact number zero; None where the ball does not decide."""
    if not ball.is_finite():
        return None
    return 1 if ball > 0 else -1 if ball < 0 else 0 if ball.is_zero() else None


def fraction_ball(x: Fraction) -> arb:
    return arb(x.numerator) / x.denominator


def compile_sum(u: Sum, signs: Mapping[Atom, int] | None = None, means: Mapping[Atom, arb] | None = None) -> Function:
    """u as a function at the current precision. `signs` fixes sign atoms; others take the sign of the real part."""
    if len(u.terms) > HORNER_TERMS and u.is_polynomial and len(u.variables) == 1:
        return _compile_polynomial(u)
    # in a fixed order, so that rounding does not depend on how the sum came about
    terms = [(acb(u.terms[p].ball()), compile_product(p, signs, means)) for p in sorted(u.terms, key=product_order)]

    def value(x: Sequence[acb], analytic: bool) -> acb:
        total = acb(0)
        for c, f in terms:
            total += c * f(x, analytic)
        return total

    return value


@kept_balls(200)
def _compile_polynomial(u: Sum) -> Function:
    """A polynomial in one variable by Horner's rule, its coefficients rounded to the current precision."""
    (i,) = u.variables
    p = acb_poly([acb(c.canonical.ball()) for c in u.univariate])
    return lambda x, _: p(x[i])


def compile_product(p: Product, signs: Mapping[Atom, int] | None = None, means: Mapping[Atom, arb] | None = None) -> Function:
    """A product as a function at the current precision."""
    factors = [_compile_factor(atom, e, signs, means) for atom, e in p]

    def value(x: Sequence[acb], analytic: bool) -> acb:
        out = acb(1)
        for f in factors:
            out *= f(x, analytic)
        return out

    return factors[0] if len(factors) == 1 else value


def _compile_factor(atom: Atom, e: Fraction, signs: Mapping[Atom, int] | None, means: Mapping[Atom, arb] | None) -> Function:
    whole = int(e) if e.denominator == 1 else 0
    if atom.name == "z":
        index = atom.index
        return (lambda x, _: x[index]) if whole == 1 else (lambda x, _: x[index] ** whole)
    if atom.name == "unknown":
        return lambda _, __: acb(arb("nan"))
    if atom.name in ("pi", "E"):
        known = arb.pi() if atom.name == "pi" else means[atom] if means is not None else None
        assert known is not None, f"no value for {atom}"
        # the complex type has whole powers by multiplication; the real one is not finite on balls that hold negative numbers
        fixed = acb(known) ** whole if whole else acb(known ** fraction_ball(e))
        return lambda x, _: fixed
    if atom.name == "sign" and signs is not None and atom in signs:
        side = acb(signs[atom])
        return lambda x, _: side
    argument = fix_signs(atom.argument, signs) if signs else atom.argument  # what cancels on one side of a kink cancels exactly
    if argument.is_zero and atom.name == "base" and e > 0:
        return lambda x, _: acb(0)
    inner = _within_range(atom, _centred(argument, compile_sum(argument, signs, means)))
    if atom.name == "sign":
        return lambda x, analytic: inner(x, analytic).real_sgn(analytic=analytic)
    if atom.name == "base":
        return _compile_power(inner, e)
    outer = _bounded_exponential(atom) or _OUTER[atom.name]
    if whole == 1:
        return lambda x, analytic: outer(inner(x, analytic), analytic)
    return lambda x, analytic: outer(inner(x, analytic), analytic) ** whole


def _bounded_exponential(atom: Atom) -> Callable[[acb, bool], acb] | None:
    """exp of something bounded above that may be minus infinity on a ball, such as -1/z²: there from 0 to the exact bound."""
    high = value_range(atom.argument).high if atom.name == "exp" and not atom.argument.is_polynomial else None
    if high is None:
        return None
    largest = interval(arb(0), high.ball().exp().upper())
    return lambda v, analytic: v.exp() if analytic or v.is_finite() else acb(largest)


def _centred(u: Sum, inner: Function) -> Function:
    """A polynomial of several variables, on wide balls by Taylor's formula at the middle, where terms add before they widen."""
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
        (path, compile_sum(slope), fraction_ball(Fraction(1, prod(factorial(path.count(i)) for i in set(path)))))
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


def _within_range(atom: Atom, inner: Function) -> Function:
    """The argument of exp, log or a power, at real points cut to an exact bound that is known for it: wide balls overestimate."""
    if atom.name not in ("exp", "log", "base") or len(atom.variables) < 2:
        return inner
    low, high = _bounds(atom.argument)
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


def _bounds(u: Sum) -> tuple[arb | None, arb | None]:
    bounds = value_range(u)
    low, high = bounds.low, bounds.high
    return None if low is None else low.ball().lower(), None if high is None else high.ball().upper()


_OUTER: dict[str, Callable[[acb, bool], acb]] = {
    "exp": lambda v, _: v.exp(),
    "sin": lambda v, _: v.sin(),
    "cos": lambda v, _: v.cos(),
    "tanh": lambda v, _: _hyperbolic_tangent(v),
    "erf": lambda v, _: v.erf(),
    "log": lambda v, analytic: v.log(analytic=analytic),
    "asin": lambda v, _: v.asin(),
}


def _hyperbolic_tangent(v: acb) -> acb:
    """tanh; far from the imaginary axis through e^{-2v}, which keeps wide balls bounded."""
    if v.real > 1:
        small = (-2 * v).exp()
        return 1 - 2 * small / (1 + small)
    if v.real < -1:
        small = (2 * v).exp()
        return 2 * small / (1 + small) - 1
    return v.tanh()


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


EVALUATION_STEPS = 0.5
"""Steps of work that an evaluation of an integrand counts."""
MAX_EVALUATIONS = 20_000
"""Most evaluations of an integrand of one variable: smooth ones take a few thousand at the highest accuracy."""


def integral(f: Callable[[acb, bool], acb], a: arb, b: arb, bits: int) -> arb:
    """∫_a^b f, certified; not finite where the integration did not converge.

    Aims at an error of 2^-bits, absolute or relative. f must return a non-finite ball where it is asked for analyticity and
    lacks it.
    """
    tolerance = arb(2) ** -bits
    count = 0

    def counted(z: acb, analytic: bool) -> acb:
        nonlocal count
        count += 1
        return f(z, analytic)

    value = acb.integral(counted, acb(a), acb(b), abs_tol=tolerance, rel_tol=tolerance, eval_limit=MAX_EVALUATIONS)
    charge(EVALUATION_STEPS * count)
    return value.real if value.is_finite() else arb("nan")


CONSTANT_BITS = (64, 256)
"""Precisions at which a constant is bounded away from zero."""


@priced(2_000)
def constant_bounds(u: Sum) -> tuple[Fraction, Fraction] | None:
    """Rational numbers on either side of a constant in closed form, of its sign if a ball excludes zero. Kind: certified."""
    if any(atom.name == "E" for product in u.terms for atom, _ in product):
        return None
    found = None
    for bits in CONSTANT_BITS:
        with working_precision(bits):
            ball = real_value(compile_sum(u), [])
            with suppress(OverflowError):  # too large or too small to be a fraction
                found = (exact_fraction(ball.lower()), exact_fraction(ball.upper())) if ball.is_finite() else found
            if certain_sign(ball) in (1, -1):
                break
    return found


def interval(low: arb, high: arb) -> arb:
    """The smallest convenient ball that holds [low, high]."""
    return low.union(high)


@priced(2_000)
def zeros(u: Sum, low: Fraction, high: Fraction, bits: int, limit: int = 20_000) -> tuple[tuple[Fraction, Fraction], ...] | None:
    """Disjoint rising intervals that hold every zero in [low, high] of a function of z1.

    Those of a polynomial by discs around its roots; else by bisection to width 2^-bits: an interval is dropped only where a ball
    excludes zero, that of the value or, where u has no kinks, that of the mean value form u(m) + u'(I)(I - m). None when `limit`
    evaluations do not suffice.
    """
    if u.is_polynomial and not u.is_zero:
        held = _near_roots(u.univariate, low, high, bits)
        if held is not None:
            return held
    with working_precision(4 * bits + 64):  # at a zero of third order values are as small as the cube of the width
        return _bisect(compile_sum(u), None if sign_atoms(u) else compile_sum(u.derivative(0)), low, high, bits, limit)


def _near_roots(p: list[Number], low: Fraction, high: Fraction, bits: int) -> tuple[tuple[Fraction, Fraction], ...] | None:
    """Disjoint rising intervals that hold the real roots of a polynomial in [low, high]; None where no discs isolate them."""
    charge(len(p) ** 2 / 4)
    found: list[tuple[Fraction, Fraction]] = []
    for squarefree, _ in squarefree_factors(p):
        discs = isolating_discs(tuple(squarefree), bits + 2)
        if discs is None:
            return None
        real = [disc.real for disc in discs if disc.imag.contains(0)]
        found += [(exact_fraction(x.lower()), exact_fraction(x.upper())) for x in real]
    merged: list[tuple[Fraction, Fraction]] = []
    for a, b in sorted(found):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        elif a <= high and b >= low:
            merged.append((a, b))
    return tuple(merged)


def _bisect(
    f: Function, slope: Function | None, low: Fraction, high: Fraction, bits: int, limit: int
) -> tuple[tuple[Fraction, Fraction], ...] | None:
    found: list[tuple[Fraction, Fraction]] = []
    stack = [(low, high)]
    width = Fraction(1, 2**bits)
    while stack:
        a, b = stack.pop()
        limit -= 1
        charge(EVALUATION_STEPS)
        if limit < 0:
            return None
        middle = (a + b) / 2
        here = interval(fraction_ball(a), fraction_ball(b))
        if certain_sign(real_value(f, [here])) in (1, -1):
            continue
        if slope is not None:
            m = fraction_ball(middle)
            if certain_sign(real_value(f, [m]) + real_value(slope, [here]) * (here - m)) in (1, -1):
                continue
        if b - a <= width:
            if found and found[-1][1] == a:
                found[-1] = (found[-1][0], b)
            else:
                found.append((a, b))
            continue
        stack += [(middle, b), (a, middle)]
    return tuple(found)


def sign_atoms(u: Sum) -> list[Atom]:
    """The sign atoms in a sum and inside its functions, innermost first."""
    out: list[Atom] = []
    for atom in sorted({atom for product in u.terms for atom, _ in product}, key=lambda atom: atom.order):
        if not atom.is_variable and atom.variables:
            out += [kink for kink in sign_atoms(atom.argument) if kink not in out]
            if atom.name == "sign" and atom not in out:
                out.append(atom)
    return out


def negative_point(u: Sum) -> tuple[Fraction, ...] | None:
    """A point where u is certainly negative, with a neighbourhood; None when a coarse search finds none."""
    size = max(u.variables, default=-1) + 1
    if not 1 <= size <= 3:
        return None
    grid = [Fraction(k, 2) for k in (-1, 1, -3, 3, -7, 7, -13, 13)]
    with working_precision(64):
        f = compile_sum(u)
        for point in cartesian(grid, repeat=size):
            if certain_sign(real_value(f, [fraction_ball(x) + arb(0, 1e-3) for x in point])) == -1:
                return point
    return None
