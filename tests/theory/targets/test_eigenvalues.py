"""Repeated eigenvalues of a Hessian, and ranks of balls."""

import numpy as np
import pytest
from flint import arb

from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.link_hessian import LinkHessian
from steinlab.theory.targets.ranks import ball_rank


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
