"""How a link of one variable behaves at one end of its line: next to a point, or far out.

With x = 1/|z - t| next to t, and x = |z| far out, every end lies at x -> ∞. There a function is compared with *scales*, which are
products of powers of x, log x, log log x, ... and exponentials of such: e^{x²/4} x^{-3/10} log x. A `Germ` is a sum of multiples
of scales, the larger ones first, with a proved bound on what is left, so that terms that cancel do cancel. Exponents and
coefficients are exact constants, whose signs are certified or not known. Kind: certified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, cmp_to_key, reduce
from math import factorial
from typing import TypeAlias

from flint import acb, acb_poly, arb

from steinlab.theory.behaviour.scales import (
    ONE,
    Scale,
    UnknownBehaviour,
    X,
    combined,
    compare,
    constant_sign,
    exponential,
)
from steinlab.theory.budget import charge, priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.univariate import count_real_roots, divide
from steinlab.theory.links.balls import certain_sign, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.factors import content
from steinlab.theory.links.functions import FUNCTIONS, bound_of
from steinlab.theory.links.ranges import value_range
from steinlab.theory.links.ring import Atom, Sum, apply, constant, from_atom, logarithm, polynomial, power, variable

ORDERS = (2, 6)
"""Orders of Taylor's formula, tried until a leading term is known: most are, from few terms; some cancel down to higher ones."""
MAX_TERMS = 8
"""Most terms that are kept; the smaller ones are bounded."""
_BITS = 64
_ROOT_BITS = 256
_NEAR = arb(0, 1e-6)


# -- germs


@dataclass(frozen=True)
class Germ:
    """Σ c m + O(Σ rest) for x -> ∞; where `floor` is given the absolute value is at least a positive multiple of it."""

    terms: Mapping[Scale, Sum]
    rest: frozenset[Scale] = frozenset()
    floor: Scale | None = None

    @cached_property
    def leading(self) -> tuple[Scale, Sum] | None:
        """(m, c) with the germ asymptotic to c m, c certainly not zero."""
        for m, c in self.terms.items():
            if all(other == m or compare(m, other) == 1 for other in (*self.terms, *self.rest)) and constant_sign(c):
                return m, c
        return None

    @cached_property
    def above(self) -> frozenset[Scale]:
        """Scales of which the germ is at most a multiple of the sum."""
        every = [*self.terms, *self.rest]
        return frozenset(m for m in every if not any(compare(other, m) == 1 for other in every))

    @property
    def below(self) -> Scale | None:
        """A scale of which the absolute value is at least a positive multiple."""
        return self.leading[0] if self.leading is not None else self.floor

    @property
    def is_small(self) -> bool:
        return all(compare(m, ONE) == -1 for m in self.above)

    def __add__(self, other: Germ) -> Germ:
        floor = next((a.below for a, b in ((self, other), (other, self)) if _dominates(a.below, b.above)), None)
        return _germ(combined(self.terms, other.terms), self.rest | other.rest, floor)

    def __mul__(self, other: Germ) -> Germ:
        charge(len(self.terms) * len(other.terms))
        rest = {m * n for m in self.rest for n in (*other.terms, *other.rest)} | {m * n for m in self.terms for n in other.rest}
        terms: dict[Scale, Sum] = {}
        for m, c in self.terms.items():
            for n, d in other.terms.items():
                product = m * n
                if not _says_nothing(product, rest):  # its coefficient is not asked for
                    terms[product] = terms[product] + c * d if product in terms else c * d
        floor = self.below * other.below if self.below is not None and other.below is not None else None
        return _germ(terms, rest, floor)


def _germ(terms: Mapping[Scale, Sum], rest: Iterable[Scale], floor: Scale | None = None) -> Germ:
    """The germ with terms that say nothing beyond the rest left out, and not too many of the others."""
    rest = set(rest)
    kept = [m for m, c in terms.items() if not c.is_zero and not _says_nothing(m, rest)]
    kept.sort(key=cmp_to_key(lambda a, b: -(compare(a, b) or 0)))
    rest |= set(kept[MAX_TERMS:])
    rest = {m for m in rest if not any(compare(other, m) == 1 for other in rest)}
    return Germ({m: terms[m] for m in kept[:MAX_TERMS]}, frozenset(rest), floor)


def _says_nothing(m: Scale, rest: Iterable[Scale]) -> bool:
    """Whether a multiple of the scale is no more than what is left out."""
    return any(compare(m, r) in (-1, 0) for r in rest)


def _dominates(a: Scale | None, others: Iterable[Scale]) -> bool:
    return a is not None and all(compare(a, m) == 1 for m in others)


def number(c: Sum) -> Germ:
    return _germ({ONE: c}, ())


BOUNDED_GERM = Germ({}, frozenset([ONE]))
"""What is only known to be bounded."""


@dataclass(frozen=True)
class Root:
    """The real root of the given index, rising, of a squarefree polynomial, where it has no closed form."""

    polynomial: tuple[Number, ...]
    index: int

    def ball(self) -> arb:
        """An enclosure; not finite where the roots were not isolated."""
        with working_precision(_ROOT_BITS):
            try:
                found = acb_poly([acb(c.ball()) for c in self.polynomial]).roots(tol=arb(2) ** (-_ROOT_BITS // 2))
            except ValueError:
                return arb("nan")
            real = sorted((root.real for root in found if root.imag.contains(0)), key=lambda x: float(x.mid()))
        return real[self.index] if len(real) == count_real_roots(self.polynomial) else arb("nan")

    def __str__(self) -> str:
        return f"{float(self.ball().mid()):.6g}"


Point: TypeAlias = Sum | Root


@dataclass(frozen=True)
class End:
    """Where the variable tends to the point from the given side, or to ± infinity where there is no point."""

    point: Point | None
    side: int

    def __str__(self) -> str:
        return ("infinity" if self.side > 0 else "-infinity") if self.point is None else str(self.point)


def is_bounded_near(u: Sum, point: Point) -> bool:
    """Whether a ball bounds a function of z1 around a point: its germs there are not needed for that."""
    with working_precision(_BITS):
        t = point.ball() if isinstance(point, Root) else real_value(compile_sum(point), [])
        return bool(real_value(compile_sum(u), [t + _NEAR]).is_finite())


@priced(20_000)
def germ(u: Sum, end: End) -> Germ:
    """u, a function of z1, at an end. UnknownBehaviour where nothing is proved.

    >>> from steinlab.theory.links.ring import absolute
    >>> z = variable(0)
    >>> scale, c = germ((1 - apply("cos", z)) * power(absolute(z), Fraction(-9, 4)), End(constant(0), 1)).leading
    >>> scale.written("abs(z1)", -1), str(c)
    ('abs(z1)**(-1/4)', '1/2')
    """
    for order in ORDERS[:-1]:
        try:
            found = _germ_of_order(u, end, order)
        except UnknownBehaviour:
            continue
        if found.leading is not None:
            return found
    return _germ_of_order(u, end, ORDERS[-1])


@priced(20_000)
def _germ_of_order(u: Sum, end: End, order: int) -> Germ:
    """The germ by Taylor's formula up to the order."""
    if isinstance(end.point, Root):
        factors, rest = content(u)
        parts = [_factor(atom, e, end, order) for atom, e in factors]
        return reduce(Germ.__mul__, parts, _at_root(rest, end.point, end, order))
    return _sum(u, end, order)


def _at_root(u: Sum, root: Root, end: End, order: int) -> Germ:
    """A polynomial by the multiplicity of the root, any other function by its value there."""
    if u.is_polynomial:
        rest, order = u.univariate, 0
        while len(rest) >= len(root.polynomial) and not any(divide(rest, root.polynomial)[1]):
            rest, order = divide(rest, root.polynomial)[0], order + 1
        size = X ** constant(-order)
        quotient = polynomial(rest)
    else:
        size, quotient = ONE, u
    with working_precision(_ROOT_BITS):
        value = real_value(compile_sum(quotient), [root.ball()])
    if value.is_finite():
        return Germ({}, frozenset([size]), size if certain_sign(value) in (1, -1) else None)
    return _sum(u, end, order)


def _sum(u: Sum, end: End | Germ, order: int) -> Germ:
    """u at an end, or where z1 is something with the given germ."""
    total = Germ({})
    for product, c in u.terms.items():
        term = number(constant(c))
        for atom, e in product:
            term = term * _factor(atom, e, end, order)
        total = total + term
    if total.below is None:
        bounds = value_range(u)
        positive = (bounds.low is not None and bounds.low.sign() > 0) or (bounds.high is not None and bounds.high.sign() < 0)
        bounded = bounds.low is not None and bounds.high is not None and not total.is_small
        total = _germ({} if bounded else total.terms, {ONE} if bounded else total.rest, ONE if positive else None)
    return total


def _factor(atom: Atom, e: Fraction, end: End | Germ, order: int) -> Germ:
    if not atom.variables:
        return number(Sum({((atom, e),): constant(1).terms[()]}))
    if atom.is_variable:
        return _variable(e, end, order)
    inner = _germ_of_order(atom.argument, end, order) if isinstance(end, End) else _sum(atom.argument, end, order)
    return raised(inner if atom.name == "base" else _function(atom, inner, order), e, order)


def _variable(e: Fraction, end: End | Germ, order: int) -> Germ:
    if isinstance(end, Germ):
        return raised(end, e, order)
    if end.point is None:
        return Germ({X ** constant(e): constant(end.side ** int(e))})
    if isinstance(end.point, Root):
        return Germ({}, frozenset([ONE]), ONE if certain_sign(end.point.ball()) else None)
    return raised(_germ({ONE: end.point, X ** constant(-1): constant(end.side)}, ()), e, order)


def raised(u: Germ, e: Fraction, order: int) -> Germ:
    """u^e, for u >= 0 or a whole e."""
    lead = u.leading
    if lead is None:
        if e > 0:
            return _germ({}, {m ** constant(e) for m in u.above}, None if u.floor is None else u.floor ** constant(e))
        if u.floor is None:
            raise UnknownBehaviour("a divisor may vanish")
        top = next(iter(u.above)) if len(u.above) == 1 else None
        return _germ({}, {u.floor ** constant(e)}, None if top is None else top ** constant(e))
    m, c = lead
    side = constant_sign(c)
    if side == -1 and e.denominator != 1:
        raise UnknownBehaviour("a root of something negative")
    weights, weight = [], Fraction(1)
    for k in range(order):
        weights.append(constant(weight))
        weight = weight * (e - k) / (k + 1)
    return _taylor(weights, _relative(u, m, c), exact=weight == 0) * Germ({m ** constant(e): _constant_power(c, e)})


def _relative(u: Germ, m: Scale, c: Sum) -> Germ:
    """u/(c m) - 1, for the leading term c m of u."""
    others = Germ({k: v for k, v in u.terms.items() if k != m}, u.rest)
    return others * Germ({m ** constant(-1): _constant_power(c, Fraction(-1))})


def _constant_power(c: Sum, e: Fraction) -> Sum:
    if e.denominator == 1 and e > 0:
        return c ** int(e)
    negative = constant_sign(c) == -1
    size = -c if negative else c
    try:
        value = power(size, e)
    except InputError:  # outside the fields that are supported
        value = from_atom(Atom.get("base", size), e)
    return -value if negative and e.numerator % 2 else value


def _taylor(weights: list[Sum], small: Germ, exact: bool = False) -> Germ:
    """Σ weights[k] small^k, with the remainder unless the sum is exact."""
    if not small.is_small:
        raise UnknownBehaviour("a remainder that is not small")
    remainder = Germ({})
    if not exact:
        remainder = reduce(Germ.__mul__, [Germ({}, small.above)] * len(weights))
        small = small + remainder  # its terms below that are not multiplied out
    total, step = remainder, number(constant(1))
    for weight in weights:
        total = total + step * number(weight)
        step = step * small
    return total


def _parts(u: Germ) -> tuple[dict[Scale, Sum], Sum, Germ]:
    """(what tends to infinity, the constant, the rest) of a germ."""
    sizes = {m: compare(m, ONE) for m in u.terms}
    if None in sizes.values():
        raise UnknownBehaviour("a power that may be constant")
    big = {m: c for m, c in u.terms.items() if sizes[m] == 1}
    small = {m: c for m, c in u.terms.items() if sizes[m] == -1}
    return big, u.terms.get(ONE, constant(0)), Germ(small, u.rest)


def _function(atom: Atom, u: Germ, order: int) -> Germ:
    name = atom.name
    if name == "exp":
        try:
            return _exponential(u, order)
        except UnknownBehaviour:
            if value_range(atom.argument).high is None:
                raise
            return BOUNDED_GERM
    if name == "log":
        return _logarithm(u, order)
    if name == "sign":
        side = constant_sign(u.leading[1]) if u.leading is not None else None
        return Germ({}, frozenset([ONE]), ONE) if side is None else number(constant(side))
    return _smooth(name, u, order)


def _smooth(name: str, u: Germ, order: int) -> Germ:
    """A smooth function: by Taylor's formula at a constant, and where it is bounded."""
    try:
        big, centre, small = _parts(u)
        if not big:
            return _taylor(_derivatives(name, centre, order), small)
        row, side = FUNCTIONS[name], constant_sign(u.leading[1]) if u.leading is not None else None
        if side:
            far = number(constant(side)) * u
            if row.far is not None:
                above, below = (_sum(part, far, order) for part in row.far(variable(0)))
                return number(constant(side)) * above * raised(below, Fraction(-1), order)
            if row.nearing is not None and row.high is not None:
                *shares, beyond = (_sum(share, far, order) for share in row.nearing(variable(0), order))
                near = reduce(Germ.__add__, shares) + Germ({}, beyond.above)
                return number(constant(side)) * (number(constant(row.high)) + number(constant(-1)) * near)
    except UnknownBehaviour:
        pass
    if bound_of(name) is None:
        raise UnknownBehaviour("a function without a bound")
    return BOUNDED_GERM


@priced(5_000)
def _derivatives_of(name: str, order: int) -> tuple[Sum, ...]:
    out = [apply(name, variable(0))]
    for _ in range(order - 1):
        out.append(out[-1].derivative(0))
    return tuple(out)


def _derivatives(name: str, centre: Sum, order: int) -> list[Sum]:
    """The coefficients of Taylor's formula at a constant."""
    return [u.substitute({0: centre}) * Fraction(1, factorial(k)) for k, u in enumerate(_derivatives_of(name, order))]


def _exponential(u: Germ, order: int) -> Germ:
    big, centre, small = _parts(u)
    if small.is_small:
        weights = [constant(Fraction(1, factorial(k))) for k in range(order)]
        return Germ({exponential(big): apply("exp", centre)}) * _taylor(weights, small)
    if all(compare(m, ONE) in (-1, 0) for m in small.above):
        return Germ({}, frozenset([exponential(big)]), exponential(big))
    if u.leading is None:
        raise UnknownBehaviour("an exponent without a leading term")
    m, c = u.leading
    half, twice = exponential({m: c * Fraction(1, 2)}), exponential({m: c * 2})
    return Germ({}, frozenset([twice]), half) if constant_sign(c) == 1 else Germ({}, frozenset([half]), twice)


def _logarithm(u: Germ, order: int) -> Germ:
    if u.leading is not None:
        m, c = u.leading
        if constant_sign(c) != 1:
            raise UnknownBehaviour("a logarithm of something negative")
        weights = [constant(0), *(constant(Fraction((-1) ** (k + 1), k)) for k in range(1, order))]
        return _germ(dict(m.exponent), ()) + number(logarithm(c)) + _taylor(weights, _relative(u, m, c))
    if u.floor is None:
        raise UnknownBehaviour("the argument of a logarithm may vanish")
    if u.above == {u.floor}:
        return _germ(dict(u.floor.exponent), {ONE})
    return _germ({}, {ONE, *(m for scale in (*u.above, u.floor) for m in scale.exponent)})
