"""Dimensions by gradients and jumps at points: never more than that of the forms, and all of it where integrals are too small."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.witnesses import _points, dimension_at_points
from steinlab.theory.verdicts import Evidence

RIDGES = ["tanh({u}-{c})", "relu({u}-{c})", "sign({u}+{c})", "exp(-({u}-{c})**2)", "sin({u})", "({u})**2", "log(1+exp({u}-{c}))"]
forms = st.lists(st.integers(-2, 2), min_size=3, max_size=3).filter(any)


@given(st.lists(st.tuples(forms, st.sampled_from(RIDGES), st.integers(0, 60)), min_size=1, max_size=3), st.sampled_from("+*"))
def test_no_more_than_the_rank_of_the_forms(ridges, joined):
    written = []
    for form, ridge, c in ridges:
        u = "+".join(f"({a})*z{i + 1}" for i, a in enumerate(form))
        written.append(ridge.format(u=u, c=c))
    g = read(parse(joined.join(written)))
    found = dimension_at_points(g, 3, 3)
    assert found <= np.linalg.matrix_rank(np.array([form for form, _, _ in ridges], dtype=float))


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("tanh(z1-100)", 1),
        ("sigmoid(10*z1-3000)", 1),
        ("tanh(z1+z2-100)", 1),
        ("relu(z1)*relu(z2-12)", 2),
        ("relu(z1-30)*sign(z2-50)", 2),
        ("tanh(z1-100)+tanh(z2-100)+relu(z3-20)", 3),
        ("tanh(z1-80)*exp(-(z2-20)**2)", 2),
    ],
)
def test_functions_that_vary_far_out_only(text, dimension):
    found = LinkExpansion.from_expression(text).effective_dimension
    assert (found.value, found.lower, found.upper, found.evidence) == (dimension, dimension, dimension, Evidence.CERTIFIED)


def test_a_constant_that_is_not_recognised_is_not_said_to_vary():
    found = LinkExpansion.from_expression("tanh(2*z1)-2*tanh(z1)/(1+tanh(z1)**2)").effective_dimension
    assert (found.value, found.lower) == (None, 0)


@pytest.mark.parametrize(
    ("text", "size", "forms"),
    [
        ("tanh(z1-100)+relu(2*z2+4)", 2, [lambda x, y: x - 100, lambda x, y: y + 2]),
        ("exp(-(z1-20)**2)", 1, [lambda x: -2 * x + 40]),
        ("tanh(z1+z2)*sign(z1+z2-1)", 2, [lambda x, y: x + y, lambda x, y: x + y - 1]),
        ("log(1+exp(z1-z2))", 2, [lambda x, y: (x - y) / 2, lambda x, y: (y - x) / 2]),
        ("z1*z2", 2, []),
    ],
)
def test_points_lie_beside_the_hyperplanes_and_where_they_meet(text, size, forms):
    """At 1/2 and -3/4 of each form, alone and together, and at a point in general position."""
    found = list(_points(read(parse(text)), size))
    base = (Fraction(1, 3), Fraction(-7, 5))[:size]
    assert found[0] == base
    at = [{form(*point) for form in forms} for point in found[1:]]
    for form in forms:
        assert {form(*point) for point in found[1:]} >= {Fraction(1, 2), Fraction(-3, 4)}
    together = size == len(forms) == 2 and "z2+4" in text
    assert (({Fraction(1, 2)} in at) and ({Fraction(-3, 4)} in at)) is (together or len(forms) == 1)
    assert len(found) == 1 + 2 * (len(forms) + together)
