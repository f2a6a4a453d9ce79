"""Losses: constants against finite differences of formulas written out here, and refusals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.shape.labels import label_moments
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.convergence import noise_constant
from steinlab.theory.statements.losses import LOSSES, Loss
from steinlab.theory.statements.thresholds import threshold
from steinlab.theory.verdicts import Verdict

RESIDUALS = np.linspace(-40, 40, 80_001)


def values(loss, label):
    if loss.name == "logistic":
        return np.logaddexp(0, -label * RESIDUALS)
    r = RESIDUALS - label
    if loss.delta is None:
        return r**2 / 2
    d = float(loss.delta)
    return np.where(np.abs(r) <= d, r**2 / 2, d * np.abs(r) - d * d / 2)


@pytest.mark.parametrize("text", ["squared", "huber", "huber(1/3)", "huber(5)", "logistic"])
@given(label=st.floats(-1, 1))
def test_constants_are_the_largest_difference_quotients(text, label):
    loss = Loss.of(text)
    slope = np.gradient(values(loss, label), RESIDUALS)[1:-1]
    bend = np.gradient(slope, RESIDUALS[1:-1])[1:-1]
    assert np.abs(bend).max() <= float(loss.smoothness) + 1e-3
    assert (bend >= -1e-6).all() == loss.convex
    if loss.lipschitz.value is not None:
        assert np.abs(slope).max() <= float(loss.lipschitz) + 1e-9
    else:
        assert np.abs(slope).max() > 30


@pytest.mark.parametrize("text", ["squared", "huber", "huber(1/3)", "huber(5)", "logistic"])
def test_constants_are_attained(text):
    loss = Loss.of(text)
    slope = np.gradient(values(loss, 1.0), RESIDUALS)[1:-1]
    bend = np.gradient(slope, RESIDUALS[1:-1])[1:-1]
    assert np.abs(bend).max() == pytest.approx(float(loss.smoothness), abs=2e-3)
    if loss.lipschitz.value is not None:
        assert np.abs(slope).max() == pytest.approx(float(loss.lipschitz), abs=1e-9)


def test_logistic_constants_scale_with_the_labels():
    loss = Loss.logistic("3/2")
    assert (str(loss.lipschitz), str(loss.smoothness), loss.max_label) == ("3/2", "9/16", Fraction(3, 2))


def test_a_loss_that_is_declared_is_not_the_squared_one_whatever_its_name():
    assert [Loss.of(name).is_squared for name in LOSSES] == [True, False, False]
    namesake = Loss.declared("squared", lipschitz=None, smoothness=1, convex=True)
    assert not namesake.is_squared
    with pytest.raises(InputError, match="unbounded"):
        threshold(Activation.of("tanh"), namesake, labels=label_moments("sign(z1)"))
    with pytest.raises(InputError, match="not bounded"):
        noise_constant(Activation.of("tanh"), namesake, label_moments("sign(z1)"))


def test_declared_losses_are_marked():
    loss = Loss.declared("mine", lipschitz=2, smoothness=None, convex=False)
    assert loss.is_declared
    assert loss.lipschitz.declared
    assert loss.smoothness.finite is Verdict.FAILS
    assert Loss.of(loss) is loss


@pytest.mark.parametrize("bad", ["hinge", "huber(0)", "huber(-1)", "huber(x)", "huber()", "Huber", "", 3, None])
def test_what_is_no_loss_is_refused(bad):
    with pytest.raises(InputError):
        Loss.of(bad)
    with pytest.raises(InputError, match="largest label"):
        Loss.logistic(0)
    with pytest.raises(InputError, match="Huber"):
        Loss.huber(0.5)
    with pytest.raises(InputError, match="mine"):
        Loss.declared("mine", lipschitz=-1, smoothness=1, convex=True)
