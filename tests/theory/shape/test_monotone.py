"""Monotone links and polynomial growth; the points that a refusal names are attacked with floats."""

import math
import re
from fractions import Fraction

import pytest

from steinlab.theory.shape.monotone import monotone_link, polynomial_growth
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.verdicts import Evidence, Verdict

NAMES = {"tanh": math.tanh, "exp": math.exp, "sin": math.sin, "relu": lambda x: max(x, 0.0), "abs": abs}


def monotone(text):
    return monotone_link(LinkExpansion.from_expression(text))


@pytest.mark.parametrize(
    ("text", "word"),
    [("tanh(z1) + z1", "decreases"), ("-tanh(z1) - z1**3", "increases"), ("sign(z1)", "decreases"), ("-relu(z1)", "increases")],
)
def test_monotone_links_hold_with_their_direction(text, word):
    found = monotone(text)
    assert (found.verdict, found.evidence) == (Verdict.HOLDS, Evidence.CERTIFIED)
    assert found.reason == f"the link nowhere {word}: its derivative and its jumps have one sign, tails included"


@pytest.mark.parametrize(
    "text", ["abs(z1)", "tanh(z1) - z1/2", "sin(z1)", "relu(z1) - relu(z1 - 1)*2", "exp(-z1**2)", "z1*exp(-z1)"]
)
def test_the_named_points_rise_and_fall(text):
    found = monotone(text)
    assert (found.verdict, found.evidence) == (Verdict.FAILS, Evidence.CERTIFIED)
    rising, falling = (float(Fraction(x)) for x in re.search(r"rises near (\S+) and falls near (\S+) ", found.reason).groups())

    def slope(x):
        return eval(text, NAMES, {"z1": x + 1e-6}) - eval(text, NAMES, {"z1": x - 1e-6})

    assert slope(rising) > 0 > slope(falling)


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [("z1**3", Verdict.HOLDS, "never changes"), ("z1**3 - z1", Verdict.FAILS, "changes"), ("z1**2", Verdict.FAILS, "changes")],
)
def test_polynomials_are_decided_exactly(text, verdict, words):
    found = monotone(text)
    assert (found.verdict, found.evidence) == (verdict, Evidence.EXACT)
    assert found.reason == f"the link is a polynomial, whose derivative {words} sign, by Sturm's theorem"


def test_two_directions_are_not_a_monotone_link():
    assert monotone("tanh(z1) + tanh(z2)").verdict is Verdict.FAILS


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("z1**2*tanh(z1)", "holds"),
        ("exp(z1)", "fails"),
        ("log(abs(z1))", "fails"),
        ("exp(-z1**2)", "holds"),
        ("z1*exp(-z1)", "fails"),
    ],
)
def test_polynomial_growth(text, verdict):
    found = polynomial_growth(LinkExpansion.from_expression(text))
    assert (found.verdict.value, found.evidence) == (verdict, Evidence.CERTIFIED)


def test_the_power_is_the_degree():
    found = polynomial_growth(LinkExpansion.from_expression("z1**2*tanh(z1)"))
    assert found.reason == "|g| is at most a constant times powers (1 + |z_i|)^2"
