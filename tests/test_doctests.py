"""Every example in a docstring runs and prints what it says, on the installed package."""

import doctest
import importlib
import pkgutil

import pytest

import steinlab.checks
import steinlab.numerics
import steinlab.theory

LAYERS = (
    steinlab.theory,
    steinlab.numerics,
    steinlab.checks,
)  # walked one by one: an editable install hides them from steinlab's own path
MODULES = sorted(m.name for layer in LAYERS for m in pkgutil.walk_packages(layer.__path__, layer.__name__ + "."))


@pytest.mark.parametrize("name", ["steinlab", *MODULES])
def test_docstring_examples_run(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_examples_are_found():
    assert "steinlab.theory.exact.hermite" in MODULES
    assert doctest.testmod(importlib.import_module("steinlab.theory.exact.hermite")).attempted > 0
