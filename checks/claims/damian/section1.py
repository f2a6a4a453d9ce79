"""Damian, Lee, Soltanolkotabi 2022, setting: the condition number κ of the expected Hessian."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import HOLDS, AnyClaim, Claim, Fault, Outcome, at_most, damian, every, failed
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

RELATIVE_ROUNDING = Fraction(1, 2**50)


def _nondegenerate() -> SearchStrategy[Ridge]:
    """Targets with one or two independent directions whose latent Hessian is invertible, so that Assumption 2 holds."""
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    def of_shape(shape: tuple[int, int]) -> SearchStrategy[Ridge]:
        r, d = shape
        links = st.builds(oracles.add, cases.polynomials(r, 4, terms=3), cases.quadratics(r))
        ridges = st.builds(Ridge, links.filter(bool), cases.matrices(r, d)) | st.builds(Ridge, links.filter(bool))
        return ridges.filter(lambda f: _hessian_rank_is(f, r))

    return st.sampled_from([(1, 1), (1, 2), (2, 2), (2, 3)]).flatmap(of_shape)


def _hessian(f: Ridge) -> list[list[Fraction]]:
    entries = oracles.moment_tensors(f.ambient, f.d, 2)
    return [[entries.get((min(i, j), max(i, j)), Fraction(0)) for j in range(f.d)] for i in range(f.d)]


def _hessian_rank_is(f: Ridge, r: int) -> bool:
    """Whether some r x r minor of E ∇²f, r <= 2, is not 0; f has r directions, so the rank is r then, and so is dim S*."""
    h = _hessian(f)
    if r == 1:
        return any(any(row) for row in h)
    pairs = [(i, j) for i in range(f.d) for j in range(i)]
    return any(h[a][c] * h[b][e] != h[a][e] * h[b][c] for a, b in pairs for c, e in pairs)


def _kappa(f: Ridge) -> float | None:
    kappa = ExpectedHessian(f.expansion).kappa
    return None if kappa is None else float(kappa)


@dataclass(frozen=True)
class Condition:
    """κ of a target, and the least that κ² can be."""

    kappa: Callable[[Ridge], float | None] = _kappa
    least_squared: Fraction = Fraction(1, 2)


def _pure_quadratics() -> tuple[Ridge, ...]:
    """He_2 along one and along two directions: ‖H‖_F² = 2 E f², equal eigenvalues, so that the bound on κ is reached."""
    return Ridge({(2,): Fraction(1), (0,): Fraction(-1)}), Ridge({(2, 0): Fraction(1), (0, 2): Fraction(1), (0, 0): Fraction(-2)})


def _check_kappa(subject: Condition, f: Ridge) -> Outcome:
    """The float's rational neighbours must bracket κ, and κ² be at least 1/2, with equality exactly where it is reached.

    κ² = E f²/(r μ), μ the smallest nonzero eigenvalue of H². For r = 1, μ = ‖H‖_F²; for r = 2 it is the smaller root of
    P(μ) = μ² - ‖H‖_F² μ + s, s the sum of the principal 2 x 2 minors of H². No eigenvalue is computed: signs of P at
    rational points tell on which side of the roots they lie.
    """
    kappa = subject.kappa(f)
    if kappa is None:
        return failed("there is no κ, although Assumption 2 holds")
    h, r = _hessian(f), f.r
    second_moment = oracles.expectation(oracles.multiply(f.ambient, f.ambient))
    square = [[oracles.dot(row, column) for column in h] for row in h]
    trace = sum((square[i][i] for i in range(f.d)), Fraction(0))
    pairs = [(i, j) for i in range(f.d) for j in range(i)]
    minors = sum((square[i][i] * square[j][j] - square[i][j] ** 2 for i, j in pairs), Fraction(0))

    def at_most_smallest(mu: Fraction) -> bool:
        return mu <= trace if r == 1 else mu <= trace / 2 and mu * mu - trace * mu + minors >= 0

    def at_least_smallest(mu: Fraction) -> bool:
        return mu >= trace if r == 1 else mu >= trace / 2 or mu * mu - trace * mu + minors <= 0

    reached = trace == 2 * second_moment and (r == 1 or trace**2 == 4 * minors)
    below, above = (Fraction(kappa) * (1 + side * RELATIVE_ROUNDING) for side in (-1, 1))
    return every(
        [
            HOLDS if at_least_smallest(second_moment / (r * below**2)) else failed(f"κ is below {kappa}"),
            HOLDS if at_most_smallest(second_moment / (r * above**2)) else failed(f"κ is above {kappa}"),
            at_most(f"{subject.least_squared} <= κ²", subject.least_squared, above**2),
            at_most("‖H‖_F² <= 2 E f²", trace, 2 * second_moment),
            at_most("κ² where the bound is reached", below**2, subject.least_squared) if reached else HOLDS,
        ]
    )


def _unscaled(f: Ridge) -> float | None:
    """κ without first scaling the target to E f² = 1."""
    kappa = _kappa(f)
    return kappa and kappa / float(f.expansion.second_moment) ** 0.5


def _without_root(f: Ridge) -> float | None:
    kappa = _kappa(f)
    return kappa and kappa * float(f.r) ** 0.5


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="damian.kappa",
        statement="κ = ‖H†‖_op/√r >= 1/√2, because ‖H‖_F² <= 2; He_2 along equal directions reaches it",
        hypotheses="E f² = 1, Assumptions 1 and 2, H = E ∇²f, r = dim S*",
        source=damian("Section 3, κ; the bound", printed=False),
        direction="lower",
        method="rational neighbours of κ at relative distance 2^-50 bracket it, by the characteristic polynomial of H²; r <= 2",
        evidence=Evidence.CERTIFIED,
        subject=Condition(),
        cases=_nondegenerate,
        check=_check_kappa,
        faults=(
            Fault("without scaling to E f² = 1", Condition(_unscaled)),
            Fault("‖H†‖_op without 1/√r", Condition(_without_root)),
            Fault("κ² >= 51/100", Condition(least_squared=Fraction(51, 100))),
            Fault("κ² >= 49/100, which nothing reaches", Condition(least_squared=Fraction(49, 100))),
        ),
        extremal=_pure_quadratics,
    ),
)
