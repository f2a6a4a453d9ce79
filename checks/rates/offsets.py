"""Offset laws A (x + c)^p with c >= 0: what a claim about large x allows at the sizes that were run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steinlab.checks.rates.points import Array, Points
from steinlab.checks.rates.regression import quantile

_STEPS = 200
_REACH = 1e4
"""The offsets that are tried go from 1/_REACH times the smallest size to _REACH times the largest."""


@dataclass(frozen=True)
class OffsetLaw:
    """The law A (x + c)^predicted nearest to the points, and how far beyond it they lie.

    `offset` is c, infinite where only a constant is near. `excess` is the part of log(x + c) that the law leaves in the
    points, in standard errors, with its degrees of freedom: positive where they grow faster, or fall more slowly, than any
    such law bends.
    """

    offset: Array
    excess: Array
    freedom: Array

    def rejected(self, confidence: float) -> Array:
        """1 where the points lie above every such law (their slope is larger), -1 below, 0 where the law fits."""
        beyond = np.abs(self.excess) > quantile(self.freedom, confidence)
        return np.where(beyond, np.sign(self.excess), 0.0)


def nearest_offset_law(
    points: Points, x: Array, predicted: float, columns: Callable[[Array], tuple[Array, Array]] | None = None
) -> OffsetLaw:
    """Least squares over c >= 0 and what else is free, on logarithmic axes, then the score of the exponent at the law found.

    `columns` takes log(x + c), a row for each c, to the known part of the law and the design of its free coefficients (c, p, k);
    by default predicted times log(x + c), and a constant. The score is a weighted sum of residuals, orthogonal to what the
    coefficients and c can still change, so that it has mean zero if the law is true, and power against (x + c)^q with q ≠
    predicted. Its variance is that of the points, each from its own runs.
    """
    law = columns or (lambda shifted: (predicted * shifted, np.ones((*shifted.shape, 1))))
    offsets = np.concatenate([[0.0], np.geomspace(x.min() / _REACH, x.max() * _REACH, _STEPS)])
    root = np.sqrt(points.counts / points.counts.sum())
    known, design = law(np.log(x + offsets[:, None]))
    basis = np.linalg.qr(root[:, None] * design)[0]
    residuals = (root * points.value)[..., None, :] - root * known
    residuals = residuals - np.einsum("cpk,cqk,...cq->...cp", basis, basis, residuals, optimize=True)
    best = np.argmin((residuals**2).sum(-1), axis=-1)
    residuals = np.take_along_axis(residuals, best[..., None, None], axis=-2)[..., 0, :]
    used, place = np.unique(best, return_inverse=True)
    directions = np.stack([_score(x, float(offsets[i]), i == len(offsets) - 1, basis[i], root) for i in used])
    directions = directions[place.reshape(best.shape)]
    variance, freedom = points.contrast(directions * root)
    excess = (directions * residuals).sum(-1) / np.sqrt(variance)
    return OffsetLaw(np.where(best == len(offsets) - 1, np.inf, offsets[best]), excess, freedom)


def _score(x: Array, offset: float, last: bool, basis: Array, root: Array) -> Array:
    """log(x + c) less what the coefficients can change and, where c is free to move both ways, its own slope 1/(x + c)."""
    target: Array = root * (np.log(x) if last else np.log(x + offset))
    target = target - basis @ (basis.T @ target)
    if offset == 0 or last:
        return target
    slope = root / (1 + x / offset)
    slope = slope - basis @ (basis.T @ slope)
    return target - slope * (slope @ target) / (slope @ slope)
