"""ReLU neurons, turned, merged and paired: what is done to them does not show in what is computed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.networks.network import Network
from steinlab.numerics.population import relu_neurons
from steinlab.numerics.population.relu_neurons import Neurons, rounding_of_pairs, tiles
from steinlab.numerics.population.relu_risk import population_risk, population_risk_gradient
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

FIGURE_1 = Target.from_expression("He(2,z1)/2 + He(4,z1)/sqrt(48)")
OBLIQUE = Target.from_expression("z1*z2**2/3 + z2**3/5 + z1 - 1/3", directions=[[1, 0, 1], [1, 2, 0]])


def network(seed, m=6, d=4, scale=1.0):
    rng = np.random.default_rng(seed)
    return Network(rng.standard_normal((m, d)), scale * rng.standard_normal(m), rng.standard_normal(m))


def test_tiles_do_not_show(monkeypatch):
    net = network(4, m=9)
    whole = population_risk_gradient(net, OBLIQUE)
    monkeypatch.setattr(relu_neurons, "TILE", 2)
    tiled = population_risk_gradient(net, OBLIQUE)
    for part in ("head", "biases", "weights"):
        np.testing.assert_allclose(getattr(tiled, part), getattr(whole, part), rtol=0, atol=1e-12)


@pytest.mark.parametrize("bias", [0.0, 0.3, -0.3])
@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.0, -1.5), (0.3, 0.4)])
def test_opposite_neurons_cancel_before_they_are_rounded(weights, bias):
    """a σ(u) - a σ(-u) - a u = 0, and a² E σ² = 1e12 must leave no trace."""
    w, a = np.array(weights), 1e6
    net = Network(np.array([w, -w]), np.array([bias, -bias]), np.array([a, -a]))
    found = population_risk(net, FIGURE_1, alpha=-a * bias, beta=-a * w)
    assert abs(found.value - 1) <= found.rounding_error + 1e-15
    assert found.rounding_error < 1e-8


@pytest.mark.parametrize("angle", [3e-3, 1e-5, 1e-7, 1e-9, 1e-15])
@pytest.mark.parametrize("side", [1, -1])
def test_the_angle_of_almost_parallel_weights_is_seen(angle, side):
    """Against E[σ(w·x) x 1{v·x >= 0}] = ((π - θ) w + ‖w‖ sin θ v)/(2π) for unit v at the angle θ from w."""
    v, w = np.array([1.0, 0.0]), side * np.array([np.cos(angle), np.sin(angle)])
    net = Network(np.array([v, w]), np.zeros(2), np.array([1.0, -1.0]))
    found = population_risk_gradient(net, Target.from_expression("z1")).weights[0]
    theta = angle if side > 0 else np.pi - angle
    own, other, target = v / 2, ((np.pi - theta) * w + np.sin(angle) * v) / (2 * np.pi), v / 2
    np.testing.assert_allclose(found, 2 * (own - other - target), rtol=0, atol=4e-16)


def test_large_biases_make_neurons_affine_or_dead():
    rng = np.random.default_rng(3)
    weights, head = rng.standard_normal((2, 4)), np.array([0.5, 2.0])
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    for bias in (30.0, 37.99, 38.01, 1e3, 1e8):
        net = Network(weights, np.array([bias, -bias]), head)
        found = population_risk(net, OBLIQUE, alpha=-0.5 * bias)
        expected = population_risk(Network(weights, np.zeros(2), 0 * head), OBLIQUE, beta=0.5 * weights[0])
        assert abs(found.value - expected.value) <= found.rounding_error + expected.rounding_error
        assert found.rounding_error < 1e-13 * max(1, bias)
    for scale in (1e-308, 1e-160, 1e-20):  # squares underflow
        plain = Network(weights, np.array([0.3, -0.7]), head)
        if scale > 1e-300:
            tiny = Network(scale * weights, scale * np.array([0.3, -0.7]), head / scale)
            assert population_risk(tiny, OBLIQUE).value == pytest.approx(population_risk(plain, OBLIQUE).value, rel=1e-13)
        assert math.isfinite(population_risk_gradient(Network(scale * weights, np.ones(2), head), OBLIQUE).risk.value)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=6))
def test_rounding_of_pairs_adds_independent_errors(pairs):
    """The root of the sum of squares over all pairs, of 4ε s_i s_j (t_i + t_j)/2 each."""
    sizes, tails = (np.array(part) for part in zip(*pairs, strict=True))
    errors = [4 * 2.0**-52 * s * r * (t + u) / 2 for s, t in pairs for r, u in pairs]
    assert rounding_of_pairs(sizes, tails) == pytest.approx(math.hypot(*errors), rel=1e-9, abs=1e-150)


def test_tiles_cover_each_pair_once():
    edges = [(left.start, right.start) for left, right, _ in tiles(np.eye(300), np.zeros(300))]
    assert edges == [(i, j) for i in (0, 128, 256) for j in (0, 128, 256) if i <= j]


def test_other_activations_are_refused_with_what_to_use():
    with pytest.raises(InputError, match="the activation is tanh: closed forms of the risk are for relu; use Monte Carlo"):
        Neurons(Network(np.eye(2), np.zeros(2), np.ones(2), "tanh"))
