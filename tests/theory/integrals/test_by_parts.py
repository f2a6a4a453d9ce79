"""Stein's identity and the arcsine law, each side integrated by quadrature."""

from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
from flint import arb
from scipy.integrate import quad

from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.by_parts import arcsine, arcsine_law, integrate_by_parts
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import constant

ENDS = (-12, -2, -0.5, 0, 0.5, 2, 12)
"""Every kink below lies at one of these: no adaptive rule has to find it."""


def the_product(text):
    ((product, c),) = read(parse(text)).terms.items()
    assert c == 1
    return product


def mean(form):
    """E of a Sum in z1 by quadrature."""
    f = compile_sum(form)

    def integrand(x):
        return float(real_value(f, [arb(x)]).mid()) * float(mpmath.npdf(x))

    return sum(quad(integrand, a, b, epsabs=1e-12, epsrel=1e-11)[0] for a, b in pairwise(ENDS))


SIMPLE = [
    "tanh(z1)",
    "tanh(2*z1 + 1)",
    "exp(z1/3)*tanh(z1)",
    "exp(-z1**2 + z1/2)*tanh(z1)",
    "exp(z1**2/5)*cos(2*z1 - 1)",
    "sign(z1)",
    "sign(2*z1 - 1)*tanh(z1)",
    "exp(z1/2)*sign(z1 - 2)*erf(z1)",
    "exp(-z1**2/2)*sign(z1 + 1/2)",
    "tanh(z1)**2*sin(z1)",
    "tanh(z1)**3",
]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("text", SIMPLE)
def test_the_expectation_stays_and_the_power_falls(text, k):
    product = the_product(f"z1**{k}*{text}")
    lowered = integrate_by_parts(product, 0)
    powers = [e for term in lowered.terms for atom, e in term if atom.is_variable]
    assert max(powers, default=0) < k
    assert mean(lowered) == pytest.approx(mean(read(parse(f"z1**{k}*{text}"))), rel=1e-8, abs=1e-9)


def test_the_variable_is_the_one_asked_for():
    lowered = integrate_by_parts(the_product("z2*tanh(z2)"), 1)
    assert lowered == read(parse("1 - tanh(z2)**2"))


@pytest.mark.parametrize(
    "text",
    [
        "tanh(z1)",  # no power of z
        "z1*exp(z1**2/2)",  # infinite
        "z1*exp(z1**2)",
        "z1*exp(z1**3)",  # not Gaussian
        "z1*exp(z1**4)*tanh(z1)",
        "z1*tanh(z1**2)",  # not affine
    ],
)
def test_other_products_are_left_alone(text):
    assert integrate_by_parts(the_product(text), 0) is None


def test_the_width_of_the_gaussian_goes_up_to_one_half():
    found = integrate_by_parts(the_product("z1*exp(49/100*z1**2)*tanh(z1)"), 0)
    assert found == read(parse("50*exp(49/100*z1**2)*(1 - tanh(z1)**2)"))


LAW = [
    ("sign(z1)*erf(z1)", 0),
    ("sign(z1)*erf(2*z1)", 0),
    ("erf(z1)**2", 0),
    ("erf(z1/2)*erf(3*z1)", 0),
    ("exp(z1**2/4)*erf(z1)**2", Fraction(1, 4)),
    ("exp(-z1**2)*erf(z1)*sign(z1)", -1),
    ("exp(-3/2*z1**2)*erf(z1/3)*erf(z1)", Fraction(-3, 2)),
]


@pytest.mark.parametrize(("text", "square"), LAW)
def test_the_arcsine_law_is_the_integral(text, square):
    ends = [-mpmath.inf, -4, 0, 4, mpmath.inf]
    names = {"sign": mpmath.sign, "erf": mpmath.erf, "exp": lambda _: 1}
    with mpmath.workdps(20):

        def integrand(x):
            value = eval(text.replace("/", "*mpf(1)/"), {"__builtins__": {}, "mpf": mpmath.mpf}, {**names, "z1": x})
            return (
                value * mpmath.exp(x * x * (mpmath.mpf(square.numerator) / square.denominator - 0.5)) / mpmath.sqrt(2 * mpmath.pi)
            )

        expected = mpmath.quad(integrand, ends)
    found = real_value(compile_sum(arcsine_law(the_product(text), 0)), [arb(0)])
    assert float(found) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "erf(z1)",
        "erf(z1)**3",
        "erf(z1)*sign(z1)*erf(2*z1)",
        "erf(z1 + 1)*erf(z1)",
        "sign(z1 - 1)*erf(z1)",
        "erf(z1)*tanh(z1)",
        "exp(z1**2/2)*erf(z1)**2",
        "exp(z1**2)*erf(z1)**2",
        "exp(z1)*erf(z1)**2",
        "exp(z1**2/4 + z1)*erf(z1)**2",
        "z1*erf(z1)**2",
        "erf(z1**3)*erf(z1)",
    ],
)
def test_the_arcsine_law_is_for_two_odd_functions_and_a_centred_gaussian(text):
    assert arcsine_law(the_product(text), 0) is None


@pytest.mark.parametrize(
    ("square", "over_pi"), [(0, "0"), (Fraction(1, 4), "1/6"), (Fraction(1, 2), "1/4"), (Fraction(3, 4), "1/3"), (1, "1/2")]
)
def test_the_angles_that_have_names(square, over_pi):
    x = Number.of(square).root(2)
    assert arcsine(x) == read(parse(f"{over_pi}*pi"))
    assert arcsine(-x) == read(parse(f"-{over_pi}*pi"))


def test_other_angles_are_arcsines():
    found = arcsine(Number.of(Fraction(1, 3)))
    assert float(real_value(compile_sum(found), [])) == pytest.approx(float(mpmath.asin(mpmath.mpf(1) / 3)), rel=1e-14)
    assert arcsine(Number.of(Fraction(2, 3))) != constant(0)
