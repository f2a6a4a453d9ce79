"""The picture of a verdict draws whatever was judged, and says it to those who cannot see it."""

import numpy as np
import pytest

from steinlab.checks.judgements.answer import Answer, Question
from steinlab.checks.judgements.picture import picture, thresholds
from steinlab.checks.judgements.reading import Runs
from steinlab.checks.rates.own_numbers import judge_rate, judge_threshold


def rate(y, window=None, predicted=-0.5):
    x = np.repeat([100.0, 200, 400, 800], 3)
    judgement = judge_rate(x, y, predicted=predicted, window=window)
    return Answer(Question(predicted, "tight", (), False, None, window, 1), Runs({"x": x.tolist()}, list(y), None), judgement)


def threshold(level):
    d, n = (axis.ravel() for axis in np.meshgrid([8.0, 16, 32], [1.0, 2, 4, 8, 16]))
    d, n = np.tile(d, 3), np.tile(n * d, 3)
    y = d / n * np.linspace(0.98, 1.02, len(d))
    judgement = judge_threshold(d, n, y, level=level, predicted=1)
    return Answer(
        Question(1, "upper", (), False, level, None, 1), Runs({"d": d.tolist(), "n": n.tolist()}, list(y), None), judgement
    )


LINE = np.repeat([0.1, 0.07, 0.05, 0.035], 3) * np.tile([0.98, 1.0, 1.03], 4)


def test_a_rate_is_drawn_with_its_law_and_its_claim():
    drawn = picture(rate(LINE))
    for words in ("runs", "means", "fitted law", "claim: x^-0.5", "from 0.1 at 100 to 0.0351 at 800", "<title", 'role="img"'):
        assert words in drawn
    assert drawn == picture(rate(LINE))
    assert picture(rate(LINE, (200, 800))) != drawn


@pytest.mark.parametrize("y", [LINE - 0.06, np.zeros(12), -LINE])
def test_numbers_without_a_logarithm_are_drawn_on_a_linear_axis(y):
    drawn = picture(rate(y))
    assert "fitted law" not in drawn
    assert "runs" in drawn


def test_thresholds_are_drawn_along_d():
    drawn = picture(threshold(0.25))
    assert "n at which the mean comes down to 0.25" in drawn
    assert "claim: at most d^1" in drawn
    assert "Thresholds from 32" in drawn
    assert "Thresholds none" in picture(threshold(1e-3))


def test_runs_are_sorted_by_d_and_then_n():
    found = thresholds(threshold(0.25))
    assert [d for d, _ in found] == [8, 16, 32]
    assert [sample.x for sample in found[1][1]] == [16, 32, 64, 128, 256]
    assert all(len(sample.values) == 3 for _, runs in found for sample in runs)
