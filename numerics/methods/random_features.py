"""Random features: a frozen random hidden layer and a ridge head, the kernel baseline of Damian et al. (2022), section 6."""

from dataclasses import dataclass

import numpy as np

from steinlab.numerics.checked import check_choice, check_flag, check_integer, check_number
from steinlab.numerics.methods.estimator import FeatureRegressor
from steinlab.numerics.networks.features import FeatureMap, HiddenFeatures
from steinlab.numerics.networks.network import Network, random_layer
from steinlab.numerics.samples.blocks import Blocks
from steinlab.numerics.samples.streams import generator

__all__ = ["RandomFeatures"]


@dataclass(kw_only=True, eq=False, repr=False)
class RandomFeatures(FeatureRegressor):
    """Ridge regression on σ(w_j·x + b_j), j = 1..m, with w_j and b_j random and frozen, σ = ReLU.

    Inputs are meant to be of the scale of N(0, I_d). The paper does not print the law of the features; the default is
    w_j uniform on the unit sphere and b_j ~ N(0, 1), the bias law of Algorithm 1.

    Args:
        width: m, the number of features.
        weight_law: "sphere" (‖w_j‖ = 1) or "gaussian" (w_j ~ N(0, I_d/d)).
        bias_scale: standard deviation of the Gaussian biases; 0 for none.
        paired: draw the neurons in pairs that share w and b, as in the symmetric initialisation of the network. Only m/2
            features are then distinct, and only those are formed.
        center: fit y - α - β·x, α = mean(y), β = mean(y x), and add α + β·x back.
        ridge: λ of the objective (1/n) Σ (f(x_i) - y_i)² + (λ/2)‖a‖²; None chooses it on held-out samples.
        ridge_smallest, ridge_largest, ridge_count: the geometric grid of λ, in multiples of the mean squared norm of
            the feature vector.
        validation_fraction: share of the rows that `fit` holds out where `ridge` is None.
        random_state: the seed, an integer.

    Attributes:
        weights_, biases_: the hidden layer, shapes (m, d) and (m,), or half of m where paired.
        alpha_, beta_, head_, ridge_, ridges_, validation_risks_, features_, n_features_in_, n_samples_: what was fitted.

    Guarantee: numerical; a function of the data and the settings, to the bit.

    Example:
        >>> import numpy as np
        >>> X = np.random.default_rng(0).standard_normal((500, 3))
        >>> RandomFeatures(width=50).fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.9
        True
    """

    width: int = 100
    weight_law: str = "sphere"
    bias_scale: float = 1.0
    paired: bool = False

    def _check_settings(self) -> None:
        super()._check_settings()
        check_flag("paired", self.paired)
        check_integer("width", self.width, least=2 if self.paired else 1)
        check_choice("weight_law", self.weight_law, ("sphere", "gaussian"))
        check_number("bias_scale", self.bias_scale, strict=False)

    def _feature_count(self, d: int) -> int:
        return self._hidden_width()

    def _hidden_width(self) -> int:
        return self.width // 2 if self.paired else self.width

    def _learn(self, blocks: Blocks) -> FeatureMap:
        rng = generator(self.random_state, "random features")
        count = self._hidden_width()
        self.weights_, self.biases_ = random_layer(count, blocks.d, self.weight_law, float(self.bias_scale), rng)
        return HiddenFeatures(Network(self.weights_, self.biases_, np.zeros(count)))
