"""The Hermite expansion of a polynomial target in floating point, and its products with half-lines."""

import numpy as np

from steinlab.numerics.population.relu_pairs import normal_density
from steinlab.numerics.samples.link import frame
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.targets.target import Target, require_polynomial

__all__ = ["TargetExpansion"]


class TargetExpansion:
    """The Hermite expansion of a target in floating point: mean, E ∇f* in R^d, energy and parts of the degrees >= 2.

    None stands for the function 0.
    """

    def __init__(self, target: Target | None, d: int) -> None:
        self.parts: dict[int, _Part] = {}
        if target is None:
            self.frame, self.mean, self.slope, self.energy = np.zeros((0, d)), 0.0, np.zeros(d), 0.0
            return
        target = require_polynomial(target)
        self.frame = frame(target, d)
        expansion, r = target.expansion, target.latent_dimension
        self.mean = float(expansion.mean)
        linear = expansion.symbol.homogeneous_part(1)
        self.slope = np.array([float(linear.derivative(i).coefficient((0,) * r)) for i in range(r)]) @ self.frame
        self.energy = float(sum((e for k, e in expansion.degree_energies.items() if k >= 2), expansion.mean * 0))
        self.parts = {k: _Part(part) for k, part in expansion.parts.items() if k >= 2}

    def products(self, directions: Array, shifts: Array) -> tuple[Array, Array, Array]:
        """E[R f*], E[1{v·x + h >= 0} f*_{>=2}] and E[1{v·x + h >= 0} x f*_{>=2}] for unit vectors v (rows) and shifts h."""
        latent = directions @ self.frame.T
        hermite = [normal_density(shifts), -shifts * normal_density(shifts)]  # He_k(-h) φ(h)
        for k in range(1, max(self.parts, default=0)):
            hermite.append(-shifts * hermite[k] - k * hermite[k - 1])
        mean, slope, radial = np.zeros(len(shifts)), np.zeros(len(shifts)), np.zeros(len(shifts))
        lateral = np.zeros_like(latent)
        for k, part in self.parts.items():
            values, gradients = part(latent)
            mean += hermite[k - 2] * values
            slope += hermite[k - 1] * values
            radial += hermite[k] * values
            lateral += hermite[k - 2][:, None] * gradients
        return mean, slope, lateral @ self.frame + radial[:, None] * directions


class _Part:
    """A homogeneous polynomial in floating point, with its gradient, at many points."""

    def __init__(self, part: Polynomial) -> None:
        try:
            self.terms = {alpha: float(c) for alpha, c in part.terms().items()}
        except OverflowError:
            raise InputError("the target has coefficients beyond floating point; rescale its directions") from None

    def __call__(self, points: Array) -> tuple[Array, Array]:
        """Values (n,) and gradients (n, r) at the rows of `points` (n x r)."""
        highest = max(max(alpha) for alpha in self.terms)
        powers = np.ones((highest + 1, *points.shape))
        for e in range(highest):
            powers[e + 1] = powers[e] * points
        values, gradients = np.zeros(len(points)), np.zeros_like(points)
        for alpha, c in self.terms.items():
            present = [i for i, e in enumerate(alpha) if e]
            values += c * np.prod([powers[alpha[i], :, i] for i in present], axis=0)
            for j in present:
                others = [powers[alpha[i] - (i == j), :, i] for i in present]
                gradients[:, j] += c * alpha[j] * np.prod(others, axis=0)
        return values, gradients
