"""Weak derivatives next to singular points, against the exponent by which a link vanishes or grows there."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.shape.outgrowth import power_on_the_line
from steinlab.theory.shape.regularity import polynomial, weakly_differentiable
from steinlab.theory.shape.removable import weak_derivative
from steinlab.theory.verdicts import Verdict

ZEROS = {"sin({})": 1, "tanh({})": 1, "asinh({})": 1, "(1 - cos({}))": 2, "(exp({}) - 1)": 1, "({})": 1}
"""Functions by the order of their zero at zero, odd ones of order 1 but for exp, even ones of order 2."""


@given(
    st.sampled_from(sorted(ZEROS)),
    st.integers(1, 2),
    st.fractions(Fraction(1, 4), 3, max_denominator=4),
    st.sampled_from(["z1", "(z1 - 1)", "(z1 + 2)"]),
)
@settings(max_examples=20)
def test_a_quotient_has_a_weak_derivative_where_it_vanishes_or_is_even(f, power, e, distance):
    order = ZEROS[f] * power
    text = f"{f.format(distance)}**{power}*abs({distance})**(-{e})"
    verdict, _ = weak_derivative(read(parse(text)))
    if order > e or (order == e and order % 2 == 0):
        assert verdict is Verdict.HOLDS
    else:  # unbounded, or with the limits 1 and -1
        assert verdict is Verdict.FAILS


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("sin(z1)/z1 + abs(z1 - 3)", Verdict.HOLDS),
        ("sin(z1 - z2)/(z1 - z2)", Verdict.HOLDS),
        ("sin(z1)/z1 + sign(z1 - 3)", Verdict.FAILS),
        ("sin(1/z1)*abs(z1)**(1/2)", Verdict.UNDECIDED),  # continuous, but its slope is not integrable
        ("log(abs(z1))", Verdict.FAILS),
        ("z1*log(abs(z1))", Verdict.HOLDS),
        ("tanh(1/z1)", Verdict.FAILS),
        ("exp(-1/z1**2)", Verdict.HOLDS),
        ("tanh(z1)/z1*tanh(z2)", Verdict.UNDECIDED),  # not a function of one linear form
        ("sin(z1)/z1/z1", Verdict.FAILS),
    ],
)
def test_chosen_links(text, verdict):
    assert weak_derivative(read(parse(text)))[0] is verdict


SAME = "g has the same limit on both sides of its singular points, and its slope is integrable there"
OPEN = "g may be unbounded near a point"


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        ("tanh(z1 - 1)/abs(z1 - 1)", Verdict.FAILS, "g jumps at z1 = 1"),
        ("sin(z1)/z1 + sign(z1 - 3)/2", Verdict.FAILS, "g jumps at z1 = 3"),
        ("log(abs(z1 + z2))", Verdict.FAILS, "g is unbounded near z1 + z2 = 0"),
        ("sin(z1)/z1/abs(z1 + 2)**(1/4)", Verdict.FAILS, "g is unbounded near z1 = -2"),
        ("sin(z1)/z1*exp(-1/abs(z1))", Verdict.HOLDS, SAME),
        ("sqrt(abs(z1))*sin(z1)/z1", Verdict.HOLDS, SAME),  # slope |z|^{-1/2}
        ("sin(1/z1)*z1", Verdict.UNDECIDED, OPEN),  # slope 1/z
        ("sin(1/z1)*abs(z1)**(9/4)", Verdict.HOLDS, SAME),  # slope |z|^{1/4}
        ("sin(z1*z2)/z1/z2", Verdict.UNDECIDED, OPEN),
    ],
)
def test_where_and_why(text, verdict, reason):
    assert weak_derivative(read(parse(text))) == (verdict, reason)


def test_what_is_proved_is_reported():
    finding = weakly_differentiable(LinkExpansion.from_expression("asinh(z1)/z1"))
    assert (finding.verdict.value, finding.evidence.value) == ("holds", "certified")
    assert "the same limit" in finding.reason


@pytest.mark.parametrize(
    ("text", "power"),
    [("asinh(z1)/z1", 0), ("z1**2*sin(z1)/(1 + abs(z1))", 1), ("z1*log(1 + z1**2)", 2), ("z1*z2", None)],
)
def test_powers_that_bound_the_growth(text, power):
    assert power_on_the_line(read(parse(text))) == power


@pytest.mark.parametrize("text", ["asinh(z1)/z1", "sinh(z1)*exp(-abs(z1))", "sin(z1 + z2)/(z1 + z2)", "z1*tanh(z1**3)/z1"])
def test_bounded_and_not_constant_is_no_polynomial(text):
    assert polynomial(LinkExpansion.from_expression(text)).verdict is Verdict.FAILS


@pytest.mark.parametrize("text", ["sinh(z1)/sinh(z1)*z1 + z1**2", "(z1**3 - z1)/(z1 - 1)", "z1**3/abs(z1)*sign(z1)"])
def test_a_polynomial_in_disguise_is_not_refuted(text):
    assert polynomial(LinkExpansion.from_expression(text)).verdict is not Verdict.FAILS
