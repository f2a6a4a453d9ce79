"""Feature maps: products are those of their matrix, which is written out."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.networks.features import HiddenFeatures, TangentFeatures
from steinlab.numerics.networks.network import Network
from steinlab.numerics.networks.student import Student


def slow_tangent(weights, biases, include_head, x):
    """The derivatives of Σ_j σ(w_j·x + b_j) a_j at a = 1, one by one."""
    m, d = weights.shape
    active = [float(weights[j] @ x + biases[j] >= 0) for j in range(m)]
    values = [active[j] * x[c] for c in range(d) for j in range(m)]
    return values + [active[j] * (weights[j] @ x + biases[j]) for j in range(m)] * include_head


def feature_map(kind, m, d, seed):
    rng = np.random.default_rng(seed)
    weights, biases = rng.standard_normal((m, d)), rng.standard_normal(m)
    if kind == "hidden":
        return HiddenFeatures(Network(weights, biases, np.zeros(m)))
    return TangentFeatures(weights, biases, include_head=kind == "tangent with head")


kinds = st.sampled_from(["hidden", "tangent", "tangent with head"])
dimensions = (kinds, st.integers(1, 5), st.integers(1, 4), st.integers(1, 6), st.integers(0, 999))


@given(*dimensions)
def test_products_are_those_of_the_matrix(kind, m, d, n, seed):
    features = feature_map(kind, m, d, seed)
    rng = np.random.default_rng([seed, 1])
    X = rng.standard_normal((n, d))
    matrix = features.matrix(X)
    assert matrix.shape == (n, features.size)
    for count in (1, 3):
        heads, weights = rng.standard_normal((features.size, count)), rng.standard_normal((n, count))
        assert np.allclose(features.apply(X, heads), matrix @ heads, atol=1e-12)
        assert np.allclose(features.adjoint(X, weights), matrix.T @ weights, atol=1e-12)
    assert np.allclose(features.kernel(X), matrix @ matrix.T, atol=1e-12)


@pytest.mark.parametrize("include_head", [True, False])
def test_tangent_features_in_their_order(include_head):
    rng = np.random.default_rng(0)
    weights, biases, x = rng.standard_normal((4, 3)), rng.standard_normal(4), rng.standard_normal(3)
    features = TangentFeatures(weights, biases, include_head)
    assert np.allclose(features.matrix(x[None])[0], slow_tangent(weights, biases, include_head, x))


def test_smooth_features_are_a_feature_map_and_can_be_pickled():
    rng = np.random.default_rng(0)
    W, b, X = rng.standard_normal((4, 3)), rng.standard_normal(4), rng.standard_normal((6, 3))
    shifted = pickle.loads(pickle.dumps(HiddenFeatures(Student("relu", shift=0.5).network(W, b, np.zeros(4)))))
    plain = HiddenFeatures(Network(W, b - 0.5, np.zeros(4)))
    heads, weights = rng.standard_normal((4, 2)), rng.standard_normal((6, 2))
    assert shifted.size == 4
    np.testing.assert_allclose(shifted.matrix(X), plain.matrix(X), atol=1e-14)
    np.testing.assert_allclose(shifted.apply(X, heads), plain.apply(X, heads), atol=1e-14)
    np.testing.assert_allclose(shifted.adjoint(X, weights), plain.adjoint(X, weights), atol=1e-14)
    np.testing.assert_allclose(shifted.kernel(X), plain.kernel(X), atol=1e-13)


def test_a_neuron_at_its_kink_is_active():
    features = TangentFeatures(np.array([[1.0, 1.0]]), np.array([-1.0]), include_head=True)
    at, below = np.array([[0.25, 0.75]]), np.array([[0.25, 0.5]])
    assert features.matrix(at).tolist() == [[0.25, 0.75, 0.0]]
    assert features.matrix(below).tolist() == [[0.0, 0.0, 0.0]]
    assert features.kernel(at).tolist() == [[0.625]]
    assert features.apply(at, np.array([[1.0], [2.0], [5.0]])).tolist() == [[1.75]]
