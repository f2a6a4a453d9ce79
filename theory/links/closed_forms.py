"""Functions of constants in simplest form, so that what cancels does: sin(π) = 0, tanh(log 2) = 3/5, log 2 + log 3 = log 6.

Logarithms of rational numbers become those of primes, exponentials of such logarithms become numbers, and multiples of π are
taken out of sines and cosines. Every rule is an identity; constants that no rule simplifies stay as they are.

Then Gaussian moments E[x^j f(b x + v)], x ~ N(0, 1), for j = 0, 1, ..., n, b and v sums in other variables: all follow from
Stein's identity E[x F] = E[F'], and are rows of the table of functions. Kind: exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from math import comb, floor, lcm

from steinlab.theory.errors import InputError
from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.ring import Atom, Product, Sum, apply, constant, from_atom, pi, power

MAX_FACTORED_BITS = 80
"""Largest integer under a logarithm, in bits, that is factored into primes."""
MAX_POWER_BITS = 4_000
"""Largest number, in bits, that an exponential of logarithms becomes."""
MAX_ROOT = 12
"""Highest root that an exponential of logarithms becomes."""
_HALF = Fraction(1, 2)


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
    """log of a positive number: that of a product of powers of rationals by its primes, -log(1/x) for another x < 1.

    >>> str(logarithm_of(Number.of(Fraction(12, 5)))), str(logarithm_of(2 - Number.of(3).root(2)))
    ('2*log(2) + log(3) - log(5)', '-log(2 + sqrt(3))')
    """
    order = lcm(*(radical.order for radical in value.field.radicals)) if len(value.monomials()) == 1 else 1
    power = value**order
    whole = Sum({((Atom.get("log", constant(value)), Fraction(1)),): Number.of(1)})
    if not power.is_rational:
        with suppress(InputError):  # an inverse in a field that is not supported
            return from_atom(Atom.get("log", constant(value.inverse()))) * -1 if value < 1 else whole
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


# -- Gaussian moments


def sign_moments(order: int, b: Sum, v: Sum) -> list[Sum] | None:
    """E[x^j sign(b x + v)], b a number: ± what it is for t = v/b, which is

    E[x^j sign(x + t)] = erf(t/√2), 2φ(t), and (j-1) E[x^{j-2} sign(x + t)] + 2 (-t)^{j-1} φ(t).
    """
    slope = b.number
    if not slope:
        return None
    t = v * slope.inverse()
    root_two = Number.of(2).root(2)
    twice_density = apply("exp", t * t * Fraction(-1, 2)) * pi(-_HALF) * root_two
    out = [apply("erf", t * root_two.inverse())]
    for j in range(1, order + 1):
        boundary = (-t) ** (j - 1) * twice_density
        out.append(boundary + (out[j - 2] * (j - 1) if j >= 2 else 0))
    return [moment * slope.sign() for moment in out]


def erf_moments(order: int, b: Sum, v: Sum) -> list[Sum]:
    """E[x^j erf(b x + v)]: erf(v/√(1+2b²)), then (j-1) E[x^{j-2} erf] + (2b/√π) E[x^{j-1} exp(-(bx + v)²)]."""
    wide = b * b * 2 + 1
    out = [apply("erf", v * power(wide, -_HALF))]
    if order == 0:
        return out
    variance = power(wide, Fraction(-1))
    mean = v * b * variance * -2
    # the exponent -(bx+v)² completed: weight √S exp(-v² S), since 2b²v²S - v² = -v²S
    weight = apply("exp", v * v * variance * -1) * pi(-_HALF) * b * power(wide, -_HALF) * 2
    for j in range(1, order + 1):
        density = constant(0)
        for i in range(0, j, 2):
            density = density + mean ** (j - 1 - i) * variance ** (i // 2) * (comb(j - 1, i) * double_factorial(i - 1))
        out.append(weight * density + (out[j - 2] * (j - 1) if j >= 2 else 0))
    return out


def trigonometric_moments(name: str, order: int, b: Sum, phase: Sum) -> list[Sum]:
    """E[x^j cos(bx + θ)] and its sine: the real and imaginary part of e^{iθ} e^{-b²/2} E[(x + ib)^j]."""
    damping = apply("exp", b * b * Fraction(-1, 2))
    cosine, sine = apply("cos", phase), apply("sin", phase)
    out = []
    for j in range(order + 1):
        real, imaginary = constant(0), constant(0)
        for i in range(0, j + 1, 2):
            k = j - i  # the power of ib
            term = b**k * (comb(j, i) * double_factorial(i - 1) * (-1) ** (k // 2))
            if k % 2:
                imaginary = imaginary + term
            else:
                real = real + term
        value = real * cosine - imaginary * sine if name == "cos" else real * sine + imaginary * cosine
        out.append(damping * value)
    return out
