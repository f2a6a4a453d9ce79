"""Enclosures of eigenvalues, repeated ones too, against integer eigenvalues turned by a rational rotation."""

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.link_hessian import LinkHessian, _rotated_eigenvalues
from steinlab.theory.targets.ranks import ball_rank

FRAME = [[1, 2, 2], [2, 1, -2], [2, -2, 1]]  # rows of length 3, orthogonal


@given(st.lists(st.integers(-3, 3), min_size=3, max_size=3), st.sampled_from([0.0, 1e-9, 1e-3]))
def test_eigenvalues_of_a_turned_diagonal_are_held_tightly(values, radius):
    matrix = [[sum(v * r[i] * r[j] for v, r in zip(values, FRAME, strict=True)) for j in range(3)] for i in range(3)]
    found = _rotated_eigenvalues([[(arb(x) / 9) + arb(0, radius) for x in row] for row in matrix])
    for ball, value in zip(sorted(found, key=lambda x: float(x.mid())), sorted(values), strict=True):
        assert ball.contains(value)
        assert float(ball.rad()) < 1e-12 + 40 * radius
        assert float(ball.rad()) >= radius


@given(st.floats(0.01, 0.5))
def test_what_stands_beside_the_diagonal_is_in_the_radius(radius):
    """[[0, ±r], [±r, 0]] as balls around zero holds matrices with eigenvalues ±r: nothing less may come back."""
    off = arb(0, radius)
    for ball in _rotated_eigenvalues([[arb(0), off], [off, arb(0)]]):
        assert ball.contains(arb(radius).lower())
        assert ball.contains(-arb(radius).lower())
        assert float(ball.rad()) < 1.5 * radius


def test_a_repeated_eigenvalue_hides_no_kappa():
    h = LinkHessian(LinkExpansion.from_expression("pi*(He(2,z1)+z2**2+z3*z4)"))
    values = np.linalg.eigvalsh(np.pi * np.array([[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]))
    assert [float(x.mid()) for x in h.eigenvalues()] == pytest.approx(values.tolist())
    assert h.kappa is not None
    assert h.kappa.is_finite()


@pytest.mark.parametrize("width", [0.1, 0.49, 0.51, 1.0])
def test_a_rank_of_balls_counts_pivots_that_exclude_zero_alone(width):
    """Rank of [[1, 1], [1, 3/2 ± w]]: the second pivot is 1/2 ± w, and a matrix of rank 1 is among them from w = 1/2 on."""
    half = arb(0.5)
    assert ball_rank([[arb(1), arb(1)], [arb(1), 1 + half + arb(0, width)]]) == (2 if width < 0.5 else 1)
    assert ball_rank([[arb(1), arb(1)], [arb(1), arb("nan")]]) == 1
    assert ball_rank([[arb(2), arb(1)], [arb(4), arb(2)]]) == 1
