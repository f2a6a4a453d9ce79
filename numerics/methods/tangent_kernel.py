"""The linearised network (finite-width neural tangent kernel), the second baseline of Damian et al. (2022), section 6."""

from dataclasses import dataclass

from steinlab.numerics.checked import check_flag, check_integer, check_number
from steinlab.numerics.methods.estimator import FeatureRegressor
from steinlab.numerics.networks.features import FeatureMap, TangentFeatures
from steinlab.numerics.networks.network import random_layer
from steinlab.numerics.samples.blocks import Blocks
from steinlab.numerics.samples.streams import generator

__all__ = ["TangentKernel"]


@dataclass(kw_only=True, eq=False, repr=False)
class TangentKernel(FeatureRegressor):
    """Ridge regression on the derivatives of f(x) = Σ_j a_j σ(w_j·x + b_j) in W and a at random w_j ~ N(0, I_d/d).

    The derivative in w_j is σ'(w_j·x + b_j) x (σ = ReLU; the sign a_j changes no fit): m·d features; those in a,
    σ(w_j·x + b_j), are m more. Kernel: Σ_j σ'(w_j·x + b_j) σ'(w_j·x' + b_j) x·x' + Σ_j σ(w_j·x + b_j) σ(w_j·x' + b_j).
    The smaller of the primal (m·d + m) and the dual (n) problem is solved. Inputs are meant to be of the scale of
    N(0, I_d). The paper prints neither the biases nor whether the head counts; the biases here are those of
    `RandomFeatures` and of Algorithm 1.

    Args:
        width: m, the number of neurons.
        include_head: whether the derivatives in the head are features too.
        bias_scale: standard deviation of the Gaussian biases; 0 for none.
        paired: draw the neurons in pairs that share w and b, as in the symmetric initialisation of the network. Only m/2
            are then distinct, and only those are formed.
        center: fit y - α - β·x, α = mean(y), β = mean(y x), and add α + β·x back.
        ridge: λ of the objective (1/n) Σ (f(x_i) - y_i)² + (λ/2)‖θ‖²; None chooses it on held-out samples.
        ridge_smallest, ridge_largest, ridge_count: the geometric grid of λ, in multiples of the mean squared norm of
            the feature vector.
        validation_fraction: share of the rows that `fit` holds out where `ridge` is None.
        random_state: the seed, an integer.

    Attributes:
        weights_, biases_: W and b at the linearisation, shapes (m, d) and (m,), or half of m where paired.
        alpha_, beta_, head_, ridge_, ridges_, validation_risks_, features_, n_features_in_, n_samples_: what was fitted;
            `head_` has one entry for each feature, in the order that `TangentFeatures` states.

    Guarantee: numerical; a function of the data and the settings, to the bit.

    Example:
        >>> import numpy as np
        >>> X = np.random.default_rng(0).standard_normal((500, 3))
        >>> TangentKernel(width=50).fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.9
        True
    """

    width: int = 100
    include_head: bool = True
    bias_scale: float = 1.0
    paired: bool = False

    def _check_settings(self) -> None:
        super()._check_settings()
        check_flag("paired", self.paired)
        check_integer("width", self.width, least=2 if self.paired else 1)
        check_flag("include_head", self.include_head)
        check_number("bias_scale", self.bias_scale, strict=False)

    def _feature_count(self, d: int) -> int:
        return self._hidden_width() * (d + self.include_head)

    def _hidden_width(self) -> int:
        return self.width // 2 if self.paired else self.width

    def _learn(self, blocks: Blocks) -> FeatureMap:
        rng = generator(self.random_state, "tangent kernel")
        self.weights_, self.biases_ = random_layer(self._hidden_width(), blocks.d, "gaussian", float(self.bias_scale), rng)
        return TangentFeatures(self.weights_, self.biases_, bool(self.include_head))
