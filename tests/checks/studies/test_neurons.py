"""Neurons followed through a run: the run's own, drawn in the report and in an animated picture."""

import json

import numpy as np
import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from steinlab.checks.cli import main
from steinlab.checks.studies.configuration import configuration_seed
from steinlab.checks.studies.measure import measure
from steinlab.checks.studies.neurons import positions
from steinlab.numerics.networks.student import labelled_data
from steinlab.numerics.online_runs import train_online
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

RUN = {
    "method": "online-sgd",
    "target": {"link": "tanh(z1)", "noise": {"kind": "none"}},
    "T": 50,
    "d": 2,
    "m": 12,
    "settings": {"gamma": 0.7},
    "test": 10,
    "gap_samples": 0,
    "neurons": 5,
    "seed": 0,
    "replicate": 0,
}
SMALL = [
    *("--set", "seeds=3", "--set", "defaults.fixed.m=8", "--set", "defaults.x=[1, 4, 20]", "--set", "series.picture.x=[20]"),
    *("--set", "series.control-picture.x=[20]", "--set", "series.picture.neurons=6", "--set", "series.control-picture.neurons=6"),
]


SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "activation": st.sampled_from(["relu", "tanh", "softplus"]),
        "loss": st.sampled_from(["huber", "squared"]),
        "precision": st.sampled_from(["single", "double"]),
        "gamma": st.floats(0.3, 2),
        "t_star": st.integers(50, 500),
        "biases": st.sampled_from(["signs", "fixed"]),
        "weight_decay": st.floats(0.2, 0.5),
        "shift": st.sampled_from([0.0, 0.25]),
    },
).filter(lambda s: not {"gamma", "weight_decay"} <= s.keys())
TARGETS = st.sampled_from(
    [{"link": "tanh(z1)", "noise": {"kind": "none"}}, {"link": "z1/2 + z2/3", "noise": {"kind": "gaussian", "scale": "1/3"}}]
)


@settings(max_examples=25)
@given(SETTINGS, TARGETS, st.integers(1, 300), st.integers(1, 12), st.integers(0, 5))
@example({"loss": "squared", "activation": "tanh"}, {"link": "z1", "noise": {"kind": "rademacher", "scale": "2"}}, 200, 12, 0)
@example({"precision": "single"}, {"link": "tanh(z1)", "noise": {"kind": "none"}}, 300, 7, 3)
def test_the_neurons_are_those_of_the_run_that_is_measured_to_the_bit(chosen, target, T, m, replicate):
    configuration = RUN | {"settings": chosen, "target": target, "T": T, "m": m, "replicate": replicate}
    try:
        measured = measure(configuration)
    except InputError:
        reject()  # ReLU with biases that may vanish, say
    found = positions(measured)
    seed = configuration_seed(configuration)
    result = train_online(Target.from_mapping(target), method="online-sgd", T=T, d=2, m=m, seed=seed, settings=chosen, test=10)
    assert (found["steps"][0], found["steps"][-1]) == (0, T)
    np.testing.assert_array_equal(found["w"][-1], result.network.weights_[:5])
    np.testing.assert_array_equal(found["sign"], np.sign(result.network.head_[:5]))
    for step, w in zip(found["steps"][1:], found["w"][1:], strict=True):
        if step in (1, T // 2):  # the run in double precision, a step at a time, with the recipe of the estimator
            np.testing.assert_allclose(w, plain_loop(result.network, target, T, step, seed)[:5], rtol=1e-4, atol=1e-4)


def plain_loop(fitted, target, T, steps, seed):
    student, recipe = fitted.student(), fitted.recipe_
    drawn = student.draw(fitted.width, 2, seed)
    W, b, a = drawn.weights, drawn.biases, drawn.head
    target = Target.from_mapping(target)
    ((X, y),) = list(labelled_data(student.loss_functions, target, T, 2, seed, "train", target.noise))
    sizes = recipe.steps.sizes(0, T)
    activation, slope = student.activation_functions.value, student.activation_functions.slope
    derivative = student.loss_functions.slope
    for t in range(steps):
        inner = W @ X[t] + b
        outer = derivative(np.array([a @ activation(inner)]), y[t : t + 1])[0]
        W = (1 - sizes[t] * recipe.weight_decay) * W - sizes[t] * outer * np.outer(a * slope(inner), X[t])
    return W


def test_nothing_is_followed_unless_asked_for():
    assert positions(measure(RUN | {"neurons": 0})) is None


def test_neurons_need_the_plane():
    with pytest.raises(InputError, match="d = 2"):
        measure(RUN | {"d": 3})


def test_the_report_draws_them_beside_an_animation_that_stays_small(tmp_path, capsys):
    assert main(["rates", "mousavi-figure-1", *SMALL, "--out", str(tmp_path), "--workers", "1"]) == 0
    summary = json.loads((tmp_path / "summary.json").read_text())
    page = (tmp_path / "report.html").read_text()
    assert len(summary["neurons"]["picture"]["w"][0]) == 6
    assert "along the teacher" in page
    assert "neurons-picture.gif" in page
    picture = (tmp_path / "neurons-picture.gif").read_bytes()
    assert picture.startswith(b"GIF8")
    assert len(picture) < 500_000
    assert not list(tmp_path.glob("*.draft*"))
