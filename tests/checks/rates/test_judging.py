"""Verdicts from runs: the right ones on planted laws, undecided with a reason on poor data."""

import math
from dataclasses import replace

import numpy as np
import pytest

from steinlab.checks.rates.claims import PredictedExponent
from steinlab.checks.rates.judging import judge, judge_crossings
from steinlab.checks.rates.points import Estimand
from steinlab.checks.rates.samples import Direction, Sample
from steinlab.theory.verdicts import Verdict

SIZES = (100, 316, 1000, 3162, 10000)
UPPER, LOWER, TIGHT = Direction.UPPER, Direction.LOWER, Direction.TIGHT


def claim(predicted, direction=TIGHT, rivals=(), **more):
    return PredictedExponent(predicted, direction, rivals, **more)


def planted(exponent, rng, sizes=SIZES, seeds=10, noise=0.3, curve=lambda x: 1.0):
    """Log-normal runs whose mean is curve(x) x^exponent exactly."""
    return [Sample(x, tuple(curve(x) * x**exponent * np.exp(noise * rng.standard_normal(seeds) - noise**2 / 2))) for x in sizes]


def test_a_planted_wrong_exponent_is_contradicted_and_the_right_one_holds():
    rng = np.random.default_rng(3)
    wrong = right = 0
    for _ in range(40):
        samples = planted(-0.5, rng)
        wrong += judge(claim(-1, rivals=(-0.5,)), samples).verdict is Verdict.FAILS
        right += judge(claim(-0.5, rivals=(-1, 0)), samples).verdict is Verdict.HOLDS
    assert (wrong >= 38, right >= 36) == (True, True)


def test_a_transient_is_undecided_with_the_law_that_explains_it():
    rng = np.random.default_rng(4)
    reasons = [judge(claim(-0.5, UPPER), planted(0, rng, noise=0.05, curve=lambda x: (x + 8000) ** -0.5)) for _ in range(40)]
    assert sum(found.verdict is Verdict.FAILS for found in reasons) <= 2
    undecided = next(found for found in reasons if found.verdict is Verdict.UNDECIDED)
    assert "an offset" in undecided.reason
    assert undecided.needed is None or undecided.needed.sizes[-1] >= SIZES[-1]


def test_one_factor_log_does_not_contradict_a_bound_that_hides_logarithms():
    samples = planted(-0.25, np.random.default_rng(5), noise=0.02, curve=math.log)
    strict = claim(-0.25, UPPER, (0.2,))
    assert judge(strict, samples).verdict is Verdict.FAILS
    assert judge(replace(strict, hides_logarithms=True), samples).verdict is Verdict.UNDECIDED
    slower = planted(0.1, np.random.default_rng(5), noise=0.02)
    assert judge(replace(strict, hides_logarithms=True), slower).verdict is Verdict.FAILS


@pytest.mark.parametrize(("bend", "expected"), [(3.0, Verdict.UNDECIDED), (1 / 3, Verdict.HOLDS)])
def test_a_slope_that_flattens_at_the_largest_size_does_not_confirm_an_upper_bound(bend, expected):
    samples = planted(-0.5, np.random.default_rng(6), noise=0.05, curve=lambda x: bend if x == 10000 else 1)
    assert judge(claim(-0.2, UPPER, (0,)), samples).verdict is expected


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda s: s[:2], "2 sizes in the window: 3 are needed"),
        (lambda s: [], "0 sizes"),
        (lambda s: [*s[:2], replace(s[2], failures=1), *s[3:]], "1 of 11 runs at x = 1000 failed"),
        (lambda s: [replace(p, values=p.values[:2]) for p in s], "2 runs at x = 100: 3 are needed"),
        (lambda s: [replace(s[0], values=(-1.0, 0.1, 0.2)), *s[1:]], "x = 100 is not positive beyond doubt"),
        (lambda s: [replace(s[0], values=(math.inf, 1.0, 1.0)), *s[1:]], "a run at x = 100 is not finite"),
    ],
)
def test_poor_data_are_undecided_with_a_reason(spoil, reason):
    judgement = judge(claim(-0.5), spoil(planted(-0.5, np.random.default_rng(7))))
    assert (judgement.verdict, judgement.measured, judgement.interval) == (Verdict.UNDECIDED, None, None)
    assert reason in judgement.reason


def test_a_geometric_mean_needs_positive_runs_and_an_arithmetic_one_a_positive_mean():
    samples = planted(-0.5, np.random.default_rng(7))
    samples[0] = replace(samples[0], values=(-0.001, *samples[0].values[1:]))
    assert judge(claim(-0.5), samples).measured is not None
    found = judge(claim(-0.5, estimand=Estimand.GEOMETRIC), samples)
    assert (found.measured, "a run at x = 100 is not positive" in found.reason) == (None, True)


def test_points_outside_the_window_and_their_order_do_not_count():
    samples = planted(-0.5, np.random.default_rng(8), noise=0.05)
    found = judge(claim(-0.5, rivals=(0,)), samples)
    assert found.points == 5
    inside = judge(claim(-0.5, rivals=(0,), window=(100, 10000)), [*samples[::-1], Sample(10.0, (1e9,) * 10)])
    assert (inside.measured, inside.interval) == (found.measured, found.interval)


def test_a_family_is_named_and_keeps_the_interval_that_is_quoted():
    samples = planted(-0.5, np.random.default_rng(9))
    one, eight = (judge(claim(-0.5, rivals=(0,)), samples, family) for family in (1, 8))
    assert one.interval == eight.interval
    assert "one of 8 rates judged together" in eight.reason
    assert "together" not in one.reason


def grid(law, ds=(8, 16, 32, 64), ratios=(1, 2, 4, 8, 16), seeds=6, noise=0.2, seed=0, labels=None):
    rng = np.random.default_rng(seed)
    return {
        d: [
            Sample(d * r, tuple(law(d, d * r) * np.exp(noise * rng.standard_normal(seeds) - noise**2 / 2)), labels=labels)
            for r in ratios
        ]
        for d in ds
    }


@pytest.mark.parametrize("labels", [None, tuple(range(6))])
def test_a_planted_threshold_holds_and_a_wrong_one_fails(labels):
    runs = grid(lambda d, n: d / n, labels=labels)
    right = judge_crossings(claim(1, rivals=(0.5, 1.5)), runs, 0.25)
    assert right.verdict is Verdict.HOLDS
    assert right.measured == pytest.approx(1, abs=0.15)
    assert right.interval[0] < 1 < right.interval[1]
    assert judge_crossings(claim(2, LOWER), runs, 0.25).verdict is Verdict.FAILS


@pytest.mark.parametrize(
    ("runs", "level", "reason"),
    [
        (grid(lambda d, n: d / n), 1e-4, "0 sizes d come near the level 0.0001: 3 are needed"),
        (grid(lambda d, n: d / n if d < 64 else 50.0), 0.25, "no runs near the level 0.25 at d = 64"),
        (grid(lambda d, n: d / n, ds=(8, 16)), 0.25, "2 sizes d come near"),
        (grid(lambda d, n: d / n, ratios=(4,)), 0.25, "do not show how the quantity falls"),
        (grid(lambda d, n: n / d / 30, noise=0.01), 0.1, "does not fall along n"),
        (grid(lambda d, n: d / n, seeds=2), 0.25, "2 runs at x = 8: 3 are needed"),
    ],
)
def test_thresholds_that_cannot_be_seen_are_undecided_with_a_reason(runs, level, reason):
    found = judge_crossings(claim(1, rivals=(0.5,)), runs, level)
    assert reason in found.reason
    if "no runs near" not in reason:
        assert (found.verdict, found.interval) == (Verdict.UNDECIDED, None)


def test_what_would_decide_a_threshold_counts_the_runs_along_n():
    found = judge_crossings(claim(1, rivals=(0.97,)), grid(lambda d, n: d / n), 0.25)
    assert found.verdict is Verdict.UNDECIDED
    assert found.needed.runs == found.needed.seeds * len(found.needed.sizes) * 5
