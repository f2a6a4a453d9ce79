"""Growth bounds: tails and means against mpmath, and comparisons that a ball does not decide."""

from fractions import Fraction

import mpmath
import pytest
from flint import arb

from steinlab.theory.links import exponents
from steinlab.theory.links.expansion import LinkExpansion
from steinlab.theory.links.expectations import expectation
from steinlab.theory.links.growth import Growth, growth, tail
from steinlab.theory.links.shape import polynomial_growth
from steinlab.theory.verdicts import Verdict


def test_growth_whose_exponent_is_a_little_above_zero_is_not_polynomial():
    # it grows like exp(10^-25 z²): the rates differ by less than the balls show
    finding = polynomial_growth(LinkExpansion.from_expression("exp(z1**2*(1/7+1/10**25))/(exp(z1**2/7)+exp(-z1**2/7))"))
    assert finding.verdict is not Verdict.HOLDS


@pytest.mark.parametrize("text", ["exp(z1/2)*tanh(z2)", "exp(z1)*sin(z1)", "exp(abs(z1)/10)*z2", "exp(z1/2)/(1+z1**2)"])
def test_an_exponential_rate_is_not_polynomial_growth(text):
    assert polynomial_growth(LinkExpansion.from_expression(text)).verdict is not Verdict.HOLDS


def test_only_certain_comparisons_make_a_growth_polynomial():
    one, doubtful = arb(1), arb(0, 1e-9)
    assert Growth(one, {0: arb(3)}, {0: arb(0)}, {0: arb(-1)}).is_polynomial
    for rate in (arb(1) / 2, arb(1), doubtful):
        assert not Growth(one, {}, {0: rate}).is_polynomial
    for square in (arb(1) / 9, doubtful):
        assert not Growth(one, {}, {}, {0: square}).is_polynomial


@pytest.mark.parametrize(
    ("power", "rate", "square", "radius"), [(0, 10, 0, 4), (0, 10, 0, 12), (3, 0, 0.25, 1), (0, 0, 0.75, 4), (2, 5, 0.2, 9)]
)
def test_tails_are_bounded_or_not_finite(power, rate, square, radius):
    found = tail(Growth(arb(1), {0: arb(power)}, {0: arb(rate)}, {0: arb(square)}), 0, Fraction(radius))
    if square >= 0.5 or power / (1 + radius) + rate >= (1 - 2 * square) * radius:  # the integrand still rises at the radius
        assert not found.is_finite()
        return
    true = mpmath.quad(
        lambda z: (1 + z) ** power * mpmath.exp(rate * z + (square - 0.5) * z * z), [radius, radius + 5, radius + 40]
    ) / mpmath.sqrt(2 * mpmath.pi)
    assert true <= float(found)


def test_a_mean_whose_mass_lies_far_out():
    mean = LinkExpansion.from_expression("tanh(z1)*exp(10*z1)").coefficient((0,))
    with mpmath.workdps(30):
        true = mpmath.quad(
            lambda z: mpmath.tanh(z) * mpmath.exp(10 * z - z * z / 2) / mpmath.sqrt(2 * mpmath.pi), [-10, 0, 5, 10, 15, 30]
        )
    assert true == pytest.approx(5.18470537e21, rel=1e-8)
    assert float(mean) == pytest.approx(float(true), rel=1e-9)


def test_powers_of_the_label_without_a_mean_are_not_integrated(monkeypatch):
    # E[Z g] = E[Z g²] = 0, and g³ grows like exp(0.72 z²): its mean is infinite
    integrated = []

    def recorded(form):
        integrated.append(form)
        return expectation(form)

    monkeypatch.setattr(exponents, "expectation", recorded)
    found = exponents.generative_exponent(LinkExpansion.from_expression("(z1**3 - 75/13*z1)*exp(12*z1**2/50)"))
    assert found.witness.label == "tanh(Y)"
    assert len(integrated) == 3
    assert all(square < 0.5 for form in integrated for square in growth(form).square.values())
