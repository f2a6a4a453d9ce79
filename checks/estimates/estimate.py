"""`estimate`: what data say of a target, as one value."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from steinlab.checks.estimates import text
from steinlab.checks.estimates.answer import Answer
from steinlab.numerics.estimation.directions import Directions
from steinlab.numerics.estimation.facts import measure
from steinlab.numerics.estimation.intervals import CONFIDENCE, Estimated
from steinlab.numerics.estimation.split_test import MOST_DIRECTIONS
from steinlab.theory.verdicts import Decided

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SCHEMA = "steinlab/estimate/1"


@dataclass(frozen=True, eq=False, repr=False)
class Estimate(Answer):
    """All that is said of a data set. Build it with `estimate`.

    Every fact is numerical. Integers are one-sided: `rank.lower`, `dimension.lower`, `information_exponent.upper`.
    """

    def to_dict(self) -> dict[str, Any]:
        """The object that `steinlab estimate --json` prints."""
        facts = self.facts
        return {
            "schema": SCHEMA,
            "n": self.n,
            "d": self.d,
            "seed": facts.seed,
            "whitened": facts.whitened,
            "confidence": CONFIDENCE,
            "normality": [
                {"id": f.id, "what": f.what, "size": f.size, "limit": f.limit, "p": f.p, "noticed": f.noticed}
                for f in facts.normality
            ],
            "mean": _estimated(self.mean),
            "variance": _estimated(self.variance) | {"kurtosis": facts.kurtosis},
            "energies": {
                str(k): _estimated(e) | {"standard_error": e.error, "nonzero": self.nonzero(k).value}
                for k, e in self.energies.items()
            },
            "information_exponent": _decided(self.information_exponent),
            "rank": _decided(self.rank) | _directions(facts.rank),
            "dimension": _decided(self.dimension) | _directions(facts.dimension),
            "assumptions": [
                {"id": f.id, "verdict": f.verdict.value, "evidence": f.evidence.value, "reason": f.reason} for f in self.findings
            ],
            "needed": [{"fact": fact, "effect": effect, "n": n} for fact, effect, _, n in self.outlook],
            "warnings": list(self.warnings),
        }

    def to_json(self) -> str:
        """The same as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def to_text(self) -> str:
        """The report in words."""
        return text.report(self)

    def to_html(self) -> str:
        """A page that stands by itself, with pictures."""
        from steinlab.checks.estimates.page import render  # Matplotlib is slow to load

        return render(self)

    def _repr_html_(self) -> str:
        return text.notebook(self)

    def __repr__(self) -> str:
        known = f"rank H >= {self.rank.lower}, dim S* >= {self.dimension.lower}"
        upper = self.information_exponent.upper
        return f"Estimate(n={self.n}, d={self.d}: {known}{'' if upper is None else f', information exponent <= {upper}'})"

    def __bool__(self) -> bool:
        raise TypeError("an estimate is neither true nor false: look at .findings, .rank.lower, .energies[k].interval")


def estimate(
    X: ArrayLike,
    y: ArrayLike,
    *,
    whiten: bool = False,
    seed: int = 0,
    progress: Callable[[float, float], None] | None = None,
) -> Estimate:
    """What data say of f*, where x_i ~ N(0, I_d) are the rows of X (n x d) and y_i = f*(x_i) + noise of mean 0 given x_i.

    Energies of degree 1 to 3 with 95% intervals; "the information exponent is at most k", "rank H is at least k", "y depends on
    at least k directions", each wrong in about 5% of samples at most; the theorems' assumptions, which data mostly only refute.
    `whiten`: give X mean 0 and covariance I first. `seed`: of the split into halves. `progress` is told (work done since the last
    call, all work).

    Raises InputError (a ValueError) where X is clearly not standard normal, or the arrays cannot be used; small deviations are in
    `.warnings`. Kind: numerical, with error rates that the study `estimate-calibration` measures.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((2000, 5))
    >>> found = estimate(X, X[:, 0] * X[:, 1] + rng.standard_normal(2000))
    >>> found.rank.lower, found.dimension.lower, found.information_exponent.upper
    (2, 2, 2)
    """
    return Estimate(measure(X, y, whiten=whiten, seed=seed, progress=progress))


def _estimated(value: Estimated) -> dict[str, Any]:
    return {"value": value.value, "interval": list(value.interval)}


def _decided(value: Decided) -> dict[str, Any]:
    return {
        "value": value.value,
        "lower": value.lower,
        "upper": value.upper,
        "evidence": value.evidence.value,
        "reason": value.reason,
    }


def _directions(found: Directions) -> dict[str, Any]:
    return {
        "scores": list(found.test.scores),
        "level": found.test.level,
        "most": MOST_DIRECTIONS,
        "values": [float(value) for value in found.values],
        "further": found.further,
        "overlap": list(found.test.overlap),
        "alignment": found.test.alignment,
        "directions": found.basis.tolist(),
    }
