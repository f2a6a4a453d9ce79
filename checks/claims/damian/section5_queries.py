"""Damian, Lee, Soltanolkotabi 2022, section 5: what one correlational query removes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import AnyClaim, Claim, Fault, Outcome, at_most, damian, equal
from steinlab.theory.exact.numbers import Number
from steinlab.theory.statements.csq import (
    hermite_correlation,
    removed_by_one_query,
    removed_by_one_query_sharp,
)
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


Vector = tuple[Fraction, ...]
Removed = Callable[[Fraction, Fraction], Fraction]


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
)
