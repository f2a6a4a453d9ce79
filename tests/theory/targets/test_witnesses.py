"""Dimensions by gradients and jumps at points: never more than that of the forms, and all of it where integrals are too small."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.witnesses import dimension_at_points
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
