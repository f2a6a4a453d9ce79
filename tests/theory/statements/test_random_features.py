"""Against numerical integration over b, split at the kink."""

from fractions import Fraction
from math import e, exp, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from steinlab.theory.errors import InputError
from steinlab.theory.statements.random_features import (
    gaussian_monomial_weight,
    gaussian_monomial_weight_supremum,
    monomial_weight,
    monomial_weight_supremum,
    polynomial_weight,
)

points = st.floats(-1, 1)
powers = st.integers(0, 9)


def horner(weight: tuple[Fraction, ...], b: float) -> float:
    return float(np.polynomial.polynomial.polyval(b, [float(c) for c in weight]))


def density(b: float) -> float:
    return exp(-b * b / 2) / sqrt(2 * pi)


def average(weights, x, law):
    """E over a in {-1, 1} of ∫ law(b) weight_a(b) σ(ax + b) db, |b| <= 1."""
    return sum(
        quad(lambda b, a=a, v=v: law(b) * horner(v, b) * (a * x + b), -a * x, 1, epsabs=1e-11)[0] / 2
        for a, v in zip((-1, 1), weights, strict=True)
    )


@given(powers, points)
def test_weights_reproduce_the_monomial(k, x):
    weights = [monomial_weight(k, a) for a in (-1, 1)]
    assert average(weights, x, lambda b: 0.5) == pytest.approx(x**k, abs=1e-8)


@given(powers, points)
def test_gaussian_biases_reproduce_it_too(k, x):
    """The weight q(b)/μ(b) against the density μ(b), written out."""
    weights = [gaussian_monomial_weight(k, a) for a in (-1, 1)]
    assert average(weights, x, lambda b: density(b) / density(b)) == pytest.approx(x**k, abs=1e-8)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=6), points)
def test_polynomials_by_linearity(f, x):
    weights = [polynomial_weight(f, a) for a in (-1, 1)]
    assert average(weights, x, lambda b: 0.5) == pytest.approx(sum(c * x**k for k, c in enumerate(f)), abs=1e-7)


@given(st.integers(0, 30))
def test_supremum_is_reached_and_not_exceeded(k):
    grid = np.linspace(-1, 1, 2001)
    values = np.abs([np.polynomial.polynomial.polyval(grid, [float(c) for c in monomial_weight(k, a)]) for a in (-1, 1)])
    assert values.max() == pytest.approx(monomial_weight_supremum(k), rel=1e-12)


@given(st.integers(0, 30))
def test_gaussian_supremum_on_a_grid(k):
    grid = np.linspace(-1, 1, 2001)
    mu = np.exp(-(grid**2) / 2) / sqrt(2 * pi)
    polynomials = [[float(c) for c in gaussian_monomial_weight(k, a)] for a in (-1, 1)]
    values = np.abs([np.polynomial.polynomial.polyval(grid, q) / mu for q in polynomials])
    assert values.max() == pytest.approx(gaussian_monomial_weight_supremum(k), rel=1e-9)
    assert gaussian_monomial_weight_supremum(k) == pytest.approx(sqrt(2 * pi * e) / 2 * monomial_weight_supremum(k))


def test_published_values():
    assert [monomial_weight_supremum(k) for k in range(6)] == [6, 2, 10, 18, 58, 66]
    assert monomial_weight(0, 1) == monomial_weight(0, -1) == (0, 6)
    assert monomial_weight(1, 1)[0] == 2
    assert monomial_weight(1, -1)[0] == -2


@pytest.mark.parametrize(("k", "a"), [(-1, 1), (2, 0), (2, 3)])
def test_arguments_out_of_range_are_refused(k, a):
    with pytest.raises(InputError):
        monomial_weight(k, a)
    with pytest.raises(InputError):
        gaussian_monomial_weight(k, a)


def test_negative_powers_have_no_supremum():
    with pytest.raises(InputError):
        monomial_weight_supremum(-1)
