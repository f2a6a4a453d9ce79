"""Functions of constants in simplest form, so that what cancels does: sin(π) = 0, tanh(log 2) = 3/5, log 2 + log 3 = log 6.

Logarithms of rational numbers become those of primes, exponentials of such logarithms become numbers, and multiples of π are
taken out of sines and cosines. Every rule is an identity; constants that no rule simplifies stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor, lcm

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.ring import Atom, Product, Sum, apply, constant, from_atom

MAX_FACTORED_BITS = 80
"""Largest integer under a logarithm, in bits, that is factored into primes."""
MAX_POWER_BITS = 4_000
"""Largest number, in bits, that an exponential of logarithms becomes."""
MAX_ROOT = 12
"""Highest root that an exponential of logarithms becomes."""


def exponential(u: Sum) -> Sum | None:
    """exp(Σ c_i log(n_i) + v) = Π n_i^{c_i} exp(v), where n_i is rational or c_i whole; None where u has none. Kind: exact.

    >>> from steinlab.theory.links.ring import logarithm, variable
    >>> str(exponential(logarithm(constant(9)) * Fraction(1, 2) + variable(0)))
    '3*exp(z1)'
    """
    taken: dict[Product, Fraction] = {}
    factor = Number.of(1)
    for product, c in _multiples(u, "log").items():
        n = product[0][0].argument.number
        if n is None or c.denominator > (MAX_ROOT if n.is_rational else 1):  # a root of a sum of radicals fits no field
            continue
        size = max(max(q.p.bit_length(), q.q.bit_length()) for _, q in n.monomials())
        if size * abs(c.numerator) > MAX_POWER_BITS:
            continue
        try:
            factor = factor * n.root(c.denominator) ** c.numerator
        except InputError:  # a field that is not supported
            continue
        taken[product] = c
    return apply("exp", _without(u, taken)) * factor if taken else None


def hyperbolic_tangent(u: Sum) -> Sum | None:
    """tanh u = (e^{2u} - 1)/(e^{2u} + 1) where e^{2u} is a number: tanh(log 2) = 3/5. Kind: exact."""
    square = exponential(u * 2)
    value = None if square is None else square.number
    return None if value is None else constant((value - 1) / (value + 1))


def turned(name: str, u: Sum) -> Sum | None:
    """sin or cos of rπ + v as ± one of them at ρπ + v, |ρ| <= 1/4; at v = 0 the numbers that are known. Kind: exact.

    >>> from steinlab.theory.links.ring import pi
    >>> str(turned("sin", pi() * Fraction(7, 6)))
    '-1/2'
    """
    taken = _multiples(u, "pi")
    if not taken:
        return None
    ((product, r),) = taken.items()
    quarter = floor(2 * r + Fraction(1, 2))
    rest = r - Fraction(quarter, 2)
    argument = _without(u, taken) + Sum({product: Number.of(rest)} if rest else {})
    # sin(x + π/2) = cos x and cos(x + π/2) = -sin x
    names = ("sin", "cos") if name == "sin" else ("cos", "sin")
    side = -1 if quarter % 4 in ((2, 3) if name == "sin" else (1, 2)) else 1
    value = _at_angle(names[quarter % 2], rest) if len(u.terms) == 1 else None
    if value is not None:
        return constant(value * side)
    return apply(names[quarter % 2], argument) * side if quarter else None


def logarithm_of(value: Number) -> Sum:
    """log of a positive number: that of a product of powers of rationals by its primes.

    >>> str(logarithm_of(Number.of(Fraction(12, 5)))), str(logarithm_of(Number.of(8).root(2)))
    ('2*log(2) + log(3) - log(5)', '3/2*log(2)')
    """
    order = lcm(*(radical.order for radical in value.field.radicals)) if len(value.monomials()) == 1 else 1
    power = value**order
    whole = Sum({((Atom.get("log", constant(value)), Fraction(1)),): Number.of(1)})
    if not power.is_rational:
        return whole
    q = power.rational
    if max(q.p.bit_length(), q.q.bit_length()) > MAX_FACTORED_BITS:
        return whole
    out = constant(0)
    for part, side in ((q.p, 1), (q.q, -1)):
        for prime, e in part.factor():
            out = out + from_atom(Atom.get("log", constant(prime))) * Fraction(side * int(e), order)
    return out


def _multiples(u: Sum, name: str) -> dict[Product, Fraction]:
    """The terms of u that are rational multiples of one constant of that name."""
    return {
        product: c.fraction
        for product, c in u.terms.items()
        if len(product) == 1
        and product[0][1] == 1
        and product[0][0].name == name
        and not product[0][0].variables
        and c.is_rational
    }


def _without(u: Sum, taken: Mapping[Product, Fraction]) -> Sum:
    return Sum({product: c for product, c in u.terms.items() if product not in taken})


def _at_angle(name: str, r: Fraction) -> Number | None:
    """sin or cos of rπ, |r| <= 1/4, where it is a rational number or made of square roots of rationals."""
    two, three, five, six = (Number.of(n).root(2) for n in (2, 3, 5, 6))
    sines = {
        Fraction(0): Number.of(0),
        Fraction(1, 12): (six - two) / 4,
        Fraction(1, 10): (five - 1) / 4,
        Fraction(1, 6): Number.of(1) / 2,
        Fraction(1, 4): two / 2,
    }
    cosines = {
        Fraction(0): Number.of(1),
        Fraction(1, 12): (six + two) / 4,
        Fraction(1, 6): three / 2,
        Fraction(1, 5): (five + 1) / 4,
        Fraction(1, 4): two / 2,
    }
    value = (sines if name == "sin" else cosines).get(abs(r))
    return value if value is None or name == "cos" or r >= 0 else -value
