"""Which functions have a sign, and which stay away from zero."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ranges import is_bounded_away, number_side, polynomial_floor, strict_side, value_range
from steinlab.theory.links.symbolic import apply, constant, variable

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


@pytest.mark.parametrize("name", ["erf", "tanh"])
@pytest.mark.parametrize("point", [1, 20, 3000])
@pytest.mark.parametrize("power", [1, 2, 3])
def test_an_increasing_function_attains_no_bound(name, point, power):
    close = apply(name, constant(point)) ** power
    assert [strict_side(u) for u in (1 - close, close * 3 - 3, close + 1, close - 1 - close**2)] == [1, -1, 1, None]
    assert [number_side(u) for u in (1 - close, close * 3 - 3)] == [1, -1]


def test_bounds_that_may_be_attained_or_exceeded_give_no_strict_sign():
    erf, sine = apply("erf", constant(20)), apply("sin", constant(20))
    # the number falls short, the bound is attained, none is known, no number stands there, falls short again
    for u in (1 - erf * 2, 1 - sine, 1 - erf * apply("exp", constant(1)), erf, 2 - erf - sine * Fraction(11, 10)):
        assert strict_side(u) is None
    assert (strict_side(2 - erf - sine), strict_side(1 - erf * sine)) == (1, 1)
    assert strict_side(apply("tanh", Z1) * erf - 1) == -1  # at every point


FACTORS = st.tuples(st.sampled_from(["erf", "tanh", "sin", "cos", "atan", "exp"]), st.integers(-30, 30), st.integers(1, 3))
TERMS = st.tuples(st.fractions(-2, 2, max_denominator=3), st.lists(FACTORS, min_size=1, max_size=2))


@given(st.fractions(-4, 4, max_denominator=3), st.lists(TERMS, min_size=1, max_size=3))
def test_a_strict_sign_is_that_of_many_digits(c, terms):
    u = constant(c)
    for weight, factors in terms:
        product = constant(weight)
        for name, point, power in factors:
            product = product * apply(name, constant(point)) ** power
        u = u + product
    side = strict_side(u)
    with mpmath.workdps(900):
        total = mpmath.mpf(c.numerator) / c.denominator
        for weight, factors in terms:
            values = [getattr(mpmath, name)(point) ** power for name, point, power in factors]
            total += mpmath.fprod(values) * weight.numerator / weight.denominator
        assert side is None or side == mpmath.sign(total)


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("(z1*z2+z3)**2 - 5", -5),
        ("(z1**2-1)**2", 0),
        ("(z1+z2)**4 + 1", 1),
        ("z1**4 - 2*z1**2", -1),
        ("z1**2*z2**2 + z1**4 + 2", 2),
        ("(z1*z2-1)**2 + (z2-z1**2)**2", None),
        ("z1**3", None),
        ("z1*z2", None),
    ],
)
def test_floors(text, floor):
    found = polynomial_floor(read(parse(text)))
    assert (found is None) == (floor is None)
    assert found is None or found == floor


def test_the_floor_of_a_quartic_is_close_to_its_minimum():
    # z⁴ - z has its minimum -3/4 · 4^(-1/3) at 4^(-1/3)
    found = float(polynomial_floor(read(parse("z1**4 - z1"))))
    least = -0.75 * 4 ** (-1 / 3)
    assert least - 1e-5 < found < least
