"""A user's arrays, checked as scikit-learn checks them, without importing it."""

import sys
import warnings
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = ["NotFittedError", "check_inputs", "check_labels", "check_names", "column_names", "not_fitted"]


class NotFittedError(ValueError, AttributeError):
    """predict or score was called before fit."""


def _scikit_learn_class(name: str, default: Any) -> Any:
    """scikit-learn's class of that name where a program has already imported it, so that its handlers apply."""
    return getattr(sys.modules.get("sklearn.exceptions"), name, default)


def not_fitted(estimator: object) -> Exception:
    """The error to raise when an estimator is used before fit: scikit-learn's own class where that is loaded."""
    error: Exception = _scikit_learn_class("NotFittedError", NotFittedError)(
        f"this {type(estimator).__name__} is not fitted yet; call fit or fit_blocks first"
    )
    return error


def column_names(X: object) -> NDArray[np.object_] | None:
    """The column names of a data frame whose names are all strings, else None.

    Raises:
        TypeError: some names are strings and some are not (scikit-learn's rule).
    """
    columns = getattr(X, "columns", None)
    if columns is None or not len(columns):
        return None
    strings = [isinstance(name, str) for name in columns]
    if all(strings):
        return np.asarray(list(columns), dtype=object)
    if any(strings):
        raise TypeError("feature names must be all strings or all not strings; rename the columns of X")
    return None


def check_inputs(X: Any) -> Array:
    """X as a finite float64 array of shape (n, d), n, d >= 1.

    Raises:
        InputError: sparse, complex, non-numeric, non-finite or empty input, or not two-dimensional.
        TypeError: objects that are no numbers at all.
    """
    if scipy.sparse.issparse(X):
        raise InputError("sparse input is not supported; pass X.toarray()")
    array = _as_floats(X, "X")
    if array.ndim != 2:
        raise InputError(
            f"expected 2D array, got array of shape {array.shape}. Reshape your data: X.reshape(-1, 1) if it has a "
            "single feature, X.reshape(1, -1) if it is a single sample"
        )
    n, d = array.shape
    if n == 0:
        raise InputError(
            f"X has 0 samples, 0 sample(s) (shape={array.shape}) while a minimum of 1 is required; give at least one row"
        )
    if d == 0:
        raise InputError(f"X has 0 feature(s) (shape=({n}, 0)) while a minimum of 1 is required; give at least one column")
    return array


def check_labels(y: Any, n: int) -> Array:
    """y as a finite float64 array of shape (n,); a column vector is flattened with a warning.

    Raises:
        InputError: y is missing, complex, non-numeric, non-finite, or not of length n.
    """
    if y is None:
        raise InputError("y should be a 1d array: this estimator requires y to be passed, but the target y is None")
    array = _as_floats(y, "y")
    if array.ndim == 2 and array.shape[1] == 1:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected; it is flattened with ravel()",
            _scikit_learn_class("DataConversionWarning", UserWarning),
            stacklevel=3,
        )
        array = array.ravel()
    if array.ndim != 1:
        raise InputError(f"y should be a 1d array, got an array of shape {array.shape} instead")
    if len(array) != n:
        raise InputError(f"X and y have inconsistent numbers of samples: {n} and {len(array)}")
    return array


def _as_floats(values: Any, name: str) -> Array:
    array = np.asarray(values)
    if np.iscomplexobj(array):
        raise InputError(f"Complex data not supported: {name} has dtype {array.dtype}")
    try:
        array = array.astype(np.float64)
    except ValueError as error:
        raise InputError(f"{name} is not numeric: {error}") from None
    if not np.isfinite(array).all():
        raise InputError(f"{name} contains NaN or infinity; drop or impute those rows")
    return np.ascontiguousarray(array)


def check_names(fitted: NDArray[np.object_] | None, names: NDArray[np.object_] | None, estimator: str) -> None:
    """Compare the column names at predict with those at fit, as scikit-learn does.

    Raises:
        InputError: both are named and the names or their order differ.

    Warns:
        UserWarning: only one of the two is named.
    """
    if fitted is None and names is not None:
        warnings.warn(f"X has feature names, but {estimator} was fitted without feature names", stacklevel=4)
    elif fitted is not None and names is None:
        warnings.warn(f"X does not have valid feature names, but {estimator} was fitted with them", stacklevel=4)
    elif fitted is not None and names is not None and list(fitted) != list(names):
        unseen, missing = sorted(set(names) - set(fitted)), sorted(set(fitted) - set(names))
        message = "The feature names should match those that were passed during fit.\n"
        if unseen:
            message += "Feature names unseen at fit time:\n" + "".join(f"- {name}\n" for name in unseen)
        if missing:
            message += "Feature names seen at fit time, yet now missing:\n" + "".join(f"- {name}\n" for name in missing)
        if not unseen and not missing:
            message += "Feature names must be in the same order as they were in fit.\n"
        raise InputError(message)
