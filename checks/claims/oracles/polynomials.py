"""Polynomials as dictionaries of Fractions: exponents → coefficient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod

Exponents = tuple[int, ...]
Poly = dict[Exponents, Fraction]
Vector = Sequence[Fraction]


def constant(value: Fraction | int, variables: int) -> Poly:
    return {(0,) * variables: Fraction(value)} if value else {}


def linear(coefficients: Vector) -> Poly:
    """Σ c_i x_i."""
    size = len(coefficients)
    return {tuple(int(i == j) for j in range(size)): Fraction(c) for i, c in enumerate(coefficients) if c}


def add(p: Mapping[Exponents, Fraction], q: Mapping[Exponents, Fraction]) -> Poly:
    total = dict(p)
    for alpha, c in q.items():
        total[alpha] = total.get(alpha, Fraction(0)) + c
    return {alpha: c for alpha, c in total.items() if c}


def scale(c: Fraction | int, p: Mapping[Exponents, Fraction]) -> Poly:
    return {alpha: c * b for alpha, b in p.items() if c}


def multiply(p: Mapping[Exponents, Fraction], q: Mapping[Exponents, Fraction]) -> Poly:
    total: Poly = {}
    for alpha, a in p.items():
        for beta, b in q.items():
            gamma = tuple(map(int.__add__, alpha, beta))
            total[gamma] = total.get(gamma, Fraction(0)) + a * b
    return {alpha: c for alpha, c in total.items() if c}


def power(p: Mapping[Exponents, Fraction], exponent: int, variables: int) -> Poly:
    out = constant(1, variables)
    for _ in range(exponent):
        out = multiply(out, p)
    return out


def derivative(p: Mapping[Exponents, Fraction], i: int) -> Poly:
    return {(*a[:i], a[i] - 1, *a[i + 1 :]): a[i] * c for a, c in p.items() if a[i]}


def substitute(p: Mapping[Exponents, Fraction], rows: Sequence[Vector], variables: int) -> Poly:
    """p(U x), the rows of U being linear forms in `variables` variables."""
    forms = [linear(row) for row in rows]
    powers = [[constant(1, variables)] for _ in forms]
    total: Poly = {}
    for alpha, c in p.items():
        term = constant(c, variables)
        for i, exponent in enumerate(alpha):
            while len(powers[i]) <= exponent:
                powers[i].append(multiply(powers[i][-1], forms[i]))
            term = multiply(term, powers[i][exponent])
        total = add(total, term)
    return total


def evaluate(p: Mapping[Exponents, Fraction], point: Vector) -> Fraction:
    return sum((c * prod(map(pow, point, alpha), start=Fraction(1)) for alpha, c in p.items()), Fraction(0))


def dot(u: Vector, v: Vector) -> Fraction:
    return sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0))


def degree(p: Mapping[Exponents, Fraction]) -> int:
    """The total degree; 0 for the zero polynomial."""
    return max(map(sum, p), default=0)


def hermite(k: int) -> Poly:
    """He_k in one variable, by He_{k+1} = x He_k - He_k'."""
    out = constant(1, 1)
    for _ in range(k):
        out = add(multiply({(1,): Fraction(1)}, out), scale(-1, derivative(out, 0)))
    return out


def from_hermite(coefficients: Mapping[Exponents, Fraction]) -> Poly:
    """Σ c_α Π_i He_{α_i}(x_i)."""
    total: Poly = {}
    for alpha, c in coefficients.items():
        term = constant(c, len(alpha))
        for i, k in enumerate(alpha):
            axis = [Fraction(int(i == j)) for j in range(len(alpha))]
            term = multiply(term, substitute(hermite(k), [axis], len(alpha)))
        total = add(total, term)
    return total
