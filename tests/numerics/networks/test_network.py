import inspect
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.networks.activations import ACTIVATIONS, activation_functions
from steinlab.numerics.networks.network import (
    Network,
    first_layer_gradient,
    random_layer,
    require_finite,
    small_initialisation,
    symmetric_initialisation,
)
from steinlab.numerics.samples.blocks import ArrayBlocks
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target


def slow_output(network, x):
    """f(x) neuron by neuron, in plain Python."""
    total = 0.0
    for w, b, a in zip(network.weights, network.biases, network.head, strict=True):
        total += a * max(sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b, 0.0)
    return total


def slow_loss(weights, network, X, y):
    moved = Network(weights, network.biases, network.head)
    return sum((slow_output(moved, x) - label) ** 2 for x, label in zip(X, y, strict=True)) / len(y)


evens = st.integers(1, 6).map(lambda half: 2 * half)


@given(evens, st.integers(1, 5), st.integers(0, 100), st.booleans())
def test_the_symmetric_initialisation_is_the_zero_function(m, d, seed, random_biases):
    network = symmetric_initialisation(m, d, generator(seed), random_biases=random_biases)
    X = generator(seed, "x").standard_normal((7, d))
    assert not network.output(X).any()
    # The shortcut is right: summed neuron by neuron it is zero to rounding.
    assert max(abs(slow_output(network, x)) for x in X) < 1e-12
    # Not because the neurons are: each is a ReLU, and w and -w at zero bias would not both be dead.
    assert np.allclose(network.hidden(X), np.maximum(X @ network.weights.T + network.biases, 0))
    assert network.weights.all()


@given(evens, st.integers(1, 5), st.integers(0, 100))
def test_pairs_share_weights_and_biases_and_have_opposite_heads(m, d, seed):
    network = symmetric_initialisation(m, d, generator(seed), random_biases=True)
    for j in range(m):
        assert np.array_equal(network.weights[j], network.weights[m - 1 - j])
        assert network.biases[j] == network.biases[m - 1 - j]
        assert network.head[j] == -network.head[m - 1 - j]
    assert set(np.abs(network.head)) == {1.0}


def test_laws_of_the_initialisations():
    d = 50
    network = symmetric_initialisation(4000, d, generator(0))
    assert not network.biases.any()
    half = network.weights[:2000]
    assert abs(half.mean()) < 5 / np.sqrt(2000 * d * d)
    assert abs(half.var() * d - 1) < 5 * np.sqrt(2 / (2000 * d))
    assert abs(network.head[:2000].mean()) < 5 / np.sqrt(2000)
    small = small_initialisation(4000, d, 0.01, generator(0), random_biases=True)
    assert abs(small.weights.std() * np.sqrt(d) / 0.01 - 1) < 0.02
    assert abs(small.biases.std() / 0.01 - 1) < 0.06
    assert np.unique(small.weights).size == small.weights.size
    assert small.output(np.ones((1, d)))[0] != 0
    sphere, biases = random_layer(1000, d, "sphere", 2.0, generator(0))
    assert np.allclose(np.linalg.norm(sphere, axis=1), 1)
    assert abs(biases.std() - 2) < 0.2
    gaussian, _ = random_layer(1000, d, "gaussian", 0.0, generator(0))
    assert np.linalg.norm(gaussian, axis=1).std() > 0.05
    assert abs(np.mean(np.sum(gaussian**2, axis=1)) - 1) < 0.03


def test_what_a_seed_draws_stays_what_it_is():
    """Results are functions of their seed, in every version: the first signs, and an entry of W of known size."""
    paired, small = symmetric_initialisation(8, 2, generator(0)), small_initialisation(6, 2, 0.5, generator(0))
    assert paired.head.tolist() == [1, -1, -1, -1, 1, 1, 1, -1]
    assert small.head.tolist() == [1, -1, -1, -1, -1, -1]
    rng = generator(0)
    rng.random(6)
    assert np.allclose(small.weights, 0.5 / np.sqrt(2) * rng.standard_normal((6, 2)), rtol=1e-14)
    assert not small.biases.any()


def test_an_odd_width_cannot_be_paired():
    with pytest.raises(InputError, match="width 3 is odd"):
        symmetric_initialisation(3, 2, generator(0))


@given(st.integers(1, 5), st.integers(1, 3), st.integers(0, 1000))
def test_the_gradient_is_the_finite_difference_of_the_loss(m, d, seed):
    rng = generator(seed)
    network = Network(rng.standard_normal((m, d)), rng.standard_normal(m), rng.standard_normal(m))
    X, y = rng.standard_normal((6, d)), rng.standard_normal(6)
    step = 1e-6
    if np.abs(X @ network.weights.T + network.biases).min() < 10 * step:
        return  # a kink lies within the difference
    gradient = first_layer_gradient(network, ArrayBlocks(X, y, block_rows=4))
    for j in range(m):
        for c in range(d):
            up, down = network.weights.copy(), network.weights.copy()
            up[j, c] += step
            down[j, c] -= step
            difference = (slow_loss(up, network, X, y) - slow_loss(down, network, X, y)) / (2 * step)
            assert gradient[j, c] == pytest.approx(difference, rel=1e-5, abs=1e-6)


@given(evens, st.integers(1, 4), st.integers(0, 100), st.booleans())
def test_the_gradient_of_a_paired_network_is_that_of_all_its_neurons(m, d, seed, random_biases):
    network = symmetric_initialisation(m, d, generator(seed), random_biases=random_biases)
    rng = generator(seed, "data")
    X, y = rng.standard_normal((9, d)), rng.standard_normal(9)
    active = X @ network.weights.T + network.biases >= 0
    expected = -2 / 9 * network.head[:, None] * np.einsum("i,ij,ic->jc", y, active, X)
    assert np.allclose(first_layer_gradient(network, ArrayBlocks(X, y)), expected, atol=1e-12)


@given(st.integers(1, 5), st.integers(2, 4), st.integers(0, 100))
def test_the_gradient_turns_with_the_inputs(m, d, seed):
    rng = generator(seed)
    network = Network(rng.standard_normal((m, d)), rng.standard_normal(m), rng.standard_normal(m))
    X, y = rng.standard_normal((9, d)), rng.standard_normal(9)
    rotation = np.linalg.qr(rng.standard_normal((d, d)))[0]
    turned = Network(network.weights @ rotation, network.biases, network.head)
    expected = first_layer_gradient(network, ArrayBlocks(X, y)) @ rotation
    assert np.allclose(first_layer_gradient(turned, ArrayBlocks(X @ rotation, y)), expected, atol=1e-9)


def test_the_derivative_of_relu_at_zero_is_one():
    network = Network(np.array([[1.0]]), np.zeros(1), np.ones(1))
    assert first_layer_gradient(network, ArrayBlocks(np.array([[0.0], [1.0]]), np.array([1.0, 0.0])))[0, 0] == 1.0
    weightless = Network(np.zeros((1, 1)), np.zeros(1), np.ones(1))
    assert first_layer_gradient(weightless, ArrayBlocks(np.ones((1, 1)), np.ones(1)))[0, 0] == -2.0


def test_the_gradient_at_initialisation_is_the_population_expansion():
    """For f* = He_2(z1)/√2, ∇_{w_j} L_D = -2 a_j [Hw/√(2π) - w (wᵀHw)/(2√(2π))] at ‖w‖ = 1: section 4, terms written out."""
    target, d, n = Target.from_expression("He(2,z1)/sqrt(2)"), 6, 400_000
    network = symmetric_initialisation(12, d, generator(3))
    network = Network(network.weights / np.linalg.norm(network.weights, axis=1, keepdims=True), network.biases, network.head)
    gradient = first_layer_gradient(network, GaussianData(target, n, d, seed=4))
    hessian = np.zeros((d, d))
    hessian[0, 0] = np.sqrt(2)
    w = network.weights
    quadratic = np.einsum("jc,ce,je->j", w, hessian, w)
    expected = -2 * network.head[:, None] * (w @ hessian - w * quadratic[:, None] / 2) / np.sqrt(2 * np.pi)
    # |f*(x) x_c 1{..}| has second moment at most E f*² x_1² + ... <= 8; the maximum of 72 entries stays below 5 sigma.
    assert np.abs(gradient - expected).max() < 5 * 2 * np.sqrt(8 / n)
    assert np.abs(expected).max() > 0.5


antisymmetric = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 100))


@given(antisymmetric, st.sampled_from(["weights", "biases", "head"]), st.integers(0, 5))
def test_antisymmetry_asks_for_every_pair(sizes, part, place):
    """Pairs of equal neurons with opposite heads, broken in one number: then f is not 0, and the gradient is not half a sum."""
    half, d, seed = sizes
    rng = generator(seed)
    W, b, a = rng.standard_normal((half, d)), rng.standard_normal(half), rng.standard_normal(half)
    whole = {
        "weights": np.concatenate([W, W[::-1]]),
        "biases": np.concatenate([b, b[::-1]]),
        "head": np.concatenate([a, -a[::-1]]),
    }
    X, y = rng.standard_normal((5, d)), rng.standard_normal(5)
    made = Network(**whole)
    assert made.is_antisymmetric
    assert np.allclose(made.output(X), 0)
    whole[part] = whole[part].copy()
    whole[part][place % (2 * half)] += 0.5
    broken = Network(**whole)
    assert not broken.is_antisymmetric
    values = X @ broken.weights.T + broken.biases
    residual = np.maximum(values, 0) @ broken.head - y
    expected = 2 / 5 * broken.head[:, None] * np.einsum("i,ij,ic->jc", residual, values >= 0, X)
    assert np.allclose(first_layer_gradient(broken, ArrayBlocks(X, y)), expected, atol=1e-12)


def test_an_odd_number_of_neurons_has_no_pairs():
    assert not Network(np.ones((3, 2)), np.ones(3), np.array([1.0, 0.0, -1.0])).is_antisymmetric
    assert not Network(np.ones((1, 2)), np.ones(1), np.zeros(1)).is_antisymmetric


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_any_activation_with_its_shift(activation):
    rng = np.random.default_rng(0)
    W, b, a, X = rng.standard_normal((4, 3)), rng.standard_normal(4), rng.standard_normal(4), rng.standard_normal((5, 3))
    network = Network(W, b, a, activation, 0.5)
    value = activation_functions(activation).value
    np.testing.assert_allclose(network.output(X), value(X @ W.T + b - 0.5) @ a, rtol=1e-13)
    assert (network.width, network.dimension) == (4, 3)
    assert network.kinks == ([[0.5 - x] for x in b] if activation == "relu" else [[]] * 4)
    labels, moved = rng.standard_normal(5), np.zeros((4, 3))
    for index in np.ndindex(4, 3):
        step = np.zeros((4, 3))
        step[index] = 1e-6
        up, down = (np.mean((replace(network, weights=W + s * step).output(X) - labels) ** 2) for s in (1, -1))
        moved[index] = (up - down) / 2e-6
    np.testing.assert_allclose(first_layer_gradient(network, ArrayBlocks(X, labels)), moved, atol=1e-7)


def test_shapes_that_do_not_agree_and_unknown_activations_are_refused():
    for parts in (
        (np.ones((2, 3)), np.ones(3), np.ones(2)),
        (np.ones(3), np.ones(1), np.ones(1)),
        (np.ones((2, 3)), np.ones(2), np.ones(1)),
        (np.ones((2, 3, 1)), np.ones(2), np.ones(2)),
    ):
        with pytest.raises(InputError, match="expected"):
            Network(*parts)
    with pytest.raises(InputError, match="swish"):
        Network(np.ones((1, 2)), np.ones(1), np.ones(1), "swish")
    with pytest.raises(InputError, match="NaN or infinite"):
        require_finite(Network(np.full((1, 2), np.nan), np.ones(1), np.ones(1)))


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(symmetric_initialisation).kwonlydefaults == {"random_biases": False}
    assert inspect.getfullargspec(small_initialisation).kwonlydefaults == {"random_biases": False}
