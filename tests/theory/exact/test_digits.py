"""Text and floats of balls claim no more than the ball: the claimed interval holds it, by exact rational arithmetic."""

import math
from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

from steinlab.theory.exact.digits import in_words, midpoint, outward, proved_decimal
from steinlab.theory.exact.numbers import working_precision

exact = st.builds(lambda m, e: Fraction(m) * Fraction(2) ** e, st.integers(-(2**60), 2**60), st.integers(-150, 90))
radii = st.builds(lambda m, e: Fraction(m) * Fraction(2) ** e, st.integers(0, 2**20), st.integers(-150, 60))


def ball(middle, radius):
    """A ball with these ends, or a slightly wider one: the ends are read off it."""
    return arb(arb(middle.numerator) / middle.denominator, arb(radius.numerator) / radius.denominator)


def ends(x):
    out = []
    for point in (x.lower(), x.upper()):
        mantissa, exponent = point.man_exp()
        out.append(Fraction(int(mantissa)) * Fraction(2) ** int(exponent))
    return out


def claimed(text):
    """The interval that a text claims: both ends, or a decimal give or take one unit of its last digit."""
    if text.startswith("["):
        return [Fraction(end) for end in text[1:-1].split(", ")]
    mantissa, _, exponent = text.partition("e")
    places = len(mantissa.partition(".")[2])
    unit = Fraction(10) ** (int(exponent or 0) - places)
    if Fraction(text) == 0:
        assert text == "0"
        unit = Fraction(0)
    return [Fraction(text) - unit, Fraction(text) + unit]


@given(exact, radii, st.integers(1, 15))
@example(Fraction(0), Fraction(0), 10)
@example(Fraction(97, 8), Fraction(1, 2), 10)
def test_the_claimed_interval_holds_the_ball_and_is_not_much_wider(middle, radius, digits):
    x = ball(middle, radius)
    low, high = ends(x)
    text = in_words(x, digits)
    left, right = claimed(text)
    assert left <= low <= high <= right
    # an interval is wider than its ball by a few units of its fourth digit; a decimal by its rounding and FLINT's
    size = max(abs(low), abs(high))
    slack = size * Fraction(2, 10**3) if text.startswith("[") else 100 * (high - low) + 20 * size / 10**digits
    assert right - left <= high - low + slack


@given(exact, radii)
def test_floats_are_rounded_outwards_to_neighbours(middle, radius):
    x = ball(middle, radius)
    low, high = ends(x)
    left, right = outward(x)
    assert Fraction(left) <= low <= high <= Fraction(right)
    assert Fraction(math.nextafter(math.nextafter(left, math.inf), math.inf)) > low
    assert Fraction(math.nextafter(math.nextafter(right, -math.inf), -math.inf)) < high


@given(exact, radii)
def test_a_float_is_shown_where_a_digit_is(middle, radius):
    x = ball(middle, radius)
    value, text = midpoint(x), proved_decimal(x)
    assert (value is None) == (text is None)
    if value is not None:
        low, high = ends(x)
        assert low - abs(low) / 2**52 <= Fraction(value) <= high + abs(high) / 2**52


def test_ends_between_two_floats_are_moved_to_the_outer_one():
    with working_precision(200):
        third = arb(1) / 3
        low, high = outward(third)
        assert (Fraction(low) < Fraction(1, 3) < Fraction(high), math.nextafter(low, 1)) == (True, high)
        assert outward(-third) == (-high, -low)
        huge = arb(math.ldexp(1 - 2.0**-53, 1024)) + 1
        assert outward(huge) is None


def test_balls_that_say_nothing_show_no_digit():
    assert in_words(arb(0, 5)).startswith("[-5")
    assert "e" not in in_words(arb(0, 5))
    assert [in_words(arb(x)) for x in ("nan", "inf")] == [None, None]
    assert [outward(arb(x)) for x in ("nan", "inf")] == [None, None]
    assert outward(arb(10) ** 400) is None
    assert midpoint(arb(10) ** 400) is None


@pytest.mark.parametrize("digits", [1, 5, 10])
def test_sizes_beyond_floats_have_digits_too(digits):
    text = in_words((arb(10) ** 6).exp(), digits)
    with mpmath.workdps(40):
        assert abs(mpmath.mpf(text) / mpmath.exp(10**6) - 1) < mpmath.mpf(10) ** (1 - digits)
