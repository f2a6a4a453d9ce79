"""Functions of constants and Gaussian moments in closed form, against mpmath, and the degrees that hang on them."""

import math
from fractions import Fraction
from functools import partial

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.degree import polynomial_degree
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.closed_forms import erf_moments, exponential, logarithm_of, sign_moments, trigonometric_moments
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import apply, constant, logarithm, pi, variable
from steinlab.theory.shape.regularity import polynomial
from steinlab.theory.targets.target import LinkTarget, Target
from steinlab.theory.verdicts import Evidence, Verdict

fractions = st.builds(Fraction, st.integers(-40, 40), st.sampled_from([1, 2, 3, 4, 5, 6, 8, 10, 12]))
positive = st.builds(Fraction, st.integers(1, 5000), st.integers(1, 5000))


def near(value: Constant, expected) -> bool:
    return abs(mpmath.mpf(float(value)) - expected) <= 1e-12 * max(1, abs(expected))


@given(r=fractions, name=st.sampled_from(["sin", "cos"]))
def test_sines_and_cosines_of_multiples_of_pi(r, name):
    value = Constant(apply(name, pi() * r))
    assert near(value, getattr(mpmath, name)(mpmath.pi * r.numerator / r.denominator))
    if (12 * r).denominator == 1:
        assert value.form.number is not None


@given(r=fractions, shift=fractions, name=st.sampled_from(["sin", "cos"]))
def test_a_multiple_of_pi_beside_another_constant(r, shift, name):
    value = Constant(apply(name, pi() * r + apply("exp", constant(Fraction(1, 3))) * shift))
    angle = mpmath.pi * r.numerator / r.denominator + mpmath.exp(mpmath.mpf(1) / 3) * shift.numerator / shift.denominator
    assert near(value, getattr(mpmath, name)(angle))


@given(a=positive, b=positive, k=st.integers(-3, 3))
def test_logarithms_add_up_exactly(a, b, k):
    assert logarithm_of(Number.of(a)) + logarithm_of(Number.of(b)) * k == logarithm_of(Number.of(a) * Number.of(b) ** k)
    assert near(Constant(logarithm_of(Number.of(a))), mpmath.log(mpmath.mpf(a.numerator) / a.denominator))


@given(a=positive, k=st.integers(-3, 3), name=st.sampled_from(["exp", "tanh"]))
def test_functions_of_logarithms_are_numbers(a, k, name):
    found = apply(name, logarithm(constant(a)) * k)
    value = Fraction(a) ** k
    assert found.number == (value if name == "exp" else (value**2 - 1) / (value**2 + 1))


@given(a=st.integers(2, 30), b=st.integers(1, 9), k=st.integers(-4, 4))
def test_functions_of_whole_multiples_of_logarithms_of_radicals_are_numbers(a, b, k):
    """log(√a + b) times k: e to it is a number of the same field; half of it is left as it stands."""
    log = logarithm(constant(Number.of(a).root(2) + b))
    value = (mpmath.sqrt(a) + b) ** k
    assert float(apply("exp", log * k).number) == pytest.approx(float(value), rel=1e-12)
    assert float(apply("tanh", log * Fraction(k, 2)).number) == pytest.approx(
        float((value - 1) / (value + 1)), rel=1e-12, abs=1e-12
    )
    half = apply("exp", log * Fraction(1, 2))
    assert near(Constant(half), mpmath.sqrt(mpmath.sqrt(a) + b))


ZEROS = [
    "tanh(log(2)) - 3/5",
    "sin(pi)",
    "log(2) + log(3) - log(6)",
    "cos(pi/3) - 1/2",
    "exp(2*log(3)) - 9",
    "sigmoid(log(3)) - 3/4",
    "erf(0)",
    "sin(1)**2 + cos(1)**2 - 1",
    "log(sqrt(8)) - 3*log(2)/2",
    "2**log(3) - 3**log(2)",
    "log(exp(2)) - 2",
    "exp(1/2)*exp(1/2) - exp(1)",
]


@given(zero=st.sampled_from(ZEROS), top=st.integers(2, 5), low=st.integers(1, 2))
def test_a_leading_coefficient_that_is_zero_is_seen(zero, top, low):
    target = Target.from_expression(f"({zero})*z1**{top + 1} + z1**{low}")
    assert target.degree == low


UNKNOWN = [
    "exp(log(2 + sqrt(2))) - 2 - sqrt(2)",
    "cos(pi/7) - cos(2*pi/7) + cos(3*pi/7) - 1/2",
    "sin(pi/9)*2 - 2*sin(pi/9)*cos(0)",
]
"""Constants that are zero, and not all simplified."""


@pytest.mark.parametrize("zero", UNKNOWN)
def test_a_coefficient_that_may_vanish_leaves_an_interval_of_degrees(zero):
    target = Target.from_expression(f"({zero})*z1**5 + pi*z1**2 + z1")
    assert isinstance(target, LinkTarget)
    found = target.polynomial_degree
    assert found is not None
    assert (found.lower, found.upper) in ((2, 2), (2, 5))
    assert target.degree == (2 if found.upper == 2 else None)
    finding = polynomial(target.expansion)
    assert finding.verdict is Verdict.HOLDS
    assert ("degree 2 to 5" in finding.reason) is (found.upper == 5)


def test_some_constant_is_left_undecided():
    """The test above has a case of an interval."""
    assert Target.from_expression(f"({UNKNOWN[1]})*z1**5 + pi*z1**2").degree is None


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("pi*He(6,z1) + z1", 6),
        ("pi*(He(2,z1) + z2**2 + z3*z4)", 2),
        ("(exp(pi*sqrt(163)) - 262537412640768743)*z1**3 + z1", 3),  # a coefficient of -7.5e-13
        ("log(2)*z1*z2**3 - z1**2", 4),
    ],
)
def test_a_proved_leading_coefficient_gives_the_degree(text, degree):
    found = polynomial_degree(read(parse(text)))
    assert found is not None
    assert (found.value, found.lower, found.upper, found.evidence) == (degree, degree, degree, Evidence.CERTIFIED)


def test_a_function_is_no_polynomial():
    assert polynomial_degree(read(parse("tanh(z1)"))) is None


# -- the constant in an exponent is whole

CONSTANTS = ["pi", "log(2)", "exp(1)", "tanh(1)", "2*log(3)", "1/pi", "sqrt(2)", "(1 + log(2))", "pi/(2*log(2))", "3", "7/3"]


@given(
    c=st.sampled_from(CONSTANTS), scale=st.sampled_from(["", "pi*", "-log(2)*"]), shift=st.sampled_from(["", " + 1", " - exp(1)"])
)
def test_generative_exponent_of_a_gaussian_monomial(c, scale, shift):
    """E[He_2 z² e^{-cz²}] = 2(1 - c)/(1 + 2c)^{5/2}: nonzero for every constant but 1."""
    found = LinkExpansion.from_expression(f"{scale}z1**2*exp(-{c}*z1**2){shift}").generative_exponent()
    assert found is not None
    assert found.value.value == 2


@given(
    scale=st.sampled_from(["", "pi*", "-log(2)*", "(1 + exp(1))*"]), shift=st.sampled_from(["", " + 1", " - pi", " + log(2)/3"])
)
def test_an_affine_change_of_the_label_keeps_the_generative_exponent(scale, shift):
    found = LinkExpansion.from_expression(f"{scale}z1**2*exp(-z1**2){shift}").generative_exponent()
    assert found is not None
    assert found.value.value == 4
    one = "(log(6) - log(2) - log(3) + 1)"
    found = LinkExpansion.from_expression(f"{scale}z1**2*exp(-{one}*z1**2){shift}").generative_exponent()
    assert found is not None
    assert found.value.value == 4


@pytest.mark.parametrize(
    ("text", "value"), [("pi*He(4,z1)", 2), ("pi*z1**3 + z1**2", 1), ("log(2)*z1**4 - z1**2", 2), ("exp(1)*z1", 1)]
)
def test_generative_exponent_of_a_polynomial_with_transcendental_coefficients(text, value):
    found = LinkExpansion.from_expression(text).generative_exponent()
    assert found is not None
    assert found.value.value == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exp", "log(2)*log(3)"),
        ("exp", "log(2)*log(3) + log(5)"),
        ("exp", "pi*log(2)"),
        ("tanh", "log(2)*log(3)/4"),
        ("sin", "pi*log(2)"),
        ("cos", "pi*log(2)/3 + pi/6"),
        ("sin", "pi**2/6"),
    ],
)
def test_products_of_constants_are_no_multiples_of_one_of_them(name, text):
    u = read(parse(text))
    expected = getattr(mpmath, name)(eval(text, {"__builtins__": {}}, {"log": mpmath.log, "pi": mpmath.pi}))
    assert near(Constant(apply(name, u)), expected)


@pytest.mark.parametrize("k", range(-60, 121, 1))
def test_sines_and_cosines_of_every_third_of_a_degree_of_the_clock(k):
    """Multiples of π/60: numbers at those of π/12, and at the sines of π/10 and cosines of π/5 and their like."""
    for name in ("sin", "cos"):
        value = Constant(apply(name, pi() * Fraction(k, 60)))
        assert near(value, getattr(mpmath, name)(mpmath.pi * k / 60))
        golden = k % 6 == 0 and (k // 6) % 2 == (1 if name == "sin" else 0)
        assert (value.form.number is not None) == (k % 5 == 0 or golden)


def test_what_is_taken_apart_and_what_is_too_large_for_it():
    assert str(logarithm_of(Number.of(2**79))) == "79*log(2)"
    assert str(logarithm_of(Number.of(2**80))) == f"log({2**80})"
    assert str(logarithm_of(Number.of(Fraction(1, 2**79)))) == "-79*log(2)"
    assert str(logarithm_of(Number.of(Fraction(1, 2**80)))) == f"log(1/{2**80})"
    log2 = logarithm(constant(2))
    assert [exponential(log2 * c) is None for c in (2000, 2001, -2000, -2001)] == [False, True, False, True]
    assert [exponential(log2 * Fraction(1, k)) is None for k in (12, 13)] == [False, True]
    assert exponential(log2 * 3 - 1) == apply("exp", constant(-1)) * 8
    assert exponential(constant(3)) is None


# -- Gaussian moments

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


@given(st.integers(1, 40), st.integers(1, 6), st.sampled_from([2, 3, 5]))
def test_logarithms_of_a_number_and_its_inverse_cancel(a, b, n):
    x = Number.of(n).root(2) * b + a
    total = logarithm(constant(x)) + logarithm(constant(x.inverse()))
    assert total.is_zero
    ball = real_value(compile_sum(logarithm(constant(x.inverse()))), [])
    assert float(ball) == pytest.approx(-math.log(a + b * math.sqrt(n)), rel=1e-14)
