"""Losses ℓ(ŷ, y) with two derivatives in ŷ, on arrays: float32 stays float32, float64 stays float64."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from steinlab.numerics.checked import check_choice, check_number
from steinlab.numerics.networks.activations import activation_functions
from steinlab.numerics.types import AnyArray

__all__ = ["LOSSES", "LossFunctions", "loss_functions"]

_SOFTPLUS = activation_functions("softplus")
LOSSES = ("squared", "huber", "logistic")


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
    return _SOFTPLUS.value(-label * prediction)


def _logistic_slope(prediction: AnyArray, label: AnyArray) -> AnyArray:
    return np.asarray(-label * _SOFTPLUS.slope(-label * prediction))


def _logistic_curvature(prediction: AnyArray, label: AnyArray) -> AnyArray:
    return np.asarray(label**2 * _SOFTPLUS.curvature(label * prediction))
