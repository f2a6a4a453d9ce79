"""A transferred head: the frozen layer under a new head, and the conventions of estimators."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from steinlab.numerics.methods.one_step import OneStepNetwork
from steinlab.numerics.methods.random_features import RandomFeatures
from steinlab.numerics.methods.transfer import TransferredHead


def _data(n=60, d=3):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((n, d))
    return X, X[:, 0] ** 2 + 0.1 * rng.standard_normal(n)


def test_conventions_of_a_transferred_head():
    X, y = _data(200)
    unfitted = TransferredHead(OneStepNetwork(width=8))
    with pytest.raises(NotFittedError):
        unfitted.fit(X, y)
    network = OneStepNetwork(width=8).fit(X, y)
    head = TransferredHead(network, ridge=0.1)
    with pytest.raises(NotFittedError):
        head.predict(X)
    assert head.fit(X, y) is head
    assert head.n_features_in_ == 3
    assert head.get_params()["network"] is network
    assert clone(head, safe=False).get_params()["ridge"] == 0.1
    assert head.set_params(ridge=0.2).ridge == 0.2
    with pytest.raises(ValueError, match="no setting 'colour'"):
        head.set_params(colour=1)
    with pytest.raises(ValueError, match="dimension 2"):
        head.fit(X[:, :2], y)
    with pytest.raises(ValueError, match="give a fitted OneStepNetwork"):
        TransferredHead(RandomFeatures()).fit(X, y)


def samples(n=80, d=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, X[:, 0] ** 2 - 1 + X[:, 1] + 0.3 * rng.standard_normal(n)


def test_a_transferred_head_uses_the_frozen_layer():
    X, y = samples()
    network = OneStepNetwork(width=10).fit(X, y)
    head = TransferredHead(network, ridge=0.1).fit(X, X[:, 0] ** 3)
    matrix = np.maximum(X @ network.weights_.T + network.biases_, 0)
    expected = np.linalg.solve(2 / 80 * matrix.T @ matrix + 0.1 * np.eye(10), 2 / 80 * matrix.T @ X[:, 0] ** 3)
    assert np.allclose(head.predict(X), matrix @ expected)
    before = head.predict(X)
    network.fit(X, -y)
    assert np.array_equal(head.predict(X), before)


def test_the_new_head_is_centred_only_when_asked():
    X, y = samples()
    network = OneStepNetwork(width=10).fit(X, y)
    head = TransferredHead(network, ridge=0.1).fit(X, y)
    assert (head.alpha_, head.beta_.tolist()) == (0.0, [0.0] * 3)
    assert TransferredHead(network, ridge=0.1, center=True).fit(X, y).alpha_ == pytest.approx(y.mean())
    assert head.row_cost(3) == 300 * 10 + 3 * 10
