"""The rank of H = E[∇²f*] and the number of directions that y depends on, at least, with the subspaces found."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.estimation.intervals import HALF_SIDED, ONE_SIDED
from steinlab.numerics.estimation.split_test import MOST_DIRECTIONS, SplitTest, leading, leading_cost, moments, split_test
from steinlab.numerics.types import Array

__all__ = [
    "Directions",
    "bounded_scores",
    "centred_labels",
    "dimension_directions",
    "direction_cost",
    "goe_quantile",
    "hessian_directions",
]

GOE_QUANTILES = (ONE_SIDED, 2.30, 2.76, 3.16)
"""95% quantiles of the largest eigenvalue of symmetric Gaussian matrices of size 1 to 4, variance 1 on the diagonal, 1/2 off."""
_EIGENVALUES = 10.0
"""Multiplications for all eigenvalues and eigenvectors, in units of d³."""


@dataclass(frozen=True, eq=False)
class Directions:
    """The directions found by a split test, the `lower` first ones claimed; `basis` has them as orthonormal rows.

    `values`: the leading singular values of the moments of all data, in falling order; of H, its eigenvalues by size, with signs.
    `further`: bound on |the next eigenvalue| of H, at 95%; None where it is not of H or none is left.
    """

    test: SplitTest
    basis: Array
    values: Array
    further: float | None

    @property
    def lower(self) -> int:
        return self.test.count


def centred_labels(made_on: Array, y: Array) -> Array:
    """One weight: y less its mean over the same rows, whatever rows it is made on."""
    return np.asarray(y - y.mean())[None, :]


def bounded_scores(made_on: Array, y: Array) -> Array:
    """T1 = √12 (F - 1/2) and T2 = √180 ((F - 1/2)² - 1/12), F the empirical law of `made_on` at y (ties in the middle), centred.

    They are bounded, so heavy tails do no harm, and between them see what moves the law of y up or down or spreads it.

    Example:
        >>> bounded_scores(np.arange(4.0), np.arange(4.0))[0].round(3)
        array([-1.299, -0.433,  0.433,  1.299])
    """
    rising = np.sort(made_on)

    def scores(at: Array) -> Array:
        below, upto = np.searchsorted(rising, at, "left"), np.searchsorted(rising, at, "right")
        u = (below + upto) / (2 * len(rising)) - 0.5
        return np.array([math.sqrt(12) * u, math.sqrt(180) * (u * u - 1 / 12)])

    shift = scores(made_on).mean(axis=1)
    return np.asarray(scores(y) - shift[:, None])


def hessian_directions(data: DataSet, seed: int) -> Directions:
    """rank H >= k, from ỹ (x xᵀ - I), whose expectation is H: Stein's identity."""
    test = split_test(data, centred_labels, linear=False, seed=seed)
    y = data.centred
    H = moments(data, None, y[None, :], False)
    values, vectors = np.linalg.eigh(H)
    data.progress(_EIGENVALUES * data.d**3)
    order = np.argsort(-np.abs(values), kind="stable")
    k = test.count
    further = None
    if k < data.d:
        spread = max(2 * float((y * y).mean()), test.spread[min(k, len(test.spread) - 1)])
        further = float(abs(values[order[k]])) + goe_quantile(k + 1) * math.sqrt(spread / data.n)
    return Directions(test, vectors[:, order[:k]].T, values[order][:MOST_DIRECTIONS], further)


def dimension_directions(data: DataSet, seed: int) -> Directions:
    """dim S* >= k, from the means of T(y) x and T(y) (x xᵀ - I) with two bounded T.

    Hypothesis: given its projection on S*, x says nothing of the noise. At 2.5%: the rank of H bounds the dimension as well.
    """
    test = split_test(data, bounded_scores, linear=True, seed=seed, level=HALF_SIDED)
    left, values, _ = leading(moments(data, None, bounded_scores(data.y, data.y), True), MOST_DIRECTIONS)
    data.progress(leading_cost(data.d, True))
    return Directions(test, left[:, : test.count].T, values, None)


def goe_quantile(size: int) -> float:
    """95% quantile of the largest eigenvalue of a Gaussian symmetric matrix of this size, or a bound on it beyond 4.

    The bound: its expectation is at most √(2 size), and it is a 1-Lipschitz function of independent N(0, 1).

    Example:
        >>> goe_quantile(2)
        2.3
    """
    return GOE_QUANTILES[size - 1] if size <= len(GOE_QUANTILES) else math.sqrt(2 * size) + math.sqrt(2 * math.log(20))


def direction_cost(n: int, d: int) -> float:
    """Multiplications that both tests make, roughly."""
    passes = n * (6.0 * d * d + 5 * min(d, MOST_DIRECTIONS) * d)
    return passes + 2 * leading_cost(d, False) + 3 * leading_cost(d, True) + _EIGENVALUES * d**3
