"""Judge a predicted exponent, of a quantity along x or of thresholds n*(d), on the runs at each size."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from steinlab.checks.rates.claims import PredictedExponent, family_confidence
from steinlab.checks.rates.planning import Needed, needed_runs, size_for_logarithm
from steinlab.checks.rates.points import Array, Estimand, Points
from steinlab.checks.rates.samples import Judgement, Sample
from steinlab.checks.rates.slopes import Slope, fit_slope
from steinlab.checks.rates.thresholds import fit_threshold, near_level
from steinlab.checks.rates.verdicts import decide
from steinlab.theory.verdicts import Verdict


@dataclass(frozen=True)
class RateJudgement(Judgement):
    """A verdict on an exponent, with the fit that it rests on where the runs could be fitted.

    `needed`: what would decide it, where it is undecided and something would. `logarithm_size`: the largest size that would tell
    x^a from x^a log x, where these do not. `points`: how many were fitted.
    """

    slope: Slope | None = None
    needed: Needed | None = None
    logarithm_size: float | None = None
    points: int = 0
    estimand: Estimand = Estimand.MEAN


def judge(claim: PredictedExponent, samples: Sequence[Sample], family: int = 1) -> RateJudgement:
    """The verdict on a predicted exponent, as one of `family` that a report judges, from the runs at each x."""
    inside = _inside(claim, samples)
    flaw = _flaw(claim, inside)
    if flaw is None and len(inside) < claim.minimum_points:
        flaw = f"{len(inside)} sizes in the window: {claim.minimum_points} are needed"
    if flaw is not None:
        return RateJudgement(Verdict.UNDECIDED, flaw, points=len(inside), estimand=claim.estimand)
    x = np.array([sample.x for sample in inside])
    runs = [np.array(sample.values) for sample in inside]
    points = Points.of(runs, claim.estimand, _labels(inside))
    slope = fit_slope(points, x, claim, family)
    return _judged(claim, slope, points.spread, min(map(len, runs)), len(inside), family)


def judge_crossings(
    claim: PredictedExponent, runs: Mapping[float, Sequence[Sample]], level: float, family: int = 1
) -> RateJudgement:
    """The verdict on the exponent of n*(d), the n at which a quantity comes down to `level`.

    `runs`: for each d the runs along n. Only runs near the level enter (`near_level`), whether their own curve crosses it or not.
    """
    found = [(d, s) for d in sorted(runs) if claim.window[0] <= d <= claim.window[1] for s in sorted(runs[d], key=lambda s: s.x)]
    d, n = np.array([size for size, _ in found], dtype=float), np.array([sample.x for _, sample in found], dtype=float)
    flaw = _flaw(claim, [sample for _, sample in found])

    def undecided(reason: str) -> RateJudgement:
        return RateJudgement(Verdict.UNDECIDED, reason, points=len(found), estimand=claim.estimand)

    if flaw is not None:
        return undecided(flaw)
    values = [np.array(sample.values) for _, sample in found]
    geometric = claim.estimand is Estimand.GEOMETRIC
    mean = np.array([math.exp(np.log(runs).mean()) if geometric else runs.mean() for runs in values])
    near = near_level(d, n, mean, level)
    sizes = np.unique(d[near])
    far = ", ".join(f"{size:g}" for size in np.unique(d) if size not in sizes)
    away = f"no runs near the level {level:g} at d = {far}" if far else ""
    if len(sizes) < claim.minimum_points:
        return undecided(_joined(f"{len(sizes)} sizes d come near the level {level:g}: {claim.minimum_points} are needed", away))
    if len(near) < len(sizes) + 2:
        return undecided(f"{len(near)} points near the level {level:g} do not show how the quantity falls: add sizes n near it")
    kept = [found[i][1] for i in near]
    labels = _labels(kept)
    if labels is not None:  # runs of one seed at different d are independent of each other
        labels = [[(found[i][0], label) for label in point] for i, point in zip(near, labels, strict=True)]
    points = Points.of([values[i] for i in near], claim.estimand, labels)
    slope, falls = fit_threshold(points, d[near], n[near], claim, family)
    if not falls:
        return undecided(f"the quantity does not fall along n near the level {level:g}")
    seeds = min(len(sample.values) for sample in kept)
    error = (slope.interval[1] - slope.interval[0]) / 4  # about one standard error
    centred = np.log(sizes) - np.log(sizes).mean()
    spread = np.full(len(sizes), error**2 * seeds * float(centred @ centred))
    judged = _judged(claim, slope, spread, seeds, len(near), family, along=len(found) / len(np.unique(d)))
    return replace(judged, reason=_joined(judged.reason, away))


def _joined(*words: str) -> str:
    return "; ".join(filter(None, words))


def _judged(
    claim: PredictedExponent, slope: Slope, spread: Array, seeds: int, points: int, family: int, along: float = 1.0
) -> RateJudgement:
    """`along`: how many runs a seed makes at one size."""
    verdict, reason = decide(claim, slope)
    needed = needed_runs(claim, slope, spread, seeds, family) if verdict is Verdict.UNDECIDED else None
    if needed is not None and along != 1:
        needed = replace(needed, runs=math.ceil(needed.runs * along))
    apart = slope.logarithm is None or bool(slope.logarithm.told_apart)
    level = f"{100 * family_confidence(family):.4g}%"
    return RateJudgement(
        verdict,
        reason + (f" (one of {family} rates judged together, each at {level})" if family > 1 else ""),
        float(slope.exponent),
        (float(slope.interval[0]), float(slope.interval[1])),
        slope,
        needed,
        None if apart else size_for_logarithm(slope.x, spread, seeds),
        points,
        claim.estimand,
    )


def _inside(claim: PredictedExponent, samples: Sequence[Sample]) -> list[Sample]:
    return sorted((s for s in samples if claim.window[0] <= s.x <= claim.window[1]), key=lambda s: s.x)


def _labels(samples: Sequence[Sample]) -> list[Sequence[Hashable]] | None:
    labels: list[Sequence[Hashable]] = [sample.labels for sample in samples if sample.labels is not None]
    return labels if len(labels) == len(samples) else None


def _flaw(claim: PredictedExponent, samples: Sequence[Sample]) -> str | None:
    """Why runs cannot be fitted, None if they can."""
    for sample in samples:
        if sample.flaw is not None:
            return sample.flaw
        values = np.array(sample.values)
        if not np.isfinite(values).all():
            return f"a run at x = {sample.x:g} is not finite"
        if claim.estimand is Estimand.GEOMETRIC and values.min() <= 0:
            return f"a run at x = {sample.x:g} is not positive: it has no logarithm"
        if values.min() <= 0 and not values.mean() > 3 * values.std(ddof=1) / np.sqrt(len(values)):
            return f"the mean at x = {sample.x:g} is not positive beyond doubt: it has no logarithm"
    return None
