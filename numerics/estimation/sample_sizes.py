"""How many samples would decide a fact of a stated size, with probability 80%, roughly."""

from __future__ import annotations

import math
from collections.abc import Callable

from steinlab.numerics.estimation.dataset import FEWEST_ROWS
from steinlab.numerics.estimation.energies import ENTRY_LEVEL
from steinlab.numerics.estimation.intervals import ONE_SIDED
from steinlab.theory.errors import InputError

__all__ = ["MOST", "POWER", "needed_for_dimension", "needed_for_energy", "needed_for_rank"]

POWER = 0.8
MOST = 10**12
"""No larger number of samples is named."""
_REACH = 0.84
"""Φ⁻¹(0.8)."""
_FOURTH = {1: 3.0, 2: 15.0, 3: 93.0}
"""E h⁴ for h = He_k/√k!: the heaviest tail of a degree, along one direction."""


def needed_for_energy(k: int, effect: float, variance: float, d: int, *, shared: bool = False) -> int | None:
    """The least n at which C_k ≠ 0 would be claimed where the energy is `effect`, in labels of this variance.

    `shared`: for the claim on the information exponent, whose level three degrees share. The least n with
    effect >= level √(4 ζ_1/n + 4 ζ_2/n²) + 0.84 √(4 ζ_1/n + 2 ζ_2/n²), where ζ_2 = v² C(d + k - 1, k) is the variance over a pair
    and ζ_1 = e (v + (c - 2) e), v the variance, e the effect, that of one row, for the heaviest h_k that one direction has.
    None beyond 10¹².

    Example:
        >>> needed_for_energy(1, 0.5, 1.5, 10) < needed_for_energy(2, 0.5, 1.5, 10)
        True
    """
    pair = variance**2 * math.comb(d + k - 1, k)
    row = effect * (variance + (_FOURTH[k] - 2) * effect)
    level = ENTRY_LEVEL if shared else ONE_SIDED

    def enough(n: float) -> bool:
        null, at = 4 * row / n + 4 * pair / n**2, 4 * row / n + 2 * pair / n**2
        return effect >= level * math.sqrt(null) + _REACH * math.sqrt(at)

    return _least(enough, effect)


def needed_for_rank(effect: float, variance: float, d: int) -> int | None:
    """The least n at which a direction of H with this |eigenvalue| would be found.

    In a half of n/2 rows the direction is seen with cos² = 1 - d v/(n/2 λ²) (a spike on a symmetric matrix), and its score on the
    other is cos² λ √(n/2)/√(2v + 13 λ²), the variance of y (z² - 1) for a He_2 of this eigenvalue. None beyond 10¹².
    """

    def enough(n: float) -> bool:
        half = n / 2
        seen = 1 - d * variance / (half * effect**2)
        return seen > 0 and _passes(seen * effect * math.sqrt(half / (2 * variance + 13 * effect**2)))

    return _least(enough, effect)


def needed_for_dimension(effect: float, d: int) -> int | None:
    """The least n at which a direction would be found along which the moments with bounded weights have this singular value.

    As `needed_for_rank`, with the two alignments of a spike on a d x (2d + 2) matrix of variance 2 (on the diagonals of
    T (x xᵀ - I); 4 in 2 T x, 1 elsewhere), and 4 for the variance of the score. The singular value is at most 2: the weights
    have variance 1. None beyond 10¹².
    """

    def enough(n: float) -> bool:
        half = n / 2
        a, b, square = 2 * d / half, 2 * (2 * d + 2) / half, effect**2
        left, right = 1 - a * (b + square) / (square * (square + a)), 1 - b * (a + square) / (square * (square + b))
        return min(left, right) > 0 and _passes(math.sqrt(left * right) * effect * math.sqrt(half / 4))

    return _least(enough, effect)


def _passes(score: float) -> bool:
    """Whether a score with this mean passes often enough: two halves lower its spread, and their alignments vary."""
    return score >= ONE_SIDED + _REACH


def _least(enough: Callable[[float], bool], effect: float) -> int | None:
    if not (math.isfinite(effect) and effect > 0):
        raise InputError(f"the effect is {effect}: give a positive number")
    low, high = 1, MOST
    if not enough(high):
        return None
    while low < high:  # more samples never do less
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return max(low, FEWEST_ROWS)
