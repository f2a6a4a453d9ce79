"""Functions of one variable that nowhere have the other sign between two points: proofs, by algebra first and then by balls."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from flint import arb

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.univariate import Coefficients, count_real_roots, divide, squarefree_factors, times, univariate_gcd
from steinlab.theory.links.balls import certain_sign, fraction_ball, interval, number_side, real_value
from steinlab.theory.links.cases import breakpoints
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.functions import FUNCTIONS, bound_of
from steinlab.theory.links.logistic import two_exponentials
from steinlab.theory.links.ranges import value_range
from steinlab.theory.links.ring import Atom, Product, Sum, apply, constant, fix_signs, from_atom, multiply, variable
from steinlab.theory.links.tails import below, beside, is_line, limit_form, term_tail

_BITS = 96
_RADII = (8, 32, 128)
"""|z| up to which balls are used, tried in this order until one term dominates the others beyond."""
_EVALUATIONS = 3_000
"""Most evaluations of one search with balls."""
_CLEARED = 12
"""Highest power of a tanh that is written over exponentials."""
_TERMS = 300
"""Most terms of a form that balls are put into."""

End: TypeAlias = Sum | None
"""An end of an interval, a constant such as log(2); None where it is infinite."""
Ends: TypeAlias = tuple[Number | None, Number | None]
"""Both ends of an open interval as numbers."""


def sign_between(h: Sum, low: End, high: End, by_normal_form: bool = True) -> int | None:
    """1 where h >= 0 on (low, high), -1 where h <= 0 there, 0 for the zero function; None where nothing is proved.

    An end that is None is infinite; h is analytic between the ends and at finite ones. By algebra (see `_by_algebra`), else by
    balls on an interval and, beyond it, a term that dominates the others. Without `by_normal_form`, that of the sign of h itself
    is not asked: it is what asks. Kind: certified.

    >>> z = variable(0)
    >>> t, g = apply("tanh", z), apply("exp", z * z * Fraction(-1, 2))
    >>> [sign_between(h, None, None) for h in (t**2 - t**4, 1 + g - z**2 * g, g - 1)]
    [1, 1, -1]
    >>> sign_between(z**3 - z, None, None), sign_between(z**3 - z, constant(1), None)
    (None, 1)
    """
    known = _by_algebra(h, low, high, by_normal_form)
    if known is None:
        side, rest = _without_factors(h, low, high)
        found = _by_balls(rest, low, high)
        known = None if found is None else side * found
    return known


def _by_algebra(h: Sum, low: End, high: End, by_normal_form: bool = True) -> int | None:
    """The sign without balls: factors are taken out, then exact ranges, sums of parts of one sign, one root or logarithm."""
    if h.is_zero:
        return 0
    for cleared in (True, False):  # denominators taken out join summands that were apart
        side, rest = _without_factors(h, low, high, cleared)
        if rest.number is not None:
            return side * rest.number.sign()
        found = next((found for way in _WAYS if (found := way(rest, low, high, by_normal_form))), None)
        if found is not None:
            return side * found
    return None


# -- factors


def _without_factors(h: Sum, low: End, high: End, cleared: bool = True) -> tuple[int, Sum]:
    """(sign of the factors that were taken out, what is left); denominators of some terms only are left in unless `cleared`."""
    side, rest = 1, h
    products = list(rest.terms)
    lowest = {atom: min(dict(p).get(atom, Fraction(0)) for p in products) for p in products for atom, _ in p}
    for atom, e in sorted(lowest.items(), key=lambda pair: pair[0].order):
        everywhere = cleared or all(atom in dict(p) for p in products)
        known = _factor_sign(atom, e, low, high) if e and everywhere else None
        if known is not None:
            side *= known
            rest = _divided(rest, atom, e)
    for atom in sorted({atom for product in rest.terms for atom, _ in product if atom.variables}, key=lambda atom: atom.order):
        rows = _rows_in(rest, atom)
        common: list[Number] = []
        for row in (rows or {}).values():
            common = univariate_gcd(common, row) if common else row
        known = _polynomial_sign(common, _range_of(atom, low, high)) if len(common) > 1 else None
        if rows is not None and known is not None:
            side *= known
            rest = _assembled({others: divide(row, common)[0] for others, row in rows.items()}, atom)
    return side, rest


def _divided(u: Sum, atom: Atom, e: Fraction) -> Sum:
    out = constant(0)
    for product, c in u.terms.items():
        powers = dict(product)
        powers[atom] = powers.get(atom, Fraction(0)) - e
        out = out + multiply(tuple((a, k) for a, k in powers.items() if k), ()) * c
    return out


def _factor_sign(atom: Atom, e: Fraction, low: End, high: End) -> int | None:
    """The sign of atom^e on the interval; None where it is not known."""
    row = FUNCTIONS.get(atom.name)
    if atom.name in ("pi", "base") or e % 2 == 0 or (row is not None and row.positive):
        return 1
    if not atom.variables:
        return certain_sign(_value(from_atom(atom))) or None
    if atom.is_variable:
        first, last = _around(low, high)
        return 1 if first is not None and first.sign() >= 0 else -1 if last is not None and last.sign() <= 0 else None
    if row is not None and row.root is not None:
        return sign_between(atom.argument - row.root, low, high) or None
    return None


def _rows_in(u: Sum, atom: Atom) -> dict[Product, list[Number]] | None:
    """{product of the others: its coefficients by powers of the atom}; None where a power is not whole."""
    rows: dict[Product, dict[int, Number]] = {}
    for product, c in u.terms.items():
        e = dict(product).get(atom, Fraction(0))
        if e.denominator != 1 or e < 0:
            return None
        rows.setdefault(tuple((a, k) for a, k in product if a is not atom), {})[int(e)] = c
    return {others: [row.get(k, Number.of(0)) for k in range(max(row) + 1)] for others, row in rows.items()}


def _assembled(rows: dict[Product, list[Number]], atom: Atom) -> Sum:
    out = constant(0)
    for others, row in rows.items():
        for k, c in enumerate(row):
            if c:
                out = out + multiply(others, ((atom, Fraction(k)),) if k else ()) * c
    return out


def _around(low: End, high: End) -> Ends:
    """The interval, with numbers for ends: a little outside of those that are none."""
    return None if low is None else beside(low, -1), None if high is None else beside(high, 1)


def _range_of(atom: Atom, low: End, high: End) -> Ends | None:
    """An open interval that holds the values of the atom: between its values at the ends where it is monotone."""
    if atom.is_variable:
        return _around(low, high)
    row = FUNCTIONS.get(atom.name)
    if row is None or row.low is None:
        return None
    least, most = Number.of(row.low), None if row.high is None else Number.of(row.high)
    if row.increasing and (low, high) != (None, None):
        side = sign_between(atom.argument.derivative(0), low, high)
        if side is not None:
            at_ends = [None if end is None else from_atom(atom).substitute({0: end}) for end in (low, high)]
            first, last = _around(*(at_ends if side >= 0 else reversed(at_ends)))
            return least if first is None else first, most if last is None else last
    side = None if row.root is None else sign_between(atom.argument - row.root, low, high)
    if side is not None:
        return (Number.of(0), most) if side >= 0 else (least, Number.of(0))
    return least, most


def _polynomial_sign(p: Coefficients, ends: Ends | None) -> int | None:
    """The sign of a polynomial on an open interval that holds none of its roots of odd order; None where it holds one."""
    if ends is None or len(p) > _TERMS:
        return None
    if ends == (None, None):
        odd = [factor for factor, multiplicity in squarefree_factors(p) if multiplicity % 2]
        return None if any(map(count_real_roots, odd)) else p[-1].sign()
    turned = _on_the_half_line(p, *ends)
    for factor, multiplicity in squarefree_factors(turned):
        bare = factor[1:] if factor[0].is_zero else factor
        squared = [c for k in bare for c in (k, Number.of(0))][:-1]  # positive roots are the squares of real ones
        if multiplicity % 2 and len(bare) > 1 and count_real_roots(squared):
            return None
    return turned[-1].sign()


def _on_the_half_line(p: Coefficients, low: Number | None, high: Number | None) -> list[Number]:
    """A polynomial with the sign at y > 0 that p has at the point of (low, high) which stands for y."""
    one = Number.of(1)
    if low is not None and high is not None:
        top, bottom = [low, high], [one, one]  # x = (low + high y)/(1 + y)
    elif low is not None:
        top, bottom = [low, one], [one]
    else:
        top, bottom = [high or Number.of(0), -one], [one]
    out, scale = [Number.of(0)], [one]
    for c in reversed(p):  # Horner's rule, times the denominator to the power of the degree
        out = _plus(times(out, top), [c * x for x in scale])
        scale = times(scale, bottom)
    while len(out) > 1 and out[-1].is_zero:
        out.pop()
    return out


def _plus(a: Sequence[Number], b: Sequence[Number]) -> list[Number]:
    zero = Number.of(0)
    return [(a[k] if k < len(a) else zero) + (b[k] if k < len(b) else zero) for k in range(max(len(a), len(b)))]


# -- ranges, summands and a square root


def _by_range(h: Sum, low: End, high: End, by_normal_form: bool = True) -> int | None:
    """By exact ranges of the terms, on the whole line or on a half-line that holds the interval."""
    candidates = [h, _with_squares(h)]
    for end, side in zip(_around(low, high), (1, -1), strict=True):
        if end is not None:  # z = end + side·w with w = |w| on the half-line
            half_line = variable(0) * apply("sign", variable(0)) * side + end
            candidates += [form.substitute({0: half_line}) for form in candidates[:2]]
    for form in candidates:
        bounds = value_range(form)
        if bounds.low is not None and bounds.low.sign() >= 0:
            return 1
        if bounds.high is not None and bounds.high.sign() <= 0:
            return -1
    return None


def _with_squares(h: Sum) -> Sum:
    """h with f(u)² written as 1 - s, |f| <= 1, for a bound on its range: s = 1 - f(u)² lies in [0, 1].

    The stand-in for s is the square of a function with values in [-1, 1]; a range that holds for all such s holds for this one.
    """
    out = constant(0)
    for product, c in h.terms.items():
        term = constant(1)
        for atom, e in product:
            if bound_of(atom.name) == 1 and e >= 2:
                square = from_atom(Atom.get("erf", from_atom(atom))) ** 2
                factor = (constant(1) - square) ** int(e // 2) * (from_atom(atom) if e % 2 else 1)
            else:
                factor = Sum({((atom, e),): Number.of(1)})
            term = term * factor
        out = out + term * c
    return out


def _by_summands(h: Sum, low: End, high: End, by_normal_form: bool = True) -> int | None:
    """By parts that share no atom, the constant one with one of the others: the sign that all of them have."""
    groups: list[tuple[set[Atom], Sum]] = []
    fixed = constant(0)
    for product, c in h.terms.items():
        term, atoms = Sum({product: c}), {atom for atom, _ in product if atom.variables}
        if not atoms:
            fixed = fixed + term
            continue
        joined = [group for group in groups if not group[0].isdisjoint(atoms)]
        groups = [group for group in groups if group not in joined]
        groups.append((atoms.union(*(a for a, _ in joined)), sum((u for _, u in joined), term)))
    parts = [u for _, u in groups]
    if len(parts) < 2:
        return None
    for with_fixed in range(len(parts)):
        signs = {_by_algebra(u + fixed if i == with_fixed else u, low, high, by_normal_form) for i, u in enumerate(parts)}
        if None not in signs and len(signs - {0}) == 1:
            return (signs - {0}).pop()
    return None


def _by_constants(h: Sum, low: End, high: End, by_normal_form: bool = True) -> int | None:
    """By the parts that constants such as π multiply, where all of them have one sign."""
    parts: dict[Product, Sum] = {}
    for product, c in h.terms.items():
        key = tuple((atom, e) for atom, e in product if not atom.variables)
        rest = Sum({tuple(factor for factor in product if factor not in key): c})
        parts[key] = parts.get(key, constant(0)) + rest
    if len(parts) < 2:
        return None
    signs = set()
    for key, part in parts.items():
        size, side = certain_sign(_value(Sum({key: Number.of(1)}))), _by_algebra(part, low, high, by_normal_form)
        signs.add(None if size is None or side is None else size * side)
    return signs.pop() if len(signs) == 1 else None


def _by_radical(h: Sum, low: End, high: End, by_normal_form: bool = True) -> int | None:
    """For h = a + b sqrt(p): where a² - b² p has one sign, that of the larger of both."""
    roots = {(atom, e) for product in h.terms for atom, e in product if atom.name == "base"}
    if len(roots) != 1 or next(iter(roots))[1] != Fraction(1, 2):
        return None
    ((root, e),) = roots
    a = Sum({product: c for product, c in h.terms.items() if (root, e) not in product})
    b = Sum({tuple(f for f in product if f != (root, e)): c for product, c in h.terms.items() if (root, e) in product})
    first, second, gap = (_by_algebra(u, low, high, by_normal_form) for u in (a, b, a * a - b * b * root.argument))
    if first is not None and first == second:
        return first
    if first and gap in (0, 1):
        return first
    return second if second and gap in (0, -1) else None


def _by_logarithm(h: Sum, low: End, high: End, by_normal_form: bool = True) -> int | None:
    """For h = k log(v) + u with a number k: k (v - e^{-u/k}) has the same sign."""
    found = [(product, c) for product, c in h.terms.items() if any(atom.name == "log" for atom, _ in product)]
    if len(found) != 1 or len(found[0][0]) != 1 or found[0][0][0][1] != 1:
        return None
    ((product, k),) = found
    u = Sum({p: c for p, c in h.terms.items() if p != product})
    side = _by_algebra(product[0][0].argument - apply("exp", u * -k.inverse()), low, high, by_normal_form)
    return None if side is None else side * k.sign()


def _by_sign(h: Sum, low: End, high: End, by_normal_form: bool = True) -> int | None:
    """By the normal form of its sign, where that is a number or changes at points that do not lie inside."""
    if not by_normal_form:
        return None
    side = apply("sign", h)
    for kink in [atom for product in side.terms for atom, _ in product]:
        for t in breakpoints([kink], side.variables) or {}:
            if low is not None and (t == low or number_side(t - low) == -1):
                side = fix_signs(side, {kink: 1})
            elif high is not None and (t == high or number_side(t - high) == 1):
                side = fix_signs(side, {kink: -1})
    return None if side.number is None else side.number.sign()


_WAYS = (_by_range, _by_summands, _by_constants, _by_radical, _by_logarithm, _by_sign)


# -- balls


def _by_balls(h: Sum, low: End, high: End) -> int | None:
    """By a term that dominates the others far out, and by balls that exclude zero up to there."""
    h = _over_exponentials(h)
    if len(h.terms) > _TERMS:
        return None
    first, last = _around(low, high)
    with working_precision(_BITS):
        for radius in _RADII:
            if any(end is not None and abs(end) >= radius for end in (first, last)):
                continue
            tails = [_tail_sign(h.substitute({0: variable(0) * s}), radius) for end, s in ((low, -1), (high, 1)) if end is None]
            if None in tails:
                continue
            if len(set(tails)) > 1:
                return None
            start = Fraction(-radius) if first is None else below(first)
            side = _inside_sign(h, start, Fraction(radius) if last is None else -below(-last))
            return side if not tails or side == tails[0] else None
    return None


def _tail_sign(h: Sum, radius: int) -> int | None:
    """The sign of h for z >= radius, where one power of z times an exponential exceeds what is left; None where none does."""
    shapes: dict[Product, arb] = {}
    others: list[tuple[Product, arb]] = []
    for product, c in limit_form(h, radius).terms.items():
        varying = tuple((atom, e) for atom, e in product if atom.variables)
        size = c.ball() * _value(Sum({tuple(f for f in product if f not in varying): Number.of(1)}))
        if all(atom.is_variable or atom.name == "exp" for atom, _ in varying):
            shapes[varying] = shapes.get(varying, arb(0)) + size
        else:
            others.append((varying, size))
    for lead, main in shapes.items():
        side = certain_sign(main)
        rest = [*((p, x) for p, x in shapes.items() if p is not lead), *others]
        if side and len(rest) <= _TERMS:
            shares = [_tail_of_ratio(p, lead, radius) for p, _ in rest]
            if all(share is not None for share in shares):
                total = sum((abs(x) * share for (_, x), share in zip(rest, shares, strict=True) if share is not None), arb(0))
                if total < abs(main):
                    return side
    return None


def _tail_of_ratio(product: Product, lead: Product, radius: int) -> arb | None:
    """A bound on |product/lead| for z >= radius."""
    powers: dict[Atom, Fraction] = {}
    exponent = constant(0)
    for side, factors in ((1, product), (-1, lead)):
        for atom, e in factors:
            if atom.name == "exp":
                exponent = exponent + atom.argument * (e * side)
            else:
                powers[atom] = powers.get(atom, Fraction(0)) + e * side
    left = tuple((atom, e) for atom, e in powers.items() if e)
    return term_tail(left if exponent.is_zero else (*left, (Atom.get("exp", exponent), Fraction(1))), radius)


def _over_exponentials(h: Sum) -> Sum:
    """h times a positive function in which tanh(u) is (1 - e^{-2u})/(1 + e^{-2u}): terms that cancel far out do cancel.

    All tanh at once, with the reciprocals of sums of two exponentials: one beside an exponential would be written over the other.
    """
    degrees: dict[Atom, int] = {}
    for product in h.terms:
        for atom, e in product:
            k = _clearing(atom, e)
            if k:
                degrees[atom] = max(degrees.get(atom, 0), k)
    degrees = {atom: degree for atom, degree in degrees.items() if degree <= _CLEARED}
    out = constant(0)
    for product, c in h.terms.items():
        exponents = dict(product)
        term = multiply(tuple(f for f in product if f[0] not in degrees), ()) * c
        for atom, degree in sorted(degrees.items(), key=lambda item: item[0].order):
            k = _clearing(atom, exponents.get(atom, Fraction(0)))
            if atom.name == "base":
                term = term * atom.argument ** (degree - k)
            else:
                small = apply("exp", atom.argument * -2)
                term = term * (constant(1) - small) ** k * (constant(1) + small) ** (degree - k)
        out = out + term
    return out


def _clearing(atom: Atom, e: Fraction) -> int:
    """The power of a positive function that takes out atom^e; 0 where it stays."""
    if atom.name == "tanh" and is_line(atom.argument):
        return int(e)
    return -int(e) if atom.name == "base" and e < 0 and e.denominator == 1 and two_exponentials(atom.argument) else 0


def _inside_sign(h: Sum, low: Fraction, high: Fraction) -> int | None:
    """The sign of h on [low, high], where bisection leaves no interval on which a ball holds zero."""
    f, slope = compile_sum(h), compile_sum(h.derivative(0))
    side = certain_sign(real_value(f, [fraction_ball((low + high) / 2)]))
    stack = [(low, high)]
    for _ in range(_EVALUATIONS):
        if not stack:
            return side
        a, b = stack.pop()
        middle = fraction_ball((a + b) / 2)
        here = interval(fraction_ball(a), fraction_ball(b))
        at = certain_sign(real_value(f, [middle]))
        if not side or at == -side:
            return None
        centred = real_value(f, [middle]) + real_value(slope, [here]) * (here - middle)
        if side not in (certain_sign(real_value(f, [here])), certain_sign(centred)):
            stack += [((a + b) / 2, b), (a, (a + b) / 2)]
    return None


def _value(u: Sum) -> arb:
    with working_precision(_BITS):
        return real_value(compile_sum(u), [])
