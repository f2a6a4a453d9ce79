"""The heat operator and Gaussian means against moments taken term by term, quadrature and Stein's lemma."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import hermite_e

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import matrices, polynomials
from steinlab.theory.errors import InputError
from steinlab.theory.exact.gaussian import gaussian_mean, heat
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import MAX_MONOMIALS, Polynomial
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import number, polynomial

links = polynomials(2, 5)


def plain(p):
    return {alpha: c.fraction for alpha, c in p.terms().items()}


def covariance(root):
    """A Aᵀ as a matrix of Numbers."""
    return tuple(tuple(Number.of(oracles.dot(u, v)) for v in root) for u in root)


@given(links, st.integers(1, 3).flatmap(lambda k: matrices(2, k)))
def test_heat_is_the_mean_over_shifts(p, root):
    assert plain(heat(Polynomial.from_terms(p), covariance(root))) == oracles.smoothed(p, root)


@given(links)
def test_heat_without_a_covariance_is_that_of_the_identity(p):
    f = Polynomial.from_terms(p)
    unit = ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)))
    assert plain(heat(f)) == oracles.smoothed(p, unit)
    assert heat(f, time=4) == heat(f, covariance(((2, 0), (0, 2))))
    assert heat(f, covariance(unit), time=-1) == heat(f, time=-1)


@given(links, matrices(2, 2))
def test_time_minus_one_undoes_time_one(p, root):
    f = Polynomial.from_terms(p)
    assert heat(heat(f, covariance(root)), covariance(root), time=-1) == f
    assert heat(heat(f), time=-1) == f
    assert heat(heat(f, time=2), time=3) == heat(f, time=5)


@given(polynomials(1, 6))
def test_time_minus_one_turns_monomials_into_hermite_polynomials(p):
    expected = {}
    for (k,), c in p.items():
        expected = oracles.add(expected, oracles.scale(c, oracles.hermite(k)))
    assert plain(heat(Polynomial.from_terms(p), time=-1)) == expected


@given(links, st.integers(1, 2).flatmap(lambda k: matrices(2, k)))
def test_means_are_those_of_the_moments(p, root):
    f = Polynomial.from_terms(p)
    assert gaussian_mean(f) == oracles.expectation(p)
    inner = len(root[0])
    assert gaussian_mean(f, covariance(root)) == oracles.expectation(oracles.substitute(p, root, inner))


@given(polynomials(2, 4), matrices(2, 2), st.integers(0, 1))
def test_steins_identity(p, root, i):
    """E[y_i p(y)] = Σ_j Σ_ij E[∂_j p(y)]."""
    f, sigma = Polynomial.from_terms(p), covariance(root)
    left = gaussian_mean(Polynomial.variable(i, 2) * f, sigma)
    assert left == sum((sigma[i][j] * gaussian_mean(f.derivative(j), sigma) for j in (0, 1)), Number.of(0))


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("sqrt(2)*z1**4*z2**2 - z1**2/3 + z2", lambda a, b: np.sqrt(2) * a**4 * b**2 - a**2 / 3 + b),
        ("(z1 + 2**(1/3)*z2)**6", lambda a, b: (a + np.cbrt(2) * b) ** 6),
        ("sqrt(1 + sqrt(2))*z1**2", lambda a, b: np.sqrt(1 + np.sqrt(2)) * a**2 + 0 * b),
    ],
)
def test_means_over_number_fields_agree_with_quadrature(text, function):
    points, weights = hermite_e.hermegauss(12)
    expected = weights @ function(points[:, None], points[None, :]) @ weights / weights.sum() ** 2
    assert float(gaussian_mean(polynomial(parse(text), 2))) == pytest.approx(expected, rel=1e-12)


def test_a_covariance_over_a_number_field():
    """y = √2 x has E y⁴ = 12, and a shift that is irrational stays exact."""
    z = Polynomial.variable(0, 1)
    assert heat(z**4, ((Number.of(2),),)) == z**4 + 12 * z**2 + 12
    assert heat(z**2, ((number("sqrt(2)"),),)) == z**2 + number("sqrt(2)")


def test_the_bound_on_monomials_is_checked_before_the_work():
    dense = Polynomial.from_terms({(6,) * 10: 1})
    with pytest.raises(InputError, match=f"{3**11} monomials; the bound is {MAX_MONOMIALS}"):
        heat(Polynomial.from_terms({(4,) * 11: 1}))
    with pytest.raises(InputError, match=f"the bound is {MAX_MONOMIALS}"):
        heat(dense, covariance([[int(i <= j) for j in range(10)] for i in range(10)]))


def test_a_high_degree_is_no_obstacle_where_the_result_is_small():
    sparse = Polynomial.from_terms({(1,) * 40: 1, (2,) + (0,) * 39: 1})
    assert heat(sparse) == sparse + 1
