"""Many Hermite coefficients at once, against SciPy's quadrature and closed forms that mpmath knows."""

from itertools import pairwise
from math import exp, pi, sqrt

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf, expit

from steinlab.theory.exact.precision import working_precision
from steinlab.theory.integrals.hermite_series import MAX_NODES, normalised_coefficients
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse

FUNCTIONS = {
    "relu": lambda u: np.maximum(u, 0),
    "abs": np.abs,
    "sign": np.sign,
    "tanh": np.tanh,
    "sigmoid": expit,
    "erf": erf,
    "softplus": lambda u: np.logaddexp(0, u),
    "elu": lambda u: np.where(u > 0, u, np.expm1(np.minimum(u, 0))),
    "sin": np.sin,
}


def coefficients(text, count, bits=40):
    return normalised_coefficients(read(parse(text)), count, bits)


def by_gauss(f, kinks, count):
    """E[f He_k]/sqrt(k!) by a rule of 60 nodes on each of many intervals between the kinks."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    edges = sorted({*np.linspace(-16, 16, 33), *(t for t in kinks if abs(t) < 16)})
    x = np.concatenate([(a + b) / 2 + (b - a) / 2 * nodes for a, b in pairwise(edges)])
    w = np.concatenate([(b - a) / 2 * weights for a, b in pairwise(edges)])
    mass = f(x) * w * np.exp(-(x**2) / 2) / sqrt(2 * pi)
    h, before, out = np.ones_like(x), np.zeros_like(x), []
    for k in range(count):
        out.append(mass @ h)
        h, before = (x * h - sqrt(k) * before) / sqrt(k + 1), h
    return out


@settings(max_examples=25)
@given(
    st.sampled_from(sorted(FUNCTIONS)),
    st.sampled_from([-3, -1, 0.5, 2]),
    st.sampled_from([-2, 0, 0.25, 1]),
    st.sampled_from([2, 7, 24]),
)
def test_coefficients_are_integrals(name, slope, offset, count):
    found = coefficients(f"{name}({slope}*z1 + {offset})", count)
    expected = by_gauss(lambda x: FUNCTIONS[name](slope * x + offset), [-offset / slope], count)
    assert len(found) == count
    for ball, value in zip(found, expected, strict=True):
        assert abs(float(ball.mid()) - value) < 1e-10 * (1 + abs(value))
        assert ball.rad() < 1e-11


@pytest.mark.parametrize(
    ("text", "kinks", "f"),
    [
        (
            "abs(z1 - sqrt(2))*tanh(z1) + relu(z1 + 1)",
            [sqrt(2), -1],
            lambda x: abs(x - sqrt(2)) * np.tanh(x) + np.maximum(x + 1, 0),
        ),
        (
            "z1**2*sign(z1 - 1/3) - sign(1 - 2*z1) + z1**3",
            [1 / 3, 1 / 2],
            lambda x: x**2 * np.sign(x - 1 / 3) - np.sign(1 - 2 * x) + x**3,
        ),
        ("relu(tanh(z1))**2", [0], lambda x: np.maximum(np.tanh(x), 0) ** 2),
    ],
)
def test_several_kinks(text, kinks, f):
    for ball, value in zip(coefficients(text, 9), by_gauss(f, kinks, 9), strict=True):
        assert abs(float(ball.mid()) - value) < 1e-9


@pytest.mark.parametrize("a", [0.25, 1.0])
def test_high_degrees_against_a_closed_form(a):
    """E[e^{az} He_k] = a^k e^{a²/2}; sixty coefficients, each ball holding its number."""
    found = coefficients(f"exp({a}*z1)", 60, 60)
    for k, ball in enumerate(found):
        with mpmath.workdps(40), working_precision(200):
            value = mpmath.mpf(a) ** k * mpmath.exp(mpmath.mpf(a) ** 2 / 2) / mpmath.sqrt(mpmath.factorial(k))
            low, high = (mpmath.mpf(end.str(35, radius=False)) for end in (ball.lower(), ball.upper()))
            assert low - mpmath.mpf(10) ** -30 <= value <= high + mpmath.mpf(10) ** -30
            assert high - low < 2.0**-54


def test_high_degrees_of_kinks():
    """‖relu‖² = 1/2: the squares of the coefficients add up to it as fast as the closed form says."""
    squares = [float(c) ** 2 for c in coefficients("relu(z1)", 100)]
    assert squares[:3] == pytest.approx([1 / (2 * pi), 1 / 4, 1 / (4 * pi)])
    assert 0.5 - 1e-3 < sum(squares) < 0.5
    shifted = coefficients("sign(z1 - 1)", 40)
    assert float(shifted[2]) == pytest.approx(2 * exp(-1 / 2) / sqrt(2 * pi) / sqrt(2))


@pytest.mark.parametrize("text", ["log(abs(z1))", "abs(z1**3 - z1 - 1)*tanh(z1)", "exp(z1**2/3)", "abs(tanh(z1) - 1/2)"])
def test_other_functions_have_none(text):
    """A singular point, a kink at no root of an affine function, a function whose product with exp(z²/4) has no integral."""
    assert coefficients(text, 3) is None


def test_steep_functions_take_halved_intervals():
    assert MAX_NODES < 60
    for ball, value in zip(
        coefficients("tanh(40*z1 - 1)", 6), by_gauss(lambda x: np.tanh(40 * x - 1), np.linspace(-0.3, 0.4, 50), 6), strict=True
    ):
        assert abs(float(ball.mid()) - value) < 1e-9
