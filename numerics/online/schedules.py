"""Step sizes η_t of SGD: the decaying schedule of the subspace-convergence theorem, and a constant one."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from steinlab.numerics.checked import check_integer, check_number
from steinlab.numerics.types import Array

__all__ = ["ConstantSteps", "DecayingSteps", "StepSizes"]


@dataclass(frozen=True)
class DecayingSteps:
    """η_t = scale·(2(t + t*) + 1) / (t + t* + 1)², t = 0, 1, ...

    With scale = m/γ this is the schedule under which E‖W_⊥‖_F² telescopes: for λ = (γ_0 + γ)/m and s = t + t*,
    1 - η_t γ/m = s²/(s + 1)². The head's phase uses scale = 1/λ' for the same reason.

    Args:
        scale: m/γ, > 0.
        t_star: t*, a whole number >= 0.

    Raises:
        InputError: a value is out of range.

    Source: Mousavi-Hosseini et al. (2023); t* and the constants are derived.

    Example:
        >>> DecayingSteps(scale=1.0, t_star=1).sizes(0, 2)
        array([0.75      , 0.55555556])
    """

    scale: float
    t_star: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", check_number("scale", self.scale))
        object.__setattr__(self, "t_star", check_integer("t_star", self.t_star, least=0))

    def sizes(self, start: int, stop: int) -> Array:
        """η_t for t = start, ..., stop - 1."""
        s = np.arange(start, stop, dtype=np.float64) + self.t_star
        return self.scale * (2 * s + 1) / (s + 1) ** 2


@dataclass(frozen=True)
class ConstantSteps:
    """η_t = size for every t. W_⊥ then falls to a floor of order √(η d/m), not to zero.

    Raises:
        InputError: size is not a number > 0.
    """

    size: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", check_number("step size", self.size))

    def sizes(self, start: int, stop: int) -> Array:
        """η_t for t = start, ..., stop - 1."""
        return np.full(stop - start, self.size)


StepSizes: TypeAlias = DecayingSteps | ConstantSteps
