"""Exact ranges of links: numbers that a sum nowhere falls below or exceeds, and what follows for divisors and logarithms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import NamedTuple

from flint import arb

from steinlab.theory.exact.numbers import Number, exact_fraction, working_precision
from steinlab.theory.exact.univariate import count_real_roots, squarefree_factors
from steinlab.theory.links.balls import NUMBER_BITS, constant_bounds
from steinlab.theory.links.functions import bound_of
from steinlab.theory.links.logistic import two_exponentials
from steinlab.theory.links.symbolic import (
    Product,
    Sum,
    apply,
    constant,
    fix_signs,
    from_atom,
    is_monomial,
    leading_coefficient,
    variable,
)


class Range(NamedTuple):
    """Exact numbers with low <= u <= high everywhere; None for no bound."""

    low: Number | None
    high: Number | None


_CLOSE_BITS = 40
"""Relative accuracy of a rational bound on a root or a logarithm."""


MAX_CASES = 2
"""Most kinks on whose sides a range is looked for case by case."""


def value_range(u: Sum) -> Range:
    """Bounds on a sum: term by term, by completing squares in its quadratic part, and on either side of its kinks.

    Kind: exact, not tight.

    >>> z = variable(0)
    >>> str(value_range(z**2 + 2 + apply("sin", z)).low), str(value_range((z + z * apply("sign", z)) + 1).low)
    ('1', '1')
    """
    return _range(u, MAX_CASES, frozenset())


def _range(u: Sum, cases: int, settled: frozenset[int]) -> Range:
    whole = _termwise(u)
    if cases == 0 or (whole.low is not None and whole.high is not None):
        return whole
    kinks = {
        atom
        for product in u.terms
        for atom, _ in product
        if atom.name == "sign" and atom.argument.is_affine and not atom.variables <= settled
    }
    if not kinks:
        return whole
    kink = min(kinks, key=lambda atom: atom.order)
    i = max(kink.variables - settled)
    parts = kink.argument.coefficients_in(i)
    slope = parts[1].number if parts is not None else None
    if parts is None or slope is None:
        return whole
    branches = []
    for side in (1, -1):  # where the argument a z_i + b is side·|w|, z_i is (side·|w| - b)/a
        image = (variable(i) * apply("sign", variable(i)) * side - parts.get(0, constant(0))) * slope.inverse()
        branches.append(_range(fix_signs(u, {kink: side}).substitute({i: image}), cases - 1, settled | {i}))
    lows, highs = [b.low for b in branches], [b.high for b in branches]
    low = min((x for x in lows if x is not None), default=None) if None not in lows else None
    high = max((x for x in highs if x is not None), default=None) if None not in highs else None
    return Range(low if whole.low is None else whole.low, high if whole.high is None else whole.high)


def _termwise(u: Sum) -> Range:
    if len(u.terms) == 2:
        parts = two_exponentials(u)
        if parts is not None and parts.middle.is_zero:  # c (e^h + r e^{-h}) >= 2c sqrt(r)
            return Range(parts.scale * 2 * _below(parts.ratio, arb.sqrt), None)
    fixed = Sum({p: c for p, c in u.terms.items() if p and not any(atom.variables for atom, _ in p)})
    if fixed.terms:
        bounds = constant_bounds(fixed)
        varying = _termwise(u - fixed)
        if bounds is not None:
            return Range(*(None if x is None else x + y for x, y in zip((varying.low, varying.high), bounds, strict=True)))
    quadratic = Sum({p: c for p, c in u.terms.items() if is_monomial(p) and _degree(p) <= 2})
    rest = Sum({p: c for p, c in u.terms.items() if p not in quadratic.terms})
    low, high = quadratic_minimum(quadratic), quadratic_minimum(-quadratic)
    if high is not None:
        high = -high
    if low is None or high is None:  # a square may still be bounded together with terms of the rest, term by term
        termwise = [_term_range(p, c) for p, c in quadratic.terms.items()]
        low = _total([t.low for t in termwise]) if low is None else low
        high = _total([t.high for t in termwise]) if high is None else high
    ranges = [_term_range(p, c) for p, c in rest.terms.items()]
    lows, highs = [low, *(t.low for t in ranges)], [high, *(t.high for t in ranges)]
    powers = Sum({p: c for p, c in u.terms.items() if is_monomial(p)})
    if powers.degree > 2 and (None in lows or None in highs):  # terms that no bound holds alone, such as in (z1 z2 + z3)²
        others = [_term_range(p, c) for p, c in rest.terms.items() if not is_monomial(p)]
        floor, ceiling = polynomial_floor(powers), polynomial_floor(-powers)
        if None in lows:
            lows = [floor, *(t.low for t in others)]
        if None in highs:
            highs = [None if ceiling is None else -ceiling, *(t.high for t in others)]
    return Range(_total(lows), _total(highs))


def polynomial_floor(p: Sum) -> Number | None:
    """A number that a polynomial nowhere falls below, by completing squares in variables of degree 2; None where none is found.

    A z² + B z + C >= C - B²/(4A) for a number A > 0. What is left must be a polynomial of one linear form, or a number and even
    powers with positive coefficients. Kind: exact, not tight.

    >>> z1, z2, z3 = variable(0), variable(1), variable(2)
    >>> str(polynomial_floor((z1 * z2 + z3) ** 2 + z1**4 + 3)), str(polynomial_floor((z1 + z2) ** 4))
    ('3', '0')
    """
    work = p
    while True:
        alone = _of_one_form(work)
        if alone is not None:
            return _floor_on_a_line(alone)
        completed = []
        for i in work.variables:
            parts = work.coefficients_in(i)
            assert parts is not None, "a polynomial is polynomial in each variable"
            square = parts[2].number if max(parts) == 2 else None
            if square is not None and square.sign() > 0:
                slope = parts.get(1, constant(0))
                completed.append(parts.get(0, constant(0)) - slope * slope * (Fraction(1, 4) / square))
        simpler = min(completed, key=lambda q: (q.degree, len(q.terms), q.order_text), default=None)
        if simpler is None or simpler.degree > p.degree:
            break
        work = simpler
    bounds = [_term_range(product, c).low if product else c for product, c in work.terms.items()]
    return _total(bounds)


def _of_one_form(p: Sum) -> Sum | None:
    """p with all variables but one set to zero, where its derivatives are proportional; None otherwise. It has the same range."""
    if not p.variables:
        return None
    i = min(p.variables)
    slope = p.derivative(i)
    for j in p.variables - {i}:
        other = p.derivative(j)
        if other != slope * (leading_coefficient(other) / leading_coefficient(slope)):
            return None
    return p.substitute({j: constant(0) for j in p.variables if j != i})


def _floor_on_a_line(p: Sum) -> Number | None:
    """A rational number below a polynomial in one variable, proved by Sturm's theorem; its minimum where that is simple."""
    known = p.univariate
    if len(known) % 2 == 0 or known[-1].sign() < 0:
        return None
    values = [float(c) for c in known]
    import numpy as np  # not needed to read a link, and slow to load

    flat = np.polynomial.Polynomial(values)
    least = min((float(flat(t.real)) for t in flat.deriv().roots()), default=values[0])
    if not isfinite(least):
        return None
    guess = Fraction(least).limit_denominator(1_000)
    size = Fraction(max(1.0, abs(least)))
    for bound in (guess, Fraction(least) - size / 2**20, Fraction(least) - size):
        shifted = [known[0] - bound, *known[1:]]
        double = squarefree_factors(shifted)  # of even order: no change of sign
        if all(multiplicity % 2 == 0 or count_real_roots(factor) == 0 for factor, multiplicity in double):
            return Number.of(bound)
    return None


def quadratic_minimum(p: Sum) -> Number | None:
    """The least value of a polynomial of degree at most 2, by completing squares; None when it is unbounded below. Exact."""
    work = p
    while work.variables:
        i = min(work.variables)
        parts = work.coefficients_in(i)
        assert parts is not None, "a polynomial is polynomial in each variable"
        square, slope = parts.get(2, constant(0)).number, parts.get(1, constant(0))
        if square is None or square.sign() < 0 or (square.is_zero and not slope.is_zero):
            return None
        work = parts.get(0, constant(0))
        if square:
            work = work - slope * slope * (Fraction(1, 4) / square)
    return work.number


def _term_range(product: Product, c: Number) -> Range:
    """Bounds on c · product."""
    zero = Number.of(0)
    if len(product) == 1 and product[0][0].name == "log" and product[0][1] == 1:
        return _logarithm_range(product[0][0].argument, c)
    signs = {atom.argument: atom for atom, _ in product if atom.name == "sign"}
    nonnegative, size = True, Number.of(1)
    bounded = True
    for atom, e in product:
        if atom.name == "sign":
            continue
        paired = e % 2 == 1 and signs.pop(from_atom(atom), None) is not None  # |atom|^e
        top = bound_of(atom.name)
        if top is not None:
            nonnegative = nonnegative and (e % 2 == 0 or paired)
            size = size * top ** int(e)
        elif atom.name == "exp":
            high = value_range(atom.argument).high
            bounded = bounded and high is not None and high.sign() <= 0
        elif atom.name == "base" and e < 0:
            low = value_range(atom.argument).low
            bounded = bounded and low is not None and low >= 1
        elif atom.name in ("base", "pi"):
            bounded = False
        else:  # a variable, log or expectation
            nonnegative = nonnegative and (paired or (e % 2 == 0))
            bounded = False
    nonnegative = nonnegative and not signs
    if not bounded:
        if not nonnegative:
            return Range(None, None)
        return Range(zero, None) if c.sign() > 0 else Range(None, zero)
    most = abs(c) * size
    if nonnegative:
        return Range(zero, most) if c.sign() > 0 else Range(-most, zero)
    return Range(-most, most)


def _logarithm_range(v: Sum, c: Number) -> Range:
    """Bounds on c log v, by rational numbers below the logarithm of the least value of v."""
    low = value_range(v).low
    if low is None or low.sign() <= 0:
        return Range(None, None)
    floored = _below(low, arb.log)
    bound = c * (max(floored, Fraction(0)) if low >= 1 else floored)
    return Range(bound, None) if c.sign() > 0 else Range(None, bound)


def _below(x: Number, f: Callable[[arb], arb]) -> Fraction:
    """A fraction just below f(x) for x > 0, f defined there; the same whatever the precision of the work around it."""
    bits = NUMBER_BITS[0]
    while True:
        with working_precision(bits):
            value = f(x.ball())  # not finite where x is not told from zero
            if value.is_finite() and value.rel_accuracy_bits() >= _CLOSE_BITS:
                return exact_fraction(value.lower())
        bits *= 2


def _total(bounds: list[Number | None]) -> Number | None:
    total = Number.of(0)
    for bound in bounds:
        if bound is None:
            return None
        total = total + bound
    return total


def _degree(product: Product) -> int:
    return int(sum(e for _, e in product))


def is_positive(u: Sum) -> bool:
    """Whether u is a product of exponentials, powers of π and positive numbers."""
    known = all(atom.name in ("exp", "pi") for product in u.terms for atom, _ in product)
    return known and not u.is_zero and all(c.sign() > 0 for c in u.terms.values())


def is_bounded_away(u: Sum) -> bool:
    """Whether u is positive everywhere, bounded below by a positive number or a sum of exponentials."""
    low = value_range(u).low
    return is_positive(u) or (low is not None and low.sign() > 0)


def may_be_singular(product: Product, roots: bool = False) -> bool:
    """Whether a divisor or the argument of a logarithm (with `roots`, of any root) may come close to zero, anywhere."""
    for atom, e in product:
        if atom.is_variable or not atom.variables:
            continue
        limited = atom.name == "log" or (atom.name == "base" and (e < 0 or roots))
        if (limited and not is_bounded_away(atom.argument)) or any(may_be_singular(p, roots) for p in atom.argument.terms):
            return True
    return False
