"""Slopes on logarithmic axes, and what qualifies them: the last step, the held-out point, a factor log x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steinlab.checks.rates.claims import PredictedExponent, family_confidence
from steinlab.checks.rates.offsets import OffsetLaw, nearest_offset_law
from steinlab.checks.rates.points import Array, Points
from steinlab.checks.rates.regression import Fit, fit, quantile
from steinlab.checks.rates.samples import CONFIDENCE

Truths = np.ndarray[Any, np.dtype[np.bool_]]
Ends = tuple[Array, Array]
"""The two ends of an interval."""


@dataclass(frozen=True)
class Logarithm:
    """The power q of an extra factor (log x)^q that the points ask for, and the exponent of x beside a factor log x (q = 1)."""

    power: Array
    interval: Ends
    exponent: Array
    exponent_interval: Ends

    @property
    def told_apart(self) -> Truths:
        """Whether the points tell x^a from x^a log x: the interval of q does not contain both 0 and 1."""
        low, high = self.interval
        told: Truths = ~((low <= 0) & (high >= 1))
        return told


@dataclass(frozen=True)
class Comparison:
    """What a verdict rests on: the exponent and its interval, at the confidence that a family of rates asks for, and the nearest
    law A (x + c)^predicted, with the side on which the points lie `beyond` all of them (1 above, -1 below, 0: one of them
    fits).
    """

    exponent: Array
    interval: Ends
    offset: OffsetLaw
    beyond: Array

    @classmethod
    def of(cls, points: Points, x: Array, predicted: float, confidence: float) -> Comparison:
        exponent, low, high = power_law(points, x).interval(1, confidence)
        offset = nearest_offset_law(points, x, predicted)
        return cls(exponent, (low, high), offset, offset.rejected(confidence))


@dataclass(frozen=True)
class Slope:
    """A fitted exponent and what qualifies it; every number may be an array, one entry for each data set.

    `interval` is at 95%. `tested` is of the exponent too, or where the claim is a bound that is no power, of the exponent of
    y/bound(x) plus the predicted one, so that one number is compared with one prediction; `without_logarithm` is the same after a
    factor log x is taken from the points, and after it is given to them. `last_step`: the slope between the two largest x, at the
    confidence of `tested`. `held_out`: measured/extrapolated, from a line through the others, at the largest x.
    """

    x: Array
    exponent: Array
    interval: Ends
    tested: Comparison
    without_logarithm: tuple[Comparison, Comparison] | None
    last_step: Ends
    held_out: tuple[Array, Ends] | None
    logarithm: Logarithm | None


def fit_slope(points: Points, x: Array, claim: PredictedExponent, family: int = 1) -> Slope:
    """The exponent of the points along x (increasing, positive), measured against a claim that is one of `family` in a report."""
    confidence, log_x, predicted = family_confidence(family), np.log(x), claim.predicted
    exponent, low, high = power_law(points, x).interval(1, CONFIDENCE)
    relative = points if claim.bound is None else points.divided_by(np.log(claim.bound.law(x)) - predicted * log_x)
    without = None
    if claim.hides_logarithms and x[0] > 1:
        taken, given = (Comparison.of(relative.divided_by(sign * np.log(log_x)), x, predicted, confidence) for sign in (1, -1))
        without = (taken, given)
    step = np.zeros(len(x))
    step[-2:] = np.array([-1, 1]) / (log_x[-1] - log_x[-2])
    others = log_x[:-1] - log_x[:-1].mean()
    line = 1 / len(others) + (log_x[-1] - log_x[:-1].mean()) * others / (others @ others)
    ratio, least, most = _contrast(points, np.append(-line, 1.0), CONFIDENCE)
    return Slope(
        x,
        exponent,
        (low, high),
        Comparison.of(relative, x, predicted, confidence),
        without,
        _contrast(relative, step, confidence)[1:],
        (np.exp(ratio), (np.exp(least), np.exp(most))),
        _logarithm(points, x),
    )


def power_law(points: Points, x: Array) -> Fit:
    """log y = a + b log x; the exponent b is coefficient 1."""
    return fit(points, np.stack([np.ones_like(x), np.log(x)], -1))


def _logarithm(points: Points, x: Array) -> Logarithm | None:
    """None where log log x is undefined, or three points leave it no freedom to be told from a line."""
    if x[0] <= 1 or len(x) < 4:
        return None
    both = fit(points, np.stack([np.ones_like(x), np.log(x), np.log(np.log(x))], -1))
    power, low, high = both.interval(2, CONFIDENCE)
    exponent, least, most = power_law(points.divided_by(np.log(np.log(x))), x).interval(1, CONFIDENCE)
    return Logarithm(power, (low, high), exponent, (least, most))


def _contrast(points: Points, weights: Array, confidence: float) -> tuple[Array, Array, Array]:
    value = points.value @ weights
    variance, freedom = points.contrast(weights)
    half = quantile(freedom, confidence) * np.sqrt(variance)
    return value, value - half, value + half
