"""The two functions for a user's own arrays: the same engine, arguments checked, no random numbers."""

import numpy as np
import pytest

import steinlab
from steinlab import judge_rate, judge_threshold
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Verdict


def runs(exponent=-0.5, sizes=(100, 200, 400, 800, 1600), seeds=10, noise=0.1, seed=3):
    x = np.repeat(np.array(sizes, dtype=float), seeds)
    labels = np.tile(np.arange(seeds), len(sizes))
    return x, x**exponent * np.exp(noise * np.random.default_rng(seed).standard_normal(len(x))), labels


def test_the_verdict_is_one_of_three_and_the_same_every_time():
    x, y, seeds = runs()
    first, second = (judge_rate(x, y, seeds, predicted=-0.5, rivals=[-0.25, -1]) for _ in range(2))
    assert first.verdict is Verdict.HOLDS
    assert first.verdict == "holds"
    assert (first.measured, first.interval, first.reason) == (second.measured, second.interval, second.reason)
    assert judge_rate(x, y, seeds, predicted=-1, direction="upper").verdict is Verdict.FAILS
    assert judge_rate(list(x), list(y), predicted=0, direction="upper").verdict is Verdict.HOLDS


def test_runs_of_one_seed_may_depend_on_each_other():
    """A factor common to all runs of a seed leaves the slope alone: paired, the interval is narrow."""
    x, y, seeds = runs(noise=0.05)
    y = y * np.exp(np.random.default_rng(1).standard_normal(10))[seeds]
    paired, alone = judge_rate(x, y, seeds, predicted=-0.5), judge_rate(x, y, predicted=-0.5)
    width = lambda found: found.interval[1] - found.interval[0]  # noqa: E731
    assert width(paired) < width(alone) / 3


def test_window_bound_log_and_estimand_reach_the_claim():
    x, y, seeds = runs(0.5, seeds=6)
    bent = y * np.sqrt(1 - 90 / x)
    assert judge_rate(x, bent, seeds, predicted=0.5, direction="upper").verdict is Verdict.FAILS
    with_bound = judge_rate(x, bent, seeds, predicted=0.5, direction="upper", rivals=[1], bound=lambda x: np.sqrt(x - 90))
    assert with_bound.verdict is Verdict.HOLDS
    assert judge_rate(x, y, seeds, predicted=0.5, window=(200, 800)).points == 3
    logarithmic = judge_rate(x, y * np.log(x), seeds, predicted=0.5, direction="upper", rivals=[1], log=True)
    assert logarithmic.verdict is Verdict.UNDECIDED
    assert judge_rate(x, y, seeds, predicted=0.5, estimand="geometric").estimand == "geometric"
    assert "8 rates" in judge_rate(x, y, seeds, predicted=0.5, family=8).reason


def test_thresholds_of_arrays():
    d, n = (axis.ravel() for axis in np.meshgrid([8.0, 16, 32, 64], [1.0, 2, 4, 8, 16]))
    d, n = np.tile(d, 6), np.tile(n * d, 6)
    seeds = np.repeat(np.arange(6), 20)
    y = d / n * np.exp(0.2 * np.random.default_rng(0).standard_normal(len(d)))
    found = judge_threshold(d, n, y, seeds, level=0.25, predicted=1, rivals=(0.5, 1.5))
    assert found.verdict is Verdict.HOLDS
    assert judge_threshold(d, n, y, seeds, level=0.25, predicted=2, direction="lower").verdict is Verdict.FAILS
    shuffled = np.random.default_rng(1).permutation(len(d))
    again = judge_threshold(d[shuffled], n[shuffled], y[shuffled], seeds[shuffled], level=0.25, predicted=1, rivals=(0.5, 1.5))
    assert again.interval == pytest.approx(found.interval)
    assert judge_threshold(d, n, y, level=0.25, predicted=1, window=(16, 64)).slope.x.tolist() == [16, 32, 64]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, y, s: judge_rate(x, y[:-1], predicted=0), "x has 50, values has 49 entries"),
        (lambda x, y, s: judge_rate(x, y, s[:-1], predicted=0), "seeds has 49"),
        (lambda x, y, s: judge_rate(-x, y, predicted=0), "x contains -100"),
        (lambda x, y, s: judge_rate(x, y, predicted=0, direction="up"), "direction is 'up'"),
        (lambda x, y, s: judge_rate(x, y, predicted=0, estimand="median"), "estimand is 'median'"),
        (lambda x, y, s: judge_rate(x, y, predicted=0, rivals=[0]), "rivals contains the prediction"),
        (lambda x, y, s: judge_rate(x, y, predicted=0, family=0), "family is 0"),
        (lambda x, y, s: judge_rate(x, y, predicted=0, window=(5, 5)), "window is 5 to 5"),
        (lambda x, y, s: judge_rate(x, y, predicted="-1/2"), "predicted is '-1/2': expected a number"),
        (lambda x, y, s: judge_rate(x, y, predicted=10**400), "predicted is 1000"),
        (lambda x, y, s: judge_rate(x, y, predicted=0, rivals=[None]), "rivals is None"),
        (lambda x, y, s: judge_threshold(x, x, y, level="low", predicted=0), "level is 'low'"),
        (lambda x, y, s: judge_rate(x, y, np.zeros(50), predicted=0), "stands twice at 100"),
        (lambda x, y, s: judge_threshold(x, x, y, level=0, predicted=0), "level is 0"),
        (lambda x, y, s: judge_threshold(x, x, y, level=np.inf, predicted=0), "level is inf"),
        (lambda x, y, s: judge_threshold(x, x[1:], y, level=1, predicted=0), "n has 49"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(InputError, match=message):
        call(*runs())


def test_they_are_part_of_the_package():
    assert {"judge_rate", "judge_threshold"} <= set(dir(steinlab))
