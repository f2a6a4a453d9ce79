"""Integrals against quadrature, signs against samples."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from steinlab.checks.claims import cases, oracles


@given(st.lists(cases.rationals(), min_size=1, max_size=5), st.sampled_from([-1, 1]), st.floats(-1, 1))
def test_integral_of_relu_by_quadrature(weight, a, x):
    def integrand(b):
        return sum(float(c) * b**n for n, c in enumerate(weight)) * (a * x + b)

    polynomial = oracles.integral_of_relu(weight, a)
    assert sum(float(c) * x**n for (n,), c in polynomial.items()) == pytest.approx(quad(integrand, -a * x, 1)[0], abs=1e-8)


@given(st.lists(cases.rationals(), min_size=1, max_size=6), cases.rationals(), cases.rationals())
def test_sign_on_an_interval_agrees_with_samples(p, low, width):
    high = low + abs(width)
    verdict = oracles.nonnegative_on_interval(p, low, high)
    samples = [low + (high - low) * Fraction(i, 64) for i in range(65)]
    lowest = min(sum(c * b**n for n, c in enumerate(p)) for b in samples)
    if lowest < 0:
        assert verdict is False
    if verdict is False:
        assert lowest < Fraction(1, 2)
    if lowest > 1:
        assert verdict is True


def test_sign_on_an_interval_known_cases():
    sign = oracles.nonnegative_on_interval
    assert sign([Fraction(1), Fraction(-1)], Fraction(-1), Fraction(1)) is True  # 1 - b touches 0 at the end
    assert sign([Fraction(1), Fraction(-2)], Fraction(-1), Fraction(1)) is False
    assert sign([Fraction(1, 100), Fraction(0), Fraction(1)], Fraction(-1), Fraction(1)) is True
    assert sign([Fraction(-1, 10**9), Fraction(0), Fraction(1)], Fraction(-1), Fraction(1)) is False
    third = [Fraction(1, 9), Fraction(-2, 3), Fraction(1)]  # (b - 1/3)²: its zero is never a bisection point
    assert sign(third, Fraction(-1), Fraction(1)) is None
