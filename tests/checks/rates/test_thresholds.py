"""Thresholds: interpolated where the sizes show them, censored where they do not, and judged like any other curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.rates.samples import Direction, Sample
from steinlab.checks.rates.slopes import PredictedExponent, judge_rate
from steinlab.checks.rates.thresholds import reached, threshold_sample
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
    runs = {10: [1.0, 1.0, 1.0, 0.05], 100: [0.1, 0.9, None, 0.01]}
    assert threshold_sample(5, runs, 0.1) == Sample(5, (100.0,), failures=1, censored=2)


def test_a_censored_threshold_leaves_the_rate_undecided():
    claim = PredictedExponent(1.0, Direction.TIGHT, (2.0,), (1, 1e4), 3, 0.5)
    rng = np.random.default_rng(0)
    points = [Sample(x, tuple(x * rng.gamma(50, 1 / 50, 8))) for x in (10, 30, 100, 300, 1000)]
    assert judge_rate(claim, points, rng).verdict is Verdict.HOLDS
    points[2] = Sample(100, points[2].values, 0, 1)
    judgement = judge_rate(claim, points, rng)
    assert judgement.verdict is Verdict.UNDECIDED
    assert "1 of 9 thresholds at x = 100 lie outside" in judgement.reason
