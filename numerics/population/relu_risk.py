"""The population risk E (f(x) - f*(x))² of a ReLU network on a target that is a polynomial or a ReLU network, in closed form.

x ~ N(0, I_d) and f(x) = α + β·x + Σ_j a_j σ(w_j·x + b_j). Each neuron is split as in `relu_pairs`: its Hermite degrees 0 and 1,
and the rest R_j. So the risk is (E f - E f*)² + ‖E ∇f - E ∇f*‖² + E (Σ_j a_j R_j - f*_{>=2})², three parts that are not
negative: the first two are sums over neurons, and only the third is a sum over pairs of them. The neurons of a target that is a
network are neurons of the difference f - f*, their heads negative; what is left of f* is affine.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from steinlab.numerics.networks.network import Network, require_finite
from steinlab.numerics.population.relu_neurons import Neurons, rounding_of_pairs, tiles
from steinlab.numerics.population.relu_pairs import Orthant
from steinlab.numerics.population.relu_target import ReluSum, relu_sum
from steinlab.numerics.population.target_expansion import TargetExpansion
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

__all__ = [
    "PopulationRisk",
    "RiskGradient",
    "neuron_products",
    "neuron_target_means",
    "population_risk",
    "population_risk_gradient",
]


@dataclass(frozen=True)
class PopulationRisk:
    """E (f(x) - f*(x))² for x ~ N(0, I_d).

    Attributes:
        value: the risk; 0 where rounding would make it negative, NaN or infinite where its terms overflow.
        rounding_error: an estimate, not a bound, of the error of `value`: rounding errors of the terms are added as if they were
            independent, since the risk is a small difference of large sums where the a_j are large. Infinite where the
            terms overflow.
    """

    value: float
    rounding_error: float


@dataclass(frozen=True, eq=False)
class RiskGradient:
    """The population risk and its derivatives at (α, β, a, b, W); W has shape (m, d).

    At a kink (w_j = 0 and b_j = 0) σ'(0) = 1 is used.
    """

    risk: PopulationRisk
    alpha: float
    beta: Array
    head: Array
    biases: Array
    weights: Array


def neuron_target_means(weights: Array, biases: Array, target: Target) -> Array:
    """E[σ(w_j·x + b_j) f*(x)] for each neuron, x ~ N(0, I_d): shape (m,).

    Statement: Σ_k c_k C_k(ŵ^{⊗k})/k!, c_k the Hermite coefficients of z ↦ σ(‖w‖z + b); a sum over the degrees of f*.

    Args:
        weights, biases: W and b, shapes (m, d) and (m,).
        target: a polynomial target that fits in dimension d.

    Raises:
        InputError: shapes do not agree, a value is not finite, d is too small for the target, or it is not polynomial.

    Guarantee: numerical. Source: Damian et al. (2022), section 4 (Hermite expansion); the shifted coefficients are derived.

    Example:
        >>> mean = neuron_target_means(np.array([[3.0, 4.0]]), np.array([0.0]), Target.from_expression("He(2, z1)"))
        >>> bool(np.isclose(mean[0], 5 * (3 / 5) ** 2 / np.sqrt(2 * np.pi)))
        True
    """
    network = Network(weights, biases, np.zeros(len(biases)))
    neurons, expected = Neurons(network), TargetExpansion(target, weights.shape[1])
    means = neurons.mean * expected.mean + neurons.active * (network.weights @ expected.slope)
    shared = expected.products(neurons.directions, neurons.shifts)[0]
    means[neurons.bent] += neurons.speed[neurons.bent] * shared[neurons.which]
    return means


def neuron_products(weights: Array, biases: Array) -> Array:
    """E[σ(w_i·x + b_i) σ(w_j·x + b_j)] for each pair of neurons, x ~ N(0, I_d): shape (m, m).

    Raises:
        InputError: shapes do not agree or a value is not finite.

    Guarantee: numerical; see `relu_pairs.relu_product_mean`, which also states the formula.

    Example:
        >>> neuron_products(np.array([[2.0], [-2.0]]), np.zeros(2))  # E (2Z)₊² = 2; w and -w are never active together
        array([[2., 0.],
               [0., 2.]])
    """
    network = Network(weights, biases, np.zeros(len(biases)))
    neurons = Neurons(network)
    shared = np.zeros((len(neurons.shifts), len(neurons.shifts)))
    for left, right, orthant in tiles(neurons.directions, neurons.shifts):
        block = orthant.covariance(neurons.shifts[left, None], neurons.shifts[None, right])
        shared[left, right], shared[right, left] = block, block.T
    slopes = neurons.active[:, None] * network.weights
    products = np.outer(neurons.mean, neurons.mean) + slopes @ slopes.T
    speed = neurons.speed[neurons.bent]
    products[np.ix_(neurons.bent, neurons.bent)] += np.outer(speed, speed) * shared[np.ix_(neurons.which, neurons.which)]
    return np.asarray(products)


def population_risk(network: Network, target: Target, *, alpha: float = 0.0, beta: Array | None = None) -> PopulationRisk:
    """E (α + β·x + Σ_j a_j σ(w_j·x + b_j) - f*(x))², x ~ N(0, I_d): the excess squared risk, without a test set.

    Neurons that agree up to sign and scale are merged first; work grows as m² for the others, memory as m.

    Args:
        network: W (m x d), b and a.
        target: a polynomial target, or a sum of ReLU neurons and an affine function, that fits in dimension d.
        alpha, beta: the affine part, β of shape (d,); zero where it is left out.

    Raises:
        InputError: shapes do not agree, a value is not finite, d is too small for the target, or it is of neither kind.

    Guarantee: numerical, with an estimate of its rounding error: about 1e-15 Σ_j a_j² ‖w_j‖², which for trained networks is
    far below the risk.
    Source: derived, from Owen (1956) and the Hermite expansion of Damian et al. (2022), section 4.

    Example:
        >>> network = Network(np.array([[1.0, 0], [-1.0, 0]]), np.zeros(2), np.ones(2))  # |x_1|
        >>> risk = population_risk(network, Target.from_expression("z1**2"))  # E (|Z| - Z²)² = 1 - 4√(2/π) + 3
        >>> abs(risk.value - (4 - 4 * np.sqrt(2 / np.pi))) < 1e-14 and risk.rounding_error < 1e-13
        True
    """
    state = _State(network, target, alpha, beta)
    with np.errstate(over="ignore", invalid="ignore"):
        pairs = np.zeros(len(state.strength))
        for left, right, orthant in tiles(state.neurons.directions, state.neurons.shifts):
            state.add_pairs(pairs, left, right, orthant)
        return state.risk(pairs)


def population_risk_gradient(network: Network, target: Target, *, alpha: float = 0.0, beta: Array | None = None) -> RiskGradient:
    """`population_risk` and its derivatives in α, β, a, b and W; arguments and errors as there.

    Statement: ∂/∂a_j = 2 E[Δ σ(u_j)], ∂/∂b_j = 2 a_j E[Δ 1{u_j >= 0}] and ∂/∂w_j = 2 a_j E[Δ x 1{u_j >= 0}] for Δ = f - f*
    and u_j = w_j·x + b_j, the last by Stein's lemma.

    Guarantee: numerical. Source: as for `population_risk`.

    Example:
        >>> network = Network(np.array([[1.0]]), np.zeros(1), np.ones(1))
        >>> gradient = population_risk_gradient(network, Target.from_expression("z1"))  # E (σ(z) - z)² = 1/2
        >>> round(gradient.alpha, 6), round(abs(float(gradient.weights[0, 0])), 12)  # 2 E (σ(Z) - Z) = 2/√(2π); w = 1 is best
        (0.797885, 0.0)
    """
    state = _State(network, target, alpha, beta)
    neurons, strength = state.neurons, state.strength
    directions, h = neurons.directions, neurons.shifts
    pairs, slopes, turns = np.zeros(len(h)), np.zeros(len(h)), np.zeros_like(directions)
    with np.errstate(over="ignore", invalid="ignore"):
        for left, right, orthant in tiles(directions, h):
            state.add_pairs(pairs, left, right, orthant)
            row, column = h[left, None], h[None, right]
            slopes[right] += strength[left] @ orthant.second_slope(row, column)
            turns[right] += orthant.excess.T @ (strength[left, None] * directions[left])
            turns[right] += (strength[left] @ orthant.second_turn(row, column))[:, None] * directions[right]
            if left != right:
                slopes[left] += orthant.first_slope(row, column) @ strength[right]
                turns[left] += orthant.excess @ (strength[right, None] * directions[right])
                turns[left] += (orthant.first_turn(row, column) @ strength[right])[:, None] * directions[left]
        _, target_slopes, target_turns = state.expected.products(directions, h)
        return state.gradient(pairs, slopes - target_slopes, turns - target_turns)


class _State:
    """A network and a target as the sums over single neurons that the risk and its gradient have in common."""

    def __init__(self, network: Network, target: Target, alpha: float, beta: Array | None) -> None:
        d = network.weights.shape[1]
        beta = np.zeros(d) if beta is None else np.asarray(beta, dtype=np.float64)
        if beta.shape != (d,) or not (math.isfinite(alpha) and np.isfinite(beta).all()):
            raise InputError(f"alpha and beta must be finite, and beta of shape ({d},); beta has shape {beta.shape}")
        teacher = relu_sum(target, d)
        if teacher is not None:
            alpha, beta = alpha - teacher.alpha, beta - teacher.beta
        self.width = network.width
        self.network = network = network if teacher is None else _difference(network, teacher)
        self.neurons = neurons = Neurons(network)
        self.expected = TargetExpansion(target if teacher is None else None, d)
        with np.errstate(over="ignore", invalid="ignore"):
            self.strength = np.bincount(
                neurons.which, (network.head * neurons.speed)[neurons.bent], minlength=len(neurons.shifts)
            )
            means, slopes = network.head * neurons.mean, network.head * neurons.active
            self.mean_gap = math.fsum([alpha, -self.expected.mean, *means]) if np.isfinite(means).all() else math.nan
            self.slope_gap = beta + slopes @ network.weights - self.expected.slope
            lengths = slopes * neurons.speed
            self.affine_size = float(np.sqrt(means @ means)), float(np.sqrt(lengths @ lengths))
            self.target_products = self.expected.products(neurons.directions, neurons.shifts)[0]

    def add_pairs(self, pairs: Array, left: slice, right: slice, orthant: Orthant) -> None:
        """Add what a tile holds of E[R_i Σ_j a_j R_j] to `pairs`."""
        h, strength = self.neurons.shifts, self.strength
        block = orthant.covariance(h[left, None], h[None, right])
        pairs[left] += block @ strength[right]
        if left != right:
            pairs[right] += strength[left] @ block

    def risk(self, pairs: Array) -> PopulationRisk:
        affine = np.concatenate([[self.mean_gap], self.slope_gap]) ** 2
        own, cross = self.strength * pairs, -2 * self.strength * self.target_products
        parts = np.concatenate([affine, [self.expected.energy], own, cross])
        rounding = self._rounding(float(affine.sum()) + self.expected.energy, own, cross)
        if not (math.isfinite(np.abs(parts).sum()) and math.isfinite(rounding)):
            return PopulationRisk(math.nan, math.inf)
        return PopulationRisk(max(math.fsum(parts), 0.0), rounding)

    def _rounding(self, total: float, own: Array, cross: Array) -> float:
        """Errors of the pairs, of the sums over single neurons, and of what those leave of the degrees 0 and 1."""
        entries = rounding_of_pairs(self.strength * (1 - self.neurons.shifts), ndtr(self.neurons.shifts))
        singles = np.sqrt(own @ own + cross @ cross) + total
        mean, slope = self.affine_size
        affine = abs(self.mean_gap) * mean + np.sqrt(self.slope_gap @ self.slope_gap) * slope
        unit = 4 * float(np.finfo(np.float64).eps)
        return float(entries + unit * (singles + affine) + unit**2 * (mean * mean + slope * slope))

    def gradient(self, pairs: Array, slopes: Array, turns: Array) -> RiskGradient:
        network, neurons, mean, slope = self.network, self.neurons, self.mean_gap, self.slope_gap
        along = neurons.units @ slope
        density, active = neurons.density, neurons.active
        head = mean * neurons.mean + active * (network.weights @ slope)
        biases = mean * active + density * along
        weights = active[:, None] * slope + (density * (mean - neurons.raw_shifts * along))[:, None] * neurons.units
        bent, which, sign = neurons.bent, neurons.which, neurons.sign
        head[bent] += neurons.speed[bent] * (pairs - self.target_products)[which]
        biases[bent] += sign * slopes[which]
        weights[bent] += sign[:, None] * turns[which]
        return RiskGradient(
            risk=self.risk(pairs),
            alpha=2 * mean,
            beta=2 * slope,
            head=2 * head[: self.width],
            biases=(2 * network.head * biases)[: self.width],
            weights=(2 * network.head[:, None] * weights)[: self.width],
        )


def _difference(network: Network, teacher: ReluSum) -> Network:
    """The neurons of f - f*, those of the student first."""
    require_finite(network)
    return replace(
        network,
        weights=np.vstack([network.weights, teacher.weights]),
        biases=np.concatenate([network.biases, teacher.biases + network.shift]),
        head=np.concatenate([network.head, -teacher.head]),
    )
