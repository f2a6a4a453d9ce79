"""Expectations over one variable in closed form, the other as a parameter, against quadrature."""

from itertools import pairwise

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erf

from steinlab.theory.integrals.constants import Constant
from steinlab.theory.integrals.elimination import eliminate
from steinlab.theory.integrals.expectations import expectation
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
    "exp(z1*z2 - z1**2 + z2)*erf(z1/2 + z2)": lambda x, y: np.exp(x * y - x * x + y) * erf(x / 2 + y),
    "exp(z1**2/4 + z1*z2 - z2)*sign(z2 - z1/2)": lambda x, y: np.exp(x * x / 4 + x * y - y) * np.sign(y - x / 2),
    "exp(z1**2/3)*cos(z1*z2 + 1)*z2**3": lambda x, y: np.exp(x * x / 3) * np.cos(x * y + 1) * y**3,
    "exp(z1**2*tanh(z2)**2/3 + z2)": lambda x, y: np.exp((x * np.tanh(y)) ** 2 / 3 + y),
    "sign(z1 - z2)*sign(z1 + 1/2)": lambda x, y: np.sign(x - y) * np.sign(x + 1 / 2),
    "sign(z1 - z2)*sign(3*z2 - 2*z1)*sign(z1 + 1/2)": lambda x, y: np.sign(x - y) * np.sign(3 * y - 2 * x) * np.sign(x + 1 / 2),
    "exp(z1)*sign(z1 - z2)*sign(z1 - 2*z2)": lambda x, y: np.exp(x) * np.sign(x - y) * np.sign(x - 2 * y),
    "z2**2": lambda x, y: y**2,
}


def the_product(text):
    ((product, c),) = read(parse(text)).terms.items()
    assert abs(c) == 1
    return product, c


@pytest.mark.parametrize("k", range(7))
@pytest.mark.parametrize("text", FUNCTIONS)
def test_every_moment_is_that_of_the_definition(text, k):
    product, side = the_product(f"z1**{k}*{text}")
    found = eliminate(product, 0)
    assert found is not None
    assert found.variables <= {1}

    def integrand(x):
        return x**k * FUNCTIONS[text](x, PARAMETER) * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)

    breaks = (-14, -1 / 2, PARAMETER, 3 / 2 * PARAMETER, 2 * PARAMETER, 14)
    expected = sum(quad(integrand, *ends, epsabs=1e-13, epsrel=1e-13)[0] for ends in pairwise(breaks))
    value = real_value(compile_sum(found), [arb(0), arb(PARAMETER)]) * side.ball()
    assert float(value) == pytest.approx(float(expected), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("factor", ["sin(z1)", "cos(z1 - z2)", "erf(z1)**2", "tanh(z1)", "erf(z1)", "sign(z1 - z2)"])
def test_beside_a_gaussian_of_varying_width_no_function_has_a_closed_form(factor):
    assert eliminate(the_product(f"exp(-z1**2*z2**2)*{factor}")[0], 0) is None


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("exp(49/100*z1**2)", True),
        ("exp(z1**2/2)", False),  # no mean
        ("exp(z1**2*z2)", False),
        ("exp(z1**2*tanh(z2)**2/2)", False),  # E = 1/sqrt(1 - tanh²) for every z2, which no bound from below on 1 - tanh² shows
        ("exp(z1**2*tanh(z2) + z1)", False),
        ("exp(z1**3)", False),
        ("exp(-z1**4)", False),
        ("tanh(z1)", False),
        ("erf(z1**2)", False),
        ("sin(z1**2)", False),
        ("cos(z1**2 + z1)", False),
        ("sin(z2*z1)", True),
        ("erf(z2*z1 + z2**2)", True),
        ("erf(z1)**2", False),
        ("erf(z1)*sin(z1)", False),
        ("erf(z1)*sign(z1 - z2)", False),
        ("sign(z1 - tanh(z2))", True),
        ("sign(z1*z2 - 1)", False),
        ("sign(z1**2 - z2)", False),
        ("sign(z1 - z2)*sign(z1**2 - z2)", False),
        ("sign(z1 - z2)*sign(z1 - 2*z2)*erf(z1)", False),
        ("sign(z1 - z2)*sign(z1 - 2*z2)*tanh(z1)", False),
        ("*".join(f"sign(z1 - {k}*z2)" for k in range(1, 7)), True),
        ("*".join(f"sign(z1 - {k}*z2)" for k in range(1, 8)), False),
    ],
)
def test_where_a_closed_form_is_known(text, known):
    assert (eliminate(the_product(text)[0], 0) is not None) == known


# -- products of several kinks: each step leaves fewer variables, or nothing is done


AFFINE = ["z1 - 1", "z2 + 1", "z1 - z2", "z1 + z2", "2*z1 - z3", "z3 - z2", "z1", "z1 + z2 - z3", "z2 - 1/2"]
CURVED = ["z1**2 + z1*z2 - z2", "z1*z2 - 1", "z1*z2 - z3", "z1**2 - z2", "z1*z2 + z2*z3", "z1**2 + z2**2 - 1"]
NAMES = {"sign": np.sign, "relu": lambda u: np.maximum(u, 0), "abs": np.abs}

affine = st.sampled_from(AFFINE)
factors = st.one_of(affine.map("sign({})".format), st.sampled_from(CURVED).map("sign({})".format), affine.map("relu({})".format))


@given(text=st.lists(factors, min_size=2, max_size=4).map("*".join))
@settings(max_examples=80, deadline=None)
def test_an_expectation_ends_without_variables(text):
    found = expectation(read(parse(text)))
    assert not found.variables


@given(text=st.lists(affine.map("sign({})".format), min_size=2, max_size=4, unique=True).map("*".join), i=st.integers(0, 2))
@settings(max_examples=80, deadline=None)
def test_elimination_leaves_the_variable_nowhere(text, i):
    for product in read(parse(text)).terms:
        if any(i in atom.variables for atom, _ in product):
            found = eliminate(product, i)
            assert found is None or i not in found.variables


@pytest.mark.parametrize(
    "text",
    [
        "sign(z1 - 1)*sign(z1 - z2)*sign(z1**2 + z1*z2 - z2)",
        "sign(z1 - 1)*sign(z2 + 1)*sign(z1 - z2)*sign(z1*z2 - 1)",
        "relu(z1 - z2)*sign(z1 - 1)*sign(z1**2 + z1*z2 - z2)",
        "sign(z1 - z2)*sign(z2 - z1/2 - 1)*sign(z1 + 1)*z1",
        "abs(z1 - z2)*sign(z1 + z2)*sign(z1 - 2*z2 + 1)*sign(z1)*z2",
    ],
)
def test_products_of_signs_against_sampling(text):
    value = Constant(expectation(read(parse(text))))
    z = np.random.default_rng(1).standard_normal((2, 1_000_000))
    samples = eval(text, {"__builtins__": {}}, NAMES | {"z1": z[0], "z2": z[1]})
    assert value.ball().is_finite()
    assert abs(float(value.ball().mid()) - samples.mean()) < 6 * samples.std() / 1000


def test_max_of_six_variables_ends():
    assert not expectation(read(parse("Max(z1, z2, z3, z4, z5, z6)"))).variables
