"""The Hessian of a sum of ridges by its lines is that by its entries: rank, range and eigenvalues."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.ranks import CertifiedMap
from steinlab.theory.expansions.ridge_map import RidgeMap
from steinlab.theory.verdicts import Evidence


def expansion(text):
    return LinkExpansion.from_expression(text)


@st.composite
def sums(draw):
    names = st.sampled_from(["relu", "tanh", "abs", "sigmoid", "erf"])
    weights = st.lists(st.integers(-2, 2), min_size=3, max_size=3)
    neurons = draw(st.lists(st.tuples(names, weights, st.sampled_from(["0", "1", "-1/2"])), min_size=1, max_size=4))
    return " + ".join(f"{name}({'+'.join(f'({w})*z{i + 1}' for i, w in enumerate(ws))} + {b})" for name, ws, b in neurons)


@settings(max_examples=25)
@given(sums())
def test_it_is_the_map_of_its_entries(text):
    try:
        e = expansion(text)
    except InputError:  # constant
        return
    found = e.hessian()
    assert isinstance(found, RidgeMap)
    other = CertifiedMap(e.unfolding(2))
    if other.rank.value is not None:
        assert found.rank.value == other.rank.value
    assert found.range == other.range or other.range is None
    for a, b in zip(found.eigenvalues(53), other.eigenvalues(53), strict=True):
        assert a.ball(53).overlaps(b.ball(53))


@pytest.mark.parametrize(
    ("text", "rank", "evidence", "words"),
    [
        ("relu(z1 + 2*z2) + relu(z1 - z2)", 2, Evidence.EXACT, "a pivot in each of 2 elimination steps"),
        ("relu(z1 + z2) + abs(2*z1 + 2*z2) + tanh(z3)", 1, Evidence.EXACT, "span no more than 1"),
        ("tanh(z1 + 1) + tanh(z2 + z3 - 1)", 2, Evidence.CERTIFIED, "span no more than 2"),
        ("tanh(z1) + erf(z2 - z3)", 0, Evidence.EXACT, "span no more than 0"),  # odd: no neuron is seen
    ],
)
def test_ranks_with_what_they_rest_on(text, rank, evidence, words):
    found = expansion(text).hessian().rank
    assert (found.value, found.lower, found.upper, found.evidence) == (rank, rank, rank, evidence)
    assert words in found.reason


def test_where_neurons_cancel_in_h_the_entries_decide():
    """abs(z1 + z2) + abs(z1 - z2) - sqrt(2)*abs(z1) - sqrt(2)*abs(z2): the lines span a plane, and H is 0."""
    found = expansion("abs(z1+z2) + abs(z1-z2) - sqrt(2)*abs(z1) - sqrt(2)*abs(z2)").hessian()
    assert (found.rank.value, found.range) == (0, ())


def test_the_eigenvalues_are_those_of_numpy():
    """relu(w·z) has E[∂² .] = w wᵀ/(|w| √(2π))."""
    rows = np.array([[1, 2, 3], [1, -1, 5], [7, 1, -1]], float)
    h = sum(np.outer(w, w) / np.linalg.norm(w) for w in rows) / np.sqrt(2 * np.pi)
    found = expansion("relu(z1+2*z2+3*z3)+relu(z1-z2+5*z3)+relu(7*z1+z2-z3)").hessian()
    assert [float(x.ball(53).mid()) for x in found.eigenvalues(53)] == pytest.approx(list(np.linalg.eigvalsh(h)), rel=1e-9)


def test_quadratic_rests_are_left_to_the_entries():
    assert isinstance(expansion("tanh(z1) + z1*z2").hessian(), CertifiedMap)
    assert isinstance(expansion("tanh(z1)*z2 + z1").hessian(), CertifiedMap)
