"""Monomials as averages of random ReLU features: the weights v_k of Damian et al., Lemma 9 and Corollary 3."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import exp, pi, sqrt

from steinlab.theory.errors import InputError


def monomial_weight(k: int, a: int) -> tuple[Fraction, ...]:
    """Coefficients in b, constant first, of v_k(a, b), a in {-1, 1}: E[v_k(a, b) σ(ax + b)] = x^k for |x| <= 1.

    Here a is uniform on {-1, 1}, b uniform on [-1, 1] and σ = ReLU. With f = x^k: v_0 = 6b, v_1 = 2a and, for k >= 2,
    v_k = 2(1-a) f''(b) - [f'(1) - f(1)] v_0 + f'(1) v_1. Exact identity; Lemma 9. InputError for k < 0 or another a.

    >>> [str(c) for c in monomial_weight(2, -1)]  # 4 - 6b
    ['4', '-6']
    """
    _require(k, a)
    if k == 0:
        return (Fraction(0), Fraction(6))
    coefficients = [Fraction(0)] * max(2, k - 1)
    coefficients[0] += 2 * a * k
    coefficients[1] -= 6 * (k - 1)
    if k >= 2:
        coefficients[k - 2] += 2 * (1 - a) * k * (k - 1)
    return tuple(coefficients)


def polynomial_weight(coefficients: Sequence[Fraction | int], a: int) -> tuple[Fraction, ...]:
    """v_f = Σ f_k v_k for f = Σ f_k x^k: coefficients in b, constant first, with E[v_f σ(ax + b)] = f(x) for |x| <= 1.

    Exact identity, Lemma 9 by linearity. InputError for an a other than -1 and 1.

    >>> [str(c) for c in polynomial_weight([1, 0, 1], 1)]  # 6b + v_2
    ['4', '0']
    """
    total = [Fraction(0)] * max(2, len(coefficients) - 1)
    for k, f in enumerate(coefficients):
        for power, c in enumerate(monomial_weight(k, a)):
            total[power] += f * c
    return tuple(total)


def monomial_weight_supremum(k: int) -> int:
    """sup |v_k(a, b)| over a in {-1, 1} and |b| <= 1, exactly: 6, 2, 10, 18, 58, 66, ...

    Closed form (derived): 4k² - 6 for even k >= 2 and 4k² - 8k + 6 for odd k, reached at b = -1. On a = 1,
    |v_k| <= 8k - 6. On a = -1, an interior critical point has 4k(k-1) b^{k-2} = 6(k-1) b/(k-2), where
    |v_k| <= 6(k-1) + 2k = 8k - 6 too, and the endpoints give the values stated.

    >>> [monomial_weight_supremum(k) for k in range(6)]
    [6, 2, 10, 18, 58, 66]
    """
    _require(k, 1)
    if k == 0:
        return 6
    return 4 * k * k - 6 if k % 2 == 0 else 4 * k * k - 8 * k + 6


def gaussian_monomial_weight(k: int, a: int) -> tuple[Fraction, ...]:
    """Coefficients in b of q such that E[v(a, b) σ(ax + b)] = x^k for |x| <= 1 with v(a, b) = 1{|b| <= 1} q(b)/μ(b).

    Here b ~ N(0, 1) has density μ, and q = v_k/2: the factor 1/(2μ) turns μ into the uniform density on [-1, 1]. Exact
    identity; Corollary 3. `gaussian_monomial_weight_supremum` bounds v. InputError as for `monomial_weight`.

    >>> [str(c) for c in gaussian_monomial_weight(1, -1)]
    ['-1', '0']
    """
    return tuple(c / 2 for c in monomial_weight(k, a))


def gaussian_monomial_weight_supremum(k: int) -> float:
    """sup |v| of Corollary 3's weight: √(2πe)/2 times `monomial_weight_supremum`, as both factors peak at b = -1.

    Derived closed form, evaluated in floating point (numerical).

    >>> round(gaussian_monomial_weight_supremum(1), 6)
    4.132731
    """
    return monomial_weight_supremum(k) * sqrt(2 * pi) * exp(0.5) / 2


def _require(k: int, a: int) -> None:
    if k < 0:
        raise InputError(f"k = {k}: the power of x must be at least 0")
    if a not in (-1, 1):
        raise InputError(f"a = {a}: the first-layer sign is -1 or 1")
