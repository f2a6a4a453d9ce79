"""Runs on n samples: they measure every quantity of their kind, and transfer to a second target."""

import pytest

from steinlab.checks.studies.kinds.training import TRAINING
from steinlab.theory.targets.target import Target

RUN = {"n": 20, "d": 2, "m": 4, "settings": {}, "holdout": 10, "test": 10, "seed": 0, "replicate": 0}
TARGET = Target.from_expression("He(2,z1) + tanh(z2)")


@pytest.mark.parametrize("method", TRAINING.methods)
def test_a_run_measures_what_its_kind_promises(method):
    measured = TRAINING.measure(RUN | {"method": method}, TARGET)
    assert TRAINING.quantities.keys() <= measured.keys()
    assert 0 <= measured["alignment"] <= 1


def test_a_transferred_head_is_measured_on_the_second_target():
    here = RUN | {"method": "one-step"}
    there = here | {"transfer": {"target": {"link": "100*z1"}, "N": 20}}
    assert TRAINING.measure(there, TARGET)["excess_risk"] > 10 * TRAINING.measure(here, TARGET)["excess_risk"]


def test_samples_of_both_targets_are_paid_for():
    sizes = {"n": 100, "d": 5, "m": 10, "holdout": 10, "test": 10}
    assert TRAINING.cost("one-step", sizes | {"N": 100}) == TRAINING.cost("one-step", sizes | {"n": 200})
