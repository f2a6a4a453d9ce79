"""Verdicts have three values, whole numbers bounds: each with the kind of evidence behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from steinlab.theory.display import html_table


class Verdict(StrEnum):
    """HOLDS, FAILS or UNDECIDED. Undecided is never a pass."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"


class Evidence(StrEnum):
    """What a verdict rests on.

    EXACT: rational or algebraic arithmetic. CERTIFIED: ball arithmetic that excludes zero or proves the bound.
    NUMERICAL: floating point or sampling, with an interval.
    """

    EXACT = "exact"
    CERTIFIED = "certified"
    NUMERICAL = "numerical"


@dataclass(frozen=True)
class Finding:
    """A verdict on one named statement: what was decided, on which evidence, and why."""

    id: str
    verdict: Verdict
    evidence: Evidence
    reason: str

    def _repr_html_(self) -> str:
        return html_table(self.id, [("verdict", self.verdict), ("evidence", self.evidence), ("why", self.reason)])

    def __bool__(self) -> bool:
        raise TypeError(f"{self.id}: a finding has three values; compare .verdict with Verdict.HOLDS instead of testing truth")


@dataclass(frozen=True)
class Decided:
    """A natural number that is known, or the bounds that are proved.

    `value` is None while undecided. `lower` <= value <= `upper` are proved either way (`upper` None: no bound is known), or, on
    NUMERICAL evidence, claimed with the error rate that the reason names.
    """

    value: int | None
    evidence: Evidence
    reason: str
    lower: int
    upper: int | None

    @staticmethod
    def exact(n: int, reason: str) -> Decided:
        """A number that algebra gives, and why it is that one.

        >>> Decided.exact(2, "He_2 stands alone").value
        2
        """
        return Decided(n, Evidence.EXACT, reason, n, n)
