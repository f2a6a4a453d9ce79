"""The generalisation gap of a trained first layer, uniformly over heads: a lower bound by optimisation."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steinlab.numerics.checked import check_integer, check_number
from steinlab.numerics.limits import one_blas_thread, require_memory, require_work
from steinlab.numerics.networks.losses import LossFunctions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.networks.student import labelled_data
from steinlab.numerics.population.loss_risk import loss_values
from steinlab.numerics.population.monte_carlo import mean_and_error
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

__all__ = ["GeneralisationGap", "generalisation_gap"]


# Rows whose features are formed at once: a few MiB at width 1000.
ROWS = 512


@dataclass(frozen=True, eq=False)
class GeneralisationGap:
    """A lower bound on sup |R(W, a, b) - R̂(W, a, b)| over ‖a‖_2 <= r_a/√m and ‖b‖_∞ <= r_b.

    Attributes:
        gap: |R - R̂| in the sign that was ascended, at the head that was found; R from samples that the search never saw, so this
            is an unbiased estimate of a value below the supremum. A search that found nothing may give a negative number.
        standard_error: of R over its samples; R̂ is exact.
        found: the same difference on the samples of the search: larger, since the search fits them too.
        sign: 1 where R > R̂ at the head, -1 where R < R̂.
        empirical: R̂ at the head.
        head, biases: the head (a, b), each of shape (m,).
    """

    gap: float
    standard_error: float
    found: float
    sign: int
    empirical: float
    head: Array
    biases: Array


def generalisation_gap(
    network: Network,
    loss: LossFunctions,
    target: Target,
    *,
    T: int,
    seed: int,
    head_radius: float = 1.0,
    bias_radius: float = 1.0,
    fresh: int = 20_000,
    restarts: int = 2,
    iterations: int = 40,
    noise: Noise | None = None,
) -> GeneralisationGap:
    """How far population and training risk of the worst head (a, b) on a trained W are apart, from below.

    Projected gradient ascent on ±(R̃ - R̂) over {‖a‖_2 <= r_a/√m} x {‖b‖_∞ <= r_b}: R̂ over the T training samples of the
    seed, R̃ over `fresh` samples. Each of `restarts` starts has b uniform in its cube and a along the gradient at a = 0, on
    the sphere; step i has length r_a/(2√(i m)) in a, and r_b/(2√i) in each b_j, in the sign of its gradient. The best point
    seen, over both signs and all starts, is then measured on another `fresh` samples.

    Args:
        network: W (m x d), such as `online_sgd` trained on this seed, and σ; its own head and biases do not matter.
        loss: ℓ (a Lipschitz one, for the theory).
        target: any target.
        T: training samples: the first T of the stream "train" of the seed.
        seed: as in `online_sgd`.
        head_radius, bias_radius: r_a and r_b, > 0.
        fresh: samples of each of the two fresh sets, >= 2.
        restarts, iterations: of the ascent.
        noise: the label noise; default the target's own.

    Raises:
        InputError: W is not finite, a value is out of range, or the sizes need too much memory or work.

    Guarantee: numerical; a lower bound up to its standard error, not tight.
    Source: the gap is O(√(kd/T)), whatever m, by Mousavi-Hosseini et al. (2023); the set of heads is derived.

    Example:
        >>> from steinlab.numerics.networks.losses import loss_functions
        >>> from steinlab.theory.targets.target import Target
        >>> network, huber = Network(np.eye(4)[[0, 0, 0, 1]], np.zeros(4), np.zeros(4)), loss_functions("huber")
        >>> few, many = (
        ...     generalisation_gap(network, huber, Target.from_expression("z1"), T=T, seed=0, fresh=5000) for T in (20, 2000)
        ... )
        >>> few.gap > 3 * many.gap
        True
    """
    T, fresh = check_integer("T", T, least=1), check_integer("fresh", fresh, least=2)
    restarts, iterations = check_integer("restarts", restarts, least=1), check_integer("iterations", iterations, least=1)
    weights = network.weights
    if not np.isfinite(weights).all():
        raise InputError(f"W of shape {weights.shape} is not a matrix of finite numbers; a run that diverged has no gap")
    m = len(weights)
    radius = check_number("head_radius", head_radius) / math.sqrt(m)
    cube = check_number("bias_radius", bias_radius)
    what = f"the gap with T = {T}, {fresh} fresh samples and m = {m}"
    require_memory(4.0 * m * (T + fresh), what, "take fewer fresh samples or neurons")
    require_work(20.0 * restarts * iterations * m * (T + fresh), what, "take fewer samples, neurons or iterations")

    with one_blas_thread():
        train = _Sample(network, loss, target, T, seed, "train", noise)
        search = _Sample(network, loss, target, fresh, seed, "gap search", noise)
        found, sign, a, b = max(
            (_ascended(search, train, seed, restart, (radius, cube), iterations) for restart in range(restarts)),
            key=lambda best: best[0],
        )
        worst = dataclasses.replace(network, biases=b, head=a)
        empirical = float(loss_values(worst, loss, target, points=T, seed=seed, noise=noise, stream="train")[0].mean())
        mean, error = mean_and_error(loss_values(worst, loss, target, points=fresh, seed=seed, noise=noise, stream="gap")[0])
    return GeneralisationGap(sign * (mean - empirical), error, found, sign, empirical, a, b)


class _Sample:
    """Samples with their W x kept, in single precision, so that the risk and its gradient in (a, b) need no further product."""

    def __init__(
        self, network: Network, loss: LossFunctions, target: Target, n: int, seed: int, stream: str, noise: Noise | None
    ) -> None:
        weights = network.weights
        self.activation, self.loss = network.functions, loss
        self.projections = np.empty((n, len(weights)), np.float32)
        self.labels = np.empty(n, np.float32)
        row = 0
        for X, y in labelled_data(loss, target, n, network.dimension, seed, stream, noise):
            self.projections[row : row + len(y)], self.labels[row : row + len(y)] = X @ weights.T, y
            row += len(y)

    def gradient(self, head: Array, biases: Array) -> tuple[float, Array, Array]:
        """The mean loss at (a, b) and its gradients in a and b."""
        a, b = head.astype(np.float32), biases.astype(np.float32)
        total, in_head, in_biases = 0.0, np.zeros(len(a)), np.zeros(len(a))
        for start in range(0, len(self.labels), ROWS):
            hidden: NDArray[Any] = self.projections[start : start + ROWS] + b
            y = self.labels[start : start + ROWS]
            features = self.activation.value(hidden)
            predictions = features @ a
            total += float(self.loss.value(predictions, y).sum(dtype=np.float64))
            residual = self.loss.slope(predictions, y)
            in_head += residual @ features
            in_biases += residual @ self.activation.slope(hidden)
        n = len(self.labels)
        return total / n, in_head / n, head * in_biases / n


def _ascended(
    search: _Sample, train: _Sample, seed: int, restart: int, radii: tuple[float, float], iterations: int
) -> tuple[float, int, Array, Array]:
    """(value, sign, a, b) of the best point of the ascents on R̃ - R̂ and on R̂ - R̃ from one start; `radii` of the ball and cube."""
    (radius, cube), m = radii, train.projections.shape[1]
    start = generator(seed, "gap", restart).uniform(-cube, cube, m)
    slope = search.gradient(np.zeros(m), start)[1] - train.gradient(np.zeros(m), start)[1]
    best: tuple[float, int, Array, Array] = (-math.inf, 1, np.zeros(m), np.zeros(m))
    for sign in (1, -1):
        a, b = radius * _unit(sign * slope), start
        for i in range(1, iterations + 1):
            here, there = search.gradient(a, b), train.gradient(a, b)
            value = sign * (here[0] - there[0])
            if value > best[0]:
                best = value, sign, a, b
            step = 0.5 / math.sqrt(i)
            a = a + step * radius * _unit(sign * (here[1] - there[1]))
            a = a * min(1.0, radius / max(float(np.linalg.norm(a)), 1e-300))
            b = np.clip(b + step * cube * np.sign(sign * (here[2] - there[2])), -cube, cube)
    return best


def _unit(vector: Array) -> Array:
    return vector / max(float(np.linalg.norm(vector)), 1e-300)
