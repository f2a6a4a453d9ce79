"""Feature maps Φ: R^d -> R^P, as operators, so that methods with many features need not form the n x P matrix."""

from typing import Protocol

import numpy as np

from steinlab.numerics.networks.network import Network
from steinlab.numerics.types import Array

__all__ = ["FeatureMap", "HiddenFeatures", "TangentFeatures"]


class FeatureMap(Protocol):
    """What the head needs to know about features: their matrix on a block, and products with it."""

    @property
    def size(self) -> int:
        """P, the number of features."""
        ...

    @property
    def weights(self) -> Array:
        """W, whose neurons the features are made of: shape (m, d)."""
        ...

    def matrix(self, X: Array) -> Array:
        """Φ(X): shape (n, P)."""
        ...

    def apply(self, X: Array, heads: Array) -> Array:
        """Φ(X) A for heads A of shape (P, k): shape (n, k)."""
        ...

    def adjoint(self, X: Array, weights: Array) -> Array:
        """Φ(X)ᵀ C for C of shape (n, k): shape (P, k)."""
        ...

    def kernel(self, X: Array) -> Array:
        """Φ(X) Φ(X)ᵀ: shape (n, n)."""
        ...


class HiddenFeatures:
    """σ(Wx + b): the hidden layer of a two-layer network, whatever its activation."""

    def __init__(self, network: Network) -> None:
        self.network, self.weights = network, network.weights
        self.size = network.width

    def matrix(self, X: Array) -> Array:
        return self.network.hidden(X)

    def apply(self, X: Array, heads: Array) -> Array:
        return np.asarray(self.matrix(X) @ heads)

    def adjoint(self, X: Array, weights: Array) -> Array:
        return np.asarray(self.matrix(X).T @ weights)

    def kernel(self, X: Array) -> Array:
        features = self.matrix(X)
        return np.asarray(features @ features.T)


class TangentFeatures:
    """The derivative of f(x) = Σ_j a_j σ(w_j·x + b_j) in W, and in a if asked: the features of the linearised network.

    The derivative in w_j is a_j σ'(w_j·x + b_j) x. The sign a_j changes no fit, so it is left out, and the features are
    σ'(w_j·x + b_j) x_c at index c·m + j (c = 0..d-1, j = 0..m-1), then σ(w_j·x + b_j) at index d·m + j if `include_head`.

    Args:
        weights, biases: W and b, shapes (m, d) and (m,), at which the network is linearised.
        include_head: whether the derivatives in a are features too.
    """

    def __init__(self, weights: Array, biases: Array, include_head: bool) -> None:
        self.weights, self.biases, self.include_head = weights, biases, include_head
        m, d = weights.shape
        self.size = m * (d + include_head)

    def _parts(self, X: Array) -> tuple[Array, Array]:
        """Wx + b and σ'(Wx + b): each group of features is the latter times x_0, ..., x_{d-1} or the former."""
        preactivations = X @ self.weights.T
        preactivations += self.biases
        return preactivations, (preactivations >= 0).astype(np.float64)

    def matrix(self, X: Array) -> Array:
        preactivations, active = self._parts(X)
        m, d = self.weights.shape
        values = np.empty((len(X), self.size))
        for c in range(d):
            np.multiply(active, X[:, c, None], out=values[:, c * m : (c + 1) * m])
        if self.include_head:
            np.multiply(active, preactivations, out=values[:, d * m :])
        return values

    def apply(self, X: Array, heads: Array) -> Array:
        preactivations, active = self._parts(X)
        m, d = self.weights.shape
        count = heads.shape[1]
        if count == 1:  # Σ_j σ'(w_j·x + b_j) θ_j·x, with Θ as one more weight matrix: no feature is formed
            slopes = X @ heads[: d * m, 0].reshape(d, m)
            if self.include_head:
                slopes += preactivations * heads[d * m :, 0]
            return np.asarray(np.einsum("ij,ij->i", active, slopes)[:, None])
        values = np.zeros((len(X), count))
        for c in range(d):
            values += (active * X[:, c, None]) @ heads[c * m : (c + 1) * m]
        if self.include_head:
            values += (active * preactivations) @ heads[d * m :]
        return values

    def adjoint(self, X: Array, weights: Array) -> Array:
        preactivations, active = self._parts(X)
        m, d = self.weights.shape
        heads = np.empty((self.size, weights.shape[1]))
        for c in range(d):
            heads[c * m : (c + 1) * m] = active.T @ (X[:, c, None] * weights)
        if self.include_head:
            heads[d * m :] = (active * preactivations).T @ weights
        return heads

    def kernel(self, X: Array) -> Array:
        preactivations, active = self._parts(X)
        values = active @ active.T
        values *= X @ X.T
        if self.include_head:
            positive = active * preactivations
            values += positive @ positive.T
        return np.asarray(values)
