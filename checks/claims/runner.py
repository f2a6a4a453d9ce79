"""Runs a claim and its planted faults on cases that Hypothesis draws and shrinks."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any

from steinlab.checks.claims.claim import AnyClaim, Outcome, undecided
from steinlab.theory.verdicts import Verdict

LONGEST_COUNTEREXAMPLE = 400
FAULT_EXAMPLES = 1000
"""Most cases drawn to find a planted fault, whatever is spent on the claim; the search ends at the first case that rejects it."""


@dataclass(frozen=True)
class Trial:
    """One check over many cases. HOLDS only if at least one case was run and every case run was decided and held."""

    verdict: Verdict
    reason: str
    counterexample: str | None
    examples: int
    decided: int


@dataclass(frozen=True)
class Control:
    """What the claim's check said of a planted fault; `rejected` only if it found a case where the fault fails."""

    mutation: str
    rejected: bool
    trial: Trial


@dataclass(frozen=True)
class Result:
    claim: AnyClaim
    trial: Trial
    controls: tuple[Control, ...]
    seconds: float

    @property
    def confirmed(self) -> bool:
        """The claim holds, it has a control, and every control was rejected."""
        rejected = [control.rejected for control in self.controls]
        return self.trial.verdict is Verdict.HOLDS and bool(rejected) and all(rejected)


def run_claim(claim: AnyClaim, *, max_examples: int, seed: int) -> Result:
    """Decide the claim on its extremal cases and at most `max_examples` drawn ones, and each of its faults likewise.

    A fault has a budget of its own, `FAULT_EXAMPLES`: it is there to be found. The cases are a function of the claim's id and the
    seed. Nothing is read from or kept in an example database, and no deadline depends on the clock.
    """
    start = time.perf_counter()
    trial = _try(claim, claim.subject, max_examples, seed, shrink=True)
    controls = []
    for fault in claim.faults:
        attempt = _try(claim, fault.subject, FAULT_EXAMPLES, seed, shrink=False)
        controls.append(Control(fault.mutation, attempt.verdict is Verdict.FAILS, attempt))
    return Result(claim, trial, tuple(controls), time.perf_counter() - start)


class _Rejected(Exception):
    def __init__(self, outcome: Outcome, case: object) -> None:
        super().__init__(outcome.reason)
        self.outcome, self.case = outcome, case


def _try(claim: AnyClaim, subject: Any, max_examples: int, seed: int, *, shrink: bool) -> Trial:
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings
    from hypothesis import seed as seeded
    from hypothesis.errors import HypothesisException

    examples = decided = 0
    failing = False
    doubt: tuple[str, str] | None = None

    def decide(case: object) -> None:
        nonlocal examples, decided, doubt, failing
        try:
            outcome = claim.check(subject, case)
        except HypothesisException:  # how a strategy discards a case
            raise
        except Exception as error:  # a crash is neither a proof nor a refutation
            outcome = undecided(f"raised {type(error).__name__}: {error}")
        if not failing:  # later calls only shrink
            examples += 1
            decided += outcome.verdict is not Verdict.UNDECIDED
        if outcome.verdict is Verdict.UNDECIDED:
            doubt = doubt or (outcome.reason, show(case))
        if outcome.verdict is Verdict.FAILS:
            failing = True
            raise _Rejected(outcome, case)

    configuration = settings(
        max_examples=max_examples,
        derandomize=False,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )
    try:
        for case in claim.extremal():
            decide(case)
        test: Callable[[], None] = seeded(_seed_of(claim.id, seed))(configuration(given(claim.cases())(decide)))
        test()
    except _Rejected as rejected:
        return Trial(Verdict.FAILS, rejected.outcome.reason, show(rejected.case), examples, decided)
    except Exception as error:  # no case could be drawn, or a case did not fail twice in the same way
        reason = f"{'the search broke off' if examples else 'no case was run'}: {type(error).__name__}: {error}"
        return Trial(Verdict.UNDECIDED, " ".join(reason.split()), None, examples, decided)
    if doubt is not None:
        return Trial(Verdict.UNDECIDED, *doubt, examples, decided)
    if not decided:
        return Trial(Verdict.UNDECIDED, "no case was run", None, examples, decided)
    return Trial(Verdict.HOLDS, f"held on all {decided} cases", None, examples, decided)


def _seed_of(claim_id: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{claim_id}".encode()).digest()[:8], "big")


def show(case: object) -> str:
    """A case as one readable line: fractions as 1/2, long cases cut."""
    text = _text(case)
    return text if len(text) <= LONGEST_COUNTEREXAMPLE else text[: LONGEST_COUNTEREXAMPLE - 4] + " ..."


def _text(value: object) -> str:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(k)}: {_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(map(_text, value)) + ("," if len(value) == 1 else "") + ")"
    if is_dataclass(value) and not isinstance(value, type):
        return ", ".join(f"{f.name} = {_text(getattr(value, f.name))}" for f in fields(value))
    return repr(value)
