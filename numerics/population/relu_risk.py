"""The population risk E (f(x) - f*(x))² of a ReLU network on a polynomial target, and its gradient, in closed form.

x ~ N(0, I_d) and f(x) = α + β·x + Σ_j a_j σ(w_j·x + b_j). Each neuron is split as in `bivariate_normal`: its Hermite degrees 0
and 1, and the rest R_j. So the risk is (E f - E f*)² + ‖E ∇f - E ∇f*‖² + E (Σ_j a_j R_j - f*_{>=2})², three parts that are not
negative: the first two are sums over neurons, and only the third is a sum over pairs of them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from steinlab.numerics.networks.network import TwoLayerNetwork
from steinlab.numerics.population.relu_pairs import FLAT, Orthant, normal_density, relu_mean, shared_orthant
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.polynomials import Polynomial
from steinlab.theory.targets import Target, require_polynomial

__all__ = [
    "PopulationRisk",
    "RiskGradient",
    "TargetExpansion",
    "neuron_products",
    "neuron_target_means",
    "population_risk",
    "population_risk_gradient",
    "rounding_of_pairs",
    "tiles",
]


# Pairs of neurons at once: a tile of 128 x 128, so that the dozen arrays of a tile stay in a core's cache.
TILE = 128
# Below this gap 1 - |ρ| the angle is taken from the difference of the two directions, not from their product.
NEAR = 1e-4


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
    network = _checked(TwoLayerNetwork(weights, biases, np.zeros(len(biases))))
    neurons, expected = _Neurons(network), TargetExpansion(target, weights.shape[1])
    means = neurons.mean * expected.mean + neurons.active * (network.weights @ expected.slope)
    shared = expected.products(neurons.directions, neurons.shifts)[0]
    means[neurons.bent] += neurons.speed[neurons.bent] * shared[neurons.which]
    return means


def neuron_products(weights: Array, biases: Array) -> Array:
    """E[σ(w_i·x + b_i) σ(w_j·x + b_j)] for each pair of neurons, x ~ N(0, I_d): shape (m, m).

    Raises:
        InputError: shapes do not agree or a value is not finite.

    Guarantee: numerical; see `bivariate_normal.relu_product_mean`, which also states the formula.

    Example:
        >>> neuron_products(np.array([[2.0], [-2.0]]), np.zeros(2))  # E (2Z)₊² = 2; w and -w are never active together
        array([[2., 0.],
               [0., 2.]])
    """
    network = _checked(TwoLayerNetwork(weights, biases, np.zeros(len(biases))))
    neurons = _Neurons(network)
    shared = np.zeros((len(neurons.shifts), len(neurons.shifts)))
    for left, right, orthant in tiles(neurons.directions, neurons.shifts):
        block = orthant.covariance(neurons.shifts[left, None], neurons.shifts[None, right])
        shared[left, right], shared[right, left] = block, block.T
    slopes = neurons.active[:, None] * network.weights
    products = np.outer(neurons.mean, neurons.mean) + slopes @ slopes.T
    speed = neurons.speed[neurons.bent]
    products[np.ix_(neurons.bent, neurons.bent)] += np.outer(speed, speed) * shared[np.ix_(neurons.which, neurons.which)]
    return np.asarray(products)


def population_risk(network: TwoLayerNetwork, target: Target, *, alpha: float = 0.0, beta: Array | None = None) -> PopulationRisk:
    """E (α + β·x + Σ_j a_j σ(w_j·x + b_j) - f*(x))², x ~ N(0, I_d): the excess squared risk, without a test set.

    Neurons that agree up to sign and scale are merged first; work grows as m² for the others, memory as m.

    Args:
        network: W (m x d), b and a.
        target: a polynomial target that fits in dimension d.
        alpha, beta: the affine part, β of shape (d,); zero where it is left out.

    Raises:
        InputError: shapes do not agree, a value is not finite, d is too small for the target, or it is not polynomial.

    Guarantee: numerical, with an estimate of its rounding error: about 1e-15 Σ_j a_j² ‖w_j‖², which for trained networks is
    far below the risk.
    Source: derived, from Owen (1956) and the Hermite expansion of Damian et al. (2022), section 4.

    Example:
        >>> network = TwoLayerNetwork(np.array([[1.0, 0], [-1.0, 0]]), np.zeros(2), np.ones(2))  # |x_1|
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


def population_risk_gradient(
    network: TwoLayerNetwork, target: Target, *, alpha: float = 0.0, beta: Array | None = None
) -> RiskGradient:
    """`population_risk` and its derivatives in α, β, a, b and W; arguments and errors as there.

    Statement: ∂/∂a_j = 2 E[Δ σ(u_j)], ∂/∂b_j = 2 a_j E[Δ 1{u_j >= 0}] and ∂/∂w_j = 2 a_j E[Δ x 1{u_j >= 0}] for Δ = f - f*
    and u_j = w_j·x + b_j, the last by Stein's lemma.

    Guarantee: numerical. Source: as for `population_risk`.

    Example:
        >>> network = TwoLayerNetwork(np.array([[1.0]]), np.zeros(1), np.ones(1))
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

    def __init__(self, network: TwoLayerNetwork, target: Target, alpha: float, beta: Array | None) -> None:
        self.network = _checked(network)
        d = network.weights.shape[1]
        beta = np.zeros(d) if beta is None else np.asarray(beta, dtype=np.float64)
        if beta.shape != (d,) or not (math.isfinite(alpha) and np.isfinite(beta).all()):
            raise InputError(f"alpha and beta must be finite, and beta of shape ({d},); beta has shape {beta.shape}")
        self.neurons = neurons = _Neurons(network)
        self.expected = TargetExpansion(target, d)
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
            head=2 * head,
            biases=2 * network.head * biases,
            weights=2 * network.head[:, None] * weights,
        )


class _Neurons:
    """Neurons σ(w·x + b) = ‖w‖ σ(ŵ·x + h), h = b/‖w‖, and those that bend turned to h <= 0 and merged where they agree.

    Attributes, for each neuron: `speed` ‖w‖, `units` ŵ, `raw_shifts` h (0 where the neuron is affine to all digits),
    `active` Φ(h), `density` φ(h), `mean` E σ. `bent` holds the indices of the others; for each of these, `which` row of
    `directions` and `shifts` it became, and with what `sign`.
    """

    def __init__(self, network: TwoLayerNetwork) -> None:
        weights, biases = network.weights, network.biases
        # Norms without overflow or underflow: by the largest entry first.
        largest = np.max(np.abs(weights), axis=1, initial=0.0)
        safe = np.where(largest > 0, largest, 1.0)
        scaled = weights / safe[:, None]
        norms = np.linalg.norm(scaled, axis=1)
        self.units = scaled / np.where(norms > 0, norms, 1.0)[:, None]
        self.speed = np.asarray(largest * norms)
        is_bent = np.abs(biases) < FLAT * self.speed
        self.bent = np.flatnonzero(is_bent)
        self.raw_shifts = np.divide(biases, self.speed, out=np.zeros_like(biases), where=is_bent)
        self.active = np.where(is_bent, ndtr(self.raw_shifts), biases >= 0)
        self.density = np.where(is_bent, normal_density(self.raw_shifts), 0.0)
        self.mean = np.where(is_bent, self.speed * relu_mean(self.raw_shifts), np.maximum(biases, 0.0))
        self._merge()

    def _merge(self) -> None:
        units, shifts = self.units[self.bent], self.raw_shifts[self.bent]
        leading = np.take_along_axis(units, np.argmax(units != 0, axis=1)[:, None], axis=1)[:, 0]
        self.sign = np.where(np.where(shifts == 0, leading, -shifts) < 0, -1.0, 1.0)
        rows = np.column_stack([units, shifts]) * self.sign[:, None]
        unique, which = np.unique(rows, axis=0, return_inverse=True)
        self.directions, self.shifts = np.ascontiguousarray(unique[:, :-1]), unique[:, -1].copy()
        self.which = which.reshape(-1)


class TargetExpansion:
    """The Hermite expansion of a target in floating point: mean, E ∇f* in R^d, energy and parts of the degrees >= 2."""

    def __init__(self, target: Target, d: int) -> None:
        target = require_polynomial(target)
        if d < target.ambient_dimension:
            raise InputError(
                f"d = {d} is too small for the target {target.link!r}, which lives in dimension {target.ambient_dimension}; "
                f"take d >= {target.ambient_dimension}"
            )
        expansion, r = target.expansion, target.latent_dimension
        rows = target.directions
        self.frame = np.eye(r, d) if rows is None else np.zeros((r, d))
        if rows is not None:
            self.frame[:, : target.ambient_dimension] = [[float(u) for u in row] for row in rows]
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


def _checked(network: TwoLayerNetwork) -> TwoLayerNetwork:
    weights, biases, head = network.weights, network.biases, network.head
    if weights.ndim != 2 or biases.shape != weights.shape[:1] or head.shape != weights.shape[:1]:
        raise InputError(
            f"weights, biases and head have shapes {weights.shape}, {biases.shape} and {head.shape}; expected (m, d), (m,), (m,)"
        )
    if not all(np.isfinite(part).all() for part in (weights, biases, head)):
        raise InputError("the network has a weight, bias or head that is NaN or infinite; give finite numbers")
    return network


def rounding_of_pairs(sizes: Array, tails: Array) -> float:
    """Standard deviation of Σ_ij e_ij for independent errors e_ij of 4ε size_i size_j (tail_i + tail_j)/2."""
    squares = sizes**2
    total = (squares @ tails**2) * squares.sum() + (squares @ tails) ** 2
    return 4 * float(np.finfo(np.float64).eps) * float(np.sqrt(total / 2))


def tiles(directions: Array, shifts: Array) -> Iterator[tuple[slice, slice, Orthant]]:
    """The pairs (i, j) of neurons in tiles of the upper triangle (whole tiles on the diagonal)."""
    edges = [slice(start, start + TILE) for start in range(0, len(shifts), TILE)]
    for first, left in enumerate(edges):
        for right in edges[first:]:
            rho, gap = _correlations(directions[left], directions[right])
            yield left, right, shared_orthant(shifts[left, None], shifts[None, right], rho, gap)


def _correlations(left: Array, right: Array) -> tuple[Array, Array]:
    """ρ and 1 - |ρ| for unit vectors (rows): near ρ = ±1 the gap is ‖v ∓ w‖²/2, of small relative error."""
    rho = np.clip(left @ right.T, -1.0, 1.0)
    gap = 1 - np.abs(rho)
    rows, columns = np.nonzero(gap < NEAR)
    step = max(1, 2**20 // left.shape[1])
    for start in range(0, len(rows), step):
        i, j = rows[start : start + step], columns[start : start + step]
        difference = left[i] - np.sign(rho[i, j])[:, None] * right[j]
        gap[i, j] = 0.5 * np.einsum("ij,ij->i", difference, difference)
    return rho, gap
