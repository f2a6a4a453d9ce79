"""Moments against known values, quadrature and relations that they do not use."""

from fractions import Fraction
from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, norm

from steinlab.checks.claims import cases, oracles

polynomials = cases.polynomials(2, 4)
points = st.tuples(cases.rationals(), cases.rationals())
ROOT = sqrt(2 * pi)


def value(pair):
    return float(pair[0]) + float(pair[1]) / ROOT


def test_normal_moments():
    assert [oracles.normal_moment(n) for n in range(9)] == [1, 0, 1, 0, 3, 0, 15, 0, 105]


@given(st.lists(st.integers(0, 2), min_size=0, max_size=8))
def test_pairings_are_the_moments(points):
    alpha = tuple(points.count(i) for i in range(3))
    assert oracles.pairings(points) == oracles.expectation({alpha: Fraction(1)})


@pytest.mark.parametrize("n", range(9))
def test_half_line_moments_by_quadrature(n):
    expected = quad(lambda z: z**n * norm.pdf(z), 0, 40)[0]
    assert value(oracles.half_line_moment(n)) == pytest.approx(expected, rel=1e-8)


@given(st.integers(1, 4).flatmap(cases.unit_vectors))
def test_householder_is_orthogonal_with_the_vector_first(w):
    basis = oracles.householder(w)
    assert [row[0] for row in basis] == list(w)
    columns = list(zip(*basis, strict=True))
    for i, u in enumerate(columns):
        assert [oracles.dot(u, v) for v in columns] == [int(i == j) for j in range(len(w))]


def test_householder_refuses_other_vectors():
    with pytest.raises(ValueError, match="unit"):
        oracles.householder([Fraction(1), Fraction(1)])


@given(polynomials, cases.unit_vectors(2))
def test_half_space_gradient_by_quadrature_in_polar_coordinates(f, w):
    """x = ρ(cos θ, sin θ): the half-space is an arc, the radius has moments E ρ^n = 2^{n/2} Γ(n/2 + 1)."""
    theta = np.arctan2(float(w[1]), float(w[0])) + np.linspace(-pi / 2, pi / 2, 4001)
    cosine, sine = np.cos(theta), np.sin(theta)
    expected = np.zeros(2)
    for (a, b), c in f.items():
        radius = 2 ** ((a + b + 1) / 2) * _gamma((a + b + 1) / 2 + 1)
        for i, x in enumerate((cosine, sine)):
            expected[i] += float(c) * radius * np.trapezoid(cosine**a * sine**b * x, theta) / (2 * pi)
    actual = [value(pair) for pair in oracles.half_space_gradient(f, w)]
    assert actual == pytest.approx(expected, abs=1e-4)


def _gamma(x):
    from scipy.special import gamma

    return float(gamma(x))


def test_half_space_gradient_of_a_constant_points_along_w():
    w = [Fraction(3, 5), Fraction(-4, 5)]
    assert oracles.half_space_gradient({(0, 0): Fraction(1)}, w) == [(0, Fraction(3, 5)), (0, Fraction(-4, 5))]


@given(st.tuples(*[st.integers(0, 6)] * 3))
def test_sphere_moments_add_up_because_the_norm_is_one(alpha):
    raised = [tuple(a + 2 * (i == j) for j, a in enumerate(alpha)) for i in range(3)]
    assert sum(map(oracles.sphere_moment, raised)) == oracles.sphere_moment(alpha)


def test_sphere_moments_known_values():
    assert oracles.sphere_moment((2, 2, 0)) == Fraction(1, 15)
    assert oracles.sphere_moment((4, 0)) == Fraction(3, 8)
    assert oracles.sphere_moment((1, 1)) == 0


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 4), st.integers(0, 4))
def test_beta_moments_by_scipy(a, b, m, n):
    expected = beta(a / 2, b / 2).expect(lambda s: s**m * (1 - s) ** n) if m + n else 1
    assert float(oracles.beta_moment(Fraction(a, 2), Fraction(b, 2), m, n)) == pytest.approx(expected, rel=1e-5)


@given(polynomials, cases.matrices(2, 2), points)
def test_smoothing_adds_a_gaussian(p, root, v):
    """E p(v + Az) at a point, by expanding p(v + Az) in z alone."""
    shifted = oracles.substitute(p, [(*row, c) for row, c in zip(root, v, strict=True)], 3)
    at_one = {}
    for alpha, c in shifted.items():
        at_one = oracles.add(at_one, {alpha[:2]: c})
    assert oracles.evaluate(oracles.smoothed(p, root), v) == oracles.expectation(at_one)
