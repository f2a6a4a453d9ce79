"""Claims that contradict themselves are refused; rivals are told apart by their side."""

import pytest

from steinlab.checks.rates.claims import PredictedExponent, family_confidence
from steinlab.checks.rates.samples import Direction
from steinlab.theory.errors import InputError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"predicted": -0.5, "rivals": (0, -0.5)}, "rivals contains the prediction"),
        ({"predicted": float("nan")}, "predicted is nan"),
        ({"predicted": 0, "rivals": (float("inf"),)}, "rivals is inf"),
        ({"predicted": 0, "widest_interval": 0.0}, "widest_interval is 0"),
        ({"predicted": 0, "minimum_points": 2}, "minimum_points is 2"),
    ],
)
def test_a_claim_that_cannot_be_judged_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        PredictedExponent(**arguments)


@pytest.mark.parametrize(
    ("direction", "wrong"), [(Direction.UPPER, [0.75, 1]), (Direction.LOWER, [0.25, -1]), (Direction.TIGHT, [0.25, 0.75, 1, -1])]
)
def test_rivals_on_a_wrong_side_are_listed_nearest_first(direction, wrong):
    claim = PredictedExponent(0.5, direction, (1, 0.25, -1, 0.75))
    assert claim.wrong_rivals == wrong
    assert (claim.at_most, claim.at_least) == (direction != "lower", direction != "upper")


def test_a_family_shares_five_percent():
    assert family_confidence(1) == pytest.approx(0.95)
    assert family_confidence(8) == pytest.approx(1 - 0.05 / 8)
