"""λ and η_t of a run of online SGD: those of the theorem unless told otherwise, with what is lost by others."""

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from steinlab.numerics.checked import check_choice, check_flag, check_integer, check_number
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.schedules import ConstantSteps, DecayingSteps, StepSizes
from steinlab.theory.errors import InputError
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import constant
from steinlab.theory.shape.bounds import Bound
from steinlab.theory.shape.labels import LabelMoments
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.losses import Loss
from steinlab.theory.statements.thresholds import threshold
from steinlab.theory.targets.target import Noise, Target

__all__ = ["Recipe", "label_size", "recipe_for", "student_threshold"]

DEFAULT_GAMMA = 0.5


@dataclass(frozen=True)
class Recipe:
    """λ and η_t of one run, with what is lost by them.

    Attributes:
        weight_decay: λ >= 0.
        steps: η_t.
        gamma_0: the threshold γ_0, None where there is none (or none is known).
        warnings: the guarantees that this choice loses, one sentence each.
    """

    weight_decay: float
    steps: StepSizes
    gamma_0: float | None = None
    warnings: tuple[str, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """JSON scalars."""
        steps: dict[str, Any] = {"schedule": "constant" if isinstance(self.steps, ConstantSteps) else "decaying"}
        return {"weight_decay": self.weight_decay, "gamma_0": self.gamma_0} | steps | dataclasses.asdict(self.steps)


def recipe_for(
    student: Student,
    *,
    T: int,
    d: int,
    m: int,
    label_size: float = math.inf,
    weight_decay: float | None = None,
    gamma: float | None = None,
    gamma_0: float | None = None,
    schedule: str = "decaying",
    step_size: float | None = None,
    t_star: int | None = None,
    unguaranteed: bool = False,
) -> Recipe:
    """λ and η_t for a student: those of the subspace-convergence theorem unless told otherwise.

    Defaults: λ = (γ_0 + γ)/m; η_t = m(2(t + t*) + 1)/(γ(t + t* + 1)²) with t* = ⌈2(d + γ_0 + γ)/γ⌉. That t* is at least the
    `least_offset` of `steinlab.theory.statements.convergence`, from which on every step contracts W_⊥, and of the order of d/γ so
    that a step moves the prediction at its own sample by about as much as it is wrong there, not by d times that.

    Args:
        student: activation, loss and biases.
        T, d, m: steps, dimension, width.
        label_size: E|y| or an upper bound, for γ_0 of a smooth activation with the squared loss.
        weight_decay: λ >= 0. Below γ_0/m it is taken, and the recipe says which guarantee is lost.
        gamma: γ > 0; None: λm - γ_0 where λ is given and above the threshold, else 0.5.
        gamma_0: γ_0 >= 0; None: `student_threshold`.
        schedule: "decaying", or "constant" with η_t = step_size.
        step_size: η of the constant schedule; None: γ m/(8 d max(1, γ)).
        t_star: t*.
        unguaranteed: accept ReLU with biases at zero, or not bounded away from it.

    Raises:
        InputError: a value is out of range; γ_0 is infinite and λ is not given; ReLU and biases at zero.

    Source: Mousavi-Hosseini et al. (2023); thresholds, t* and constants are derived.

    Example:
        >>> recipe = recipe_for(Student(), T=10_000, d=20, m=50)
        >>> round(recipe.weight_decay * 50 - recipe.gamma_0, 12), recipe.steps
        (0.5, DecayingSteps(scale=100.0, t_star=83))
        >>> recipe_for(Student(), T=10_000, d=20, m=50, weight_decay=0.0).warnings[0][:36]
        'λ = 0 is not above the threshold γ_0'
    """
    T, d, m = (check_integer(name, value, least=1) for name, value in (("T", T), ("d", d), ("m", m)))
    check_choice("schedule", schedule, ("decaying", "constant"))
    check_flag("unguaranteed", unguaranteed)
    known: float | None
    if gamma_0 is not None:
        known, reason = check_number("gamma_0", gamma_0, strict=False), "given"
    else:
        known, reason = student_threshold(student, label_size)
    if student.is_relu and student.least_bias == 0 and not unguaranteed:
        raise InputError(
            f"biases = {student.biases!r} lets a ReLU bias vanish, where the theory promises nothing; take 'signs' with "
            "bias_scale > 0, or set unguaranteed"
        )
    decay, gamma, lost = _decay(weight_decay, gamma, known, reason, m)
    if schedule == "constant":
        size = gamma * m / (8 * d * max(1.0, gamma)) if step_size is None else check_number("step_size", step_size)
        steps: StepSizes = ConstantSteps(size)
        lost.append(f"the step size is constant ({size:g}): W_⊥ falls to a floor that does not vanish with T")
    else:
        if step_size is not None:
            raise InputError(f"step_size = {step_size!r} is for the constant schedule; set schedule = 'constant', or give gamma")
        if t_star is None:
            t_star = math.ceil(2 * (d + (known or 0.0) + gamma) / gamma)
        steps = decaying = DecayingSteps(m / gamma, t_star)
        if decaying.t_star > T:
            lost.append(f"T = {T} is below t* = {decaying.t_star}: the bound √(d/(γ²T)) on W_⊥ starts at T of the order of t*")
    first = float(steps.sizes(0, 1)[0])
    if first * decay > 1:
        lost.append(f"η_0 λ = {first * decay:g} exceeds 1: the first steps may expand W; take a larger t* or smaller steps")
    return Recipe(decay, steps, known, tuple(lost))


def _decay(
    weight_decay: float | None, gamma: float | None, known: float | None, reason: str, m: int
) -> tuple[float, float, list[str]]:
    """λ and γ, one from the other where it is not given, and what is lost by them; `known` is γ_0, or None for the reason."""
    lost: list[str] = []
    if gamma is not None:
        gamma = check_number("gamma", gamma)
    if weight_decay is None:
        if known is None:
            raise InputError(f"{reason}; without γ_0 there is no default: give weight_decay")
        gamma = DEFAULT_GAMMA if gamma is None else gamma
        return (known + gamma) / m, gamma, lost
    weight_decay = check_number("weight_decay", weight_decay, strict=False)
    margin = None if known is None else weight_decay * m - known
    if gamma is None:
        gamma = margin if margin is not None and margin > 0 else DEFAULT_GAMMA
    if known is None:
        lost.append(f"{reason}; no λ guarantees that W_⊥ vanishes")
    elif weight_decay * m <= known:
        lost.append(
            f"λ = {weight_decay:g} is not above the threshold γ_0/m = {known / m:g}: neither W_⊥ = 0 at every stationary "
            "point nor the contraction of W_⊥ is guaranteed"
        )
    return weight_decay, gamma, lost


def student_threshold(student: Student, label_size: float = math.inf) -> tuple[float | None, str]:
    """γ_0 with its case, for |a_j| <= 1/m, by `theory.statements.thresholds`; None with the reason where a hypothesis fails.

    λ > γ_0/m forces W_⊥ = 0 at every stationary point.

    Args:
        student: activation, loss and law of the biases.
        label_size: E|y| or an upper bound; asked for by a smooth activation with the squared loss.

    Guarantee: upper bound, rounded to a float. Source: derived from Mousavi-Hosseini et al. (2023).

    Example:
        >>> round(student_threshold(Student(bias_scale=2.0))[0], 6)  # 1/(2√(2πe))
        0.120985
    """
    loss = Loss.huber(Fraction(student.delta)) if student.loss == "huber" else Loss.of(student.loss)
    labels = None
    if student.loss_functions.takes_signs:
        labels = LabelMoments(Constant(constant(1)), Bound.exact(1, "signs"), Bound.exact(1, "signs"))
    elif math.isfinite(label_size):
        size = Fraction(label_size)
        labels = LabelMoments(Constant(constant(size**2)), Bound.of_user(size), Bound.unknown("not asked for"))
    gap = Fraction(student.least_bias) if student.is_relu else None
    try:
        found = threshold(Activation.of(student.activation), loss, labels=labels, bias_gap=gap)
    except InputError as error:
        return None, str(error)
    return float(found), found.case


def label_size(target: Target, noise: Noise) -> float:
    """√(E f*² + E e²), which bounds E|y|."""
    return math.sqrt(target.moments[1] + float(noise.scale) ** 2)
