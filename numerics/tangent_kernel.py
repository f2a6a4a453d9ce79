"""The linearised network (finite-width neural tangent kernel), the second baseline of Damian et al. (2022), section 6."""

import numpy as np

from steinlab.numerics.data import Blocks
from steinlab.numerics.estimator import FeatureRegressor
from steinlab.numerics.features import FeatureMap, TangentFeatures
from steinlab.numerics.random import generator
from steinlab.numerics.settings import check_flag, check_integer

__all__ = ["TangentKernel"]


class TangentKernel(FeatureRegressor):
    """Ridge regression on the derivative in W of Σ_j a_j σ(w_j·x) at random w_j ~ N(0, I_d/d): m·d features.

    The feature of neuron j is σ'(w_j·x) x (σ = ReLU, no biases; the sign a_j changes no fit). With `include_head` the
    derivatives in a, σ(w_j·x), are m more. The m neurons are independent, not paired, so all are distinct. Kernel of
    the features: Σ_j σ'(w_j·x) σ'(w_j·x') x·x' [+ σ(w_j·x) σ(w_j·x')]; the smaller of the primal (m·d) and the dual (n)
    problem is solved. Inputs are meant to be of the scale of N(0, I_d).

    Args:
        width: m, the number of neurons.
        include_head: whether the derivatives in the head are features too.
        center: fit y - α - β·x, α = mean(y), β = mean(y x), and add α + β·x back.
        ridge: λ of the objective (1/n) Σ (f(x_i) - y_i)² + (λ/2)‖θ‖²; None chooses it on held-out samples.
        ridge_smallest, ridge_largest, ridge_count: the geometric grid of λ, in multiples of the mean squared norm of
            the feature vector.
        validation_fraction: share of the rows that `fit` holds out where `ridge` is None.
        random_state: the seed, an integer.

    Attributes:
        weights_: W at the linearisation, shape (m, d).
        alpha_, beta_, head_, ridge_, ridges_, validation_risks_, features_, n_features_in_, n_samples_: what was fitted;
            `head_` has one entry for each feature, in the order that `TangentFeatures` states.

    Guarantee: numerical; a function of the data and the settings, to the bit.

    Example:
        >>> import numpy as np
        >>> X = np.random.default_rng(0).standard_normal((500, 3))
        >>> TangentKernel(width=50).fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.9
        True
    """

    def __init__(
        self,
        *,
        width: int = 100,
        include_head: bool = False,
        center: bool = False,
        ridge: float | None = None,
        ridge_smallest: float = 1e-9,
        ridge_largest: float = 1e3,
        ridge_count: int = 25,
        validation_fraction: float = 0.2,
        random_state: int = 0,
    ) -> None:
        super().__init__(
            center=center,
            ridge=ridge,
            ridge_smallest=ridge_smallest,
            ridge_largest=ridge_largest,
            ridge_count=ridge_count,
            validation_fraction=validation_fraction,
            random_state=random_state,
        )
        self.width = width
        self.include_head = include_head

    def _check_settings(self) -> None:
        super()._check_settings()
        check_integer("width", self.width, least=1)
        check_flag("include_head", self.include_head)

    def _feature_count(self, d: int) -> int:
        return self.width * (d + self.include_head)

    def _hidden_width(self) -> int:
        return self.width

    def _learn(self, blocks: Blocks) -> FeatureMap:
        rng = generator(self.random_state, "tangent kernel")
        self.weights_ = rng.standard_normal((self.width, blocks.d)) / np.sqrt(blocks.d)
        return TangentFeatures(self.weights_, bool(self.include_head))
