"""Outgrowths in several variables: each is seen on the line along which it lies, and on no other."""

import pytest

from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.shape.outgrowth import outgrowth


@pytest.mark.parametrize(("a", "b"), [(1, 1), (1, -1), (1, 0), (0, 1), (2, 3), (3, -2)])
def test_a_gaussian_that_grows_along_one_line_is_seen_there(a, b):
    """The exponent is positive in a narrow cone around (a, b), which holds none of the other lines."""
    found = outgrowth(read(parse(f"exp(z1**2 + z2**2 - 3*({b}*z1 - {a}*z2)**2)")))
    assert found.outgrown is True
    assert found.reason.startswith(f"on a line y -> z of direction ({a}, {b}): g grows at least like exp(")


@pytest.mark.parametrize("text", ["exp(-z1**2 - z2**2)", "exp(-(2*z1 - 3*z2)**2)*tanh(z1)", "log(1 + z1**2)*tanh(z2)"])
def test_what_is_bounded_by_powers_is_outgrown_on_no_line(text):
    assert outgrowth(read(parse(text))).outgrown is False


def test_a_cone_between_the_lines_is_left_undecided():
    assert outgrowth(read(parse("exp(z1**2 + z2**2 - 30*(z1 - 5*z2)**2)"))).outgrown is None
