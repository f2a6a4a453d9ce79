"""The rules: each verdict from its side, in its order, with words; one data set and many alike."""

from dataclasses import replace

import numpy as np
import pytest

from steinlab.checks.rates.claims import Bound, PredictedExponent
from steinlab.checks.rates.offsets import OffsetLaw
from steinlab.checks.rates.points import Points
from steinlab.checks.rates.samples import Direction
from steinlab.checks.rates.slopes import Comparison, Slope, fit_slope
from steinlab.checks.rates.verdicts import decide, decide_all
from steinlab.theory.verdicts import Verdict

UPPER, LOWER, TIGHT = Direction.UPPER, Direction.LOWER, Direction.TIGHT
HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED


def comparison(low, high, beyond=None, offset=7.0):
    side = 0 if low <= 0 <= high else (1 if low > 0 else -1)
    law = OffsetLaw(np.array(offset), np.array(0.0), np.array(9.0))
    ends = (np.array(low), np.array(high))
    return Comparison(np.array((low + high) / 2), ends, law, np.array(float(side if beyond is None else beyond)))


def slope(low, high, beyond=None, step=(-9.0, 9.0), without=None):
    """A slope whose interval is compared with the prediction 0."""
    middle = np.array((low + high) / 2)
    ends = (np.array(low), np.array(high))
    last = (np.array(step[0]), np.array(step[1]))
    return Slope(np.array([1.0, 2, 4]), middle, ends, comparison(low, high, beyond), without, last, None, None)


def claim(direction, rivals=(), **more):
    return PredictedExponent(0.0, direction, rivals, **more)


@pytest.mark.parametrize(
    ("direction", "rivals", "ends", "expected"),
    [
        (UPPER, (), (0.1, 0.2), FAILS),
        (LOWER, (), (-0.2, -0.1), FAILS),
        (TIGHT, (), (0.1, 0.2), FAILS),
        (TIGHT, (), (-0.2, -0.1), FAILS),
        (UPPER, (), (-0.2, -0.1), HOLDS),
        (LOWER, (), (0.1, 0.2), HOLDS),
        (UPPER, (), (-0.2, 0.0), HOLDS),
        (LOWER, (), (0.0, 0.2), HOLDS),
        (UPPER, (), (-0.1, 0.1), UNDECIDED),
        (LOWER, (), (-0.1, 0.1), UNDECIDED),
        (TIGHT, (), (-0.1, 0.1), UNDECIDED),
        (UPPER, (0.5,), (-9.0, 0.4), HOLDS),
        (UPPER, (0.5,), (-9.0, 0.5), UNDECIDED),
        (UPPER, (-0.5,), (-0.6, 0.4), UNDECIDED),
        (LOWER, (-0.5,), (-0.4, 9.0), HOLDS),
        (LOWER, (-0.5,), (-0.5, 9.0), UNDECIDED),
        (TIGHT, (0.5, -0.5), (-0.4, 0.4), HOLDS),
        (TIGHT, (0.5, -0.5), (-0.4, 0.6), UNDECIDED),
        (TIGHT, (0.5, -0.5), (-0.6, 0.4), UNDECIDED),
        (TIGHT, (0.5,), (-0.6, 0.4), HOLDS),
        (UPPER, (0.5,), (-np.inf, np.inf), UNDECIDED),
        (UPPER, (0.5,), (-np.inf, 0.2), UNDECIDED),
        (TIGHT, (-0.5,), (-0.1, np.inf), UNDECIDED),
    ],
)
def test_each_verdict_from_its_side(direction, rivals, ends, expected):
    assert decide(claim(direction, rivals), slope(*ends))[0] is expected


@pytest.mark.parametrize(
    ("direction", "ends", "side"), [(UPPER, (0.1, 0.2), 1), (LOWER, (-0.2, -0.1), -1), (TIGHT, (0.1, 0.2), 1)]
)
def test_a_contradiction_needs_points_that_no_offset_law_fits(direction, ends, side):
    assert decide(claim(direction), slope(*ends))[0] is FAILS
    for beyond in (0, -side):
        verdict, reason = decide(claim(direction), slope(*ends, beyond=beyond))
        assert verdict is UNDECIDED
        assert "A (x + 7)^0" in reason


@pytest.mark.parametrize(
    ("direction", "ends", "opposite"), [(UPPER, (0.1, 0.2), (-0.3, -0.1)), (LOWER, (-0.2, -0.1), (0.1, 0.3))]
)
def test_a_last_step_that_says_the_opposite_decides_nothing(direction, ends, opposite):
    verdict, reason = decide(claim(direction), slope(*ends, step=opposite))
    assert (verdict, "largest x = 4" in reason) == (UNDECIDED, True)
    agreeing = slope(-ends[1], -ends[0], step=(-opposite[1], -opposite[0]))
    assert decide(claim(direction), agreeing)[0] is UNDECIDED
    assert decide(claim(direction), replace(agreeing, last_step=(np.array(-1.0), np.array(1.0))))[0] is HOLDS


def test_a_hidden_logarithm_may_explain_a_contradiction_on_its_own_side():
    fits, above, below = comparison(-0.1, 0.1), comparison(0.05, 0.1), comparison(-0.1, -0.05)
    hidden = claim(TIGHT, hides_logarithms=True)
    for ends, without, expected, word in (
        ((0.1, 0.2), (fits, above), UNDECIDED, "a factor log x"),
        ((0.1, 0.2), (above, fits), FAILS, "above"),
        ((-0.2, -0.1), (below, fits), UNDECIDED, "a factor 1/log x"),
        ((-0.2, -0.1), (fits, below), FAILS, "below"),
        ((0.1, 0.2), (comparison(0.05, 0.1, beyond=0), fits), UNDECIDED, "a factor log x"),
    ):
        verdict, reason = decide(hidden, slope(*ends, without=without))
        assert (verdict, word in reason) == (expected, True)


def test_the_words_name_the_bound_and_the_rival():
    bounded = PredictedExponent(0.0, UPPER, (0.5, 0.3), bound=Bound("sqrt(d - 1)", np.sqrt))
    verdict, reason = decide(bounded, slope(-0.1, 0.6))
    assert (verdict, reason) == (UNDECIDED, "the interval of the ratio to sqrt(d - 1) contains the rival exponent 0.3")
    assert "no rival" in decide(claim(TIGHT), slope(-0.1, 0.1))[1]
    assert "A (x + c)" in decide(claim(UPPER), replace(slope(0.1, 0.2), tested=comparison(0.1, 0.2, 0, np.inf)))[1]


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("hides", [False, True])
def test_many_verdicts_at_once_are_each_of_them(direction, hides):
    x = np.array([100.0, 200, 400, 800])
    rng = np.random.default_rng(5)
    exponents = rng.uniform(-1, 0.2, 60)
    data = x[:, None] ** exponents[:, None, None] * np.exp(0.2 * rng.standard_normal((60, 4, 5)))
    made = PredictedExponent(-0.5, direction, (0.0, -0.9), hides_logarithms=hides)
    together = decide_all(made, fit_slope(Points.of([data[:, i] for i in range(4)]), x, made))
    alone = [decide(made, fit_slope(Points.of(list(one)), x, made))[0] for one in data]
    assert list(together) == [str(verdict) for verdict in alone]
    assert len(set(alone)) >= 2
