"""Gaussian expectations in one variable in closed form, with everything else as a parameter.

`eliminate(product, i)` is E over z_{i+1} ~ N(0, 1) of a product, as a Sum in the other variables, where the variable occurs
as z^k exp(A z² + B z + C) times at most one function with known moments (sign, erf, sin, cos) of an affine function a z + w
(B, C, w arbitrary in the other variables; A, a numbers, but a is arbitrary in erf, sin and cos, and A, bounded above by a number
below 1/2, where B = 0 and no function stands beside). Several signs are taken apart first. Completing the square moves the mean
to m = S B and the variance to S = 1/(1 - 2A); what is left is E[x^j f(b x + v)] for x ~ N(0, 1), a column of the table of
functions.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from steinlab.theory.errors import InputError
from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.functions import FUNCTIONS
from steinlab.theory.links.ranges import value_range
from steinlab.theory.links.ring import Atom, Product, Sum, apply, constant, from_atom, power

HALF = Fraction(1, 2)
MAX_SIGNS = 6
"""Most signs of functions of one variable that are taken apart: the terms multiply with each."""


def eliminate(product: Product, i: int) -> Sum | None:
    """E over z_{i+1} of the product, a Sum in the other variables; None where no closed form is known. Kind: exact."""
    degree, exponent = 0, constant(0)
    signs: list[Atom] = []
    others: list[Atom] = []
    rest: list[tuple[Atom, Fraction]] = []
    for atom, e in product:
        if i not in atom.variables:
            rest.append((atom, e))
        elif atom.is_variable:
            degree = int(e)
        elif atom.name == "exp":
            exponent = atom.argument
        elif atom.name == "sign":
            signs.append(atom)
        elif atom.name in FUNCTIONS and FUNCTIONS[atom.name].moments is not None and e == 1 and not others:
            others.append(atom)
        else:
            return None
    if others and signs:
        return None
    outside = Sum({tuple(rest): Number.of(1)})
    if len(signs) > 1:
        return _fewer_signs(signs, product, i)
    tilt = _gaussian(exponent, i)
    if tilt is None:
        return None if others or signs else _varying_width(exponent, i, degree, outside)
    deviation, mean, weight = tilt
    function = next(iter(signs or others), None)
    try:
        inner = _moments(function, i, degree, deviation, mean)
    except InputError:  # a constant outside the number fields that are supported
        return None
    if inner is None:
        return None
    total = constant(0)
    for j, moment in enumerate(inner):  # (m + √S x)^k expanded
        if not moment.is_zero:
            total = total + mean ** (degree - j) * moment * (comb(degree, j) * deviation**j)
    return outside * weight * total


def _varying_width(exponent: Sum, i: int, k: int, outside: Sum) -> Sum | None:
    """outside · E[z^k exp(A z² + C)] = outside · (k-1)!! S^{(k+1)/2} e^C, A a function with a number below 1/2 above it."""
    parts = exponent.coefficients_in(i)
    if parts is None or not set(parts) <= {0, 2}:
        return None
    narrow = 1 - 2 * parts[2]
    low = value_range(narrow).low
    if low is None or low.sign() <= 0:
        return None
    if k % 2:
        return constant(0)
    shift = apply("exp", parts[0]) if 0 in parts else constant(1)
    return outside * shift * power(narrow, Fraction(-k - 1, 2)) * double_factorial(k - 1)


def _fewer_signs(signs: list[Atom], product: Product, i: int) -> Sum | None:
    """E over z of a product with several signs, all of affine functions of z, by one pair of them after the other: for x = z,

    sign(x - s) sign(x - t) = 1 - sign(t - s) (sign(x - s) - sign(x - t)), in either order of s and t.

    Each step leaves fewer signs of functions of z, and the whole fewer variables; where a sign would stay, nothing is done.
    """
    if len(signs) > MAX_SIGNS or any(_affine(kink.argument, i) is None for kink in signs):
        return None
    first, second = signs[0], signs[1]
    a, b = _affine(first.argument, i), _affine(second.argument, i)
    assert a is not None, "every sign is of an affine function"
    assert b is not None, "every sign is of an affine function"
    sides = a[0].sign() * b[0].sign()
    gap = apply("sign", a[1] * a[0].inverse() - b[1] * b[0].inverse())  # sign(t - s)
    # x - s has the sign of the first atom times sign(a)
    left, right = from_atom(first) * a[0].sign(), from_atom(second) * b[0].sign()
    rest = tuple((atom, e) for atom, e in product if atom is not first and atom is not second)
    out = constant(0)
    for term, c in (Sum({rest: Number.of(1)}) * (constant(1) - gap * (left - right)) * sides).terms.items():
        mean = eliminate(term, i) if any(i in atom.variables for atom, _ in term) else Sum({term: Number.of(1)})
        if mean is None:
            return None
        out = out + mean * c
    return out


def _affine(u: Sum, i: int) -> tuple[Number, Sum] | None:
    """(a, w) with u = a z_{i+1} + w, a a nonzero number and w free of the variable; None otherwise."""
    parts = u.coefficients_in(i)
    if parts is None or not set(parts) <= {0, 1}:
        return None
    slope = parts.get(1, constant(0)).number
    return (slope, parts.get(0, constant(0))) if slope else None


def _gaussian(exponent: Sum, i: int) -> tuple[Number, Sum, Sum] | None:
    """(√S, m, weight): E[exp(A z² + B z + C) h(z)] = weight · E[h(m + √S x)], x ~ N(0, 1)."""
    parts = exponent.coefficients_in(i)
    if parts is None or not set(parts) <= {0, 1, 2}:
        return None
    square, slope = parts.get(2, constant(0)).number, parts.get(1, constant(0))
    if square is None or not square < HALF:
        return None
    variance = (1 - 2 * square).inverse()
    try:
        deviation = variance.root(2)
    except InputError:
        return None
    shift = parts.get(0, constant(0)) + slope * slope * (variance * HALF)
    return deviation, slope * variance, apply("exp", shift) * deviation


def _moments(function: Atom | None, i: int, order: int, deviation: Number, mean: Sum) -> list[Sum] | None:
    """E[x^j f(m + √S x)], j = 0..order, for x ~ N(0, 1); f = 1 where `function` is None."""
    if function is None:
        return [_normal_moment(j) for j in range(order + 1)]
    parts, moments = function.argument.coefficients_in(i), FUNCTIONS[function.name].moments
    if parts is None or not set(parts) <= {0, 1} or moments is None:
        return None
    return moments(order, parts[1] * deviation, parts[1] * mean + parts.get(0, constant(0)))


def _normal_moment(j: int) -> Sum:
    return constant(0 if j % 2 else double_factorial(j - 1))
