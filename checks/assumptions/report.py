"""The hypotheses of the theorems, checked for one target: what holds, what fails and why."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from steinlab.theory import budget
from steinlab.theory.errors import InputError
from steinlab.theory.statements.predictions import Exponents, Prediction, predictions
from steinlab.theory.targets.target import PolynomialTarget, Target
from steinlab.theory.verdicts import Evidence, Finding, Verdict

if TYPE_CHECKING:
    from steinlab.checks.assumptions.training import Configuration

MONOTONE = ("mousavi.single_index", "mousavi.monotone_link", "mousavi.polynomial_growth")
"""The assumptions on the target under which ReLU networks learn it from O(d) samples."""

THEOREMS: dict[str, tuple[str, ...]] = {
    "damian.theorem1": ("damian.polynomial", "damian.assumption1", "damian.assumption2"),
    "damian.theorem3": ("damian.polynomial", "damian.assumption1", "damian.assumption2"),
    "mousavi.single_index": (
        *MONOTONE,
        "mousavi.relu_student",
        "mousavi.few_directions",
        "mousavi.activation",
        "mousavi.loss",
        "mousavi.biases",
    ),
    "mousavi.subspace_convergence": ("mousavi.few_directions", "mousavi.activation", "mousavi.loss", "mousavi.biases"),
    "mousavi.generalisation": (
        "mousavi.few_directions",
        "mousavi.activation",
        "mousavi.loss",
        "mousavi.biases",
        "mousavi.lipschitz_loss",
    ),
}
"""For each theorem the assumptions that it needs. Theorem 3 of Damian et al. asks them of the source target."""

CONFIGURED = ("mousavi.single_index", "mousavi.subspace_convergence", "mousavi.generalisation")
"""The theorems that ask something of the activation, the loss and the biases; with a weight decay, `mousavi.weight_decay` too."""


@dataclass(frozen=True)
class Report(ABC):
    """What `steinlab check` says about a target. Build it with `check`: a PolynomialReport or a LinkReport.

    Each finding has three values and its evidence; UNDECIDED is never a pass.
    """

    target: Target
    theorem: str = "damian.theorem1"
    configuration: Configuration | None = None

    @cached_property
    def purse(self) -> budget.Purse:
        """The steps of work for all facts together."""
        return budget.Purse(budget.REPORT_STEPS, self.effort)

    @cached_property
    @abstractmethod
    def assumptions(self) -> tuple[Finding, ...]:
        """Every assumption on the target that is known, whichever theorem is asked about."""

    @property
    @abstractmethod
    def exponents(self) -> Exponents:
        """What the predictions depend on, each None where it is undefined or undecided."""

    @cached_property
    @abstractmethod
    def advice(self) -> tuple[str, ...]:
        """What to try when Assumption 2 does not hold; empty when it does."""

    @property
    def effort(self) -> int:
        """What the budget of each fact is multiplied by."""
        return 1

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The assumptions on the target and, for the theorems that ask for one, on the configuration."""
        if self.configuration is None:
            return self.assumptions
        return (*self.assumptions, *getattr(self.configuration, self.theorem.removeprefix("mousavi.")))

    def finding(self, id: str) -> Finding:
        """The assumption with this id."""
        return next(f for f in self.findings if f.id == id)

    @property
    def required(self) -> tuple[Finding, ...]:
        """The assumptions of the theorem asked about."""
        ids = (*THEOREMS[self.theorem], *(["mousavi.weight_decay"] if self.configuration is not None else []))
        return tuple(f for f in self.findings if f.id in ids)

    @property
    def verdict(self) -> Verdict:
        """HOLDS if every required assumption holds, FAILS if one fails, UNDECIDED otherwise."""
        verdicts = {f.verdict for f in self.required}
        if verdicts == {Verdict.HOLDS}:
            return Verdict.HOLDS
        return Verdict.FAILS if Verdict.FAILS in verdicts else Verdict.UNDECIDED

    @property
    def is_monotone(self) -> bool:
        """Whether f* is proved to be a monotone function of one direction with polynomial growth."""
        return all(f.verdict is Verdict.HOLDS for f in self.assumptions if f.id in MONOTONE)

    @cached_property
    def predictions(self) -> tuple[Prediction, ...]:
        return predictions(self.exponents)

    def _repr_html_(self) -> str:
        from steinlab.checks.commands.check import render

        return f"<pre>{escape(render(self))}</pre>"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.target.link!r}, {self.theorem}: {self.verdict.value})"


def check(target: Target | str, theorem: str = "damian.theorem1", *, effort: int = 1, **configuration: Any) -> Report:
    """Check the assumptions of a theorem for a target.

    `target`: a Target, or an expression for one. `theorem`: one of THEOREMS. `effort`: a whole number >= 1 that multiplies the
    budget of work of each fact, which is undecided where that does not suffice. `configuration`, for the theorems in CONFIGURED:
    activation (default ReLU), loss (Huber), biases (±1), weight_decay and width as `Configuration.of` takes them. Raises
    InputError for anything else.
    Kind: exact for polynomial targets; exact, certified or undecided for general links.

    >>> report = check("He(2,z1)/2 + He(4,z1)/sqrt(48)")
    >>> report.verdict.value, report.information_exponent, report.hessian.kappa
    ('holds', 2, 1.0)
    >>> check("z1**2*exp(-z1**2)").generative_exponent.value.value
    4
    >>> check("tanh(z1)", "mousavi.subspace_convergence", activation="relu", biases="±1").verdict.value
    'holds'
    """
    if theorem not in THEOREMS:
        raise InputError(f"theorem {theorem!r} is unknown: use one of {', '.join(THEOREMS)}")
    if isinstance(target, str):
        target = Target.from_expression(target)
    if effort < 1:
        raise InputError(f"the effort is {effort}: expected a whole number >= 1")
    configured = _configured(target, theorem, configuration)
    if isinstance(target, PolynomialTarget):
        from steinlab.checks.assumptions.polynomial_report import PolynomialReport

        return PolynomialReport(target, theorem, configured)
    if isinstance(target, Target):
        from steinlab.checks.assumptions.link_report import LinkReport
        from steinlab.theory.targets.target import LinkTarget

        if isinstance(target, LinkTarget):
            if effort != target.effort:
                target = replace(target, effort=effort)
            return LinkReport(target, theorem, configured)
    raise InputError(f"the target is {target!r}: expected a Target or an expression as text")


def _configured(target: object, theorem: str, parts: dict[str, Any]) -> Configuration | None:
    given = {name: value for name, value in parts.items() if value is not None}
    if theorem not in CONFIGURED:
        if given:
            raise InputError(f"{next(iter(given))} is asked for by {' and '.join(CONFIGURED)} only, not by {theorem}")
        return None
    if not isinstance(target, Target):
        return None
    from steinlab.checks.assumptions.training import Configuration

    known = ("activation", "loss", "biases", "weight_decay", "width")
    for name in given:
        if name not in known:
            raise InputError(f"the configuration has no {name!r}: it has {', '.join(known)}")
    return Configuration.of(target, **{"biases": "±1"} | given)


T = TypeVar("T")


def attempt(compute: Callable[[], T], undecided: Callable[[str], T], effort: int | None = None) -> T:
    """A fact, or what stands for it with the reason why it could not be computed within its budget: no fact ends the report."""
    return budget.attempt(compute, undecided, effort=effort, alone=True)


def count(n: int, noun: str) -> str:
    """'1 direction', '2 directions'."""
    return f"{n} {noun}" + ("" if n == 1 else "s")


def single_index_finding(dimension: int, evidence: Evidence) -> Finding:
    """f* depends on one direction. Source: Mousavi-Hosseini et al. 2022."""
    verdict = Verdict.HOLDS if dimension == 1 else Verdict.FAILS
    return Finding("mousavi.single_index", verdict, evidence, f"f* depends on {count(dimension, 'direction')}")
