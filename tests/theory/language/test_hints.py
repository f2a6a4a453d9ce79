"""What to type instead of a name that no expression knows."""

import os
import re
import subprocess
import sys

import pytest

from steinlab.theory.language.hints import of_function, of_name
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.names import every_name, names
from steinlab.theory.language.parsing import parse


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("x1", "write z1"),
        ("x_12", "write z12"),
        ("t", "write z1"),
        ("e", "write exp(u) for e**u"),
        ("PI", "write pi"),
        ("tanh", "tanh is a function: write tanh(...)"),
        ("swish", "swish is a function: write swish(...)"),
        ("something", "variables are z1, z2, ..."),
    ],
)
def test_names(name, hint):
    assert of_name(name).endswith(hint)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("LeakyReLU", "write leaky_relu(...)"),
        ("MAX", "write Max(...)"),
        ("RELU", "write relu(...)"),
        ("z1", "z1 is no function: products are written z1*(...)"),
        ("hermite", "hermite is the physicists' polynomial elsewhere: write He(k, u), the probabilists'"),
        ("H3", "H3 is the physicists' polynomial elsewhere: write He(3, u), the probabilists'"),
        ("log10", "write log(u)/log(10)"),
    ],
)
def test_functions(name, hint):
    assert of_function(name) == hint


def test_what_no_hint_is_known_for_is_told_every_name_in_alphabetical_order():
    told = of_function("gudermann").removeprefix("known are ").split(", ")
    assert set(told) == every_name()
    assert [name.lower() for name in told] == sorted(name.lower() for name in every_name())
    assert told.index("abs") + 1 == told.index("Abs")


def test_nothing_is_advised_against_that_is_known():
    known = {name.lower() for name in every_name() - {"Max", "Min"}}
    assert known.isdisjoint(names().instead)


@pytest.mark.parametrize("name", sorted(names().instead))
def test_what_is_advised_can_be_read(name):
    text = re.sub(r"\b([uv])\b", lambda m: {"u": "(2 + z1**2)", "v": "2"}[m[1]], names().instead[name].split(" for ")[0])
    if name == "tan":  # vanishing cosines are refused for what they are
        parse(text)
    else:
        assert read(parse(text)).variables <= {0}


def test_hints_do_not_depend_on_how_names_are_hashed():
    """abs and Abs are the same letters, so that an order by letters alone left them as a set happens to give them."""
    code = "from steinlab.theory.language.hints import of_function as f; print(f('gudermann'), f('RELU'), f('ABS'), f('MIN'))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1
