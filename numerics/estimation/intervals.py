"""A number with its 95% interval, and the mean and variance of labels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import scipy.stats

from steinlab.numerics.types import Array

__all__ = ["CONFIDENCE", "HALF_SIDED", "ONE_SIDED", "TWO_SIDED", "Estimated", "kurtosis", "mean_of", "variance_of"]

CONFIDENCE = 0.95
TWO_SIDED = float(scipy.stats.norm.ppf((1 + CONFIDENCE) / 2))
"""1.960: of intervals."""
ONE_SIDED = float(scipy.stats.norm.ppf(CONFIDENCE))
"""1.645: of claims."""
HALF_SIDED = TWO_SIDED
"""1.960: of a claim that shares its 5% with another."""


@dataclass(frozen=True)
class Estimated:
    """An estimate with the interval that covers what it estimates in 95% of samples, as sampled."""

    value: float
    interval: tuple[float, float]


def kurtosis(y: Array) -> float:
    """E(y - ȳ)⁴/s⁴ of a sample; 3 for Gaussian labels.

    Example:
        >>> import numpy as np
        >>> kurtosis(np.array([-1.0, 1.0, -1.0, 1.0]))
        1.0
    """
    squares = ((y - y.mean()) / y.std()) ** 2
    return float((squares**2).mean())


def mean_of(y: Array) -> Estimated:
    """E y with Student's interval."""
    mean, reach = float(y.mean()), _student(len(y)) * float(y.std(ddof=1)) / math.sqrt(len(y))
    return Estimated(mean, (mean - reach, mean + reach))


def variance_of(y: Array) -> Estimated:
    """Var y with the interval s² exp(±t √((κ - 1)/n)), κ the sample kurtosis: symmetric in log s², whose variance that is.

    Guarantee: asymptotic; it under-covers where κ is large (above 10) and n is not (below 10⁴).
    """
    variance = float(y.var(ddof=1))
    factor = math.exp(_student(len(y)) * math.sqrt(max(kurtosis(y) - 1, 0.0) / len(y)))
    return Estimated(variance, (variance / factor, variance * factor))


def _student(n: int) -> float:
    return float(scipy.stats.t.ppf((1 + CONFIDENCE) / 2, n - 1))
