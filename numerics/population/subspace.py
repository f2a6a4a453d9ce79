"""The principal subspace of a target, and how much of a first layer lies in it and off it."""

import math

import numpy as np

from steinlab.numerics.population.bases import basis_of_span
from steinlab.numerics.types import Array
from steinlab.theory.targets.target import Target

__all__ = ["alignment", "perpendicular_norm", "principal_basis", "scaled_norm"]


def principal_basis(target: Target, d: int) -> Array:
    """Orthonormal columns, shape (d, k), that span the target's principal subspace, padded with zeros to dimension d."""
    rows = np.array([[float(entry) for entry in row] for row in target.principal_subspace()])
    spanning = basis_of_span(rows)
    basis = np.zeros((d, len(spanning)))
    basis[: rows.shape[1]] = spanning.T
    return basis


def alignment(weights: Array, basis: Array) -> float:
    """‖W Π*‖_F²/‖W‖_F²: the share of W (m x d) in the span of the orthonormal columns of `basis`; 0 for W = 0.

    Guarantee: numerical.

    Example:
        >>> alignment(np.array([[3.0, 4.0]]), principal_basis(Target.from_expression("z1**2"), 2))
        0.36
    """
    whole = float(np.sum(weights**2))
    return float(np.sum((weights @ basis) ** 2)) / whole if whole > 0 else 0.0


def scaled_norm(weights: Array) -> float:
    """‖W‖_F/√m for W (m x d): about 1 for rows drawn from N(0, I_d/d)."""
    return math.sqrt(float(np.sum(weights**2)) / len(weights))


def perpendicular_norm(weights: Array, basis: Array) -> float:
    """‖W_⊥‖_F/√m, W_⊥ the rows of W (m x d) projected on the complement of the columns of `basis`.

    Guarantee: numerical.

    Example:
        >>> perpendicular_norm(np.array([[3.0, 4.0]]), principal_basis(Target.from_expression("z1**2"), 2))
        4.0
    """
    return scaled_norm(weights - (weights @ basis) @ basis.T)
