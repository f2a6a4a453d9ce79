"""Online SGD as an estimator is the run on the same samples."""

import numpy as np
import pytest

from steinlab.numerics.methods import online_sgd as module
from steinlab.numerics.methods.online_sgd import OnlineSGD
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.recipes import student_threshold
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
    with pytest.raises(InputError, match="the run diverged at step 64 or shortly before: lower the step size"):
        wild.fit(X, X[:, 0])
    late = np.where(np.arange(300) < 150, 0.0, 1e9)
    with pytest.raises(InputError, match="the run diverged at step 192 or shortly before"):
        wild.set_params(step_size=0.1).fit(X, late)
    signs = np.sign(X[:, 0])
    signs[299] = 0.5
    with pytest.raises(InputError, match="the logistic loss takes labels -1 and 1; rows 256 to 299 have others"):
        OnlineSGD(width=5, loss="logistic").fit(X, signs)
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


def test_the_threshold_of_a_smooth_activation_is_that_of_the_mean_label():
    X = np.random.default_rng(0).standard_normal((100, 4))
    y = 3 * X[:, 0]
    for activation in ("tanh", "erf"):
        fitted = OnlineSGD(width=5, activation=activation, loss="squared").fit(X, y)
        expected = student_threshold(Student(activation, loss="squared"), np.abs(y).mean())[0]
        assert fitted.recipe_.gamma_0 == pytest.approx(expected, rel=1e-12)


def test_defaults_are_what_the_documentation_says():
    rules = dict.fromkeys(("weight_decay", "gamma", "gamma_0", "step_size", "t_star"))
    student = {"activation": "relu", "shift": 0.0, "loss": "huber", "delta": 1.0, "biases": "signs", "bias_scale": 1.0}
    run = {"width": 100, "random_state": 0, "precision": "double", "schedule": "decaying", "unguaranteed": False}
    assert OnlineSGD().get_params() == rules | student | run
    constant = OnlineSGD(width=8, schedule="constant", gamma=1.0).fit(np.eye(4), np.ones(4)).resolved_settings()
    assert (constant["step_size"], constant["gamma"], constant["t_star"]) == (8 / (8 * 4), 1.0, None)


def test_memory_work_and_costs_are_counted_from_the_sizes_alone(monkeypatch):
    asked = {}
    for name in ("require_memory", "require_work"):
        monkeypatch.setattr(module, name, lambda *sizes, name=name: asked.update({name: sizes}))
    OnlineSGD(width=10).fit(np.eye(7), np.ones(7))
    what = "OnlineSGD with n = 7, d = 7, 10 neurons"
    assert asked["require_memory"] == (8 * 10 * (3 * 7 + 2 * 64), what, "take fewer neurons or a smaller d")
    assert asked["require_work"] == (4 * 7 * 10 * (7 + 64), what, "take fewer samples, fewer neurons or a smaller d")
    assert OnlineSGD(width=10).fit_cost(1000, 7) == 1000 * (4 * 10 * (7 + 64) + 100_000)
    assert OnlineSGD(width=10).row_cost(7) == 10 * (7 + 300)


def test_predictions_do_not_hang_on_the_rows_that_are_read_at_once():
    fitted = OnlineSGD(width=2**15, random_state=1).fit(np.eye(3), np.ones(3))  # 64 rows at a time
    X = np.random.default_rng(0).standard_normal((150, 3))
    hidden = np.maximum(X @ fitted.weights_.T + fitted.biases_, 0)
    np.testing.assert_allclose(fitted.predict(X), hidden @ fitted.head_, atol=1e-12)
