"""Symmetric tensors: entries at sorted index tuples, absent means 0."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from steinlab.checks.claims.oracles.moments import expectation
from steinlab.checks.claims.oracles.polynomials import Exponents, Poly, add, derivative, multiply


def exponents(variables: int, index: tuple[int, ...]) -> Exponents:
    """How often each variable occurs in an index.

    >>> exponents(3, (0, 2, 2))
    (1, 0, 2)
    """
    return tuple(index.count(i) for i in range(variables))


def moment_tensors(f: Mapping[Exponents, Fraction], variables: int, order: int) -> dict[tuple[int, ...], Fraction]:
    """E[∂_{i_1} ... ∂_{i_order} f] at sorted index tuples, by differentiating and taking expectations; zeros left out."""
    derivatives: dict[tuple[int, ...], Poly] = {(): dict(f)}
    for _ in range(order):
        derivatives = {
            (*index, i): derivative(p, i) for index, p in derivatives.items() for i in range(index[-1] if index else 0, variables)
        }
    means = {index: expectation(p) for index, p in derivatives.items()}
    return {index: mean for index, mean in means.items() if mean}


def norm_squared(entries: Mapping[tuple[int, ...], Fraction], variables: int, order: int) -> Fraction:
    """‖T‖_F², over all variables^order entries."""
    every = product(range(variables), repeat=order)
    return sum((entries.get(tuple(sorted(i)), Fraction(0)) ** 2 for i in every), Fraction(0))


def contraction(entries: Mapping[tuple[int, ...], Fraction], variables: int, order: int, k: int) -> list[Poly]:
    """The variables^(order - k) entries of T(w^{⊗k}), each a polynomial in w."""
    out = []
    for free in product(range(variables), repeat=order - k):
        total: Poly = {}
        for bound in product(range(variables), repeat=k):
            t = entries.get(tuple(sorted(free + bound)))
            if t:
                total = add(total, {exponents(variables, bound): t})
        out.append(total)
    return out


def contraction_second_moment(entries: Mapping[tuple[int, ...], Fraction], variables: int, order: int, k: int) -> Fraction:
    """E‖T(w^{⊗k})‖_F², w ~ N(0, I)."""
    return sum((expectation(multiply(p, p)) for p in contraction(entries, variables, order, k)), Fraction(0))
