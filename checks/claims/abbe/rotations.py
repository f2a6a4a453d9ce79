"""Abbe, Boix-Adserà, Misiakiewicz 2023, Claim 32: what one query sees of a Hermite polynomial in a random direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb, factorial, prod
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import HOLDS, AnyClaim, Claim, Fault, Outcome, abbe, every, failed
from steinlab.theory.statements.csq import rotated_correlation
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

HIGHEST = 8
"""Degree up to which the claim is checked."""
MOST_MONOMIALS = 45
"""Most monomials of degree k in d variables: the exact elimination takes their cube."""


@dataclass(frozen=True)
class Degree:
    k: int
    d: int


def _degrees() -> SearchStrategy[Degree]:
    from hypothesis import strategies as st

    return st.sampled_from(
        [Degree(k, d) for k in range(1, HIGHEST + 1) for d in range(1, 9) if comb(d + k - 1, k) <= MOST_MONOMIALS]
    )


def _check_supremum(subject: Callable[[int, int], Fraction], case: Degree) -> Outcome:
    """λ D - G >= 0 and singular: G_αβ = E[u^α u^β] over |α| = |β| = k, D diagonal with α!/k!.

    he_k(u·x) = Σ_α √(k!/α!) u^α he_α(x), so that the supremum is the largest eigenvalue of √(k!/α!) G_αβ √(k!/β!).
    """
    value = subject(case.k, case.d)
    monomials = [tuple(index.count(i) for i in range(case.d)) for index in combinations_with_replacement(range(case.d), case.k)]
    gap = [[-oracles.sphere_moment(tuple(map(sum, zip(alpha, beta, strict=True)))) for beta in monomials] for alpha in monomials]
    for i, alpha in enumerate(monomials):
        gap[i][i] += value * Fraction(prod(map(factorial, alpha)), factorial(case.k))
    signs = _signs(gap)
    if signs is None:
        return failed(f"some query sees more than {value} of he_{case.k} in R^{case.d}")
    return every([HOLDS if 0 in signs else failed(f"no query sees {value} of he_{case.k} in R^{case.d}")])


def _signs(a: list[list[Fraction]]) -> list[int] | None:
    """The signs of the pivots of a symmetric matrix, none negative; None where it is not positive semi-definite."""
    signs = []
    for i, row in enumerate(a):
        pivot = row[i]
        if pivot < 0 or (pivot == 0 and any(row[i:])):
            return None
        signs.append(int(pivot > 0))
        for other in a[i + 1 :] if pivot else ():
            if other[i]:
                factor = other[i] / pivot
                for j in range(i, len(a)):
                    other[j] -= factor * row[j]
    return signs


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="abbe.claim32",
        statement="sup over unit φ of E_u (E[he_k(u·x) φ(x)])² is (2m-1)!!/(d(d+2)···(d+2m-2)), m = ⌈k/2⌉: O(d^(-⌈k/2⌉)), sharp",
        hypotheses="u uniform on the unit sphere of R^d, k <= 8; the order is printed for |α| = k, the constant derived",
        source=abbe("Claim 32, page 70", printed=False),
        direction="identity",
        method="the form λ D - G on monomials is positive semi-definite and singular, by exact elimination",
        evidence=Evidence.EXACT,
        subject=rotated_correlation,
        cases=_degrees,
        check=_check_supremum,
        faults=(
            Fault("the exponent ⌊k/2⌋", lambda k, d: rotated_correlation(k - k % 2, d)),
            Fault("the number of coordinates in place of |α|", lambda _, d: rotated_correlation(1, d)),
            Fault("(2m-1)!! left out", lambda k, d: 1 / Fraction(prod(range(d, d + k, 2)))),
        ),
        extremal=lambda: (Degree(3, 3), Degree(4, 3)),
    ),
)
