"""Correlational statistical queries: correlated Hermite ridge functions and the count in Lemma 2 (Damian et al.)."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

from steinlab.theory.errors import InputError
from steinlab.theory.numbers import Number, Scalar


def hermite_correlation(j: int, k: int, cosine: Scalar) -> Number:
    """E[He_j(u·x) He_k(v·x)] for unit u, v with u·v = cosine and x ~ N(0, I): k! cosine^k if j = k, else 0.

    Exact identity; section 5 (proof of Theorem 2). InputError if a degree is negative or |cosine| > 1.

    >>> str(hermite_correlation(3, 3, Fraction(1, 2))), str(hermite_correlation(2, 3, 1))
    ('3/4', '0')
    """
    rho = Number.of(cosine)
    if min(j, k) < 0 or abs(rho) > 1:
        raise InputError(f"degrees {j}, {k} and cosine {rho}: give degrees >= 0 and -1 <= cosine <= 1")
    return factorial(k) * rho**k if j == k else Number.of(0)


def removed_by_one_query(tolerance_squared: Fraction, correlation: Fraction) -> Fraction:
    """Most functions whose inner product with one unit-norm query exceeds τ in absolute value: 2/(τ² - ε).

    The functions have unit norm and |<f, g>| <= ε = correlation for f ≠ g; τ² = tolerance_squared must exceed ε. Exact
    upper bound; proof of Lemma 2, which needs unit-norm queries. InputError unless 0 <= ε < τ².

    >>> removed_by_one_query(Fraction(3, 4), Fraction(1, 4))
    Fraction(4, 1)
    """
    _require(tolerance_squared, correlation)
    return 2 / (tolerance_squared - correlation)


def removed_by_one_query_sharp(tolerance_squared: Fraction, correlation: Fraction) -> Fraction:
    """The same count bounded by (1 - ε)/(τ² - ε), less than half of `removed_by_one_query`. Exact upper bound; derived.

    Flipping the sign of f changes neither hypothesis, so all c inner products may be taken positive; then
    c² τ² <= <h, Σf>² <= ‖Σf‖² <= c + c(c-1)ε. Equality holds for c functions of equal correlation ε and h their mean.

    >>> removed_by_one_query_sharp(Fraction(3, 4), Fraction(1, 4))
    Fraction(3, 2)
    """
    _require(tolerance_squared, correlation)
    return (1 - correlation) / (tolerance_squared - correlation)


def queries_needed(size: int, tolerance_squared: Fraction, correlation: Fraction) -> Fraction:
    """Queries of tolerance τ without which no learner tells `size` such functions apart: size (τ² - ε)/2.

    A learner with fewer queries outputs some f in the class with loss above 2 - 2ε. Exact lower bound; Lemma 2.

    >>> queries_needed(100, Fraction(3, 4), Fraction(1, 4))
    Fraction(25, 1)
    """
    if size < 1:
        raise InputError(f"a class of {size} functions: it must have at least one")
    return size / removed_by_one_query(tolerance_squared, correlation)


def _require(tolerance_squared: Fraction, correlation: Fraction) -> None:
    if not 0 <= correlation < tolerance_squared:
        raise InputError(f"τ² = {tolerance_squared} and ε = {correlation}: Lemma 2 needs 0 <= ε < τ²")
