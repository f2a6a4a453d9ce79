"""Transfer: features learned on one target, the head retrained on another (Damian et al. 2022, Theorem 3)."""

from dataclasses import dataclass, field

import numpy as np

from steinlab.numerics.methods.arrays import not_fitted
from steinlab.numerics.methods.estimator import FeatureRegressor
from steinlab.numerics.methods.one_step import OneStepNetwork
from steinlab.numerics.networks.features import FeatureMap, HiddenFeatures
from steinlab.numerics.networks.network import Network
from steinlab.numerics.samples.blocks import Blocks
from steinlab.theory.errors import InputError

__all__ = ["TransferredHead"]


@dataclass(kw_only=True, eq=False, repr=False)
class TransferredHead(FeatureRegressor):
    """A ridge head on the frozen hidden layer of a fitted `OneStepNetwork`; only a is learned.

    Theorem 3: for a target g* of degree p on the subspace that the network was trained on, N, m ≳ r^p κ^{2p} samples
    and neurons suffice, whatever d. The α, β of the source belong to the source's labels and are not carried over.

    Args:
        network: a fitted OneStepNetwork; its weights and biases are copied at fit.
        center: fit y - α - β·x, α = mean(y), β = mean(y x) of the new labels; off, since Theorem 3 retrains a alone.
        ridge: λ of the objective (1/N) Σ (a·σ(Wx_i + b) - y_i)² + (λ/2)‖a‖²; None chooses it on held-out samples.
        ridge_smallest, ridge_largest, ridge_count: the geometric grid of λ, in multiples of the mean squared norm of
            the feature vector.
        validation_fraction: share of the rows that `fit` holds out where `ridge` is None.
        random_state: the seed of that choice of rows, an integer.

    Attributes:
        weights_, biases_: the frozen hidden layer.
        alpha_, beta_, head_, ridge_, ridges_, validation_risks_, features_, n_features_in_, n_samples_: what was fitted.

    Raises:
        NotFittedError: at fit, when the network is not fitted.
        InputError: at fit, when the inputs have another dimension than the network's.

    Guarantee: numerical; a function of the data and the settings, to the bit.
    Source: Damian, Lee, Soltanolkotabi (2022), Theorem 3.

    Example:
        >>> import numpy as np
        >>> X = np.random.default_rng(0).standard_normal((4000, 20))
        >>> network = OneStepNetwork(width=100).fit(X, X[:, 0] ** 2)
        >>> few, many = X[:400], X[400:]
        >>> TransferredHead(network).fit(few, few[:, 0] ** 3).score(many, many[:, 0] ** 3) > 0.8
        True
    """

    network: OneStepNetwork = field(kw_only=False)

    def _check_settings(self) -> None:
        super()._check_settings()
        if not isinstance(self.network, OneStepNetwork):
            raise InputError(f"network is a {type(self.network).__name__}; give a fitted OneStepNetwork")
        if not self.network.__sklearn_is_fitted__():
            raise not_fitted(self.network)

    def _feature_count(self, d: int) -> int:
        return len(self.network.head_)

    def _hidden_width(self) -> int:
        return len(self.network.head_)

    def _learn(self, blocks: Blocks) -> FeatureMap:
        if blocks.d != self.network.n_features_in_:
            raise InputError(
                f"the inputs have dimension {blocks.d}, the network was fitted in dimension "
                f"{self.network.n_features_in_}; the two must agree"
            )
        self.weights_, self.biases_ = self.network.weights_.copy(), self.network.biases_.copy()
        return HiddenFeatures(Network(self.weights_, self.biases_, np.zeros(len(self.biases_))))
