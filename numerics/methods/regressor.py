"""scikit-learn's conventions without importing it."""

import inspect
from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from steinlab.numerics.methods.arrays import check_inputs, check_labels, check_names, column_names, not_fitted
from steinlab.numerics.samples.blocks import ArrayBlocks, Blocks
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = ["Regressor"]


class Regressor(ABC):
    """An estimator with settings in its constructor, `fit`, `fit_blocks`, `predict` and `score`.

    Subclasses are dataclasses whose fields are the settings, each stated once, with its default. They implement `fit_blocks`,
    which sets `n_features_in_` and attributes that end in an underscore, and `predict_block`.
    """

    n_features_in_: int
    _poor_score = False

    @abstractmethod
    def fit_blocks(self, blocks: Blocks) -> Self:
        """Fit to samples fed in blocks."""

    @abstractmethod
    def fit_cost(self, n: int, d: int) -> float:
        """Multiplications, roughly, of a fit to n samples in dimension d: enough to order runs and to guess the time left."""

    @abstractmethod
    def row_cost(self, d: int) -> float:
        """Multiplications, roughly, of drawing a row in dimension d and passing it through the fitted network."""

    @abstractmethod
    def predict_block(self, X: Array) -> Array:
        """`predict` without its checks, for blocks that are known to be good."""

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit to arrays X of shape (n, d) and y of shape (n,), in the order of their rows.

        Raises:
            InputError: a setting or an array is not acceptable (a ValueError).
        """
        names = column_names(X)
        inputs = check_inputs(X)
        self.fit_blocks(ArrayBlocks(inputs, check_labels(y, len(inputs))))
        if names is not None:
            self.feature_names_in_ = names
        return self

    def predict(self, X: ArrayLike) -> Array:
        """f at the rows of X, shape (n, d): an array of shape (n,).

        Raises:
            NotFittedError: before fit (scikit-learn's class where scikit-learn is imported).
            InputError: X is not acceptable or has another number of columns than at fit.
        """
        if not self.__sklearn_is_fitted__():
            raise not_fitted(self)
        check_names(getattr(self, "feature_names_in_", None), column_names(X), type(self).__name__)
        inputs = check_inputs(X)
        if inputs.shape[1] != self.n_features_in_:
            raise InputError(
                f"X has {inputs.shape[1]} features, but {type(self).__name__} is expecting {self.n_features_in_} "
                "features as input"
            )
        return self.predict_block(inputs)

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """R², the coefficient of determination: 1 - Σ (y - f(x))² / Σ (y - mean(y))²; 0 where the labels are constant."""
        predictions = self.predict(X)
        labels = check_labels(y, len(predictions))
        total = float(np.sum((labels - labels.mean()) ** 2))
        return 1 - float(np.sum((labels - predictions) ** 2)) / total if total > 0 else 0.0

    def resolved_settings(self) -> dict[str, Any]:
        """The constructor's settings; after fit, those left to a rule are given the value that the rule chose."""
        return self.get_params() | getattr(self, "resolved_", {})

    def _forget(self) -> None:
        """Drop what an earlier fit left."""
        for name in [name for name in vars(self) if name.endswith("_") and not name.startswith("_")]:
            delattr(self, name)

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's settings by name."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **params: Any) -> Self:
        """Change settings by name.

        Raises:
            InputError: a name that the constructor does not know.
        """
        names = self._parameter_names()
        for name, value in params.items():
            if name not in names:
                raise InputError(f"{type(self).__name__} has no setting {name!r}; it has {', '.join(names)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if defaults[name].default is inspect.Parameter.empty or repr(value) != repr(defaults[name].default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags  # only scikit-learn asks for its tags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(poor_score=self._poor_score),
            input_tags=InputTags(),
        )
