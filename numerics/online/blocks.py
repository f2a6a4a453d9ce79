"""SGD one sample at a time, computed a block of samples at a time: the iterates of the plain loop at a fraction of its cost."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from steinlab.numerics.checked import check_choice
from steinlab.numerics.networks.activations import ActivationFunctions, activation_functions
from steinlab.numerics.networks.losses import LossFunctions
from steinlab.numerics.samples.blocks import Blocks
from steinlab.numerics.types import AnyArray

__all__ = [
    "BLOCK",
    "DIVERGENCE_BOUND",
    "FirstLayers",
    "Heads",
    "decay_products",
    "dtype_of",
    "is_bounded",
    "sample_blocks",
]

# Samples of a block, for which W is read and written once, and of a part of it, whose rank-one updates stay in a core's
# cache. Part of what a result means: other sizes round differently.
BLOCK = 64
PART = 16

DIVERGENCE_BOUND = 1e6
"""‖W‖_F/√m (1 at initialisation) beyond which a run is said to diverge."""

RELU = activation_functions("relu")


class FirstLayers:
    """First layers W of R independent networks, advanced together by SGD with weight decay; a and b are frozen.

    Step t of run r, with its own sample (x_t, y_t), size η_t and factor κ_t = 1 - η_t λ:
    W ← κ_t W - η_t ℓ'(ŷ_t, y_t) (a∘σ'(h_t)) x_tᵀ, where h_t = W x_t + b and ŷ_t = a·σ(h_t).

    Within a block, W_t = C_t W_0 + Σ_{s<t} c_s D_ts u_s x_sᵀ with u_s = a∘σ'(h_s), c_s = -η_s ℓ'(ŷ_s, y_s) and products of
    factors C_t = Π_{q<t} κ_q, D_ts = Π_{s<q<t} κ_q. So h_t = b + C_t W_0 x_t + Σ_{s<t} (c_s D_ts x_s·x_t) u_s needs W_0 Xᵀ
    and the Gram matrix of the samples, two products for the whole block, and the u_s of earlier steps; W_0 is replaced once,
    at the end of the block. Nothing is divided by C_t, so factors of any size and sign, zero too, are safe.

    Runs never meet in a product or a sum: each has the bits that it has alone.

    Args:
        weights, biases, head: shapes (R, m, d), (R, m), (R, m).
        activation, loss: the functions σ, σ', ... and ℓ, ℓ', ....
        dtype: float64, or float32 for about half the time.

    Guarantee: numerical; the iterates of the plain loop up to rounding.
    """

    def __init__(
        self,
        weights: AnyArray,
        biases: AnyArray,
        head: AnyArray,
        activation: ActivationFunctions,
        loss: LossFunctions,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.dtype = np.dtype(dtype)
        self._weights = np.array(weights.transpose(0, 2, 1), self.dtype, order="C")  # a copy: it is overwritten
        self._start = np.empty_like(self._weights)
        self.biases, self.head = biases.astype(self.dtype), head.astype(self.dtype)
        self._activation, self._loss = activation, loss
        runs, m = self.head.shape
        self._preactivations = np.empty((runs, BLOCK, m), self.dtype)
        self._updates = np.empty((runs, BLOCK, m), self.dtype)
        self._hidden = np.empty((runs, 1, m), self.dtype)

    def advance(self, X: AnyArray, y: AnyArray, sizes: AnyArray, factors: AnyArray) -> AnyArray:
        """B <= BLOCK steps of every run.

        Args:
            X, y: the samples, shapes (R, B, d) and (R, B).
            sizes, factors: η_t and 1 - η_t λ, shape (R, B), or (1, B) where all runs have the same.

        Returns:
            The predictions ŷ_t before each step, shape (R, B), float64.
        """
        X, y = np.asarray(X, self.dtype), np.asarray(y, self.dtype)
        rows = X.shape[1]
        shrinks, products = (part.astype(self.dtype) for part in decay_products(factors))
        gram = np.matmul(X, X.transpose(0, 2, 1))
        gram *= products[:, :rows]
        preactivations, updates = self._preactivations[:, :rows], self._updates[:, :rows]
        np.matmul(X, self._weights, out=preactivations)
        preactivations *= shrinks[:, :rows, None]
        preactivations += self.biases[:, None]

        coefficients, predictions = np.zeros(y.shape, self.dtype), np.empty(y.shape, self.dtype)
        negative_sizes = np.broadcast_to(-sizes, y.shape).astype(self.dtype)
        for first in range(0, rows, PART):
            part = slice(first, min(first + PART, rows))
            if first:
                earlier = gram[:, part, :first] * coefficients[:, None, :first]
                preactivations[:, part] += np.matmul(earlier, updates[:, :first])
            for t in range(first, part.stop):
                earlier = gram[:, t, None, first:t] * coefficients[:, None, first:t]
                hidden = np.matmul(earlier, updates[:, first:t], out=self._hidden)[:, 0]  # zero for t = first
                hidden += preactivations[:, t]
                prediction = self._outputs(hidden, updates[:, t])
                predictions[:, t] = prediction
                coefficients[:, t] = negative_sizes[:, t] * self._loss.slope(prediction, y[:, t])

        self._block = (X, coefficients, shrinks, products)
        self._start, self._weights = self._weights, self._start
        self._form(rows, range(len(y)), self._weights)
        return np.asarray(predictions, np.float64)

    def _outputs(self, hidden: AnyArray, update: AnyArray) -> AnyArray:
        """ŷ of each run at pre-activations (R, m); writes a∘σ'(hidden) to `update`."""
        if self._activation is RELU:  # a·σ(h) = (a∘σ'(h))·h
            np.multiply(self.head, hidden >= 0, out=update)
            left, right = update, hidden
        else:
            np.multiply(self.head, self._activation.slope(hidden), out=update)
            left, right = self.head, self._activation.value(hidden)
        # One dot product for each run, so that its bits do not depend on the other runs.
        return np.asarray(np.matmul(left[:, None, :], right[:, :, None])[:, 0, 0])

    def _form(self, steps: int, runs: Iterable[int], out: AnyArray) -> None:
        """Wᵀ after the first `steps` steps of the last block, of each of `runs`, into out[0], out[1], ..."""
        X, coefficients, shrinks, products = self._block
        weights = coefficients[:, :steps] * products[:, steps, :steps]
        scratch = np.empty_like(self._start[0])
        for result, r in zip(out, runs, strict=True):
            np.matmul((weights[r, :, None] * X[r, :steps]).T, self._updates[r, :steps], out=result)
            np.multiply(self._start[r], shrinks[min(r, len(shrinks) - 1), steps], out=scratch)
            result += scratch

    def after(self, steps: int, run: int) -> AnyArray:
        """W of one run after the first `steps` steps of the last block: shape (m, d)."""
        out = np.empty_like(self._start[:1])
        self._form(steps, [run], out)
        return np.asarray(out[0].T)

    @property
    def weights(self) -> AnyArray:
        """W, shape (R, m, d): a view that the next block overwrites."""
        return np.asarray(self._weights.transpose(0, 2, 1))

    def keep(self, runs: NDArray[np.bool_]) -> None:
        """Go on with some of the runs only."""
        self._weights = self._weights[runs]
        self._start = np.empty_like(self._weights)
        self.biases, self.head = self.biases[runs], self.head[runs]
        self._preactivations, self._updates = self._preactivations[runs], self._updates[runs]
        self._hidden = self._hidden[runs]


class Heads:
    """Heads a of R networks with fixed hidden layers, advanced together by SGD with weight decay.

    Step t of run r: a ← κ_t a - η_t ℓ'(a·φ_t, y_t) φ_t with κ_t = 1 - η_t λ and φ_t = σ(W x_t + b). As for `FirstLayers`, the
    predictions of a block need only Φ a_0 and the Gram matrix ΦΦᵀ of its features, and a is replaced once a block.

    Args:
        head: a, shape (R, m).
        loss: ℓ, ℓ', ....

    Guarantee: numerical; the iterates of the plain loop up to rounding, and each run has the bits that it has alone.
    """

    def __init__(self, head: AnyArray, loss: LossFunctions) -> None:
        self.head = head.astype(np.float64)
        self._loss = loss

    def advance(self, features: AnyArray, y: AnyArray, sizes: AnyArray, factors: AnyArray) -> AnyArray:
        """B steps of every run on features (R, B, m) and labels (R, B), with η_t and 1 - η_t λ (R or 1, B): the predictions."""
        rows = y.shape[1]
        shrinks, products = decay_products(factors)
        gram = np.matmul(features, features.transpose(0, 2, 1))
        gram *= products[:, :rows]
        predictions = np.matmul(features, self.head[:, :, None])[:, :, 0]
        predictions *= shrinks[:, :rows]
        coefficients = np.zeros_like(predictions)
        for t in range(rows):
            if t:
                predictions[:, t] += np.matmul(gram[:, t, None, :t], coefficients[:, :t, None])[:, 0, 0]
            coefficients[:, t] = -sizes[:, t] * self._loss.slope(predictions[:, t], y[:, t])
        weighted = coefficients * products[:, rows]
        self.head = shrinks[:, rows, None] * self.head + np.matmul(weighted[:, None, :], features)[:, 0]
        return np.asarray(predictions)


def decay_products(factors: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Products of factors κ (R, B): C_t = Π_{q<t} κ_q, shape (R, B + 1), and D_ts = Π_{s<q<t} κ_q, shape (R, B + 1, B).

    D_ts is zero for s >= t.

    Example:
        >>> shrinks, products = decay_products(np.array([[2.0, 3.0, 5.0]]))
        >>> shrinks[0], products[0, 3]
        (array([ 1.,  2.,  6., 30.]), array([15.,  5.,  1.]))
    """
    runs, rows = factors.shape
    # Column s + 1 of `products` is 1 down to row s + 1 and multiplied by κ_q from row q to row q + 1 below it; column 0 is C.
    products = np.ones((runs, rows + 1, rows + 1))
    below = np.tri(rows, rows + 1, dtype=bool)
    np.copyto(products[:, 1:], factors[:, :, None], where=below)
    np.cumprod(products, axis=1, out=products)
    return products[:, :, 0].copy(), np.tril(products)[:, :, 1:]


def sample_blocks(streams: Sequence[Blocks], dtype: np.dtype[Any]) -> Iterator[tuple[int, NDArray[Any], NDArray[Any]]]:
    """Steps start, start + 1, ... as X (S, B, d) and y (S, B), in blocks that begin at multiples of BLOCK."""
    start = 0
    for parts in zip(*streams, strict=True):
        X, y = (np.stack(part, dtype=dtype, casting="same_kind") for part in zip(*parts, strict=True))
        for row in range(0, y.shape[1], BLOCK):
            yield start + row, X[:, row : row + BLOCK], y[:, row : row + BLOCK]
        start += y.shape[1]


def is_bounded(weights: NDArray[Any], m: int, bound: float) -> bool:
    """Whether ‖W‖_F/√m is at most `bound`, for W (m x d) as `FirstLayers` hands it out."""
    flat = weights.T.reshape(-1)  # a view: the layers hold Wᵀ
    return math.sqrt(float(flat @ flat) / m) <= bound  # false for NaN


def dtype_of(precision: str) -> np.dtype[Any]:
    """float64 of "double", float32 of "single"; InputError for any other word."""
    return np.dtype(np.float32 if check_choice("precision", precision, ("double", "single")) == "single" else np.float64)
