"""What a fitted slope says about a claim: the rules, in order, each a condition with its verdict and its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from steinlab.checks.rates.claims import PredictedExponent
from steinlab.checks.rates.slopes import Comparison, Slope, Truths
from steinlab.theory.verdicts import Verdict

Rule = tuple[Truths, Verdict, str]


def decide(claim: PredictedExponent, slope: Slope) -> tuple[Verdict, str]:
    """The verdict on one slope with its reason."""
    return next((verdict, words) for condition, verdict, words in rules(claim, slope) if condition)


def decide_all(claim: PredictedExponent, slopes: Slope) -> np.ndarray[Any, np.dtype[np.str_]]:
    """The verdicts on many slopes at once, as text."""
    conditions, found, _ = zip(*rules(claim, slopes), strict=True)
    return np.select(np.broadcast_arrays(*conditions), [np.array(str(verdict)) for verdict in found], "")


def rules(claim: PredictedExponent, slope: Slope) -> Iterator[Rule]:
    """The first rule whose condition is true decides; the last one's always is.

    A contradiction needs an interval that lies wholly on the wrong side, after a factor log x too where the claim hides one;
    points that no law A (x + c)^predicted with c >= 0 fits, since a claim about large x allows an offset; and a last step that
    does not say the opposite. A confirmation needs an interval that excludes every rival on the wrong side, whatever its width,
    or without rivals lies wholly on the right side, and a last step that does not say the opposite. All else is undecided.
    """
    low, high = slope.tested.interval
    step_low, step_high = slope.last_step
    p, at_most, at_least = claim.predicted, claim.at_most, claim.at_least
    the = "the interval" if claim.bound is None else f"the interval of the ratio to {claim.bound.text}"
    step = f"the step to the largest x = {slope.x[-1]:g} says the opposite: the slope is still changing"
    for side, word, wrong, turned in (
        (1, "above", at_most & (low > p), step_high < p),
        (-1, "below", at_least & (high < p), step_low > p),
    ):
        if slope.without_logarithm is not None:
            factor, without = ("log x", "1/log x")[side < 0], slope.without_logarithm[side < 0]
            explained = wrong & ~_contradicts(without, p, side)
            yield explained, Verdict.UNDECIDED, f"{the} is {word} the prediction, but a factor {factor} would explain that"
        law = f"the law {_offset_law(claim, slope.tested)} fits the points too, and a claim about large x allows an offset"
        yield wrong & ~_contradicts(slope.tested, p, side), Verdict.UNDECIDED, f"{the} is {word} the prediction, but {law}"
        yield wrong & turned, Verdict.UNDECIDED, f"{the} is {word} the prediction, but {step}"
        yield wrong, Verdict.FAILS, f"{the} is wholly {word} the prediction, and no offset explains that"
    for rival in claim.wrong_rivals:
        yield (low <= rival) & (rival <= high), Verdict.UNDECIDED, f"{the} contains the rival exponent {rival:g}"
    turned = (at_most & (step_low > p)) | (at_least & (step_high < p))
    yield turned, Verdict.UNDECIDED, f"{the} agrees, but {step}"
    side_of_bound = "below" if at_most else "above"
    beyond = (high <= p) if at_most else (low >= p)
    if not (at_most and at_least):
        yield beyond, Verdict.HOLDS, f"{the} is wholly {side_of_bound} the bound"
    if claim.wrong_rivals:
        words = f"{the} contains the prediction and excludes every rival on the wrong side of it"
        yield np.isfinite(low) & np.isfinite(high), Verdict.HOLDS, words
        yield np.array(True), Verdict.UNDECIDED, f"{the} is not bounded"
    yield np.array(True), Verdict.UNDECIDED, f"{the} contains the prediction, and no rival that it could exclude was named"


def _contradicts(tested: Comparison, predicted: float, side: int) -> Truths:
    low, high = tested.interval
    beyond: Truths = (low > predicted) & (tested.beyond > 0) if side > 0 else (high < predicted) & (tested.beyond < 0)
    return beyond


def _offset_law(claim: PredictedExponent, tested: Comparison) -> str:
    """The nearest offset law in words; of many data sets, with a letter."""
    power = f"^{claim.predicted:g}"
    if np.ndim(tested.offset.offset) or not np.isfinite(tested.offset.offset):
        return f"A (x + c){power}"
    return f"A (x + {tested.offset.offset:.3g}){power}"
