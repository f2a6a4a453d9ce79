"""E[x^j f(b x + v)] for x ~ N(0, 1) in closed form, j = 0, 1, ..., n, where b and v are sums in other variables.

All follow from Stein's identity E[x F] = E[F'], and are rows of the table of functions. Kind: exact.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.ring import Sum, apply, constant, pi, power

_HALF = Fraction(1, 2)


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
