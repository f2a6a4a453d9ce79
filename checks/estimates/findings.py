"""The theorems' assumptions on the target in the light of data, which mostly can only fail to refute them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from steinlab.checks.papers import PAPERS
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict


class Seen(NamedTuple):
    """What the assumptions are read from: dim S*, rank H, whether C_1 ≠ 0 and E y ≠ 0 are claimed; d, the dimension of x."""

    d: int
    dimension: Decided
    rank: Decided
    linear: bool
    mean: bool


Answer = tuple[Verdict, str]
SHAPE = "a sample fits functions with it and without it"


def findings(seen: Seen) -> tuple[Finding, ...]:
    """Every assumption on the target alone. HOLDS is said only where a lower bound meets d, the most that there can be."""
    ids = [assumption.id for paper in PAPERS for assumption in paper.assumptions]
    answers = {id: _DECIDE.get(id, _shape)(seen) for id in ids}
    return tuple(Finding(id, verdict, Evidence.NUMERICAL, reason) for id, (verdict, reason) in answers.items())


def _shape(seen: Seen) -> Answer:
    return Verdict.UNDECIDED, SHAPE


def _directions(seen: Seen) -> Answer:
    if seen.dimension.value is not None:
        return Verdict.HOLDS, f"dim S* = {seen.dimension.value}, all that there are: {seen.dimension.reason}"
    reason = f"f* depends on at least {seen.dimension.lower} and at most {seen.d} directions; data bound it from below only"
    return Verdict.UNDECIDED, reason


def _nondegenerate(seen: Seen) -> Answer:
    if seen.rank.value is not None and seen.rank.value > 0:
        return Verdict.HOLDS, f"rank H = {seen.rank.value} = dim S*, all directions that there are: {seen.rank.reason}"
    reason = (
        f"rank H >= {seen.rank.lower}, dim S* >= {seen.dimension.lower}; what was not seen may be small, and is not zero for it"
    )
    return Verdict.UNDECIDED, reason


def _one_direction(seen: Seen) -> Answer:
    if seen.dimension.lower >= 2:
        return Verdict.FAILS, f"dim S* >= {seen.dimension.lower}: {seen.dimension.reason}"
    if seen.dimension.value == 1:
        return Verdict.HOLDS, "x has one dimension, and y depends on it"
    return Verdict.UNDECIDED, f"dim S* >= {seen.dimension.lower} is all that is seen; further directions are not excluded"


def _monotone(seen: Seen) -> Answer:
    verdict, reason = _one_direction(seen)
    return (verdict, reason) if verdict is Verdict.FAILS else (Verdict.UNDECIDED, SHAPE)


def _nested(seen: Seen) -> Answer:
    if seen.mean:
        return Verdict.FAILS, "E f* ≠ 0, and products have mean 0: centre the labels (wrong in at most 5% of samples)"
    if seen.linear:
        return (
            Verdict.FAILS,
            "C_1 ≠ 0, and the products have degree 2 at least (wrong in at most 10% of samples, with the test of E f*)",
        )
    return Verdict.UNDECIDED, SHAPE


_DECIDE: dict[str, Callable[[Seen], Answer]] = {
    "damian.assumption1": _directions,
    "damian.assumption2": _nondegenerate,
    "mousavi.single_index": _one_direction,
    "mousavi.monotone_link": _monotone,
    "abbe.nested_products": _nested,
}
