"""What a judgement rests on, as JSON values."""

from __future__ import annotations

import math
from typing import Any

from steinlab.checks.rates.claims import PredictedExponent
from steinlab.checks.rates.judging import RateJudgement
from steinlab.checks.rates.planning import Needed
from steinlab.checks.rates.slopes import Ends, Logarithm


def slope_record(judgement: RateJudgement) -> dict[str, Any] | None:
    """The qualifying numbers of a fit, None where the runs could not be fitted. An end that is not finite is null."""
    slope = judgement.slope
    if slope is None:
        return None
    offset = slope.tested.offset
    held_out = None
    if slope.held_out is not None:
        ratio, interval = slope.held_out
        held_out = {"x": float(slope.x[-1]), "measured_over_extrapolated": float(ratio), "interval": _ends(interval)}
    return {
        "points": judgement.points,
        "held_out": held_out,
        "last_step": _ends(slope.last_step),
        "tested": _ends(slope.tested.interval),
        "offset": {"c": _finite(offset.offset), "excess": _finite(offset.excess), "fits": not slope.tested.beyond},
        "logarithm": None if slope.logarithm is None else _logarithm(slope.logarithm, judgement.logarithm_size),
    }


def _logarithm(found: Logarithm, needed: float | None) -> dict[str, Any]:
    return {
        "power": float(found.power),
        "interval": _ends(found.interval),
        "told_apart": bool(found.told_apart),
        "sizes_needed": needed,
        "exponent_beside_logarithm": float(found.exponent),
        "interval_beside_logarithm": _ends(found.exponent_interval),
    }


def bound_record(claim: PredictedExponent, judgement: RateJudgement) -> dict[str, Any] | None:
    """The finite-size bound that the runs were compared with, and the slope of their ratio to it, which is judged against 0."""
    if claim.bound is None:
        return None
    tested = None if judgement.slope is None else judgement.slope.tested
    slope = None if tested is None else _finite(tested.exponent - claim.predicted)
    interval = None if tested is None else [_finite(end - claim.predicted) for end in tested.interval]
    return {"law": claim.bound.text, "slope_of_ratio": slope, "interval": interval}


def needed_record(needed: Needed | None) -> dict[str, Any] | None:
    """Sizes, seeds and runs that would decide."""
    if needed is None:
        return None
    whole = all(size == round(size) for size in needed.sizes)
    return {"sizes": [round(s) if whole else s for s in needed.sizes], "seeds": needed.seeds, "runs": needed.runs}


def _ends(interval: Ends) -> list[float | None]:
    return [_finite(end) for end in interval]


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
