"""Online SGD with weight decay: step sizes, and how long to run until W_⊥ is small.

W ← (1 - η_t λ) W - η_t ∇_W ℓ with a fresh sample a step; the setting and γ_0 are those of `thresholds`.

The form of these statements is that of Mousavi-Hosseini et al. 2022 (ICLR 2023); **the statements and constants
below are derived by this project**, with their proofs in the docstrings. A constant that is not derived is never made up: where a
guarantee hides one, a measured value has to be passed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, inf, isqrt, log, sqrt

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Scalar
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.shape.labels import LabelMoments
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.losses import Loss
from steinlab.theory.statements.thresholds import (
    Threshold,
    check_width,
    contraction_rate,
    hypotheses,
    positive,
    rounded_up,
    threshold,
    weight_decay_warning,
)

__all__ = [
    "DERIVED",
    "Recommendation",
    "Schedule",
    "Threshold",
    "contraction_rate",
    "curvature",
    "horizon_warning",
    "hypotheses",
    "least_offset",
    "least_steps",
    "mean_square_bound",
    "noise_constant",
    "recommend",
    "steps_from_measured_constant",
    "threshold",
    "weight_decay_warning",
]

DERIVED = "derived by this project in the form of Mousavi-Hosseini et al. 2022"
"""Where the statements of this module stand."""
MOST_STEPS = 1e15
"""Beyond it a run length is refused: floats no longer count single steps."""


@dataclass(frozen=True)
class Schedule:
    """η_t = m (2(t + t*) + 1)/(γ (t + t* + 1)²), t = 0, 1, ...: decays as 2m/(γ t).

    1 - η_t γ/m = s²/(s + 1)², s = t + t*, so a recursion A_{t+1} <= (1 - η_t γ/m)² A_t + η_t² C d/m telescopes:
    (s + 1)² A_{t+1} <= s² A_t + 4 C m d/γ². Source: the paper's form; the proof is this line. Kind: exact.

    >>> Schedule(10, Fraction(1), Fraction(3)).exact_step(0), round(Schedule(10, Fraction(1), Fraction(3)).step(97), 6)
    (Fraction(35, 8), 0.19704)
    """

    width: int
    gamma: Fraction
    offset: Fraction

    def __post_init__(self) -> None:
        check_width(self.width)
        object.__setattr__(self, "gamma", positive("γ", self.gamma))
        if not 1 / MOST_STEPS <= self.gamma <= MOST_STEPS:
            raise InputError(f"γ is {float(self.gamma):g}: expected a number between {1 / MOST_STEPS:g} and {MOST_STEPS:g}")
        object.__setattr__(self, "offset", positive("t*", self.offset, zero=True))

    def exact_step(self, t: int) -> Fraction:
        """η_t as a fraction."""
        s = t + self.offset
        return self.width * (2 * s + 1) / (self.gamma * (s + 1) ** 2)

    def step(self, t: int) -> float:
        """η_t, rounded once."""
        return float(self.exact_step(t))


def curvature(activation: Activation, loss: Loss) -> Constant:
    """S β_1², S = sup|ℓ''|: the first part of ℋ is at most S β_1²/m, since Σ a_j² σ'_j² <= β_1²/m. InputError if infinite."""
    if activation.beta1.value is None or loss.smoothness.value is None:
        raise InputError(
            f"the curvature of {activation.name} with the {loss.name} loss is {activation.beta1} x {loss.smoothness}: a step "
            "size needs a Lipschitz activation and a bounded ℓ''"
        )
    return Constant(loss.smoothness.value.form * activation.beta1.value.form**2)


def least_offset(gamma0: Threshold, gamma: float | Scalar, curvature: Constant) -> int:
    """The least whole t* with which every step of the schedule contracts W_⊥ by 1 - η_t γ/m in the mean.

    With λ = (γ_0 + γ)/m the eigenvalues of λ + ℋ lie in [γ/m, Λ], mΛ = 2γ_0 + γ + Sβ_1², and |1 - ηρ| <= 1 - ηγ/m on that
    interval if and only if η(Λ + γ/m) <= 2. η_t decreases, so t = 0 decides: (2t* + 1)/(t* + 1)² <= q,
    q = 2γ/(2γ_0 + 2γ + Sβ_1²), that is t* + 1 >= (1 + √(1 - q))/q. Kind: sufficient for the upper bounds used; exact; derived.

    >>> gamma0 = threshold(Activation.of("relu"), Loss.huber(), bias_gap=1)
    >>> least_offset(gamma0, 1, curvature(Activation.of("relu"), Loss.huber()))
    2
    """
    g = positive("γ", gamma)
    q = 2 * g / (2 * gamma0.upper + 2 * g + rounded_up(curvature.form))
    a, b = q.numerator, q.denominator
    square = b * (b - a)
    root = isqrt(square)
    root += root * root < square  # rounded up: s = t* + 1 is the least whole number with a s >= b + √(b² - ab)
    return -(-(b + root) // a) - 1


# -- how far W_⊥ is after T steps


def noise_constant(activation: Activation, loss: Loss, labels: LabelMoments | None = None) -> Constant:
    """C with E‖(∇_W ℓ)_⊥‖_F² <= C (d - k)/m: L²β_1² for an L-Lipschitz loss, β_1² (β_0 + √E y²)² for the squared one.

    Proof: the rows of the gradient are a_j ℓ' σ'_j x; Σ a_j² <= 1/m, E‖x_⊥‖² = d - k, and the bound on |ℓ'|, L or β_0 + |y|, is
    independent of x_⊥. Raises: InputError where a constant is infinite. Kind: upper; derived.

    >>> str(noise_constant(Activation.of("relu"), Loss.huber(2)))
    '4'
    """
    if activation.beta1.value is None:
        raise InputError(f"{activation.name} is not Lipschitz: the noise of its gradient is not bounded")
    slope = activation.beta1.value.form
    if loss.lipschitz.value is not None:
        return Constant(loss.lipschitz.value.form**2 * slope**2)
    if not loss.is_squared or labels is None or activation.beta0.value is None:
        raise InputError(
            f"the noise of the gradient of the {loss.name} loss is not bounded: use a Lipschitz loss, or the squared loss with a "
            "bounded activation and the label moments"
        )
    root = labels.root_mean_square.form
    return Constant(slope**2 * (activation.beta0.value.form + root) ** 2)


def mean_square_bound(steps: int, schedule: Schedule, noise: float, *, d: int, k: int) -> float:
    """A bound on E‖W_⊥‖_F²/m after `steps` steps from √d W_ij ~ N(0, 1): the telescoped recursion.

    (t*² (d-k)/d + 4 C (d-k) T/γ²)/(T + t*)². Hypotheses: λ >= (γ_0 + γ)/m, t* >= `least_offset`, C from `noise_constant`.
    Kind: upper, in expectation; derived. By Markov's inequality ‖W_⊥‖_F²/m exceeds 1/δ times it with probability at most δ.

    >>> round(mean_square_bound(10_000, Schedule(10, Fraction(1), Fraction(2)), 1.0, d=50, k=1), 5)
    0.01959
    """
    offset, gamma = float(schedule.offset), float(schedule.gamma)
    _check_dimensions(d, k)
    if steps + offset == 0:
        return (d - k) / d
    start = offset**2 * (d - k) / d
    return (start + 4 * noise * (d - k) * steps / gamma**2) / (steps + offset) ** 2


def least_steps(tolerance: float, schedule: Schedule, noise: float, *, d: int, k: int) -> int:
    """The least T >= t* from which on `mean_square_bound` is at most tolerance²: sqrt(E‖W_⊥‖_F²/m) <= tolerance.

    >>> schedule = Schedule(10, Fraction(1), Fraction(2))
    >>> T = least_steps(0.1, schedule, 1.0, d=50, k=1)
    >>> T, [mean_square_bound(t, schedule, 1.0, d=50, k=1) <= 0.01 for t in (T - 1, T)]
    (19597, [False, True])
    """
    if not 1 / MOST_STEPS <= tolerance < inf:
        raise InputError(f"the tolerance for ‖W_⊥‖_F/√m is {tolerance}: expected a number of at least {1 / MOST_STEPS:g}")
    _check_dimensions(d, k)
    offset, gamma = float(schedule.offset), float(schedule.gamma)
    slope, start = 4 * noise * (d - k) / gamma**2, offset**2 * (d - k) / d
    _check_countable(slope / tolerance**2, tolerance)
    # tolerance² s² >= start + slope (s - offset), s = T + offset: beyond the larger root
    middle = slope / (2 * tolerance**2)
    inside = middle**2 + (start - slope * offset) / tolerance**2
    s = middle + sqrt(inside) if inside > 0 else 0.0
    steps = max(ceil(offset), ceil(s - offset), 0)
    while mean_square_bound(steps, schedule, noise, d=d, k=k) > tolerance**2:
        steps += 1
    while steps > ceil(offset) and mean_square_bound(steps - 1, schedule, noise, d=d, k=k) <= tolerance**2:
        steps -= 1
    return steps


def steps_from_measured_constant(tolerance: float, constant: float, gamma: float, *, d: int, delta: float) -> int:
    """T with constant · sqrt((d + log(1/δ))/(γ² T)) <= tolerance.

    The shape of the high-probability bound is the paper's; its constant is not printed and has to be measured. Kind: no guarantee
    beyond the measurement. Raises: InputError for numbers out of range.

    >>> steps_from_measured_constant(0.05, 0.34, 1.0, d=80, delta=1.0)
    3700
    """
    for what, value in (("tolerance", tolerance), ("measured constant", constant), ("γ", gamma)):
        if not 1 / MOST_STEPS <= value < MOST_STEPS:
            raise InputError(f"the {what} is {value}: expected a number > 0, between {1 / MOST_STEPS:g} and {MOST_STEPS:g}")
    if not 0 < delta <= 1:
        raise InputError(f"δ is {delta}: expected a probability in (0, 1]")
    scale = constant / gamma / tolerance
    _check_countable(scale**2 * d, tolerance)
    return ceil(scale**2 * (d + log(1 / delta)))


@dataclass(frozen=True)
class Recommendation:
    """Settings for online SGD with their reasons. `notes` say, field by field, what is derived, chosen or measured."""

    threshold: Threshold
    weight_decay: float
    schedule: Schedule
    steps: int
    mean_square: float
    notes: tuple[str, ...]

    @property
    def gamma(self) -> Fraction:
        return self.schedule.gamma

    @property
    def offset(self) -> int:
        """t*."""
        return int(self.schedule.offset)


def recommend(
    activation: Activation | str,
    loss: Loss | str,
    *,
    width: int,
    d: int,
    k: int,
    tolerance: float,
    labels: LabelMoments | None = None,
    bias_gap: Scalar | None = None,
    gamma: float | Scalar | None = None,
    measured_constant: float | None = None,
    delta: float = 0.1,
) -> Recommendation:
    """λ = (γ_0 + γ)/m, η_t, t* and T so that ‖W_⊥‖_F/√m <= `tolerance`.

    T is for the mean square, with derived constants; with `measured_constant` it is for probability 1 - δ by the paper's shape
    and that constant. γ is free (larger: faster, but W_∥ shrinks too); unless given it is γ_0 rounded up, or 1 where γ_0 = 0.
    Raises: InputError where a hypothesis of `threshold` fails or a number is out of range.

    >>> plan = recommend("relu", "huber", width=1000, d=50, k=1, bias_gap=1, gamma=1, tolerance=0.1)
    >>> round(plan.weight_decay, 9), plan.offset, plan.steps
    (0.001241971, 2, 19597)
    """
    activation, loss = Activation.of(activation), Loss.of(loss)
    _check_dimensions(d, k)
    gamma0 = threshold(activation, loss, labels=labels, bias_gap=bias_gap)
    chosen = (gamma0.upper or Fraction(1)) if gamma is None else positive("γ", gamma)
    bend = curvature(activation, loss)
    schedule = Schedule(check_width(width), chosen, Fraction(least_offset(gamma0, chosen, bend)))
    noise = float(rounded_up(noise_constant(activation, loss, labels).form))
    notes = [
        f"γ_0 = {gamma0} ({gamma0.case}): {DERIVED}",
        f"γ = {float(chosen):.6g}: " + ("given" if gamma is not None else "chosen by this project, equal to γ_0 rounded up"),
        f"t* = {schedule.offset}: the least whole offset for which every step contracts, derived",
    ]
    if measured_constant is None:
        steps = least_steps(tolerance, schedule, noise, d=d, k=k)
        notes.append("T: sqrt(E‖W_⊥‖_F²/m) <= tolerance by the telescoped recursion, derived with explicit constants")
        notes.append(
            "with probability 1 - δ: ‖W_⊥‖_F/√m ≲ sqrt((d + log(1/δ))/(γ² T)), the paper's shape; its constant is unknown"
        )
    else:
        steps = steps_from_measured_constant(tolerance, measured_constant, float(chosen), d=d, delta=delta)
        steps = max(steps, int(schedule.offset))
        notes.append(
            f"T: the paper's shape with a measured constant {measured_constant:g} and δ = {delta:g}; no guarantee beyond it"
        )
    if gamma0.is_declared or activation.beta1.declared or loss.smoothness.declared:
        notes.append("a declared constant was used: nothing is proved unless it is true")
    decay = float((gamma0.upper + chosen) / width)
    mean_square = mean_square_bound(steps, schedule, noise, d=d, k=k)
    return Recommendation(gamma0, decay, schedule, steps, mean_square, tuple(notes))


def horizon_warning(steps: int, schedule: Schedule) -> str | None:
    """What is lost when a run is shorter than t*, in words; None otherwise."""
    if steps >= schedule.offset:
        return None
    return (
        f"T = {steps} is below t* = {float(schedule.offset):g}: the step size has hardly begun to decay and the bound on ‖W_⊥‖ "
        "is still that of the start; run longer"
    )


def _check_countable(steps: float, tolerance: float) -> None:
    if not steps < MOST_STEPS:
        raise InputError(f"the tolerance {tolerance} asks for more than {MOST_STEPS:g} steps: use a larger tolerance or γ")


def _check_dimensions(d: int, k: int) -> None:
    if not 1 <= k <= d:
        raise InputError(f"k = {k} directions in d = {d} dimensions: expected 1 <= k <= d")
