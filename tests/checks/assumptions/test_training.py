"""Hypotheses of subspace convergence and generalisation, one configuration for each verdict."""

import pytest

from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.training import Configuration
from steinlab.checks.papers import THEOREMS
from steinlab.theory.errors import InputError
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.losses import Loss
from steinlab.theory.targets.target import Noise, Target
from steinlab.theory.verdicts import Verdict

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED


def findings(target, parts):
    configuration = Configuration.of(target, **parts)
    others = (configuration.few_directions, configuration.lipschitz_loss, configuration.bounded_loss)
    return configuration.hypotheses | {finding.id: finding for finding in others}


def test_the_reference_run_meets_every_hypothesis():
    report = check("tanh(z1)", "mousavi.generalisation", activation="relu", loss="huber", biases="±1")
    asked = {assumption.id for assumption in THEOREMS["mousavi.generalisation"].assumptions}
    assert {f.id for f in report.required} == asked - {"mousavi.weight_decay"}
    assert all(finding.verdict is HOLDS for finding in report.required)
    assert report.finding("mousavi.bounded_loss").verdict is FAILS  # needed with high probability only: ReLU is unbounded


@pytest.mark.parametrize(
    ("target", "parts", "id", "verdict"),
    [
        ("z1", {"activation": "relu", "loss": "squared", "biases": "1"}, "mousavi.loss", FAILS),
        ("z1", {"activation": "relu", "biases": "normal"}, "mousavi.biases", FAILS),
        ("z1", {"activation": "relu", "biases": "uniform(-1, 2)"}, "mousavi.biases", FAILS),
        ("z1", {"activation": "relu"}, "mousavi.biases", UNDECIDED),
        ("z1", {"activation": "tanh"}, "mousavi.biases", HOLDS),
        ("z1", {"activation": Activation.of("relu").shifted(1), "biases": "1"}, "mousavi.biases", FAILS),
        ("z1", {"activation": Activation.of("relu").shifted(1), "biases": "0"}, "mousavi.biases", HOLDS),
        ("z1", {"activation": "tanh", "loss": "squared"}, "mousavi.loss", HOLDS),
        ("z1", {"activation": "tanh", "loss": "squared"}, "mousavi.lipschitz_loss", FAILS),
        ("z1", {"activation": "softplus", "loss": "squared"}, "mousavi.loss", FAILS),
        ("z1", {"activation": "sigmoid", "loss": "logistic"}, "mousavi.loss", FAILS),
        ("sign(z1)", {"activation": "sigmoid", "loss": "logistic"}, "mousavi.loss", HOLDS),
        ("sign(z1)", {"activation": "sigmoid", "loss": "logistic"}, "mousavi.lipschitz_loss", HOLDS),
        ("sign(z1)", {"activation": "sigmoid", "loss": "logistic"}, "mousavi.bounded_loss", HOLDS),
        ("2*tanh(z1)", {"activation": "sigmoid", "loss": "logistic"}, "mousavi.lipschitz_loss", UNDECIDED),
        ("z1", {"activation": "abs(z1)"}, "mousavi.activation", FAILS),
        ("z1", {"activation": "exp(z1)"}, "mousavi.activation", FAILS),
        ("z1", {"activation": "z1*sigmoid(z1)"}, "mousavi.activation", HOLDS),
        ("z1", {"activation": Activation.declared("mine", 1, 1, 1)}, "mousavi.activation", UNDECIDED),
        (
            "z1",
            {"activation": "tanh", "loss": Loss.declared("mine", lipschitz=1, smoothness=1, convex=True)},
            "mousavi.loss",
            UNDECIDED,
        ),
        (
            "z1",
            {"activation": "tanh", "loss": Loss.declared("mine", lipschitz=1, smoothness=1, convex=False)},
            "mousavi.loss",
            FAILS,
        ),
        ("z1", {"activation": "relu", "biases": "1", "weight_decay": 1.0, "width": 10}, "mousavi.weight_decay", HOLDS),
        ("z1", {"activation": "relu", "biases": "1", "weight_decay": 0.0, "width": 10}, "mousavi.weight_decay", FAILS),
        ("z1", {"activation": "relu", "weight_decay": 1.0, "width": 10}, "mousavi.weight_decay", UNDECIDED),
    ],
)
def test_each_hypothesis_is_decided(target, parts, id, verdict):
    found = findings(target, parts)[id]
    assert found.verdict is verdict, found.reason
    assert found.reason


def test_a_lost_guarantee_is_named():
    configuration = Configuration.of("z1", activation="relu", biases="1", weight_decay=1e-4, width=10)
    finding = configuration.hypotheses["mousavi.weight_decay"]
    assert "W_⊥ vanishes" in finding.reason


def test_the_number_of_directions_is_the_effective_one():
    def reason(text):
        return Configuration.of(text, activation="tanh").few_directions.reason

    assert reason("(z1 + z2)**2") == "f* depends on 1 direction"
    assert reason("tanh(z1)*z2") == "f* depends on 2 directions"


def test_recommendations_use_the_effective_dimension_and_the_labels():
    target = Target.from_expression("(z1 + z2)**2", noise=Noise("rademacher", 1))
    plan = Configuration.of(target, activation="tanh", loss="squared").recommend(width=10, d=2, tolerance=0.5)
    assert plan.mean_square <= 0.25
    assert dict(plan.threshold.rests_on)["E|y|"].tight
    with pytest.raises(InputError, match="b\\*"):
        Configuration.of("z1", activation="relu", biases="normal").recommend(width=10, d=2, tolerance=0.5)


def test_bad_configurations_are_refused():
    for parts in ({"activation": "tan"}, {"loss": "hinge"}, {"biases": "cauchy"}, {"weight_decay": 1.0}, {"width": 3}):
        with pytest.raises(InputError):
            Configuration.of("z1", **parts)
