"""What to type instead of a name that no expression knows."""

import pytest

from steinlab.theory.language.hints import of_function, of_name

FUNCTIONS = ["tanh", "relu", "leaky_relu", "Max"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("x1", "write z1"),
        ("x_12", "write z12"),
        ("t", "write z1"),
        ("e", "write exp(u) for e**u"),
        ("PI", "write pi"),
        ("tanh", "tanh is a function: write tanh(...)"),
        ("something", "variables are z1, z2, ..."),
    ],
)
def test_names(name, hint):
    assert of_name(name, FUNCTIONS).endswith(hint)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("LeakyReLU", "write leaky_relu(...)"),
        ("max", "write Max(...)"),
        ("z1", "z1 is no function: products are written z1*(...)"),
        ("hermite", "hermite is the physicists' polynomial elsewhere: write He(k, u), the probabilists'"),
        ("H3", "H3 is the physicists' polynomial elsewhere: write He(3, u), the probabilists'"),
        ("log10", "write log(u)/log(10)"),
        ("gudermann", "known are leaky_relu, Max, relu, tanh"),
    ],
)
def test_functions(name, hint):
    assert of_function(name, FUNCTIONS) == hint
