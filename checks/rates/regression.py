"""Regression on logarithmic axes: log E y = Xβ (Gamma, log link) or E log y = Xβ (least squares), with sandwich variances.

Every interval is analytic: estimates, variances that differ from point to point, Student's t. No random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from steinlab.checks.rates.points import Array, Estimand, Points

_ITERATIONS = 60


@dataclass(frozen=True)
class Fit:
    """A fitted law. `coefficients` (..., k); `influence` (k, p): the coefficients move by influence @ (relative errors of the
    points), whose variances are `variance` (..., p)."""

    points: Points
    coefficients: Array
    influence: Array
    variance: Array

    def combination(self, weights: Array) -> tuple[Array, Array, Array]:
        """Σ weights_j coefficient_j with its variance and degrees of freedom; weights (..., k)."""
        value = (self.coefficients * weights).sum(-1)
        variance, freedom = self.points.contrast(weights @ self.influence, self.variance)
        return value, variance, freedom

    def interval(self, j: int, confidence: float) -> tuple[Array, Array, Array]:
        """Coefficient j and the ends of its interval."""
        value, variance, freedom = self.combination(np.eye(len(self.influence))[j])
        half = quantile(freedom, confidence) * np.sqrt(variance)
        return value, value - half, value + half

    def ratio(self, above: Array, below: Array, confidence: float) -> tuple[Array, Array, Array]:
        """-(above · coefficients)/(below · coefficients) and Fieller's interval; infinite ends where the denominator may
        vanish.
        """
        (top, v_top, _), (bottom, v_bottom, _) = self.combination(above), self.combination(below)
        value = -top / bottom
        freedom = self.combination(above + value[..., None] * below)[2]
        t = quantile(freedom, confidence)
        covariance = (self.combination(above + below)[1] - v_top - v_bottom) / 2
        # (top + θ bottom)² <= t² (v_top + 2 θ covariance + θ² v_bottom), a quadratic inequality in θ
        a, b, c = bottom**2 - t**2 * v_bottom, top * bottom - t**2 * covariance, top**2 - t**2 * v_top
        bounded = a > 0
        root = np.sqrt(np.maximum(b**2 - a * c, 0))
        safe = np.where(bounded, a, 1.0)
        return value, np.where(bounded, (-b - root) / safe, -np.inf), np.where(bounded, (-b + root) / safe, np.inf)


def quantile(freedom: Array, confidence: float) -> Array:
    """Student's two-sided quantile."""
    return np.asarray(-stdtrit(np.minimum(freedom, 1e9), (1 - confidence) / 2), dtype=np.float64)


def fit(points: Points, design: Array) -> Fit:
    """Fit the law whose logarithm is `design` (p, k) times coefficients, each run with the same weight.

    Of the arithmetic mean by quasi-likelihood with variance ∝ mean² (Gamma, log link): its estimating equations are unbiased
    whatever the noise. Variances are those of each point's own runs, never pooled over points, and at least those of the
    residuals about the fitted law divided by (1 - leverage)² (HC3). Of the geometric mean by least squares on the mean
    logarithms. Coverage on planted exponents: the study `calibration`.
    """
    weights = points.counts / points.counts.sum()
    gram = np.linalg.pinv(design.T @ (weights[:, None] * design))
    influence = gram @ design.T * weights
    start = points.value @ influence.T
    if points.estimand is Estimand.GEOMETRIC:
        return Fit(points, start, influence, points.variance)
    coefficients = _gamma(points.value, design, weights, start)
    ratio = np.exp(points.value - coefficients @ design.T)
    leverage = weights * np.einsum("pk,kl,pl->p", design, gram, design) / points.counts
    within = points.spread * (points.counts - 1) / points.counts
    around = (within * ratio**2 + (ratio - 1) ** 2) / points.counts / (1 - leverage) ** 2
    return Fit(points, coefficients, influence, np.maximum(points.variance, around))


def _gamma(value: Array, design: Array, weights: Array, start: Array) -> Array:
    """The minimum of the convex Σ weights (exp(value - Xβ) + Xβ), by Newton's method with steps halved until they descend."""
    coefficients = start

    def deviance(beta: Array) -> Array:
        predictor = beta @ design.T
        with np.errstate(over="ignore"):
            found: Array = ((np.exp(value - predictor) + predictor) * weights).sum(-1)
        return found

    current = deviance(coefficients)
    for _ in range(_ITERATIONS):
        ratio = np.exp(value - coefficients @ design.T)
        slope = ((1 - ratio) * weights) @ design
        curvature = np.einsum("...p,pk,pl->...kl", ratio * weights, design, design)
        step = -np.linalg.solve(curvature, slope[..., None])[..., 0]
        size = np.ones((*step.shape[:-1], 1))
        for _ in range(_ITERATIONS):
            tried = deviance(coefficients + size * step)
            worse = ~(tried <= current + 1e-12 * np.abs(current))
            if not worse.any():
                break
            size = np.where(worse[..., None], size / 2, size)
        coefficients, current = coefficients + size * step, tried
        if np.abs(size * step).max() < 1e-11:
            break
    return coefficients
