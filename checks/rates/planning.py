"""What would decide an undecided rate: sizes and seeds of the cheapest design to tell the claim from what stands against it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from steinlab.checks.rates.claims import PredictedExponent, family_confidence
from steinlab.checks.rates.offsets import nearest_offset_law
from steinlab.checks.rates.points import ROUNDING, Array, Estimand, Points
from steinlab.checks.rates.samples import CONFIDENCE, MINIMUM_SEEDS
from steinlab.checks.rates.slopes import Slope

POWER = 0.8
"""The probability with which a design that is named decides, if the noise is as it was."""
MOST_SEEDS = 10_000
LARGEST_SIZE = 1e12
MORE_SIZES = 12
"""Most sizes that a plan adds to those that were run."""


@dataclass(frozen=True)
class Needed:
    """Sizes, seeds at each of them, and runs in all, those that were made included."""

    sizes: tuple[float, ...]
    seeds: int
    runs: int

    def __str__(self) -> str:
        listed = ", ".join(f"{size:g}" for size in self.sizes)
        return f"{self.seeds} seeds at each of {listed} ({self.runs} runs)"


def needed_runs(claim: PredictedExponent, slope: Slope, spread: Array, seeds: int, family: int) -> Needed | None:
    """The cheapest design, in runs weighted by their size, that decides with probability POWER; None where none is known.

    The exponent is thought to go on as it was measured. On the wrong side, without a rival that is nearer, a contradiction has to
    exclude the prediction, every offset and, where the claim hides one, a factor log x; elsewhere a confirmation has to exclude
    the nearest rival, or without rivals the prediction itself. `spread` is the squared coefficient of variation at each x;
    sizes that are added have the mean of it. Noise counts as at least what made the interval as wide as it is, with its few
    degrees of freedom, so that the runs that were made are never named as what would decide.
    """
    low, high = (float(end) for end in slope.tested.interval)
    measured, p, rivals = float(slope.tested.exponent), claim.predicted, claim.wrong_rivals
    threshold = float(ndtri(POWER) - ndtri((1 - family_confidence(family)) / 2))
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    spread = np.maximum(spread, ROUNDING**2)
    width = -float(ndtri((1 - family_confidence(family)) / 2)) / _slope_gap(slope.x, spread / seeds, 1.0)
    spread = spread * max(1.0, ((high - low) / 2 / width) ** 2)
    side = 1 if claim.at_most and measured > p else -1 if claim.at_least and measured < p else 0
    excluded = (low > p) if side > 0 else (high < p)
    if side and (excluded or not rivals) and not (claim.at_most and claim.at_least and not excluded):
        hidden = side if claim.hides_logarithms and slope.x[0] > 1 else 0

        def deviation(x: Array, noise: Array) -> float:
            values = [measured * np.log(x) - (power * np.log(np.log(x)) if power else 0.0) for power in {0, hidden}]
            excesses = [float(nearest_offset_law(_without_noise(value, noise), x, p).excess) for value in values]
            return max(min(_slope_gap(x, noise, measured - p), *(side * excess for excess in excesses)), 0.0)

    elif rivals or not (claim.at_most and claim.at_least):
        gap = abs(rivals[0] - p) if rivals else abs(measured - p)

        def deviation(x: Array, noise: Array) -> float:
            return _slope_gap(x, noise, gap)

    else:
        return None
    return _cheapest(slope.x, spread, seeds, threshold, deviation)


def _slope_gap(x: Array, noise: Array, gap: float) -> float:
    """A difference of two exponents in standard errors of the slope, with one run at each size."""
    centred = np.log(x) - np.log(x).mean()
    return abs(gap) * float(centred @ centred) / math.sqrt(float(centred**2 @ noise))


def size_for_logarithm(x: Array, spread: Array, seeds: int) -> float | None:
    """The largest x of a longer grid on which x^a and x^a log x are told apart with the same seeds; None if there is none."""
    threshold = -ndtri((1 - CONFIDENCE) / 2)
    for longer, noise in _longer(x, spread):
        design = np.stack([np.ones_like(longer), np.log(longer), np.log(np.log(longer))], -1)
        contrast = np.linalg.pinv(design)[2]
        if 2 * threshold * math.sqrt(float(contrast**2 @ noise) / seeds) < 1:
            return float(longer[-1])
    return None


def _cheapest(x: Array, spread: Array, seeds: int, threshold: float, deviation: Callable[[Array, Array], float]) -> Needed | None:
    """`deviation`: how many standard errors what decides is away, with one run at each size; it grows with their square root."""
    found = []
    for longer, noise in _longer(x, spread):
        reached = deviation(longer, noise)
        if reached > 0:
            wanted = max(math.ceil((threshold / reached) ** 2) + 1, MINIMUM_SEEDS, seeds + (len(longer) == len(x)))
            found.append((wanted * float(longer.sum()), wanted, longer))
    if not found:
        return None
    _, wanted, longer = min(found, key=lambda design: design[:2])
    return None if wanted > MOST_SEEDS else Needed(tuple(map(float, longer)), wanted, wanted * len(longer))


def _longer(x: Array, spread: Array) -> Iterator[tuple[Array, Array]]:
    """The sizes, and the sizes with more of them at the same spacing, each with its spread."""
    ratio = (x[-1] / x[0]) ** (1 / (len(x) - 1))
    whole = bool((x == np.round(x)).all())
    for more in range(MORE_SIZES + 1):
        added = x[-1] * ratio ** np.arange(1, more + 1)
        longer = np.concatenate([x, np.round(added) if whole else added])
        if longer[-1] > LARGEST_SIZE:
            return
        yield longer, np.concatenate([spread, np.full(more, spread.mean())])


def _without_noise(value: Array, variance: Array) -> Points:
    """Points that lie where they should, with the variance of one run each."""
    size = len(value)
    ones, nothing = np.ones(size), np.eye(size)
    return Points(Estimand.MEAN, value, variance, nothing, ones, nothing, np.full(size, 1e9), variance)
