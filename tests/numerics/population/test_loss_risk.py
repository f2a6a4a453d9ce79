"""The risk of a network under its loss: against formulas and the closed form."""

import inspect
import math

import numpy as np
import pytest

from steinlab.numerics.networks.features import HiddenFeatures, TangentFeatures
from steinlab.numerics.networks.losses import loss_functions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.networks.student import Student
from steinlab.numerics.population import loss_risk as loss_risk_module
from steinlab.numerics.population.loss_risk import closed_form_risk, loss_risk, loss_values
from steinlab.numerics.population.relu_risk import population_risk
from steinlab.numerics.population.tangent_risk import tangent_risk
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target


def test_the_closed_form_puts_the_kink_where_the_shift_says():
    target, student = Target.from_expression("z1"), Student(loss="squared", shift=1.5)
    W, b, head = np.array([[2.0, 0.0], [-1.0, 0.5]]), np.array([0.5, -0.25]), np.array([1.0, -2.0])
    exact, sampled = (
        loss_risk(student.network(W, b, head), student.loss_functions, target, points=40_000, seed=0, closed_form=closed_form)
        for closed_form in (True, False)
    )
    assert abs(exact.value - sampled.value) < 4 * sampled.standard_error < 0.1


def test_losses_are_point_by_point_those_of_the_network_and_of_the_target():
    target = Target.from_expression("z1*z2", noise=Noise("rademacher", "1/2"))
    rng = np.random.default_rng(1)
    W, b, a = rng.standard_normal((5, 3)), rng.standard_normal(5), rng.standard_normal(5)
    values, best = loss_values(Network(W, b, a, "tanh"), loss_functions("squared"), target, points=1500, seed=4)
    X, y = (np.concatenate(parts) for parts in zip(*GaussianData(target, 1500, 3, 4, "test"), strict=True))
    np.testing.assert_allclose(values, (np.tanh(X @ W.T + b) @ a - y) ** 2 / 2, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(best, 0.125)


def test_bad_input_is_refused():
    network, target = Network(np.eye(2), np.ones(2), np.ones(2)), Target.from_expression("z1")
    with pytest.raises(InputError, match="points = 1"):
        loss_risk(network, loss_functions("huber"), target, points=1, seed=0)
    with pytest.raises(InputError, match="closed form"):
        loss_risk(network, loss_functions("huber"), target, points=9, seed=0, closed_form=True)


def test_closed_forms_are_for_relu_on_polynomials_and_not_too_wide(monkeypatch):
    rng = np.random.default_rng(0)
    W, b, a = rng.standard_normal((4, 3)), rng.standard_normal(4), rng.standard_normal(4)
    target = Target.from_expression("z1*z2 + z3")
    relu = HiddenFeatures(Network(W, b, np.zeros(4), shift=0.5))
    assert closed_form_risk(relu, a, target) == population_risk(Network(W, b - 0.5, a), target)
    for features, other in ((HiddenFeatures(Network(W, b, a, "tanh")), target), (relu, Target.from_expression("tanh(z1)"))):
        none = closed_form_risk(features, a, other)
        assert math.isnan(none.value)
        assert math.isinf(none.rounding_error)
    monkeypatch.setattr("steinlab.numerics.population.loss_risk.CLOSED_FORM_WIDTH", 3)
    assert math.isnan(closed_form_risk(relu, a, target).value)


def test_the_closed_form_is_taken_unasked_up_to_two_thousand_neurons():
    target, loss = Target.from_expression("z1", noise=Noise("rademacher", "1/2")), loss_functions("squared")
    for width, method in ((2000, "closed form"), (2001, "Monte Carlo")):
        network = Network(np.ones((width, 1)), np.zeros(width), np.zeros(width))
        risk = loss_risk(network, loss, target, points=2, seed=0)
        assert risk.method == method
        if method == "closed form":
            assert (risk.value, risk.excess) == (pytest.approx(0.5 + 0.125), pytest.approx(0.5))
            assert (risk.standard_error, risk.excess_standard_error) == (0, 0)
    assert loss_risk_module.CLOSED_FORM_WIDTH == 10_000


def test_the_noise_of_a_run_replaces_that_of_the_target():
    network, loss = Network(np.eye(2), np.zeros(2), np.zeros(2)), loss_functions("squared")
    target = Target.from_expression("z1", noise=Noise("rademacher", "1/2"))
    assert loss_risk(network, loss, target, points=2, seed=0, noise=Noise()).value == pytest.approx(0.5)
    assert loss_risk(network, loss, target, points=2, seed=0, noise=Noise("gaussian", 2)).value == pytest.approx(2.5)


def test_tangent_features_have_a_closed_form_as_wide_as_the_others(monkeypatch):
    rng = np.random.default_rng(0)
    features = TangentFeatures(rng.standard_normal((4, 3)), rng.standard_normal(4), include_head=True)
    head, target = rng.standard_normal(16), Target.from_expression("z1*z2 + z3")
    monkeypatch.setattr(loss_risk_module, "CLOSED_FORM_WIDTH", 4)
    assert closed_form_risk(features, head, target) == tangent_risk(features, head, target)
    monkeypatch.setattr(loss_risk_module, "CLOSED_FORM_WIDTH", 3)
    assert math.isnan(closed_form_risk(features, head, target).value)


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(closed_form_risk).kwonlydefaults == {"alpha": 0.0, "beta": None}
    assert inspect.getfullargspec(loss_risk).kwonlydefaults == {"noise": None, "stream": "test", "closed_form": None}
    assert inspect.getfullargspec(loss_values).kwonlydefaults == {"noise": None, "stream": "test"}
