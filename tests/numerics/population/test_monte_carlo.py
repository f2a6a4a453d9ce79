"""Means with their standard errors, and what integrates the noise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.population.monte_carlo import absolute_excess, controlled_mean, mean_and_error
from steinlab.theory.targets.target import Noise


def test_a_mean_and_its_standard_error():
    assert mean_and_error(np.array([1.0, 3.0, 5.0])) == pytest.approx((3.0, 2 / math.sqrt(3)))


@pytest.mark.parametrize("noise", [Noise("rademacher", 2), Noise("gaussian", "1/2"), Noise()])
@pytest.mark.parametrize("difference", [0.0, 0.3, -1.0, 2.5, -4.0])
def test_the_excess_absolute_risk_integrates_the_noise(noise, difference):
    rng = np.random.default_rng(0)
    scale = float(noise.scale)
    draws = {"rademacher": np.array([-scale, scale]), "gaussian": scale * rng.standard_normal(400_000), "none": np.zeros(1)}
    e = draws[noise.kind]
    gaps = np.abs(difference - e) - np.abs(e)
    found = absolute_excess(np.array([difference]), noise)[0]
    assert abs(found - gaps.mean()) <= 5 * gaps.std() / np.sqrt(len(e)) + 1e-12
    assert found >= 0


@given(st.integers(0, 1000))
def test_control_variates_shrink_the_error_and_keep_the_mean(seed):
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((500, 2))
    values = 1 + 3 * z[:, 0] + 0.1 * z[:, 1]
    mean, error = controlled_mean(values, np.stack([z[:, 0], z[:, 0] ** 2 - 1], axis=1))
    assert abs(mean - 1) < 5 * error
    assert 0.08 < error * np.sqrt(500) < 0.12
