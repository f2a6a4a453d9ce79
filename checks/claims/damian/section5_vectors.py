"""Damian, Lee, Soltanolkotabi 2022, section 5: nearly orthogonal vectors, and Theorem 2 from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb, isqrt, log
from typing import TYPE_CHECKING

from steinlab.checks.claims.claim import AnyClaim, Claim, Fault, Outcome, at_most, damian, every
from steinlab.theory.statements.csq import (
    ToleranceBound,
    largest_class_bound,
    theorem2_quarter,
)
from steinlab.theory.statements.near_orthogonal import inner_product_tail, sub_gaussian_tail
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


Tail = Callable[[int, Fraction], Fraction]
Bound = Callable[[int, int, int], ToleranceBound]


@dataclass(frozen=True)
class Cap:
    """The event |u·v| > δ = cosine for uniform unit vectors of R^d, d odd, where the density of u·v is a polynomial."""

    d: int
    cosine: Fraction

    @property
    def probability(self) -> Fraction:
        """Exactly, by integrating (1-t²)^{(d-3)/2} term by term."""
        return 1 - self._integral(self.cosine) / self._integral(Fraction(1))

    def _integral(self, end: Fraction) -> Fraction:
        n = (self.d - 3) // 2
        return sum((Fraction((-1) ** i * comb(n, i), 2 * i + 1) * end ** (2 * i + 1) for i in range(n + 1)), Fraction(0))


@dataclass(frozen=True)
class Learner:
    """A learner of He_k(v·x)/√(k!) in R^d, d odd, with q unit-norm queries."""

    d: int
    k: int
    queries: int


def _caps() -> SearchStrategy[Cap]:
    from hypothesis import strategies as st

    odd = st.integers(1, 40).map(lambda n: 2 * n + 1)
    return st.builds(Cap, odd, st.builds(Fraction, st.integers(1, 31), st.just(32)))


def _learners() -> SearchStrategy[Learner]:
    from hypothesis import strategies as st

    return st.builds(Learner, st.sampled_from([51, 101, 201, 301]), st.integers(1, 4), st.sampled_from([1, 10, 1000]))


def _wide_cap() -> tuple[Cap, ...]:
    """High dimension and about five standard deviations: the exponent decides, not the factor before it."""
    return (Cap(2001, Fraction(1, 9)),)


def _check_law(subject: Tail, case: Cap) -> Outcome:
    exact, ours = case.probability, subject(case.d, case.cosine)
    return every([at_most("P(|u·v| > δ)", exact, ours), at_most("its enclosure", ours, exact * (1 + Fraction(1, 2**60)))])


def _check_tail_bound(subject: Tail, case: Cap) -> Outcome:
    return at_most("P(|u·v| > δ)", case.probability, subject(case.d, case.cosine))


def _check_theorem2(subject: Bound, case: Learner) -> Outcome:
    """At the δ of the paper's proof, Lemma 2 and a union bound with exact probabilities leave no more than the closed form."""
    squared = 4 * (log(4 * case.queries) + case.k / 2 * log(case.d / 4)) / case.d
    bound = subject(case.d, case.k, case.queries).tolerance_squared
    if squared >= 1:  # the proof has no such δ: the bound must not claim anything
        return at_most("τ < 1", 1, bound)
    cosine = Fraction(isqrt(int(squared * 2**60)), 2**30)
    # M(M-1)/2 · P < 1 holds for M = ⌊√(2/P)⌋
    size = isqrt(int(2 / Cap(case.d, cosine).probability))
    return at_most("ε + 2q/|F|", cosine**case.k + Fraction(2 * case.queries, size), bound * (1 + Fraction(1, 10**6)))


def _check_largest_class(subject: Bound, case: Learner) -> Outcome:
    """The class of the bound exists by exact probabilities, and Lemma 2 with the exact count leaves no more than the bound."""
    bound = subject(case.d, case.k, case.queries)
    assert bound.cosine is not None
    assert bound.size is not None
    correlation = bound.cosine**case.k
    known = at_most("(|F| - 1) P", (bound.size - 1) * Cap(case.d, bound.cosine).probability, 1)
    if bound.size == 1:
        return every([known, at_most("τ² of a class of one", 1, bound.tolerance_squared)])
    left = correlation + case.queries * (1 - correlation) / (bound.size - 1)
    return every([known, at_most("ε + q(1-ε)/(|F|-1)", left, bound.tolerance_squared)])


def _largest_class(d: int, k: int, queries: int) -> ToleranceBound:
    return largest_class_bound(d, {k: Fraction(1)}, queries)


def _with_one_sided_tail(d: int, k: int, queries: int) -> ToleranceBound:
    bound = _largest_class(d, k, queries)
    assert bound.size is not None
    return replace(bound, size=2 * bound.size + 1)


def _with_next_power(d: int, k: int, queries: int) -> ToleranceBound:
    bound = _largest_class(d, k, queries)
    assert bound.cosine is not None
    return replace(bound, tolerance_squared=bound.tolerance_squared - bound.cosine**k + bound.cosine ** (k + 1))


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="damian.inner_product_law",
        statement="P(|u·v| > δ) = I_{1-δ²}((d-1)/2, 1/2), that is (1 + u·v)/2 ~ Beta((d-1)/2, (d-1)/2)",
        hypotheses="u, v independent and uniform on the sphere of R^d, 0 < δ < 1",
        source=damian("Lemma 3, the exact law behind it", printed=False),
        direction="identity",
        method="odd d <= 81, where the density of u·v is a polynomial, integrated in rational numbers",
        evidence=Evidence.CERTIFIED,
        subject=inner_product_tail,
        cases=_caps,
        check=_check_law,
        faults=(
            Fault("d for d - 1", lambda d, cosine: inner_product_tail(d + 1, cosine)),
            Fault("one side only", lambda d, cosine: inner_product_tail(d, cosine) / 2),
        ),
    ),
    Claim(
        id="damian.lemma3",
        statement="P(|u·v| > δ) <= 2 exp(-d δ²/2), so (1/2) e^{δ² d/4} unit vectors have |u·v| <= δ pairwise: c = 1/4",
        hypotheses="u, v independent and uniform on the sphere of R^d, 0 < δ < 1",
        source=damian("Lemma 3, its constant made explicit", printed=False),
        direction="upper",
        method="odd d <= 81, against exact rational probabilities",
        evidence=Evidence.CERTIFIED,
        subject=sub_gaussian_tail,
        cases=_caps,
        check=_check_tail_bound,
        faults=(
            Fault("exp(-d δ²)", lambda d, cosine: sub_gaussian_tail(2 * d, cosine)),
            Fault("an exponent 1.3 times as large", lambda d, cosine: sub_gaussian_tail(d * 13 // 10, cosine)),
        ),
        extremal=_wide_cap,
    ),
    Claim(
        id="damian.theorem2",
        statement="q queries need τ² <= [1 + log^{k/2}(4q (cd)^{k/2})]/(cd)^{k/2} with c = 1/4",
        hypotheses="unit-norm queries, the class He_k(v·x)/√(k!) over the vectors of Lemma 3, every member to be found",
        source=damian("Theorem 2, its proof with c = 1/4", printed=False),
        direction="upper",
        method="Lemma 2 at the proof's δ, with exact probabilities in odd dimensions up to 301",
        evidence=Evidence.CERTIFIED,
        subject=theorem2_quarter,
        cases=_learners,
        check=_check_theorem2,
        faults=(
            Fault("c = 1/2", lambda d, k, queries: theorem2_quarter(2 * d, k, queries)),
            Fault("log^{(k+1)/2}/(cd)^{(k+1)/2}", lambda d, k, queries: theorem2_quarter(d, k + 1, queries)),
        ),
    ),
    Claim(
        id="damian.theorem2_sharp",
        statement="q queries need τ² <= ε + q(1-ε)/(|F|-1), ε = δ^k, |F| = ⌈1/P(|u·v| > δ)⌉, for every δ",
        hypotheses="unit-norm queries, the class He_k(v·x)/√(k!) over a maximal set with |u·v| <= δ, every member to be found",
        source=damian("Theorem 2, from the exact law and a covering argument", printed=False),
        direction="upper",
        method="the δ that minimises it, the class counted with exact probabilities in odd dimensions up to 301",
        evidence=Evidence.CERTIFIED,
        subject=_largest_class,
        cases=_learners,
        check=_check_largest_class,
        faults=(
            Fault("a class twice as large, as for a one-sided tail", _with_one_sided_tail),
            Fault("ε = δ^{k+1}", _with_next_power),
        ),
    ),
)
