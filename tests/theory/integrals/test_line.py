"""Functions of one linear form: what converges to infinity, and how they are read along it."""

import pytest

from steinlab.theory.behaviour.scales import LOGARITHMS, ONE, X, exponential
from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.line import Weight, along_the_line, converges, on_a_line
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


GERMS = "its germs at every singular point and at infinity"
OPEN = "as y tends to infinity no bound on it is known that is integrable to the power 2"
PLAIN, WIDE, SOLID = Weight(), Weight(variance=Number.of(2)), Weight(dimension=3)


@pytest.mark.parametrize(
    ("text", "p", "weight", "name", "finite", "reason"),
    [
        ("abs(z1)**(-0.49)", 2, PLAIN, "z1", True, GERMS),
        ("abs(z1)**(-1/2)", 2, PLAIN, "z1", False, "abs(z1)**(-1/2) near z1 = 0; use an exponent above -1/2"),
        ("abs(z1 + 1/3)**(-1)", 1, PLAIN, "y", False, "abs(y - -1/3)**(-1) near y = -1/3; use an exponent above -1"),
        ("abs(z1 - 2)**(-1/3)", 3, PLAIN, "y", False, "abs(y - 2)**(-1/3) near y = 2; use an exponent above -1/3"),
        ("exp(1/abs(z1))", 2, PLAIN, "z1", False, "exp(abs(z1)**(-1)) near z1 = 0; write 1 + abs(z1) in its place"),
        ("exp(1/abs(z1 - 1))", 2, PLAIN, "z1", False, "exp(abs(z1 - 1)**(-1)) near z1 = 1; write 1 + abs(z1 - 1) in its place"),
        ("exp(z1**2*0.249)", 2, PLAIN, "z1", True, GERMS),
        ("exp(z1**2/4)", 2, PLAIN, "z1", False, "exp((1/4)*abs(z1)**2) as z1 tends to infinity; exp(c*z1**2) needs c < 1/4"),
        ("exp(z1**2/4)/(1 + z1**2)", 2, PLAIN, "z1", True, GERMS),
        ("exp(z1**2*0.124)", 2, WIDE, "z1 + z2", True, GERMS),
        (
            "exp(z1**2/8)", 2, WIDE, "z1 + z2", False,
            "exp((1/8)*abs(z1 + z2)**2) as z1 + z2 tends to infinity; exp(c*(z1 + z2)**2) needs c < 1/8",
        ),
        ("exp(z1**2/4)", 1, WIDE, "z1", False, "exp((1/4)*abs(z1)**2) as z1 tends to infinity; exp(c*z1**2) needs c < 1/4"),
        ("abs(z1)**(-1.49)", 2, SOLID, "|z|", True, GERMS),
        ("abs(z1)**(-3/2)", 2, SOLID, "|z|", False, "|z|**(-3/2) near |z| = 0; use an exponent above -3/2"),
        ("abs(z1 - 1)**(-0.49)", 2, SOLID, "|z|", True, GERMS),
        ("abs(z1 - 1)**(-1/2)", 2, SOLID, "|z|", False, "|z|**(-1/2) near |z| = 1; use an exponent above -1/2"),
        ("exp(z1**2/4)/(1 + z1**2)", 2, SOLID, "|z|", True, GERMS),
        (
            "exp(z1**2/4)/sqrt(1 + z1**2)", 2, SOLID, "|z|", False,
            "|z|**(-1)*exp((1/4)*|z|**2) as |z| tends to infinity; exp(c*|z|**2) needs c < 1/4",
        ),
        ("exp(z1**2/4)*sin(z1)", 2, PLAIN, "y", None, OPEN),
        ("exp(z1**2/4)*sin(z1)", 1, PLAIN, "y", True, GERMS),
        ("abs(sin(z1))**(-0.3)", 2, PLAIN, "y", None, "the points where a divisor or a logarithm is singular were not all found"),
        ("exp(z1**2*sin(z1)/4)", 2, PLAIN, "y", None, "as y tends to infinity: an exponent without a leading term"),
    ],
)  # fmt: skip
def test_powers_are_compared_with_the_density_at_every_end(text, p, weight, name, finite, reason):
    """E|y|^{pa} needs pa > -n at 0 in n dimensions, and pa > -1 elsewhere; exp(c y²) of y of variance v needs 2pcv < 1."""
    found = along_the_line(read(parse(text)), p, weight, name)
    assert (found.finite, found.reason) == (finite, f"it grows at least like {reason}" if finite is False else reason)
