"""A user's arrays: what is refused, in one sentence each, and what is warned of."""

import numpy as np
import pytest
from sklearn.exceptions import DataConversionWarning

from steinlab.numerics.methods import arrays
from steinlab.numerics.methods.arrays import NotFittedError, check_inputs, check_labels, check_names, column_names, not_fitted
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


class Frame:
    def __init__(self, columns):
        self.columns = columns


def test_names_of_columns_are_read_when_all_are_strings():
    assert column_names(np.eye(2)) is column_names(Frame([])) is column_names(Frame([0, 1])) is None
    assert column_names(Frame(["a", "b"])).tolist() == ["a", "b"]
    for mixed in (["a", 1], [1, "a"]):
        with pytest.raises(TypeError, match="all strings or all not strings"):
            column_names(Frame(mixed))


def test_names_at_predict_are_compared_with_those_at_fit():
    named, others = np.array(["a", "b", "c"], dtype=object), np.array(["c", "a", "z"], dtype=object)
    head = "The feature names should match those that were passed during fit.\n"
    unseen, missing = "Feature names unseen at fit time:\n- z\n", "Feature names seen at fit time, yet now missing:\n- b\n"
    for names, message in (
        (others, head + unseen + missing),
        (named[:2], head + "Feature names seen at fit time, yet now missing:\n- c\n"),
        (named[::-1], head + "Feature names must be in the same order as they were in fit.\n"),
    ):
        with pytest.raises(InputError) as caught:
            check_names(named, names, "Fit")
        assert str(caught.value) == message
    check_names(named, named.copy(), "Fit")
    check_names(None, None, "Fit")
    with pytest.warns(UserWarning, match="X has feature names, but Fit was fitted without feature names"):
        check_names(None, named, "Fit")
    with pytest.warns(UserWarning, match="X does not have valid feature names, but Fit was fitted with them"):
        check_names(named, None, "Fit")


def test_arrays_are_finite_doubles_in_one_piece():
    X = check_inputs(np.arange(12, dtype=np.int8).reshape(3, 4)[:, ::2])
    assert (X.dtype, X.flags.c_contiguous, X.tolist()) == (np.float64, True, [[0, 2], [4, 6], [8, 10]])
    assert check_labels([1, 2], 2).tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match=r"X has 0 samples, 0 sample\(s\) \(shape=\(0, 2\)\)"):
        check_inputs(np.zeros((0, 2)))
    with pytest.raises(InputError, match=r"X has 0 feature\(s\) \(shape=\(3, 0\)\)"):
        check_inputs(np.zeros((3, 0)))
    with pytest.raises(InputError, match=r"1d array, got an array of shape \(2, 2\)"):
        check_labels(np.zeros((2, 2)), 2)


def test_a_column_of_labels_warns_where_it_was_passed(monkeypatch):
    """With scikit-learn's class where it is imported, at the caller's caller."""

    def fit(y):
        return check_labels(y, 2)

    with pytest.warns(DataConversionWarning, match="column-vector") as caught:
        assert fit([[1], [2]]).tolist() == [1.0, 2.0]
    assert caught[0].filename == __file__
    monkeypatch.setattr(arrays, "sys", type("without", (), {"modules": {}}))
    with pytest.warns(UserWarning, match="column-vector") as caught:
        fit([[1], [2]])
    assert caught[0].category is UserWarning
