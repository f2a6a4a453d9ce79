"""Losses averaged over the label noise: against fine sums, and derivatives against differences."""

import math

import numpy as np
import pytest

from steinlab.numerics.networks.losses import loss_functions
from steinlab.numerics.population.noisy_loss import NoisyLoss
from steinlab.theory.targets.target import Noise

POINTS = np.linspace(-3, 3, 25)
NOISES = [Noise(), Noise("rademacher", "3/4"), Noise("gaussian", "3/4")]
LOSSES = ["squared", "huber", "logistic"]


def mean(f, noise, prediction, clean):
    if noise.kind == "rademacher":
        return (f(prediction, clean + 0.75) + f(prediction, clean - 0.75)) / 2
    if noise.kind == "none":
        return f(prediction, clean)
    e = np.linspace(-9, 9, 20_001)
    weights = np.exp(-(e**2) / 2)
    return sum(w * f(prediction, clean + 0.75 * x) for x, w in zip(e, weights / weights.sum(), strict=True))


@pytest.mark.parametrize("noise", NOISES, ids=str)
@pytest.mark.parametrize("name", LOSSES)
def test_means_are_those_of_the_noise(name, noise):
    loss = loss_functions(name, 0.6)
    found = NoisyLoss(loss, noise)
    clean = np.full_like(POINTS, 0.3)
    for part in ("value", "slope"):
        expected = mean(getattr(loss, part), noise, POINTS, clean)
        np.testing.assert_allclose(getattr(found, part)(POINTS, clean), expected, atol=1e-6)


@pytest.mark.parametrize("noise", NOISES, ids=str)
@pytest.mark.parametrize("name", LOSSES)
def test_each_part_is_the_derivative_of_the_one_before(name, noise):
    found, clean, h = NoisyLoss(loss_functions(name, 0.6), noise), np.full_like(POINTS, 0.3), 1e-5
    smooth = np.ones(len(POINTS), bool)
    if name == "huber" and noise.kind != "gaussian":  # ℓ' has corners
        corners = [0.3 + side * 0.6 + shift for side in (-1, 1) for shift in ((0.75, -0.75) if noise.scale else (0.0,))]
        smooth = np.min(np.abs(POINTS[:, None] - corners), axis=1) > 1e-3
    u, y = POINTS[smooth], clean[smooth]
    np.testing.assert_allclose(found.slope(u, y), (found.value(u + h, y) - found.value(u - h, y)) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(found.curvature(u, y), (found.slope(u + h, y) - found.slope(u - h, y)) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(found.mixed(u, y), (found.slope(u, y + h) - found.slope(u, y - h)) / (2 * h), atol=1e-8)


def test_gauss_hermite_is_exact_to_degree_63():
    """E (r + e)^63 under unit noise, r = 1, by moments: Σ_j C(63, 2j) (2j - 1)!!."""
    quantity = NoisyLoss(loss_functions("logistic"), Noise("gaussian", 1))
    found = quantity._mean(lambda p, y: (p + y) ** 63, np.array([1.0]), np.array([0.0]))[0]
    exact = sum(math.comb(63, 2 * j) * math.prod(range(2 * j - 1, 0, -2)) for j in range(32))
    assert found == pytest.approx(exact, rel=1e-9)
    assert quantity._mean(lambda p, y: (p + y) ** 64, np.array([0.0]), np.array([0.0]))[0] != pytest.approx(
        math.prod(range(63, 0, -2)), rel=1e-9
    )


@pytest.mark.parametrize("kind", ["rademacher", "gaussian"])
@pytest.mark.parametrize("name", LOSSES)
def test_noise_of_scale_zero_is_none(name, kind):
    found, plain = (NoisyLoss(loss_functions(name, 0.6), noise) for noise in (Noise(kind, 0), Noise()))
    for part in ("value", "slope", "curvature", "mixed"):
        expected = getattr(plain, part)(POINTS, np.zeros_like(POINTS))
        np.testing.assert_array_equal(getattr(found, part)(POINTS, np.zeros_like(POINTS)), expected)
