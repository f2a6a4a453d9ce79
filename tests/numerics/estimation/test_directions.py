"""Rank and dimension: weights, subspaces, the bound on what was not seen."""

import math

import numpy as np
import pytest
import scipy.stats

from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.estimation.directions import (
    bounded_scores,
    centred_labels,
    dimension_directions,
    direction_cost,
    goe_quantile,
    hessian_directions,
)


def test_scores_have_mean_zero_and_variance_one_and_are_bounded():
    made_on = np.random.default_rng(0).standard_cauchy(2000)
    T = bounded_scores(made_on, made_on)
    assert np.allclose(T.mean(axis=1), 0, atol=1e-12)
    assert np.allclose(T.var(axis=1), 1, atol=1e-3)
    assert abs(T[0] @ T[1]) / 2000 < 1e-3
    assert abs(T).max() < math.sqrt(180) / 6 + 1e-3
    assert np.array_equal(np.argsort(T[0]), np.argsort(made_on))


def test_scores_of_other_labels_come_from_the_law_of_the_first():
    made_on = np.arange(10.0)
    T = bounded_scores(made_on, np.array([-5.0, 3.0, 4.5, 99.0]))
    ranks = np.array([0.0, 0.35, 0.5, 1.0]) - 0.5
    uniform = (np.arange(10) + 0.5) / 10 - 0.5
    assert T[0] == pytest.approx(math.sqrt(12) * ranks)
    assert T[1] == pytest.approx(math.sqrt(180) * (ranks**2 - np.mean(uniform**2)))


def test_labels_are_centred_by_themselves():
    assert centred_labels(np.array([100.0]), np.array([1.0, 3.0])).tolist() == [[-1, 1]]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
def test_quantiles_of_the_largest_eigenvalue(size):
    rng = np.random.default_rng(size)
    A = rng.standard_normal((40_000, size, size))
    largest = np.linalg.eigvalsh((A + A.transpose(0, 2, 1)) / 2)[:, -1]
    if size <= 4:
        assert np.mean(largest > goe_quantile(size)) == pytest.approx(0.05, abs=0.005)
    else:
        assert np.mean(largest > goe_quantile(size)) < 0.05
        assert goe_quantile(size) == pytest.approx(math.sqrt(2 * size) + math.sqrt(2 * math.log(20)))


def sample(f, n=3000, d=6, seed=0, noise=1.0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return DataSet.of(X, f(X) + noise * rng.standard_normal(n))


def test_the_hessian_finds_the_plane_and_the_signs_of_a_product():
    data = sample(lambda X: X[:, 0] * X[:, 1])
    found = hessian_directions(data, 0)
    assert found.lower == 2
    assert np.allclose(found.basis @ found.basis.T, np.eye(2))
    assert np.sum(found.basis[:, :2] ** 2) > 1.95
    assert sorted(np.sign(found.values[:2])) == [-1, 1]
    assert (np.diff(abs(found.values)) <= 0).all()
    H = data.X.T @ ((data.y - data.y.mean())[:, None] * data.X) / 3000
    assert np.sort(found.values) == pytest.approx(np.linalg.eigvalsh(H), abs=1e-9)
    spread = max(2 * np.var(data.y), found.test.spread[2])
    assert found.further == pytest.approx(abs(found.values[2]) + 2.76 * math.sqrt(spread / 3000))


def test_directions_that_the_hessian_does_not_see_are_seen_by_bounded_weights():
    data = sample(lambda X: X[:, 2] ** 3 - 3 * X[:, 2])
    assert hessian_directions(data, 0).lower == 0
    found = dimension_directions(data, 0)
    assert found.lower == 1
    assert found.basis[0, 2] ** 2 > 0.9
    assert found.further is None
    assert len(found.values) == 6


def test_nothing_is_left_beyond_all_directions():
    data = sample(lambda X: (X**2).sum(axis=1), d=2)
    found = hessian_directions(data, 0)
    assert (found.lower, found.further) == (2, None)


@pytest.mark.parametrize("noise", [0.5, 3.0])
def test_the_bound_holds_for_the_next_eigenvalue(noise):
    """H = diag(2, 1/2, 0, ...): of 2/2 z1² + 1/4 z2². Whatever is claimed, the next eigenvalue is below the bound, mostly."""
    truth = [2.0, 0.5, 0.0, 0.0, 0.0, 0.0]
    good = 0
    for seed in range(60):
        found = hessian_directions(sample(lambda X: X[:, 0] ** 2 + X[:, 1] ** 2 / 4, 500, noise=noise, seed=seed), seed)
        good += found.further >= truth[found.lower]
    assert scipy.stats.binom.cdf(good, 60, 0.93) > 0.001


def test_the_cost_counts_passes():
    assert direction_cost(1000, 10) == pytest.approx(1000 * (6 * 100 + 50 * 10) + (2 * 4 + 3 * 6 + 10) * 10**3)
    assert direction_cost(1000, 100) == pytest.approx(1000 * (6 * 10_000 + 100 * 100) + 36 * 100**3)


def test_the_bound_is_at_least_that_of_labels_that_know_nothing():
    """Var y (z² - 1) = 2 E y² where y is independent of z: no sample variance may fall below it."""
    data = sample(lambda X: 0 * X[:, 0], n=400, noise=3.0)
    found = hessian_directions(data, 0)
    floor = 2 * np.var(data.y)
    assert found.lower == 0
    assert found.further == pytest.approx(
        abs(found.values[0]) + 1.644854 * math.sqrt(max(floor, found.test.spread[0]) / 400), rel=1e-5
    )
    assert found.further >= abs(found.values[0]) + 1.6448 * math.sqrt(floor / 400)
    assert found.test.spread[0] < 3 * floor
