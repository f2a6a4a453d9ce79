"""Activations and losses with two derivatives each, on arrays: float32 stays float32, float64 stays float64.

What the functions are stands in the table of `theory.links.functions`; here they are in forms that keep their digits in the
tails, which no rule derives from it. A test holds the two against each other.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import erf, expit

from steinlab.numerics.checked import check_choice, check_number
from steinlab.numerics.types import AnyArray

__all__ = ["ACTIVATIONS", "LOSSES", "ActivationFunctions", "LossFunctions", "activation_functions", "kink_of", "loss_functions"]

LOSSES = ("squared", "huber", "logistic")


class ActivationFunctions(NamedTuple):
    """σ, σ', σ'': each takes an array and returns a new one of its shape and dtype."""

    value: Callable[[AnyArray], AnyArray]
    slope: Callable[[AnyArray], AnyArray]
    curvature: Callable[[AnyArray], AnyArray]


class LossFunctions(NamedTuple):
    """ℓ(ŷ, y) and its first two derivatives in ŷ: each takes two arrays that broadcast and have one dtype, and keeps it.

    `name` is a member of LOSSES and `delta` the δ of the Huber loss, which the others ignore.
    """

    value: Callable[[AnyArray, AnyArray], AnyArray]
    slope: Callable[[AnyArray, AnyArray], AnyArray]
    curvature: Callable[[AnyArray, AnyArray], AnyArray]
    name: str
    delta: float

    @property
    def is_squared(self) -> bool:
        return self.name == "squared"

    @property
    def takes_signs(self) -> bool:
        """Whether labels are ±1: then ℓ is no function of ŷ - y, and f* does not minimise the risk."""
        return self.name == "logistic"


def activation_functions(name: str, shift: float = 0.0) -> ActivationFunctions:
    """σ(z - shift) and its derivatives, for σ one of ACTIVATIONS.

    relu: max(z, 0), with σ'(0) = 1 and σ'' = 0 (the point mass at the kink is left out); tanh; erf: (2/√π)∫_0^z e^{-t²} dt;
    sigmoid: 1/(1 + e^{-z}); softplus: log(1 + e^z).

    Args:
        name: a member of ACTIVATIONS.
        shift: c; the graph moves to the right by c.

    Returns:
        Three functions of an array, dtype-preserving; none overflows for finite z.

    Raises:
        InputError: an unknown name, or a shift that is not a finite number.

    Guarantee: numerical, to a few units in the last place of the dtype.

    Example:
        >>> value, slope, _ = activation_functions("relu")
        >>> value(np.array([-1.0, 2.0], np.float32)), slope(np.array([-1.0, 0.0]))
        (array([0., 2.], dtype=float32), array([0., 1.]))
        >>> float(activation_functions("tanh", shift=1.0).slope(np.array([1.0]))[0])
        1.0
    """
    functions = _ACTIVATIONS[check_choice("activation", name, ACTIVATIONS)]
    c = check_number("shift", shift, least=-math.inf)
    if c == 0:
        return functions
    value, slope, curvature = functions
    return ActivationFunctions(lambda z: value(z - c), lambda z: slope(z - c), lambda z: curvature(z - c))


def kink_of(name: str, shift: float = 0.0) -> float | None:
    """Where the slope of σ(z - shift) jumps from 0 to 1; None where σ is smooth: ReLU alone has a kink.

    Example:
        >>> kink_of("relu", 0.5), kink_of("softplus")
        (0.5, None)
    """
    at = _KINKS.get(check_choice("activation", name, ACTIVATIONS))
    return None if at is None else at + shift


def loss_functions(name: str, delta: float = 1.0) -> LossFunctions:
    """ℓ(ŷ, y), ∂ℓ/∂ŷ and ∂²ℓ/∂ŷ², for ℓ one of LOSSES.

    squared: ½(ŷ - y)²; huber: ½(ŷ - y)² where |ŷ - y| <= δ, else δ|ŷ - y| - ½δ² (so |ℓ'| <= δ; ℓ'' is 1 on the closed
    interval, 0 outside); logistic: log(1 + e^{-yŷ}), meant for y = ±1, where |ℓ'| <= 1.

    Args:
        name: a member of LOSSES.
        delta: δ > 0 of the Huber loss.

    Returns:
        Functions of (ŷ, y), dtype-preserving; none overflows where its value is representable.

    Raises:
        InputError: an unknown name, or δ not a positive number.

    Guarantee: numerical, to a few units in the last place of the dtype.

    Example:
        >>> huber = loss_functions("huber")
        >>> huber.value(np.array([0.5, 3.0]), np.zeros(2)), huber.slope(np.array([0.5, -3.0]), np.zeros(2))
        (array([0.125, 2.5  ]), array([ 0.5, -1. ]))
    """
    check_choice("loss", name, LOSSES)
    delta = check_number("delta", delta)
    if name == "huber":
        return _huber(delta)
    if name == "squared":
        return LossFunctions(_half_square, np.subtract, _one, name, delta)
    return LossFunctions(_logistic, _logistic_slope, _logistic_curvature, name, delta)


def _relu_slope(z: AnyArray) -> AnyArray:
    return (z >= 0).astype(z.dtype)


def _tanh_slope(z: AnyArray) -> AnyArray:
    # 1 - tanh² would lose every digit in the tails.
    decay = np.exp(-2 * np.abs(z))
    return np.asarray(4 * decay / (1 + decay) ** 2)


def _erf_slope(z: AnyArray) -> AnyArray:
    # Beyond 100 the slope is zero in double precision; the clip keeps z² from overflowing.
    return np.asarray((2 / math.sqrt(math.pi)) * np.exp(-(np.clip(z, -100.0, 100.0) ** 2)))


def _sigmoid_slope(z: AnyArray) -> AnyArray:
    return np.asarray(expit(z) * expit(-z))


def _softplus(z: AnyArray) -> AnyArray:
    return np.asarray(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))


_ACTIVATIONS = {
    "relu": ActivationFunctions(lambda z: np.maximum(z, 0), _relu_slope, np.zeros_like),
    "tanh": ActivationFunctions(np.tanh, _tanh_slope, lambda z: np.asarray(-2 * np.tanh(z) * _tanh_slope(z))),
    "erf": ActivationFunctions(erf, _erf_slope, lambda z: np.asarray(-2 * np.clip(z, -100.0, 100.0) * _erf_slope(z))),
    "sigmoid": ActivationFunctions(expit, _sigmoid_slope, lambda z: np.asarray(-_sigmoid_slope(z) * np.tanh(z / 2))),
    "softplus": ActivationFunctions(_softplus, expit, _sigmoid_slope),
}
ACTIVATIONS = tuple(_ACTIVATIONS)
_KINKS = {"relu": 0.0}


def _half_square(prediction: AnyArray, label: AnyArray) -> AnyArray:
    return np.asarray((prediction - label) ** 2 / 2)


def _one(prediction: AnyArray, label: AnyArray) -> AnyArray:
    return np.ones_like(prediction - label)


def _huber(delta: float) -> LossFunctions:
    def value(prediction: AnyArray, label: AnyArray) -> AnyArray:
        size = np.abs(prediction - label)
        near = np.minimum(size, delta)
        return np.asarray(near * (size - near / 2))

    def slope(prediction: AnyArray, label: AnyArray) -> AnyArray:
        return np.asarray(np.minimum(np.maximum(prediction - label, -delta), delta))

    def curvature(prediction: AnyArray, label: AnyArray) -> AnyArray:
        difference = prediction - label
        return np.asarray(np.abs(difference) <= delta, dtype=difference.dtype)

    return LossFunctions(value, slope, curvature, "huber", delta)


def _logistic(prediction: AnyArray, label: AnyArray) -> AnyArray:
    return _softplus(-label * prediction)


def _logistic_slope(prediction: AnyArray, label: AnyArray) -> AnyArray:
    return np.asarray(-label * expit(-label * prediction))


def _logistic_curvature(prediction: AnyArray, label: AnyArray) -> AnyArray:
    return np.asarray(label**2 * _sigmoid_slope(label * prediction))
