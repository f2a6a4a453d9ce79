"""The two-phase algorithm as an estimator is the run on the same samples."""

import math

import numpy as np
import pytest

from steinlab.numerics.methods.online_sgd import OnlineSGD
from steinlab.numerics.methods.single_index_sgd import SingleIndexSGD
from steinlab.numerics.online.two_phases import HeadPhase, single_index_sgd
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.targets.target import Target

TANH = Target.from_expression("tanh(z1)")


def test_the_estimator_is_the_run_on_the_same_samples():
    X, y = (np.concatenate(parts) for parts in zip(*GaussianData(TANH, 500, 5, 4), strict=True))
    fitted = SingleIndexSGD(width=12, random_state=4, head_steps=700).fit(X, y)
    run = single_index_sgd(TANH, T=500, d=5, m=12, seeds=[4], phase=HeadPhase(steps=700), test=2)
    np.testing.assert_array_equal(fitted.weights_, run.first.weights[0, 0])
    np.testing.assert_array_equal(fitted.head_, run.head[0])
    np.testing.assert_allclose(fitted.predict(X), np.maximum(X @ fitted.weights_.T + run.biases[0], 0) @ run.head[0], atol=1e-13)
    settings = fitted.resolved_settings()
    assert settings["head_weight_decay"] == pytest.approx(12 / (100 * math.sqrt(700)))
    assert (settings["head_steps"], settings["gamma"]) == (700, 0.5)


def test_the_score_is_the_coefficient_of_determination():
    X, y = (np.concatenate(parts) for parts in zip(*GaussianData(TANH, 2000, 3, 0), strict=True))
    fitted = SingleIndexSGD(width=40).fit(X, y)
    expected = 1 - np.sum((y - fitted.predict(X)) ** 2) / np.sum((y - y.mean()) ** 2)
    assert fitted.score(X, y) == pytest.approx(expected)
    assert 0.9 < expected < 1
    assert fitted.score(X, np.ones(2000)) == 0


def test_it_is_meant_for_one_direction():
    fit = SingleIndexSGD()
    assert fit.unfit_for(TANH) == fit.unfit_for(Target.from_expression("tanh(z1 + z2)")) == ()
    several = "single-index-sgd is for a monotone function of one direction; this target depends on 3"
    assert fit.unfit_for(Target.from_expression("z1*z2*z3")) == (several,)


def test_defaults_and_costs_are_those_of_two_phases():
    own = {"bias_range": 2.0, "head_steps": None, "head_weight_decay": None, "head_t_star": None, "head_sampling": "uniform"}
    assert SingleIndexSGD().get_params() == OnlineSGD().get_params() | own
    step = 4 * 10 * (7 + 64) + 100_000
    assert SingleIndexSGD(width=10).fit_cost(1000, 7) == 5000 * step
    assert SingleIndexSGD(width=10, head_steps=30).fit_cost(1000, 7) == 1030 * step
