"""A claim is data: a statement, where it comes from, the code that states it, and a check that can reject that code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from steinlab.theory.exact.numbers import Number
from steinlab.theory.verdicts import Evidence, Verdict

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Subject = TypeVar("Subject")
Case = TypeVar("Case")


@dataclass(frozen=True)
class Outcome:
    """What a check found on one case: holds, fails or undecided, and why when it does not hold."""

    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Source:
    """Where a statement stands. `printed` is False for what this project derived."""

    paper: str
    item: str
    printed: bool = True

    def __str__(self) -> str:
        return f"{self.paper}, {self.item}, {'printed' if self.printed else 'derived'}"


def damian(item: str, *, printed: bool = True) -> Source:
    """A statement of Damian, Lee and Soltanolkotabi (COLT 2022); lemmas and corollaries carry arXiv's numbers."""
    return Source("Damian, Lee, Soltanolkotabi 2022 (arXiv 2206.15144)", item, printed)


def mousavi(item: str, *, printed: bool = False) -> Source:
    """A statement in the form of Mousavi-Hosseini et al. (ICLR 2023); unless `printed`, re-derived by this project."""
    return Source("Mousavi-Hosseini, Park, Girotti, Mitliagkas, Erdogdu 2022 (arXiv 2209.14863)", item, printed)


def abbe(item: str, *, printed: bool = True) -> Source:
    """A statement of Abbe, Boix-Adserà and Misiakiewicz (COLT 2023), with the numbers of the proceedings."""
    return Source("Abbe, Boix-Adserà, Misiakiewicz 2023", item, printed)


@dataclass(frozen=True)
class Fault(Generic[Subject]):
    """A planted fault: the subject with one thing wrong, which the claim's own check must reject."""

    mutation: str
    subject: Subject


@dataclass(frozen=True)
class Claim(Generic[Subject, Case]):
    """One statement of the ledger.

    `check(subject, case)` decides one case drawn from `cases()`, a Hypothesis strategy that is built only when the claim is
    run and that draws only cases meeting the hypotheses. `extremal()` are cases that are always run, before any is drawn: those
    where the statement is tight, or where a fault shows that few draws would meet. `evidence` is the kind every decided case
    rests on.
    """

    id: str
    statement: str
    hypotheses: str
    source: Source
    direction: Literal["identity", "upper", "lower"]
    method: str
    evidence: Evidence
    subject: Subject
    cases: Callable[[], SearchStrategy[Case]]
    check: Callable[[Subject, Case], Outcome]
    faults: tuple[Fault[Subject], ...]
    extremal: Callable[[], Iterable[Case]] = tuple


AnyClaim = Claim[Any, Any]


class Unchecked(NamedTuple):
    """A statement of a paper that has no check, and why."""

    id: str
    statement: str
    source: Source
    why: str


HOLDS = Outcome(Verdict.HOLDS)


def failed(reason: str) -> Outcome:
    return Outcome(Verdict.FAILS, reason)


def undecided(reason: str) -> Outcome:
    return Outcome(Verdict.UNDECIDED, reason)


def equal(what: str, actual: Number | Fraction | int, expected: Number | Fraction | int) -> Outcome:
    """Exact equality. TypeError for anything but exact numbers: a float never decides."""
    if _exact(actual) == _exact(expected):
        return HOLDS
    return failed(f"{what} is {actual}, expected {expected}")


def at_most(what: str, left: Number | Fraction | int, right: Number | Fraction | int) -> Outcome:
    """left <= right, exactly; TypeError as for `equal`."""
    if _exact(left) <= _exact(right):
        return HOLDS
    return failed(f"{what}: {left} is above {right}")


def equal_entries(what: str, actual: Mapping[Any, Any], expected: Mapping[Any, Any]) -> Outcome:
    """Exact equality of two tables in which an absent entry is 0."""
    keys = sorted({*actual, *expected})
    return every([HOLDS, *(equal(f"{what} at {key}", actual.get(key, 0), expected.get(key, 0)) for key in keys)])


def every(outcomes: Iterable[Outcome]) -> Outcome:
    """The first failure, else the first undecided outcome, else holds. No outcome at all is undecided."""
    doubt: Outcome | None = None
    count = 0
    for outcome in outcomes:
        if outcome.verdict is Verdict.FAILS:
            return outcome
        if outcome.verdict is Verdict.UNDECIDED:
            doubt = doubt or outcome
        count += 1
    if doubt is not None:
        return doubt
    return HOLDS if count else undecided("nothing was compared")


def _exact(value: object) -> Number:
    if not isinstance(value, (Number, Fraction, int)):
        raise TypeError(f"{value!r} is not an exact number, so it decides nothing")
    return Number.of(value)
