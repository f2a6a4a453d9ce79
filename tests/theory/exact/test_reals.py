"""Real numbers of every kind, asked in one way."""

from fractions import Fraction
from math import isnan

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.reals import Enclosed, excludes_zero
from steinlab.theory.exact.univariate import all_real_roots
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import apply, constant, pi

TWO = Number.of(2)


@pytest.mark.parametrize("bits", [20, 60, 200])
def test_every_kind_gives_its_exact_form_and_an_enclosure_of_the_accuracy_asked_for(bits):
    root = TWO.root(2)
    cubic = all_real_roots([Number.of(c) for c in (1, -3, 0, 1)])[1]  # 2 cos(4π/9), of degree three
    with working_precision(400):
        truth = {"root": arb(2).sqrt(), "cubic": 2 * (4 * arb.pi() / 9).cos(), "pi": arb.pi()}
    for x, exact, value in (
        (root, root, "root"),
        (all_real_roots([-TWO, Number.of(0), Number.of(1)])[1], root, "root"),
        (Constant(constant(root)), root, "root"),
        (Enclosed(truth["root"], root), root, "root"),
        (cubic, None, "cubic"),
        (Constant(pi()), None, "pi"),
        (Enclosed(truth["pi"]), None, "pi"),
    ):
        assert x.exact == exact
        assert x.ball(bits).overlaps(truth[value])
        assert x.ball(bits).rel_accuracy_bits() >= bits - 5
        assert float(x) == pytest.approx(float(truth[value]), rel=1e-15)


def test_a_number_keeps_the_working_precision_it_is_not_told():
    third = Number.of(Fraction(1, 3))
    with working_precision(300):
        assert third.ball().rel_accuracy_bits() > 290
        assert third.ball(40).rel_accuracy_bits() < 45


def test_an_enclosure_that_tells_nothing_has_no_float():
    for ball in (arb(0, 1), arb("nan"), arb("inf")):
        assert isnan(float(Enclosed(ball)))
    assert str(Enclosed(arb("nan"))) == "not enclosed"
    assert Constant(apply("tanh", constant(1))).exact is None


@given(st.fractions(-3, 3), st.fractions(0, 3))
def test_a_ball_excludes_zero_where_every_number_in_it_is_another(middle, radius):
    ball = arb(middle.numerator) / middle.denominator + arb(0, float(radius))
    low, high = ball.lower(), ball.upper()
    assert excludes_zero(ball) is (bool(low > 0) or bool(high < 0))


def test_what_is_not_finite_excludes_nothing():
    assert not any(map(excludes_zero, (arb("nan"), arb("inf"), arb(0), arb(1, "inf"))))
