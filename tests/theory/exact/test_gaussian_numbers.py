"""Numbers a + b/√(2π) against mpmath."""

from fractions import Fraction

import mpmath
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.claims.cases import rationals
from steinlab.theory.exact.gaussian_numbers import GaussianNumber
from steinlab.theory.language.polynomial_reader import number


@given(rationals(), rationals(), rationals(), rationals())
def test_arithmetic(a, b, c, d):
    u, v = GaussianNumber(a, b), GaussianNumber(c, d)
    assert u + v == GaussianNumber(a + c, b + d)
    assert u - v == GaussianNumber(a - c, b - d)
    assert u * c == c * u == GaussianNumber(a * c, b * c)
    assert u.is_zero == (a == b == 0)
    assert (u == v) == ((a, b) == (c, d))
    with mpmath.workdps(40):
        exact = mpmath.mpf(a.numerator) / a.denominator + mpmath.mpf(b.numerator) / b.denominator / mpmath.sqrt(2 * mpmath.pi)
        assert float(u) == float(exact)


@given(st.sampled_from(["sqrt(2)", "1 - sqrt(3)", "2**(1/3)"]))
def test_algebraic_parts_stay_exact(text):
    a = number(text)
    assert (GaussianNumber(a, a) * a - GaussianNumber(a * a, a * a)).is_zero


def test_text():
    values = [GaussianNumber(0, 1), GaussianNumber(Fraction(1, 2), -3), GaussianNumber(number("sqrt(2)")), GaussianNumber()]
    assert [str(v) for v in values] == ["1/sqrt(2*pi)", "1/2 + -3/sqrt(2*pi)", "sqrt(2)", "0"]
    assert str(GaussianNumber(0, number("1 + sqrt(2)"))) == "(1 + sqrt(2))/sqrt(2*pi)"
