"""Canonical bases: right by NumPy, and the same whatever rows span the space, up to rounding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.population.bases import RANK_TOLERANCE, basis_of_span, gram_schmidt, leading_basis

sizes = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32))


def drawn(size):
    rows, columns, seed = size
    return np.random.default_rng(seed).standard_normal((rows, columns))


def turned(n, seed):
    """A random orthogonal matrix, by the exponential of an antisymmetric one (Cayley's transform)."""
    a = np.random.default_rng(seed).standard_normal((n, n))
    return np.linalg.solve(np.eye(n) + (a - a.T), np.eye(n) - (a - a.T))


@st.composite
def spans(draw):
    d = draw(st.integers(1, 6))
    return np.array(draw(st.lists(st.lists(st.integers(-3, 3), min_size=d, max_size=d), min_size=1, max_size=6)), float)


@given(spans())
def test_gram_schmidt_factors_and_is_lower_triangular_with_positive_pivots(rows):
    lower, basis = gram_schmidt(rows)
    assert np.allclose(lower @ basis, rows, atol=1e-12)
    assert np.allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-12)
    assert len(basis) == np.linalg.matrix_rank(rows)
    for i in range(len(basis)):
        first = np.flatnonzero(lower[:, i])[0]
        assert lower[first, i] > 0


@given(spans(), st.integers(0, 100))
def test_a_leading_basis_does_not_see_the_basis_it_is_given(rows, seed):
    basis = basis_of_span(rows)
    moved = turned(len(basis), seed) @ basis if len(basis) else basis
    for k in range(len(basis) + 1):
        found = leading_basis(moved, k)
        assert np.allclose(found, leading_basis(basis, k), atol=1e-9)
        assert np.allclose(found @ found.T, np.eye(k), atol=1e-12)
        assert np.allclose(found @ basis.T @ basis, found, atol=1e-12)


@given(sizes, st.floats(1e-3, 1e3), st.integers(0, 4))
def test_a_row_in_the_span_of_those_before_adds_nothing(size, scale, place):
    rows = drawn(size)
    repeated = np.insert(rows, min(place, len(rows) - 1) + 1, scale * rows[: min(place, len(rows) - 1) + 1].sum(axis=0), axis=0)
    lower, basis = gram_schmidt(repeated)
    assert np.allclose(basis, gram_schmidt(rows)[1], atol=1e-9)
    assert np.allclose(lower @ basis, repeated, atol=1e-9 * scale + 1e-12)


@pytest.mark.parametrize(("share", "dimension"), [(RANK_TOLERANCE * 100, 2), (RANK_TOLERANCE / 100, 1)])
def test_what_is_within_rounding_of_the_span_adds_no_dimension(share, dimension):
    assert len(basis_of_span(np.array([[1.0, 0.0], [1.0, share]]))) == dimension
    assert len(basis_of_span(np.array([[1e-150, 0.0], [1e-150, share * 1e-150]]))) == dimension


def test_zero_rows_span_nothing():
    assert basis_of_span(np.zeros((2, 3))).shape == (0, 3)


@pytest.mark.parametrize("axes", [(0, 1), (1, 2), (0, 2)])
def test_axes_come_in_their_order_where_symmetry_makes_them_equal(axes):
    space = np.eye(3)[list(axes)]
    for seed in range(20):
        assert np.allclose(leading_basis(turned(2, seed) @ space, 2), space, atol=1e-12)
