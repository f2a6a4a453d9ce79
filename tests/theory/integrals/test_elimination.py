"""Expectations over one variable in closed form, the other as a parameter, against quadrature."""

import numpy as np
import pytest
from flint import arb
from scipy.integrate import quad
from scipy.special import erf

from steinlab.theory.integrals.elimination import eliminate
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import real_value
from steinlab.theory.links.enclosures import compile_sum

PARAMETER = 0.3
FUNCTIONS = {
    "erf(2*z1 - z2)": lambda x, y: erf(2 * x - y),
    "sin(2*z1 + z2)": lambda x, y: np.sin(2 * x + y),
    "cos(z1/2 - z2)": lambda x, y: np.cos(x / 2 - y),
    "sign(z1 - z2)": lambda x, y: np.sign(x - y),
    "exp(z1*z2 - z1**2)": lambda x, y: np.exp(x * y - x * x),
    "exp(-z1**2*z2**2)": lambda x, y: np.exp(-((x * y) ** 2)),
    "exp(-z1**2 + z1*z2)*sin(z1)": lambda x, y: np.exp(-(x * x) + x * y) * np.sin(x),
}


def the_product(text):
    ((product, c),) = read(parse(text)).terms.items()
    assert c == 1
    return product


@pytest.mark.parametrize("k", range(7))
@pytest.mark.parametrize("text", FUNCTIONS)
def test_every_moment_is_that_of_the_definition(text, k):
    found = eliminate(the_product(f"z1**{k}*{text}"), 0)
    assert found is not None
    assert found.variables <= {1}

    def integrand(x):
        return x**k * FUNCTIONS[text](x, PARAMETER) * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)

    expected = sum(quad(integrand, *ends, epsabs=1e-13, epsrel=1e-13)[0] for ends in ((-12, PARAMETER), (PARAMETER, 12)))
    value = real_value(compile_sum(found), [arb(0), arb(PARAMETER)])
    assert float(value) == pytest.approx(float(expected), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("factor", ["sin(z1)", "cos(z1 - z2)", "erf(z1)**2", "tanh(z1)", "erf(z1)", "sign(z1 - z2)"])
def test_beside_a_gaussian_of_varying_width_no_function_has_a_closed_form(factor):
    assert eliminate(the_product(f"exp(-z1**2*z2**2)*{factor}"), 0) is None
