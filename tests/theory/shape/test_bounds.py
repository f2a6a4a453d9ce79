"""Bounds: infinite, unknown and declared ones are told apart, in words and as numbers."""

import math
from fractions import Fraction

import pytest

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.shape.bounds import Bound, exact_number
from steinlab.theory.verdicts import Evidence, Verdict


@pytest.mark.parametrize(
    ("bound", "finite", "evidence", "text", "value"),
    [
        (Bound.exact(Fraction(1, 4), "why"), Verdict.HOLDS, Evidence.EXACT, "1/4", 0.25),
        (Bound.certified(Number.of(Fraction(1, 3)), "why"), Verdict.HOLDS, Evidence.CERTIFIED, "0.3333333333", 1 / 3),
        (Bound.infinite("why"), Verdict.FAILS, Evidence.EXACT, "infinite", math.inf),
        (Bound.of_user(2), Verdict.HOLDS, Evidence.NUMERICAL, "2", 2.0),
    ],
)
def test_each_says_what_it_is(bound, finite, evidence, text, value):
    assert (bound.finite, bound.evidence, str(bound)) == (finite, evidence, text)
    assert float(bound) == pytest.approx(value)


def test_an_unknown_bound_is_no_number():
    bound = Bound.unknown("not proved")
    assert (bound.finite, str(bound)) == (Verdict.UNDECIDED, "unknown")
    assert math.isnan(float(bound))


def test_only_the_users_word_is_declared():
    assert Bound.of_user(1).declared
    assert not Bound.exact(1, "why").declared


@pytest.mark.parametrize("value", [0.5, "0.5.5", None, "z1"])
def test_exact_numbers_only(value):
    with pytest.raises(InputError, match=r"the shift is .*: expected an exact number"):
        exact_number("the shift", value)
    assert exact_number("the shift", "0.5") == exact_number("the shift", Fraction(1, 2))
