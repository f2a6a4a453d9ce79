"""Thresholds n*(d), the least n at which a quantity comes down to a level: their exponent, from a regression near the level."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from steinlab.checks.rates.claims import PredictedExponent, family_confidence
from steinlab.checks.rates.offsets import nearest_offset_law
from steinlab.checks.rates.points import Array, Points
from steinlab.checks.rates.regression import fit
from steinlab.checks.rates.samples import CONFIDENCE, Interval, Sample
from steinlab.checks.rates.slopes import Comparison, Logarithm, Slope, power_law

NEAR = 3.0
"""Points count whose mean lies within this factor of the level: there the logarithm of the mean is nearly linear in log n."""


def fit_threshold(points: Points, d: Array, n: Array, claim: PredictedExponent, family: int = 1) -> tuple[Slope, bool]:
    """The exponent b of n*(d) ∝ d^b, from points near the level at sizes d and n, measured against a claim.

    log y = a + b_n log n + b_d log d, a law of the quantity near the level, says n* ∝ d^(-b_d/b_n): the ratio with Fieller's
    interval. Every run near the level counts, those whose own curve never comes down to it too; nothing is interpolated in one
    run, whose running minimum would cross early. An offset law is n* = A (d + c)^predicted. Beside the slope: whether y falls
    along n at all.
    """
    confidence, log_n, log_d = family_confidence(family), np.log(n), np.log(d)
    relative = log_n if claim.bound is None else log_n - np.log(claim.bound.law(d)) + claim.predicted * log_d
    sizes = np.unique(d)
    exponent, low, high = _exponent(points, log_n, log_d, CONFIDENCE)

    def comparison(hidden: float) -> Comparison:
        lowered = relative - hidden * np.log(log_d) if hidden else relative
        found, least, most = _exponent(points, lowered, log_d, confidence)

        def columns(shifted: Array) -> tuple[Array, Array]:
            along = lowered - claim.predicted * shifted
            return np.zeros_like(shifted), np.stack([np.ones_like(along), along], -1)

        offset = nearest_offset_law(points, d, claim.predicted, columns)
        return Comparison(found, (least, most), offset, offset.rejected(confidence))

    each = (d[:, None] == sizes).astype(float)
    separate = fit(points, np.column_stack([each, log_n]))
    along_n = np.append(np.zeros(len(sizes)), 1.0)
    step = np.zeros(len(sizes) + 1)
    step[len(sizes) - 2 : len(sizes)] = np.array([-1, 1]) / (np.log(sizes[-1]) - np.log(sizes[-2]))
    against = separate if claim.bound is None else fit(points, np.column_stack([each, relative]))
    _, step_low, step_high = against.ratio(step, along_n, confidence)
    hidden = claim.hides_logarithms and sizes[0] > 1
    slope = Slope(
        sizes,
        exponent,
        (low, high),
        comparison(0),
        (comparison(1), comparison(-1)) if hidden else None,
        (step_low, step_high),
        None,
        _logarithm(points, log_n, log_d) if sizes[0] > 1 and len(sizes) > 3 else None,
    )
    return slope, bool((separate.coefficients[..., -1] < 0).all())


def near_level(d: Array, n: Array, mean: Array, level: float) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Which points lie near the level: within a factor NEAR, or where a d has none, the two n between which the mean crosses
    it.
    """
    chosen = (mean < level * NEAR) & (mean > level / NEAR)
    for size in np.unique(d):
        rows = np.flatnonzero(d == size)
        if chosen[rows].any():
            continue
        rows = rows[np.argsort(n[rows])]
        for left, right in itertools.pairwise(rows):
            if mean[left] > level >= mean[right] > 0:
                chosen[[left, right]] = True
                break
    return np.flatnonzero(chosen)


def _exponent(points: Points, log_n: Array, log_d: Array, confidence: float) -> tuple[Array, Array, Array]:
    law = fit(points, np.stack([np.ones_like(log_n), log_n, log_d], -1))
    return law.ratio(np.array([0.0, 0, 1]), np.array([0.0, 1, 0]), confidence)


def _logarithm(points: Points, log_n: Array, log_d: Array) -> Logarithm:
    both = fit(points, np.stack([np.ones_like(log_n), log_n, log_d, np.log(log_d)], -1))
    power, low, high = both.ratio(np.array([0.0, 0, 0, 1]), np.array([0.0, 1, 0, 0]), CONFIDENCE)
    exponent, least, most = _exponent(points, log_n - np.log(log_d), log_d, CONFIDENCE)
    return Logarithm(power, (low, high), exponent, (least, most))


def crossing(runs: Sequence[Sample], level: float) -> tuple[float, Interval] | None:
    """n* at one d with its 95% interval (Fieller's), from the line of log mean on log n through the points near the level.

    None where the runs have a flaw, or the line does not fall to the level within the sizes that were run.

    >>> crossing([Sample(n, (0.8 / n, 0.8 / n, 0.8 / n)) for n in (2, 4, 8)], 0.2)[0].__round__(6)
    4.0
    """
    ordered = sorted(runs, key=lambda sample: sample.x)
    n, values = np.array([sample.x for sample in ordered]), [np.array(sample.values) for sample in ordered]
    if any(sample.flaw for sample in ordered):
        return None
    near = near_level(np.ones_like(n), n, np.array([run.mean() for run in values]), level)
    if len(near) < 2 or any(values[i].mean() <= 0 for i in near):
        return None
    points = Points.of([values[i] for i in near]).divided_by(np.full(len(near), np.log(level)))
    line = power_law(points, n[near])
    size, low, high = (float(part) for part in line.ratio(np.array([1.0, 0.0]), np.array([0.0, 1.0]), CONFIDENCE))
    if not (line.coefficients[1] < 0 and np.log(n[0]) <= size <= np.log(n[-1])):
        return None
    with np.errstate(over="ignore"):  # where the line is flat, the threshold may lie anywhere
        return float(np.exp(size)), (float(np.exp(low)), float(np.exp(high)))
