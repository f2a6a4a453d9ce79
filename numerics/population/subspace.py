"""The principal subspace of a target, and what of a first layer lies in it."""

import numpy as np

from steinlab.numerics.population.bases import basis_of_span
from steinlab.numerics.types import Array
from steinlab.theory.targets.target import Target

__all__ = ["alignment", "principal_basis"]


def principal_basis(target: Target, d: int) -> Array:
    """Orthonormal columns, shape (d, k), that span the target's principal subspace, padded with zeros to dimension d."""
    rows = np.array([[float(entry) for entry in row] for row in target.principal_subspace()])
    spanning = basis_of_span(rows)
    basis = np.zeros((d, len(spanning)))
    basis[: rows.shape[1]] = spanning.T
    return basis


def alignment(weights: Array, target: Target) -> float:
    """‖W Π*‖_F²/‖W‖_F²: the share of the weights (m x d) in the target's principal subspace; 0 for W = 0.

    Guarantee: numerical.

    Example:
        >>> alignment(np.array([[3.0, 4.0]]), Target.from_expression("z1**2"))
        0.36
    """
    basis = basis_of_span(np.array([[float(entry) for entry in row] for row in target.principal_subspace()])).T
    inside, whole = weights[:, : len(basis)] @ basis, float(np.sum(weights**2))
    return float(np.sum(inside**2)) / whole if whole > 0 else 0.0
