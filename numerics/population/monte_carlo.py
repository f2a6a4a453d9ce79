"""Means over fresh samples, with their standard errors."""

import math
from typing import Any

import numpy as np
import scipy.special
from numpy.typing import NDArray

from steinlab.numerics.types import Array
from steinlab.theory.targets.target import Noise

__all__ = ["absolute_excess", "controlled_mean", "mean_and_error"]


def mean_and_error(values: NDArray[Any]) -> tuple[float, float]:
    """The mean of independent values and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))


def controlled_mean(values: Array, controls: Array) -> tuple[float, float]:
    """Mean of `values` (n) and its standard error, with the part that regresses on `controls` (n x k) taken out.

    The controls have expectation zero, so the regression lowers the variance and biases the mean by O(1/n) only.

    Example:
        >>> x = np.arange(8.0) - 2
        >>> mean, error = controlled_mean(5 + x, x[:, None])
        >>> round(mean, 12), error < 1e-12
        (5.0, True)
    """
    centred, deviations = values - values.mean(), controls - controls.mean(axis=0)
    slopes = np.linalg.lstsq(deviations, centred, rcond=None)[0]
    residuals = centred - deviations @ slopes
    mean = float(values.mean() - controls.mean(axis=0) @ slopes)
    return mean, float(np.sqrt(np.mean(residuals**2) / len(values)))


def absolute_excess(differences: Array, noise: Noise) -> Array:
    """E_e|Δ - e| - E|e| for each Δ = f(x) - f*(x): what a point adds to the excess absolute risk.

    Rademacher of scale s: max(|Δ|, s) - s. Gaussian: Δ erf(Δ/(s√2)) + s √(2/π) (e^{-Δ²/(2s²)} - 1). None: |Δ|.

    Guarantee: exact formulas in floating point.

    Example:
        >>> absolute_excess(np.array([0.5, -3.0]), Noise("rademacher", 1))
        array([0., 2.])
    """
    scale = float(noise.scale)
    if scale == 0:
        return np.abs(differences)
    if noise.kind == "rademacher":
        return np.maximum(np.abs(differences), scale) - scale
    ratio = differences / (scale * math.sqrt(2))
    return np.asarray(differences * scipy.special.erf(ratio) + scale * math.sqrt(2 / math.pi) * np.expm1(-(ratio**2)))
