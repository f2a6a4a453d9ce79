"""What the methods with a ridge head share: fitting it on features, with λ chosen on a holdout."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg.blas import dsyrk

from steinlab.numerics.checked import check_flag, check_integer, check_number
from steinlab.numerics.limits import one_blas_thread, require_memory, require_work
from steinlab.numerics.methods.arrays import check_inputs, check_labels, column_names
from steinlab.numerics.methods.regressor import Regressor
from steinlab.numerics.methods.ridge_head import RidgePath
from steinlab.numerics.networks.features import FeatureMap
from steinlab.numerics.samples.blocks import ArrayBlocks, Blocks, Residual
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = ["FeatureRegressor"]


# Features formed at once: 8 MiB, such as 1024 rows of 1024 features.
BLOCK_ENTRIES = 2**20


@dataclass(kw_only=True, eq=False, repr=False)
class FeatureRegressor(Regressor):
    """Least squares with weight decay on features Φ(x) of R^P that a subclass fixes or learns.

    The prediction is α + β·x + a·Φ(x); a minimises (1/n) Σ (a·Φ(x_i) - ỹ_i)² + (λ/2)‖a‖², ỹ = y - α - β·x, with
    α = mean(y), β = mean(y x) where `center` is on and zero where it is off. The loss has no factor 1/2. λ is `ridge`, or the
    member of a geometric grid with the least squared error on the validation samples (the largest one at a tie). The
    P x P problem is solved, or the n x n one, whichever is smaller.

    Subclasses implement `_learn` (which features) and `_feature_count`.
    """

    center: bool = False
    ridge: float | None = None
    ridge_smallest: float = 1e-9
    ridge_largest: float = 1e3
    ridge_count: int = 25
    validation_fraction: float = 0.2
    random_state: int = 0

    # What a subclass supplies.

    @abstractmethod
    def _learn(self, blocks: Blocks) -> FeatureMap:
        """Features, learned from `blocks` (whose labels are ỹ) or drawn at random."""

    @abstractmethod
    def _feature_count(self, d: int) -> int:
        """P for inputs of dimension d, known before any work."""

    @abstractmethod
    def _hidden_width(self) -> int:
        """m, the number of neurons: what a block of 1 row costs in memory is a few multiples of it."""

    def _check_settings(self) -> None:
        """Raise InputError for a setting that is out of range."""
        check_flag("center", self.center)
        if self.ridge is not None:
            check_number("ridge", self.ridge, strict=False)
        smallest = check_number("ridge_smallest", self.ridge_smallest)
        check_number("ridge_largest", self.ridge_largest, least=smallest, strict=False)
        check_integer("ridge_count", self.ridge_count, least=1)
        fraction = check_number("validation_fraction", self.validation_fraction)
        if fraction >= 1:
            raise InputError(f"validation_fraction = {fraction:g} leaves nothing to train on; give one below 1")
        generator(self.random_state)

    def _split(self, blocks: Blocks) -> tuple[Blocks, Blocks]:
        """The samples that the features are learned from, and those that the head is fitted to."""
        return blocks, blocks

    def _solve(self, path: RidgePath, ridges: Array, samples: int) -> Array:
        """Heads (or dual weights) for every λ, one a column."""
        return path.solve(ridges)

    def _needs_primal(self) -> bool:
        return False

    # Fitting.

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit to arrays X of shape (n, d) and y of shape (n,).

        Where `ridge` is None, round(`validation_fraction`·n) rows drawn at random choose λ and take no other part.

        Raises:
            InputError: a setting or an array is not acceptable (a ValueError).
        """
        self._check_settings()
        names = column_names(X)
        inputs = check_inputs(X)
        labels = check_labels(y, len(inputs))
        validation = None
        if self.ridge is None:
            n = len(inputs)
            if n < 2:
                raise InputError(
                    f"n_samples={n}: one sample cannot both train and choose the ridge; give at least 2, or set ridge"
                )
            held_out = min(max(round(self.validation_fraction * n), 1), n - 1)
            order = generator(self.random_state, "validation rows").permutation(n)
            validation = ArrayBlocks(inputs[order[:held_out]], labels[order[:held_out]])
            inputs, labels = inputs[order[held_out:]], labels[order[held_out:]]
        self.fit_blocks(ArrayBlocks(inputs, labels), validation)
        if names is not None:
            self.feature_names_in_ = names
        return self

    def fit_blocks(self, blocks: Blocks, validation: Blocks | None = None) -> Self:
        """Fit to samples fed in blocks, read a few times over; memory does not grow with n beyond min(n, P)².

        Args:
            blocks: training samples.
            validation: samples that choose λ; needed where `ridge` is None, ignored otherwise.

        Raises:
            InputError: a setting or a block is not acceptable, or the sizes need more memory or work than is allowed.
        """
        self._check_settings()
        if self.ridge is None and validation is None:
            raise InputError("ridge is None and there are no validation samples to choose it on; pass one or the other")
        self._check_size(blocks, validation)
        self._forget()
        # Overflow is not warned of on the way: it is refused where it arrives, in the weights, the head or the risks.
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            blocks = _Checked(blocks, blocks.d)
            first, second = self._split(blocks)
            self.alpha_, self.beta_ = _mean_and_correlation(first, self.center)
            self.features_ = self._learn(self._residual(first))
            held_out = None if validation is None else self._residual(_Checked(validation, blocks.d))
            self._fit_head(self._residual(second), held_out)
        self.n_features_in_ = blocks.d
        self.n_samples_ = blocks.n
        return self

    def _residual(self, blocks: Blocks) -> Blocks:
        return Residual(blocks, self.alpha_, self.beta_) if self.center else blocks

    def _check_size(self, blocks: Blocks, validation: Blocks | None) -> None:
        n, d, m = blocks.n, blocks.d, self._hidden_width()
        size, grid = self._feature_count(d), 1 if self.ridge is not None else self.ridge_count
        dual = n < size and not self._needs_primal()
        order = n if dual else size
        # The matrix, its eigenvectors and LAPACK's 2·order² of workspace; heads on the grid; weights and gradient; blocks.
        entries = 4 * order**2 + 2 * grid * size + 4 * m * d + 2048 * (3 * d + 4 * m) + 2 * BLOCK_ENTRIES
        entries += n * (d + 3 * m) if dual else 64 * size
        what = f"{type(self).__name__} with n = {n}, d = {d}, {m} neurons ({size} features)"
        require_memory(8 * entries, what, "take fewer neurons, a smaller d, or fewer samples than features")
        passes = 4 * n * m * d + n * size * order + 20 * order**3
        held_out = 0 if validation is None else 2 * validation.n * size * grid
        require_work(passes + held_out, what, "take fewer samples, fewer neurons or a smaller d")

    def _fit_head(self, blocks: Blocks, validation: Blocks | None) -> None:
        n, size = blocks.n, self.features_.size
        dual = n < size and not self._needs_primal()
        if dual:
            X, y = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
            kernel = self.features_.kernel(X)
            kernel /= n
            path = RidgePath(kernel.T, y / n)  # symmetric; its transpose is in Fortran order
        else:
            path = RidgePath(*_gram(self.features_, blocks))
        ridges = self._ridges(path.trace)
        solutions = self._solve(path, ridges, n)
        heads = self.features_.adjoint(X, solutions) if dual else solutions
        chosen, finite = 0, True
        if self.ridge is None and validation is not None:
            self.validation_risks_ = _risks(self.features_, heads, validation)
            chosen = _last_minimum(self.validation_risks_)
            finite = bool(np.isfinite(self.validation_risks_[chosen]))
        if not (finite and np.isfinite(heads[:, chosen]).all()):
            raise InputError("the features or labels overflow; rescale the data")
        self.ridges_ = ridges
        self.ridge_ = float(ridges[chosen])
        self.head_ = np.ascontiguousarray(heads[:, chosen])

    def _ridges(self, trace: float) -> Array:
        """The grid of λ: multiples of the mean squared norm of Φ(x), so that it follows the scale of the data."""
        if self.ridge is not None:
            return np.array([float(self.ridge)])
        return np.geomspace(self.ridge_smallest, self.ridge_largest, self.ridge_count) * trace

    def fit_cost(self, n: int, d: int) -> float:
        features = self._feature_count(d)
        solved = min(n, features)
        return n * self.row_cost(d) + float(n) * features * solved + 30.0 * solved**3

    def row_cost(self, d: int) -> float:
        # Drawing a row and passing it through a neuron takes the time of some 300 multiplications in a matrix product.
        return 300.0 * self._feature_count(d) + d * self._hidden_width()

    # Using the fit.

    def predict_block(self, X: Array) -> Array:
        """`predict` without its checks, for blocks that are known to be good."""
        values = self.alpha_ + X @ self.beta_
        for rows in _slices(len(X), self.features_.size):
            values[rows] += self.features_.apply(X[rows], self.head_[:, None])[:, 0]
        return np.asarray(values)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "head_") and hasattr(self, "n_features_in_")


class _Checked:
    """Blocks that are refused when they are not what they say they are."""

    def __init__(self, blocks: Blocks, d: int) -> None:
        self.blocks = blocks
        self.n = check_integer("n", blocks.n, least=1)
        self.d = check_integer("d", blocks.d, least=1)
        if self.d != d:
            raise InputError(f"the validation samples have dimension {self.d}, the training samples {d}")

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        rows = 0
        for X, y in self.blocks:
            if X.ndim != 2 or X.shape[1] != self.d or y.shape != X.shape[:1]:
                raise InputError(f"a block has X of shape {X.shape} and y of {y.shape}; expected (k, {self.d}) and (k,)")
            if not (np.isfinite(X).all() and np.isfinite(y).all()):
                raise InputError(f"a block contains NaN or infinity (rows {rows} to {rows + len(y) - 1})")
            rows += len(y)
            yield X, y
        if rows != self.n:
            raise InputError(f"the blocks hold {rows} rows in place of the n = {self.n} that they announce")


def _slices(rows: int, features: int) -> Iterator[slice]:
    step = max(64, BLOCK_ENTRIES // features)
    return (slice(start, start + step) for start in range(0, rows, step))


def _mean_and_correlation(blocks: Blocks, center: bool) -> tuple[float, Array]:
    """α = mean(y), β = mean(y x); zeros where they are not to be taken out."""
    alpha, beta = 0.0, np.zeros(blocks.d)
    for X, y in blocks if center else ():
        alpha += float(y.sum())
        beta += y @ X
    return alpha / blocks.n, beta / blocks.n


def _gram(features: FeatureMap, blocks: Blocks) -> tuple[Array, Array]:
    """G = ΦᵀΦ/n (its lower triangle, in Fortran order) and Φᵀy/n."""
    gram = np.zeros((features.size, features.size), order="F")
    moment = np.zeros(features.size)
    for X, y in blocks:
        for rows in _slices(len(y), features.size):
            values = features.matrix(X[rows])
            # Adds ΦᵀΦ in place: half the work of a general product, and no second P x P array.
            gram = dsyrk(1.0, values.T, beta=1.0, c=gram, lower=1, overwrite_c=1)
            moment += y[rows] @ values
    gram /= blocks.n
    return gram, moment / blocks.n


def _risks(features: FeatureMap, heads: Array, blocks: Blocks) -> Array:
    """Mean squared error of each column of heads."""
    total = np.zeros(heads.shape[1])
    for X, y in blocks:
        for rows in _slices(len(y), features.size):
            errors = features.apply(X[rows], heads)
            errors -= y[rows, None]
            total += np.einsum("ij,ij->j", errors, errors)
    return total / blocks.n


def _last_minimum(values: Array) -> int:
    return len(values) - 1 - int(np.argmin(values[::-1]))
