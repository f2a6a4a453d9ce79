"""Which functions have a sign, and which stay away from zero."""

import pytest

from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ranges import is_bounded_away, value_range
from steinlab.theory.links.symbolic import apply, variable

Z1, Z2 = variable(0), variable(1)


@pytest.mark.parametrize(
    ("u", "low", "high"),
    [
        (apply("tanh", Z1) ** 2, 0, 1),
        (apply("tanh", Z1) ** 2 * apply("erf", Z2) ** 4 * -3, -3, 0),
        (apply("tanh", Z1) ** 3 * 2, -2, 2),
        (apply("tanh", Z1) ** 3 * apply("erf", Z2) ** 2, -1, 1),
        (apply("sin", Z1) * apply("sign", apply("sin", Z1)), 0, 1),
        (apply("tanh", Z1) ** 2 * apply("sign", Z2), -1, 1),
        (apply("tanh", Z1) ** 2 * Z2**2, 0, None),
        (apply("tanh", Z1) * Z2**2, None, None),
    ],
)
def test_even_powers_of_bounded_functions_have_a_sign_and_odd_ones_none(u, low, high):
    found = value_range(u)
    assert (found.low, found.high) == tuple(None if x is None else Number.of(x) for x in (low, high))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tanh(z1)**2", False),
        ("z1**2 + z2**2", False),
        ("1 - tanh(z1)**2", False),
        ("tanh(z1)**2 - 1/10", False),
        ("tanh(z1)**2 + 1/10", True),
        ("1 + z1**2", True),
        ("exp(z1) + exp(-z2)", True),
    ],
)
def test_what_comes_down_to_zero_is_not_bounded_away_from_it(text, expected):
    assert is_bounded_away(read(parse(text))) is expected
