"""One run of the second system: its quantities against independent computations, its settings, its refusals."""

import inspect

import numpy as np
import pytest

from steinlab.numerics import online_runs, registry
from steinlab.numerics.methods.online_sgd import OnlineSGD
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.trajectories import online_sgd
from steinlab.numerics.online_runs import train_online
from steinlab.numerics.registry import make_estimator, method_settings
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

ONLINE_METHODS = registry.methods(online=True)
QUICK = {"T": 600, "d": 6, "m": 16, "seed": 3, "test": 4000}


@pytest.mark.parametrize("method", ONLINE_METHODS)
def test_the_closed_form_agrees_with_fresh_points(method):
    target = Target.from_expression("z1 + z1**3/3")
    result = train_online(target, method=method, **QUICK)
    assert result.excess_risk_method == "closed form"
    fitted = make_estimator(method, width=16, random_state=3).fit_blocks(GaussianData(target, 600, 6, 3, "train"))
    squares = np.concatenate([(fitted.predict(X) - y) ** 2 for X, y in GaussianData(target, 200_000, 6, 99, "other", Noise())])
    assert abs(squares.mean() - result.excess_risk) < 5 * squares.std() / np.sqrt(len(squares))


def test_the_run_is_that_of_the_batched_engine():
    result = train_online("tanh(z1)", method="online-sgd", **QUICK)
    run = online_sgd("tanh(z1)", T=600, d=6, m=16, seeds=[3], record=[600], test=0)
    assert result.perpendicular == pytest.approx(run.perpendicular[0, 0, 0], rel=1e-12)
    assert result.alignment == pytest.approx(run.alignment[0, 0, 0], rel=1e-12)
    assert result.norm == pytest.approx(run.norm[0, 0, 0], rel=1e-12)


def test_quantities_without_a_closed_form_carry_their_standard_error():
    result = train_online("tanh(z1)", method="single-index-sgd", noise="0.1", **QUICK)
    assert result.excess_risk_method == "Monte Carlo"
    assert 0 < result.excess_risk_standard_error < result.excess_risk
    assert result.excess_loss is not None
    assert result.settings["noise_kind"] == "rademacher"
    assert result.settings["head_steps"] is not None


def test_the_logistic_loss_has_no_excess():
    result = train_online("tanh(z1)", method="online-sgd", settings={"loss": "logistic", "activation": "tanh"}, **QUICK)
    assert (result.excess_loss, result.excess_loss_standard_error) == (None, None)


def test_the_same_arguments_give_the_same_bits():
    runs = [train_online("relu(z1)", method="single-index-sgd", **QUICK).to_mapping() for _ in range(2)]
    assert runs[0] == runs[1]


def test_lost_guarantees_are_told():
    result = train_online("tanh(z1)", method="online-sgd", settings={"weight_decay": 0.0}, **QUICK)
    assert "threshold" in result.warnings[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "adam"}, "adam"),
        ({"settings": {"colour": 1}}, "colour"),
        ({"settings": {"biases": "zero"}}, "ReLU bias"),
        ({"T": 0}, "T"),
        ({"d": 1, "target": "z1*z2"}, "d = 1"),
        ({"settings": {"schedule": "constant", "step_size": 1e9, "loss": "squared", "weight_decay": 0.1}}, "diverged"),
    ],
)
def test_bad_input(change, message):
    with pytest.raises(InputError, match=message):
        train_online(**({"target": "tanh(z1)", "method": "online-sgd"} | QUICK | change))


def test_settings_are_those_of_the_estimators():
    assert method_settings("online-sgd").items() <= method_settings("single-index-sgd").items()
    assert "width" not in method_settings("online-sgd")
    assert Student().activation == OnlineSGD().activation


def test_a_target_of_several_directions_is_not_what_the_single_index_algorithm_is_for():
    several, one = (train_online(link, method="single-index-sgd", **QUICK).warnings for link in ("z1*z2", "tanh(z1 + z2)"))
    assert "one direction" in several[0]
    assert one == ()


def test_the_least_sizes_and_the_memory_of_the_risk(monkeypatch):
    asked = []
    monkeypatch.setattr(online_runs, "require_memory", lambda *sizes: asked.append(sizes))
    least = {"T": 1, "d": 1, "m": 1, "seed": 0, "test": 2}
    result = train_online("z1", method="online-sgd", **least)
    assert (result.n, result.d, result.m) == (1, 1, 1)
    assert asked == [(64 * 2, "the risk on 2 fresh points", "take fewer test points")]
    for name, wrong in (("T", 0), ("m", 0), ("test", 1)):
        with pytest.raises(InputError, match=f"{name} = {wrong} is too small"):
            train_online("z1", method="online-sgd", **(least | {name: wrong}))
    with pytest.raises(InputError, match="one-step sees samples more than once: use train, or choose from online-sgd, single-"):
        train_online("z1", method="one-step", **least)
    assert inspect.signature(train_online).parameters["test"].default == 100_000


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(train_online).kwonlydefaults == {
        "noise": None,
        "settings": None,
        "test": 100_000,
        "snapshots": (),
    }


@pytest.mark.parametrize("method", ONLINE_METHODS)
def test_a_callable_trains_as_the_same_target_with_a_formula(method):
    sizes = {"T": 300, "d": 4, "m": 8, "seed": 3, "test": 500}
    seen = train_online(Target.from_callable(lambda z: np.tanh(z[:, 0]), latent_dimension=1), method=method, **sizes)
    known = train_online("tanh(z1)", method=method, **sizes)
    assert seen.excess_loss == pytest.approx(known.excess_loss, rel=0.05)
    assert seen.alignment == pytest.approx(known.alignment)
