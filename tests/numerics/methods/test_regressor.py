"""Conventions of the estimators that are built on `Regressor`, beyond scikit-learn's own checks (test_single_index_sgd.py)."""

import numpy as np
import pytest

from steinlab.numerics.methods.online_sgd import OnlineSGD


class _Frame:
    """The part of a data frame that the estimators read."""

    def __init__(self, values, columns):
        self.values, self.columns = np.asarray(values), columns

    def __array__(self, dtype=None, copy=None):
        return self.values.astype(dtype or float)


def _data():
    X = np.random.default_rng(1).standard_normal((60, 3))
    return X, X[:, 0]


def test_column_names_are_remembered_compared_and_forgotten():
    X, y = _data()
    fitted = OnlineSGD(width=4).fit(_Frame(X, ["a", "b", "c"]), y)
    assert list(fitted.feature_names_in_) == ["a", "b", "c"]
    np.testing.assert_array_equal(fitted.predict(_Frame(X, ["a", "b", "c"])), fitted.predict_block(X))
    with pytest.raises(ValueError, match="same order"):
        fitted.predict(_Frame(X, ["b", "a", "c"]))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        fitted.predict(X)
    fitted.fit(X, y)
    assert not hasattr(fitted, "feature_names_in_")


def test_settings_by_name():
    estimator = OnlineSGD(width=4, gamma=2.0)
    assert repr(estimator) == "OnlineSGD(gamma=2.0, width=4)"
    assert estimator.set_params(width=7).get_params()["width"] == 7
    with pytest.raises(ValueError, match="no setting 'colour'"):
        estimator.set_params(colour=1)
    assert estimator.resolved_settings() == estimator.get_params()


def test_another_number_of_columns_and_an_unfitted_estimator_are_refused():
    X, y = _data()
    with pytest.raises(ValueError, match="not fitted"):
        OnlineSGD().predict(X)
    with pytest.raises(ValueError, match="expecting 3 features"):
        OnlineSGD(width=4).fit(X, y).predict(X[:, :2])
