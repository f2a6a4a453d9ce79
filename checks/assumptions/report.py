"""The report on a target: its facts, the assumptions of a theorem, and what each method is predicted to cost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from steinlab.checks.assumptions import facts, text
from steinlab.checks.assumptions.answers import Answers, Shown, learned_at
from steinlab.checks.assumptions.explanation import explanation
from steinlab.checks.papers import PAPERS, THEOREMS
from steinlab.checks.papers.damian_2022 import ASSUMPTION_2, POLYNOMIAL
from steinlab.checks.papers.paper import Assumption, Case, Cost, Theorem
from steinlab.theory.exact.linear_algebra import Matrix, Vector
from steinlab.theory.expansions.generative import GenerativeExponent
from steinlab.theory.statements.predictions import Exponents, power_of_d
from steinlab.theory.targets.exponents import SubspaceLeap
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict

if TYPE_CHECKING:
    from steinlab.checks.assumptions.training import Configuration

SCHEMA = "steinlab/check/1"


@dataclass(frozen=True)
class Hessian:
    """The expected Hessian H = E[∇²f*] as a report tells it; vectors as the report's `directions` words them."""

    answers: Answers = field(repr=False)

    @property
    def rank(self) -> Decided:
        """rank H."""
        return self.answers.rank

    @property
    def kappa(self) -> float | None:
        """κ = ‖H†‖_op/√r for the target scaled to E f*² = 1; None unless Assumption 2 holds and floats reach so far."""
        return self.answers.kappa.nearest

    @property
    def eigenvalues(self) -> tuple[Shown, ...] | None:
        """The eigenvalues on the span of the directions, rising, each with its enclosure; None where none is known."""
        return None if self.answers.eigenvalues is None else tuple(self.answers.eigenvalues)

    @property
    def range(self) -> Matrix | None:
        """A basis of what H sees, where that is known exactly."""
        return self.answers.visible

    @property
    def invisible(self) -> Matrix | None:
        """A basis of S* ∩ ker H, where that is known exactly."""
        return self.answers.invisible


@dataclass(frozen=True, repr=False)
class Report:
    """Everything that `steinlab check` says about a target. Build it with `check`.

    Each finding has three values and its evidence; UNDECIDED is never a pass.
    """

    answers: Answers
    theorem: str = "damian.theorem1"
    configuration: Configuration | None = None

    @property
    def target(self) -> Target:
        return self.answers.target

    # -- facts

    def settle(self) -> None:
        """Ask for every fact, always in this order: what the budget is spent on does not depend on how the report is read."""
        a = self.answers
        _ = a.information_exponent, self.assumptions, a.subspace_leap, a.coordinate_leap, a.generative_exponent
        _ = a.eigenvalues, a.kappa, a.visible, a.invisible

    @property
    def effective_dimension(self) -> Decided:
        """dim S*."""
        return self.answers.dimension

    @cached_property
    def hessian(self) -> Hessian:
        """The expected Hessian."""
        return Hessian(self.answers)

    @property
    def information_exponent(self) -> Decided:
        return self.answers.information_exponent

    @property
    def subspace_leap(self) -> SubspaceLeap:
        return self.answers.subspace_leap

    @property
    def coordinate_leap(self) -> Decided | None:
        """None where the directions are not those that it is defined for."""
        return self.answers.coordinate_leap

    @property
    def generative_exponent(self) -> GenerativeExponent | None:
        """None for a target of several directions."""
        return self.answers.generative_exponent

    def learned_at(self, vector: Vector) -> int | None:
        """The largest leap taken before `vector` lies in the span of what was found; None where that is undecided."""
        return learned_at(self.subspace_leap, vector)

    # -- assumptions

    @cached_property
    def assumptions(self) -> tuple[Finding, ...]:
        """Every assumption on the target that is known, whichever theorem is asked about."""
        case = Case(self.answers)
        found = (self._decide(a, case) for paper in PAPERS for a in paper.assumptions)
        return tuple(finding for finding in found if finding is not None)

    def _decide(self, assumption: Assumption, case: Case) -> Finding | None:
        """The finding, undecided where it exceeds its budget."""

        def undecided(why: str) -> Finding | None:
            return Finding(assumption.id, Verdict.UNDECIDED, Evidence.NUMERICAL, why)

        return self.answers.attempt(lambda: assumption.decide(case), undecided)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The assumptions on the target and, for the theorems that ask for one, on the configuration."""
        known, case = {finding.id for finding in self.assumptions}, Case(self.answers, self.configuration)
        asked = (*self._theorem.assumptions, *self._theorem.beside)
        more = (self._decide(a, case) for a in asked if a.id not in known)
        return (*self.assumptions, *(found for found in more if found is not None))

    def finding(self, id: str) -> Finding:
        """The assumption with this id."""
        return next(f for f in self.findings if f.id == id)

    @property
    def required(self) -> tuple[Finding, ...]:
        """The assumptions of the theorem asked about."""
        ids = {assumption.id for assumption in self._theorem.assumptions}
        return tuple(f for f in self.findings if f.id in ids)

    @property
    def verdict(self) -> Verdict:
        """HOLDS if every required assumption holds, FAILS if one fails, UNDECIDED otherwise."""
        verdicts = {f.verdict for f in self.required}
        if verdicts == {Verdict.HOLDS}:
            return Verdict.HOLDS
        return Verdict.FAILS if Verdict.FAILS in verdicts else Verdict.UNDECIDED

    @property
    def _theorem(self) -> Theorem:
        return THEOREMS[self.theorem]

    # -- predictions

    @property
    def exponents(self) -> Exponents:
        """What the predictions depend on, each None where it is undefined or undecided."""
        a, generative = self.answers, self.generative_exponent
        return Exponents(
            r=a.dimension.value,
            p=self.target.degree,
            kappa=None if a.kappa.text is None else a.kappa.nearest,
            information=self.information_exponent.value,
            leap=self.subspace_leap.value.value,
            generative=None if generative is None else generative.value.value,
        )

    @cached_property
    def predictions(self) -> tuple[Cost, ...]:
        """What each method is predicted to cost."""
        proved = frozenset(f.id for f in self.assumptions if f.verdict is Verdict.HOLDS)
        exponents = self.exponents
        return tuple(prediction.of(exponents, proved) for paper in PAPERS for prediction in paper.predictions)

    @cached_property
    def advice(self) -> tuple[str, ...]:
        """What to try when Assumption 2 does not hold; empty when it does."""
        a = self.answers
        if a.nondegenerate is Verdict.HOLDS:
            return ()
        tips = []
        restoring = a.restoring_power()
        if restoring is not None:
            power, proof = restoring
            tips.append(
                f"Transform the labels: E[∇² E[y^{power} | x]] has rank {a.dimension.value} ({proof.value}; derived), so a "
                f"gradient step on y^{power} sees every direction. Take that step for W, then fit the head on y."
            )
        if a.nondegenerate is Verdict.FAILS:
            source = "another target", "this one plus He(2, .) of each invisible direction"
            if self.finding(POLYNOMIAL.id).verdict is not Verdict.HOLDS:
                source = "a polynomial target", "a sum of He(2, .) of each direction"
            tips.append(
                f"Transfer (Theorem 3): pretrain W on {source[0]} of the same directions with a non-degenerate expected Hessian, "
                f"such as {source[1]}, then refit the head."
            )
        leap = self.subspace_leap.value.value
        if leap is not None:
            tips.append(
                f"Take many steps: SGD on a target of subspace leap {leap} is conjectured to need about "
                f"{power_of_d(max(1, leap - 1))} samples, where one step sees only the range of H."
            )
        return tuple(tips)

    # -- as JSON and as text

    def to_dict(self) -> dict[str, Any]:
        """The object that `steinlab check --json` prints."""
        return self.answers.within_budget(self._to_dict)

    def _to_dict(self) -> dict[str, Any]:
        self.settle()
        target, known = self.target, facts.fields(self.answers)
        return {
            "schema": SCHEMA,
            "target": {
                **target.to_mapping(),
                "name": target.name,
                "latent_dimension": target.latent_dimension,
                **facts.fields(self.answers, "target"),
                "degree": target.degree,
            },
            "theorem": self.theorem,
            "verdict": self.verdict.value,
            **known,
            "assumptions": [
                {
                    "id": f.id,
                    "verdict": f.verdict.value,
                    "evidence": f.evidence.value,
                    "reason": f.reason,
                    "required": f in self.required,
                }
                for f in self.findings
            ],
            "predictions": [
                {
                    "method": p.method,
                    "exponent_d": None if p.exponent_d is None else float(p.exponent_d),
                    "rate": p.prediction.rate,
                    "value": p.value,
                    "direction": p.direction,
                    "status": p.prediction.status,
                    "holds_when": p.prediction.holds_when,
                    "applies": p.applies,
                    "source": p.source,
                }
                for p in self.predictions
            ],
            "advice": list(self.advice),
        }

    def to_json(self) -> str:
        """The same as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def to_text(self, full: bool = False, room: int = text.SHORT_LINES) -> str:
        """The report in words: the short one, in so many lines, or all of it."""
        return self.answers.within_budget(lambda: self._to_text(full, room))

    def _to_text(self, full: bool, room: int) -> str:
        self.settle()
        told = text.Told(
            theorem=self.theorem,
            verdict=self.verdict,
            findings=self.findings,
            required=self.required,
            predictions=self.predictions,
            degree_undecided=self.target.degree is None and self.finding(POLYNOMIAL.id).verdict is Verdict.HOLDS,
            advice=self.advice if ASSUMPTION_2 in self._theorem.assumptions else (),
            why_advice="fails" if self.finding(ASSUMPTION_2.id).verdict is Verdict.FAILS else "is undecided",
        )
        return text.full(self.answers, told) if full else text.short(self.answers, told, room)

    def explain(self, fact: str) -> str:
        """The steps that decided a fact, by its key in the JSON, or an assumption, by its id. InputError for another name."""
        asked = [*(a for paper in PAPERS for a in paper.assumptions), *self._theorem.assumptions, *self._theorem.beside]
        known = {assumption.id: assumption for assumption in asked}
        return self.answers.within_budget(lambda: explanation(self.answers, fact, known, {f.id: f for f in self.findings}))

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.to_text())}</pre>"

    def __repr__(self) -> str:
        return f"Report({self.target.link!r}, {self.theorem}: {self.verdict.value})"

    def __bool__(self) -> bool:
        raise TypeError("a report has three values: compare .verdict with Verdict.HOLDS instead of testing truth")
