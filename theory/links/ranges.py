"""Exact ranges of links: numbers that a sum nowhere falls below or exceeds, and what follows for divisors and logarithms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations
from math import ceil, frexp, isfinite, lcm, prod
from typing import NamedTuple

from flint import arb

from steinlab.theory.budget import priced
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import exact_fraction, working_precision
from steinlab.theory.exact.univariate import count_real_roots, squarefree_factors
from steinlab.theory.links.balls import NUMBER_BITS, Evaluation, constant_bounds, real_value
from steinlab.theory.links.factors import beside_a_square
from steinlab.theory.links.functions import FUNCTIONS, bound_of
from steinlab.theory.links.logistic import two_exponentials
from steinlab.theory.links.ring import (
    Atom,
    Product,
    Sum,
    apply,
    constant,
    fix_signs,
    from_atom,
    is_monomial,
    leading_coefficient,
    outer_atoms,
    variable,
)


class Range(NamedTuple):
    """Exact numbers with low <= u <= high everywhere; None for no bound."""

    low: Number | None
    high: Number | None


_CLOSE_BITS = 40
"""Relative accuracy of a rational bound on a root or a logarithm."""


_REACH = 24
"""How far from zero, in quarters, a function is looked at for its least value."""
_TINY = 2.0**-60
"""Functions that come closer to zero are not taken to be positive."""
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
    found = _by_sides(u, cases, settled)
    high = _raised(-u, None if found.high is None else -found.high, cases)
    return Range(_raised(u, found.low, cases), None if high is None else -high)


def _raised(u: Sum, low: Number | None, cases: int) -> Number | None:
    """A lower bound on u that is at least `low`: one that is positive is left as it is."""
    if len(u.terms) < 2 or u.is_polynomial or (low is not None and low.sign() > 0):
        return low
    bounds = [low, _floor_of_functions(u), _floor_beside_logarithm(u, cases), _floor_of_magnitudes(u)]
    kinks = [atom for atom in outer_atoms(u) if atom.name == "sign" and not atom.argument.is_affine] if cases else []
    if len(kinks) <= MAX_CASES:
        bounds += [_floor_beside_magnitude(u, kink, cases - 1) for kink in kinks]
    return max((x for x in bounds if x is not None), default=None)


def _floor_beside_magnitude(u: Sum, kink: Atom, cases: int) -> Number | None:
    """A number that u = w + k |v| nowhere falls below, k > 0 and v the argument of the kink: |v| is at least v, 0 and -v."""
    v = kink.argument
    plus, minus = (fix_signs(u, {kink: side}) for side in (1, -1))
    w, part = (plus + minus) * Fraction(1, 2), (plus - minus) * Fraction(1, 2)
    k = leading_coefficient(part) / leading_coefficient(v)
    if len(v.terms) < 2 or k.sign() <= 0 or part != v * k:
        return None
    lows = [_range(w + v * (k * t), cases, frozenset()).low for t in (0, 1, -1)]
    return max((x for x in lows if x is not None), default=None)


def _floor_of_magnitudes(u: Sum) -> Number | None:
    """A number below u, the terms gathered by their factors other than signs: f sign(f) is nowhere negative, however written."""
    parts: dict[Product, Sum] = {}
    for product, c in u.terms.items():
        f = tuple(factor for factor in product if factor[0].name != "sign")
        signs = Sum({tuple(factor for factor in product if factor[0].name == "sign"): c})
        parts[f] = parts.get(f, constant(0)) + signs
    if len(parts) == len(u.terms):
        return None
    lows: list[Number | None] = []
    for f, signs in parts.items():
        size = (apply("sign", Sum({f: Number.of(1)})) * signs).number if f and len(signs.terms) > 1 else None
        terms = (signs * Sum({f: Number.of(1)})).terms.items()
        lows += [Number.of(0)] if size is not None and size.sign() >= 0 else [_term_range(p, c).low if p else c for p, c in terms]
    return _total(lows)


def _floor_beside_logarithm(u: Sum, cases: int) -> Number | None:
    """A number that u = w + k log(e^h + r e^{-h}) ± k h nowhere falls below, k > 0, such as one with log(1 + e^z) in it."""
    for product, k in u.terms.items():
        parts = two_exponentials(product[0][0].argument) if product and product[0][0].name == "log" else None
        if parts is None or len(product) > 1 or product[0][1] != 1 or k.sign() < 0 or not parts.is_centred:
            continue
        for side, least in ((1, _below(parts.ratio, arb.log)), (-1, Fraction(0))):  # log(e^{2h} + r), log(1 + r e^{-2h})
            line = parts.half * (k * side)
            if all(u.terms.get(p) == c for p, c in line.terms.items() if any(atom.variables for atom, _ in p)):
                low = _range(u - line - Sum({product: k}), cases, frozenset()).low
                if low is not None:
                    return low + k * least
    return None


def _floor_of_functions(u: Sum) -> Number | None:
    """A number that u nowhere falls below, as a polynomial in functions that stand for variables; None where none is found.

    Exponentials of sums with rational coefficients are powers of a few, and sines and cosines are written as the squares and
    products that they may come from. Terms that share no function are bounded apart.
    """
    atoms = sorted({atom for product in u.terms for atom, _ in product}, key=lambda atom: atom.order)
    exponentials = _generators([atom.argument for atom in atoms if atom.name == "exp"])
    angles = _angles({atom.argument for atom in atoms if atom.name in ("sin", "cos")})
    if exponentials is None or any(atom.name == "sign" or not atom.variables for atom in atoms):
        return None
    functions: dict[Atom, int] = {}

    def named(atom: Atom) -> Sum:
        return variable(functions.setdefault(atom, len(functions)))

    def image(atom: Atom, side: int) -> Sum:
        if atom.name == "exp":
            return prod((named(factor) ** k for factor, k in exponentials[atom.argument]), start=constant(1))
        parts = angles.get(atom.argument)
        if parts is None:
            return named(atom)
        (sine, cosine), (other_sine, other_cosine) = ([named(Atom.get(name, a)) for name in ("sin", "cos")] for a in parts[:2])
        if atom.name == "sin":
            return sine * other_cosine + cosine * other_sine * parts[2]
        if parts[0] == parts[1]:
            return cosine**2 * 2 - 1 if side > 0 else 1 - sine**2 * 2
        return cosine * other_cosine - sine * other_sine * parts[2]

    parts: list[Sum] = []
    fixed = Number.of(0)
    for product, c in u.terms.items():
        term = constant(c)
        for atom, e in product:
            if e.denominator != 1 or e < 0:
                return None
            term = term * image(atom, c.sign()) ** int(e)
        fixed = fixed + term.terms.get((), Number.of(0))
        term = term - term.terms.get((), Number.of(0))
        touched = [part for part in parts if part.variables & term.variables]
        parts = [*(part for part in parts if part not in touched), sum(touched, term)]
    names = list(functions)

    def least(product: Product, c: Number) -> Number | None:
        return _term_range(tuple((names[x.index], e) for x, e in product), c).low

    return _total([fixed, *(polynomial_floor(p, least) for p in parts if p.terms)])


def _angles(found: set[Sum]) -> dict[Sum, tuple[Sum, Sum, int]]:
    """{a + side·b: (a, b, side)} of angles that products of waves at a and b have made: 2a, 2b and the two of these."""
    halves = sorted((a * Fraction(1, 2) for a in found), key=lambda a: a.order_text)
    mixed = found.difference(halves)
    made = {a + b * side: (a, b, side) for a, b in permutations(halves, 2) for side in (1, -1) if a + b * side in mixed}
    sources = [a for a in halves if a in found or any(a in parts[:2] for parts in made.values())]
    return made | {a * 2: (a, a, 1) for a in sources}


def _generators(exponents: Sequence[Sum]) -> dict[Sum, list[tuple[Atom, int]]] | None:
    """Each exponential e^a, by its exponent a, as a product of powers k >= 0 of exponentials of single terms."""
    rates: dict[Product, list[Number]] = {}
    for a in exponents:
        for product, c in a.terms.items():
            rates.setdefault(product, []).append(c)
    units: dict[Product, Number] = {}
    for product, found in rates.items():
        ratios = [c / found[0] for c in found]
        if not all(r.is_rational and r.sign() > 0 for r in ratios):
            return None
        units[product] = found[0] / lcm(*(r.fraction.denominator for r in ratios))
    return {
        a: [(Atom.get("exp", Sum({p: units[p]})), int((c / units[p]).fraction)) for p, c in a.terms.items()] for a in exponents
    }


def _by_sides(u: Sum, cases: int, settled: frozenset[int]) -> Range:
    """Bounds term by term, and on either side of kinks where terms have none."""
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
        branches.append(_by_sides(fix_signs(u, {kink: side}).substitute({i: image}), cases - 1, settled | {i}))
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


def polynomial_floor(p: Sum, least: Callable[[Product, Number], Number | None] | None = None) -> Number | None:
    """A number that a polynomial nowhere falls below, by completing squares in variables of degree 2; None where none is found.

    A z² + B z + C >= C - B²/(4A) for a number A > 0; where that does not help, c v² + r >= r for a number c > 0. What is left
    must be a polynomial of one linear form, or have terms that are bounded: a number and even powers with positive coefficients,
    or as `least` says. Kind: exact, not tight.

    >>> z1, z2, z3 = variable(0), variable(1), variable(2)
    >>> [str(polynomial_floor(p)) for p in ((z1 * z2 + z3) ** 2 + z1**4 + 3, (z1 + z2) ** 4, (z1**2 - z2**2) ** 2 + 1)]
    ['3', '0', '1']
    """
    work = p
    while True:
        alone = _of_one_form(work)
        floor = None if alone is None else _floor_on_a_line(alone)
        if alone is not None and (floor is not None or least is None):
            return floor
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
    lowest = least or (lambda product, c: _term_range(product, c).low)
    floor = _total([lowest(product, c) if product else c for product, c in work.terms.items()])
    squared = beside_a_square(p) if floor is None else None
    return polynomial_floor(squared[1], least) if squared is not None and squared[0].sign() > 0 else floor


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
    if len(known) == 3:
        return known[0] - known[1] * known[1] / (known[2] * 4)
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
        elif atom.name == "base" and atom.variables:
            high = value_range(atom.argument).high
            bounded = bounded and high is not None
            size = size if high is None or high <= 1 else size * high ** ceil(e)
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
    """Whether u is positive everywhere, bounded below by a positive number, a sum of exponentials, or as `kept_distance` says."""
    return is_positive(u) or kept_distance(u) is not None or positive_floor(u) is not None


def kept_distance(u: Sum) -> tuple[Number, Sum] | None:
    """(c, v) with u >= c e^{-v} > 0, for u = c |b - f(w)|, b a bound of an increasing function f; None for other sums. Exact.

    >>> [str(x) for x in kept_distance(3 - 3 * apply("erf", variable(0)))]
    ['3', '1 + z1**2 + z1*sign(z1)']
    """
    c = u.terms.get((), Number.of(0))
    varying = [(product, d) for product, d in u.terms.items() if product]
    if len(varying) != 1 or len(varying[0][0]) != 1 or c.sign() <= 0:
        return None
    ((((atom, e),), d),) = varying
    row = FUNCTIONS.get(atom.name)
    if row is None or row.depth is None or row.high is None or e != 1 or abs(d) * row.high != c:
        return None
    return abs(d), row.depth(atom.argument * -d.sign())


def positive_floor(u: Sum) -> Number | None:
    """A positive number that u nowhere falls below; None where none is proved. Kind: certified."""
    low = value_range(u).low
    return low if low is not None and low.sign() > 0 else _below_its_least(u)


def ceiling(u: Sum) -> Number | None:
    """A number that u nowhere exceeds, 0 by the sign of a function of one variable; None where none is known. Certified."""
    high = value_range(u).high
    alone = high is None and len(u.variables) == 1 and not u.is_polynomial
    return Number.of(0) if alone and apply("sign", u) == constant(-1) else high


@priced(2_000)
def _below_its_least(u: Sum) -> Number | None:
    """A power of 2 below the values of a function of one variable at some points, where it is proved to be so everywhere."""
    if len(u.variables) != 1 or len(u.terms) < 2 or u.is_polynomial:
        return None
    f = Evaluation(value_range).sum(u)
    values = [real_value(f, [arb(k) / 4] * (max(u.variables) + 1)) for k in range(-_REACH, _REACH + 1)]
    if not all(value > 0 and value < 1 / arb(_TINY) for value in values):
        return None
    least = min(float(value.lower()) for value in values)
    floor = Number.of(Fraction(2) ** (frexp(least)[1] - 2))
    return floor if least > _TINY and apply("sign", u - floor) == constant(1) else None


def may_be_singular(product: Product, roots: bool = False) -> bool:
    """Whether a divisor or the argument of a logarithm (with `roots`, of any root) may come close to zero, anywhere."""
    for atom, e in product:
        if atom.is_variable or not atom.variables:
            continue
        limited = atom.name == "log" or (atom.name == "base" and (e < 0 or roots))
        if (limited and not is_bounded_away(atom.argument)) or any(may_be_singular(p, roots) for p in atom.argument.terms):
            return True
    return False
