"""Expectations of products of several kinks end: each step leaves fewer variables, or nothing is done."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.integrals.constants import Constant
from steinlab.theory.integrals.elimination import eliminate
from steinlab.theory.integrals.expectations import expectation
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse

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
