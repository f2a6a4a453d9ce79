"""The student ŷ(x) = aᵀσ(Wx + b) at the mean-field scale: laws of its initialisation, outputs, and risk under a loss."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steinlab.numerics.checked import check_choice, check_integer, check_number
from steinlab.numerics.networks.functions import (
    ACTIVATIONS,
    LOSSES,
    ActivationFunctions,
    LossFunctions,
    activation_functions,
    loss_functions,
)
from steinlab.numerics.networks.network import TwoLayerNetwork
from steinlab.numerics.population.relu_risk import population_risk
from steinlab.numerics.samples.blocks import Blocks, GaussianData, Link
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets import Noise, PolynomialTarget, Target

__all__ = [
    "BIAS_LAWS",
    "LossRisk",
    "Signed",
    "Student",
    "StudentFeatures",
    "loss_risk",
    "loss_values",
    "mean_and_error",
    "student_data",
]


BIAS_LAWS = ("signs", "fixed", "gaussian", "zero")

# The widest ReLU network whose squared risk is taken in closed form unasked: a second or so of one core.
CLOSED_FORM_WIDTH = 2_000


@dataclass(frozen=True)
class Student:
    """What kind of network is trained on what loss.

    Attributes:
        activation, shift: σ(z - shift), σ one of "relu", "tanh", "erf", "sigmoid", "softplus".
        loss, delta: "squared" (½(ŷ - y)²), "huber" (with δ) or "logistic" (labels are then the signs of y).
        biases: law of b_j: "signs", uniform on ±bias_scale; "fixed", bias_scale; "gaussian", N(0, bias_scale²); "zero".
        bias_scale: b*, > 0.

    Raises:
        InputError: a value is unknown or out of range.

    Example:
        >>> Student("tanh", loss="logistic").loss_functions.slope(np.zeros(1), np.ones(1))
        array([-0.5])
    """

    activation: str = "relu"
    shift: float = 0.0
    loss: str = "huber"
    delta: float = 1.0
    biases: str = "signs"
    bias_scale: float = 1.0

    def __post_init__(self) -> None:
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("loss", self.loss, LOSSES)
        check_choice("biases", self.biases, BIAS_LAWS)
        for name, least in (("shift", -math.inf), ("delta", 0.0), ("bias_scale", 0.0)):
            object.__setattr__(self, name, check_number(name, getattr(self, name), least=least))

    @property
    def activation_functions(self) -> ActivationFunctions:
        return activation_functions(self.activation, self.shift)

    @property
    def loss_functions(self) -> LossFunctions:
        return loss_functions(self.loss, self.delta)

    @property
    def least_bias(self) -> float:
        """The least |b_j - shift| under the law of the biases: the distance of the kink σ(z - shift) from w_j·x = 0."""
        if self.biases == "gaussian":
            return 0.0
        values = {"signs": (self.bias_scale, -self.bias_scale), "fixed": (self.bias_scale,), "zero": (0.0,)}[self.biases]
        return min(abs(b - self.shift) for b in values)

    def draw(self, m: int, d: int, seed: int) -> tuple[Array, Array, Array]:
        """W (m x d), b and a (m) of a seed: √d W_ij ~ N(0, 1), b_j by its law, a_j uniform on {±1/m}; independent."""
        weights = generator(seed, "online-sgd", "weights").standard_normal((m, d)) / math.sqrt(d)
        signs = np.where(generator(seed, "online-sgd", "head").random(m) < 0.5, -1.0, 1.0)
        rng = generator(seed, "online-sgd", "biases")
        if self.biases == "gaussian":
            biases = rng.standard_normal(m) * self.bias_scale
        elif self.biases == "signs":
            biases = np.where(rng.random(m) < 0.5, -self.bias_scale, self.bias_scale)
        else:
            biases = np.full(m, self.bias_scale if self.biases == "fixed" else 0.0)
        return weights, biases, signs / m


class StudentFeatures:
    """σ(Wx + b) for any activation, as a feature map (ReLU networks have `HiddenFeatures`, and with it closed forms)."""

    def __init__(self, weights: Array, biases: Array, student: Student) -> None:
        self.weights, self.biases, self.student = weights, biases, student
        self.size = len(biases)

    def matrix(self, X: Array) -> Array:
        values = X @ self.weights.T
        values += self.biases
        return np.asarray(self.student.activation_functions.value(values))

    def apply(self, X: Array, heads: Array) -> Array:
        return np.asarray(self.matrix(X) @ heads)

    def adjoint(self, X: Array, weights: Array) -> Array:
        return np.asarray(self.matrix(X).T @ weights)

    def kernel(self, X: Array) -> Array:
        features = self.matrix(X)
        return np.asarray(features @ features.T)


class Signed:
    """The same inputs with labels 1 where y >= 0 and -1 elsewhere, for the logistic loss."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks, self.n, self.d = blocks, blocks.n, blocks.d

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        for X, y in self.blocks:
            yield X, np.where(y >= 0, 1.0, -1.0)


def student_data(
    student: Student, target: Target, n: int, d: int, seed: int, stream: str, noise: Noise | None, block_rows: int = 1024
) -> Blocks:
    """Samples of a target with the labels that the student's loss takes: y, or its sign for the logistic loss."""
    data = GaussianData(target, n, d, seed, stream, noise, block_rows)
    return Signed(data) if student.loss == "logistic" else data


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
        >>> from steinlab.theory.targets import Target
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


def mean_and_error(values: NDArray[Any]) -> tuple[float, float]:
    """The mean of independent values and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))
