"""Projections and leaps, known cases."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.claims import cases, oracles


@given(st.lists(cases.vectors(3), max_size=4), cases.vectors(3))
def test_projector_splits_a_vector(vectors, x):
    basis = oracles.orthogonalised(vectors)
    assert all(oracles.dot(u, v) == 0 for i, u in enumerate(basis) for v in basis[:i])
    assert len(basis) == np.linalg.matrix_rank(np.array([*vectors, [0, 0, 0]], dtype=float))
    inside = [oracles.dot(row, x) for row in oracles.projector(basis, 3)]
    assert all(oracles.dot([a - b for a, b in zip(x, inside, strict=True)], v) == 0 for v in vectors)
    assert oracles.orthogonalised([inside], basis) == []


@pytest.mark.parametrize(
    ("f", "steps"),
    [
        ({(1, 0): 1, (0, 1): 1, (1, 1): 1}, [(1, 1), (2, 1)]),
        ({(1, 0): 1, (0, 1): 1, (2, 0): 1, (0, 2): -1}, [(1, 1), (1, 1)]),
        ({(1, 1): 1}, [(2, 2)]),
        ({(3, 0): 1, (1, 0): -3}, [(3, 1)]),
        ({(0, 0): 5}, []),
    ],
    ids=["staircase", "contracted", "product", "He_3", "constant"],
)
def test_subspace_leap_known_cases(f, steps):
    f = {alpha: Fraction(c) for alpha, c in f.items()}
    assert oracles.subspace_leap_steps(f, 2) == steps
    assert len(oracles.relevant_subspace(f, 2)) == sum(gained for _, gained in steps)


def test_coordinate_leap_known_cases():
    assert oracles.coordinate_leap([(1, 0), (0, 1), (1, 1)]) == 1
    assert oracles.coordinate_leap([(1, 1, 1)]) == 3
    assert oracles.coordinate_leap([(1, 1, 1, 1), (1, 0, 0, 0), (1, 1, 1, 0)]) == 2
