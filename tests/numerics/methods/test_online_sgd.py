"""Online SGD as an estimator is the run on the same samples."""

import numpy as np
import pytest

from steinlab.numerics.methods.online_sgd import OnlineSGD
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.trajectories import online_sgd
from steinlab.numerics.samples.blocks import ArrayBlocks
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

TANH = Target.from_expression("tanh(z1)")


def test_the_estimator_is_the_run_on_the_same_samples():
    data = GaussianData(TANH, 700, 6, 3)
    X, y = (np.concatenate(parts) for parts in zip(*data, strict=True))
    smooth = {"activation": "tanh", "loss": "squared", "weight_decay": 0.2, "gamma_0": 1.0}
    for options in ({}, {"shift": 0.4}, smooth):
        fitted = OnlineSGD(width=14, random_state=3, **options).fit(X, y)
        student = Student(options.get("activation", "relu"), options.get("shift", 0.0), options.get("loss", "huber"))
        run = online_sgd(TANH, T=700, d=6, m=14, seeds=[3], student=student, recipes=fitted.recipe_, test=0)
        np.testing.assert_array_equal(fitted.weights_, run.weights[0, 0])
        hidden = X @ fitted.weights_.T + fitted.biases_
        expected = student.activation_functions.value(hidden) @ fitted.head_
        np.testing.assert_allclose(fitted.predict(X), expected, rtol=1e-12, atol=1e-14)
        streamed = OnlineSGD(width=14, random_state=3, **options).fit_blocks(ArrayBlocks(X, y, block_rows=128))
        np.testing.assert_array_equal(streamed.weights_, fitted.weights_)


def test_the_estimator_reports_divergence_and_labels_the_logistic_loss_cannot_take():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 4))
    wild = OnlineSGD(width=5, activation="softplus", loss="squared", weight_decay=0.0, schedule="constant", step_size=1e3)
    with pytest.raises(InputError, match="diverged"):
        wild.fit(X, X[:, 0])
    with pytest.raises(InputError, match="labels -1 and 1"):
        OnlineSGD(width=5, loss="logistic").fit(X, X[:, 0])
    OnlineSGD(width=5, loss="logistic").fit(X, np.sign(X[:, 0]))


def test_resolved_settings_name_what_a_rule_chose():
    X = np.random.default_rng(0).standard_normal((100, 4))
    settings = OnlineSGD(width=5).fit(X, X[:, 0]).resolved_settings()
    assert settings["gamma"] == 0.5
    assert settings["weight_decay"] == pytest.approx((settings["gamma_0"] + 0.5) / 5)
    assert settings["t_star"] >= 8


@pytest.mark.parametrize("precision", ["double", "single"])
def test_snapshots_are_those_of_the_run(precision):
    steps = (0, 1, 63, 64, 100, 150)
    fitted = OnlineSGD(width=6, precision=precision).fit_blocks(GaussianData(TANH, 150, 3, 0), snapshots=steps)
    run = online_sgd(TANH, T=150, d=3, m=6, seeds=[0], recipes=fitted.recipe_, precision=precision, snapshots=steps, test=0)
    assert tuple(fitted.snapshots_) == steps
    for step in steps:
        np.testing.assert_array_equal(fitted.snapshots_[step], run.snapshots[step][0, 0])
    np.testing.assert_array_equal(fitted.snapshots_[150], fitted.weights_)
