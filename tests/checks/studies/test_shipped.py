"""The studies that come with the package: the papers' grids, in words that name only what is run."""

import re

import pytest

from steinlab.checks.studies.reading.load import load_study
from steinlab.checks.studies.rehearsal import rehearse
from steinlab.checks.studies.shipped import titles


def test_shipped_studies_load_in_both_forms_and_every_series_can_be_trained():
    assert set(titles()) == {
        "calibration",
        "damian-authors-code",
        "damian-figure-1",
        "damian-figure-2",
        "estimate-calibration",
        "mousavi-compressibility",
        "mousavi-figure-1",
        "mousavi-generalisation",
        "mousavi-single-index",
        "mousavi-subspace-convergence",
    }
    for name in titles():
        full, quick = load_study(name), load_study(name, quick=True)
        assert full.name == quick.name == name
        rehearse(full)
        count = [sum(len(s.x) for s in study.series) * study.seeds for study in (full, quick)]
        assert count[1] < count[0]


def test_figure_1_is_the_papers_grid():
    study = load_study("damian-figure-1")
    assert study.seeds == 10
    for series in study.series:
        assert series.x == tuple(int(10 ** (j / 2)) for j in range(11))
        assert dict(series.fixed) == {"d": 10, "m": 100}
    assert {p.id: len(p.points) for p in study.published} == {
        "algorithm-1": 7,
        "random-features": 7,
        "tangent-kernel": 7,
    }


def test_the_authors_number_is_met_by_at_least_20_seeds():
    study = load_study("damian-authors-code")
    assert study.seeds >= 20
    assert [(p.x, p.mean, p.seeds) for p in study.published[0].points] == [(10000.0, 0.096, 1)]


SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def sizes_named(words):
    """Numbers of three digits and more, and powers of ten, in a sentence."""
    powers = re.findall("10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", words)
    plain = re.findall(r"(?<![\d.])\d{1,3}(?:\N{NARROW NO-BREAK SPACE}\d{3})+|(?<![\d.])\d{3,}", words)
    return {10.0 ** int(p.translate(SUPERSCRIPTS)) for p in powers} | {float(re.sub(r"\D", "", p)) for p in plain}


@pytest.mark.parametrize("name", sorted(titles()))
@pytest.mark.parametrize("quick", [False, True])
def test_a_claim_names_only_sizes_that_its_study_runs(name, quick):
    """What was true of the full study must not be said of a quick one."""
    study = load_study(name, quick=quick)
    for claim in (*study.rates, *study.levels):
        per_dimension = {200.0} if "200 d" in claim.statement else set()
        assert sizes_named(claim.statement) <= {*claim.predicted.window} | per_dimension
        assert "{" not in claim.statement


@pytest.mark.parametrize("name", sorted(titles()))
@pytest.mark.parametrize("quick", [False, True])
def test_captions_name_sizes_that_the_study_runs(name, quick):
    study = load_study(name, quick=quick)
    sizes = {float(size) for series in study.series for size in (*series.fixed.values(), *series.x, *series.options.values())}
    for words in (study.title, *(text for figure in study.figures for text in (figure.title, figure.caption))):
        assert sizes_named(words) <= sizes
        assert "{" not in words
    assert "{" not in titles()[name] + study.summary
