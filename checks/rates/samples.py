"""What is judged: the runs at each size, the side that a prediction bounds, and the verdict with its numbers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum

from steinlab.theory.verdicts import Verdict

CONFIDENCE = 0.95
MINIMUM_SEEDS = 3
"""Fewer runs at a point say too little about their spread for any interval."""

Interval = tuple[float, float]


class Direction(StrEnum):
    """Which side a prediction bounds. UPPER: the measured number is at most the predicted one; LOWER: at least."""

    UPPER = "upper"
    LOWER = "lower"
    TIGHT = "tight"


@dataclass(frozen=True)
class Sample:
    """The runs at one point `x` of an axis: the values of those that ended well, how many failed, and how many were censored,
    because what was sought (a threshold) lies outside the sizes that were run.

    `labels`, one for each value: runs of one label at different x may depend on each other; None: all runs are independent."""

    x: float
    values: tuple[float, ...]
    failures: int = 0
    censored: int = 0
    labels: tuple[Hashable, ...] | None = None

    @property
    def flaw(self) -> str | None:
        """Why these runs decide nothing, None if they may: leaving out those that failed would favour the ones that survived.

        >>> Sample(10, (0.1, 0.2), failures=1).flaw
        '1 of 3 runs at x = 10 failed'
        """
        count = len(self.values)
        if self.failures:
            return f"{self.failures} of {self.failures + count} runs at x = {self.x:g} failed"
        if self.censored:
            total = self.censored + count
            return f"{self.censored} of {total} thresholds at x = {self.x:g} lie outside the sizes that were run"
        if count < MINIMUM_SEEDS:
            return f"{count} runs at x = {self.x:g}: {MINIMUM_SEEDS} are needed"
        return None


@dataclass(frozen=True)
class Judgement:
    """A verdict with its reason, and the numbers it rests on where there are any."""

    verdict: Verdict
    reason: str
    measured: float | None = None
    interval: Interval | None = None
