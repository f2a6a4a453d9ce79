"""Damian, Lee, Soltanolkotabi 2022, Appendix C: concentration with exact constants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import arb, ctx, fmpq

from steinlab.checks.claims.claim import HOLDS, AnyClaim, Claim, Fault, Outcome, damian, failed, undecided
from steinlab.theory.exact.numbers import Number
from steinlab.theory.statements.concentration import chi_square_lower, chi_square_upper
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

PRECISION_BITS = 256

Threshold = Callable[[int, Fraction], Number]


@dataclass(frozen=True)
class Tail:
    """d degrees of freedom and the exponent t of the bound e^{-t}."""

    d: int
    t: Fraction


def _tails(largest: int, per_degree: Fraction) -> Callable[[], SearchStrategy[Tail]]:
    """t is at most per_degree · d: beyond d/4 the lower tail is empty and says nothing."""

    def build() -> SearchStrategy[Tail]:
        from hypothesis import strategies as st

        def of_degrees(d: int) -> SearchStrategy[Tail]:
            return st.integers(1, 64).map(lambda n: Tail(d, per_degree * d * Fraction(n, 64)))

        return st.integers(1, largest).flatmap(of_degrees)

    return build


def _far_tails() -> tuple[Tail, ...]:
    """Where the terms of the threshold decide one by one: √(dt) at large d, 2t at large t."""
    return Tail(10**6, Fraction(50)), Tail(1, Fraction(10**4))


def _far_lower_tail() -> tuple[Tail, ...]:
    return (Tail(10**6, Fraction(50)),)


def _root(d: int, t: Fraction) -> Number:
    return Number.of(d * t).root(2)


def _check_upper(subject: Threshold, case: Tail) -> Outcome:
    return _compare(subject, case, upper=True)


def _check_lower(subject: Threshold, case: Tail) -> Outcome:
    return _compare(subject, case, upper=False)


def _compare(subject: Threshold, case: Tail, *, upper: bool) -> Outcome:
    """P[X beyond the threshold] against e^{-t}, both as balls; the distribution is a regularised incomplete gamma function."""
    threshold = subject(case.d, case.t)
    saved, ctx.prec = ctx.prec, PRECISION_BITS
    try:
        half = arb(case.d) / 2
        x = threshold.ball() / 2
        tail = x.gamma_upper(half, regularized=1) if upper else x.gamma_lower(half, regularized=1)
        bound = (-arb(fmpq(case.t.numerator, case.t.denominator))).exp()
        if tail <= bound:
            return HOLDS
        if tail > bound:
            return failed(f"the tail beyond {threshold} is {tail.str(10)}, above e^(-{case.t}) = {bound.str(10)}")
        return undecided(f"the balls {tail.str(10)} and {bound.str(10)} overlap")
    finally:
        ctx.prec = saved


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="damian.lemma15_upper",
        statement="P[X >= d + 2√(dt) + 2t] <= e^{-t}",
        hypotheses="X ~ χ²(d), t > 0",
        source=damian("Lemma 15"),
        direction="upper",
        method="ball arithmetic on the regularised incomplete gamma function, d <= 300, t <= 2d",
        evidence=Evidence.CERTIFIED,
        subject=chi_square_upper,
        cases=_tails(300, Fraction(2)),
        check=_check_upper,
        faults=(
            Fault("without the term 2t", lambda d, t: chi_square_upper(d, t) - 2 * t),
            Fault("1.9 t for 2t", lambda d, t: chi_square_upper(d, t) - t / 10),
            Fault("1.9 √(dt) for 2√(dt)", lambda d, t: chi_square_upper(d, t) - _root(d, t) / 10),
        ),
        extremal=_far_tails,
    ),
    Claim(
        id="damian.lemma15_lower",
        statement="P[X <= d - 2√(dt)] <= e^{-t}",
        hypotheses="X ~ χ²(d), 0 < t < d/4",
        source=damian("Lemma 15"),
        direction="upper",
        method="ball arithmetic on the regularised incomplete gamma function, d <= 300, t < d/4",
        evidence=Evidence.CERTIFIED,
        subject=chi_square_lower,
        cases=_tails(300, Fraction(63, 256)),
        check=_check_lower,
        faults=(
            Fault("d - √(2dt)", lambda d, t: d - (d * t * 2 * Number.of(1)).root(2)),
            Fault("d - 1.9 √(dt)", lambda d, t: chi_square_lower(d, t) + _root(d, t) / 10),
        ),
        extremal=_far_lower_tail,
    ),
)
