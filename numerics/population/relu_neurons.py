"""ReLU neurons turned, merged and paired: what every closed form of their population quantities goes through."""

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr

from steinlab.numerics.networks.network import Network, require_finite
from steinlab.numerics.population.relu_pairs import FLAT, Orthant, normal_density, relu_mean, shared_orthant
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = ["Neurons", "rounding_of_pairs", "tiles"]

# Pairs of neurons at once: a tile of 128 x 128, so that the dozen arrays of a tile stay in a core's cache.
TILE = 128
# Below this gap 1 - |ρ| the angle is taken from the difference of the two directions, not from their product.
NEAR = 1e-4


class Neurons:
    """Neurons σ(w·x + b) = ‖w‖ σ(ŵ·x + h), h = b/‖w‖, and those that bend turned to h <= 0 and merged where they agree.

    A shift of the network's activation counts with b. Raises InputError unless the network is finite and ReLU.

    Attributes, for each neuron: `speed` ‖w‖, `units` ŵ, `raw_shifts` h (0 where the neuron is affine to all digits),
    `active` Φ(h), `density` φ(h), `mean` E σ. `bent` holds the indices of the others; for each of these, `which` row of
    `directions` and `shifts` it became, and with what `sign`.
    """

    def __init__(self, network: Network) -> None:
        require_finite(network)
        if not network.is_relu:
            raise InputError(f"the activation is {network.activation}: closed forms of the risk are for relu; use Monte Carlo")
        weights, biases = network.weights, network.biases - network.shift
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
