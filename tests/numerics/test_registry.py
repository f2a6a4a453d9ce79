"""Every method is one line: its module, its estimator, and whether it is online."""

import inspect
import subprocess
import sys

import pytest

from steinlab.numerics.methods.estimator import FeatureRegressor
from steinlab.numerics.methods.online_sgd import OnlineSGD
from steinlab.numerics.registry import METHODS, make_estimator, method_settings, methods
from steinlab.theory.errors import InputError


@pytest.mark.parametrize("method", METHODS)
def test_each_name_has_its_estimator(method):
    estimator = make_estimator(method, width=6, random_state=2)
    assert isinstance(estimator, OnlineSGD if METHODS[method].online else FeatureRegressor)
    assert (estimator.get_params()["width"], estimator.get_params()["random_state"]) == (6, 2)


@pytest.mark.parametrize("method", METHODS)
def test_settings_are_those_of_the_estimator_but_for_what_a_run_sets(method):
    known = method_settings(method)
    params = make_estimator(method, width=6).get_params()
    assert known.keys() == params.keys() - {"width", "random_state", "validation_fraction"}
    assert all(params[name] == value for name, value in known.items())


@pytest.mark.parametrize("method", METHODS)
def test_costs_grow_with_the_sizes(method):
    small, wide = make_estimator(method, width=10), make_estimator(method, width=40)
    assert 0 < small.fit_cost(100, 5) < min(small.fit_cost(200, 5), small.fit_cost(100, 50), wide.fit_cost(100, 5))
    assert 0 < small.row_cost(5) < min(small.row_cost(50), wide.row_cost(5))


def test_every_method_is_online_or_not():
    assert sorted(methods(online=True) + methods(online=False)) == sorted(METHODS)


def test_unknown_names_are_refused_with_those_there_are():
    with pytest.raises(InputError, match="method = 'adam' is unknown; choose from one-step, random-features"):
        method_settings("adam")
    with pytest.raises(InputError, match="one-step has no setting 'colour'; it has "):
        make_estimator("one-step", width=2, settings={"colour": 1})


def test_the_names_do_not_wait_for_numpy():
    code = "import sys, steinlab.numerics.registry as r; print(len(r.METHODS), 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == [str(len(METHODS)), "False"]


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(make_estimator).kwonlydefaults == {"random_state": 0, "settings": None}
    assert inspect.getfullargspec(methods).kwonlyargs == ["online"]
