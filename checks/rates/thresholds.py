"""Thresholds n*: the least size at which a risk has come down to a level, from runs at a grid of sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from steinlab.checks.rates.samples import Sample


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


def threshold_sample(x: float, runs: Mapping[int, Sequence[float | None]], level: float) -> Sample:
    """The thresholds of all replicates at one point x, from what each measured at each size, None where that run failed.

    A replicate with a failed run counts as failed.

    >>> threshold_sample(5, {10: [1.0, 1.0, 1.0], 100: [0.1, 0.9, None]}, 0.1)
    Sample(x=5, values=(100.0,), failures=1, censored=1)
    """
    sizes = sorted(runs)
    values: list[float] = []
    failures = censored = 0
    for replicate in zip(*(runs[size] for size in sizes), strict=True):
        measured = [value for value in replicate if value is not None]
        if len(measured) < len(replicate):
            failures += 1
            continue
        found = reached(sizes, measured, level)
        if found is None:
            censored += 1
        else:
            values.append(found)
    return Sample(x, tuple(values), failures, censored)
