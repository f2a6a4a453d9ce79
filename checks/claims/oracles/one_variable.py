"""Polynomials of one variable on an interval."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from steinlab.checks.claims.oracles.polynomials import Poly, Vector, add, multiply, scale


def integral_of_relu(weight: Vector, a: int) -> Poly:
    """The polynomial in x equal to ∫_{-1}^{1} weight(b) max(ax + b, 0) db for |x| <= 1 and a in {-1, 1}.

    The integrand vanishes below b = -ax, so the integral runs from there to 1.
    """
    total: Poly = {}
    for n, c in enumerate(weight):
        factors: list[Poly] = [{(1,): Fraction(a)}, {(0,): Fraction(1)}]  # a x b^n, then b^{n+1}
        for m, factor in enumerate(factors, n + 1):
            primitive = add({(0,): Fraction(1, m)}, {(m,): Fraction(-((-a) ** m), m)})
            total = add(total, scale(c, multiply(factor, primitive)))
    return total


def nonnegative_on_interval(p: Vector, low: Fraction, high: Fraction, depth: int = 40) -> bool | None:
    """Whether the polynomial with these coefficients (constant first) is >= 0 on [low, high]; None if undecided at depth.

    Bernstein coefficients bound a polynomial from both sides and meet it at the two ends.
    """
    n = len(p) - 1
    width = high - low
    # q(t) = p(low + t width), then its Bernstein coefficients β_i = Σ_j C(i,j)/C(n,j) q_j, by repeated differences.
    shifted = [Fraction(0)] * (n + 1)
    for c in reversed(p):
        for j in range(n, 0, -1):
            shifted[j] = shifted[j] * low + shifted[j - 1] * width
        shifted[0] = shifted[0] * low + c
    bernstein, binomial = [], 1
    differences = []
    for j, c in enumerate(shifted):
        differences.append(c / binomial)
        binomial = binomial * (n - j) // (j + 1)
    for _ in range(n + 1):
        bernstein.append(differences[0])
        differences = [a + b for a, b in pairwise(differences)]
    if min(bernstein) >= 0:
        return True
    if bernstein[0] < 0 or bernstein[-1] < 0:
        return False
    if depth == 0:
        return None
    middle = (low + high) / 2
    left = nonnegative_on_interval(p, low, middle, depth - 1)
    right = nonnegative_on_interval(p, middle, high, depth - 1)
    if left is False or right is False:
        return False
    return None if left is None or right is None else True
