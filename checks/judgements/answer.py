"""A verdict on a user's own numbers, with what was asked and the points it rests on, as JSON and as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from steinlab.checks.judgements.reading import Runs
from steinlab.checks.rates.judging import RateJudgement
from steinlab.checks.rates.records import needed_record, slope_record
from steinlab.checks.text import table
from steinlab.theory.verdicts import Evidence, Verdict

SCHEMA = "steinlab/judge/1"
SIGNS = {"upper": "at most", "lower": "at least", "tight": "exactly"}


@dataclass(frozen=True)
class Question:
    """What is claimed: of y along x where `level` is None, else of the n at which y comes down to the level, along d."""

    predicted: float
    direction: str
    rivals: tuple[float, ...]
    log: bool
    level: float | None
    window: tuple[float, float] | None
    family: int

    @property
    def law(self) -> str:
        """The claim in words."""
        what = "y ∝ x^b" if self.level is None else f"n*(d) ∝ d^b, where y comes down to {self.level:g}"
        return f"{what}, b {SIGNS[self.direction]} {self.predicted:g}" + (", up to logarithms" if self.log else "")


@dataclass(frozen=True)
class Answer:
    """The claim, the runs, and what they say about it."""

    question: Question
    runs: Runs
    judgement: RateJudgement

    @property
    def axis(self) -> str:
        return "x" if self.question.level is None else "d"

    @property
    def interval(self) -> list[float] | None:
        """The interval of the exponent; None where there is none, or where it is unbounded."""
        ends = self.judgement.interval
        return None if ends is None or not np.isfinite(ends).all() else list(ends)

    def points(self) -> list[dict[str, float | int | None]]:
        """Mean, standard deviation and number of the runs at each size."""
        names, values = list(self.runs.sizes), np.array(self.runs.values)
        places = np.array([self.runs.sizes[name] for name in names]).T
        found: list[dict[str, float | int | None]] = []
        for place in np.unique(places, axis=0):
            here = values[(places == place).all(axis=1)]
            std = float(here.std(ddof=1)) if len(here) > 1 else None
            size = {name: float(x) for name, x in zip(names, place, strict=True)}
            found.append({**size, "mean": float(here.mean()), "std": std, "seeds": len(here)})
        return found

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, schema "steinlab/judge/1"."""
        judgement, question = self.judgement, self.question
        return {
            "schema": SCHEMA,
            "predicted": question.predicted,
            "direction": question.direction,
            "rivals": list(question.rivals),
            "log": question.log,
            "level": question.level,
            "window": None if question.window is None else list(question.window),
            "family": question.family,
            "measured": judgement.measured,
            "interval": self.interval,
            "verdict": str(judgement.verdict),
            "evidence": str(Evidence.NUMERICAL),
            "reason": judgement.reason,
            "estimand": str(judgement.estimand),
            "points": self.points(),
            "needed": needed_record(judgement.needed),
            "fit": slope_record(judgement),
        }

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def rows(self) -> list[tuple[str, str]]:
        """What a person would ask, line by line."""
        judgement = self.judgement
        verdict = judgement.verdict.upper() if judgement.verdict is Verdict.FAILS else str(judgement.verdict)
        rows = [("verdict", f"{verdict}: {judgement.reason}")]
        if judgement.measured is not None:
            interval = "an interval without bound" if self.interval is None else "[{:.3f}, {:.3f}]".format(*self.interval)
            mean = "arithmetic" if judgement.estimand == "mean" else "geometric"
            rows.append(("measured", f"{judgement.measured:.3f} {interval} (95%), of the {mean} mean, {judgement.points} points"))
        if judgement.slope is not None and judgement.slope.logarithm is not None:
            rows.append((f"a factor log {self.axis}", self._logarithm()))
        if judgement.needed is not None:
            rows.append(("would decide it", f"{judgement.needed}, in 80% of cases if the spread stays as it is"))
        dependence = (
            "runs of one seed may depend on each other" if self.runs.seeds is not None else "no column seed: all independent"
        )
        rows.append(("runs", f"{len(self.runs.values)}; {dependence}"))
        return rows

    def _logarithm(self) -> str:
        slope, axis = self.judgement.slope, self.axis
        assert slope is not None
        found = slope.logarithm
        assert found is not None
        low, high = (float(end) for end in found.interval)
        if not found.told_apart:
            size = self.judgement.logarithm_size
            told = "no size below 1e12 would tell" if size is None else f"sizes up to {size:.3g} would tell"
            beside = f"{axis}^b log {axis} has b = {float(found.exponent):.3f}"
            return f"these sizes cannot tell {axis}^b from {axis}^b log {axis}; {told}; {beside}"
        power = f"power of the logarithm {float(found.power):.2f} [{low:.2f}, {high:.2f}]"
        if low <= 0 <= high:
            return f"excluded: {axis}^b alone fits ({power})"
        return f"needed: {axis}^b log {axis} fits ({power})" if low <= 1 <= high else f"neither fits: the points bend ({power})"

    def to_text(self) -> str:
        """A few lines for a terminal."""
        return (
            f"{self.question.law}\n" + table(None, self.rows()) + "\nNumerical evidence, from the sizes that were run; no proof."
        )
