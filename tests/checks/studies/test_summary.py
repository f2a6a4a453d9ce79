"""The summary follows its schema and says nothing of order, time or workers."""

import copy

import numpy as np
import pytest
from small_studies import TINY, WITH_THRESHOLDS, results_for, summarised, summary_of

from steinlab.checks.studies.plan import Grid
from steinlab.checks.studies.reading.load import load_study
from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.store import Results
from steinlab.checks.studies.summary import Request, summary_text


def test_the_order_of_the_results_leaves_no_trace():
    study = load_study("damian-figure-1", quick=True)
    results = results_for(study)
    backwards = Results(dict(reversed(results.finished.items())), {})
    assert summary_text(summarised(study, results)) == summary_text(summarised(study, backwards))


def test_the_summary_follows_its_schema():
    study = load_study("damian-figure-1", quick=True)
    summary = summary_of(study)
    assert summary["schema"] == "steinlab/rates/1"
    assert summary["study"] == "damian-figure-1"
    assert {"method", "axis", "fixed", "points"} <= set(summary["series"][0])
    point = summary["series"][0]["points"][0]
    assert {"x", "mean", "std", "seeds"} <= set(point)
    assert point["mean"] == pytest.approx(np.mean(point["values"]))
    assert point["std"] == pytest.approx(np.std(point["values"], ddof=1))
    rate = summary["rates"][0]
    assert {"method", "axis", "predicted", "direction", "measured", "interval", "verdict", "evidence"} <= set(rate)
    assert rate["evidence"] == "numerical"
    assert rate["measured"] == pytest.approx(-0.5, abs=0.1)


def test_failed_runs_are_listed_counted_and_never_averaged():
    study = load_study("damian-figure-1", quick=True)
    summary = summary_of(study, fail=[("algorithm-1", 1000)])
    clean = summary_of(study)
    points = {p["x"]: p for p in summary["series"][0]["points"]}
    assert (points[1000]["seeds"], points[1000]["failed"]) == (4, 1)
    assert points[100] == {p["x"]: p for p in clean["series"][0]["points"]}[100]
    assert summary["failures"] == [
        {"series": "algorithm-1", "x": 1000, "replicate": 0, "message": "ValueError: planted <b>failure</b>"}
    ]
    assert summary["rates"][0]["verdict"] == "undecided"


def test_a_curve_of_thresholds_names_its_members():
    study = parse_study(WITH_THRESHOLDS)
    d = {series.id: series.fixed["d"] for series in study.series}
    finished = {run.task.key: {"excess_risk": 0.8 * d[run.series] / run.x} for run in Grid(study, 0).first()}
    (record,) = summarised(study, Results(finished, {}))["thresholds"]
    assert (record["axis"], record["fixed"], record["method"]) == ("d", {"m": 4}, "one-step")
    assert record["of"] == {"series": ["d-2", "d-4", "d-8"], "axis": "n", "quantity": "excess_risk", "level": 0.09}
    assert [(p["x"], p["seeds"], p["censored"]) for p in record["points"]] == [(2, 3, 0), (4, 0, 3), (8, 0, 3)]


def test_the_command_leaves_out_what_cannot_change_the_summary():
    assert Request("s", True, ("title=a 'b'",), 3).command == "steinlab rates s --quick --seed 3 --set 'title=a '\"'\"'b'\"'\"''"
    assert Request("s", False, (), 0).command == "steinlab rates s --seed 0"


def test_a_rate_says_what_was_judged_with_it_and_what_would_decide_it():
    summary = summary_of(load_study("mousavi-subspace-convergence", quick=True))
    rate = next(rate for rate in summary["rates"] if rate["id"] == "relu-dimension")
    assert rate["family"] == {"rates": 8, "confidence": pytest.approx(1 - 0.05 / 8)}
    assert rate["bound"]["law"] == "sqrt(d - 1)"
    assert rate["bound"]["interval"][0] < rate["bound"]["slope_of_ratio"] < rate["bound"]["interval"][1]
    assert {"points", "held_out", "last_step", "logarithm", "offset", "tested"} <= set(rate["fit"])
    assert all((rate["needed"] is None) or (rate["verdict"] == "undecided") for rate in summary["rates"])
    assert all(rate["estimand"] == "mean" for rate in summary["rates"])


def test_an_interval_without_ends_is_null():
    """Risks so noisy that no slope along n is seen have no bounded threshold exponent; JSON knows no infinity."""
    document = copy.deepcopy(WITH_THRESHOLDS)
    document["rates"] = {"a": TINY["rates"]["slope"] | {"series": "samples", "quantity": "threshold"}}
    study = parse_study(document)
    rng = np.random.default_rng(0)
    finished = {run.task.key: {"excess_risk": float(0.09 * rng.lognormal() / run.x**0.01)} for run in Grid(study, 0).first()}
    (rate,) = summarised(study, Results(finished, {}))["rates"]
    assert (rate["verdict"], rate["interval"]) == ("undecided", None)
    summary_text(summarised(study, Results(finished, {})))
