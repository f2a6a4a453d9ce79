"""A user's arrays: what is refused, in one sentence each, and what is warned of."""

import numpy as np
import pytest
from sklearn.exceptions import DataConversionWarning

from steinlab.numerics.methods.arrays import NotFittedError, not_fitted
from steinlab.numerics.methods.one_step import OneStepNetwork
from steinlab.numerics.methods.random_features import RandomFeatures
from steinlab.numerics.methods.tangent_kernel import TangentKernel
from steinlab.theory.errors import InputError


def _data(n=60, d=3):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((n, d))
    return X, X[:, 0] ** 2 + 0.1 * rng.standard_normal(n)


def test_a_column_vector_of_labels_warns():
    X, y = _data()
    with pytest.warns(DataConversionWarning, match="column-vector"):
        RandomFeatures(width=8).fit(X, y[:, None])


KINDS = {"one-step": OneStepNetwork, "random-features": RandomFeatures, "tangent-kernel": TangentKernel}
every_kind = pytest.mark.parametrize("kind", KINDS)


def samples(n=80, d=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, X[:, 0] ** 2 - 1 + X[:, 1] + 0.3 * rng.standard_normal(n)


GOOD_X, GOOD_Y = samples(10)
BAD_ARRAYS = {
    "NaN": (np.where(GOOD_X[0, 0] == GOOD_X, np.nan, GOOD_X), GOOD_Y, "NaN or infinity"),
    "infinite label": (GOOD_X, np.append(GOOD_Y[1:], np.inf), "NaN or infinity"),
    "one-dimensional": (GOOD_X[0], GOOD_Y, "expected 2D array"),
    "empty": (GOOD_X[:0], GOOD_Y[:0], "0 sample"),
    "no columns": (GOOD_X[:, :0], GOOD_Y, r"0 feature\(s\)"),
    "lengths": (GOOD_X, GOOD_Y[:5], "inconsistent numbers of samples: 10 and 5"),
    "two outputs": (GOOD_X, np.stack([GOOD_Y, GOOD_Y], axis=1), "1d array"),
    "complex": (GOOD_X + 0j, GOOD_Y, "Complex"),
    "text": (np.full((10, 3), "a"), GOOD_Y, "not numeric"),
    "no labels": (GOOD_X, None, "requires y"),
    "one sample": (GOOD_X[:1], GOOD_Y[:1], "n_samples=1"),
}


@every_kind
@pytest.mark.parametrize("name", BAD_ARRAYS)
def test_bad_arrays_are_refused_in_one_sentence(kind, name):
    X, y, message = BAD_ARRAYS[name]
    with pytest.raises(InputError, match=message):
        KINDS[kind](width=4).fit(X, y)


def test_without_scikit_learn_the_error_is_our_own(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.exceptions", None)
    error = not_fitted(RandomFeatures())
    assert type(error) is NotFittedError
    assert issubclass(NotFittedError, ValueError)
    assert issubclass(NotFittedError, AttributeError)
