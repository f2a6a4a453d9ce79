"""Upper bounds as values: how large, how known, and why; infinite and unknown are told apart."""

from __future__ import annotations

from dataclasses import dataclass

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.language.polynomial_reader import number
from steinlab.theory.links.ring import Sum, constant
from steinlab.theory.verdicts import Evidence, Verdict


@dataclass(frozen=True)
class Bound:
    """An upper bound on a supremum.

    `finite` is HOLDS where `value` bounds it, FAILS where it is proved infinite (or does not exist), UNDECIDED where no bound is
    known; `value` is None in the last two cases. `tight`: the value is the supremum itself. `declared`: the value is the user's
    word, so nothing was checked and `evidence` says nothing.

    >>> from fractions import Fraction
    >>> b = Bound.exact(Fraction(1, 4), "s(1 - s) is largest at s = 1/2")
    >>> str(b), float(b), b.finite.value, str(Bound.infinite("z is unbounded"))
    ('1/4', 0.25, 'holds', 'infinite')
    """

    value: Constant | None
    finite: Verdict
    evidence: Evidence
    tight: bool
    reason: str
    declared: bool = False

    @staticmethod
    def exact(value: Sum | Scalar, reason: str) -> Bound:
        """A supremum in closed form; `reason` is its proof."""
        form = value if isinstance(value, Sum) else constant(value)
        return Bound(Constant(form), Verdict.HOLDS, Evidence.EXACT, True, reason)

    @staticmethod
    def certified(value: Number, reason: str) -> Bound:
        """A proved upper bound that need not be attained."""
        return Bound(Constant(constant(value)), Verdict.HOLDS, Evidence.CERTIFIED, False, reason)

    @staticmethod
    def infinite(reason: str, evidence: Evidence = Evidence.EXACT) -> Bound:
        """A supremum that is proved infinite."""
        return Bound(None, Verdict.FAILS, evidence, True, reason)

    @staticmethod
    def unknown(reason: str) -> Bound:
        """No bound was proved."""
        return Bound(None, Verdict.UNDECIDED, Evidence.NUMERICAL, False, reason)

    @staticmethod
    def of_user(value: Scalar) -> Bound:
        """A constant that the user declares; nothing checks it."""
        return Bound(Constant(constant(value)), Verdict.HOLDS, Evidence.NUMERICAL, False, "declared, not checked", declared=True)

    def __float__(self) -> float:
        """The value, rounded; inf where it is infinite, nan where it is not known."""
        if self.value is not None:
            return float(self.value)
        return float("inf") if self.finite is Verdict.FAILS else float("nan")

    def __str__(self) -> str:
        if self.value is not None:
            return str(self.value) if self.tight or self.declared else f"{float(self.value):.10g}"
        return "infinite" if self.finite is Verdict.FAILS else "unknown"


def exact_number(what: str, value: Scalar | str) -> Number:
    """A number or text such as "1/2" as an exact number; InputError for anything else, floats included.

    >>> str(exact_number("the shift", "0.1"))
    '1/10'
    """
    try:
        return number(value) if isinstance(value, str) else Number.of(value)
    except (InputError, TypeError):
        raise InputError(f"{what} is {value!r}: expected an exact number such as 1, Fraction(1, 2) or '1/2'") from None
