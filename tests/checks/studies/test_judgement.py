"""Runs in their places: thresholds from members, failures apart, published numbers at their own sizes."""

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
    samples = measured(study, Results(finished, {})).samples(study.find("samples"), "threshold")
    assert [(s.x, len(s.values), s.censored) for s in samples] == [(2, 3, 0), (4, 0, 3), (8, 0, 3)]
    assert samples[0].values == pytest.approx([1.6 / 0.09] * 3)


def test_a_run_that_failed_or_never_ran_is_no_value():
    study = parse_study(TINY)
    runs = [run for run in Grid(study, 0).first() if run.series == "one"]
    results = Results({runs[0].task.key: {"excess_risk": 0.5, "excess_l1": 0.5}}, {runs[1].task.key: "it broke"})
    found = measured(study, results)
    assert found.outcomes["one"][8] == [results.finished[runs[0].task.key], "it broke", "it did not run"]
    assert found.samples(study.find("one"), "excess_risk")[0] == Sample(8, (0.5,), failures=2)
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
