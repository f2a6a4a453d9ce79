"""Hermite polynomials against NumPy's hermite_e module and exact Gaussian moments."""

from fractions import Fraction
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import hermite_e

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import unit_vectors
from steinlab.theory.exact.hermite import double_factorial, hermite_coefficients, hermite_of, monomial_coefficients
from steinlab.theory.exact.polynomials import Polynomial


@pytest.mark.parametrize("k", range(16))
def test_coefficients_agree_with_numpy(k):
    assert hermite_coefficients(k) == tuple(hermite_e.herme2poly([0] * k + [1]))
    assert monomial_coefficients(k) == tuple(hermite_e.poly2herme([0] * k + [1]))


@pytest.mark.parametrize("k", [0, 1, 2, 7, 40, 101])
def test_the_two_changes_of_basis_are_inverse(k):
    back = [Fraction(0)] * (k + 1)
    for power, c in enumerate(hermite_coefficients(k)):
        for j, b in enumerate(monomial_coefficients(power)):
            back[j] += c * b
    assert back == [0] * k + [1]


@given(unit_vectors(3), unit_vectors(3), st.integers(0, 4), st.integers(0, 4))
def test_orthogonality_along_two_unit_vectors(u, v, j, k):
    """E[He_j(u·x) He_k(v·x)] = k! (u·v)^k δ_jk, the left side from moments term by term."""
    left = {a: c.fraction for a, c in hermite_of(j, form(u)).terms().items()}
    right = {a: c.fraction for a, c in hermite_of(k, form(v)).terms().items()}
    expected = factorial(k) * oracles.dot(u, v) ** k if j == k else 0
    assert oracles.expectation(oracles.multiply(left, right)) == expected


def form(u):
    return Polynomial.from_terms({tuple(int(i == j) for j in range(len(u))): c for i, c in enumerate(u)})


@given(st.integers(0, 7), st.lists(st.integers(-3, 3), min_size=1, max_size=3))
def test_hermite_of_a_polynomial_substitutes_it(k, values):
    u = {(i,): Fraction(c) for i, c in enumerate(values) if c}
    expected = {}
    for (power,), c in oracles.hermite(k).items():
        expected = oracles.add(expected, oracles.scale(c, oracles.power(u, power, 1)))
    got = hermite_of(k, Polynomial.from_terms(u, 1))
    assert {a: c.fraction for a, c in got.terms().items()} == expected


def test_double_factorials():
    assert [double_factorial(n) for n in range(-1, 9)] == [1, 1, 1, 2, 3, 8, 15, 48, 105, 384]
