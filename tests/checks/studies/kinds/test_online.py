"""Runs of online SGD: they measure every quantity of their kind, and neurons and the worst head where asked."""

import pytest

from steinlab.checks.studies.kinds.online import ONLINE
from steinlab.theory.targets.target import Target

RUN = {"T": 20, "d": 2, "m": 4, "settings": {}, "test": 10, "gap_samples": 0, "neurons": 0, "seed": 0, "replicate": 0}
TARGET = Target.from_expression("tanh(z1)")


@pytest.mark.parametrize("method", ONLINE.methods)
def test_a_run_measures_what_its_kind_promises(method):
    measured = ONLINE.measure(RUN | {"method": method, "gap_samples": 10}, TARGET)
    assert ONLINE.quantities.keys() <= measured.keys()
    assert measured["truncation_distance"] <= measured["perpendicular"] * (1 + 1e-6)


def test_the_gap_and_the_neurons_are_measured_on_request():
    measured = ONLINE.measure(RUN | {"method": "online-sgd"}, TARGET)
    assert "gap" not in measured
    assert not any(name.startswith("neuron/") for name in measured)
    asked = ONLINE.measure(RUN | {"method": "online-sgd", "neurons": 3}, TARGET)
    assert {name.split("/")[2] for name in asked if name.startswith("neuron/")} >= {"0", "1", "2"}


def test_the_search_for_the_worst_head_is_paid_for():
    sizes = {"T": 100, "d": 5, "m": 10, "test": 10, "neurons": 0}
    assert ONLINE.cost("online-sgd", sizes | {"gap_samples": 100}) > ONLINE.cost("online-sgd", sizes | {"gap_samples": 0})
