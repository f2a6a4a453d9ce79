"""A predicted exponent: everything that could be tuned to the data, fixed before them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steinlab.checks.rates.points import Array, Estimand
from steinlab.checks.rates.samples import CONFIDENCE, Direction
from steinlab.theory.errors import InputError

LEAST_POINTS = 3
"""Two points have a slope, and nothing that could contradict a power law."""


@dataclass(frozen=True)
class Bound:
    """A predicted law that is no power of x at the sizes that are run, such as √(d - 3): positive numbers for an array of
    sizes.
    """

    text: str
    law: Callable[[Array], Array]


@dataclass(frozen=True)
class PredictedExponent:
    """A predicted exponent: y ∝ x^predicted for x in `window` (both ends included), or at most, or at least.

    `rivals` are the exponents that a confirmation must exclude. With `hides_logarithms` (bounds written with Õ or Ω̃) a
    contradiction must survive one factor log x. With `bound` the claim is about y/bound(x), whose slope is then compared with 0,
    and `predicted` the exponent that the bound has for large x. `widest_interval` is on record in studies of an earlier version;
    widths decide nothing.

    Raises InputError if the numbers contradict each other.
    """

    predicted: float
    direction: Direction = Direction.TIGHT
    rivals: tuple[float, ...] = ()
    window: tuple[float, float] = (0.0, np.inf)
    minimum_points: int = LEAST_POINTS
    widest_interval: float | None = None
    hides_logarithms: bool = False
    bound: Bound | None = None
    estimand: Estimand = Estimand.MEAN

    def __post_init__(self) -> None:
        for name, value in [("predicted", self.predicted), *(("rivals", rival) for rival in self.rivals)]:
            if not np.isfinite(value):
                raise InputError(f"{name} is {value}: expected a finite number")
        if self.predicted in self.rivals:
            raise InputError(f"rivals contains the prediction {self.predicted:g}: name other exponents")
        if self.widest_interval is not None and not self.widest_interval > 0:
            raise InputError(f"widest_interval is {self.widest_interval}: expected a positive number")
        if self.minimum_points < LEAST_POINTS:
            raise InputError(f"minimum_points is {self.minimum_points}: expected at least {LEAST_POINTS}")

    @property
    def at_most(self) -> bool:
        """Whether a larger exponent contradicts the claim."""
        return self.direction is not Direction.LOWER

    @property
    def at_least(self) -> bool:
        """Whether a smaller exponent contradicts the claim."""
        return self.direction is not Direction.UPPER

    @property
    def wrong_rivals(self) -> list[float]:
        """The rivals on a side that the claim excludes, nearest first."""
        wrong = [r for r in self.rivals if (self.at_most and r > self.predicted) or (self.at_least and r < self.predicted)]
        return sorted(wrong, key=lambda rival: abs(rival - self.predicted))


def family_confidence(family: int) -> float:
    """The confidence of each of `family` intervals that together hold with CONFIDENCE (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / family
