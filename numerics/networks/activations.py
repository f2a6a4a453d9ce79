"""Activations with two derivatives each, on arrays: float32 stays float32, float64 stays float64.

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

__all__ = ["ACTIVATIONS", "ActivationFunctions", "activation_functions", "kink_of"]


class ActivationFunctions(NamedTuple):
    """σ, σ', σ'': each takes an array and returns a new one of its shape and dtype."""

    value: Callable[[AnyArray], AnyArray]
    slope: Callable[[AnyArray], AnyArray]
    curvature: Callable[[AnyArray], AnyArray]


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
