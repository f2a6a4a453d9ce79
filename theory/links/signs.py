"""The sign of a link: exact ranges of sums, and sign(u) in normal form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from flint import arb, fmpq_poly

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, exact_fraction, working_precision
from steinlab.theory.exact.univariate import count_real_roots, squarefree_factors
from steinlab.theory.links.squares import square_part
from steinlab.theory.links.symbolic import (
    BOUNDED,
    MAX_SPLITS,
    Atom,
    Product,
    Sum,
    along_line,
    apply,
    breakpoints,
    constant,
    fix_signs,
    from_atom,
    is_monomial,
    leading_coefficient,
    logarithm,
    polynomial,
    power,
    split,
    variable,
)


@dataclass(frozen=True)
class Range:
    """Exact numbers with low <= u <= high everywhere; None for no bound."""

    low: Number | None
    high: Number | None


NUMBER_BITS = (53, 212)
"""Accuracies in bits at which the sign of a number in closed form is looked for."""
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
        from steinlab.theory.links.logistic import two_exponentials

        parts = two_exponentials(u)
        if parts is not None and parts.middle.is_zero:  # c (e^h + r e^{-h}) >= 2c sqrt(r)
            return Range(parts.scale * 2 * _below(parts.ratio, arb.sqrt), None)
    fixed = Sum({p: c for p, c in u.terms.items() if p and not any(atom.variables for atom, _ in p)})
    if fixed.terms:
        from steinlab.theory.links.enclosures import constant_bounds

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


def sign(u: Sum) -> Sum:
    """sign(u) in normal form: signs of affine functions, and of what could not be taken apart.

    Equal almost everywhere on {u != 0}; 1 or -1, whichever is simpler, may stand for it where u = 0 (see `zero_sets`).
    """
    kinks = [atom for product in u.terms for atom, _ in product if atom.name == "sign"]
    if kinks and len(u.terms) > 1:
        side = _certain_side(u)
        if side is not None:
            return constant(side)
        ordered = breakpoints(set(kinks), u.variables)
        if ordered is not None:
            return along_line(ordered, u, sign)
        distinct = sorted(set(kinks), key=lambda atom: atom.order)
        if len(distinct) <= MAX_SPLITS:
            return split(distinct[0], u, sign)
    if u.is_zero:
        return constant(0)
    if not u.variables and u.number is None:
        side = _number_side(u)
        if side is not None:
            return constant(side)
    factors, rest = content(u)
    out = constant(1)
    for atom, e in factors:
        if e % 2 or e.denominator != 1:
            out = out * _atom_sign(atom)
    value = rest.number
    if value is not None:
        return out * value.sign()
    side = _certain_side(rest)
    if side is not None:
        return out * side
    squared = square_part(rest)
    if squared is not None:
        return out * sign(squared[0])
    compared = _comparison(rest)
    if compared is not None:
        return out * sign(compared)
    scaled = _scaled(rest)
    if scaled is not None:
        return out * scaled
    sloped = _by_slope(rest)
    if sloped is not None:
        return out * sloped
    if rest.is_polynomial and len(rest.variables) == 1:
        return out * _polynomial_sign(rest)
    return out * _normal_sign(rest)


def _certain_side(u: Sum) -> int | None:
    """1 where u >= 0 everywhere, -1 where u <= 0 everywhere; zeros are allowed."""
    bounds = value_range(u)
    if bounds.low is not None and bounds.low.sign() >= 0:
        return 1
    return -1 if bounds.high is not None and bounds.high.sign() <= 0 else None


def _number_side(u: Sum) -> int | None:
    """The sign of a number in closed form, such as sin(1), where a ball excludes zero."""
    from steinlab.theory.integrals.quadrature import enclosure
    from steinlab.theory.links.enclosures import certain_sign

    if u.number is not None:
        return u.number.sign() or None
    if any(atom.name in ("E", "unknown") for product in u.terms for atom, _ in product):
        return None
    return next((side for bits in NUMBER_BITS if (side := certain_sign(enclosure(u, bits))) is not None), None)


def rising(constants: Sequence[Sum]) -> list[Sum] | None:
    """Different constants in rising order; None where a comparison is not proved."""
    out: list[Sum] = []
    for u in constants:
        sides = [_number_side(v - u) for v in out]
        if None in sides:
            return None
        out.insert(sum(side == -1 for side in sides), u)
    return out


def _comparison(u: Sum) -> Sum | None:
    """A v of the sign of u, for u = c (f(a) - f(b)), f increasing: v = c (a - b). For odd f also f(a) + f(b) = f(a) - f(-b).

    A number beside exp or tanh is one of its values: e^a - q e^b has the sign of a - b - log q, tanh(a) - q that of a - artanh q.
    """
    if len(u.terms) != 2 or not all(len(p) <= 1 and all(e == 1 for _, e in p) for p in u.terms):
        return None
    (first, c), (second, d) = sorted(((p[0][0] if p else None, c) for p, c in u.terms.items()), key=lambda term: term[0] is None)
    if first is None or first.name not in ("tanh", "erf", "exp"):
        return None
    if first.name == "exp" and (second is None or second.name == "exp"):
        if c.sign() == d.sign():
            return None
        other = constant(0) if second is None else second.argument
        return (first.argument - other - logarithm(constant(-d / c))) * c.sign()
    if second is None:
        q = -d / c
        if first.name == "tanh" and -1 < q < 1:
            return (first.argument - logarithm(constant((1 + q) / (1 - q))) * Fraction(1, 2)) * c.sign()
        return None
    if first.name != second.name:
        return None
    if c == -d:
        return (first.argument - second.argument) * c.sign()
    return (first.argument + second.argument) * c.sign() if c == d else None


def _scaled(u: Sum) -> Sum | None:
    """The sign of c z + d for a constant c such as π: ± that of z + d/c."""
    if len(u.variables) != 1:
        return None
    (i,) = u.variables
    parts = u.coefficients_in(i)
    if parts is None or max(parts) > 1 or parts[1].number is not None:
        return None
    side = _number_side(parts[1])
    root = parts.get(0, constant(0)) * power(parts[1] * side, Fraction(-1)) * side if side else None
    return None if side is None or root is None else _normal_sign(variable(i) + root) * side


def _by_slope(u: Sum) -> Sum | None:
    """The sign of a smooth function h of one linear form t with h(r) = 0 at a known r, on either side of which h' has one sign.

    There h has that sign for t > r, and the other for t < r: z - tanh(z) has the sign of z. A function that no ball tells from
    zero is left alone.
    """
    if u.is_polynomial or not u.variables or any(atom.name == "sign" for product in u.terms for atom, _ in product):
        return None
    from steinlab.theory.integrals.expectations import forms, span
    from steinlab.theory.links.growth import may_be_singular
    from steinlab.theory.shape.one_sign import sign_between

    variables = sorted(u.variables)
    basis = span(forms(u), variables)
    if len(basis) != 1 or any(may_be_singular(product, roots=True) for product in u.terms):
        return None
    weights = {i: w for i, w in zip(variables, basis[0], strict=True) if w}
    first = min(weights)  # of weight 1: an echelon form
    h = u.substitute({i: variable(0) if i == first else constant(0) for i in variables})
    inner = [
        atom.argument.coefficients_in(0) for product in h.terms for atom, _ in product if atom.variables and not atom.is_variable
    ]
    slopes = [(parts, parts[1].number) for parts in inner if parts is not None and parts.keys() <= {0, 1} and 1 in parts]
    places = [(parts.get(0, constant(0)) * -slope.inverse()).number for parts, slope in slopes if slope]
    for r in dict.fromkeys([Number.of(0), *(place for place in places if place is not None)]):
        if h.substitute({0: constant(r)}).is_zero and all(_number_side(h.substitute({0: constant(r + s)})) for s in (1, -1)):
            after, before = sign_between(h.derivative(0), r, None), sign_between(h.derivative(0), None, r)
            if after and before:
                form = sum((variable(i) * w for i, w in weights.items()), constant(-r))
                return (constant(after - before) + apply("sign", form) * (after + before)) * Fraction(1, 2)
    return None


def _roots_inside(h: Sum) -> Iterator[Number]:
    """The roots of the affine arguments of the functions in h, a function of z1."""
    for atom in sorted({atom for product in h.terms for atom, _ in product if atom.variables}, key=lambda atom: atom.order):
        parts = {} if atom.is_variable else atom.argument.coefficients_in(0) or {}
        slope = parts[1].number if parts.keys() <= {0, 1} and 1 in parts else None
        root = None if slope is None else (parts.get(0, constant(0)) * -slope.inverse()).number
        if root is not None:
            yield root


def _normal_sign(u: Sum) -> Sum:
    """The sign atom of u scaled to leading coefficient 1."""
    lead = leading_coefficient(u)
    return from_atom(Atom.get("sign", u * lead.inverse())) * lead.sign()


def _atom_sign(atom: Atom) -> Sum:
    if atom.name in ("exp", "pi", "base"):
        return constant(1)
    if atom.name in ("tanh", "erf"):
        return apply("sign", atom.argument)
    if atom.name == "log":
        return apply("sign", atom.argument - 1)
    return from_atom(atom) if atom.name == "sign" else _normal_sign(from_atom(atom))


def _polynomial_sign(p: Sum) -> Sum:
    """The sign of a polynomial in one variable: a product of signs of its factors that change sign."""
    (i,) = p.variables
    coefficients = p.univariate
    out = constant(coefficients[-1].sign())
    for squarefree, multiplicity in squarefree_factors(coefficients):
        if multiplicity % 2 == 0:
            continue
        for factor in monic_factors(squarefree):
            if count_real_roots(factor):
                out = out * _normal_sign(polynomial(factor, i))
    return out


def monic_factors(p: list[Number]) -> list[list[Number]]:
    """Monic factors of a squarefree polynomial with real roots taken out where they are rational or quadratic."""
    pieces = [p]
    if all(c.is_rational for c in p):
        numerator = fmpq_poly([c.rational for c in p]).numer()
        pieces = [[Number.of(c) for c in factor.coeffs()] for factor, _ in numerator.factor()[1]]
    out: list[list[Number]] = []
    for piece in pieces:
        monic = [c / piece[-1] for c in piece]
        roots = _quadratic_roots(monic) if len(monic) == 3 else None
        out += [[-root, Number.of(1)] for root in roots] if roots else [monic]
    return out


def _quadratic_roots(p: list[Number]) -> list[Number] | None:
    c, b, _ = p
    discriminant = b * b - 4 * c
    if discriminant.sign() <= 0:
        return None
    try:
        root = discriminant.root(2)
    except InputError:  # a field too large: the factor stays as it is
        return None
    return [(-b - root) / 2, (-b + root) / 2]


def content(u: Sum) -> tuple[Product, Sum]:
    """The common factor of all terms, and what is left."""
    products = list(u.terms)
    common = dict(products[0])
    for product in products[1:]:
        exponents = dict(product)
        common = {atom: min(e, exponents[atom]) for atom, e in common.items() if atom in exponents}
    rest: dict[Product, Number] = {}
    for product, c in u.terms.items():
        left = tuple((atom, e - common.get(atom, 0)) for atom, e in product)
        rest[tuple((atom, e) for atom, e in left if e)] = c
    return tuple(common.items()), Sum(rest)


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
        if atom.name in BOUNDED:
            nonnegative = nonnegative and (e % 2 == 0 or paired)
        elif atom.name == "exp":
            top = value_range(atom.argument).high
            bounded = bounded and top is not None and top.sign() <= 0
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
    top = abs(c) * size
    if nonnegative:
        return Range(zero, top) if c.sign() > 0 else Range(-top, zero)
    return Range(-top, top)


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
