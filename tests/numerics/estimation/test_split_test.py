"""The test of directions on the other half: against the jackknife, and on data whose directions are known."""

import math

import numpy as np
import pytest

from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.estimation.directions import bounded_scores, centred_labels
from steinlab.numerics.estimation.split_test import SplitTest, _Side, leading, moments, split_test


def sample(n=400, d=4, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, X[:, 0] * X[:, 1] + 0.7 * (X[:, 2] ** 2 - 1) + rng.standard_normal(n)


def each(X, T, linear):
    """The matrices g_i of all rows (n x d x columns)."""
    squares = np.einsum("ni,nj->nij", X, X) - np.eye(X.shape[1])
    parts = []
    for t in T:
        if linear:
            parts.append(2 * (t[:, None] * X)[:, :, None])
        parts.append(t[:, None, None] * squares)
    return np.concatenate(parts, axis=2)


CASES = [(centred_labels, False), (bounded_scores, True)]


@pytest.mark.parametrize(("weights", "linear"), CASES)
def test_moments_are_means_over_rows(weights, linear):
    X, y = sample()
    data, rows = DataSet.of(X, y), np.arange(0, 400, 3)
    T = weights(y[rows], y[rows])
    assert np.allclose(moments(data, rows, T, linear), each(X[rows], T, linear).mean(axis=0))
    everything = weights(y, y)
    assert np.allclose(moments(data, None, everything, linear), each(X, everything, linear).mean(axis=0))


@pytest.mark.parametrize(("weights", "linear"), CASES)
def test_the_leading_directions_give_the_matrix_back(weights, linear):
    X, y = sample()
    found = moments(DataSet.of(X, y), None, weights(y, y), linear)
    left, values, right = leading(found, 4)
    assert np.allclose(left @ np.diag(values) @ right.T, found)
    assert values == pytest.approx(np.linalg.svd(found, compute_uv=False))
    assert (np.diff(values) <= 0).all()
    assert (values >= 0).all()
    assert np.allclose(leading(found, 2)[1], values[:2])
    assert leading(found, 99)[0].shape == (4, 4)


@pytest.mark.parametrize(("weights", "linear"), CASES)
@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_a_score_is_the_jackknifes(weights, linear, k):
    """1/[(UᵀGW)⁻¹]_kk of the leading k + 1 directions, its bias and its error by leaving out one row after the other."""
    X, y = sample()
    data, (a, b) = DataSet.of(X, y), (np.arange(200), np.arange(200, 400))
    side = _Side(data, a, b, weights, linear, 4)
    G = each(X[a], weights(y[a], y[a]), linear).mean(axis=0)
    u, _, wt = np.linalg.svd(G)
    U, W = u[:, : k + 1], wt[: k + 1].T
    M = U.T @ each(X[b], weights(y[a], y[b]), linear) @ W
    n = len(M)

    def complement(matrix):
        return 1 / np.linalg.inv(matrix)[k, k]

    whole = complement(M.mean(axis=0))
    left_out = np.array([complement((M.sum(axis=0) - row) / (n - 1)) for row in M])
    estimate = n * whole - (n - 1) * left_out.mean()
    error = math.sqrt((n - 1) / n * np.sum((left_out - left_out.mean()) ** 2))
    assert side.score(k) == pytest.approx(estimate / error, rel=0.1, abs=0.05)
    assert side.spread(k) == pytest.approx(np.var(M[:, k, k]))


def test_what_the_complement_loses_on_average_is_put_back():
    """At the third direction of rank two the estimates average to zero over samples; without the correction to much less."""
    scores = []
    for seed in range(300):
        rng = np.random.default_rng([3, seed])
        X = rng.standard_normal((160, 3))
        y = X[:, 0] * X[:, 1] + 0.3 * rng.standard_normal(160)
        side = _Side(DataSet.of(X, y), np.arange(80), np.arange(80, 160), centred_labels, False, 3)
        scores.append(side.score(2))
    assert abs(np.mean(scores)) < 4 * np.std(scores) / math.sqrt(300) + 0.1
    assert 0.8 < np.std(scores) < 1.3


def test_directions_are_counted_until_one_does_not_pass():
    assert SplitTest(1.645, (5.0, 1.7, 1.6), (1, 0.9, 0.3), (1, 1, 1)).count == 2
    assert SplitTest(1.645, (1.645,), (1,), (1,)).count == 0
    assert SplitTest(1.645, (3.0, 2.0), (1, 0.5), (1, 1)).count == 2


def test_the_alignment_follows_from_the_overlap_of_those_that_pass():
    found = SplitTest(1.645, (5.0, 1.7, 1.6), (0.9, 0.8, 0.1), (1, 1, 1))
    assert found.alignment == pytest.approx(1 / (1 + 0.2 / 1.6))
    assert SplitTest(1.645, (1.0,), (0.9,), (1,)).alignment is None


@pytest.mark.parametrize(("weights", "linear"), CASES)
def test_three_directions_are_found_and_the_count_stops(weights, linear):
    X, y = sample(n=6000, d=8)
    found = split_test(DataSet.of(X, y), weights, linear=linear, seed=0)
    assert found.count == 3
    assert len(found.scores) == len(found.overlap) == len(found.spread) == 4
    assert found.overlap[2] > 0.95
    assert list(found.spread) == sorted(found.spread)


def test_the_overlap_is_the_mean_cosine_of_both_halves():
    X, y = sample(n=600)
    data = DataSet.of(X, y)
    a, b = data.halves(9)
    tops = []
    for rows in (a, b):
        values, vectors = np.linalg.eigh(each(X[rows], centred_labels(y[rows], y[rows]), False).mean(axis=0))
        tops.append(vectors[:, np.argsort(-abs(values))[:1]])
    found = split_test(data, centred_labels, linear=False, seed=9)
    assert found.overlap[0] == pytest.approx(abs((tops[0].T @ tops[1]).item()))


def test_the_score_is_the_mean_of_both_ways():
    X, y = sample(n=600)
    data = DataSet.of(X, y)
    a, b = data.halves(4)
    ways = [_Side(data, first, second, centred_labels, False, 4).score(0) for first, second in ((a, b), (b, a))]
    assert split_test(data, centred_labels, linear=False, seed=4).scores[0] == pytest.approx(np.mean(ways))


def test_a_matrix_without_rank_has_no_right_directions():
    left, values, right = leading(np.zeros((2, 3)), 2)
    assert np.allclose(left.T @ left, np.eye(2))
    assert values.tolist() == [0, 0]
    assert not right.any()
