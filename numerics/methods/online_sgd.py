"""Online SGD on the first layer, as an estimator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.limits import one_blas_thread, require_memory, require_work
from steinlab.numerics.methods.regressor import Regressor
from steinlab.numerics.networks.features import HiddenFeatures
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.blocks import BLOCK, DIVERGENCE_BOUND, FirstLayers, dtype_of, is_bounded, sample_blocks
from steinlab.numerics.online.recipes import Recipe, recipe_for
from steinlab.numerics.online.record import checked_steps
from steinlab.numerics.online.schedules import ConstantSteps, DecayingSteps
from steinlab.numerics.samples.blocks import Blocks
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

__all__ = ["OnlineSGD"]


@dataclass(kw_only=True, eq=False, repr=False)
class OnlineSGD(Regressor):
    """A student ŷ(x) = aᵀσ(Wx + b) whose first layer sees each row once, in order: online SGD with weight decay.

    W ← (1 - η_t λ)W - η_t ∇_W ℓ(ŷ(x_t), y_t); a and b stay as they were drawn. The theory is for rows x ~ N(0, I_d), which are n
    steps; with a of size 1/m, predictions stay of the size of σ(Wx + b), so the features, not the fit, are what is learned.

    Args:
        width: m.
        activation, shift, loss, delta, biases, bias_scale: see `Student`. The logistic loss takes labels ±1.
        weight_decay, gamma, gamma_0, schedule, step_size, t_star, unguaranteed: see `recipe_for`. E|y| is that of the samples.
        precision: "double" or "single".
        random_state: any integer; the first W, a and b.

    Attributes, after fit: ``weights_`` (m x d), ``biases_``, ``head_`` (m), ``features_``, ``recipe_`` (λ, η_t and, in
    ``recipe_.warnings``, the guarantees that they lose).

    Raises:
        InputError: from fit: a setting or the samples are not acceptable, or the run diverges.

    Guarantee: numerical. Source: Mousavi-Hosseini et al. (2023).

    Example:
        >>> rng = np.random.default_rng(0)
        >>> X = rng.standard_normal((4000, 5))
        >>> fitted = OnlineSGD(width=20).fit(X, np.tanh(X[:, 0]))
        >>> bool(np.linalg.norm(fitted.weights_[:, 1:]) < 0.2 * np.linalg.norm(fitted.weights_))
        True
    """

    # One pass over a few hundred rows teaches a network with a frozen head of size 1/m next to nothing.
    _poor_score = True

    width: int = 100
    activation: str = "relu"
    shift: float = 0.0
    loss: str = "huber"
    delta: float = 1.0
    biases: str = "signs"
    bias_scale: float = 1.0
    weight_decay: float | None = None
    gamma: float | None = None
    gamma_0: float | None = None
    schedule: str = "decaying"
    step_size: float | None = None
    t_star: int | None = None
    unguaranteed: bool = False
    precision: str = "double"
    random_state: int = 0

    def fit_blocks(self, blocks: Blocks, snapshots: Sequence[int] = ()) -> Self:
        """One pass over the samples, each a step. Blocks of a multiple of 64 rows give the same bits whatever their size.

        Args:
            blocks: the samples.
            snapshots: the steps after which W is kept, in ``snapshots_``, by step; 0 for the W that is drawn.

        Raises:
            InputError: a setting or a label is not acceptable, the run diverges, or it needs more memory or work than is allowed.
        """
        student = self.student()
        m, n, d = check_integer("width", self.width, least=1), blocks.n, blocks.d
        dtype, kept = dtype_of(self.precision), checked_steps("snapshots", snapshots, n)
        size = sum(float(np.abs(y).sum()) for _, y in blocks) / n if student.loss_functions.is_squared else 0.0
        names = ("weight_decay", "gamma", "gamma_0", "schedule", "step_size", "t_star", "unguaranteed")
        options = {name: getattr(self, name) for name in names}
        recipe = recipe_for(student, T=n, d=d, m=m, label_size=size, **options)
        what = f"{type(self).__name__} with n = {n}, d = {d}, {m} neurons"
        require_memory(8 * m * (3 * d + 2 * BLOCK), what, "take fewer neurons or a smaller d")
        require_work(4.0 * n * m * (d + BLOCK), what, "take fewer samples, fewer neurons or a smaller d")
        self._forget()
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            self._train(blocks, student, recipe, dtype, kept)
        self.recipe_, self.n_features_in_, self.n_samples_ = recipe, d, n
        self.resolved_ = self._settle(recipe)
        return self

    def _settle(self, recipe: Recipe) -> dict[str, Any]:
        """The settings that a rule chose."""
        steps = recipe.steps
        chosen: dict[str, Any] = {"step_size": steps.size} if isinstance(steps, ConstantSteps) else {"t_star": steps.t_star}
        if isinstance(steps, DecayingSteps):
            chosen["gamma"] = self.width / steps.scale
        return chosen | {"weight_decay": recipe.weight_decay, "gamma_0": recipe.gamma_0}

    def student(self) -> Student:
        """What kind of network is trained on what loss, by the settings."""
        return Student(self.activation, self.shift, self.loss, self.delta, self.biases, self.bias_scale)

    def fit_cost(self, n: int, d: int) -> float:
        # A step costs some 10^5 multiplications whatever its size: it is the latency of a dozen calls.
        return self._steps(n) * (4.0 * self.width * (d + BLOCK) + 1e5)

    def row_cost(self, d: int) -> float:
        return self.width * (d + 300.0)

    def _steps(self, n: int) -> int:
        """How many steps a fit to n samples takes."""
        return n

    def unfit_for(self, target: Target) -> tuple[str, ...]:
        """What the algorithm is not meant for, a sentence each."""
        return ()

    def _train(self, blocks: Blocks, student: Student, recipe: Recipe, dtype: np.dtype[Any], snapshots: tuple[int, ...]) -> None:
        drawn, sigma = student.draw(self.width, blocks.d, self.random_state), student.activation_functions
        layers = FirstLayers(drawn.weights[None], drawn.biases[None], drawn.head[None], sigma, student.loss_functions, dtype)
        self.snapshots_ = {0: drawn.weights} if 0 in snapshots else {}
        for start, X, y in sample_blocks([blocks], dtype):
            if student.loss_functions.takes_signs and not np.isin(y, (-1, 1)).all():
                raise InputError(f"the logistic loss takes labels -1 and 1; rows {start} to {start + y.shape[1] - 1} have others")
            sizes = recipe.steps.sizes(start, start + y.shape[1])[None]
            layers.advance(X, y, sizes, 1 - sizes * recipe.weight_decay)
            if not is_bounded(layers.weights[0], self.width, DIVERGENCE_BOUND):
                raise InputError(
                    f"the run diverged at step {start + y.shape[1]} or shortly before: lower the step size (a larger t_star), "
                    "raise gamma, or rescale the labels"
                )
            for t in (t for t in snapshots if start < t <= start + y.shape[1]):
                self.snapshots_[t] = layers.after(t - start, 0).astype(np.float64)
        self.weights_ = np.array(layers.weights[0], dtype=np.float64)
        self._finish(student, drawn.biases, drawn.head)

    def _finish(self, student: Student, biases: Array, head: Array) -> None:
        self.biases_, self.head_ = biases, head
        self.alpha_, self.beta_ = 0.0, np.zeros(self.weights_.shape[1])
        self.features_ = HiddenFeatures(student.network(self.weights_, biases, head))

    def predict_block(self, X: Array) -> Array:
        """`predict` without its checks, for blocks that are known to be good."""
        values, rows = np.empty(len(X)), max(64, 2**20 // self.width)
        for start in range(0, len(X), rows):
            part = slice(start, start + rows)
            values[part] = self.features_.apply(X[part], self.head_[:, None])[:, 0]
        return values
