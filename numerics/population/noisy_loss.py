"""A loss averaged over the label noise, with its derivatives: in closed form where there is one, else by quadrature."""

from collections.abc import Callable

import numpy as np
from scipy.special import expit, ndtr

from steinlab.numerics.networks.losses import LossFunctions
from steinlab.numerics.population.relu_pairs import normal_density, relu_mean
from steinlab.numerics.types import Array
from steinlab.theory.targets.target import Noise

__all__ = ["NoisyLoss"]

_NOISE_NODES = 32


class NoisyLoss:
    """E_e ℓ(ŷ, y + e) for the label noise e, and its derivatives, at predictions ŷ and clean labels y that broadcast.

    Two points for signs, closed forms for Huber's loss under Gaussian noise (which makes it smooth), else Gauss-Hermite
    quadrature. Guarantee: numerical.

    Example:
        >>> from steinlab.numerics.networks.losses import loss_functions
        >>> NoisyLoss(loss_functions("squared"), Noise("rademacher", 2)).value(np.array([1.0]), np.array([0.0]))  # ½ (1 + 4)
        array([2.5])
    """

    def __init__(self, loss: LossFunctions, noise: Noise) -> None:
        self.loss, self.kind, self.scale = loss, noise.kind, float(noise.scale)
        self._closed_form = loss.name == "huber" and noise.kind == "gaussian" and self.scale > 0

    def value(self, prediction: Array, clean: Array) -> Array:
        """E_e ℓ."""
        if self._closed_form:  # ½(r + δ)_+² - ½(r - δ)_+² - δ r - ½δ²
            r, s, d = prediction - clean, self.scale, self.loss.delta
            return np.asarray(_half_square(r + d, s) - _half_square(r - d, s) - d * r - d * d / 2)
        return self._mean(self.loss.value, prediction, clean)

    def slope(self, prediction: Array, clean: Array) -> Array:
        """E_e ∂ℓ/∂ŷ."""
        if self._closed_form:  # clip(r, -δ, δ) = (r + δ)_+ - (r - δ)_+ - δ
            r, s, d = prediction - clean, self.scale, self.loss.delta
            return np.asarray(s * (relu_mean((r + d) / s) - relu_mean((r - d) / s)) - d)
        return self._mean(self.loss.slope, prediction, clean)

    def curvature(self, prediction: Array, clean: Array) -> Array:
        """E_e ∂²ℓ/∂ŷ²."""
        if self._closed_form:
            r, s, d = prediction - clean, self.scale, self.loss.delta
            return np.asarray(ndtr((r + d) / s) - ndtr((r - d) / s))
        return self._mean(self.loss.curvature, prediction, clean)

    def mixed(self, prediction: Array, clean: Array) -> Array:
        """E_e ∂²ℓ/∂ŷ∂y."""
        if self.loss.takes_signs:
            return self._mean(_logistic_mixed, prediction, clean)
        return -self.curvature(prediction, clean)  # a function of ŷ - y

    def _mean(self, f: Callable[[Array, Array], Array], prediction: Array, clean: Array) -> Array:
        """E_e f(ŷ, y + e)."""
        if self.scale == 0:
            return f(prediction, clean)
        if self.kind == "rademacher":
            return (f(prediction, clean + self.scale) + f(prediction, clean - self.scale)) / 2
        points, mass = np.polynomial.hermite_e.hermegauss(_NOISE_NODES)
        total = np.zeros(np.broadcast(prediction, clean).shape)
        for e, p in zip(points, mass / mass.sum(), strict=True):
            total += p * f(prediction, clean + self.scale * e)
        return total


def _half_square(mean: Array, scale: float) -> Array:
    """E ½ max(X, 0)², X ~ N(mean, scale²)."""
    u = mean / scale
    return np.asarray(((mean**2 + scale**2) * ndtr(u) + mean * scale * normal_density(u)) / 2)


def _logistic_mixed(prediction: Array, label: Array) -> Array:
    """∂/∂y of -y s(-yŷ)."""
    u = label * prediction
    return np.asarray(-expit(-u) + u * expit(u) * expit(-u))
