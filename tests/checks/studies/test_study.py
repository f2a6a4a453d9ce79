"""A study is a value: it cannot be changed, and says what each of its curves is asked for."""

import dataclasses

import pytest
from small_studies import TINY, WITH_THRESHOLDS

from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.study import frozen, thawed


def test_a_study_cannot_be_changed():
    study = parse_study(TINY)
    with pytest.raises(dataclasses.FrozenInstanceError):
        study.seeds = 5
    for mapping in (study.series[0].fixed, study.series[0].settings, study.series[0].targets[0]):
        with pytest.raises(TypeError):
            mapping["d"] = 3


def test_what_is_asked_of_a_curve_comes_from_figures_claims_and_thresholds():
    study = parse_study(TINY)
    assert study.quantities(study.find("one")) == ["excess_risk", "excess_l1"]
    assert study.quantities(study.find("two")) == ["excess_risk"]
    study = parse_study(WITH_THRESHOLDS)
    curve = study.find("samples")
    assert study.quantities(curve) == ["threshold"]
    assert [series.id for series in study.members(curve)] == ["d-2", "d-4", "d-8"]
    assert study.method(curve) == "one-step"


def test_what_was_frozen_thaws_to_itself():
    value = {"a": [1, {"b": [None, "x"]}], "c": {}}
    assert thawed(frozen(value)) == value
    with pytest.raises(TypeError):
        frozen(value)["a"][1]["b"] = 2
