"""Energies from data, against sums over all pairs of products of one-dimensional Hermite polynomials."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermeval

from steinlab.numerics.estimation import energies as module
from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.estimation.energies import DEGREES, energies, energy_cost, hermite_kernel


def features(X, k):
    """He_α(x)/√α! for all |α| = k: their products over α are h_k."""
    d = X.shape[1]
    one = [hermeval(X, [0] * e + [1]) / math.sqrt(math.factorial(e)) for e in range(k + 1)]
    alphas = [a for a in itertools.product(range(k + 1), repeat=d) if sum(a) == k]
    return np.array([np.prod([one[e][:, i] for i, e in enumerate(alpha)], axis=0) for alpha in alphas]).T


def by_pairs(X, y, k):
    """(r_i) by a double loop over rows."""
    F, n = features(X, k), len(y)
    centred = y - np.mean(y)
    return np.array([sum(centred[i] * centred[j] * (F[i] @ F[j]) for j in range(n) if j != i) / (n - 1) for i in range(n)])


@pytest.mark.parametrize("k", DEGREES)
@pytest.mark.parametrize("limit", [0, 2**27])  # all from pairs in degree 3, or from sums of tensors
@pytest.mark.parametrize("tensors", [False, True])
def test_energies_are_the_sums_over_all_pairs(k, limit, tensors, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_TENSOR", limit)
    monkeypatch.setattr(module, "_from_pairs", (lambda n, d, k: False) if tensors else module._from_pairs)
    rng = np.random.default_rng(k)
    X = rng.standard_normal((45, 4))
    y = 3 + X[:, 0] ** 3 + X[:, 1] * X[:, 2] + rng.standard_normal(45)
    r, n = by_pairs(X, y, k), 45
    found = energies(DataSet.of(X, y))[k]
    assert found.value * (1 - 2 / n + 2 / n**2) == pytest.approx(r.mean())
    assert found.error == pytest.approx(2 * np.std(r, ddof=1) / math.sqrt(n))
    assert found.degree == k


@given(st.integers(0, 1000), st.sampled_from(DEGREES), st.integers(1, 5))
def test_the_kernel_is_a_product_of_features(seed, k, d):
    X = np.random.default_rng(seed).standard_normal((2, d))
    F = features(X, k)
    norms = (X**2).sum(axis=1)
    assert hermite_kernel(k, X[0] @ X[1], norms[0], norms[1], d) == pytest.approx(F[0] @ F[1])


@pytest.mark.parametrize("side", [64, 1024])
def test_blocks_change_nothing(side, monkeypatch):
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((150, 20)), rng.standard_normal(150)
    whole = energies(DataSet.of(X, y))
    monkeypatch.setattr("steinlab.numerics.estimation.dataset.BLOCK_ENTRIES", 20 * side)
    parts = energies(DataSet.of(X, y))
    assert [parts[k].value for k in DEGREES] == pytest.approx([whole[k].value for k in DEGREES])
    assert [parts[k].error for k in DEGREES] == pytest.approx([whole[k].error for k in DEGREES])


def test_the_estimate_has_no_bias():
    """Over many small samples the mean is ‖C_k‖²/k!: of 2 + z1 + z1 z2 that is 1, 1, 0."""
    found = {k: [] for k in DEGREES}
    for seed in range(400):
        rng = np.random.default_rng([7, seed])
        X = rng.standard_normal((40, 2))
        values = energies(DataSet.of(X, 2 + X[:, 0] + X[:, 0] * X[:, 1]))
        for k in DEGREES:
            found[k].append(values[k].value)
    for k, known in zip(DEGREES, (1, 1, 0), strict=True):
        assert abs(np.mean(found[k]) - known) < 4 * np.std(found[k]) / 20


def energy(r):
    return module._energy(2, np.asarray(r, dtype=float))


def test_intervals_are_cut_at_zero_and_skewed_where_the_energy_is_large():
    r = np.array([1.0, 3.0] * 50)
    large = energy(r)
    error = 2 * np.std(r, ddof=1) / 10
    value = 2 / (1 - 0.02 + 0.0002)
    assert (large.value, large.error) == pytest.approx((value, error))
    assert large.interval[0] == pytest.approx(value - 1.959964 * error)
    assert large.interval[1] == pytest.approx(value * math.exp(1.959964 * error / value))
    assert large.nonzero
    small = energy(r - 1.9)
    assert 0 < small.value < small.error
    assert small.interval[0] == 0
    assert small.interval[1] == pytest.approx(small.value + 1.959964 * small.error)
    assert not small.nonzero
    negative = energy(r - 5)
    assert negative.value < 0
    assert negative.interval == (0, 0)


@pytest.mark.parametrize(("score", "nonzero"), [(1.60, False), (1.69, True)])
def test_nonzero_is_claimed_above_the_one_sided_level(score, nonzero):
    error = 2 * np.std([0.0, 2.0] * 50, ddof=1) / 10
    found = energy(np.array([-1.0, 1.0] * 50) + score * error * (1 - 0.02 + 0.0002))
    assert found.score == pytest.approx(score)
    assert found.nonzero is nonzero


def test_no_spread_is_an_infinite_score():
    assert energy(np.ones(50)).score == math.inf
    assert energy(-np.ones(50)).score == 0


def test_the_cheaper_way_is_taken():
    assert module._from_pairs(100, 50, 3)
    assert not module._from_pairs(10**6, 100, 3)
    assert not module._from_pairs(300, 10, 1)
    assert module._from_pairs(10**6, 1000, 3)  # the tensor would not fit
    assert energy_cost(10**6, 100) < 1e12
    assert energy_cost(1000, 100) == 0.5 * 1000**2 * 106 + 2 * 1000 * (100 + 100**2)
    assert energy_cost(150, 60) == 0.5 * 150**2 * (60 + 2 * 6) + 2 * 150 * 60  # degrees 2 and 3 from pairs
    assert energy_cost(10**5, 10) == 2 * 10**5 * (10 + 100 + 10 * 11 * 21 / 6)  # Σ_a (d - a)² entries in degree 3
    # n (d + 6)/2 multiplications for each row's pairs against twice the entries of a tensor
    assert [module._from_pairs(n, 10, 2) for n in (24, 25, 26)] == [True, False, False]
    assert [module._from_pairs(n, 10, 1) for n in (2, 3)] == [True, False]
