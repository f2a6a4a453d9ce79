"""Each row of the table of functions, against mpmath and against the function itself."""

from fractions import Fraction

import mpmath
import pytest
from flint import acb, arb

from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.expectations import times_hermite
from steinlab.theory.integrals.quadrature import mean_enclosure
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.functions import FUNCTIONS, bound_of
from steinlab.theory.links.symbolic import Atom, apply, logarithm, variable

SMOOTH = [name for name in FUNCTIONS if name != "sign"]
POINTS = [Fraction(k, 7) for k in (-40, -9, -5, -2, 1, 3, 6, 11, 50)]


def inside(name):
    """The points at which the function is defined and smooth."""
    return [x for x in POINTS if (name != "log" or x > 0) and (name != "asin" or abs(x) < 1)]


def reference(name, x):
    return getattr(mpmath, name)(mpmath.mpf(x.numerator) / x.denominator)


def value(name, x):
    return float(FUNCTIONS[name].ball(acb(fraction_ball(x)), False).real)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_balls_hold_the_values(name):
    assert [value(name, x) for x in inside(name)] == pytest.approx([float(reference(name, x)) for x in inside(name)], rel=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives(name):
    z = variable(0)
    slope = compile_sum(FUNCTIONS[name].derivative(Atom.get(name, z)))
    for x in inside(name):
        expected = mpmath.diff(getattr(mpmath, name), mpmath.mpf(x.numerator) / x.denominator)
        assert float(real_value(slope, [fraction_ball(x)])) == pytest.approx(float(expected), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_ranges_and_signs(name):
    row = FUNCTIONS[name]
    for x in inside(name):
        y = value(name, x)
        assert row.low is None or y >= row.low
        assert row.high is None or y <= row.high
        assert not row.positive or y > 0
        assert row.root is None or (y > 0) == (x > row.root)
        assert row.near_zero is None or abs(y) <= row.near_zero * abs(x)
        assert not row.parity or value(name, -x) == pytest.approx(row.parity * y)
    if row.increasing:
        values = [float(FUNCTIONS[name].ball(acb(k) / 4, False).real) for k in range(-12, 13)]
        assert values == sorted(set(values))


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.gap is not None])
def test_the_gap_to_the_limit(name):
    row = FUNCTIONS[name]
    gap = compile_sum(row.gap(variable(0)))
    for x in (x for x in POINTS if 0 < x < 3):
        assert 0 <= row.high - value(name, x) <= float(real_value(gap, [fraction_ball(x)]))


@pytest.mark.parametrize(("name", "q"), [("exp", 5), ("tanh", Fraction(-1, 3)), ("log", 2)])
def test_inverses(name, q):
    v = FUNCTIONS[name].inverse(Number.of(q))
    assert (logarithm(v) if name == "log" else apply(name, v)).number == q


@pytest.mark.parametrize(("name", "q"), [("exp", 0), ("exp", -1), ("tanh", 1), ("tanh", -2)])
def test_what_is_no_value_has_no_inverse(name, q):
    assert FUNCTIONS[name].inverse(Number.of(q)) is None


def test_bounds():
    assert [bound_of(name) for name in ("sin", "exp", "log", "z", "base")] == [1, None, None, None, None]


CUTS = {"log": (0, -1, -5), "atan": (1j, 1.5j, -1j, -2j), "asin": (1, 1.5, -1, -3), "sign": (0, 1j, -2j)}
"""Points on the cuts of each function that is not analytic everywhere."""


@pytest.mark.parametrize(("name", "point"), [(name, complex(point)) for name, points in CUTS.items() for point in points])
@pytest.mark.parametrize("radius", [0, 2.0**-40, 0.1, 3])
def test_no_ball_that_meets_a_cut_is_said_to_be_analytic(name, point, radius):
    around = acb(arb(point.real, radius), arb(point.imag, radius))
    assert not FUNCTIONS[name].ball(around, True).is_finite()


@pytest.mark.parametrize("name", CUTS)
def test_balls_off_the_cuts_are_finite_and_the_same_with_the_flag(name):
    for point in (0.25 + 0.25j, 0.5 - 0.75j):
        around = acb(arb(point.real, 0.01), arb(point.imag, 0.01))
        free, analytic = (FUNCTIONS[name].ball(around, flag) for flag in (False, True))
        assert analytic.is_finite()
        assert str(analytic) == str(free) or name == "sign"


def test_the_arctangent_is_not_analytic_across_its_cuts():
    ball = FUNCTIONS["atan"].ball
    across = acb(arb(0, 1), arb(1, 0.5))
    assert not ball(across, True).is_finite()
    assert ball(acb(arb(0, 1), arb(0, 0.5)), True).is_finite()
    assert ball(acb(arb(3, 1), arb(0, 5)), True).is_finite()


def test_a_row_is_enough_for_gaussian_means_of_its_function():
    """E[z atan z] = E[1/(1 + z²)] = √(π/2) √e erfc(1/√2), and E[He_2(z) z atan z] = 2 E[1/(1 + z²)²] = 1."""
    g = read(parse("z1*arctan(z1)"))
    assert float(mean_enclosure(g, 53).mid()) == pytest.approx(
        float(mpmath.sqrt(mpmath.pi * mpmath.e / 2) * mpmath.erfc(mpmath.sqrt(0.5)))
    )
    assert float(mean_enclosure(times_hermite(g, (2,)), 53).mid()) == pytest.approx(1)
