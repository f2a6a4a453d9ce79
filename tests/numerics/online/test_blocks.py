"""Blocked SGD against the plain loop, one sample at a time, and each run of a batch against the run alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.limits import one_blas_thread
from steinlab.numerics.networks.activations import ACTIVATIONS, activation_functions
from steinlab.numerics.networks.losses import LOSSES, loss_functions
from steinlab.numerics.online.blocks import BLOCK, FirstLayers, Heads, decay_products, dtype_of, is_bounded, sample_blocks
from steinlab.numerics.samples.blocks import ArrayBlocks
from steinlab.theory.errors import InputError

SLOPES = {
    "relu": (lambda z: max(z, 0.0), lambda z: float(z >= 0)),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: 1 / (2 + np.exp(z) + np.exp(-z))),
    "softplus": (lambda z: np.log(1 + np.exp(z)), lambda z: 1 / (1 + np.exp(-z))),
}
RESIDUALS = {
    "squared": lambda p, y: p - y,
    "huber": lambda p, y: max(-0.5, min(0.5, p - y)),
    "logistic": lambda p, y: -y / (1 + np.exp(y * p)),
}


def plain_loop(W, b, a, X, y, sizes, decay, activation, loss):
    """W ← (1 - η_t λ)W - η_t ∇_W ℓ(ŷ(x_t), y_t), written out neuron by neuron; returns every iterate."""
    sigma, slope = SLOPES[activation]
    W = W.copy()
    iterates = [W.copy()]
    for x, label, eta in zip(X, y, sizes, strict=True):
        hidden = [w @ x + c for w, c in zip(W, b, strict=True)]
        residual = RESIDUALS[loss](sum(c * sigma(h) for c, h in zip(a, hidden, strict=True)), label)
        for j, h in enumerate(hidden):
            W[j] = (1 - eta * decay) * W[j] - eta * residual * a[j] * slope(h) * x
        iterates.append(W.copy())
    return iterates


def problem(seed, runs, m, d, steps, loss):
    rng = np.random.default_rng(seed)
    W, b = rng.standard_normal((runs, m, d)), rng.standard_normal((runs, m))
    a = np.where(rng.random((runs, m)) < 0.5, -1, 1) / m
    X, y = rng.standard_normal((runs, steps, d)), rng.standard_normal((runs, steps))
    if loss == "logistic":
        y = np.sign(y)
    return W, b, a, X, y, 0.3 * m * rng.random(steps)


def advance(layers, X, y, sizes, factors, blocks):
    start = 0
    for rows in blocks:
        part = slice(start, start + rows)
        layers.advance(X[:, part], y[:, part], sizes[..., part], factors[..., part])
        start += rows


@given(
    seed=st.integers(0, 2**20),
    runs=st.integers(1, 3),
    m=st.integers(1, 7),
    d=st.integers(1, 6),
    blocks=st.lists(st.integers(1, BLOCK), min_size=1, max_size=3),
    activation=st.sampled_from(sorted(SLOPES)),
    loss=st.sampled_from(LOSSES),
    decay=st.sampled_from([0.0, 0.05, 1.0]),
)
def test_the_iterates_are_those_of_the_plain_loop(seed, runs, m, d, blocks, activation, loss, decay):
    steps = sum(blocks)
    W, b, a, X, y, sizes = problem(seed, runs, m, d, steps, loss)
    layers = FirstLayers(W, b, a, activation_functions(activation), loss_functions(loss, 0.5))
    factors = 1 - sizes * decay
    advance(layers, X, y, sizes[None], factors[None], blocks)
    last = blocks[-1]
    for r in range(runs):
        iterates = plain_loop(W[r], b[r], a[r], X[r], y[r], sizes, decay, activation, loss)
        scale = max(np.abs(iterate).max() for iterate in iterates)
        np.testing.assert_allclose(layers.weights[r], iterates[-1], rtol=0, atol=1e-13 * scale)
        for t in {0, last // 2, last}:
            np.testing.assert_allclose(layers.after(t, r), iterates[steps - last + t], rtol=0, atol=1e-13 * scale)


def test_over_many_steps_the_difference_stays_at_rounding():
    W, b, a, X, y, sizes = problem(0, 1, 20, 10, 6 * BLOCK, "huber")
    layers = FirstLayers(W, b, a, activation_functions("relu"), loss_functions("huber", 0.5))
    advance(layers, X, y, sizes[None] / 10, 1 - sizes[None] / 10 * 0.05, [BLOCK] * 6)
    expected = plain_loop(W[0], b[0], a[0], X[0], y[0], sizes / 10, 0.05, "relu", "huber")[-1]
    assert np.abs(layers.weights[0] - expected).max() < 1e-14 * np.abs(W).max()


def test_the_comparison_would_see_one_wrong_step():
    W, b, a, X, y, sizes = problem(0, 1, 5, 4, 20, "huber")
    layers = FirstLayers(W, b, a, activation_functions("relu"), loss_functions("huber", 0.5))
    y[0, 7] += 0.1
    advance(layers, X, y, sizes[None], 1 - sizes[None] * 0.05, [20])
    y[0, 7] -= 0.1
    expected = plain_loop(W[0], b[0], a[0], X[0], y[0], sizes, 0.05, "relu", "huber")[-1]
    assert np.abs(layers.weights[0] - expected).max() > 1e-6


@pytest.mark.parametrize("factor", [0.0, -0.5, 1e-200])
def test_factors_that_erase_the_weights_are_safe(factor):
    W, b, a, X, y, sizes = problem(1, 1, 4, 3, 10, "huber")
    layers = FirstLayers(W, b, a, activation_functions("tanh"), loss_functions("huber", 0.5))
    layers.advance(X, y, sizes[None], np.full((1, 10), factor))
    hidden = W[0].copy()
    for t in range(10):
        z = hidden @ X[0, t] + b[0]
        residual = np.clip(a[0] @ np.tanh(z) - y[0, t], -0.5, 0.5)
        hidden = factor * hidden - sizes[t] * residual * np.outer(a[0] / np.cosh(z) ** 2, X[0, t])
    np.testing.assert_allclose(layers.weights[0], hidden, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("m", "d"), [(1, 1), (3, 2), (37, 5), (250, 33)])
def test_a_run_in_a_batch_has_the_bits_of_the_run_alone(dtype, activation, m, d):
    W, b, a, X, y, sizes = problem(2, 5, m, d, 2 * BLOCK + 7, "huber")
    blocks = [BLOCK, BLOCK, 7]
    functions = activation_functions(activation), loss_functions("huber", 0.5)
    several = np.outer(np.linspace(0.1, 1, 5), sizes)
    with one_blas_thread():
        together = FirstLayers(W, b, a, *functions, dtype)
        advance(together, X, y, several, 1 - several * 0.02, blocks)
        for r in range(5):
            alone = FirstLayers(*(part[r : r + 1] for part in (W, b, a)), *functions, dtype)
            one = several[r : r + 1]
            advance(alone, X[r : r + 1], y[r : r + 1], one, 1 - one * 0.02, blocks)
            assert alone.weights.dtype == dtype
            np.testing.assert_array_equal(together.weights[r], alone.weights[0])


def test_dropping_a_run_leaves_the_others_as_they_were():
    W, b, a, X, y, sizes = problem(3, 3, 9, 4, 2 * BLOCK, "huber")
    functions = activation_functions("relu"), loss_functions("huber", 0.5)
    whole, part = (FirstLayers(W, b, a, *functions) for _ in range(2))
    advance(whole, X, y, sizes[None], 1 - sizes[None] * 0.02, [BLOCK, BLOCK])
    kept = np.array([True, False, True])
    part.advance(X[:, :BLOCK], y[:, :BLOCK], sizes[None, :BLOCK], 1 - sizes[None, :BLOCK] * 0.02)
    part.keep(kept)
    part.advance(X[kept, BLOCK:], y[kept, BLOCK:], sizes[None, BLOCK:], 1 - sizes[None, BLOCK:] * 0.02)
    np.testing.assert_array_equal(part.weights, whole.weights[kept])


def test_single_precision_stays_close_to_double():
    W, b, a, X, y, sizes = problem(4, 2, 50, 20, 3 * BLOCK, "huber")
    results = []
    for dtype in (np.float32, np.float64):
        layers = FirstLayers(W, b, a, activation_functions("tanh"), loss_functions("huber", 0.5), dtype)
        advance(layers, X, y, sizes[None], 1 - sizes[None] * 0.05, [BLOCK] * 3)
        results.append(layers.weights)
    assert 0 < np.abs(results[0] - results[1]).max() < 1e-5


@given(
    seed=st.integers(0, 2**20),
    runs=st.integers(1, 3),
    m=st.integers(1, 6),
    blocks=st.lists(st.integers(1, 20), min_size=1, max_size=3),
    loss=st.sampled_from(LOSSES),
    decay=st.sampled_from([0.0, 0.1]),
)
def test_heads_are_those_of_the_plain_loop_and_alone(seed, runs, m, blocks, loss, decay):
    rng = np.random.default_rng(seed)
    steps = sum(blocks)
    head, features = rng.standard_normal((runs, m)), rng.standard_normal((runs, steps, m))
    y, sizes = np.sign(rng.standard_normal((runs, steps))), 0.5 * rng.random((runs, steps)) / m
    heads = Heads(head, loss_functions(loss, 0.5))
    advance(heads, features, y, sizes, 1 - sizes * decay, blocks)
    for r in range(runs):
        alone = Heads(head[r : r + 1], loss_functions(loss, 0.5))
        one = slice(r, r + 1)
        advance(alone, features[one], y[one], sizes[one], 1 - sizes[one] * decay, blocks)
        np.testing.assert_array_equal(alone.head[0], heads.head[r])
        a = head[r].copy()
        for phi, label, eta in zip(features[r], y[r], sizes[r], strict=True):
            a = (1 - eta * decay) * a - eta * RESIDUALS[loss](a @ phi, label) * phi
        np.testing.assert_allclose(heads.head[r], a, rtol=0, atol=1e-12 * np.abs(head).max())


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=12))
def test_decay_products_are_products(factors):
    shrinks, products = decay_products(np.array([factors]))
    for t in range(len(factors) + 1):
        np.testing.assert_allclose(shrinks[0, t], np.prod(factors[:t]), rtol=1e-13, atol=1e-300)
        for s in range(len(factors)):
            expected = np.prod(factors[s + 1 : t]) if s < t else 0.0
            np.testing.assert_allclose(products[0, t, s], expected, rtol=1e-13, atol=1e-300)


def test_samples_come_in_blocks_of_64_from_each_part_of_a_stream():
    """Streams whose own blocks hold 100 rows: 64 + 36, then 64 + 6 of the 70 that are left, all rows in order."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((2, 170, 3)), rng.standard_normal((2, 170))
    found = list(sample_blocks([ArrayBlocks(*part, block_rows=100) for part in zip(X, y, strict=True)], np.dtype(np.float64)))
    assert [(start, labels.shape) for start, _, labels in found] == [(0, (2, 64)), (64, (2, 36)), (100, (2, 64)), (164, (2, 6))]
    np.testing.assert_array_equal(np.concatenate([part for _, part, _ in found], axis=1), X)
    np.testing.assert_array_equal(np.concatenate([labels for *_, labels in found], axis=1), y)
    single = next(sample_blocks([ArrayBlocks(X[0], y[0])], np.dtype(np.float32)))
    assert single[1].dtype == single[2].dtype == np.float32


def test_weights_are_bounded_up_to_the_bound_itself():
    W = np.array([[3.0, 0.0], [0.0, 4.0]])  # ‖W‖_F/√m = 5/√2
    assert is_bounded(W, 2, 5 / 2**0.5 + 1e-12)
    assert not is_bounded(W, 2, 5 / 2**0.5 - 1e-12)
    assert is_bounded(2 * np.ones((4, 1)), 4, 2.0)
    assert is_bounded(W, 2, 1e300)
    assert not is_bounded(np.full((2, 2), np.nan), 2, 1e300)


def test_precision_is_one_of_two_words():
    assert (dtype_of("double"), dtype_of("single")) == (np.float64, np.float32)
    with pytest.raises(InputError, match="precision = 'half' is unknown; choose from double, single"):
        dtype_of("half")


def test_a_neuron_at_its_kink_moves():
    """σ'(0) = 1: from W = 0 and b = 0 the first step is -η ℓ' a x."""
    layers = FirstLayers(
        np.zeros((1, 2, 3)), np.zeros((1, 2)), np.array([[1.0, -2.0]]), activation_functions("relu"), loss_functions("huber", 0.5)
    )
    x = np.array([1.0, -2.0, 3.0])
    assert layers.advance(x[None, None], np.ones((1, 1)), np.full((1, 1), 0.25), np.ones((1, 1))).tolist() == [[0.0]]
    np.testing.assert_array_equal(layers.weights[0], 0.25 * 0.5 * np.outer([1.0, -2.0], x))
