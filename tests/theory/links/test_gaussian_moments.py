"""Gaussian moments of functions in closed form, slope and shift as variables, against quadrature by mpmath."""

from fractions import Fraction
from functools import partial

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.gaussian_moments import erf_moments, sign_moments, trigonometric_moments
from steinlab.theory.links.ring import constant, variable

FUNCTIONS = {
    "erf": (erf_moments, mpmath.erf),
    "sin": (partial(trigonometric_moments, "sin"), mpmath.sin),
    "cos": (partial(trigonometric_moments, "cos"), mpmath.cos),
}
numbers = st.fractions(-3, 3, max_denominator=4)


def moment(f, j, slope, shift):
    b, v = (mpmath.mpf(x.numerator) / x.denominator for x in (slope, shift))
    ends = sorted({-13, 0, 13} | ({-v / b} if b else set()))
    return mpmath.quad(lambda x: x**j * f(b * x + v) * mpmath.npdf(x), ends)


@settings(max_examples=10)
@given(st.sampled_from(sorted(FUNCTIONS)), numbers, numbers, st.integers(0, 6))
def test_smooth_functions(name, slope, shift, order):
    moments, f = FUNCTIONS[name]
    found = moments(order, variable(0), variable(1))
    assert len(found) == order + 1
    for j in {0, order // 2, order}:
        value = real_value(compile_sum(found[j]), [fraction_ball(slope), fraction_ball(shift)])
        assert float(value) == pytest.approx(float(moment(f, j, slope, shift)), rel=1e-9, abs=1e-9)


@settings(max_examples=10)
@given(numbers.filter(bool), numbers, st.integers(0, 6))
def test_signs(slope, shift, order):
    found = sign_moments(order, constant(slope), variable(1))
    assert len(found) == order + 1
    for j in {0, order // 2, order}:
        value = real_value(compile_sum(found[j]), [arb(0), fraction_ball(shift)])
        assert float(value) == pytest.approx(float(moment(mpmath.sign, j, slope, shift)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("slope", [constant(0), variable(0)])
def test_a_sign_must_change_at_a_place_that_is_known(slope):
    assert sign_moments(2, slope, constant(Fraction(1, 2))) is None
