"""Runs in their places: thresholds from members, failures apart, published numbers at their own sizes."""

import copy

import pytest
from small_studies import TINY, WITH_THRESHOLDS, results_for

from steinlab.checks.rates.samples import Sample
from steinlab.checks.studies.judgement import Measured
from steinlab.checks.studies.plan import Grid
from steinlab.checks.studies.reading.load import load_study
from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.store import Results
from steinlab.theory.verdicts import Verdict


def measured(study, results):
    return Measured.of(study, 0, Grid(study, 0).first(), results)


def test_a_threshold_is_made_from_the_runs_of_its_members():
    study = parse_study(WITH_THRESHOLDS)
    d = {series.id: series.fixed["d"] for series in study.series}
    finished = {run.task.key: {"excess_risk": 0.8 * d[run.series] / run.x} for run in Grid(study, 0).first()}
    runs = measured(study, Results(finished, {})).thresholds(study.find("samples"))
    assert {x: [s.x for s in along] for x, along in runs.items()} == {2: [8, 16, 32], 4: [8, 16, 32], 8: [8, 16, 32]}
    assert runs[4][1].values == pytest.approx([0.2] * 3)


def test_rates_are_judged_together_and_thresholds_by_regression():
    document = copy.deepcopy(WITH_THRESHOLDS)
    document["thresholds"]["samples"]["level"] = 0.2
    rate = TINY["rates"]["slope"] | {"series": "samples", "quantity": "threshold", "predicted": 1.0, "rivals": [2.0]}
    document["rates"] = {"a": rate, "b": rate | {"series": "d-2", "quantity": "excess_risk", "predicted": -1.0, "rivals": [0.0]}}
    study = parse_study(document)
    d = {series.id: series.fixed["d"] for series in study.series}
    wave = (0.98, 1.0, 1.02)
    finished = {
        run.task.key: {"excess_risk": 0.8 * d[run.series] / run.x * wave[(run.replicate + run.x // 8) % 3]}
        for run in Grid(study, 0).first()
    }
    found = [measured(study, Results(finished, {})).rate(claim) for claim in study.rates]
    assert [judgement.verdict for judgement in found] == [Verdict.HOLDS] * 2
    assert found[0].measured == pytest.approx(1, abs=0.02)
    assert all("one of 2 rates" in judgement.reason for judgement in found)


def test_a_run_that_failed_or_never_ran_is_no_value():
    study = parse_study(TINY)
    runs = [run for run in Grid(study, 0).first() if run.series == "one"]
    results = Results({runs[0].task.key: {"excess_risk": 0.5, "excess_l1": 0.5}}, {runs[1].task.key: "it broke"})
    found = measured(study, results)
    assert found.outcomes["one"][8] == [results.finished[runs[0].task.key], "it broke", "it did not run"]
    assert found.samples("one", "excess_risk")[0] == Sample(8, (0.5,), failures=2)
    assert found.level(study.levels[0]).verdict is Verdict.UNDECIDED
    assert found.rate(study.rates[0]).verdict is Verdict.UNDECIDED


def test_the_order_of_the_runs_leaves_no_trace():
    study = load_study("damian-figure-1", quick=True)
    results, runs = results_for(study), Grid(study, 0).first()
    assert Measured.of(study, 0, runs, results) == Measured.of(study, 0, runs[::-1], results)


def test_published_numbers_are_compared_at_their_own_sizes_only():
    study, wider = parse_study(TINY), load_study("damian-figure-1", overrides=["defaults.fixed.m=200"])
    (difference,) = measured(study, results_for(study)).differences(study.published[0])["one"]
    assert (difference.published.mean, difference.seeds) == (0.9, 3)
    assert measured(wider, results_for(wider)).differences(wider.published[0]) == {}
