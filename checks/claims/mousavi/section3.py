"""Mousavi-Hosseini et al. 2022: the recursion of W_⊥ under the decaying step, and compression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import HOLDS, AnyClaim, Claim, Fault, Outcome, at_most, equal, every, failed, mousavi
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import constant
from steinlab.theory.statements.convergence import Schedule, least_offset, mean_square_bound
from steinlab.theory.statements.thresholds import Threshold
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Vector = tuple[Fraction, ...]


# -- the recursion


@dataclass(frozen=True)
class Recursion:
    """A_{t+1} = (1 - η_t γ/m)² A_t + η_t² C d/m from A_0 at rational numbers."""

    m: int
    gamma: Fraction
    offset: Fraction
    t: int
    start: Fraction
    noise: Fraction

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.m, self.gamma, self.offset)


def _recursions() -> SearchStrategy[Recursion]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    positive = cases.nonzero_rationals(4).map(abs)
    offset = st.just(Fraction(0)) | positive
    return st.builds(Recursion, st.integers(1, 50), positive, offset, st.integers(0, 30), positive, positive)


Step = Callable[[Recursion, int], Fraction]


@dataclass(frozen=True)
class Telescope:
    """η_t, and the constant in s² A_t + constant · C m d/γ²."""

    step: Step
    constant: Fraction = Fraction(4)


def _step(case: Recursion, t: int) -> Fraction:
    return case.schedule.exact_step(t)


def _late() -> tuple[Recursion, ...]:
    """A late step with noise alone, where (2s + 1)²/(s + 1)² is nearly 4."""
    return (Recursion(3, Fraction(1, 2), Fraction(2), 10**6, Fraction(0), Fraction(5)),)


def _check_telescoping(subject: Telescope, case: Recursion) -> Outcome:
    """The bound, and that no smaller constant would do: what it leaves of the noise is at most the share 1/(s + 1)."""
    eta, s = subject.step(case, case.t), case.t + case.offset
    shrink = 1 - eta * case.gamma / case.m
    after = shrink**2 * case.start + eta**2 * case.noise / case.m
    noise = subject.constant * case.noise * case.m / case.gamma**2
    allowed = s**2 * case.start + noise
    return every(
        [
            equal("1 - η_t γ/m", shrink, s**2 / (s + 1) ** 2),
            at_most("(s + 1)² A_{t+1} against s² A_t + 4 C m d/γ²", (s + 1) ** 2 * after, allowed),
            at_most("4 C m d/γ² less its share 1/(s + 1)", noise * s / (s + 1), (s + 1) ** 2 * eta**2 * case.noise / case.m),
        ]
    )


def _start(case: Recursion, d: int, k: int) -> float:
    """The share of the start in the bound."""
    return mean_square_bound(case.t, case.schedule, 0.0, d=d, k=k)


Distance = Callable[[Recursion, int, int], float]


def _distance(case: Recursion, d: int, k: int) -> float:
    return mean_square_bound(case.t, case.schedule, float(case.noise), d=d, k=k)


def _check_distance(subject: Distance, case: Recursion) -> Outcome:
    """The recursion itself, run for t steps from E‖W_⊥‖²/m = (d - k)/d, with the noise C (d - k)/m a step.

    The telescoped sum drops one factor 1 - η_t γ/m of each step, which leaves 4 C T for Σ 4 C (s/T)² = (4/3) C T: after a
    thousand steps the recursion stands at a third of the bound, and a little above it.
    """
    outcomes = []
    for d, k in ((7, 2), (3, 1)):
        a = Fraction(d - k, d)  # A_t/m
        for t in range(case.t):
            s = t + case.offset
            eta = case.m * (2 * s + 1) / (case.gamma * (s + 1) ** 2)
            a = (1 - eta * case.gamma / case.m) ** 2 * a + (eta / case.m) ** 2 * case.noise * (d - k)
        bound = subject(case, d, k)
        outcomes.append(at_most(f"E‖W_⊥‖²/m after {case.t} steps", a, Fraction(bound) * (1 + Fraction(1, 2**40))))
        if case.t >= 1000:
            outcomes.append(at_most("33/100 of the bound", Fraction(bound) * Fraction(33, 100), a))
    return every(outcomes)


def _long() -> tuple[Recursion, ...]:
    return (Recursion(3, Fraction(1, 2), Fraction(2), 1000, Fraction(1), Fraction(5)),)


def _with_noise(share: float) -> Distance:
    """The part of the noise in the bound multiplied by the share."""
    return lambda case, d, k: (_distance(case, d, k) - _start(case, d, k)) * share + _start(case, d, k)


# -- stability


@dataclass(frozen=True)
class StepCase:
    gamma0: Fraction
    gamma: Fraction
    curvature: Fraction
    share: Fraction


def _steps() -> SearchStrategy[StepCase]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    positive = cases.nonzero_rationals(9).map(abs)
    share = st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1)])
    return st.builds(StepCase, positive, positive, positive, share)


Offset = Callable[[StepCase], int]


def _offset(case: StepCase) -> int:
    gamma0 = Threshold("drawn", Constant(constant(case.gamma0)), Evidence.EXACT, ())
    return least_offset(gamma0, case.gamma, Constant(constant(case.curvature)))


def _check_offset(subject: Offset, case: StepCase) -> Outcome:
    """|1 - ηρ| <= 1 - ηγ/m on [γ/m, Λ], mΛ = 2γ_0 + γ + Sβ_1², at t = 0; with one less it fails at ρ = Λ. Here m = 1."""
    top = 2 * case.gamma0 + case.gamma + case.curvature
    rho = case.gamma + case.share * (top - case.gamma)

    def contracts(offset: int, at: Fraction) -> bool:
        eta = (2 * offset + 1) / (case.gamma * (offset + 1) ** 2)
        return abs(1 - eta * at) <= 1 - eta * case.gamma

    found = subject(case)
    if not contracts(found, rho):
        return failed(f"with t* = {found} the first step does not contract at ρ = {rho}")
    return failed(f"t* = {found - 1} would do") if found > 0 and contracts(found - 1, top) else HOLDS


# -- compression


@dataclass(frozen=True)
class Compressed:
    weights: tuple[Vector, ...]
    directions: tuple[Vector, ...]


def _layers() -> SearchStrategy[Compressed]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    def of_size(shape: tuple[int, int, int]) -> SearchStrategy[Compressed]:
        m, d, k = shape
        return st.builds(Compressed, cases.matrices(m, d), cases.matrices(k, d))

    return st.tuples(st.integers(2, 4), st.integers(2, 4), st.integers(1, 2)).flatmap(of_size)


Truncation = Callable[[Any, int], Any]


def _truncation(weights: Any, k: int) -> Any:
    from steinlab.numerics.population.compression import rank_truncation

    return rank_truncation(weights, k)


def _smallest(weights: Any, k: int) -> Any:
    """The directions of the smallest singular values kept, in place of the largest."""
    return weights - _truncation(weights, max(min(weights.shape) - k, 0))


def _check_compression(subject: Truncation, case: Compressed) -> Outcome:
    import numpy as np

    k, d = len(case.directions), len(case.directions[0])
    onto = oracles.projector(oracles.orthogonalised(case.directions), d)
    perpendicular = sum(
        ((w - oracles.dot(tuple(onto[i]), row)) ** 2 for row in case.weights for i, w in enumerate(row)), Fraction(0)
    )
    size = sum((w * w for row in case.weights for w in row), Fraction(0))
    weights = np.array([[float(w) for w in row] for row in case.weights])
    cut = subject(weights, k)
    slack = 1e-12 * (1 + float(size))
    lost = float(np.sum((weights - cut) ** 2))
    if not lost <= float(perpendicular) + slack:
        return failed(f"‖W - π_k(W)‖_F² = {lost} is above ‖W_⊥‖_F² = {float(perpendicular)}")
    rank = int(np.sum(np.linalg.svd(cut, compute_uv=False) > 1e-7 * (1 + float(size)) ** 0.5))
    return HOLDS if rank <= k else failed(f"π_k(W) has rank {rank}, k = {k}")


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="mousavi.telescoping",
        statement="1 - η_t γ/m = s²/(s + 1)², so (s + 1)² A_{t+1} <= s² A_t + 4 C m d/γ², s = t + t*; 4 is the least constant",
        hypotheses="η_t = m (2s + 1)/(γ (s + 1)²), A_{t+1} = (1 - η_t γ/m)² A_t + η_t² C d/m",
        source=mousavi("Section 3, the recursion in expectation"),
        direction="upper",
        method="the recursion at rational A_t, C d, γ, t*",
        evidence=Evidence.EXACT,
        subject=Telescope(_step),
        cases=_recursions,
        check=_check_telescoping,
        faults=(
            Fault("η_t = 2m/(γ (s + 1))", Telescope(lambda case, t: 2 * case.m / (case.gamma * (t + case.offset + 1)))),
            Fault("the offset t* left out", Telescope(lambda case, t: Schedule(case.m, case.gamma, Fraction(0)).exact_step(t))),
            Fault("399/100 for 4", Telescope(_step, Fraction(399, 100))),
            Fault("401/100 for 4, which nothing comes near", Telescope(_step, Fraction(401, 100))),
        ),
        extremal=_late,
    ),
    Claim(
        id="mousavi.mean_square",
        statement="E‖W_⊥‖_F²/m <= (t*² (d - k)/d + 4 C (d - k) T/γ²)/(T + t*)² after T steps",
        hypotheses="the recursion of mousavi.telescoping from √d W_ij ~ N(0, 1), noise C (d - k)/m a step",
        source=mousavi("Section 3, the recursion summed up"),
        direction="upper",
        method="the recursion run step by step in rational numbers",
        evidence=Evidence.EXACT,
        subject=_distance,
        cases=_recursions,
        check=_check_distance,
        faults=(
            Fault("without the start", lambda case, d, k: _distance(case, d, k) - _start(case, d, k)),
            Fault("a third of the noise, less 2%", _with_noise(0.98 / 3)),
            Fault("4% more noise", _with_noise(1.04)),
        ),
        extremal=_long,
    ),
    Claim(
        id="mousavi.least_offset",
        statement="t* + 1 >= (1 + √(1 - q))/q, q = 2γ/(2γ_0 + 2γ + Sβ_1²): then every step contracts, and no smaller t* will do",
        hypotheses="the eigenvalues of λ + ℋ lie in [γ/m, (2γ_0 + γ + Sβ_1²)/m]",
        source=mousavi("Section 3, t* large enough for stability"),
        direction="identity",
        method="|1 - ηρ| <= 1 - ηγ/m at the ends and the middle of the interval, and its failure for t* - 1, in rational numbers",
        evidence=Evidence.EXACT,
        subject=_offset,
        cases=_steps,
        check=_check_offset,
        faults=(
            Fault("one more than needed", lambda case: _offset(case) + 1),
            Fault("one less than needed", lambda case: max(_offset(case) - 1, 0)),
        ),
    ),
    Claim(
        id="mousavi.compressibility",
        statement="‖W - π_k(W)‖_F <= ‖W_⊥‖_F, π_k(W) the best approximation of rank k",
        hypotheses="W of any shape, W_⊥ what lies outside a subspace of dimension at most k",
        source=mousavi("Section 6 (Eckart and Young)"),
        direction="upper",
        method="exact W_⊥ by Gram-Schmidt against the singular value decomposition in float64, slack 1e-12",
        evidence=Evidence.NUMERICAL,
        subject=_truncation,
        cases=_layers,
        check=_check_compression,
        faults=(
            Fault("the smallest singular values kept", _smallest),
            Fault("nothing cut", lambda weights, k: weights),
        ),
    ),
)
