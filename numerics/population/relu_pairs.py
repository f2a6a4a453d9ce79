"""Two shifted ReLUs of correlated normals: E[(Z₁+h)₊ (Z₂+k)₊] and its derivatives in closed form, vectorised.

σ(z + h) = μ(h) + Φ(h) z + R_h(z) splits off the Hermite degrees 0 and 1: μ(h) = φ(h) + hΦ(h) = E σ(Z + h). What is left,
E[R_h(Z₁) R_k(Z₂)], is the number that this module is about: it is what two neurons share beyond an affine function, and it
is blind to the sign of a neuron, R_{-h}(-z) = R_h(z), as σ(u) - σ(-u) = u. So h, k <= 0 can be assumed, and then every term
is a tail that is known to small absolute error.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, owens_t

from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = ["FLAT", "Orthant", "normal_density", "relu_mean", "relu_product_mean", "shared_orthant"]


FLAT = 38.0
"""A shifted ReLU with |h| >= 38 is affine to all digits: φ(38) is about the smallest normal float."""

# Stand-ins for zero: limits from one side, small enough to change no result and large enough that their product is a float.
_TINY_SHIFT, _TINY_SINE = 1e-200, 1e-100


def normal_density(h: Array) -> Array:
    """φ(h) = e^{-h²/2}/√(2π)."""
    return np.asarray(np.exp(-0.5 * h * h) / np.sqrt(2 * np.pi))


def relu_mean(h: Array) -> Array:
    """μ(h) = E(Z + h)₊ = φ(h) + hΦ(h)."""
    return np.asarray(normal_density(h) + h * ndtr(h))


class Orthant(NamedTuple):
    """What a pair of half-lines Z₁ >= -h, Z₂ >= -k has beyond independence, for corr(Z₁, Z₂) = ρ and h, k <= 0.

    Attributes:
        rho: ρ.
        sine: √(1 - ρ²), at least 1e-100.
        excess: Φ₂(h, k; ρ) - Φ(h)Φ(k), the covariance of the two indicators.
        first: Φ((h - ρk)/√(1-ρ²)) - Φ(h), how much likelier the first is given Z₂ = -k.
        second: Φ((k - ρh)/√(1-ρ²)) - Φ(k), likewise.
        density: (1 - ρ²) φ₂(h, k; ρ) - φ(h)φ(k).
    """

    rho: Array
    sine: Array
    excess: Array
    first: Array
    second: Array
    density: Array

    def covariance(self, h: Array, k: Array) -> Array:
        """E[R_h(Z₁) R_k(Z₂)]."""
        return np.asarray(
            (h * k + self.rho) * self.excess
            + h * normal_density(k) * self.first
            + k * normal_density(h) * self.second
            + self.density
        )

    def first_slope(self, h: Array, k: Array) -> Array:
        """∂/∂h of `covariance`."""
        return np.asarray(k * self.excess + normal_density(k) * self.first + self.rho * normal_density(h) * self.second)

    def second_slope(self, h: Array, k: Array) -> Array:
        """∂/∂k of `covariance`."""
        return np.asarray(h * self.excess + normal_density(h) * self.second + self.rho * normal_density(k) * self.first)

    def first_turn(self, h: Array, k: Array) -> Array:
        """E[R_k(Z₂) x 1{w·x + h >= 0}] = `excess` v + this · w, for unit w, v with w·v = ρ, Z₁ = w·x and Z₂ = v·x."""
        return np.asarray(self.density + normal_density(h) * (k - self.rho * h) * self.second)

    def second_turn(self, h: Array, k: Array) -> Array:
        """E[R_h(Z₁) x 1{v·x + k >= 0}] = `excess` w + this · v."""
        return np.asarray(self.density + normal_density(k) * (h - self.rho * k) * self.first)


def shared_orthant(h: Array, k: Array, rho: Array, gap: Array) -> Orthant:
    """The `Orthant` of each h <= 0, k <= 0 (shapes that broadcast to that of ρ), |ρ| <= 1.

    Args:
        h, k: shifts, in [-38, 0] (beyond, φ is not a normal float).
        rho: correlations.
        gap: 1 - |ρ|. Near |ρ| = 1 the excess has the slope 1/√(1 - ρ²) in ρ, so that a caller who knows the angle should
            compute the gap from it; everything else follows to the last digits from ρ alone.

    By Owen's T function, Φ₂(h, k; ρ) = (Φ(h) + Φ(k))/2 - T(h, (k - ρh)/(h√(1-ρ²))) - T(k, (h - ρk)/(k√(1-ρ²))) for hk > 0;
    a zero shift is its limit from below, and ρ = ±1 the limit of an angle of 1e-100.

    Guarantee: numerical, absolute errors of a few 1e-17 for the excess. Source: Owen (1956); Rosenbaum (1961) for the moments.
    """
    below_h, below_k = np.minimum(h, -_TINY_SHIFT), np.minimum(k, -_TINY_SHIFT)
    side = np.where(rho < 0, -1.0, 1.0)
    sine = np.maximum(np.sqrt(gap * (2 - gap)), _TINY_SINE)
    with np.errstate(over="ignore", under="ignore"):
        # k - ρh = (k ∓ h) ± (1 - |ρ|) h: exact cancellation where the two are almost equal.
        first = (below_h - side * below_k + side * gap * below_k) / sine
        second = (below_k - side * below_h + side * gap * below_h) / sine
        cdf_h, cdf_k = ndtr(below_h), ndtr(below_k)
        excess = 0.5 * (cdf_h + cdf_k) - cdf_h * cdf_k
        excess = excess - owens_t(below_h, second / below_h) - owens_t(below_k, first / below_k)
        density = normal_density(below_h) * (sine * normal_density(second) - normal_density(below_k))
        return Orthant(rho, sine, excess, ndtr(first) - cdf_h, ndtr(second) - cdf_k, density)


def relu_product_mean(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> Array:
    """E[(Z₁ + h)₊ (Z₂ + k)₊] for standard normals of correlation ρ, elementwise over arrays that broadcast.

    Statement: (hk + ρ) Φ₂(h, k; ρ) + hφ(k) Φ((h - ρk)/√(1-ρ²)) + kφ(h) Φ((k - ρh)/√(1-ρ²)) + (1 - ρ²) φ₂(h, k; ρ); it is
    computed as μ(h)μ(k) + ρΦ(h)Φ(k) + E[R_h R_k], the last after turning both shifts to h, k <= 0.

    Raises:
        InputError: an argument is not finite, or |ρ| > 1.

    Guarantee: numerical, absolute error of a few units of 1e-16 (1 + |h|)(1 + |k|). Source: Rosenbaum (1961).

    Example:
        >>> float(relu_product_mean(0, 0, 1)), float(relu_product_mean(0, 0, -1))  # E Z²/2, and two disjoint half-lines
        (0.5, 0.0)
    """
    h, k, rho = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in (h, k, rho)))
    if not all(np.isfinite(value).all() for value in (h, k, rho)) or (np.abs(rho) > 1).any():
        raise InputError("h, k and rho must be finite, and rho between -1 and 1")
    turned = np.where(np.signbit(h) == np.signbit(k), rho, -rho)
    bent = (np.abs(h) < FLAT) & (np.abs(k) < FLAT)
    left, right = -np.minimum(np.abs(h), FLAT), -np.minimum(np.abs(k), FLAT)
    shared = shared_orthant(left, right, turned, 1 - np.abs(rho)).covariance(left, right)
    return np.asarray(relu_mean(h) * relu_mean(k) + rho * ndtr(h) * ndtr(k) + np.where(bent, shared, 0.0))
