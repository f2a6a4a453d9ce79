"""Thresholds n*: the least size at which a risk has come down to a level, from runs at a grid of sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from steinlab.checks.rates.slopes import Sample

Outcome = Mapping[str, float] | str
"""What a run measured, or the message of its failure."""


def reached(sizes: Sequence[float], values: Sequence[float], level: float) -> float | None:
    """The size at which the running minimum of `values` first comes down to `level`; None where the sizes do not show it.

    Interpolated between neighbouring sizes on logarithmic axes (on a linear one for values that are not positive). None if the
    level is never reached, and if it is reached at the first size already: the threshold then lies outside the sizes run.

    >>> reached([10, 100, 1000], [1.0, 0.1, 0.2], 0.1), round(reached([10, 1000], [1.0, 0.01], 0.1), 9)
    (100.0, 100.0)
    >>> reached([10, 100], [1.0, 0.5], 0.1), reached([10, 100], [0.05, 0.01], 0.1)
    (None, None)
    """
    lowest = math.inf
    for i, (size, value) in enumerate(zip(sizes, values, strict=True)):
        if value <= level:
            if i == 0:
                return None
            share = _crossing(lowest, value, level)
            before = math.log(sizes[i - 1])
            return float(size) if share == 1 else math.exp(before + share * (math.log(size) - before))
        lowest = min(lowest, value)
    return None


def _crossing(above: float, below: float, level: float) -> float:
    """How far from `above` to `below` the level lies, from 0 to 1."""
    if below > 0:
        above, below, level = math.log(above), math.log(below), math.log(level)
    return (above - level) / (above - below)


def threshold_sample(x: float, runs: Mapping[int, Sequence[Outcome]], quantity: str, level: float) -> Sample:
    """The thresholds of all replicates at one point x, from their runs by size; one with a failed run counts as failed."""
    sizes = sorted(runs)
    values: list[float] = []
    failures = censored = 0
    for outcomes in zip(*(runs[size] for size in sizes), strict=True):
        measured = [outcome[quantity] for outcome in outcomes if not isinstance(outcome, str)]
        if len(measured) < len(outcomes):
            failures += 1
            continue
        found = reached(sizes, measured, level)
        if found is None:
            censored += 1
        else:
            values.append(found)
    return Sample(x, tuple(values), failures, censored)
