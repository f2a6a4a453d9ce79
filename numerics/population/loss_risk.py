"""The population risk of a network under the loss that it is trained on."""

import math
from dataclasses import dataclass

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.networks.features import StudentFeatures
from steinlab.numerics.networks.network import TwoLayerNetwork
from steinlab.numerics.networks.student import Student, student_data
from steinlab.numerics.population.monte_carlo import mean_and_error
from steinlab.numerics.population.relu_risk import population_risk
from steinlab.numerics.samples.link import Link
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, PolynomialTarget, Target

__all__ = ["LossRisk", "loss_risk", "loss_values"]

# The widest ReLU network whose squared risk is taken in closed form unasked: a second or so of one core.
CLOSED_FORM_WIDTH = 2_000


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
    student: Student,
    weights: Array,
    biases: Array,
    head: Array,
    target: Target,
    *,
    points: int,
    seed: int,
    noise: Noise | None = None,
    stream: str = "test",
    closed_form: bool | None = None,
) -> LossRisk:
    """The population risk of a student under its loss.

    ReLU with the squared loss on a polynomial target has a closed form (`population_risk`); everything else is a mean over fresh
    samples (x, y), the same for every network with this seed and stream.

    Args:
        student: activation and loss.
        weights, biases, head: W (m x d), b and a (m).
        target: any target.
        points: fresh samples of the Monte Carlo mean, >= 2.
        seed, stream: of the fresh samples.
        noise: the label noise; default the target's own.
        closed_form: True, where there is one; False, Monte Carlo; None, the closed form up to 2,000 neurons.

    Raises:
        InputError: shapes do not agree, or a closed form is asked for where there is none.

    Guarantee: numerical, with a standard error.

    Example:
        >>> from steinlab.theory.targets.target import Target
        >>> target, student = Target.from_expression("z1"), Student(loss="squared")
        >>> loss_risk(student, np.zeros((1, 3)), np.zeros(1), np.zeros(1), target, points=2, seed=0).value  # ½ E z²
        0.5
    """
    exact = student.activation == "relu" and student.loss == "squared" and isinstance(target, PolynomialTarget)
    if closed_form and not exact:
        raise InputError("the risk has a closed form for ReLU, the squared loss and a polynomial target only; use Monte Carlo")
    law = target.noise if noise is None else noise
    if exact and (closed_form or (closed_form is None and len(head) <= CLOSED_FORM_WIDTH)):
        assert isinstance(target, PolynomialTarget)
        excess = population_risk(TwoLayerNetwork(weights, biases - student.shift, head), target).value / 2
        return LossRisk(excess + float(law.scale) ** 2 / 2, 0.0, excess, 0.0, "closed form")
    value, best = loss_values(student, weights, biases, head, target, points=points, seed=seed, noise=law, stream=stream)
    excess_values = value - best if student.loss != "logistic" else np.full(points, math.nan)
    return LossRisk(*mean_and_error(value), *mean_and_error(excess_values), "Monte Carlo")


def loss_values(
    student: Student,
    weights: Array,
    biases: Array,
    head: Array,
    target: Target,
    *,
    points: int,
    seed: int,
    noise: Noise | None = None,
    stream: str = "test",
) -> tuple[Array, Array]:
    """ℓ(f(x_i), y_i) and ℓ(f*(x_i), y_i) on fresh samples, each of shape (points,); arguments as for `loss_risk`."""
    check_integer("points", points, least=2)
    d = weights.shape[1]
    features, loss, link = StudentFeatures(weights, biases, student), student.loss_functions, Link(target, d)
    values, best = [], []
    for X, y in student_data(student, target, points, d, seed, stream, noise):
        values.append(loss.value(features.matrix(X) @ head, y))
        best.append(loss.value(link(X), y))
    return np.concatenate(values), np.concatenate(best)
