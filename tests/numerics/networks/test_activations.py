"""Activations against mpmath at 40 digits, and their derivatives against mpmath's numerical differentiation."""

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.networks.activations import ACTIVATIONS, activation_functions, kink_of
from steinlab.theory.errors import InputError
from steinlab.theory.links.enclosures import compile_sum, real_value
from steinlab.theory.statements import activations as statements
from steinlab.theory.statements.activations import Activation

REFERENCE = {
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
}


def derivative(f, x, order):
    return mpmath.diff(f, x, order) if order else f(mpmath.mpf(x))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 3e-6), (np.float64, 2e-14)])
def test_activations_and_derivatives_have_small_relative_errors(name, order, dtype, tolerance):
    points = np.array([-30.0, -5.5, -1.25, -0.125, 0.125, 0.75, 2.0, 6.5, 30.0], dtype)
    values = activation_functions(name)[order](points)
    assert values.dtype == dtype
    with mpmath.workdps(60):
        expected = [derivative(REFERENCE[name], float(z), order) for z in points]
    for z, value, exact in zip(points, values, expected, strict=True):
        # Relative, also in the tails; below the smallest normal number the absolute error counts.
        assert abs(value - exact) <= tolerance * abs(exact) + np.finfo(dtype).tiny, (name, order, z, value, exact)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_arguments_give_the_limits_without_warnings(name, dtype):
    ends = np.array([-1e30, 1e30], dtype)
    value, slope, curvature = (function(ends) for function in activation_functions(name))
    limits = {"relu": (0, 1e30), "softplus": (0, 1e30), "sigmoid": (0, 1), "tanh": (-1, 1), "erf": (-1, 1)}[name]
    np.testing.assert_allclose(value, limits, rtol=1e-6)
    np.testing.assert_array_equal(slope, [0, 1 if name in ("relu", "softplus") else 0])
    np.testing.assert_array_equal(curvature, [0, 0])


@given(st.floats(-3, 3), st.floats(-4, 4), st.sampled_from(ACTIVATIONS))
def test_a_shift_moves_the_graph_to_the_right(c, z, name):
    for plain, shifted in zip(activation_functions(name), activation_functions(name, c), strict=True):
        point = np.array([z])
        np.testing.assert_array_equal(shifted(point), plain(point - c))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_derivatives_are_those_of_the_one_table(name):
    """Its rules for derivatives and its enclosures, against what is written out here for floats."""
    points = np.array([-3.5, -0.75, 0.5, 2.25])
    form = Activation.of(name).function
    for function in activation_functions(name):
        compiled = compile_sum(form)
        expected = [float(real_value(compiled, [arb(float(z))]).mid()) for z in points]
        np.testing.assert_allclose(function(points), expected, rtol=1e-13, atol=1e-13)
        form = form.derivative(0)


def test_the_named_activations_are_those_of_the_statements():
    assert tuple(statements.ACTIVATIONS) == ACTIVATIONS
    for name in ACTIVATIONS:
        kink = Activation.of(name).shifted("1/4").kink
        assert kink_of(name, 0.25) == (None if kink is None else float(kink))


def test_relu_is_active_at_zero():
    assert activation_functions("relu").slope(np.array([0.0, -0.0])).tolist() == [1, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: activation_functions("gelu"),
        lambda: activation_functions("tanh", float("nan")),
    ],
)
def test_bad_names_and_numbers_are_refused(call):
    with pytest.raises(InputError):
        call()
