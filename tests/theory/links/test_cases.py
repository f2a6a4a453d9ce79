"""Functions taken apart by the signs of their kinks, against their values at points."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.cases import MAX_BREAKPOINTS, along_line, breakpoints, rising, settle, split, without_signs
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import (
    Atom,
    absolute,
    apply,
    constant,
    from_atom,
    logarithm,
    pi,
    power,
    relu,
    sign_atoms,
    variable,
)

Z1, Z2 = variable(0), variable(1)
POINTS = [(Fraction(k, 7), Fraction(k * k - 11, 5)) for k in (-20, -5, -3, 1, 4, 9)]


def kink(u):
    return Atom.get("sign", u)


def value(u, point):
    with working_precision(64):
        return float(real_value(compile_sum(u), [fraction_ball(x) for x in point]))


def squared(u):
    return u * u + u


def test_a_split_is_the_function_on_either_side():
    u = Z2 + from_atom(kink(Z1)) * (Z2 + 2)
    found = split(kink(Z1), u, squared)
    for x, y in POINTS:
        branch = (2 * y + 2) if x > 0 else Fraction(-2)
        assert value(found, (x, y)) == pytest.approx(float(squared(branch)))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_pieces_along_a_line_are_the_function_on_each(count):
    kinks = breakpoints([kink(Z1 - k) for k in range(count, 0, -1)], {0})
    assert [t.number for t in kinks] == list(range(1, count + 1))
    u = Z1
    for atom in kinks.values():
        u = u + from_atom(atom) * 3
    found = along_line(kinks, u, squared)
    for x in (Fraction(-1, 3), Fraction(1, 2), Fraction(3, 2), Fraction(9, 2), Fraction(19, 2)):
        level = x + 3 * sum(1 if x > k else -1 for k in range(1, count + 1))
        assert value(found, (x,)) == pytest.approx(float(squared(level)))


def test_where_kinks_lie_on_a_line():
    """Roots may be irrational, or constants such as log 2; the order is that on the line."""
    root = Number.of(2).root(2)
    found = breakpoints([kink(Z1 - root), kink(Z1), kink(Z1 - logarithm(constant(2)))], {0})
    assert [str(t) for t in found] == ["0", "log(2)", "sqrt(2)"]
    assert [found[t] for t in found] == [kink(Z1), kink(Z1 - logarithm(constant(2))), kink(Z1 - root)]
    assert list(breakpoints([kink(Z2 + 1), kink(Z2 - 2)], {1})) == [constant(-1), constant(2)]


@pytest.mark.parametrize(
    ("kinks", "variables"),
    [
        ([kink(Z1**2 - 1)], {0}),
        ([kink(-Z1)], {0}),
        ([kink(Z1 + apply("tanh", Z1))], {0}),
        ([kink(Z1), kink(Z2)], {0, 1}),
        ([kink(Z2)], {0}),
        ([kink(Z1 - k) for k in range(MAX_BREAKPOINTS + 1)], {0}),
    ],
)
def test_other_kinks_have_no_order_on_a_line(kinks, variables):
    assert breakpoints(kinks, variables) is None


def test_as_many_kinks_as_the_bound_are_put_in_order():
    assert MAX_BREAKPOINTS == 128
    assert len(breakpoints([kink(Z1 - k) for k in range(MAX_BREAKPOINTS)], {0})) == MAX_BREAKPOINTS


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    "u",
    [
        absolute(Z1) * Z2 + apply("tanh", relu(Z1 * Z2)),
        power(1 + absolute(Z1), Fraction(-1, 2)),
        apply("exp", -absolute(Z1)) * Z1**2,
        logarithm(2 + relu(Z1) ** 2) + apply("erf", Z2),
        power(2 + absolute(Z1 * Z2), Fraction(3, 2)) * absolute(Z1),
        apply("cos", Z1 + absolute(Z1)) * 2,
    ],
)
def test_a_settled_kink_is_gone_inside_functions_too(u, side):
    found = settle(u, {kink(Z1): side})
    assert kink(Z1) not in sign_atoms(found)
    for x, y in POINTS:
        assert value(found, (abs(x) * side, y)) == pytest.approx(value(u, (abs(x) * side, y)), rel=1e-12)


def test_without_signs_the_branches_have_the_same_products():
    assert without_signs(3 * absolute(Z1) + apply("sign", Z2) - 2 * Z1 * Z2) == Z1 + 1 + Z1 * Z2


def test_constants_in_rising_order():
    log = lambda n: logarithm(constant(n))  # noqa: E731
    assert rising([pi(), log(2), constant(3), log(3), constant(0)]) == [constant(0), log(2), log(3), constant(3), pi()]
    assert rising([log(2), log(2) + log(3) * 0]) is None
    assert rising([]) == []


@given(
    st.lists(st.tuples(st.fractions(-2, 2, max_denominator=8), st.integers(-2, 2)), min_size=3, max_size=6),
    st.lists(st.fractions(-4, 4, max_denominator=97), min_size=5, max_size=5),
    st.sampled_from(["", "tanh", "sign"]),
)
def test_functions_of_nested_kinks_on_a_line_are_those_of_their_pieces(layers, points, outer):
    u = variable(0)
    values = list(points)
    for t, slope in layers:
        u = absolute(u - t) + u * slope
        values = [abs(x - t) + x * slope for x in values]
    expected = [float(x) for x in values]
    if outer:
        u = apply(outer, u)
        expected = [math.tanh(x) if outer == "tanh" else float(np.sign(x)) for x in expected]
    assert not any(kink for kink in sign_atoms(u) if not kink.argument.is_affine)
    with working_precision(64):
        f = compile_sum(u)
        for x, wanted in zip(points, expected, strict=True):
            at = [fraction_ball(x)]
            on_a_kink = any(real_value(compile_sum(kink.argument), at).is_zero() for kink in sign_atoms(u))
            assert (outer and on_a_kink) or (outer == "sign" and not wanted) or abs(float(real_value(f, at)) - wanted) < 1e-9


def test_many_nested_kinks_take_a_piece_each_and_no_two_to_their_number():
    u = variable(0)
    for k in range(6):
        u = absolute(u - Fraction(1, 2**k))
    assert len(sign_atoms(u)) == 2**6 - 1
    assert len(u.terms) <= 2 * 2**6 + 2
