"""A paper as data: what it cites as, its theorems with their assumptions, what it predicts."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

from steinlab.checks.assumptions.answers import Answers
from steinlab.theory.display import html_table
from steinlab.theory.statements.predictions import Exponents, Samples
from steinlab.theory.verdicts import Finding

if TYPE_CHECKING:
    from steinlab.checks.assumptions.training import Configuration

Direction = Literal["upper", "lower", "tight", "conjecture"]
Status = Literal["proved", "conjectured"]


class Case(NamedTuple):
    """What an assumption is decided for: the answers about a target and, where a theorem asks for it, how one trains."""

    answers: Answers
    training: Configuration | None = None

    @property
    def trained(self) -> Configuration:
        """How one trains; for assumptions of theorems that ask for it."""
        if self.training is None:
            raise ValueError("this assumption is about the training, and none is given")
        return self.training


class Assumption(NamedTuple):
    """One hypothesis: `decide` gives its finding, None where it is not asked of this case.

    `rests_on`: the facts of the report that decide it.
    """

    id: str
    statement: str
    source: str
    decide: Callable[[Case], Finding | None]
    rests_on: tuple[str, ...] = ()


class Training(NamedTuple):
    """What a theorem asks of the training: `settings` in words, and the function that reads those it takes as keywords.

    `recommends`: whether λ, η_t, t* and T follow from a configuration.
    """

    settings: tuple[str, ...]
    keywords: tuple[str, ...]
    configure: Callable[..., Configuration]
    recommends: bool = False


class Theorem(NamedTuple):
    """A theorem with its assumptions; `beside` are findings that are shown with it and not required."""

    id: str
    statement: str
    source: str
    assumptions: tuple[Assumption, ...]
    training: Training | None = None
    beside: tuple[Assumption, ...] = ()


class Prediction(NamedTuple):
    """A predicted number of samples as d grows, up to constants and logarithms.

    `rate` is the formula and `samples` evaluates it; `direction` is what is proved: "upper" suffices, "lower" is necessary,
    "tight" both, "conjecture" neither. `holds_when` are the conditions in words; `assumptions` those that a target must be proved
    to meet beside having the exponents of the formula.
    """

    method: str
    rate: str
    direction: Direction
    holds_when: str
    source: str
    samples: Callable[[Exponents], Samples | None]
    assumptions: tuple[Assumption, ...] = ()

    @property
    def status(self) -> Status:
        return "conjectured" if self.direction == "conjecture" else "proved"

    def of(self, exponents: Exponents, proved: frozenset[str]) -> Cost:
        """The prediction for a target with these exponents that is proved to meet these assumptions."""
        meets = all(assumption.id in proved for assumption in self.assumptions)
        return Cost(self, self.samples(exponents) if meets else None)


class Cost(NamedTuple):
    """A prediction evaluated for a target; `samples` is None where the target does not meet its conditions."""

    prediction: Prediction
    samples: Samples | None

    @property
    def method(self) -> str:
        return self.prediction.method

    @property
    def direction(self) -> Direction:
        return self.prediction.direction

    @property
    def source(self) -> str:
        return self.prediction.source

    @property
    def applies(self) -> bool:
        """Whether the target meets the conditions."""
        return self.samples is not None

    @property
    def value(self) -> str | None:
        """The formula with this target's numbers put in."""
        return None if self.samples is None else self.samples.text

    @property
    def exponent_d(self) -> Fraction | None:
        """The power of d."""
        return None if self.samples is None else self.samples.exponent

    def _repr_html_(self) -> str:
        told = f"no prediction: needs {self.prediction.holds_when}" if self.value is None else self.value
        rows = [("samples", told), ("formula", self.prediction.rate), ("direction", self.direction), ("source", self.source)]
        return html_table(self.method, rows)


class Paper(NamedTuple):
    """A paper: `assumptions` are those on the target alone, which every report decides."""

    citation: str
    theorems: tuple[Theorem, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
