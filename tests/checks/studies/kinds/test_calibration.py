"""A short calibration of the rate engine, with bounds that a wrong engine does not meet: three wrong ones are shown not to.

The study `calibration` is the long one. The bounds leave three standard deviations of what is drawn here.
"""

from dataclasses import replace

import numpy as np
import pytest

from steinlab.checks.rates import judging, slopes
from steinlab.checks.rates.claims import PredictedExponent
from steinlab.checks.rates.judging import judge, judge_crossings
from steinlab.checks.rates.points import Points
from steinlab.checks.rates.samples import Sample
from steinlab.checks.studies.kinds import calibration
from steinlab.checks.studies.kinds.calibration import CALIBRATION
from steinlab.theory.errors import InputError

CHANGING = {"spread": 0.8, "spread_at_end": 0.1}


def measured(s=10, sets=1200, method="planted-rate", sizes=5, **settings):
    run = {"method": method, "s": s, "sets": sets, "sizes": sizes, "settings": settings, "seed": 0, "replicate": 0}
    return CALIBRATION.measure(run, None)


CELLS = [
    {"noise": "normal", "spread": 0.3},
    {"noise": "uniform", "spread": 0.5},
    {"noise": "gamma", "spread": 0.8},
    {"noise": "lognormal", "spread": 0.8},
    {"noise": "laplace", "spread": 0.5},
    {"noise": "outliers", "spread": 0.3},
    {"noise": "gamma"} | CHANGING,
    {"noise": "lognormal"} | CHANGING,
    {"noise": "lognormal", "estimand": "geometric"} | CHANGING,
    {"noise": "lognormal", "spread": 0.1, "common_spread": 0.4, "paired": True},
]


@pytest.mark.parametrize("settings", CELLS, ids=lambda cell: "-".join(map(str, cell.values())))
@pytest.mark.parametrize(("s", "least"), [(3, 0.88), (5, 0.9), (10, 0.92)])
def test_intervals_cover(settings, s, least):
    found = measured(s, **settings)
    assert found["coverage"] >= least - 3 * np.sqrt(least * (1 - least) / 1200)
    assert found["fails"] <= 0.06


@pytest.mark.parametrize("s", [5, 10, 20])
@pytest.mark.parametrize(
    "settings",
    [
        {"offset": 8000, "spread": 0.1},
        {"offset": 800, "spread": 0.02},
        {"logarithm": 1, "spread": 0.1, "hides_logarithms": True},
    ],
)
def test_transients_and_hidden_logarithms_rarely_fail(s, settings):
    assert measured(s, 400, direction="upper", **settings)["fails"] <= 0.06


def test_eight_true_claims_rarely_fail_and_one_alone_as_often_as_it_may():
    assert measured(10, 300, family=8, direction="upper")["fails"] <= 0.04
    assert measured(5, 300, family=8, noise="lognormal", **CHANGING)["fails"] <= 0.06


def test_a_wrong_claim_fails_and_never_holds():
    found = measured(10, 800, spread=0.1, exponent=-0.25, direction="upper", rival=-0.25)
    assert found["fails"] >= 0.75
    assert found["holds"] == 0
    weak = measured(10, 800, spread=0.2, exponent=-0.25, direction="upper", rival=-0.25)
    assert 0.2 <= weak["fails"] <= 0.5
    assert weak["undecided"] == pytest.approx(1 - weak["fails"] - weak["holds"])


def test_true_claims_are_mostly_decided():
    assert measured(10, 400, spread=0.3)["holds"] >= 0.85
    noisy = measured(5, 400, spread=1.2)
    assert noisy["undecided"] > noisy["holds"]


@pytest.mark.parametrize(
    "settings", [{"spread": 0.4}, {"spread": 0.7, "reach": 8}, {"reach": 8} | CHANGING], ids=["crossing", "censored", "changing"]
)
def test_thresholds_cover(settings):
    found = measured(5, 60, "planted-threshold", **settings)
    assert found["coverage"] >= 0.9 - 3 * np.sqrt(0.09 / 60)
    assert found["fails"] <= 0.1


# -- engines that are wrong


def test_pooled_variances_are_found_out(monkeypatch):
    """One variance for all points, as an ordinary least-squares fit has."""
    settings = {"estimand": "geometric"} | CHANGING
    honest = measured(10, 2500, **settings)["coverage"]

    class Pooled(Points):
        @classmethod
        def of(cls, runs, *more):
            points = Points.of(runs, *more)
            return replace(points, variance=np.broadcast_to(points.variance.mean(-1, keepdims=True), points.variance.shape))

    monkeypatch.setattr(calibration, "Points", Pooled)
    assert measured(10, 2500, **settings)["coverage"] < 0.92 < honest


def test_pooled_residuals_of_the_arithmetic_mean_are_found_out_too(monkeypatch):
    original = slopes.fit

    def pooled(points, design):
        found = original(points, design)
        mean = found.variance.mean(-1, keepdims=True)
        return replace(found, variance=np.broadcast_to(mean, found.variance.shape))

    honest = measured(10, 2500, noise="lognormal", **CHANGING)["coverage"]
    monkeypatch.setattr(slopes, "fit", pooled)
    assert measured(10, 2500, noise="lognormal", **CHANGING)["coverage"] < 0.92 < honest


def test_dropping_runs_that_never_cross_is_found_out(monkeypatch):
    settings = {"reach": 8, "spread": 0.8, "spread_at_end": 0.05}
    honest = measured(25, 60, "planted-threshold", **settings)["coverage"]

    def dropping(claim, runs, level, family=1):
        kept = {}
        for d, along in runs.items():
            values = np.array([sample.values for sample in along])
            crossing = values.min(axis=0) <= level
            crossing[np.argsort(values.min(axis=0))[:3]] = True  # three are needed
            kept[d] = [replace(sample, values=tuple(row[crossing])) for sample, row in zip(along, values, strict=True)]
        return judge_crossings(claim, kept, level, family)

    monkeypatch.setattr(calibration, "judge_crossings", dropping)
    assert measured(25, 60, "planted-threshold", **settings)["coverage"] < 0.9 - 3 * np.sqrt(0.09 / 60) < honest


def on_a_fine_grid(rng, seeds=6):
    """y = (d/n)^0.9 with noise that is smaller for larger d."""
    steps = np.geomspace(1, 64, 25)
    return {
        d: [Sample(d * r, tuple(r**-0.9 * rng.lognormal(-(noise**2) / 2, noise, seeds))) for r in steps]
        for d, noise in zip((8.0, 16.0, 32.0, 64.0, 128.0), np.geomspace(0.8, 0.1, 5), strict=True)
    }


def first_crossings(runs, level):
    """Thresholds as they should not be made: of each run's running minimum, interpolated, those that never cross left out."""
    samples = []
    for d, along in runs.items():
        n, values = np.log([sample.x for sample in along]), np.minimum.accumulate([sample.values for sample in along])
        found = []
        for curve in np.log(values).T:
            place = int(np.argmax(curve <= np.log(level)))
            if place > 0:
                share = (curve[place - 1] - np.log(level)) / (curve[place - 1] - curve[place])
                found.append(float(np.exp(n[place - 1] + share * (n[place] - n[place - 1]))))
        samples.append(Sample(d, tuple(found)))
    return samples


def test_the_running_minimum_is_found_out():
    level, claim, rng = 8**-0.9, PredictedExponent(1.0), np.random.default_rng(0)
    covered, wrongly = [], []
    for _ in range(60):
        runs = on_a_fine_grid(rng)
        for found, judged in (
            (covered, judge_crossings(claim, runs, level)),
            (wrongly, judge(claim, first_crossings(runs, level))),
        ):
            low, high = judged.interval
            found.append(low <= 1 <= high)
    assert np.mean(covered) >= 0.9 - 3 * np.sqrt(0.09 / 60)
    assert np.mean(wrongly) < 0.75


def test_a_run_is_drawn_from_its_configuration_alone():
    assert measured(3, 20) == measured(3, 20)
    assert measured(3, 20) != measured(3, 20, spread=0.31)
    assert set(measured(3, 20)) == set(CALIBRATION.quantities)
    assert set(measured(3, 2, "planted-threshold")) == set(CALIBRATION.quantities)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"noise": "pink"}, "noise is 'pink': expected one of normal, "),
        ({"noise": "normal", "spread": 0.5}, r"spread is 0\.5: expected a positive number, at most 0\.35 for normal noise"),
        ({"noise": "laplace", "spread_at_end": 0.8}, r"spread_at_end is 0\.8"),
        ({"rival": -0.5}, "rivals contains the prediction"),
    ],
)
def test_settings_that_cannot_be_planted_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        measured(3, 2, **settings)


def test_the_engine_that_is_measured_is_the_one_that_judges():
    assert calibration.judge_crossings is judging.judge_crossings
    assert calibration.fit_slope is slopes.fit_slope
