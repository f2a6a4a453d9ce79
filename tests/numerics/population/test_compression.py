"""Rank-k truncation: nearest of its rank, its bound by the perpendicular part, and the change of risk it causes."""

import inspect
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.networks.losses import loss_functions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.online.trajectories import online_sgd
from steinlab.numerics.population.compression import compress, rank_truncation
from steinlab.numerics.population.loss_risk import loss_risk
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

HUBER = loss_functions("huber")
TANH = Target.from_expression("tanh(z1)")


@given(seed=st.integers(0, 10**6), m=st.integers(1, 7), d=st.integers(1, 7), k=st.integers(0, 8))
def test_truncation_is_the_nearest_matrix_of_its_rank(seed, m, d, k):
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((m, d))
    cut = rank_truncation(W, k)
    values = np.linalg.svd(W, compute_uv=False)
    assert np.linalg.matrix_rank(cut, tol=1e-9) == min(k, m, d)
    np.testing.assert_allclose(np.linalg.norm(W - cut), np.sqrt(np.sum(values[k:] ** 2)), atol=1e-12)
    if k > 0:
        other = rng.standard_normal((m, k)) @ rng.standard_normal((k, d))
        assert np.linalg.norm(W - cut) <= np.linalg.norm(W - other) + 1e-12


def test_the_numbers_of_a_trained_network():
    run = online_sgd(TANH, T=2000, d=10, m=30, seeds=[0], test=0)
    W, b, a = run.weights[0, 0], run.biases[0], run.head[0]
    result = compress(Network(W, b, a), HUBER, TANH, points=4000, seed=3)
    assert (result.rank, result.stored_before, result.stored_after) == (1, 300, 40)
    assert result.perpendicular == pytest.approx(np.linalg.norm(W[:, 1:]) / math.sqrt(30))
    assert 0 < result.distance <= result.perpendicular
    cut = rank_truncation(W, 1)
    options = {"points": 4000, "seed": 3, "stream": "compression test"}
    before, after = (loss_risk(Network(V, b, a), HUBER, TANH, **options) for V in (W, cut))
    assert (result.before, result.after) == pytest.approx((before.value, after.value))
    assert result.change == pytest.approx(after.value - before.value, abs=1e-12)
    # Point by point the difference is far less noisy than the risks are.
    assert result.change_standard_error < 0.05 * result.before_standard_error
    # 1-Lipschitz σ and ℓ: the change is at most ‖a‖ ‖W - π_k(W)‖_F times E|x·v| <= 1.
    assert abs(result.change) <= np.linalg.norm(a) * np.linalg.norm(W - cut)


def test_a_full_rank_changes_nothing_and_rank_zero_leaves_the_biases():
    rng = np.random.default_rng(0)
    network = Network(rng.standard_normal((5, 4)), rng.standard_normal(5), rng.standard_normal(5), "tanh")
    assert abs(compress(network, HUBER, TANH, rank=4, points=100, seed=0).change) < 1e-14
    gone = compress(network, HUBER, TANH, rank=0, points=100, seed=0)
    flat = replace(network, weights=np.zeros((5, 4)))
    risk = loss_risk(flat, HUBER, TANH, points=100, seed=0, stream="compression test")
    assert (gone.after, gone.stored_after) == (risk.value, 0)


@pytest.mark.parametrize("call", [lambda: rank_truncation(np.eye(2), -1), lambda: rank_truncation(np.full((2, 2), np.nan), 1)])
def test_bad_input_is_refused(call):
    with pytest.raises(InputError):
        call()


def test_ties_at_the_cut_keep_the_first_axes():
    """Singular values that differ by less than 1e-12 of the largest are one; the larger ones are kept as they are."""
    for values in ((3.0, 1.0, 1.0), (3.0, 1.0, 1.0 + 2e-12), (3.0, 1.0 + 2e-12, 1.0)):
        cut = rank_truncation(np.diag(values), 2)
        np.testing.assert_allclose(cut, np.diag([3.0, 1.0, 0.0]), atol=1e-11)
    np.testing.assert_allclose(rank_truncation(np.diag([3.0, 1.0, 1.0 + 2e-11]), 2), np.diag([3.0, 0.0, 1.0]), atol=1e-3)
    np.testing.assert_allclose(rank_truncation(np.diag([3.0, 3.0, 1.0]), 1), np.diag([3.0, 0.0, 0.0]), atol=1e-11)
    assert not rank_truncation(np.eye(3), 0).any()
    np.testing.assert_allclose(rank_truncation(np.eye(3), 3), np.eye(3), atol=1e-14)
    with pytest.raises(InputError, match=r"W of shape \(3,\) is not a matrix of finite numbers"):
        rank_truncation(np.ones(3), 1)


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(compress).kwonlydefaults == {"rank": None, "points": 20_000, "noise": None}
