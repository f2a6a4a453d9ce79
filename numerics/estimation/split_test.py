"""How many directions a matrix of moments has at least: the directions of one half of the data, tested on the other.

A bulk edge, a permutation test or a test of each direction by itself would be wrong here: E[y² z²] > 2 E[y²] makes outliers
without H, and the second direction of a half leaks onto its first. Hence each further direction is tested by a Schur complement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.linalg

from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.estimation.intervals import ONE_SIDED
from steinlab.numerics.types import AnyArray, Array

__all__ = ["MOST_DIRECTIONS", "SplitTest", "Weights", "leading", "leading_cost", "moments", "split_test"]

MOST_DIRECTIONS = 20
"""Directions that are looked for at most."""

Weights: TypeAlias = Callable[[Array, Array], Array]
"""(labels of the rows that it is made on, labels) ↦ one row of weights T for each of the labels (q x n)."""


def leading(matrix: Array, most: int) -> tuple[Array, Array, Array]:
    """Orthonormal columns u_k, singular values, orthonormal columns w_k: the `most` largest, of a matrix that is square or wide.

    From the square of the matrix, since few are wanted and none needs more than half of the digits.
    """
    size = len(matrix)
    squares, left = scipy.linalg.eigh(matrix @ matrix.T, subset_by_index=(size - min(most, size), size - 1))
    left, values = left[:, ::-1], np.sqrt(np.maximum(squares[::-1], 0.0))
    return left, values, matrix.T @ left / np.where(values > 0, values, np.inf)


def leading_cost(d: int, linear: bool) -> float:
    """Multiplications of `leading`, roughly."""
    return (6.0 if linear else 4.0) * d**3


@dataclass(frozen=True, eq=False)
class SplitTest:
    """`scores`: for each direction tested the mean over both halves of its t; the last of them did not pass, if there is one.

    `count`: how many passed. `overlap`: for each number k of directions up to those tested, the mean singular value of V_Aᵀ V_B,
    V_A and V_B the first k of each half. `spread`: the same k, the largest variance of what was averaged along one of them.
    """

    level: float
    scores: tuple[float, ...]
    overlap: tuple[float, ...]
    spread: tuple[float, ...]

    @property
    def count(self) -> int:
        """Directions that are claimed: at least so many."""
        return next((k for k, score in enumerate(self.scores) if score <= self.level), len(self.scores))

    @property
    def alignment(self) -> float | None:
        """cos² between the directions found and those of all the data, about: 1/(1 + (1 - κ)/(2κ)), κ the overlap."""
        return None if not self.count else 1 / (1 + (1 / max(self.overlap[self.count - 1], 1e-12) - 1) / 2)


def moments(data: DataSet, rows: AnyArray | None, T: Array, linear: bool) -> Array:
    """G = [2 c_1, H_1, ..., 2 c_q, H_q] of rows (None: all) with weights T (q x rows).

    c_t = mean T_t x, H_t = mean T_t (x xᵀ - I); without the c_t unless `linear`. Its range is the span of the directions that the
    weights see.
    """
    d, q = data.d, len(T)
    c, H = np.zeros((q, d)), np.zeros((q, d, d))
    done = 0
    for _, x in data.blocks(rows, cost=q * d * d):
        weights = T[:, done : done + len(x)]
        done += len(x)
        c += weights @ x
        for t in range(q):
            H[t] += x.T @ (weights[t][:, None] * x)
    c, H = c / done, (H - T.sum(axis=1)[:, None, None] * np.eye(d)) / done
    blocks = [block for t in range(q) for block in ([2 * c[t][:, None], H[t]] if linear else [H[t]])]
    return np.hstack(blocks)


def split_test(data: DataSet, weights: Weights, *, linear: bool, seed: int, level: float = ONE_SIDED) -> SplitTest:
    """Test the directions of each half on the other, in the order of their singular values, until one does not pass.

    Statement: at most 5% of samples claim more directions than E G has, asymptotically; a direction of E G is found where its
    singular value stands out of the noise. Guarantee: numerical, with the rates of the study `estimate-calibration`.
    """
    a, b = data.halves(seed)
    most = min(data.d, MOST_DIRECTIONS)
    sides = [_Side(data, train, test, weights, linear, most) for train, test in ((a, b), (b, a))]
    scores: list[float] = []
    overlap: list[float] = []
    spread: list[float] = []
    for k in range(most):
        scores.append(sum(side.score(k) for side in sides) / 2)
        common = np.linalg.svd(sides[0].left[:, : k + 1].T @ sides[1].left[:, : k + 1], compute_uv=False)
        overlap.append(float(common.mean()))
        spread.append(max([side.spread(k) for side in sides] + spread[-1:]))
        if not scores[-1] > level:
            break
    return SplitTest(level, tuple(scores), tuple(overlap), tuple(spread))


class _Side:
    """Directions u_k, w_k from one half, and u_kᵀ g_i w_l for the rows of the other: (u_k·x_i) b_l,i - Σ_t T_t,i c_t."""

    def __init__(self, data: DataSet, train: AnyArray, test: AnyArray, weights: Weights, linear: bool, most: int) -> None:
        d = data.d
        self.left, _, right = leading(moments(data, train, weights(data.y[train], data.y[train]), linear), most)
        data.progress(leading_cost(d, linear))
        self.T = weights(data.y[train], data.y[test])
        parts: Sequence[Array] = np.split(right, len(self.T))
        slopes = [2 * part[0] if linear else np.zeros(right.shape[1]) for part in parts]
        squares = [part[1:] if linear else part for part in parts]
        self.constants = [self.left.T @ square for square in squares]
        self.along, self.across = np.empty((len(test), most)), np.zeros((len(test), most))
        done = 0
        for _, x in data.blocks(test, cost=(1 + len(self.T)) * d * most):
            rows = slice(done, done + len(x))
            done += len(x)
            self.along[rows] = x @ self.left
            for t, (slope, square) in enumerate(zip(slopes, squares, strict=True)):
                self.across[rows] += self.T[t, rows, None] * (slope + x @ square)
        self.size = done
        self.means = self.along.T @ self.across / done - sum(T.mean() * c for T, c in zip(self.T, self.constants, strict=True))

    def _values(self, left: Array, right: Array) -> Array:
        """uᵀ g_i w for u = Σ left_k u_k, w = Σ right_k w_k."""
        constants = np.array([left @ c[: len(left), : len(right)] @ right for c in self.constants])
        product: Array = (self.along[:, : len(left)] @ left) * (self.across[:, : len(right)] @ right) - constants @ self.T
        return product

    def spread(self, k: int) -> float:
        """The variance of u_kᵀ g_i w_k."""
        unit = np.eye(k + 1)[k]
        return float(self._values(unit, unit).var())

    def score(self, k: int) -> float:
        """t of the Schur complement of the first k directions in the next, with what the estimate loses on average put back."""
        inner, column, row = self.means[:k, :k], self.means[:k, k], self.means[k, :k]
        try:
            left = np.append(-np.linalg.solve(inner.T, row), 1.0)
            right = np.append(-np.linalg.solve(inner, column), 1.0)
            inverse = np.linalg.inv(inner)
        except np.linalg.LinAlgError:
            return 0.0
        q = self._values(left, right)
        estimate = float(q.mean())
        if k:
            unit = np.eye(k)
            lost = np.array([self._values(unit[i], right) for i in range(k)])
            gone = np.array([self._values(left, unit[i]) for i in range(k)])
            covariance = (lost - lost.mean(axis=1)[:, None]) @ (gone - gone.mean(axis=1)[:, None]).T / self.size
            estimate += float(np.sum(inverse.T * covariance)) / self.size
        error = float(q.std()) / math.sqrt(self.size)
        return estimate / error if error > 0 else 0.0
