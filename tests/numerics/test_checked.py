"""Settings are returned in their plain types, or refused with their name and what was expected."""

import inspect
import math

import numpy as np
import pytest

from steinlab.numerics.checked import check_choice, check_flag, check_integer, check_number
from steinlab.theory.errors import InputError


def test_good_values_come_back_in_plain_types():
    for found, expected in (
        (check_integer("n", np.int64(3), least=3), 3),
        (check_number("x", np.float32(0.5)), 0.5),
        (check_number("x", 0, strict=False), 0.0),
        (check_number("x", -7, least=-math.inf), -7.0),
        (check_flag("f", np.bool_(True)), True),
        (check_choice("c", "two", ("one", "two")), "two"),
    ):
        assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check_integer("n", 2, least=3), "n = 2 is too small; give a whole number that is at least 3"),
        (lambda: check_integer("n", 2.0, least=1), "n = 2.0 is not a whole number"),
        (lambda: check_integer("n", True, least=0), "n = True is not a whole number"),
        (lambda: check_integer("n", np.bool_(True), least=0), "is not a whole number"),
        (lambda: check_integer("n", "3", least=0), "n = '3' is not a whole number"),
        (lambda: check_number("x", 0), "x = 0 is out of range; give a finite number > 0"),
        (lambda: check_number("x", -1, strict=False), "give a finite number >= 0"),
        (lambda: check_number("x", math.nan), "x = nan is out of range"),
        (lambda: check_number("x", math.inf), "x = inf is out of range"),
        (lambda: check_number("x", 10**400), "x = inf is out of range"),
        (lambda: check_number("x", 2.0, least=2), "x = 2 is out of range; give a finite number > 2"),
        (lambda: check_number("x", False, strict=False), "x = False is not a number"),
        (lambda: check_number("x", "1"), "x = '1' is not a number"),
        (lambda: check_flag("f", 1), "f = 1 is not a switch; give True or False"),
        (lambda: check_choice("c", "three", ("one", "two")), "c = 'three' is unknown; choose from one, two"),
        (lambda: check_choice("c", None, ("one", "two")), "c = None is unknown"),
    ],
)
def test_bad_values_are_refused_by_name(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(check_integer).kwonlyargs == ["least"]
    assert inspect.getfullargspec(check_number).kwonlydefaults == {"least": 0.0, "strict": True}
