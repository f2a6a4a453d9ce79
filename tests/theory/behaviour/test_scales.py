"""Scales in the order of their sizes, far out, and as text."""

from fractions import Fraction
from itertools import product

import pytest

from steinlab.theory.behaviour.scales import (
    LOGARITHMS,
    ONE,
    UnknownBehaviour,
    X,
    compare,
    constant_sign,
    exponential,
    leading_power,
)
from steinlab.theory.links.ring import apply, constant, pi


def test_scales_are_ordered_by_size():
    root = X ** constant(Fraction(1, 2))
    assert [compare(a, b) for a, b in ((X, root), (LOGARITHMS[0], root), (LOGARITHMS[1], LOGARITHMS[0]), (X, X))] == [
        1,
        -1,
        -1,
        0,
    ]
    assert compare(X ** (pi() - 3), ONE) == 1


def test_constants_have_certified_signs():
    assert [constant_sign(c) for c in (pi() - 4, pi() - 3, constant(0))] == [-1, 1, 0]


x, logs = X, LOGARITHMS


@pytest.mark.parametrize(
    ("scale", "far", "near"),
    [
        (ONE, "1", "1"),
        (x, "y", "y**(-1)"),
        (x ** constant(2), "y**2", "y**(-2)"),
        (x ** constant(-1), "y**(-1)", "y"),
        (x ** constant(Fraction(1, 2)), "y**(1/2)", "y**(-1/2)"),
        (x ** pi(), "y**(pi)", "y**(-pi)"),
        (logs[0], "abs(log(y))", "abs(log(y))"),
        (logs[1] ** constant(-1), "abs(log(abs(log(y))))**(-1)", "abs(log(abs(log(y))))**(-1)"),
        (x * logs[0] ** constant(3), "y*abs(log(y))**3", "y**(-1)*abs(log(y))**3"),
        (logs[3], f"{'abs(log(' * 4}y{'))' * 4}", f"{'abs(log(' * 4}y{'))' * 4}"),
        (exponential({x: constant(1)}), "exp(y)", "exp(y**(-1))"),
        (exponential({x: constant(-1)}) * x, "y*exp(-y)", "y**(-1)*exp(-y**(-1))"),
        (exponential({x: constant(Fraction(1, 2)), x ** constant(2): constant(-3)}), "exp((1/2)*y + (-3)*y**2)", None),
    ],
)
def test_scales_are_written_in_the_distance_and_in_the_size(scale, far, near):
    assert scale.written("y", 1) == far
    assert near is None or scale.written("y", -1) == near


RISING = [
    exponential({x: constant(-1)}), x ** constant(-1), logs[0] ** constant(-1), ONE, logs[3], logs[2], logs[1],
    logs[0], logs[0] ** constant(2), x ** constant(Fraction(1, 9)), x, x * logs[1], x * logs[0],
    *(exponential({x ** constant(Fraction(e, 2)): constant(1)}) for e in (1, 2, 4)),
]  # fmt: skip


def test_scales_are_ordered_from_exponentials_down_to_iterated_logarithms():
    for (i, a), (j, b) in product(enumerate(RISING), repeat=2):
        assert compare(a, b) == (i > j) - (i < j)


def test_an_exponent_whose_sign_is_not_known_compares_with_nothing():
    tiny = apply("exp", constant(Fraction(1, 10**200))) - 1
    assert constant_sign(tiny) is None
    assert constant_sign(apply("exp", constant(Fraction(1, 10**40))) - 1) == 1  # by the second, finer balls
    assert compare(x**tiny, ONE) is compare(ONE, x**tiny) is None
    assert leading_power(x**tiny) is None
    assert leading_power(x ** constant(-2) * logs[0]) == (logs[0], -1)


def test_logarithms_are_nested_up_to_four_deep():
    assert len(logs) == 4
    with pytest.raises(UnknownBehaviour, match="nested too deep"):
        logs[3] * x
