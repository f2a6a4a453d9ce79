"""Whether inputs are standard normal, as all that is estimated from them supposes: deviations with their size and p-value."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.stats

from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.types import Array

__all__ = ["ALARM", "REFUSAL", "Deviation", "deviations", "kurtosis_score", "skewness_score"]

ALARM = 0.01
"""A p-value below it, shared by the five tests, is told."""
REFUSAL = 1e-6
"""A p-value below it together with a size beyond the limit is no sample of N(0, I) to work with."""


@dataclass(frozen=True)
class Deviation:
    """One way to depart from N(0, I_d): how far the sample is (`size`, in the words of `what`), and how likely that is by chance.

    `limit`: the size from which the facts would be about something else.
    """

    id: str
    what: str
    size: float
    limit: float
    p: float

    @property
    def small(self) -> bool:
        """Whether it may be chance, or is of a size that harms little."""
        return self.p >= REFUSAL or self.size <= self.limit

    @property
    def noticed(self) -> bool:
        return self.p < ALARM / 5


def deviations(data: DataSet) -> tuple[Deviation, ...]:
    """The five: mean, covariance, third and fourth moments of the coordinates, law of ‖x‖².

    Under N(0, I_d) exactly: n‖x̄‖² ~ χ²_d, ‖x‖² ~ χ²_d (Kolmogorov's distance); the sum over pairs of h_2 has mean 0 and variance
    C(d + 1, 2) a pair, and nearly the law of a centred χ² with C(d + 1, 2) degrees of freedom. Skewness and kurtosis as
    D'Agostino (1970) and Anscombe, Glynn (1983) make them normal, the largest of d. After whitening the first two are zero by
    construction and are left out.
    """
    n, d = data.n, data.d
    sums, products, norms = np.zeros((4, d)), np.zeros((d, d)), np.empty(n)
    for at, x in data.blocks(cost=d * d):
        products += x.T @ x
        power = np.ones_like(x)
        for k in range(4):
            power *= x
            sums[k] += power.sum(axis=0)
        norms[at] = (x * x).sum(axis=1)
    found = []
    if data.whitening is None:
        found = [_mean(sums[0] / n, n), _covariance(products, norms, n)]
    skewness, excess = _shapes(sums / n)
    p = [
        min(1.0, 2 * d * float(scipy.stats.norm.sf(np.abs(z).max())))
        for z in (skewness_score(skewness, n), kurtosis_score(excess, n))
    ]
    found.append(_worst("skewness", "skewness", skewness, 0.5, p[0]))
    found.append(_worst("kurtosis", "excess kurtosis", excess, 1.0, p[1]))
    radial = scipy.stats.kstest(_norm_ranks(norms, d, data.whitening is not None), "uniform")
    found.append(
        Deviation(
            "radius",
            "the law of ‖x‖² is this far from χ²_d (Kolmogorov's distance)",
            float(radial.statistic),
            0.1,
            float(radial.pvalue),
        )
    )
    return tuple(found)


def _norm_ranks(norms: Array, d: int, whitened: bool) -> Array:
    """The law of ‖x‖² at each: χ²_d; of whitened samples n - 1 times a Beta law (Gnanadesikan, Kettenring 1972)."""
    n = len(norms)
    if whitened and n > d + 1:
        return np.asarray(scipy.stats.beta.cdf(norms / (n - 1), d / 2, (n - d - 1) / 2))
    return np.asarray(scipy.stats.chi2.cdf(norms, d))


def _mean(mean: Array, n: int) -> Deviation:
    d, square = len(mean), float(mean @ mean)
    size = math.sqrt(max(square - d / n, 0.0))
    return Deviation("mean", "‖E x‖, estimated", size, 0.1, float(scipy.stats.chi2.sf(n * square, d)))


def _covariance(products: Array, norms: Array, n: int) -> Deviation:
    d = len(products)
    # Σ_{i≠j} <x_i x_iᵀ - I, x_j x_jᵀ - I>
    pairs = float(np.sum((products - n * np.eye(d)) ** 2) - np.sum(norms**2 - 2 * norms + d))
    freedom = d * (d + 1) / 2
    score = pairs / math.sqrt(8 * freedom * n * (n - 1))
    p = float(scipy.stats.chi2.sf(freedom + score * math.sqrt(2 * freedom), freedom))
    size = math.sqrt(max(pairs / (n * (n - 1)), 0.0))
    return Deviation("covariance", "‖E xxᵀ - I‖_F, estimated", size, 0.2, p)


def _shapes(moments: Array) -> tuple[Array, Array]:
    """Skewness and kurtosis - 3 of each coordinate from its first four moments; 0 for a constant one."""
    m1, m2, m3, m4 = moments
    variance = m2 - m1**2
    safe = np.where(variance > 1e-12 * m2, variance, np.inf)
    third = m3 - 3 * m1 * m2 + 2 * m1**3
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return third / safe**1.5, np.where(np.isfinite(safe), fourth / safe**2 - 3, 0.0)


def _worst(id: str, what: str, values: Array, limit: float, p: float) -> Deviation:
    at = int(np.argmax(np.abs(values)))
    sign = "-" if values[at] < 0 else ""
    return Deviation(id, f"{sign}{what} of column {at} (counted from 0), the largest", float(abs(values[at])), limit, p)


def skewness_score(skewness: Array, n: int) -> Array:
    """D'Agostino's transformation of sample skewness: nearly N(0, 1) for normal samples, n >= 8."""
    y = skewness * math.sqrt((n + 1) * (n + 3) / (6.0 * (n - 2)))
    beta = 3.0 * (n * n + 27 * n - 70) * (n + 1) * (n + 3) / ((n - 2.0) * (n + 5) * (n + 7) * (n + 9))
    w = -1 + math.sqrt(2 * (beta - 1))
    return np.asarray(np.arcsinh(y / math.sqrt(2 / (w - 1))) / math.sqrt(0.5 * math.log(w)))


def kurtosis_score(excess: Array, n: int) -> Array:
    """Anscombe's and Glynn's transformation of sample kurtosis - 3: nearly N(0, 1) for normal samples, n >= 20."""
    mean = -6 / (n + 1)
    variance = 24.0 * n * (n - 2) * (n - 3) / ((n + 1.0) ** 2 * (n + 3) * (n + 5))
    x = (excess - mean) / math.sqrt(variance)
    skew = 6.0 * (n * n - 5 * n + 2) / ((n + 7) * (n + 9)) * math.sqrt(6.0 * (n + 3) * (n + 5) / (n * (n - 2.0) * (n - 3)))
    a = 6 + 8 / skew * (2 / skew + math.sqrt(1 + 4 / skew**2))
    denominator = 1 + x * math.sqrt(2 / (a - 4))
    term = np.sign(denominator) * ((1 - 2 / a) / np.maximum(np.abs(denominator), 1e-300)) ** (1 / 3)
    return np.asarray((1 - 2 / (9 * a) - term) / math.sqrt(2 / (9 * a)))
