"""Thresholds: interpolated where the sizes show them, censored where they do not, and judged like any other curve."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.rates.slopes import Direction, RateClaim, Sample, judge_rate
from steinlab.checks.rates.thresholds import reached, threshold_sample
from steinlab.checks.studies.identity import configuration_key
from steinlab.checks.studies.study import parse_study
from steinlab.checks.studies.summary import Request, Results, summarise
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Verdict

SIZES = [10, 20, 40, 80, 160]


@given(st.floats(0.1, 3), st.floats(11, 159))
def test_a_power_law_is_interpolated_exactly(exponent, threshold):
    values = [(size / threshold) ** -exponent for size in SIZES]
    assert reached(SIZES, values, 1.0) == pytest.approx(threshold, rel=1e-9)


@given(st.lists(st.floats(-1, 1), min_size=5, max_size=5), st.floats(0.01, 0.5))
def test_a_threshold_lies_between_the_last_size_above_and_the_first_below(values, level):
    found = reached(SIZES, values, level)
    first = next((i for i, value in enumerate(values) if value <= level), None)
    if first is None or first == 0:
        assert found is None
    else:
        assert SIZES[first - 1] <= found <= SIZES[first] * (1 + 1e-12)


def test_what_rises_again_is_not_crossed_twice():
    assert reached(SIZES, [1.0, 0.5, 2.0, 0.1, 3.0], 0.25) == reached(SIZES, [1.0, 0.5, 0.5, 0.1, 0.05], 0.25)


def test_censored_and_failed_replicates_are_counted_apart():
    runs = {
        10: [{"risk": 1.0}, {"risk": 1.0}, {"risk": 1.0}, {"risk": 0.05}],
        100: [{"risk": 0.1}, {"risk": 0.9}, "it broke", {"risk": 0.01}],
    }
    assert threshold_sample(5, runs, "risk", 0.1) == Sample(5, (100.0,), failures=1, censored=2)


def test_a_censored_threshold_leaves_the_rate_undecided():
    claim = RateClaim("r", "s", "threshold", 1.0, Direction.TIGHT, (2.0,), (1, 1e4), 3, 0.5, False, "", "", "")
    rng = np.random.default_rng(0)
    points = [Sample(x, tuple(x * rng.gamma(50, 1 / 50, 8))) for x in (10, 30, 100, 300, 1000)]
    assert judge_rate(claim, points, rng).verdict is Verdict.HOLDS
    points[2] = Sample(100, points[2].values, 0, 1)
    judgement = judge_rate(claim, points, rng)
    assert judgement.verdict is Verdict.UNDECIDED
    assert "1 of 9 thresholds at x = 100 lie outside" in judgement.reason


DOCUMENT = {
    "schema": "steinlab/study/1",
    "name": "tiny",
    "title": "Tiny",
    "summary": "A study for tests.",
    "source": "nowhere",
    "quantity": "excess_risk",
    "seeds": 3,
    "targets": {"even": {"link": "He(2, z1)/sqrt(2)"}},
    "defaults": {"target": "even", "method": "one-step", "axis": "n", "x": [8, 16, 32], "holdout": 20, "test": 20},
    "series": {f"d-{d}": {"label": f"d = {d}", "fixed": {"d": d, "m": 4}} for d in (4, 2, 8)},
    "thresholds": {
        "samples": {
            "label": "samples",
            "series": ["d-4", "d-2", "d-8"],
            "axis": "d",
            "quantity": "excess_risk",
            "level": 0.09,
        }
    },
    "figures": {"t": {"title": "T", "caption": "C", "series": ["samples"], "quantity": "threshold"}},
}


def test_a_study_makes_its_thresholds_from_the_runs_of_its_series():
    study = parse_study(DOCUMENT)
    finished = {}
    for series in study.series:
        for (x, _), task in study.tasks(series, 0).items():
            finished[configuration_key(task.configuration)] = {"excess_risk": 0.8 * series.fixed["d"] / x}
    summary = summarise(study, Request("tiny", False, (), 0), Results(finished, {}))
    (record,) = summary["thresholds"]
    assert (record["axis"], record["fixed"], record["of"]["axis"]) == ("d", {"m": 4}, "n")
    assert [(p["x"], p["seeds"], p["censored"]) for p in record["points"]] == [(2, 3, 0), (4, 0, 3), (8, 0, 3)]
    assert record["points"][0]["mean"] == pytest.approx(1.6 / 0.09)

    from steinlab.checks.studies.report.page import render

    page = render(study, summary)
    assert "3 beyond" in page
    assert "least size at which the level is reached" in page


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("thresholds/samples/axis", "m", "must be alike"),
        ("thresholds/samples/level", 0, "positive"),
        ("thresholds/samples/series", ["d-2", "d-2"], "same d"),
        ("series/d-2/fixed/m", 6, "must be alike"),
        ("thresholds/samples/quantity", "threshold", "expected one of"),
        ("figures/t/quantity", "excess_risk", "expected 'threshold'"),
    ],
)
def test_a_wrong_curve_of_thresholds_is_refused(path, value, message):
    document = copy.deepcopy(DOCUMENT)
    *parents, last = path.split("/")
    table = document
    for key in parents:
        table = table[key]
    table[last] = value
    with pytest.raises(InputError, match=message):
        parse_study(document)


def test_the_axis_k_takes_a_target_for_each_point():
    document = copy.deepcopy(DOCUMENT)
    document["targets"] |= {"two": {"link": "z1*z2"}}
    document["series"] = {
        "k": {"label": "k", "axis": "k", "x": [1, 2], "target": ["even", "two"], "fixed": {"n": 9, "d": 2, "m": 4}}
    }
    document["figures"]["t"] |= {"series": ["k"], "quantity": "excess_risk"}
    del document["thresholds"]
    study = parse_study(document)
    links = {x: task.configuration["target"]["link"] for (x, _), task in study.tasks(study.series[0], 0).items()}
    assert links == {1: "He(2, z1)/sqrt(2)", 2: "z1*z2"}
    document["series"]["k"]["target"] = ["even"]
    with pytest.raises(InputError, match="expected one for each of the 2 x"):
        parse_study(document)
