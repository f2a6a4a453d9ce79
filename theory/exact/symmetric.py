"""Symmetric maps over a number field, exactly, and the eigenvalues of symmetric matrices of balls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import combinations, count

from flint import acb, acb_mat, arb

from steinlab.theory.exact.linear_algebra import (
    Matrix,
    characteristic_polynomial,
    inverse,
    multiply,
    rank,
    row_echelon,
    transpose,
)
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.univariate import RealRoot, all_real_roots
from steinlab.theory.verdicts import Decided

SWEEPS = 10
"""How often every pair of coordinates is rotated where eigenvalues repeat."""


class ExactMap:
    """A linear map of R^n that is symmetric for the inner product of `gram` (None: the identity), by its bilinear `form`.

    `matrix` holds the form in the coordinates that it was written in, which need not be these. Kind: exact; eigenvalues that are
    neither rational nor quadratic are certified enclosures of any accuracy.

    >>> one, two = Number.of(1), Number.of(2)
    >>> form = ((one, two), (two, one))
    >>> h = ExactMap(form, form)
    >>> h.rank.value, [str(x) for x in h.eigenvalues(53)]
    (2, ['-1', '3'])
    """

    relative_bits = 60

    def __init__(self, matrix: Matrix, form: Matrix, gram: Matrix | None = None) -> None:
        self.matrix, self.form, self.gram = matrix, form, gram

    @property
    def accuracies(self) -> Iterable[int]:
        return (96 << doubled for doubled in count())

    @cached_property
    def operator(self) -> Matrix:
        """The map itself: G^{-1} times the form."""
        return self.form if self.gram is None else multiply(inverse(self.gram), self.form)

    @cached_property
    def rank(self) -> Decided:
        return Decided.exact(rank(self.form), "exact row reduction")

    @cached_property
    def range(self) -> Matrix:
        return row_echelon(transpose(self.operator, len(self.operator)))[0]

    @cached_property
    def roots(self) -> tuple[RealRoot, ...]:
        """The eigenvalues, rising, each repeated by its multiplicity; zeros are exact."""
        a = self.operator
        if all(not x for i, row in enumerate(a) for j, x in enumerate(row) if i != j):
            diagonal = sorted(row[i] for i, row in enumerate(a))
            return tuple(RealRoot((-x, Number.of(1)), 0, x) for x in diagonal)
        return tuple(all_real_roots(characteristic_polynomial(a)))

    def eigenvalues(self, _bits: int) -> tuple[RealRoot, ...]:
        """Each can be had to any accuracy."""
        return self.roots


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
