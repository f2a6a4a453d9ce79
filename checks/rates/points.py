"""The runs at each point as a logarithm with its variance: what every regression of rates starts from.

All arrays may carry leading axes, one entry for each of many data sets of the same shape.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
ROUNDING = 1e-12
"""Relative error that a measured mean is never trusted below: numbers without noise have rounding errors."""


class Estimand(StrEnum):
    """Of what the exponent is. MEAN: the arithmetic mean over runs, which summaries print and theorems bound; GEOMETRIC: the
    exponential of the mean logarithm. Where the spread changes along x the two have different exponents."""

    MEAN = "mean"
    GEOMETRIC = "geometric"


@dataclass(frozen=True)
class Points:
    """p points. `value` (..., p): the logarithm of the mean, or the mean logarithm; `variance` its estimated variance, each from
    the runs at its own point alone; `correlation` (..., p, p) between points that share runs; `counts` (p,) of runs.

    Points that share runs make a block: `blocks` (b, p) has a one where a point belongs to a block, `freedom` (b,) is the degrees
    of freedom of a variance estimated within it.
    """

    estimand: Estimand
    value: Array
    variance: Array
    correlation: Array
    counts: Array
    blocks: Array
    freedom: Array
    spread: Array
    """(..., p): the squared coefficient of variation of the runs (of the logarithms: their variance), with n - 1."""

    @classmethod
    def of(
        cls, runs: Sequence[Array], estimand: Estimand = Estimand.MEAN, labels: Sequence[Sequence[Hashable]] | None = None
    ) -> Points:
        """From the runs at each point, arrays (..., s_i) with s_i >= 2. `labels`, one for each run: runs of one label at
        different points may depend on each other (one seed, shared data); None: all runs are independent.

        The means must be positive, and for GEOMETRIC the runs. The variance of log(mean) is the larger one of the delta method's
        and of the one that holds for log-normal runs (Cox): among few skewed runs the large ones are often missing, the mean and
        its delta variance are then too low together, and the spread of the logarithms tells.
        """
        counts = np.array([run.shape[-1] for run in runs], dtype=float)
        if estimand is Estimand.GEOMETRIC:
            used = [np.log(run) for run in runs]
            value = np.stack([run.mean(-1) for run in used], -1)
            spread = np.stack([run.var(-1, ddof=1) for run in used], -1)
            variance = spread / counts
        else:
            means = [run.mean(-1, keepdims=True) for run in runs]
            used = [run / mean for run, mean in zip(runs, means, strict=True)]
            value = np.log(np.concatenate(means, -1))
            spread = np.stack([run.var(-1, ddof=1) for run in used], -1)
            logarithmic = np.stack([_variance_of_logarithms(run) for run in used], -1)
            variance = np.maximum(spread / counts, logarithmic / counts + logarithmic**2 / 2 / (counts - 1))
        correlation, blocks = _dependence(used, labels)
        freedom = np.array([counts[block > 0].min() - 1 for block in blocks])
        return cls(estimand, value, variance + ROUNDING**2, correlation, counts, blocks, freedom, spread)

    def divided_by(self, logarithms: Array) -> Points:
        """The same runs divided by numbers that are known, one for each point: `logarithms` are theirs."""
        return replace(self, value=self.value - logarithms)

    def contrast(self, weights: Array, variance: Array | None = None) -> tuple[Array, Array]:
        """The variance of Σ weights_i value_i, and Satterthwaite's degrees of freedom for it."""
        scaled = weights * np.sqrt(self.variance if variance is None else variance)
        parts = np.maximum((scaled * np.einsum("...ij,...j->...i", self.correlation, scaled)) @ self.blocks.T, 0)
        total = parts.sum(-1)
        return total, total**2 / (parts**2 / self.freedom).sum(-1)


def _variance_of_logarithms(run: Array) -> Array:
    """Of runs that are all positive; 0, which adds nothing, where one is not."""
    positive = (run > 0).all(-1)
    return np.where(positive, np.log(np.where(run > 0, run, 1.0)).var(-1, ddof=1), 0.0)


def _dependence(used: Sequence[Array], labels: Sequence[Sequence[Hashable]] | None) -> tuple[Array, Array]:
    """The correlation matrix of the points' means, and the blocks of points that share labels."""
    size = len(used)
    if labels is None:
        return np.eye(size), np.eye(size)
    places = {label: i for i, label in enumerate(dict.fromkeys(label for point in labels for label in point))}
    deviations = np.zeros((*used[0].shape[:-1], size, len(places)))
    for i, (run, point) in enumerate(zip(used, labels, strict=True)):
        around = run - run.mean(-1, keepdims=True)
        norm = np.sqrt((around**2).sum(-1, keepdims=True))
        deviations[..., i, [places[label] for label in point]] = around / np.where(norm > 0, norm, 1.0)
    correlation = deviations @ np.swapaxes(deviations, -1, -2)
    correlation[..., np.arange(size), np.arange(size)] = 1.0
    groups: list[set[int]] = []
    for label in places:
        joined = {i for i, point in enumerate(labels) if label in point}
        apart = [group for group in groups if not group & joined]
        groups = [*apart, joined.union(*(group for group in groups if group & joined))]
    return correlation, np.array([[float(i in group) for i in range(size)] for group in sorted(groups, key=min)])
