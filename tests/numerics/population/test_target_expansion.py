"""The Hermite expansion of a target in floating point: moments against exact ones, products against quadrature."""

import numpy as np
import pytest

from steinlab.numerics.population.target_expansion import TargetExpansion
from steinlab.numerics.samples.link import Link
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

PLANE = Target.from_expression("z1**3/2 - z1*z2 + z2 + 2")
OBLIQUE = Target.from_expression("z1*z2**2/3 + z1 - 1/3", directions=[["3/5", "4/5"], [0, 1]])
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
X = np.stack(np.meshgrid(NODES, NODES, indexing="ij"), axis=-1).reshape(-1, 2)
MASS = np.outer(WEIGHTS, WEIGHTS).ravel() / WEIGHTS.sum() ** 2


@pytest.mark.parametrize("target", [PLANE, OBLIQUE])
def test_degrees_zero_and_one_and_the_energy_of_the_rest(target):
    expansion, values = TargetExpansion(target, 2), Link(target, 2)(X)
    assert expansion.mean == pytest.approx(MASS @ values)
    np.testing.assert_allclose(expansion.slope, (MASS * values) @ X, atol=1e-12)
    rest = values - expansion.mean - X @ expansion.slope
    assert expansion.energy == pytest.approx(MASS @ rest**2)


@pytest.mark.parametrize("target", [PLANE, OBLIQUE])
def test_products_with_a_half_line(target):
    """A sum over a fine grid on both sides of the line v·x = -h, in coordinates along it and across."""
    expansion, v, h = TargetExpansion(target, 2), np.array([0.6, -0.8]), -0.4
    along = np.linspace(-h, 9, 4001)
    step = along[1] - along[0]
    mass = np.exp(-(along**2) / 2) / np.sqrt(2 * np.pi) * step
    mass[[0, -1]] /= 2
    points = along[:, None, None] * v + NODES[None, :, None] * np.array([0.8, 0.6])
    weights = mass[:, None] * WEIGHTS / WEIGHTS.sum()
    flat = points.reshape(-1, 2)
    rest = Link(target, 2)(flat) - expansion.mean - flat @ expansion.slope
    weighted = weights.ravel() * rest
    mean, slope, turn = expansion.products(v[None], np.array([h]))
    assert mean[0] == pytest.approx(weighted @ (flat @ v + h), abs=1e-5)
    assert slope[0] == pytest.approx(weighted.sum(), abs=1e-5)
    np.testing.assert_allclose(turn[0], weighted @ flat, atol=1e-5)


def test_a_target_needs_its_dimension_and_coefficients_that_are_floats():
    with pytest.raises(InputError, match="d = 1 is too small"):
        TargetExpansion(PLANE, 1)
    with pytest.raises(InputError, match="polynomial"):
        TargetExpansion(Target.from_expression("tanh(z1)"), 2)
