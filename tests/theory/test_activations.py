"""ReLU's Hermite coefficients against half-line moments and quadrature."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import rationals
from steinlab.theory.activations import GaussianNumber, relu_coefficient
from steinlab.theory.numbers import Number
from steinlab.theory.parsing import number


@pytest.mark.parametrize("k", range(14))
def test_coefficients_are_half_line_moments(k):
    """E[σ(Z) He_k(Z)] = Σ_l h_kl E[Z^{l+1} 1{Z >= 0}]."""
    a = b = Fraction(0)
    for (power,), h in oracles.hermite(k).items():
        half = oracles.half_line_moment(power + 1)
        a, b = a + h * half[0], b + h * half[1]
    assert relu_coefficient(k) == GaussianNumber(Number.of(a), Number.of(b))


@pytest.mark.parametrize("k", range(7))
def test_coefficients_agree_with_quadrature(k):
    def integrand(z):
        hermite = sum(int(c) * z**power for (power,), c in oracles.hermite(k).items())
        return z * hermite * mpmath.npdf(z)

    assert float(relu_coefficient(k)) == pytest.approx(float(mpmath.quad(integrand, [0, 2, 5, 12])), abs=1e-12)


def test_the_expansion_converges_to_relu():
    """Σ c_k²/k! = E σ(Z)² = 1/2, from below."""
    total, factor = 0.0, 1
    for k in range(60):
        factor *= max(k, 1)
        total += float(relu_coefficient(k)) ** 2 / factor
    assert 0.4995 < total < 0.5


def test_negative_orders_are_refused():
    with pytest.raises(ValueError, match="k is -1"):
        relu_coefficient(-1)


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
