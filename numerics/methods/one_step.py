"""Algorithm 1 of Damian, Lee and Soltanolkotabi (2022): features from one gradient step, then a head on top."""

import math
from dataclasses import dataclass

import numpy as np

from steinlab.numerics.checked import check_choice, check_flag, check_integer, check_number
from steinlab.numerics.methods.estimator import FeatureRegressor
from steinlab.numerics.methods.ridge_head import RidgePath
from steinlab.numerics.networks.features import FeatureMap, HiddenFeatures
from steinlab.numerics.networks.network import (
    Network,
    first_layer_gradient,
    small_initialisation,
    symmetric_initialisation,
)
from steinlab.numerics.samples.blocks import Blocks, RowRange
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = ["OneStepNetwork"]


@dataclass(kw_only=True, eq=False, repr=False)
class OneStepNetwork(FeatureRegressor):
    """A two-layer ReLU network trained by Algorithm 1 of Damian et al. (2022).

    With L = (1/n) Σ (f(x_i) - y_i)², no factor 1/2, and f(x) = Σ_j a_j σ(w_j·x + b_j):

    1. α = mean(y), β = mean(y x); y ← y - α - β·x (`center`);
    2. W ← W - η_1 (∇_W L + λ_1 W), one full-batch step from the initialisation;
    3. b_j ~ N(0, 1), redrawn (`biases`);
    4. the head: T steps a ← a - η (∇_a L + λ a) from the a of the initialisation, or their limit, the minimiser of
       L + (λ/2)‖a‖² (`head`), both in closed form;
    5. x ↦ α + β·x + f(x).

    The paper's theory is for x ~ N(0, I_d): standardise other inputs. The defaults are the algorithm as printed, with
    η_1 = √d and the limit of step 4.

    Args:
        width: m, even.
        center: line 1.
        step_size: η_1; None is √d (the theory's Θ̃(√d)), or 1 with the normalised step.
        first_weight_decay: λ_1; None is 1/η_1, at which the initial weights cancel.
        step_rule: "paper", or "normalised": the gradient divided by the root mean square over neurons of ‖∇_{w_j} L‖,
            as in the authors' code.
        initialisation: "symmetric" (pairs of neurons cancel, so f = 0) or "small" (independent neurons of weight scale
            `small_scale`, whose output enters the residual of line 2).
        small_scale: √d times the standard deviation of the weights of the small initialisation.
        biases: "redrawn", or "kept": b_j ~ N(0, 1) drawn before the step, which then sees them, and kept, as in the
            authors' code (shared within pairs; times `small_scale` in the small initialisation).
        fresh_head_data: learn the features from the first half of the samples and the head from the second.
        head: "ridge" or "gradient-descent".
        head_steps: T; None is ⌈log(n m d)/(η λ)⌉ (Theorem 1's Θ̃(1/(ηλ))).
        head_step_size: η; None is 1/(2 s_max + λ), s_max the largest eigenvalue of the features' second moments.
        ridge: λ; None chooses it on held-out samples.
        ridge_smallest, ridge_largest, ridge_count: the geometric grid of λ, in multiples of the mean squared norm of
            the feature vector.
        validation_fraction: share of the rows that `fit` holds out where `ridge` is None.
        random_state: the seed, an integer.

    Attributes:
        initial_: the network before the step.
        weights_, biases_: the hidden layer after it, shapes (m, d) and (m,).
        alpha_, beta_, head_, ridge_, ridges_, validation_risks_, features_, n_features_in_, n_samples_: what was fitted.

    Guarantee: numerical; a function of the data and the settings, to the bit.
    Source: Damian, Lee, Soltanolkotabi (2022), Algorithm 1.

    Example:
        >>> import numpy as np
        >>> X = np.random.default_rng(0).standard_normal((2000, 20))
        >>> network = OneStepNetwork(width=100).fit(X, X[:, 0] ** 2)
        >>> network.score(X, X[:, 0] ** 2) > 0.9
        True
    """

    width: int = 100
    center: bool = True
    step_size: float | None = None
    first_weight_decay: float | None = None
    step_rule: str = "paper"
    initialisation: str = "symmetric"
    small_scale: float = 0.01
    biases: str = "redrawn"
    fresh_head_data: bool = False
    head: str = "ridge"
    head_steps: int | None = None
    head_step_size: float | None = None

    def _check_settings(self) -> None:
        super()._check_settings()
        if check_integer("width", self.width, least=2) % 2:
            raise InputError(f"width = {self.width} is odd; neurons come in pairs, give an even number")
        check_choice("step_rule", self.step_rule, ("paper", "normalised"))
        check_choice("initialisation", self.initialisation, ("symmetric", "small"))
        check_number("small_scale", self.small_scale)
        check_choice("biases", self.biases, ("redrawn", "kept"))
        check_flag("fresh_head_data", self.fresh_head_data)
        check_choice("head", self.head, ("ridge", "gradient-descent"))
        if self.step_size is not None:
            check_number("step_size", self.step_size)
        if self.first_weight_decay is not None:
            check_number("first_weight_decay", self.first_weight_decay, strict=False)
        if self.head_step_size is not None:
            check_number("head_step_size", self.head_step_size)
        if self.head_steps is not None:
            check_integer("head_steps", self.head_steps, least=0)
        elif self.head == "gradient-descent" and self.ridge == 0:
            raise InputError("head_steps has no default at ridge = 0, where 1/(ηλ) is infinite; give head_steps")

    def _feature_count(self, d: int) -> int:
        return self.width

    def _hidden_width(self) -> int:
        return self.width

    def _needs_primal(self) -> bool:
        # Gradient descent starts at a head that is not in the span of the samples' features.
        return self.head == "gradient-descent"

    def _split(self, blocks: Blocks) -> tuple[Blocks, Blocks]:
        if not self.fresh_head_data:
            return blocks, blocks
        if blocks.n < 2:
            raise InputError(f"n_samples={blocks.n}: fresh data for the head needs at least 2 samples to split")
        return RowRange(blocks, 0, blocks.n // 2), RowRange(blocks, blocks.n // 2, blocks.n)

    def _learn(self, blocks: Blocks) -> FeatureMap:
        d = blocks.d
        rng = generator(self.random_state, "one-step", "initialisation")
        kept = self.biases == "kept"
        if self.initialisation == "symmetric":
            initial = symmetric_initialisation(self.width, d, rng, random_biases=kept)
        else:
            initial = small_initialisation(self.width, d, self.small_scale, rng, random_biases=kept)

        gradient = first_layer_gradient(initial, blocks)
        if self.step_rule == "normalised":
            size = math.sqrt(np.einsum("ij,ij->", gradient, gradient) / self.width)
            gradient /= size if size > 0 else 1.0
            step = 1.0 if self.step_size is None else float(self.step_size)
        else:
            step = math.sqrt(d) if self.step_size is None else float(self.step_size)
        if self.first_weight_decay is None:  # 1 - η_1 λ_1 is zero exactly, not to rounding
            self.weights_ = -step * gradient
        else:
            self.weights_ = (1 - step * float(self.first_weight_decay)) * initial.weights - step * gradient
        if not np.isfinite(self.weights_).all():
            raise InputError(f"step_size = {step:g} makes the weights overflow; lower it or rescale the labels")

        rng = generator(self.random_state, "one-step", "redrawn biases")
        self.biases_ = initial.biases if kept else rng.standard_normal(self.width)
        self.initial_ = initial
        self.resolved_ = {
            "step_size": step,
            "first_weight_decay": 1 / step if self.first_weight_decay is None else float(self.first_weight_decay),
        }
        return HiddenFeatures(Network(self.weights_, self.biases_, initial.head))

    def _solve(self, path: RidgePath, ridges: Array, samples: int) -> Array:
        if self.head == "ridge":
            return path.solve(ridges)
        scale = math.log(max(samples * self.width * len(self.beta_), 3))
        heads = []
        for ridge in ridges.tolist():
            step = path.largest_step(ridge) if self.head_step_size is None else float(self.head_step_size)
            steps = self.head_steps
            if steps is None:
                steps = math.ceil(scale / (step * ridge)) if ridge > 0 else 0
            heads.append(path.gradient_descent(ridge, step, steps, start=self.initial_.head))
        return np.stack(heads, axis=1)
