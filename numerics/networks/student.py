"""The student ŷ(x) = aᵀσ(Wx + b) at the mean-field scale: activation, loss and laws of its initialisation."""

import math
from dataclasses import dataclass

import numpy as np

from steinlab.numerics.checked import check_choice, check_number
from steinlab.numerics.networks.activations import ACTIVATIONS, ActivationFunctions, activation_functions, kink_of
from steinlab.numerics.networks.losses import LOSSES, LossFunctions, loss_functions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.samples.blocks import Blocks, Signed
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.targets.target import Noise, Target

__all__ = ["BIAS_LAWS", "Student", "labelled_data"]

BIAS_LAWS = ("signs", "fixed", "gaussian", "zero")


@dataclass(frozen=True)
class Student:
    """What kind of network is trained on what loss.

    Attributes:
        activation, shift: σ(z - shift), σ a member of `ACTIVATIONS`.
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
    def is_relu(self) -> bool:
        """Whether σ is ReLU, shifted or not."""
        return kink_of(self.activation) is not None

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

    def network(self, weights: Array, biases: Array, head: Array) -> Network:
        """The network (W, b, a) with this activation."""
        return Network(weights, biases, head, self.activation, self.shift)

    def draw(self, m: int, d: int, seed: int) -> Network:
        """The network of a seed: √d W_ij ~ N(0, 1), b_j by its law, a_j uniform on {±1/m}; independent."""
        weights = generator(seed, "online-sgd", "weights").standard_normal((m, d)) / math.sqrt(d)
        signs = np.where(generator(seed, "online-sgd", "head").random(m) < 0.5, -1.0, 1.0)
        rng = generator(seed, "online-sgd", "biases")
        if self.biases == "gaussian":
            biases = rng.standard_normal(m) * self.bias_scale
        elif self.biases == "signs":
            biases = np.where(rng.random(m) < 0.5, -self.bias_scale, self.bias_scale)
        else:
            biases = np.full(m, self.bias_scale if self.biases == "fixed" else 0.0)
        return self.network(weights, biases, signs / m)


def labelled_data(
    loss: LossFunctions, target: Target, n: int, d: int, seed: int, stream: str, noise: Noise | None, block_rows: int = 1024
) -> Blocks:
    """Samples of a target with the labels that a loss takes: y, or its sign for the logistic loss."""
    data = GaussianData(target, n, d, seed, stream, noise, block_rows)
    return Signed(data) if loss.takes_signs else data
