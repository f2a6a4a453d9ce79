"""Thresholds: unbiased at any grid, with every run near the level, clustered by seed."""

import numpy as np
import pytest

from steinlab.checks.rates.claims import Bound, PredictedExponent
from steinlab.checks.rates.points import Points
from steinlab.checks.rates.samples import Sample
from steinlab.checks.rates.thresholds import crossing, fit_threshold, near_level

D = np.array([8.0, 16, 32, 64, 128])
CLAIM = PredictedExponent(1.0, hides_logarithms=True)


def planted(law, ratios, seeds=6, noise=0.4, common=0.0, sets=300, ds=D, clustered=False):
    """Many data sets: the points near the level 0.1 of the true law, which are the same in all."""
    rng = np.random.default_rng(1)
    d, n = np.repeat(ds, len(ratios)), (ds[:, None] * ratios).ravel()
    kept = near_level(d, n, law(d, n), 0.1)
    d, n = d[kept], n[kept]
    shared = common * rng.standard_normal((sets, len(ds), seeds))[:, np.searchsorted(ds, d)]
    draws = np.exp(noise * rng.standard_normal((sets, len(d), seeds)) + shared - (noise**2 + common**2) / 2)
    data = law(d, n)[:, None] * draws
    labels = [[(size, j) for j in range(seeds)] for size in d] if clustered else None
    return Points.of([data[:, i] for i in range(len(d))], labels=labels), d, n


def power(d, n):
    return (d / n) ** 0.9


@pytest.mark.parametrize("ratios", [np.array([1.0, 4, 16, 64]), np.geomspace(1, 64, 19)])
def test_the_exponent_is_unbiased_and_covered_at_any_grid(ratios):
    slope, falls = fit_threshold(*planted(power, ratios), CLAIM)
    assert falls
    assert np.median(slope.exponent) == pytest.approx(1, abs=0.02)
    for ends in (slope.interval, slope.tested.interval, slope.last_step):
        assert 0.92 <= np.mean((ends[0] <= 1) & (ends[1] >= 1)) <= 1


def test_runs_of_one_seed_are_clustered():
    made = {"common": 0.5, "noise": 0.1, "ratios": np.geomspace(4, 32, 7)}
    clustered, _ = fit_threshold(*planted(power, clustered=True, **made), CLAIM)
    alone, _ = fit_threshold(*planted(power, **made), CLAIM)
    cover = [np.mean((s.interval[0] <= 1) & (s.interval[1] >= 1)) for s in (clustered, alone)]
    assert cover[0] >= 0.92
    assert cover[1] < 0.85


def test_an_offset_of_the_threshold_is_found_and_not_rejected():
    law = lambda d, n: ((d + 40) / n) ** 0.9  # noqa: E731
    slope, _ = fit_threshold(*planted(law, np.geomspace(4, 200, 9), noise=0.1), CLAIM)
    assert np.mean(slope.interval[1] < 1) > 0.95
    assert np.mean(slope.tested.beyond != 0) <= 0.07
    assert np.median(slope.tested.offset.offset) == pytest.approx(40, rel=0.2)


def test_an_exponent_beyond_every_offset_is_rejected_on_its_side():
    steeper, _ = fit_threshold(*planted(lambda d, n: (d**1.6 / n) ** 0.9, np.geomspace(8, 900, 15), noise=0.1), CLAIM)
    assert np.mean((steeper.tested.beyond > 0) & (steeper.tested.interval[0] > 1)) == 1


def test_d_log_d_is_told_from_d_and_hidden_where_the_claim_hides_it():
    law = lambda d, n: (d * np.log(d) / n) ** 0.9  # noqa: E731
    slope, _ = fit_threshold(*planted(law, np.geomspace(8, 400, 15), noise=0.05), CLAIM)
    assert np.median(slope.logarithm.power) == pytest.approx(1, abs=0.2)
    assert np.median(slope.logarithm.exponent) == pytest.approx(1, abs=0.02)
    assert np.median(slope.without_logarithm[0].exponent) == pytest.approx(1, abs=0.02)
    bounded = PredictedExponent(1.0, bound=Bound("d*log(d)", lambda d: d * np.log(d)))
    against, _ = fit_threshold(*planted(law, np.geomspace(8, 400, 15), noise=0.05), bounded)
    assert np.median(against.tested.exponent) == pytest.approx(1, abs=0.02)
    assert np.mean((against.last_step[0] <= 1) & (against.last_step[1] >= 1)) > 0.9


def test_near_the_level_is_within_a_factor_three_or_next_to_the_crossing():
    d, n = np.repeat([1.0, 2.0, 3.0], 4), np.tile([1.0, 2, 4, 8], 3)
    mean = np.array([0.9, 0.29, 0.11, 0.034, 0.9, 0.8, 0.01, 0.001, 0.9, 0.8, 0.7, 0.6])
    assert near_level(d, n, mean, 0.1).tolist() == [1, 2, 3, 5, 6]
    assert near_level(d[::-1], n[::-1], mean[::-1], 0.1).tolist() == [5, 6, 8, 9, 10]
    assert near_level(d[:3], n[:3], np.array([0.9, 0.4, -0.2]), 0.1).tolist() == []


def along(law, sizes, seeds=4):
    rng = np.random.default_rng(2)
    return [Sample(n, tuple(law(n) * np.exp(0.1 * rng.standard_normal(seeds)))) for n in sizes]


def test_a_crossing_lies_where_the_mean_meets_the_level():
    size, (low, high) = crossing(along(lambda n: 8 / n, (10, 20, 40, 80, 160, 320)), 0.1)
    assert size == pytest.approx(80, rel=0.1)
    assert low < 80 < high


@pytest.mark.parametrize(
    ("runs", "level"),
    [
        (along(lambda n: 8 / n, (10, 20, 40)), 0.1),
        (along(lambda n: 8 / n, (100, 200, 400)), 0.1),
        (along(lambda n: n / 800, (20, 40, 80, 160)), 0.1),
        (along(lambda n: 8 / n, (10, 20, 40, 80, 160), seeds=2), 0.1),
        (along(lambda n: 8 / n, (80,)), 0.1),
    ],
)
def test_no_crossing_is_seen_outside_the_sizes_or_without_a_fall(runs, level):
    assert crossing(runs, level) is None
