"""The degree of a link as a polynomial: exact, certified, in doubt where a coefficient may vanish, or none."""

import pytest

from steinlab.theory.expansions.degree import polynomial_degree
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.verdicts import Evidence


@pytest.mark.parametrize(
    ("text", "degree", "evidence"),
    [
        ("z1**3 + z2", 3, Evidence.EXACT),
        ("exp(1)*z1**2*z2 + z1**2", 3, Evidence.CERTIFIED),
        ("log(2) + z1*0", 0, Evidence.CERTIFIED),
    ],
)
def test_a_certain_degree(text, degree, evidence):
    found = polynomial_degree(read(parse(text)))
    assert (found.value, found.lower, found.upper, found.evidence) == (degree, degree, degree, evidence)


def test_a_coefficient_that_may_vanish_leaves_bounds():
    """tanh(log(2)) = 3/5, which no form shows."""
    found = polynomial_degree(read(parse("(tanh(log(2)) - 3/5)*z1**4 + z1")))
    assert found.value is None or found.value == 1
    assert found.lower == 1
    assert found.upper in (1, 4)


def test_a_function_of_a_variable_has_none():
    assert polynomial_degree(read(parse("exp(z1) + z2"))) is None
