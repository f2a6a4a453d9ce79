"""Functions as users hand them over: arrays, regressors, modules; and what is no function of n rows."""

import contextlib
import sys
import types

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPRegressor

from steinlab.theory.callables.callables import as_function, name_of
from steinlab.theory.errors import InputError

RNG = np.random.default_rng(0)
Z = RNG.standard_normal((50, 2))


def product(z):
    return z[:, 0] * z[:, 1]


@pytest.mark.parametrize(
    "model", [LinearRegression(), RandomForestRegressor(5, random_state=0), MLPRegressor(hidden_layer_sizes=(4,), max_iter=5)]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_regressors_are_asked_to_predict(model):
    model.fit(Z, product(Z))
    assert np.array_equal(as_function(model)(Z), model.predict(Z))
    assert name_of(model) == type(model).__name__


def test_functions_and_columns():
    assert np.array_equal(as_function(product)(Z), product(Z))
    assert np.array_equal(as_function(lambda z: z[:, :1])(Z), Z[:, 0])
    assert as_function(lambda z: np.ones(len(z), dtype=int))(Z).dtype == np.float64
    assert (name_of(product), name_of(lambda z: z)) == ("product", "f")


class Tensor:
    """What a tensor does here: it is no array until it is detached and on the processor."""

    def __init__(self, values, steps=()):
        self.values, self.steps = values, steps

    def detach(self):
        return Tensor(self.values, (*self.steps, "detach"))

    def cpu(self):
        return Tensor(self.values, (*self.steps, "cpu"))

    def numpy(self):
        assert self.steps == ("detach", "cpu")
        return self.values


class Module:
    def __init__(self, kind):
        self.kind = kind

    def parameters(self):
        return iter([types.SimpleNamespace(dtype=self.kind)] if self.kind else [])

    def forward(self, x):
        assert x.values.dtype == (self.kind or np.float64)
        assert quiet == [True]
        return Tensor(x.values[:, :1] ** 2)

    __call__ = forward


quiet = []


@pytest.mark.parametrize("kind", [np.float32, None])
def test_modules_are_called_on_tensors_of_their_type_without_gradients(kind, monkeypatch):
    @contextlib.contextmanager
    def no_grad():
        quiet.append(True)
        yield
        quiet.pop()

    torch = types.SimpleNamespace(
        float64=np.float64, no_grad=no_grad, as_tensor=lambda values, dtype: Tensor(values.astype(dtype))
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    found = as_function(Module(kind))(Z)
    assert found == pytest.approx(Z[:, 0] ** 2, rel=1e-5)
    assert np.array_equal(as_function(product)(Z), product(Z))


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda z: z, r"f gives values of shape \(50, 2\) for inputs \(50, 2\)"),
        (lambda z: z[0, 0], r"shape \(\)"),
        (lambda z: np.array(["a"] * len(z)), "values of type <U1"),
        (lambda z: z[:, 0] + 0j, "values of type complex"),
        (lambda z: np.where(z[:, 0] > 0, 1.0, np.nan), r"f is nan at z = \("),
    ],
)
def test_values_are_checked_where_they_are_asked_for(f, words):
    with pytest.raises(InputError, match=words):
        as_function(f)(Z)


def test_the_place_that_is_named_is_where_it_fails():
    z = np.array([[1.0, 2.0], [3.5, -4.0]])
    with pytest.raises(InputError, match=r"inf at z = \(3\.5, -4\)"):
        as_function(lambda z: np.where(z[:, 0] > 2, np.inf, 0.0))(z)


def test_what_cannot_be_called_is_no_function():
    with pytest.raises(InputError, match="3 is no function: give a callable"):
        as_function(3)
