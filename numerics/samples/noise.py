"""Label noise: draws of it, and which law a run has."""

import numpy as np

from steinlab.numerics.types import Array
from steinlab.theory.targets.reading import exact
from steinlab.theory.targets.target import Noise, Target

__all__ = ["noise_values", "resolve_noise"]


def resolve_noise(target: Target, noise: Noise | float | str | None) -> Noise:
    """The label noise of a run: the target's own (None), another, or a scale for the target's kind of noise.

    A scale (text is read exactly) given to a target without noise means the paper's ±scale; scale 0 means none.

    Raises:
        InputError: the scale is not a number >= 0.
    """
    if noise is None:
        return target.noise
    if isinstance(noise, Noise):
        return noise
    kind = "rademacher" if target.noise.kind == "none" else target.noise.kind
    resolved = Noise(kind, exact(noise, "the noise scale"))
    return Noise() if resolved.scale.is_zero else resolved


def noise_values(noise: Noise, n: int, rng: np.random.Generator) -> Array:
    """n draws of the label noise: ±scale with equal chance (rademacher), scale·N(0,1) (gaussian) or zeros (none).

    The first k of n draws are the k draws, whatever n.
    """
    if noise.kind == "rademacher":
        return np.where(rng.random(n) < 0.5, -1.0, 1.0) * float(noise.scale)
    if noise.kind == "gaussian":
        return rng.standard_normal(n) * float(noise.scale)
    return np.zeros(n)
