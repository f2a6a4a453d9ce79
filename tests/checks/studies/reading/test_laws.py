"""A bound as a function of sizes: read from a whitelist, refused before any run."""

import numpy as np
import pytest

from steinlab.checks.studies.reading.laws import read_law
from steinlab.theory.errors import InputError


@pytest.mark.parametrize(
    ("text", "axis", "value"),
    [
        ("sqrt(d - 3)", "d", np.sqrt(9)),
        ("sqrt(T)/(T + 85)", "T", np.sqrt(12) / 97),
        ("d*log(d)", "d", 12 * np.log(12)),
        ("2*d**-0.5 + exp(-d)", "d", 2 / np.sqrt(12) + np.exp(-12)),
        ("7", "n", 7),
    ],
)
def test_a_law_is_what_it_says(text, axis, value):
    assert read_law(text, axis, "bound")(np.array([12.0, 12.0])) == pytest.approx([value, value])


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(n)",
        "d.real",
        "__import__('os')",
        "d if d else 1",
        "[d]",
        "sin(d)",
        "sqrt(d, d)",
        "sqrt(x=d)",
        "d < 2",
        "True",
        "'d'",
        "d @ d",
    ],
)
def test_anything_else_is_refused_by_name(text):
    with pytest.raises(InputError, match=r"rates\.a\.bound is .*expected an expression in d of numbers"):
        read_law(text, "d", "rates.a.bound")


@pytest.mark.parametrize("text", ["sqrt(", "", "d = 3", "\0", "(" * 2000])
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(InputError, match="expected an expression in d, such as"):
        read_law(text, "d", "rates.a.bound")


@pytest.mark.parametrize("text", ["sqrt(d - 3)", "d - 3", "1/(d - 3)", "log(d - 2)"])
def test_a_law_that_is_not_positive_is_refused_with_the_size(text):
    with pytest.raises(InputError, match="at d = 3 it is no positive number"):
        read_law(text, "d", "bound")(np.array([20.0, 3.0]))
