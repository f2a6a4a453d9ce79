"""Compression of a first layer to rank k: the best rank-k approximation, what it changes in the risk, and what it stores."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.networks.losses import LossFunctions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.population.bases import leading_basis
from steinlab.numerics.population.loss_risk import loss_values
from steinlab.numerics.population.monte_carlo import mean_and_error
from steinlab.numerics.population.subspace import perpendicular_norm, principal_basis
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

__all__ = ["Compression", "compress", "rank_truncation"]


# Singular values whose difference is below this share of the largest count as equal.
_TIED = 1e-12


def rank_truncation(weights: Array, k: int) -> Array:
    """π_k(W): the rank-k matrix nearest to W (m x d), in every unitarily invariant norm; W itself where k >= its rank.

    Where singular values tie at the cut there are several, all as near; then the one whose tied right singular vectors lie along
    the first axes (`leading_basis`), whatever basis LAPACK returns.

    Raises:
        InputError: k is not a whole number >= 0, or W is not a finite matrix.

    Guarantee: numerical. Source: Eckart and Young (1936).

    Example:
        >>> rank_truncation(np.diag([3.0, 1.0]), 1).round(12) + 0.0
        array([[3., 0.],
               [0., 0.]])
    """
    check_integer("k", k, least=0)
    if weights.ndim != 2 or not np.isfinite(weights).all():
        raise InputError(f"W of shape {weights.shape} is not a matrix of finite numbers; a run that diverged has no compression")
    left, values, right = np.linalg.svd(weights, full_matrices=False)
    if not 0 < k < len(values):
        return np.asarray((left[:, :k] * values[:k]) @ right[:k])
    # Those equal, up to rounding, to the last one kept: which k - larger of their directions are kept is ours to choose.
    tied = np.abs(values - values[k - 1]) <= _TIED * values[0]
    larger = int(np.argmax(tied))
    kept = leading_basis(right[tied], k - larger)
    whole = (left[:, :larger] * values[:larger]) @ right[:larger]
    return np.asarray(whole + ((left[:, tied] * values[tied]) @ (right[tied] @ kept.T)) @ kept)


@dataclass(frozen=True)
class Compression:
    """A network before and after its first layer is cut to rank k, on the same fresh points.

    Attributes:
        rank: k.
        distance: ‖W - π_k(W)‖_F/√m; at most `perpendicular` where k is at least the dimension of the principal subspace.
        perpendicular: ‖W_⊥‖_F/√m.
        before, before_standard_error: R(W).
        after, after_standard_error: R(π_k(W)).
        change, change_standard_error: R(π_k(W)) - R(W); the error is that of the mean difference, point by point.
        stored_before, stored_after: numbers stored for W: md, and k(m + d) for its two factors.
    """

    rank: int
    distance: float
    perpendicular: float
    before: float
    before_standard_error: float
    after: float
    after_standard_error: float
    change: float
    change_standard_error: float
    stored_before: int
    stored_after: int


def compress(
    network: Network,
    loss: LossFunctions,
    target: Target,
    *,
    rank: int | None = None,
    points: int = 20_000,
    seed: int,
    noise: Noise | None = None,
) -> Compression:
    """Cut W to rank k and measure what it costs.

    Since ‖W - π_k(W)‖_F <= ‖W_⊥‖_F, the risk changes by at most a constant times √((d + log 1/δ)/(γ²T)) after T steps of
    online SGD, for a 1-Lipschitz σ, a Lipschitz loss and ‖a‖ <= 1/√m.

    Args:
        network: W (m x d), b, a and σ.
        loss: ℓ.
        target: any target.
        rank: k; None: the dimension of the principal subspace.
        points: fresh samples, >= 2.
        seed: of the fresh samples.
        noise: the label noise; default the target's own.

    Raises:
        InputError: W is not finite, or a value is out of range.

    Guarantee: numerical, with standard errors. Source: derived from Mousavi-Hosseini et al. (2023).

    Example:
        >>> from steinlab.numerics.networks.losses import loss_functions
        >>> from steinlab.theory.targets.target import Target
        >>> W = np.array([[1.0, 0.0, 0.1], [2.0, 0.0, -0.1]])
        >>> network = Network(W, np.ones(2), np.ones(2) / 2)
        >>> cut = compress(network, loss_functions("huber"), Target.from_expression("z1"), seed=0)
        >>> cut.rank, cut.stored_before, cut.stored_after, cut.distance <= cut.perpendicular
        (1, 6, 5, True)
    """
    weights, (m, d) = network.weights, network.weights.shape
    points = check_integer("points", points, least=2)
    basis = principal_basis(target, d)
    k = basis.shape[1] if rank is None else check_integer("rank", rank, least=0)
    cut = rank_truncation(weights, k)
    before, after = (
        loss_values(whole, loss, target, points=points, seed=seed, noise=noise, stream="compression test")[0]
        for whole in (network, dataclasses.replace(network, weights=cut))
    )
    return Compression(
        k,
        float(np.linalg.norm(weights - cut)) / math.sqrt(m),
        perpendicular_norm(weights, basis),
        *mean_and_error(before),
        *mean_and_error(after),
        *mean_and_error(after - before),
        m * d,
        k * (m + d),
    )
