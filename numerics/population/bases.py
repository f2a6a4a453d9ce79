"""Orthonormal bases that are alike on every machine: LAPACK may flip signs and turn degenerate spaces, these do not."""

import numpy as np

from steinlab.numerics.types import Array

__all__ = ["RANK_TOLERANCE", "basis_of_span", "gram_schmidt", "leading_basis"]

RANK_TOLERANCE = 1e-12
"""Rows whose part outside the span of those before them is below this share of their length add no dimension."""
# An axis whose projection has this share of the longest one's square may be the next pivot. Lengths that symmetry makes equal are
# then not told apart by rounding, and no ratio of small integers lies here.
_PIVOT_SHARE = 0.3141592653589793


def gram_schmidt(rows: Array) -> tuple[Array, Array]:
    """Lower triangular L (up to rows that add no dimension) and orthonormal rows Q with rows = L Q, the diagonal positive.

    Unique, unlike LAPACK's QR. The rows are taken in their order; one within rounding of the span of those before adds nothing.

    Guarantee: numerical, to rounding (each row is orthogonalised twice).

    Example:
        >>> lower, basis = gram_schmidt(np.array([[0.0, -2.0], [0.0, 1.0], [3.0, 1.0]]))
        >>> basis.tolist(), lower.tolist()
        ([[0.0, -1.0], [1.0, 0.0]], [[2.0, 0.0], [-1.0, 0.0], [-1.0, 3.0]])
    """
    basis: list[Array] = []
    lower = np.zeros((len(rows), min(rows.shape)))
    for index, row in enumerate(rows):
        rest = np.array(row, float)
        for _ in range(2):  # twice, so that rounding does not spoil orthogonality
            for i, unit in enumerate(basis):
                share = float(unit @ rest)
                lower[index, i] += share
                rest = rest - share * unit
        length = float(np.linalg.norm(rest))
        if length > RANK_TOLERANCE * max(float(np.linalg.norm(row)), 1e-300) and len(basis) < lower.shape[1]:
            lower[index, len(basis)] = length
            basis.append(rest / length)
    return lower[:, : len(basis)], np.array(basis).reshape(len(basis), rows.shape[1])


def basis_of_span(rows: Array) -> Array:
    """Orthonormal rows that span what `rows` span, as `gram_schmidt` finds them; rows may depend on each other or be zero.

    Example:
        >>> basis_of_span(np.array([[-3.0, 4.0], [6.0, -8.0]])).tolist()
        [[-0.6, 0.8]]
    """
    return gram_schmidt(rows)[1]


def leading_basis(rows: Array, k: int) -> Array:
    """k orthonormal rows in the span of the orthonormal `rows` (r x d), the same whatever orthonormal rows span it.

    The projections of the axes onto the span are canonical; they are orthogonalised in turn, the first axis that is long enough
    in what is left of the span. Guarantee: numerical, to rounding.

    Example:
        >>> turned = np.array([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0]])
        >>> leading_basis(turned, 1).round(12) + 0.0
        array([[1., 0., 0.]])
    """
    rest = np.array(rows, float)  # column j holds the projection of axis j, in the coordinates of `rows`
    chosen: list[Array] = []
    for _ in range(k):
        squares = np.sum(rest**2, axis=0)
        pivot = int(np.argmax(squares >= _PIVOT_SHARE * squares.max()))
        unit = rest[:, pivot] / np.sqrt(squares[pivot])
        for _ in range(2):
            rest = rest - np.outer(unit, unit @ rest)
        chosen.append(unit)
    return np.array(chosen).reshape(k, len(rows)) @ rows
