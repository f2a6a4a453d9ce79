"""Damian, Lee, Soltanolkotabi 2022, section 5: correlational statistical queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb, isqrt, log
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import AnyClaim, Claim, Fault, Outcome, at_most, damian, equal, every
from steinlab.theory.exact.numbers import Number
from steinlab.theory.statements.csq import (
    ToleranceBound,
    hermite_correlation,
    largest_class_bound,
    removed_by_one_query,
    removed_by_one_query_sharp,
    theorem2_quarter,
)
from steinlab.theory.statements.near_orthogonal import inner_product_tail, sub_gaussian_tail
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Vector = tuple[Fraction, ...]
Removed = Callable[[Fraction, Fraction], Fraction]
Tail = Callable[[int, Fraction], Fraction]
Bound = Callable[[int, int, int], ToleranceBound]


@dataclass(frozen=True)
class RidgePair:
    j: int
    k: int
    u: Vector
    v: Vector


@dataclass(frozen=True)
class Query:
    """A unit query h = e_1, unit vectors f standing for the functions of a class, and τ² above ε = max |<f, g>|."""

    functions: tuple[Vector, ...]
    tolerance_squared: Fraction

    @property
    def correlation(self) -> Fraction:
        return _correlation(self.functions)


def _correlation(functions: tuple[Vector, ...]) -> Fraction:
    pairs = ((f, g) for i, f in enumerate(functions) for g in functions[:i])
    return max((abs(oracles.dot(f, g)) for f, g in pairs), default=Fraction(0))


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


def _ridge_pairs() -> SearchStrategy[RidgePair]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    def of_degrees(degrees: tuple[int, int]) -> SearchStrategy[RidgePair]:
        vectors = st.integers(2, 3).flatmap(lambda d: st.tuples(cases.unit_vectors(d), cases.unit_vectors(d)))
        return vectors.map(lambda pair: RidgePair(*degrees, *pair))

    equal = st.integers(1, 4).map(lambda k: (k, k))
    return (equal | st.tuples(st.integers(0, 4), st.integers(0, 4))).flatmap(of_degrees)


def _queries() -> SearchStrategy[Query]:
    """Functions spread around the query like the ribs of an umbrella, where a query removes most, or anywhere at all."""
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    tilts = [(Fraction(a, c), Fraction(b, c)) for a, b, c in ((4, 3, 5), (12, 5, 13), (15, 8, 17), (24, 7, 25))]
    signs = st.sampled_from([1, -1])
    umbrellas = st.builds(
        lambda tilt, flips, ribs: tuple(
            tuple(flip * c for c in (tilt[0], tilt[1] * x, tilt[1] * y))
            for flip, (x, y) in zip(flips, _THIRDS[:ribs], strict=False)
        ),
        st.sampled_from(tilts),
        st.tuples(signs, signs, signs),
        st.integers(2, 3),
    )
    anywhere = st.lists(cases.unit_vectors(3), min_size=1, max_size=4, unique=True).map(tuple)

    def with_tolerance(functions: tuple[Vector, ...]) -> SearchStrategy[Query]:
        low = _correlation(functions)
        reached = sorted({f[0] ** 2 for f in functions if f[0] ** 2 > low})
        # τ² strictly between ε and a squared inner product that is reached, so that the query removes something.
        top = st.sampled_from(reached) if reached else st.just(low + 1)
        return st.builds(lambda t, q: Query(functions, low + (t - low) * q), top, st.sampled_from(_FRACTIONS))

    return (umbrellas | anywhere).filter(lambda functions: _correlation(functions) < 1).flatmap(with_tolerance)


def _opposite() -> tuple[RidgePair, ...]:
    axis = (Fraction(1), Fraction(0))
    return (RidgePair(1, 1, axis, (Fraction(-1), Fraction(0))),)


def _fullest_queries() -> tuple[Query, ...]:
    """Four orthonormal functions, three correlated ones, all just within reach: the sharp count is nearly attained."""
    half, just = Fraction(1, 2), 1 - Fraction(1, 2**10)
    signs = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
    orthonormal = tuple((half, *(half * s for s in row)) for row in signs)
    umbrella = tuple((Fraction(24, 25), Fraction(7, 25) * x, Fraction(7, 25) * y) for x, y in _THIRDS)
    return Query(orthonormal, just / 4), Query(umbrella, just * Fraction(24, 25) ** 2)


def _wide_cap() -> tuple[Cap, ...]:
    """High dimension and about five standard deviations: the exponent decides, not the factor before it."""
    return (Cap(2001, Fraction(1, 9)),)


_THIRDS = [(Fraction(1), Fraction(0)), (Fraction(-3, 5), Fraction(4, 5)), (Fraction(-3, 5), Fraction(-4, 5))]
_FRACTIONS = [Fraction(n, 16) for n in (15, 12, 8, 4, 1)]


def _check_correlation(subject: Callable[[int, int, Fraction], Number], case: RidgePair) -> Outcome:
    size = len(case.u)
    left = oracles.substitute(oracles.hermite(case.j), [case.u], size)
    right = oracles.substitute(oracles.hermite(case.k), [case.v], size)
    expected = oracles.expectation(oracles.multiply(left, right))
    return equal("E[He_j(u·x) He_k(v·x)]", subject(case.j, case.k, oracles.dot(case.u, case.v)), expected)


def _check_removed(subject: Removed, case: Query) -> Outcome:
    removed = sum(f[0] ** 2 > case.tolerance_squared for f in case.functions)
    bound = subject(case.tolerance_squared, case.correlation)
    return at_most("functions removed by one query", removed, bound)


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
        id="damian.hermite_correlation",
        statement="E[He_j(u·x) He_k(v·x)] = k! (u·v)^k δ_jk",
        hypotheses="u, v unit vectors, x ~ N(0, I)",
        source=damian("Section 5, proof of Theorem 2"),
        direction="identity",
        method="rational unit vectors in R² and R³, j, k <= 4, both sides expanded into monomials of x",
        evidence=Evidence.EXACT,
        subject=hermite_correlation,
        cases=_ridge_pairs,
        check=_check_correlation,
        faults=(
            Fault("without k!", lambda j, k, cosine: Number.of(cosine**k if j == k else 0)),
            Fault("the absolute value of u·v", lambda j, k, cosine: hermite_correlation(j, k, abs(cosine))),
        ),
        extremal=_opposite,
    ),
    Claim(
        id="damian.lemma2",
        statement="A query of tolerance τ removes at most 2/(τ² - ε) functions, so |F| (τ² - ε)/2 queries are needed",
        hypotheses="unit-norm query and functions, |E fg| <= ε < τ² for f ≠ g",
        source=damian("Lemma 2, the counting step of its proof"),
        direction="upper",
        method="classes of rational unit vectors in R³, the removed ones counted",
        evidence=Evidence.EXACT,
        subject=removed_by_one_query,
        cases=_queries,
        check=_check_removed,
        faults=(Fault("2/τ², without ε", lambda tolerance_squared, correlation: 2 / tolerance_squared),),
        extremal=_fullest_queries,
    ),
    Claim(
        id="damian.lemma2_sharp",
        statement="A query of tolerance τ removes at most (1 - ε)/(τ² - ε) functions",
        hypotheses="unit-norm query and functions, |E fg| <= ε < τ² for f ≠ g",
        source=damian("Lemma 2, its factor 2 dropped by flipping signs", printed=False),
        direction="upper",
        method="classes of rational unit vectors in R³, the removed ones counted",
        evidence=Evidence.EXACT,
        subject=removed_by_one_query_sharp,
        cases=_queries,
        check=_check_removed,
        faults=(
            Fault("(1 - ε)/τ²", lambda tolerance_squared, correlation: (1 - correlation) / tolerance_squared),
            Fault(
                "one part in a hundred less",
                lambda t, correlation: removed_by_one_query_sharp(t, correlation) * Fraction(99, 100),
            ),
        ),
        extremal=_fullest_queries,
    ),
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
