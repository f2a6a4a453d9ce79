"""Levels and published numbers: intervals with their nominal coverage, contradictions from the right side only."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.rates.levels import PredictedLevel, PublishedPoint, compare, judge_level
from steinlab.checks.rates.samples import Direction, Sample
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Verdict

UPPER, LOWER, TIGHT = Direction.UPPER, Direction.LOWER, Direction.TIGHT


def claim(direction, predicted=0.5, widest=1.0, minimum=2):
    return PredictedLevel(predicted, direction, (1, 100), minimum, widest)


def runs(*means, spread=0.01, seeds=6):
    rng = np.random.default_rng(0)
    return [Sample(10.0 + i, tuple(mean + spread * rng.standard_normal(seeds))) for i, mean in enumerate(means)]


@pytest.mark.parametrize(
    ("direction", "means", "expected"),
    [
        (LOWER, (0.7, 0.6), Verdict.HOLDS),
        (LOWER, (0.7, 0.3), Verdict.FAILS),
        (LOWER, (0.7, 0.5), Verdict.UNDECIDED),
        (UPPER, (0.3, 0.4), Verdict.HOLDS),
        (UPPER, (0.3, 0.6), Verdict.FAILS),
        (UPPER, (0.3, 0.5), Verdict.UNDECIDED),
        (TIGHT, (0.5, 0.5), Verdict.HOLDS),
        (TIGHT, (0.5, 0.6), Verdict.FAILS),
        (TIGHT, (0.4, 0.5), Verdict.FAILS),
    ],
)
def test_every_point_counts_from_the_right_side(direction, means, expected):
    assert judge_level(claim(direction), runs(*means)).verdict is expected


@pytest.mark.parametrize(
    ("a_claim", "samples", "reason"),
    [
        (claim(LOWER), runs(0.7), "1 points in the window"),
        (claim(LOWER), [*runs(0.7), Sample(20, (0.7,) * 5, failures=1)], "1 of 6 runs at x = 20 failed"),
        (claim(LOWER), runs(0.7, 0.7, seeds=2), "2 runs at x = 10: 3 are needed"),
        (claim(LOWER, widest=0.01), runs(0.7, 0.7, spread=0.1), "wide"),
        (claim(LOWER), [Sample(10, (math.inf, 1, 1)), *runs(0.7, 0.7)[1:]], "not finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_poor_data_are_undecided_with_a_reason(a_claim, samples, reason):
    judgement = judge_level(a_claim, samples)
    assert judgement.verdict is Verdict.UNDECIDED
    assert reason in judgement.reason


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_widest_interval_is_what_counts_wherever_it_lies(order):
    """Widths, not sums of ends: the narrow intervals lie far from 0, the wide one at it."""
    values = [(5.0, 5.001, 5.002), (-0.3, 0.0, 0.3), (9.0, 9.001, 9.002)]
    samples = [Sample(10.0 + i, values[k]) for i, k in enumerate(order)]
    judgement = judge_level(claim(UPPER, 20.0, widest=1.0), samples)
    assert judgement.verdict is Verdict.UNDECIDED
    assert f"at x = {10 + order.index(1)} is" in judgement.reason
    assert judge_level(claim(UPPER, 20.0, widest=100.0), samples).verdict is Verdict.HOLDS


def test_an_interval_as_wide_as_allowed_decides():
    samples = [Sample(10.0, (0.0, 0.1, 0.2)), Sample(11.0, (0.0, 0.1, 0.2))]
    wide = judge_level(claim(UPPER, 20.0, widest=1e9), samples).interval
    width = wide[1] - wide[0]
    assert judge_level(claim(UPPER, 20.0, widest=width * (1 + 1e-9)), samples).verdict is Verdict.HOLDS
    assert judge_level(claim(UPPER, 20.0, widest=width * (1 - 1e-9)), samples).verdict is Verdict.UNDECIDED


def test_the_reported_point_is_the_one_nearest_to_a_contradiction():
    assert judge_level(claim(LOWER), runs(0.9, 0.6, 0.8)).measured == pytest.approx(0.6, abs=0.02)
    assert judge_level(claim(UPPER), runs(0.1, 0.4, 0.2)).measured == pytest.approx(0.4, abs=0.02)


def test_a_true_level_at_many_points_is_rarely_contradicted():
    rng = np.random.default_rng(1)
    trials = 400
    failed = sum(
        judge_level(claim(TIGHT, 1.0, 9.0), [Sample(x, tuple(rng.normal(1, 0.3, 5))) for x in (1, 2, 3, 4)]).verdict
        is Verdict.FAILS
        for _ in range(trials)
    )
    assert 0.01 <= failed / trials <= 0.08


@pytest.mark.parametrize(("seeds", "std_known"), [(10, True), (10, False), (1, False)])
def test_differences_from_published_numbers_cover_at_95_percent(seeds, std_known):
    rng = np.random.default_rng(2)
    trials = 1000
    differs = 0
    for _ in range(trials):
        theirs = rng.normal(1, 0.3, seeds)
        point = PublishedPoint(10, float(theirs.mean()), float(theirs.std(ddof=1)) if std_known else None, seeds, 0.0)
        differs += compare([point], [Sample(10, tuple(rng.normal(1, 0.3, 8)))])[0].differs
    assert 0.03 <= differs / trials <= 0.07


def test_a_real_difference_is_seen_and_rounding_is_not():
    ours = [Sample(10, (0.9999, 1.0, 1.0001))]
    assert compare([PublishedPoint(10, 0.5, None, 10, 0.001)], ours)[0].differs
    assert compare([PublishedPoint(10, 0.9994, None, 10, 0.0)], ours)[0].differs
    assert not compare([PublishedPoint(10, 0.9994, None, 10, 0.002)], ours)[0].differs


def test_points_without_enough_runs_have_no_interval_and_others_are_left_out():
    published = [PublishedPoint(x, 1.0, None, 1, 0.1) for x in (1, 2, 3)]
    few, none = compare(published, [Sample(1, (1.0, 2.0)), Sample(2, (), failures=3)])
    assert (few.difference, few.interval, few.differs) == (0.5, None, None)
    assert (none.mean, none.differs) == (None, None)


@given(st.floats(0.01, 100), st.lists(st.floats(0.1, 10), min_size=3, max_size=6))
def test_units_do_not_matter(unit, values):
    a = compare([PublishedPoint(1, 1.0, 0.2, 5, 0.0)], [Sample(1, tuple(values))])[0]
    b = compare([PublishedPoint(1, unit, 0.2 * unit, 5, 0.0)], [Sample(1, tuple(unit * v for v in values))])[0]
    assert b.interval == pytest.approx(tuple(unit * bound for bound in a.interval), rel=1e-6, abs=1e-9 * unit)


@pytest.mark.parametrize(("changes", "message"), [({"widest": 0.0}, "widest_interval"), ({"minimum": 0}, "minimum_points")])
def test_claims_that_cannot_decide_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        claim(UPPER, **changes)
