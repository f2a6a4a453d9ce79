"""All that is estimated from data, pass after pass: normality of the inputs first, then moments, energies, directions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steinlab.numerics.checked import check_flag
from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.estimation.directions import Directions, dimension_directions, direction_cost, hessian_directions
from steinlab.numerics.estimation.energies import DEGREES, ENTRY_LEVEL, Energy, energies, energy_cost
from steinlab.numerics.estimation.intervals import Estimated, kurtosis, mean_of, variance_of
from steinlab.numerics.estimation.normality import Deviation, deviations
from steinlab.numerics.limits import one_blas_thread, require_work
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError

__all__ = ["Facts", "estimated_work", "measure"]

FARTHER = {
    True: "Whitening does not change the shape of a distribution: transform the columns, or draw inputs from N(0, I)",
    False: "Scale and shift the columns to mean 0 and variance 1, or whiten; facts about f* suppose x ~ N(0, I)",
}


@dataclass(frozen=True, eq=False)
class Facts:
    """What n rows in dimension d say of f*, where x ~ N(0, I_d) and y = f*(x) + noise of mean 0 given x.

    `entry`: the least k such that "the information exponent is at most k" is claimed, None where none of 1, 2, 3 is.
    """

    n: int
    d: int
    seed: int
    whitened: bool
    normality: tuple[Deviation, ...]
    mean: Estimated
    variance: Estimated
    kurtosis: float
    energies: dict[int, Energy]
    rank: Directions
    dimension: Directions

    @property
    def entry(self) -> int | None:
        return next((k for k in DEGREES if self.energies[k].score > ENTRY_LEVEL), None)


def measure(
    X: ArrayLike,
    y: ArrayLike,
    *,
    whiten: bool = False,
    seed: int = 0,
    progress: Callable[[float, float], None] | None = None,
) -> Facts:
    """Estimate everything from X (n x d) and y (n).

    Args:
        X: the inputs, supposed to be drawn from N(0, I_d).
        y: the labels.
        whiten: give the inputs sample mean 0 and sample covariance I first; facts are then about f* in these coordinates.
        seed: any integer; it decides how the rows are halved.
        progress: told the work done since the last call and all of it, in multiplications.

    Raises:
        InputError: the arrays are not usable, the work is beyond `require_work`, or the inputs are clearly not standard normal.

    Guarantee: numerical; a function of its arguments, to the bit on one machine (BLAS is held to one thread).
    """
    generator(seed)  # refuses what is no seed before any work
    whiten = check_flag("whiten", whiten)
    total = 0.0

    def advance(work: float) -> None:
        if progress is not None and work:
            progress(work, total)

    data = DataSet.of(X, y, advance)
    total = estimated_work(data.n, data.d)
    require_work(total, f"estimating from {data.n} rows of dimension {data.d}", "give fewer rows or columns")
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        if whiten:
            data = data.whitened()
        normality = deviations(data)
        _refuse(normality, whiten)
        return Facts(
            n=data.n,
            d=data.d,
            seed=int(seed),
            whitened=whiten,
            normality=normality,
            mean=mean_of(data.y),
            variance=variance_of(data.y),
            kurtosis=kurtosis(data.y),
            energies=energies(data),
            rank=hessian_directions(data, seed),
            dimension=dimension_directions(data, seed),
        )


def estimated_work(n: int, d: int) -> float:
    """Multiplications that `measure` makes, roughly."""
    return 2.0 * n * d * d + energy_cost(n, d) + direction_cost(n, d)


def _refuse(normality: tuple[Deviation, ...], whitened: bool) -> None:
    """Raises InputError for a deviation that is neither chance nor small."""
    clear = [f"{found.what}: {found.size:.2g} (by chance: p = {found.p:.1g})" for found in normality if not found.small]
    if clear:
        raise InputError(f"X is clearly not standard normal; {'; '.join(clear)}. {FARTHER[whitened]}")
