"""What claims draw meets the hypotheses that it is drawn for."""

from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.claims import cases, oracles


@given(st.integers(1, 4).flatmap(cases.unit_vectors))
def test_unit_vectors_are_of_unit_norm(w):
    assert oracles.dot(w, w) == 1


@given(cases.polynomials(2, 3, terms=4))
def test_polynomials_are_not_zero_and_of_bounded_degree(p):
    assert 1 <= len(p) <= 4
    assert all(c != 0 and sum(alpha) <= 3 for alpha, c in p.items())


@given(cases.tensors(3, 2))
def test_tensors_have_sorted_indices(entries):
    assert entries
    assert all(list(index) == sorted(index) and c for index, c in entries.items())


@given(cases.hermite_ridges(3))
def test_the_directions_of_hermite_ridges_are_orthonormal(f):
    rows = f.directions or ()
    assert all(oracles.dot(u, v) == (i == j) for i, u in enumerate(rows) for j, v in enumerate(rows))
    assert f.r <= 3
