import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.methods.ridge_head import RidgePath
from steinlab.theory.errors import InputError


def problem(n, p, seed):
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((n, p))
    return features, rng.standard_normal(n), rng.standard_normal(p)


def path(features, y):
    n = len(y)
    return RidgePath(features.T @ features / n, features.T @ y / n)


def loop(features, y, ridge, step, steps, start):
    """Gradient descent on (1/n) Σ (a·Φ - y)² + (λ/2)‖a‖², one step at a time."""
    a = start.copy()
    for _ in range(steps):
        a -= step * (2 / len(y) * features.T @ (features @ a - y) + ridge * a)
    return a


sizes = st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(0, 1000))


@given(sizes, st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=4))
def test_ridge_is_the_solution_of_the_normal_equations(size, ridges):
    features, y, _ = problem(*size)
    n, p = features.shape
    found = path(features, y).solve(ridges)
    for column, ridge in enumerate(ridges):
        expected = np.linalg.solve(2 / n * features.T @ features + ridge * np.eye(p), 2 / n * features.T @ y)
        assert np.allclose(found[:, column], expected, rtol=1e-8, atol=1e-10)


@given(sizes)
def test_at_zero_ridge_it_is_the_least_norm_solution(size):
    features, y, _ = problem(*size)
    expected = np.linalg.lstsq(features, y, rcond=None)[0]
    assert np.allclose(path(features, y).solve([0.0])[:, 0], expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max())


@given(sizes, st.floats(1e-2, 1e2))
def test_primal_and_dual_agree(size, ridge):
    features, y, _ = problem(*size)
    n = len(y)
    dual = features.T @ RidgePath(features @ features.T / n, y / n).solve([ridge])[:, 0]
    assert np.allclose(path(features, y).solve([ridge])[:, 0], dual, rtol=1e-8, atol=1e-10)


@given(sizes, st.sampled_from([0.0, 1e-6, 0.3, 5.0]), st.floats(0.01, 1.9), st.integers(0, 60), st.booleans())
def test_gradient_descent_in_closed_form_is_the_loop(size, ridge, fraction, steps, from_zero):
    features, y, start = problem(*size)
    start = np.zeros_like(start) if from_zero else start
    found_path = path(features, y)
    step = fraction * found_path.largest_step(ridge)
    found = found_path.gradient_descent(ridge, step, steps, None if from_zero else start)
    expected = loop(features, y, ridge, step, steps, start)
    assert np.allclose(found, expected, rtol=1e-7, atol=1e-9 * (1 + np.abs(expected).max()))


@given(sizes, st.floats(0.01, 10))
def test_gradient_descent_ends_at_the_ridge_solution(size, ridge):
    features, y, start = problem(*size)
    found = path(features, y)
    limit = found.gradient_descent(ridge, found.largest_step(ridge), 10**7, start)
    assert np.allclose(limit, found.solve([ridge])[:, 0], rtol=1e-8, atol=1e-10)


def test_many_small_steps_lose_no_digits():
    # With ηq = 1e-14, (1 - ηq)^T by plain powers is off in the second digit; the exact answer is 1 - e^{-1} to 1e-14.
    found = RidgePath(np.array([[0.5]]), np.array([0.5])).gradient_descent(0.0, 1e-14, 10**14)
    assert found[0] == pytest.approx(1 - np.exp(-1), rel=1e-12)


def test_too_large_a_step_is_refused_before_it_diverges():
    found = RidgePath(np.eye(2), np.ones(2))
    assert np.isfinite(found.gradient_descent(1.0, 2 / 3, 1000)).all()
    with pytest.raises(InputError, match=r"diverges.*below 0\.667"):
        found.gradient_descent(1.0, 0.7, 10)


def test_zero_features_give_a_zero_head():
    found = RidgePath(np.zeros((2, 2)), np.zeros(2))
    assert not found.solve([0.0, 1.0]).any()
    assert found.largest_step(0.0) == 1.0
    assert not found.gradient_descent(0.0, 1.0, 5).any()


def test_overflowing_features_are_reported():
    with pytest.raises(InputError, match="overflow"):
        RidgePath(np.array([[np.inf]]), np.ones(1))
