"""Eigenvalues of symmetric matrices of balls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from flint import acb, acb_mat, arb

SWEEPS = 10
"""How often every pair of coordinates is rotated where eigenvalues repeat."""


def enclosed_eigenvalues(balls: Sequence[Sequence[arb]]) -> list[arb]:
    """Enclosures of the eigenvalues of every symmetric matrix in the balls, rising, repeated by multiplicity. Kind: certified.

    >>> [x.contains(value) for x, value in zip(enclosed_eigenvalues([[arb(0), arb(2)], [arb(2), arb(0)]]), (-2, 2))]
    [True, True]
    """
    size = len(balls)
    if all(balls[i][j].is_zero() for i in range(size) for j in range(size) if i != j):
        found = [balls[i][i] for i in range(size)]
    else:
        try:  # symmetric matrices have real eigenvalues: the imaginary parts are only the radius of the balls
            found = [x.real for x in acb_mat([[acb(x) for x in row] for row in balls]).eig(multiple=True)]
        except ValueError:  # eigenvalues that the balls do not tell apart
            found = rotated_eigenvalues(balls)
    return sorted(found, key=lambda x: float(x.mid()))


def rotated_eigenvalues(balls: Sequence[Sequence[arb]]) -> list[arb]:
    """Enclosures of the eigenvalues of a symmetric matrix, repeated ones too, by Jacobi's rotations of the balls.

    A rotation by a rational tangent t, with c = 1/√(1 + t²) and s = t c as balls, holds the turned matrix. By Weyl's inequality
    the i-th eigenvalue is as far from the i-th diagonal entry as the norm of what stands beside the diagonal at most. Kind:
    certified.
    """
    a = [list(row) for row in balls]
    size = len(a)
    for p, q in [*combinations(range(size), 2)] * SWEEPS:
        if not a[p][q].is_finite() or a[p][q].contains(0):
            continue
        slope = (a[q][q] - a[p][p]) / (2 * a[p][q])
        side = -1 if slope < 0 else 1
        t = (side / (abs(slope) + (slope * slope + 1).sqrt())).mid()
        if not t.is_finite():
            continue
        c = 1 / (1 + t * t).sqrt()
        s = t * c
        for row in a:
            row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
        a[p], a[q] = (
            [c * x - s * y for x, y in zip(a[p], a[q], strict=True)],
            [s * x + c * y for x, y in zip(a[p], a[q], strict=True)],
        )
    beside = sum((a[i][j].abs_upper() ** 2 for i in range(size) for j in range(size) if i != j), arb(0)).sqrt().upper()
    widest = max((a[i][i].rad() for i in range(size)), key=float)
    return [arb(x.mid(), (beside + widest).upper()) for x in (a[i][i] for i in range(size))]
