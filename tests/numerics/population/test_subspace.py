"""The principal subspace, and shares of weights in it and off it."""

import numpy as np
import pytest

from steinlab.numerics.population.subspace import alignment, perpendicular_norm, principal_basis, scaled_norm
from steinlab.theory.targets.target import Target


def test_the_principal_basis_is_orthonormal_and_spans_the_directions():
    target = Target.from_expression("z1**2 + z2", directions=[[1, 1, 0], [0, 2, 1]])
    basis = principal_basis(target, 5)
    np.testing.assert_allclose(basis.T @ basis, np.eye(2), atol=1e-14)
    rows = np.array([[1.0, 1, 0, 0, 0], [0, 2, 1, 0, 0]])
    np.testing.assert_allclose(rows @ basis @ basis.T, rows, atol=1e-14)


def test_alignment_projects_on_the_span_of_oblique_directions():
    target = Target.from_expression("z1**2 + z2**2", directions=[[1, 0, 0], [1, 1, 0]])
    assert alignment(np.array([[3.0, 4.0, 0.0, 0.0]]), principal_basis(target, 4)) == pytest.approx(1)
    assert alignment(np.array([[0.0, 3.0, 4.0, 0.0]]), principal_basis(target, 4)) == pytest.approx(9 / 25)
    one = Target.from_expression("z1**2", directions=[[3, 4]])
    assert alignment(np.array([[1.0, 0.0, 0.0]]), principal_basis(one, 3)) == pytest.approx(9 / 25)
    assert alignment(np.zeros((2, 3)), principal_basis(one, 3)) == 0


def test_norms_split_by_pythagoras():
    W = np.random.default_rng(0).standard_normal((6, 4))
    basis = principal_basis(Target.from_expression("z1*z2", directions=[[1, 2, 0], [0, 1, 1]]), 4)
    assert scaled_norm(W) == pytest.approx(np.linalg.norm(W) / np.sqrt(6))
    share, off = alignment(W, basis), perpendicular_norm(W, basis)
    assert off**2 == pytest.approx((1 - share) * scaled_norm(W) ** 2)
    assert perpendicular_norm(W @ basis @ basis.T, basis) < 1e-15
