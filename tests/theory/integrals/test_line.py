"""Functions of one linear form: what converges to infinity, and how they are read along it."""

import pytest

from steinlab.theory.behaviour.scales import LOGARITHMS, ONE, X, exponential
from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.line import converges, on_a_line
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ring import apply, constant

x = LOGARITHMS[0]


@pytest.mark.parametrize(
    ("scale", "known"),
    [
        (ONE, False),
        (X ** constant(1), False),
        (X ** constant(-1), True),
        (x ** constant(-2), True),
        (x ** constant(-1), False),
        (x ** constant(-1) * LOGARITHMS[1] ** constant(-2), None),
        (x ** constant(-2) * LOGARITHMS[1] ** constant(9), True),
        (LOGARITHMS[1] ** constant(-9), False),
        (exponential({X ** constant(1): constant(1)}), False),
        (exponential({X ** constant(1): constant(-1)}) * X ** constant(9), True),
        (exponential({x ** constant(2): constant(-1)}) * X ** constant(9), True),
        (X ** (constant(1) - apply("exp", constant(0))), False),
    ],
)
def test_integrals_to_infinity_converge(scale, known):
    """Of n dx/x: x^a for a < 0; (log x)^b for b < -1."""
    assert converges(scale) is known


def test_functions_of_one_form_are_read_along_it():
    found = on_a_line(read(parse("tanh(2*z1 - z2)*(2*z1 - z2)")))
    assert found is not None
    h, variance, name = found
    assert h.variables == {0}
    scale = {"z1 - 1/2*z2": 2, "2*z1 - z2": 1}[name]
    assert h == read(parse(f"tanh({scale}*z1)*{scale}*z1"))
    assert variance == Number.of(5) / scale**2
    assert on_a_line(read(parse("tanh(z1)")))[1:] == (1, "z1")
    assert on_a_line(read(parse("tanh(3*z2)"))) == (read(parse("tanh(3*z1)")), 1, "z2")
    assert on_a_line(read(parse("tanh(z1*z2)"))) is None
