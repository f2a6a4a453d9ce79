"""Losses against mpmath at 40 digits, and their derivatives against mpmath's numerical differentiation."""

import functools

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.networks.losses import LOSSES, loss_functions
from steinlab.theory.errors import InputError
from steinlab.theory.statements import losses as statements


def huber(delta):
    return lambda p, y: (p - y) ** 2 / 2 if abs(p - y) <= delta else delta * abs(p - y) - mpmath.mpf(delta) ** 2 / 2


LOSS_REFERENCE = {
    "squared": lambda p, y: (p - y) ** 2 / 2,
    "huber": huber(0.7),
    "logistic": lambda p, y: mpmath.log1p(mpmath.exp(-y * p)),
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-6), (np.float64, 1e-14)])
def test_losses_and_derivatives_in_the_prediction(name, order, dtype, tolerance):
    predictions = np.array([-20.0, -1.5, -0.25, 0.25, 0.5, 1.25, 20.0], dtype)
    for label in (-1.0, 1.0) if name == "logistic" else (-1.0, 0.125, 1.0):
        labels = np.full(len(predictions), label, dtype)
        values = loss_functions(name, 0.7)[order](predictions, labels)
        assert values.dtype == dtype
        with mpmath.workdps(60):
            expected = [derivative(functools.partial(LOSS_REFERENCE[name], y=label), float(p), order) for p in predictions]
        np.testing.assert_allclose(values, [float(e) for e in expected], rtol=tolerance, atol=1e-30)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1e-3, 1e3))
def test_the_huber_slope_is_bounded_by_delta_and_the_loss_is_below_the_squared_one(prediction, label, delta):
    value, slope, *_ = loss_functions("huber", delta)
    p, y = np.array([prediction]), np.array([label])
    assert abs(slope(p, y)[0]) <= delta
    assert 0 <= value(p, y)[0] <= loss_functions("squared").value(p, y)[0] * (1 + 1e-12)


def test_a_huge_logistic_margin_does_not_overflow():
    value, slope, curvature, *_ = loss_functions("logistic")
    p, y = np.array([-1e6, 1e6]), np.array([1.0, 1.0])
    assert value(p, y).tolist() == [1e6, 0]
    assert slope(p, y).tolist() == [-1, 0]
    assert curvature(p, y).tolist() == [0, 0]


def derivative(f, x, order):
    return mpmath.diff(f, x, order) if order else f(mpmath.mpf(x))


def test_the_named_losses_are_those_of_the_statements():
    assert statements.LOSSES == LOSSES
    for name in LOSSES:
        assert loss_functions(name).is_squared == statements.Loss.of(name).is_squared
        assert loss_functions(name).takes_signs == (statements.Loss.of(name).max_label is not None)


@pytest.mark.parametrize(("name", "delta"), [("hinge", 1.0), ("huber", 0.0)])
def test_bad_names_and_numbers_are_refused(name, delta):
    with pytest.raises(InputError):
        loss_functions(name, delta)
