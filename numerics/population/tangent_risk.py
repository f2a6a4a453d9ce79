"""The population risk of a linearised network on a polynomial target, in closed form."""

import math

import numpy as np
from scipy.special import ndtr

from steinlab.numerics.networks.features import TangentFeatures
from steinlab.numerics.population.relu_neurons import rounding_of_pairs, tiles
from steinlab.numerics.population.relu_pairs import FLAT, Orthant, normal_density
from steinlab.numerics.population.relu_risk import PopulationRisk
from steinlab.numerics.population.target_expansion import TargetExpansion
from steinlab.numerics.types import Array
from steinlab.theory.targets.target import Target

__all__ = ["tangent_risk"]


# Below this sine of an angle the part of a vector across a pair of directions is noise, and what it adds is below 1e-15.
_SMALLEST_SINE = 1e-14


def tangent_risk(
    features: TangentFeatures, head: Array, target: Target, *, alpha: float = 0.0, beta: Array | None = None
) -> PopulationRisk:
    """E (α + β·x + Σ_j 1{w_j·x + b_j >= 0} (v_j·x + c_j) - f*(x))², x ~ N(0, I_d): a linear head on tangent features.

    `head` is in the order that `TangentFeatures` states: θ_j for the derivatives in w_j and e_j for those in a_j, so that
    v_j = θ_j + e_j w_j and c_j = e_j b_j. Products of pairs are Gaussian moments on an intersection of two half-spaces, by
    Stein's lemma from its probability (Owen's T) and density; those with f* by its Hermite expansion.

    Args:
        features: W (m x d) and b; all finite.
        head: shape (features.size,), finite.
        target: a polynomial target that fits in dimension d.
        alpha, beta: the affine part, β of shape (d,); zero where it is left out.

    Raises:
        InputError: d is too small for the target, or the target is not polynomial.

    Guarantee: numerical, with an estimate of its rounding error. Source: derived.

    Example:
        >>> features = TangentFeatures(np.array([[1.0, 0]]), np.zeros(1), include_head=False)
        >>> risk = tangent_risk(features, np.array([0.0, 1.0]), Target.from_expression("z2"))  # E (1{x_1 >= 0} x_2 - x_2)²
        >>> abs(risk.value - 0.5) < 1e-15
        True
    """
    expected = TargetExpansion(target, features.weights.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        parts = _TruncatedForms(features, head)
        mean_gap = alpha + parts.mean - expected.mean
        slope_gap = parts.slope + (0.0 if beta is None else beta) - expected.slope
        affine = np.concatenate([[mean_gap], slope_gap]) ** 2
        single = 2 * parts.products(mean_gap, slope_gap, expected)
        pairs = [
            (1.0 if left == right else 2.0) * parts.pair_products(left, right, orthant).sum()
            for left, right, orthant in tiles(parts.directions, parts.shifts)
        ]
        terms = np.concatenate([affine, [expected.energy], single, pairs])
        epsilon = 4 * float(np.finfo(np.float64).eps)
        rounding = float(parts.rounding + epsilon * (affine.sum() + expected.energy + np.sqrt(single @ single)))
        if not (math.isfinite(np.abs(terms).sum()) and math.isfinite(rounding)):
            return PopulationRisk(math.nan, math.inf)
        return PopulationRisk(max(math.fsum(terms), 0.0), rounding)


class _TruncatedForms:
    """Σ_j 1{u_j >= 0} (v_j·x + c_j) as an affine function and terms whose half-space has h_j = b_j/‖w_j‖ <= 0.

    1{u >= 0} = 1 - 1{-u > 0}: a term with h > 0 is affine minus one with -h. Where |h| is large it is affine or zero.
    """

    def __init__(self, features: TangentFeatures, head: Array) -> None:
        weights, biases = features.weights, features.biases
        m, d = weights.shape
        forms, constants = head[: d * m].reshape(d, m).T, np.zeros(m)
        if features.include_head:
            forms, constants = forms + head[d * m :, None] * weights, head[d * m :] * biases
        speed = np.linalg.norm(weights, axis=1)
        bent = np.abs(biases) < FLAT * speed
        turned = np.where(bent, biases > 0, biases >= 0)  # w = 0 and b = 0 is active, as everywhere
        self.mean, self.slope = float(constants[turned].sum()), forms[turned].sum(axis=0)
        sign = np.where(turned, -1.0, 1.0)[bent]
        self.directions = sign[:, None] * weights[bent] / speed[bent, None]
        self.shifts = sign * biases[bent] / speed[bent]
        self.forms, self.constants = sign[:, None] * forms[bent], sign * constants[bent]
        self.along = np.einsum("ij,ij->i", self.forms, self.directions)
        sizes = (np.linalg.norm(self.forms, axis=1) + np.abs(self.constants)) * (1 - self.shifts)
        self.rounding = rounding_of_pairs(sizes, ndtr(self.shifts) + normal_density(self.shifts))

    def products(self, mean: float, slope: Array, expected: TargetExpansion) -> Array:
        """E[1{u_j >= 0} (v_j·x + c_j) (mean + slope·x - f*_{>=2})] for each term."""
        h, cdf, density = self.shifts, ndtr(self.shifts), normal_density(self.shifts)
        across = self.directions @ slope
        _, target_means, target_slopes = expected.products(self.directions, h)
        of_forms = density * self.along * (mean - h * across) + cdf * (self.forms @ slope)
        of_constants = self.constants * (mean * cdf + density * across - target_means)
        return np.asarray(of_forms + of_constants - np.einsum("ij,ij->i", self.forms, target_slopes))

    def pair_products(self, left: slice, right: slice, orthant: Orthant) -> Array:
        """E[1{u_i >= 0} 1{u_j >= 0} (v_i·x + c_i)(v_j·x + c_j)] for i in `left` and j in `right`."""
        h, k = self.shifts[left, None], self.shifts[None, right]
        c, e = self.constants[left, None], self.constants[None, right]
        own, other = self.along[left, None], self.along[None, right]
        cross = self.forms[left] @ self.directions[right].T  # v_i·w_j
        counter = self.directions[left] @ self.forms[right].T  # w_i·v_j
        density_h, density_k = normal_density(h), normal_density(k)
        both = orthant.excess + ndtr(h) * ndtr(k)
        first = density_h * (orthant.second + ndtr(k))  # E[x 1 1] = first w_i + second w_j
        second = density_k * (orthant.first + ndtr(h))
        density = orthant.density + density_h * density_k  # (1 - ρ²) φ₂
        # E[x xᵀ 1 1] = both I - h first w_i w_iᵀ - k second w_j w_jᵀ + φ₂ (w_i w_jᵀ + w_j w_iᵀ - ρ w_i w_iᵀ - ρ w_j w_jᵀ); the
        # last is written with v_i·(w_j - ρ w_i) and v_j·(w_i - ρ w_j), which vanish with the angle as φ₂ grows.
        sine = np.maximum(orthant.sine, _SMALLEST_SINE)
        lateral = (cross - orthant.rho * own) / sine * ((counter - orthant.rho * other) / sine)
        return np.asarray(
            both * (self.forms[left] @ self.forms[right].T + c * e)
            + first * (own * e + c * counter - h * own * counter)
            + second * (cross * e + c * other - k * cross * other)
            + density * (own * other + lateral)
        )
