"""The working precision is given back, and nothing that is kept at one precision is served at another."""

from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.precision import MAX_EXPONENT, exact_fraction, kept_balls, working_precision


@given(st.integers(2, 500), st.integers(2, 500))
def test_the_working_precision_is_given_back(outer, inner):
    before = ctx.prec
    with working_precision(outer):
        with working_precision(inner):
            assert ctx.prec == inner
        assert ctx.prec == outer
        with pytest.raises(ZeroDivisionError), working_precision(inner):
            _ = 1 / 0
        assert ctx.prec == outer
    assert ctx.prec == before


def test_what_is_kept_depends_on_precision_and_arguments_alone():
    asked = []

    @kept_balls(10)
    def quotient(x, y):
        """x/y."""
        asked.append((ctx.prec, x, y))
        return arb(x) / y

    for bits in (20, 60, 20, 60):
        with working_precision(bits):
            assert quotient(1, 3).overlaps(arb(1) / 3)
            assert bits - 4 < quotient(1, y=3).rel_accuracy_bits() <= bits + 4
            assert quotient(2, 3).overlaps(arb(2) / 3)
    assert sorted(set(asked)) == sorted(asked) == [(20, 1, 3), (20, 2, 3), (60, 1, 3), (60, 2, 3)]
    assert (quotient.__name__, quotient.__doc__) == ("quotient", "x/y.")
    quotient.cache_clear()
    with working_precision(20):
        quotient(1, 3)
    assert len(asked) == 5


def test_no_more_is_kept_than_was_said():
    asked = []
    twice = kept_balls(2)(lambda x: asked.append(x) or 2 * x)
    for x in (1, 2, 3, 1):
        assert twice(x) == 2 * x
    assert asked == [1, 2, 3, 1]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_points_are_the_fractions_that_floats_are(x):
    assert exact_fraction(arb(x)) == Fraction(x)


@pytest.mark.parametrize("side", [1, -1])
def test_numbers_too_long_to_write_are_refused(side):
    assert exact_fraction(arb(2) ** (side * MAX_EXPONENT)) == Fraction(2) ** (side * MAX_EXPONENT)
    with pytest.raises(OverflowError, match=rf"2\*\*\({side * (MAX_EXPONENT + 1)}\) is too long"):
        exact_fraction(arb(2) ** (side * (MAX_EXPONENT + 1)))
