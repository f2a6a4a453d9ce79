"""The oracles against known values, quadrature and relations they do not use."""

from fractions import Fraction
from math import factorial, pi, sqrt

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


@given(polynomials, polynomials, points)
def test_arithmetic_agrees_with_evaluation(p, q, x):
    at = oracles.evaluate
    assert at(oracles.add(p, q), x) == at(p, x) + at(q, x)
    assert at(oracles.multiply(p, q), x) == at(p, x) * at(q, x)
    assert at(oracles.power(p, 3, 2), x) == at(p, x) ** 3
    assert at(oracles.scale(Fraction(-2, 3), p), x) == Fraction(-2, 3) * at(p, x)


@given(polynomials, cases.matrices(2, 3), cases.vectors(3))
def test_substitution_agrees_with_evaluation(p, rows, x):
    assert oracles.evaluate(oracles.substitute(p, rows, 3), x) == oracles.evaluate(p, [oracles.dot(row, x) for row in rows])


@given(polynomials, polynomials, st.integers(0, 1))
def test_product_rule(p, q, i):
    d = oracles.derivative
    expected = oracles.add(oracles.multiply(d(p, i), q), oracles.multiply(p, d(q, i)))
    assert d(oracles.multiply(p, q), i) == expected


def test_derivative_of_a_monomial():
    assert oracles.derivative({(3, 2): Fraction(1)}, 0) == {(2, 2): 3}


def test_hermite_polynomials_known_and_orthogonal():
    assert oracles.hermite(4) == {(4,): 1, (2,): -6, (0,): 3}
    for j in range(7):
        for k in range(7):
            product = oracles.multiply(oracles.hermite(j), oracles.hermite(k))
            assert oracles.expectation(product) == (factorial(k) if j == k else 0)


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


@given(polynomials, st.integers(0, 4))
def test_moment_tensors_are_hermite_coefficients(f, k):
    """E ∂^α f = E[f He_α], Π He in each coordinate."""
    tensors = oracles.moment_tensors(f, 2, k)
    for ones in range(k + 1):
        index = (0,) * (k - ones) + (1,) * ones
        first = oracles.substitute(oracles.hermite(k - ones), [(1, 0)], 2)
        second = oracles.substitute(oracles.hermite(ones), [(0, 1)], 2)
        expected = oracles.expectation(oracles.multiply(f, oracles.multiply(first, second)))
        assert tensors.get(index, 0) == expected


@given(cases.tensors(2, 3), cases.vectors(2))
def test_contraction_of_every_slot_is_the_form(entries, w):
    (form,) = oracles.contraction(entries, 2, 3, 3)
    full = {(3, 0): (0, 0, 0), (2, 1): (0, 0, 1), (1, 2): (0, 1, 1), (0, 3): (1, 1, 1)}
    binomial = {(3, 0): 1, (2, 1): 3, (1, 2): 3, (0, 3): 1}
    expected = {alpha: binomial[alpha] * entries.get(index, Fraction(0)) for alpha, index in full.items()}
    assert oracles.evaluate(form, w) == oracles.evaluate(expected, w)
    assert oracles.norm_squared(entries, 2, 3) == sum(binomial[a] * entries.get(i, 0) ** 2 for a, i in full.items())
    assert len(oracles.contraction(entries, 2, 3, 1)) == 4


@given(st.lists(cases.vectors(3), max_size=4), cases.vectors(3))
def test_projector_splits_a_vector(vectors, x):
    basis = oracles.orthogonalised(vectors)
    assert all(oracles.dot(u, v) == 0 for i, u in enumerate(basis) for v in basis[:i])
    assert len(basis) == np.linalg.matrix_rank(np.array(vectors, dtype=float).reshape(-1, 3))
    inside = [oracles.dot(row, x) for row in oracles.projector(basis, 3)]
    assert all(oracles.dot([a - b for a, b in zip(x, inside, strict=True)], v) == 0 for v in vectors)
    assert oracles.orthogonalised([inside], basis) == []


def test_hermite_sums():
    assert oracles.from_hermite({(2, 1): Fraction(3)}) == {(2, 1): 3, (0, 1): -3}


@pytest.mark.parametrize(
    ("f", "steps"),
    [
        ({(1, 0): 1, (0, 1): 1, (1, 1): 1}, [(1, 1), (2, 1)]),
        ({(1, 0): 1, (0, 1): 1, (2, 0): 1, (0, 2): -1}, [(1, 1), (1, 1)]),
        ({(1, 1): 1}, [(2, 2)]),
        ({(3, 0): 1, (1, 0): -3}, [(3, 1)]),
        ({(0, 0): 5}, []),
    ],
    ids=["staircase", "contracted", "product", "He_3", "constant"],
)
def test_subspace_leap_known_cases(f, steps):
    f = {alpha: Fraction(c) for alpha, c in f.items()}
    assert oracles.subspace_leap_steps(f, 2) == steps
    assert len(oracles.relevant_subspace(f, 2)) == sum(gained for _, gained in steps)


def test_coordinate_leap_known_cases():
    assert oracles.coordinate_leap([(1, 0), (0, 1), (1, 1)]) == 1
    assert oracles.coordinate_leap([(1, 1, 1)]) == 3
    assert oracles.coordinate_leap([(1, 1, 1, 1), (1, 0, 0, 0), (1, 1, 1, 0)]) == 2


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
