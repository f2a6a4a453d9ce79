"""The population risk of a network: squared, in closed form where there is one, and under the loss that it is trained on."""

import math
from dataclasses import dataclass

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.networks.features import FeatureMap, HiddenFeatures, TangentFeatures
from steinlab.numerics.networks.losses import LossFunctions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.networks.student import labelled_data
from steinlab.numerics.population.monte_carlo import mean_and_error
from steinlab.numerics.population.relu_risk import PopulationRisk, population_risk
from steinlab.numerics.population.relu_target import has_relu_form
from steinlab.numerics.population.tangent_risk import tangent_risk
from steinlab.numerics.samples.link import Link
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, PolynomialTarget, Target

__all__ = ["CLOSED_FORM_WIDTH", "NEGLIGIBLE", "LossRisk", "closed_form_risk", "loss_risk", "loss_values"]

CLOSED_FORM_WIDTH = 10_000
"""The widest network whose risk is computed in closed form, m²/2 pairs of neurons: about a minute of one core."""

NEGLIGIBLE = 1e-9
"""Rounding errors of a closed form up to this share of E f*² are accepted, whatever Monte Carlo could do."""

# The widest one whose risk is so computed unasked, at every recorded step of a run: a second or so.
_QUICK_WIDTH = CLOSED_FORM_WIDTH // 5


def closed_form_risk(
    features: FeatureMap, head: Array, target: Target, *, alpha: float = 0.0, beta: Array | None = None
) -> PopulationRisk:
    """E (α + β·x + a·Φ(x) - f*(x))² in closed form; NaN with an infinite error where there is none that is quick.

    There is one for the hidden and for the tangent features of ReLU, up to CLOSED_FORM_WIDTH neurons, on polynomial targets, and
    for the hidden features on targets that are sums of ReLU neurons.

    Guarantee: numerical, with an estimate of its rounding error.
    """
    polynomial = isinstance(target, PolynomialTarget)
    if polynomial and isinstance(features, TangentFeatures) and len(features.biases) <= CLOSED_FORM_WIDTH:
        return tangent_risk(features, head, target, alpha=alpha, beta=beta)
    if isinstance(features, HiddenFeatures) and features.size <= CLOSED_FORM_WIDTH:
        network = features.network.with_head(head)
        if network.is_relu and (polynomial or has_relu_form(target)):
            return population_risk(network, target, alpha=alpha, beta=beta)
    return PopulationRisk(math.nan, math.inf)


@dataclass(frozen=True)
class LossRisk:
    """E ℓ(f(x), y) and, for the squared and Huber losses, its excess over E ℓ(f*(x), y).

    Attributes:
        value, standard_error: the risk, and its standard error over the test points (0 for the closed form).
        excess, excess_standard_error: R(f) - R(f*), from the same points; NaN for the logistic loss, which f* does not minimise.
            Noise that is symmetric makes f* the minimiser for the other two.
        method: "closed form" or "Monte Carlo".
    """

    value: float
    standard_error: float
    excess: float
    excess_standard_error: float
    method: str


def loss_risk(
    network: Network,
    loss: LossFunctions,
    target: Target,
    *,
    points: int,
    seed: int,
    noise: Noise | None = None,
    stream: str = "test",
    closed_form: bool | None = None,
) -> LossRisk:
    """The population risk of a network under a loss.

    ReLU with the squared loss has a closed form on a polynomial target and on a sum of ReLU neurons (`population_risk`);
    everything else is a mean over fresh samples (x, y), the same for every network with this seed and stream.

    Args:
        network: W (m x d), b, a and σ.
        loss: ℓ.
        target: any target.
        points: fresh samples of the Monte Carlo mean, >= 2.
        seed, stream: of the fresh samples.
        noise: the label noise; default the target's own.
        closed_form: True, where there is one; False, Monte Carlo; None, the closed form up to 2,000 neurons.

    Raises:
        InputError: a closed form is asked for where there is none.

    Guarantee: numerical, with a standard error.

    Example:
        >>> from steinlab.numerics.networks.losses import loss_functions
        >>> nothing = Network(np.zeros((1, 3)), np.zeros(1), np.zeros(1))
        >>> loss_risk(nothing, loss_functions("squared"), Target.from_expression("z1"), points=2, seed=0).value  # ½ E z²
        0.5
    """
    exact = network.is_relu and loss.is_squared
    exact = exact and (isinstance(target, PolynomialTarget) or has_relu_form(target))
    if closed_form and not exact:
        raise InputError(
            "the risk has a closed form for ReLU, the squared loss and a target that is a polynomial or a sum of ReLU neurons "
            "only; use Monte Carlo"
        )
    law = target.noise if noise is None else noise
    if exact and (closed_form or (closed_form is None and network.width <= _QUICK_WIDTH)):
        excess = population_risk(network, target).value / 2
        return LossRisk(excess + float(law.scale) ** 2 / 2, 0.0, excess, 0.0, "closed form")
    check_integer("points", points, least=2)
    value, best = loss_values(network, loss, target, points=points, seed=seed, noise=law, stream=stream)
    excess_values = value - best if not loss.takes_signs else np.full(points, math.nan)
    return LossRisk(*mean_and_error(value), *mean_and_error(excess_values), "Monte Carlo")


def loss_values(
    network: Network,
    loss: LossFunctions,
    target: Target,
    *,
    points: int,
    seed: int,
    noise: Noise | None = None,
    stream: str = "test",
) -> tuple[Array, Array]:
    """ℓ(f(x_i), y_i) and ℓ(f*(x_i), y_i) on fresh samples, each of shape (points,); arguments as for `loss_risk`."""
    link, values, best = Link(target, network.dimension), [], []
    for X, y in labelled_data(loss, target, points, network.dimension, seed, stream, noise):
        values.append(loss.value(network.output(X), y))
        best.append(loss.value(link(X), y))
    return np.concatenate(values), np.concatenate(best)
