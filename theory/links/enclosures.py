"""Sums as certified functions: balls cut to exact ranges, integrals of one variable with proof, and the search for zeros.

Integrands return a non-finite ball where they are asked for analyticity and lack it, and `sign` is a constant on each piece
between its breakpoints, so that every integrand is analytic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product as cartesian

from flint import acb, arb, ctx

from steinlab.theory.budget import charge, priced
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import exact_fraction, working_precision
from steinlab.theory.exact.univariate import isolating_discs, squarefree_factors
from steinlab.theory.links.balls import Evaluation, Function, certain_sign, fraction_ball, interval, real_value
from steinlab.theory.links.ranges import value_range
from steinlab.theory.links.ring import Atom, Product, Sum, sign_atoms


def compile_sum(u: Sum, signs: Mapping[Atom, int] | None = None, means: Mapping[Atom, arb] | None = None) -> Function:
    """u as a function at the current precision. `signs` fixes sign atoms; others take the sign of the real part."""
    return Evaluation(value_range, signs, means).sum(u)


def compile_product(p: Product, signs: Mapping[Atom, int] | None = None, means: Mapping[Atom, arb] | None = None) -> Function:
    """A product as a function at the current precision."""
    return Evaluation(value_range, signs, means).product(p)


EVALUATION_STEPS = 0.5
"""Steps of work that an evaluation of an integrand counts to a fact."""
ACTUAL_STEPS, _DEAR_BITS = 1.5, 1024
"""Steps of work for it in the reckoning of a whole report, at few bits; and the working bits at which it takes twice as many."""
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
    charge(EVALUATION_STEPS * count, ACTUAL_STEPS * count * (1 + ctx.prec / _DEAR_BITS))
    return value.real if value.is_finite() else arb("nan")


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
