"""Mousavi-Hosseini et al. 2022, section 2: the flow contracts off the principal subspace, and is stationary only inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import (
    AnyClaim,
    Claim,
    Fault,
    Outcome,
    at_most,
    equal,
    every,
    mousavi,
    undecided,
)
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import constant
from steinlab.theory.statements.population_gradient import stationary_point
from steinlab.theory.statements.thresholds import Threshold, contraction_rate
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Vector = tuple[Fraction, ...]
Rows = tuple[Vector, ...]


@dataclass(frozen=True)
class FlowCase:
    """ℋ = AAᵀ + diag(δ), |δ_j| <= γ_0/m; weights W, directions U and a weight decay."""

    root: Rows
    shares: Vector
    gamma0: Fraction
    weight_decay: Fraction
    weights: Rows
    drift: Rows
    directions: Rows

    @property
    def m(self) -> int:
        return len(self.weights)

    @property
    def coupling(self) -> list[list[Fraction]]:
        out = [[oracles.dot(p, q) for q in self.root] for p in self.root]
        for j, share in enumerate(self.shares):
            out[j][j] += share * self.gamma0 / self.m
        return out

    @property
    def velocity(self) -> list[list[Fraction]]:
        """dW/dt = -(ℋ W + 𝒟 U + λ W)."""
        columns, pulls = list(zip(*self.weights, strict=True)), list(zip(*self.directions, strict=True))
        return [
            [
                -oracles.dot(tuple(self.coupling[j]), column) - oracles.dot(self.drift[j], pull) - self.weight_decay * column[j]
                for column, pull in zip(columns, pulls, strict=True)
            ]
            for j in range(self.m)
        ]

    @property
    def perpendicular(self) -> list[list[Fraction]]:
        """The rows of W minus their projections on the span of the directions."""
        d = len(self.directions[0])
        onto = oracles.projector(oracles.orthogonalised(self.directions), d)
        return [[w - oracles.dot(tuple(onto[i]), row) for i, w in enumerate(row)] for row in self.weights]


def _flows() -> SearchStrategy[FlowCase]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    share = st.sampled_from([Fraction(-1), Fraction(1), Fraction(0), Fraction(-1, 2)])

    def of_size(shape: tuple[int, int, int]) -> SearchStrategy[FlowCase]:
        m, d, k = shape
        positive = cases.nonzero_rationals().map(abs)
        return st.builds(
            FlowCase,
            st.just(tuple((Fraction(0),) for _ in range(m))) | cases.matrices(m, 1),
            st.tuples(*[share] * m),
            positive,
            positive,
            cases.matrices(m, d),
            cases.matrices(m, k),
            cases.matrices(k, d),
        )

    return st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 2)).flatmap(of_size)


Rate = Callable[[Fraction, Threshold, int], Constant]


def _check_flow(subject: Rate, case: FlowCase) -> Outcome:
    gamma0 = Threshold("drawn", Constant(constant(case.gamma0)), Evidence.EXACT, ())
    rate = subject(case.weight_decay, gamma0, case.m).form.number
    if rate is None:
        return undecided("the rate is not an algebraic number")
    outside = case.perpendicular
    size = sum((x * x for row in outside for x in row), Fraction(0))
    fall = -2 * sum((x * y for row, move in zip(outside, case.velocity, strict=True) for x, y in zip(row, move, strict=True)), 0)
    return at_most("rate · ‖W_⊥‖² against -d/dt ‖W_⊥‖²", rate * size, fall)


def _slowest() -> tuple[FlowCase, ...]:
    """A = 0, δ = -γ_0/m and a pull 𝒟 U along W: the rate is reached by W_⊥, and W itself falls far more slowly."""
    one, none = Fraction(1), Fraction(0)
    return (FlowCase(((none,),), (-one,), one, 2 * one, ((3 * one, one),), ((-50 * one,),), ((one, none),)),)


def _slightly_too_fast(decay: Fraction, gamma0: Threshold, m: int) -> Constant:
    return Constant(contraction_rate(decay, gamma0, m).form * Fraction(1001, 1000))


def _too_fast(decay: Fraction, gamma0: Threshold, m: int) -> Constant:
    return Constant(contraction_rate(decay, gamma0, m).form + gamma0.value.form * Fraction(4, m))


Stationary = Callable[[FlowCase, Fraction], Matrix]


def _stationary(case: FlowCase, weight_decay: Fraction) -> Matrix:
    return stationary_point(case.coupling, case.drift, case.directions, weight_decay)


def _check_stationary(subject: Stationary, case: FlowCase) -> Outcome:
    decay = case.gamma0 / case.m + case.weight_decay  # above the threshold
    found = subject(case, decay)
    d, k = len(case.directions[0]), len(case.directions)
    onto = oracles.projector(oracles.orthogonalised(case.directions), d)
    outcomes = []
    for j in range(case.m):
        for i in range(d):
            shifted = sum((found[n][i] * case.coupling[j][n] for n in range(case.m)), found[j][i] * decay)
            pull = sum((case.drift[j][n] * case.directions[n][i] for n in range(k)), Fraction(0))
            outcomes.append(equal(f"entry ({j}, {i}) of (ℋ + λ) W + 𝒟 U", shifted + pull, 0))
            inside = sum((found[j][n] * onto[i][n] for n in range(d)), Number.of(0))
            outcomes.append(equal(f"entry ({j}, {i}) of W_⊥", found[j][i] - inside, 0))
    return every(outcomes)


def _off_the_subspace(case: FlowCase, weight_decay: Fraction) -> Matrix:
    found = _stationary(case, weight_decay)
    return ((found[0][0] + 1, *found[0][1:]), *found[1:])


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="mousavi.gradient_flow_contraction",
        statement="d/dt ‖W_⊥‖_F² <= -2(λ - γ_0/m) ‖W_⊥‖_F² along the gradient flow of R + (λ/2)‖W‖²",
        hypotheses="ℋ = a positive semi-definite matrix + diag(δ), |δ_j| <= γ_0/m; any W, U, λ > 0",
        source=mousavi("Section 2, the threshold"),
        direction="upper",
        method="rational ℋ, W and U; W_⊥ by Gram-Schmidt; -2<W_⊥, dW/dt> with the whole flow, 𝒟 U included",
        evidence=Evidence.EXACT,
        subject=contraction_rate,
        cases=_flows,
        check=_check_flow,
        faults=(
            Fault("the rate 2(λ + γ_0/m)", _too_fast),
            Fault("the rate 2λ", lambda decay, gamma0, m: Constant(constant(2 * decay))),
            Fault("one part in a thousand faster", _slightly_too_fast),
        ),
        extremal=_slowest,
    ),
    Claim(
        id="mousavi.stationary_rank",
        statement="Stationary points of R + (λ/2)‖W‖² are -(ℋ + λI)⁻¹ 𝒟 U: W_⊥ = 0 and rank W <= k",
        hypotheses="ℋ = a positive semi-definite matrix + diag(δ), |δ_j| <= γ_0/m, λ > γ_0/m",
        source=mousavi("Section 2, the threshold"),
        direction="identity",
        method="rational ℋ, 𝒟 and U; (ℋ + λ) W + 𝒟 U and W minus its projection on the rows of U vanish exactly",
        evidence=Evidence.EXACT,
        subject=_stationary,
        cases=_flows,
        check=_check_stationary,
        faults=(
            Fault("(ℋ + λI)⁻¹ 𝒟 U", lambda case, decay: tuple(tuple(-x for x in row) for row in _stationary(case, decay))),
            Fault("one entry moved off the subspace", _off_the_subspace),
        ),
    ),
)
