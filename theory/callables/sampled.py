"""Gaussian expectations of a function that is seen at points only: in floats, with errors that were estimated.

Up to three variables the product rule of Gauss and Hermite, whose error is read off changes of its order; up to ten variables
scrambled Sobol sequences, whose error is read off independent scramblings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from itertools import product as cartesian
from math import prod
from typing import TypeAlias

import numpy as np
import scipy.special
import scipy.stats
from numpy.typing import NDArray

from steinlab.theory.exact.multi_indices import multi_indices

Array: TypeAlias = NDArray[np.float64]
Function: TypeAlias = Callable[[Array], Array]
"""Values (n) at the rows of an array (n x r)."""

MOST_VARIABLES = 10
GAUSS_VARIABLES = 3
"""Up to so many variables a product rule is used."""
ORDERS = {1: 256, 2: 128, 3: 48}
"""Points of the product rule along each variable."""
SCRAMBLINGS = 16
SOBOL_BITS = 13
"""log2 of the points of one scrambling; each is taken with both signs."""
MOST_EFFORT = 64
"""What the number of points is multiplied by at most."""
SAFETY = 3.0
"""What a change between orders is multiplied by: the change itself covers 90% to 100%, three times it 99%."""
ROUNDING = 2.0**-44
"""Rounding error of a sum, relative to the sum of sizes."""
MISSED = 0.01
"""The chance that one of all intervals of the sequences misses (Student's t, shared by Bonferroni)."""


@dataclass(frozen=True)
class HermiteMeans:
    """E[f He_α] for |α| <= degree, by α, and E f²: each (value, error), the interval value ± error holding it, about 99%."""

    coefficients: dict[tuple[int, ...], tuple[float, float]]
    second_moment: tuple[float, float]
    rule: str

    @property
    def mean(self) -> tuple[float, float]:
        """E f."""
        return next(found for alpha, found in self.coefficients.items() if not any(alpha))


def hermite_means(f: Function, size: int, degree: int, effort: int = 1) -> HermiteMeans:
    """The coefficients of f up to a degree, z ~ N(0, I_size), size <= 10. Kind: numerical.

    >>> means = hermite_means(lambda z: z[:, 0] ** 2 * z[:, 1], 2, 3)
    >>> [round(means.coefficients[alpha][0], 9) for alpha in ((0, 1), (2, 1))]
    [1.0, 2.0]
    """
    if size <= GAUSS_VARIABLES:
        return _gauss(f, size, degree, effort)
    return _sobol(f, size, degree, effort)


def _gauss(f: Function, size: int, degree: int, effort: int) -> HermiteMeans:
    order = int(ORDERS[size] * min(effort, MOST_EFFORT) ** (1 / size))
    (best, scale), *others = (_product_rule(f, size, degree, m) for m in (order, order - 1, order // 2))
    change = reduce(np.maximum, (np.abs(best - other) for other, _ in others))
    error = SAFETY * change + ROUNDING * scale
    indices = [alpha for alpha in cartesian(range(degree + 1), repeat=size) if sum(alpha) <= degree]
    found = {alpha: (float(best[alpha]), float(error[alpha])) for alpha in indices}
    second = (float(best.flat[-1]), float(error.flat[-1]))
    return HermiteMeans(found, second, f"Gauss-Hermite rule of order {order}")


def _product_rule(f: Function, size: int, degree: int, order: int) -> tuple[Array, Array]:
    """E[f He_α] for α <= degree + 1 in each variable, and the sums of sizes; in the last place E f²."""
    nodes, weights = scipy.special.roots_hermitenorm(order)
    weights = weights / weights.sum()
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*[nodes] * size, indexing="ij")], axis=1)
    values = f(grid).reshape((order,) * size)
    rows = weights * np.stack([scipy.special.eval_hermitenorm(k, nodes) for k in range(degree + 2)])
    found = []
    for table, at in ((rows, values), (np.abs(rows), np.abs(values))):
        for _ in range(size):  # each contraction takes the first variable and puts its degree last
            at = np.tensordot(at, table, axes=(0, 1))
        found.append(at)
    square = values**2
    for _ in range(size):
        square = np.tensordot(square, weights, axes=(0, 0))
    for at in found:
        at.flat[-1] = float(square)
    return found[0], found[1]


def _sobol(f: Function, size: int, degree: int, effort: int) -> HermiteMeans:
    bits = SOBOL_BITS + min(effort, MOST_EFFORT).bit_length() - 1
    indices = [alpha for k in range(degree + 1) for alpha in multi_indices(size, k)]
    means = np.empty((SCRAMBLINGS, len(indices) + 1))
    scale = np.zeros(len(indices) + 1)
    for s in range(SCRAMBLINGS):
        sequence = scipy.stats.qmc.Sobol(size, scramble=True, bits=60, seed=np.random.default_rng(s))
        z = scipy.special.ndtri(np.clip(sequence.random_base2(bits), 2.0**-60, 1 - 2.0**-53))
        above, below = f(z), f(-z)
        parts = ((above + below) / 2, (above - below) / 2)  # what parity makes zero is zero
        powers = np.stack([scipy.special.eval_hermitenorm(k, z) for k in range(degree + 1)])
        for i, alpha in enumerate(indices):
            terms = parts[sum(alpha) % 2] * prod((powers[k, :, j] for j, k in enumerate(alpha) if k), start=1.0)
            means[s, i] = terms.mean()
            scale[i] = max(scale[i], float(np.abs(terms).mean()))
        means[s, -1] = (above**2 + below**2).mean() / 2
    quantile = float(scipy.stats.t.isf(MISSED / (2 * means.shape[1]), SCRAMBLINGS - 1))
    values = means.mean(axis=0)
    errors = quantile * means.std(axis=0, ddof=1) / np.sqrt(SCRAMBLINGS) + ROUNDING * scale
    found = {alpha: (float(values[i]), float(errors[i])) for i, alpha in enumerate(indices)}
    rule = f"{SCRAMBLINGS} scrambled Sobol sequences of 2^{bits} points and their opposites"
    return HermiteMeans(found, (float(values[-1]), float(errors[-1])), rule)
