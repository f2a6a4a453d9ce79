"""Outgrowths in several variables: each is seen on the line along which it lies, and on no other."""

from fractions import Fraction

import pytest

from steinlab.theory.behaviour.germs import End
from steinlab.theory.behaviour.scales import LOGARITHMS, ONE, X, exponential
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ring import apply, constant
from steinlab.theory.shape.outgrowth import _exceeds, outgrowth


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


BOUNDED = "g is bounded next to its singular points, and by powers far out"
DOMINATES = "an exponential dominates"
LINE = "on a line y -> z of direction (1, 1):"


@pytest.mark.parametrize(
    ("text", "outgrown", "reason"),
    [
        ("exp(z1)", True, f"g grows at least like exp(abs(z1)) as z1 tends to infinity: {DOMINATES}"),
        ("z1*exp(-z1)", True, f"g grows at least like abs(z1)*exp(abs(z1)) as z1 tends to -infinity: {DOMINATES}"),
        ("exp(sqrt(abs(z1)))", True, f"g grows at least like exp(abs(z1)**(1/2)) as z1 tends to infinity: {DOMINATES}"),
        ("exp(z1 + z2)", True, f"g grows at least like exp(abs(z1 + z2)) as z1 + z2 tends to infinity: {DOMINATES}"),
        ("log(abs(z1))", True, "g is unbounded near z1 = 0"),
        ("log(abs(z1 - 2*z2))", True, "g is unbounded near z1 - 2*z2 = 0"),
        ("1/tanh(z1)", True, "g is unbounded near z1 = 0"),
        ("abs(z1)**(-1/4)*z2", True, f"{LINE} g is unbounded near y = -1/3"),
        ("exp(tanh(z1)*z2)", True, f"{LINE} g grows at least like exp(abs(y)) as y tends to infinity: {DOMINATES}"),
        ("sqrt(abs(z1))", False, BOUNDED),
        ("tanh(z1)*z1**3", False, BOUNDED),
        ("exp(3*log(1 + z1**2))", False, BOUNDED),
        ("z1*log(1 + exp(z1*z2))", False, BOUNDED),
        ("sin(z1)/z1", False, BOUNDED),
        ("sin(z1)*exp(z1)", None, "as z1 tends to infinity no bound on g was proved"),
        ("tanh(z1*z2)/z1", None, "no bound on g by powers was proved, and no line was found on which it outgrows them"),
    ],
)  # fmt: skip
def test_the_reason_names_the_place_and_the_size(text, outgrown, reason):
    found = outgrowth(read(parse(text)))
    assert (found.outgrown, found.reason) == (outgrown, reason)


TINY = apply("exp", constant(Fraction(1, 10**200))) - 1
"""A number whose sign is not found."""


@pytest.mark.parametrize(
    ("scale", "near", "far"),
    [
        (ONE, False, False),
        (X, True, False),
        (X ** constant(100), True, False),
        (X ** constant(-1), False, False),
        (LOGARITHMS[0], True, False),
        (LOGARITHMS[2], True, False),
        (exponential({LOGARITHMS[0] ** constant(2): constant(1)}), True, True),  # x^{log x}
        (exponential({LOGARITHMS[0] * LOGARITHMS[1]: constant(1)}), True, True),  # x^{log log x}
        (exponential({X ** constant(Fraction(1, 9)): constant(1)}), True, True),
        (exponential({X: constant(-1)}), False, False),
        (X**TINY, None, None),
    ],
)
def test_a_scale_outgrows_powers_far_out_and_constants_next_to_a_point(scale, near, far):
    assert _exceeds(scale, End(constant(0), 1)) is near
    assert _exceeds(scale, End(None, -1)) is far


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exp(z1*(2 + sin(z1)))", "as z1 tends to infinity: an exponent without a leading term"),
        ("sin(z1)*exp(-z1)", "as z1 tends to -infinity no bound on g was proved"),
    ],
)
def test_why_it_is_not_known(text, reason):
    found = outgrowth(read(parse(text)))
    assert found.outgrown is None
    assert found.reason.startswith(reason)
