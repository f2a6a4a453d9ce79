"""Algorithm 1 against a plain transcription of it, switch by switch."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.methods.one_step import OneStepNetwork
from steinlab.numerics.samples.blocks import ArrayBlocks
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

N, D, M = 60, 3, 8


def samples(seed=0, n=N):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, D))
    return X, 1 + X[:, 0] + X[:, 0] ** 2 + 0.3 * rng.standard_normal(n)


def relu(z):
    return np.where(z >= 0, z, 0.0)


def algorithm_1(X, y, initial, redrawn, *, center, step, decay, normalised=False, head_data=None, ridge, head_step, steps):
    """The five lines of Algorithm 1 with loops; `initial` and `redrawn` supply the randomness."""
    n, d = X.shape
    W, b, a = initial.weights.copy(), initial.biases, initial.head.copy()
    alpha = y.mean() if center else 0.0
    beta = np.array([np.mean(y * X[:, c]) for c in range(d)]) if center else np.zeros(d)
    residual = y - alpha - X @ beta
    gradient = np.zeros_like(W)
    for i in range(n):
        z = W @ X[i] + b
        error = a @ relu(z) - residual[i]
        for j in range(len(a)):
            if z[j] >= 0:
                gradient[j] += 2 / n * error * a[j] * X[i]
    if normalised:
        gradient /= np.sqrt(np.mean([g @ g for g in gradient]))
    W = W - step * (gradient + decay * W)
    X, y = head_data or (X, y)
    residual = y - alpha - X @ beta
    features = relu(X @ W.T + redrawn)
    for _ in range(steps):
        a = a - head_step * (2 / len(y) * features.T @ (features @ a - residual) + ridge * a)
    return lambda Z: alpha + Z @ beta + relu(Z @ W.T + redrawn) @ a


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("decay", [None, 0.1])
@pytest.mark.parametrize("initialisation", ["symmetric", "small"])
@pytest.mark.parametrize("biases", ["redrawn", "kept"])
@pytest.mark.parametrize("step_rule", ["paper", "normalised"])
@pytest.mark.parametrize("fresh", [False, True])
def test_it_is_algorithm_1(center, decay, initialisation, biases, step_rule, fresh):
    X, y = samples()
    fitted = OneStepNetwork(
        width=M,
        center=center,
        first_weight_decay=decay,
        initialisation=initialisation,
        small_scale=0.5,
        biases=biases,
        step_rule=step_rule,
        fresh_head_data=fresh,
        head="gradient-descent",
        ridge=0.02,
        head_step_size=0.004,
        head_steps=150,
    ).fit(X, y)
    step = math.sqrt(D) if step_rule == "paper" else 1.0
    plain = algorithm_1(
        X[: N // 2] if fresh else X,
        y[: N // 2] if fresh else y,
        fitted.initial_,
        fitted.initial_.biases if biases == "kept" else fitted.biases_,
        center=center,
        step=step,
        decay=1 / step if decay is None else decay,
        normalised=step_rule == "normalised",
        head_data=(X[N // 2 :], y[N // 2 :]) if fresh else None,
        ridge=0.02,
        head_step=0.004,
        steps=150,
    )
    assert np.allclose(fitted.predict(X), plain(X), rtol=1e-8, atol=1e-9)


def test_the_default_weight_decay_cancels_the_initial_weights_exactly():
    X, y = samples()
    fitted = OneStepNetwork(width=M, step_size=0.7).fit(X, y)
    assert np.array_equal(fitted.weights_, -fitted.weights_[::-1])
    assert fitted.resolved_settings()["first_weight_decay"] == 1 / 0.7
    near = OneStepNetwork(width=M, step_size=0.7, first_weight_decay=1 / 0.7).fit(X, y)
    assert np.allclose(near.weights_, fitted.weights_, atol=1e-12)


def test_redrawn_biases_are_independent_of_the_initialisation_and_not_paired():
    X, y = samples()
    fitted = OneStepNetwork(width=1000).fit(X, y)
    assert np.unique(fitted.biases_).size == 1000
    assert abs(fitted.biases_.mean()) < 0.15
    assert abs(fitted.biases_.std() - 1) < 0.12
    assert not fitted.initial_.biases.any()
    kept = OneStepNetwork(width=1000, biases="kept").fit(X, y)
    assert np.array_equal(kept.biases_, kept.initial_.biases)
    assert np.array_equal(kept.biases_, kept.biases_[::-1])
    assert abs(kept.biases_.std() - 1) < 0.12


def test_gradient_descent_reaches_the_ridge_head():
    X, y = samples()
    ridge = OneStepNetwork(width=M, ridge=0.05).fit(X, y)
    limit = OneStepNetwork(width=M, ridge=0.05, head="gradient-descent", head_steps=10**6).fit(X, y)
    assert np.allclose(limit.predict(X), ridge.predict(X), atol=1e-8)
    default = OneStepNetwork(width=M, ridge=0.05, head="gradient-descent").fit(X, y)
    assert np.allclose(default.predict(X), ridge.predict(X), atol=1e-2)
    start = OneStepNetwork(width=M, ridge=0.05, head="gradient-descent", head_steps=0).fit(X, y)
    assert np.allclose(start.head_, start.initial_.head, atol=1e-12)


def test_the_gradient_descent_head_chooses_its_ridge_on_the_holdout():
    X, y = samples(n=400)
    fitted = OneStepNetwork(width=M, head="gradient-descent").fit(X, y)
    assert fitted.validation_risks_.shape == (25,)
    assert fitted.ridge_ == fitted.ridges_[np.argmin(fitted.validation_risks_)]


def test_default_steps_are_log_nmd_over_the_step_and_the_ridge():
    """T = ⌈log(n m d)/(η λ)⌉, η = 1/(2 s + λ) with s the largest eigenvalue of the second moments of the features."""
    for n, d, m, ridge in ((N, D, M, 0.05), (2, 1, 2, 0.3), (1, 1, 2, 0.3)):
        X, y = samples(n=max(n, 2))
        X, y = X[:n, :d], y[:n]
        default = OneStepNetwork(width=m, ridge=ridge, head="gradient-descent").fit(X, y)
        features = relu(X @ default.weights_.T + default.biases_)
        step = 1 / (2 * np.linalg.eigvalsh(features.T @ features / n)[-1] + ridge)
        steps = math.ceil(math.log(max(n * m * d, 3)) / (step * ridge))
        given_steps = [OneStepNetwork(width=m, ridge=ridge, head="gradient-descent", head_steps=steps + k) for k in (-1, 0, 1)]
        heads = [network.fit(X, y).head_ for network in given_steps]
        assert np.array_equal(default.head_, heads[1])
        assert not any(np.array_equal(default.head_, heads[k]) for k in (0, 2))


def test_labels_without_a_gradient_leave_the_normalised_step_at_zero():
    X, _ = samples()
    fitted = OneStepNetwork(width=M, step_rule="normalised", ridge=1.0).fit(X, np.zeros(N))
    assert not fitted.weights_.any()
    assert fitted.resolved_settings()["step_size"] == 1.0


def test_unlimited_steps_or_a_diverging_step_are_refused():
    X, y = samples()
    with pytest.raises(InputError, match="head_steps has no default"):
        OneStepNetwork(width=M, head="gradient-descent", ridge=0.0).fit(X, y)
    with pytest.raises(InputError, match="diverges"):
        OneStepNetwork(width=M, head="gradient-descent", ridge=0.1, head_step_size=1e3).fit(X, y)
    with pytest.raises(InputError, match="overflow"):
        OneStepNetwork(width=M, step_size=1e308).fit(X, 1e9 * y)


def test_fresh_data_needs_two_samples():
    with pytest.raises(InputError, match="at least 2"):
        OneStepNetwork(width=M, fresh_head_data=True, ridge=1.0).fit(np.ones((1, D)), np.ones(1))
    assert OneStepNetwork(width=M, fresh_head_data=True, ridge=1.0).fit(np.ones((2, D)), np.ones(2)).n_samples_ == 2


@given(st.floats(1e-3, 1e3))
def test_the_direction_of_the_first_step_ignores_the_scale_of_the_labels(scale):
    X, y = samples()
    base, scaled = (OneStepNetwork(width=M, ridge=1.0).fit(X, c * y).weights_ for c in (1.0, scale))
    assert np.allclose(scaled, scale * base, rtol=1e-9, atol=1e-12 * scale)


def test_one_step_finds_an_oblique_direction_as_well_as_an_axis():
    """The law of the fit is invariant under rotations of the inputs: directions of length 1 are all alike."""
    alignments = {}
    for name, directions in {"axis": None, "oblique": [["3/5", "0", "4/5"]]}.items():
        target = Target.from_expression("He(2,z1)/sqrt(2)", directions=directions)
        axis = np.array([1.0, 0, 0]) if directions is None else np.array([0.6, 0, 0.8])
        found = []
        for seed in range(8):
            data = GaussianData(target, 3000, 20, seed)
            weights = OneStepNetwork(width=40, ridge=1.0, random_state=seed).fit_blocks(data).weights_
            found.append(np.sum((weights[:, :3] @ axis) ** 2) / np.sum(weights**2))
        alignments[name] = np.array(found)
    spread = np.sqrt(sum(found.var(ddof=1) / 8 for found in alignments.values()))
    assert abs(alignments["axis"].mean() - alignments["oblique"].mean()) < 4 * spread
    assert min(found.min() for found in alignments.values()) > 0.5


def test_small_initialisation_learns_the_same_subspace():
    target = Target.from_expression("He(2,z1)/sqrt(2)")
    data = GaussianData(target, 4000, 20, seed=0)
    for initialisation in ("symmetric", "small"):
        weights = OneStepNetwork(width=40, ridge=1.0, initialisation=initialisation).fit_blocks(data).weights_
        assert np.sum(weights[:, 0] ** 2) > 0.6 * np.sum(weights**2)


def test_blocks_are_read_a_few_times_and_never_kept():
    class Counting(ArrayBlocks):
        passes = 0

        def __iter__(self):
            self.passes += 1
            return super().__iter__()

    X, y = samples()
    data, validation = Counting(X, y), Counting(X, y)
    OneStepNetwork(width=M).fit_blocks(data, validation)
    assert (data.passes, validation.passes) == (3, 1)
