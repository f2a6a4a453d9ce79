"""Quadrature split at kinks against closed forms, the bivariate normal law and sampling."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import multivariate_normal, norm

from steinlab.numerics.population.quadrature import Forms, quadrature, sample
from steinlab.theory.errors import InputError

entries = st.floats(-2, 2).map(lambda x: round(x, 3))
rows = hnp.arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 4)), elements=entries)


@given(rows)
def test_forms_are_their_coordinates(a):
    forms = Forms(a, [[]] * len(a))
    assert np.allclose(forms.lower @ forms.basis, a, atol=1e-12)
    assert np.allclose(forms.basis @ forms.basis.T, np.eye(forms.dimension), atol=1e-12)
    assert forms.dimension == np.linalg.matrix_rank(a, tol=1e-9)


def test_nearly_parallel_forms_keep_an_orthonormal_basis():
    forms = Forms(np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0 + 1e-9], [1.0, 1.0 + 1e-9, 1.0]]), [[]] * 3)
    assert forms.dimension == 3
    assert np.abs(forms.basis @ forms.basis.T - np.eye(3)).max() <= 1e-14


@given(rows)
def test_moments_are_exact(a):
    at = quadrature(Forms(a, [[]] * len(a)), 30)
    assert at.weights.sum() == pytest.approx(1)
    covariance = a @ a.T
    assert np.allclose((at.values * at.weights[:, None]).T @ at.values, covariance, atol=1e-9)
    fourth = at.weights @ at.values[:, 0] ** 4
    assert fourth == pytest.approx(3 * covariance[0, 0] ** 2, abs=1e-8)
    assert np.allclose(at.coordinates @ at.basis @ a.T, at.values, atol=1e-12)


@given(st.floats(-0.95, 0.95), st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_orthants(rho, h, k):
    """Two jumps: P(X > h, Y > k) for correlation ρ."""
    a = np.array([[1.0, 0.0], [rho, np.sqrt(1 - rho**2)]])
    at = quadrature(Forms(a, [[h], [k]]), 48)
    found = at.weights @ ((at.values[:, 0] > h) & (at.values[:, 1] > k))
    assert found == pytest.approx(multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([-h, -k]), abs=3e-6)


def test_convergence_is_exponential_where_kinks_belong_to_independent_forms():
    a = np.array([[1.0, 0.3, 0.0], [0.4, -1.0, 0.5]])
    exact = quadrature(Forms(a, [[0.2], [-0.4]]), 80)

    def value(at):
        return at.weights @ (np.maximum(at.values[:, 0] - 0.2, 0) * np.sign(at.values[:, 1] + 0.4) * np.cos(at.values[:, 1]))

    errors = [abs(value(quadrature(Forms(a, [[0.2], [-0.4]]), n)) - value(exact)) for n in (10, 20, 30)]
    assert errors[1] < 1e-2 * errors[0]
    assert errors[2] < 1e-10


@given(st.floats(-2, 2), st.floats(0.2, 2), st.floats(-2, 2))
def test_holding_the_first_form(value, length, slope):
    """E[f | w·x = c] with u·x conditionally normal."""
    a = np.array([[length, 0.0], [slope, 1.0]])
    at = quadrature(Forms(a, [[], [0.0]], hold_first=True), 40, pinned=value)
    assert np.allclose(at.values[:, 0], value)
    mean = slope * value / length
    assert at.weights @ np.maximum(at.values[:, 1], 0) == pytest.approx(norm.pdf(mean) + mean * norm.cdf(mean), abs=1e-9)


def test_forms_with_kinks_come_first():
    """tanh of a form next to a jump of one nearly parallel to it: smooth in what is left."""
    a = np.array([[1.0, 0.0], [1.0, 1e-3]])
    at = quadrature(Forms(a, [[], [0.5]]), 64)
    found = at.weights @ (np.tanh(at.values[:, 0]) * (at.values[:, 1] > 0.5))
    grid = np.linspace(0.5, 12, 400_001)
    assert found == pytest.approx(np.trapezoid(np.tanh(grid) * norm.pdf(grid), grid), abs=1e-5)


def test_samples_agree_with_quadrature():
    a = np.array([[1.0, 0.5], [0.0, 2.0]])
    forms = Forms(a, [[], [1.0]])
    at = sample(forms, 200_000, np.random.default_rng(0))
    exact = quadrature(forms, 40)
    f = lambda values: np.tanh(values[:, 0]) * np.maximum(values[:, 1] - 1, 0)  # noqa: E731
    assert at.weights @ f(at.values) == pytest.approx(exact.weights @ f(exact.values), abs=0.01)
    held = sample(Forms(a, [[], []], hold_first=True), 10, np.random.default_rng(0), pinned=0.3)
    assert np.allclose(held.values[:, 0], 0.3)


def test_bad_forms_are_refused():
    with pytest.raises(InputError, match="one list"):
        Forms(np.eye(2), [[]])
    with pytest.raises(InputError, match="rows"):
        Forms(np.zeros((0, 2)), [])
    zero = Forms(np.zeros((1, 2)), [[]], hold_first=True)
    for rule in (lambda: quadrature(zero, 20, pinned=1.0), lambda: sample(zero, 20, np.random.default_rng(0), pinned=1.0)):
        with pytest.raises(InputError, match="zero"):
            rule()


def test_panels_are_counted_where_a_form_ends():
    """Kinks of both forms cut the first coordinate when they are parallel, else one coordinate each."""
    assert Forms(np.array([[1.0, 0.0], [2.0, 0.0]]), [[0.0], [1.0, 2.0]]).panels == 4
    assert Forms(np.array([[1.0, 0.0], [2.0, 1.0]]), [[0.0], [1.0, 2.0]]).panels == 2 * 3
    assert Forms(np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 0.0]]), [[], [], []]).panels == 1
    at = quadrature(Forms(np.array([[1.0, 0.0], [2.0, 1.0]]), [[0.0], [1.0, 2.0]]), 5)
    assert at.weights.shape == (2 * 5 * 3 * 5,)


def test_smooth_coordinates_have_equidistant_points_up_to_the_radius():
    at = quadrature(Forms(np.eye(1), [[]]), 38)
    assert (at.values.min(), at.values.max()) == (-9.25, 9.25)
    assert np.allclose(np.diff(at.values[:, 0]), 0.5)
    assert at.weights @ at.values[:, 0] ** 6 == pytest.approx(15, rel=1e-12)
    beyond = quadrature(Forms(np.eye(1), [[-20.0, 30.0]]), 40)  # panels of no length
    assert beyond.weights @ beyond.values[:, 0] ** 2 == pytest.approx(1, rel=1e-10)


def test_a_form_that_is_held_has_its_value_in_units_of_its_length():
    held = quadrature(Forms(np.array([[0.0, 2.0]]), [[]], hold_first=True), 5, pinned=3.0)
    assert (held.coordinates.tolist(), held.values.tolist(), held.weights.tolist()) == ([[1.5]], [[3.0]], [1.0])
    drawn = sample(Forms(np.array([[0.0, 2.0]]), [[]], hold_first=True), 4, np.random.default_rng(0), pinned=3.0)
    assert (drawn.coordinates.tolist(), drawn.weights.tolist()) == ([[1.5]] * 4, [0.25] * 4)


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(quadrature).kwonlydefaults == {"pinned": None}
    assert inspect.getfullargspec(sample).kwonlydefaults == {"pinned": None}
    assert inspect.getfullargspec(Forms).kwonlydefaults == {"hold_first": False}
