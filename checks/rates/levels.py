"""Levels: predicted bounds on a measured number itself, and the difference from published numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from steinlab.checks.rates.samples import CONFIDENCE, MINIMUM_SEEDS, Direction, Interval, Judgement, Sample
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Verdict


@dataclass(frozen=True)
class PredictedLevel:
    """A predicted level: the mean over seeds is at most (upper), at least (lower) or equal to (tight) `predicted` at every x in
    `window`. An interval wider than `widest_interval` decides nothing.

    Raises InputError if `widest_interval` or `minimum_points` is not positive.
    """

    predicted: float
    direction: Direction
    window: tuple[float, float]
    minimum_points: int
    widest_interval: float

    def __post_init__(self) -> None:
        if not self.widest_interval > 0:
            raise InputError(f"widest_interval is {self.widest_interval}: expected a positive number")
        if self.minimum_points < 1:
            raise InputError(f"minimum_points is {self.minimum_points}: expected at least 1")


@dataclass(frozen=True)
class PublishedPoint:
    """A published mean over `seeds` runs at `x`, known to ±`resolution`/2, and their standard deviation if known."""

    x: float
    mean: float
    std: float | None
    seeds: int
    resolution: float


@dataclass(frozen=True)
class Difference:
    """Ours minus published at one x, with its interval; `interval` is None where too few of our runs ended well."""

    published: PublishedPoint
    mean: float | None
    std: float | None
    seeds: int
    difference: float | None
    interval: Interval | None

    @property
    def differs(self) -> bool | None:
        """Whether the interval excludes zero; None where there is no interval."""
        return None if self.interval is None else not self.interval[0] <= 0 <= self.interval[1]


def judge_level(claim: PredictedLevel, samples: Sequence[Sample]) -> Judgement:
    """The verdict on a predicted level from Student intervals of the mean at each x, widened (Bonferroni) to hold together.

    It fails if at some x the interval lies on the wrong side, holds if at every x it lies on the right side (tight: contains
    the prediction), and is undecided otherwise, and after failed runs, too few points or seeds, or too wide an interval. The
    numbers reported are those of the x nearest to a contradiction.

    >>> claim = PredictedLevel(0.5, Direction.LOWER, (1, 100), minimum_points=1, widest_interval=1.0)
    >>> judge_level(claim, [Sample(10, (0.8, 0.82, 0.81, 0.79))]).verdict
    <Verdict.HOLDS: 'holds'>
    """
    inside = sorted((s for s in samples if claim.window[0] <= s.x <= claim.window[1]), key=lambda s: s.x)
    if len(inside) < claim.minimum_points:
        return Judgement(
            Verdict.UNDECIDED, f"{len(inside)} points in the window: {claim.minimum_points} were required beforehand"
        )
    for sample in inside:
        if sample.flaw is not None:
            return Judgement(Verdict.UNDECIDED, sample.flaw)
    rows = [(*_mean_interval(sample.values, len(inside)), sample.x) for sample in inside]
    if not all(math.isfinite(low) and math.isfinite(high) for _, low, high, _ in rows):
        return Judgement(Verdict.UNDECIDED, "a value in the window is not finite")
    sign = {Direction.UPPER: 1.0, Direction.LOWER: -1.0}.get(claim.direction)
    mean, low, high, x = max(
        rows, key=lambda row: abs(row[0] - claim.predicted) if sign is None else sign * (row[0] - claim.predicted)
    )

    def judged(verdict: Verdict, reason: str) -> Judgement:
        return Judgement(verdict, reason, mean, (low, high))

    widest = max(rows, key=lambda row: row[2] - row[1])
    if widest[2] - widest[1] > claim.widest_interval:
        return judged(
            Verdict.UNDECIDED,
            f"the interval at x = {widest[3]:g} is {widest[2] - widest[1]:.2g} wide, more than the "
            f"{claim.widest_interval:g} fixed beforehand: more seeds would narrow it",
        )
    at_least, at_most = claim.direction is not Direction.UPPER, claim.direction is not Direction.LOWER
    for _, row_low, row_high, row_x in rows:
        if (at_most and row_low > claim.predicted) or (at_least and row_high < claim.predicted):
            side = "above" if row_low > claim.predicted else "below"
            return judged(Verdict.FAILS, f"at x = {row_x:g} the whole interval is {side} the prediction")
    if claim.direction is Direction.TIGHT:
        return judged(Verdict.HOLDS, f"the interval contains the prediction at all {len(rows)} points")
    if all(row[1] >= claim.predicted if at_least else row[2] <= claim.predicted for row in rows):
        side = "above" if at_least else "below"
        return judged(Verdict.HOLDS, f"the whole interval is {side} the bound at all {len(rows)} points")
    return judged(Verdict.UNDECIDED, f"at x = {x:g} the interval contains the bound")


def compare(published: Sequence[PublishedPoint], samples: Sequence[Sample]) -> list[Difference]:
    """Our mean minus the published one at each x that both have, with a Welch interval for the difference.

    Where the published standard deviation is unknown ours stands in for it; a published single run then gets the prediction
    interval for one more run of ours. The intervals allow for the rounding of the published numbers. Each stands alone: of
    twenty, one excludes zero by chance.

    >>> compare([PublishedPoint(10, 0.3, None, 1, 0.01)], [Sample(10, (0.1, 0.2, 0.3, 0.2))])[0].differs
    False
    """
    ours = {sample.x: sample for sample in samples}
    return [_difference(point, ours[point.x]) for point in published if point.x in ours]


def _difference(point: PublishedPoint, sample: Sample) -> Difference:
    size = len(sample.values)
    if not size:
        return Difference(point, None, None, 0, None, None)
    values = np.array(sample.values)
    mean = float(values.mean())
    if size < MINIMUM_SEEDS:
        return Difference(point, mean, None, size, mean - point.mean, None)
    std = float(values.std(ddof=1))
    parts = [(std**2 / size, size - 1)]
    if point.std is None:
        variance, freedom = std**2 * (1 / size + 1 / point.seeds), float(size - 1)
    else:
        parts.append((point.std**2 / point.seeds, point.seeds - 1))
        variance = sum(part for part, _ in parts)
        spread = sum(part**2 / degrees for part, degrees in parts)
        freedom = variance**2 / spread if spread else float(size - 1)
    half = -float(stdtrit(freedom, (1 - CONFIDENCE) / 2)) * math.sqrt(variance) + point.resolution / 2
    difference = mean - point.mean
    return Difference(point, mean, std, size, difference, (difference - half, difference + half))


def _mean_interval(values: Sequence[float], family: int) -> tuple[float, float, float]:
    array = np.array(values)
    mean, size = float(array.mean()), len(array)
    half = -float(stdtrit(size - 1, (1 - CONFIDENCE) / 2 / family)) * float(array.std(ddof=1)) / math.sqrt(size)
    return mean, mean - half, mean + half
