"""What `steinlab csq` finds, as one value and as the JSON object that it prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from steinlab.checks.csq.fights import Fight
from steinlab.checks.csq.problem import Problem
from steinlab.theory.statements.csq import ToleranceBound
from steinlab.theory.statements.line_sets import NearOrthogonalSet
from steinlab.theory.statements.near_orthogonal import levenshtein_coherence, levenshtein_size, sign_coherence_bound, welch_bound

SCHEMA = "steinlab/csq/1"

LIMITS = (
    "Samples are not queries: n = 1/τ² reads a tolerance as the error of an average over n samples (τ ≈ n^(-1/2)), a heuristic. "
    "Learners that use samples in other ways are not bound; for one direction, the generative exponent says what they can do.",
    "Worst case over the class: some member resists each learner. A single known target is learned with no query at all. The "
    "mean of the target counts as known.",
    "Queries have unit norm, E h² = 1. A query scaled by s is as good as one with tolerance τ/s.",
    "The learner outputs a member of the class, as in Lemma 2; the loss is at least 2 - 2ε for some truth otherwise.",
)


@dataclass(frozen=True)
class Answer:
    """The bounds on a problem in dimension d, those of a set if one was built, and the adversary's fights if it ran.

    `printed`: the order that Theorem 2 prints, for one direction; its constant is not printed, so that it is no bound.
    """

    problem: Problem
    d: int
    queries: int
    seed: int
    bounds: Sequence[ToleranceBound]
    printed: float | None
    frame: NearOrthogonalSet | None
    frame_bounds: Sequence[ToleranceBound]
    fights: Sequence[Fight]

    @property
    def best(self) -> ToleranceBound:
        """The least of all bounds."""
        return min((*self.bounds, *self.frame_bounds), key=lambda bound: bound.tolerance_squared)

    def to_dict(self) -> dict[str, Any]:
        """The object with schema "steinlab/csq/1". Rationals are rounded up to floats, so that each bound still holds."""
        frame = None
        if self.frame is not None:
            frame = {**frame_record(self.frame), "bounds": [_bound_record(bound) for bound in self.frame_bounds]}
        return {
            "schema": SCHEMA,
            "d": self.d,
            "queries": self.queries,
            "seed": self.seed,
            "class": _problem_record(self.problem),
            "bounds": [_bound_record(bound) for bound in self.bounds],
            "theorem2_printed": None
            if self.printed is None
            else {"tolerance_squared_order": self.printed, "evidence": "numerical"},
            "construction": frame,
            "adversary": [_fight_record(fight) for fight in self.fights] or None,
            "limits": list(LIMITS),
        }


def float_up(x: Fraction) -> float:
    """The least float at or above x.

    >>> Fraction(float_up(Fraction(1, 3))) >= Fraction(1, 3)
    True
    """
    value = float(x)
    return value if Fraction(value) >= x else math.nextafter(value, math.inf)


def _problem_record(problem: Problem) -> dict[str, Any]:
    return {
        "text": problem.text,
        "energies": {str(k): float_up(energy) for k, energy in problem.energies.items()},
        "information_exponent": {
            "value": problem.exponent if problem.decided else None,
            "lower": problem.exponent,
            "evidence": problem.evidence.value,
        },
        "directions": problem.directions,
    }


def _bound_record(bound: ToleranceBound) -> dict[str, Any]:
    return {
        "name": bound.name,
        "tolerance_squared": float_up(bound.tolerance_squared),
        "direction": "upper",
        "samples": bound.samples,
        "samples_direction": "lower, under the heuristic τ ≈ n^(-1/2)",
        "vacuous": bound.vacuous,
        "cosine": None if bound.cosine is None else float_up(bound.cosine),
        "size": bound.size,
        "correlation": None if bound.correlation is None else float_up(bound.correlation),
        "evidence": bound.evidence.value,
        "source": bound.source,
    }


def frame_record(frame: NearOrthogonalSet) -> dict[str, Any]:
    """A set of vectors beside Welch's and Levenshtein's bounds, and for random signs what was promised beforehand."""
    most = levenshtein_size(frame.dimension, frame.coherence_squared) if frame.coherence_squared < 1 else None
    return {
        "name": frame.name,
        "dimension": frame.dimension,
        "size": frame.size,
        "coherence": float(frame.coherence),
        "coherence_exact": str(frame.coherence),
        "coherence_squared": str(frame.coherence_squared),
        "verified": frame.verified,
        "evidence": "exact",
        "welch_coherence": math.sqrt(welch_bound(frame.dimension, frame.size)),
        "levenshtein_coherence": math.sqrt(levenshtein_coherence(frame.dimension, frame.size)),
        "levenshtein_size": None if most is None else float(most),
        "share_of_levenshtein_size": None if most is None else float(frame.size / most),
        "random_guarantee": _guarantee(frame),
        "source": frame.source,
    }


def _guarantee(frame: NearOrthogonalSet) -> dict[str, Any] | None:
    if frame.name != "random":
        return None
    return {
        "coherence": float(sign_coherence_bound(frame.dimension, frame.size, Fraction(1, 100))),
        "probability": 0.99,
        "evidence": "exact",
        "method": "exact binomial law of a product of sign vectors, union bound over pairs",
    }


def _fight_record(fight: Fight) -> dict[str, Any]:
    return {"class": fight.text, **asdict(fight.outcome), "lemma2": fight.promise, "evidence": "numerical"}
