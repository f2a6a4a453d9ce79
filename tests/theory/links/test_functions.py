"""Each row of the table of functions, against mpmath by the definition of the function that stands in the row of this test.

A new function needs a row here, and nothing else: a row without an oracle, or an oracle without a row, is an error.
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import mpmath
import numpy as np
import pytest
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.numerics.samples.expressions import compile_expression
from steinlab.theory.behaviour.growth import growth
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.expectations import times_hermite
from steinlab.theory.integrals.quadrature import mean_enclosure
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.functions import COMPOSED, FUNCTIONS, INSTEAD, bound_of
from steinlab.theory.links.ranges import value_range
from steinlab.theory.links.ring import Atom, apply, constant, logarithm, variable
from steinlab.theory.shape.monotone import monotone_link
from steinlab.theory.verdicts import Verdict


class Oracle(NamedTuple):
    """A function, the interval on which it is defined, and its kinks; `monotone` where it does not decrease."""

    f: Callable
    domain: tuple = (-np.inf, np.inf)
    kinks: tuple = ()
    monotone: bool = False


ORACLES = {
    "exp": Oracle(mpmath.exp, monotone=True),
    "log": Oracle(mpmath.log, domain=(0, np.inf), monotone=True),
    "sin": Oracle(mpmath.sin),
    "cos": Oracle(mpmath.cos),
    "tanh": Oracle(mpmath.tanh, monotone=True),
    "erf": Oracle(mpmath.erf, monotone=True),
    "asin": Oracle(mpmath.asin, domain=(-1, 1), monotone=True),
    "atan": Oracle(mpmath.atan, monotone=True),
    "asinh": Oracle(mpmath.asinh, monotone=True),
    "sign": Oracle(mpmath.sign, kinks=(0,), monotone=True),
    "abs": Oracle(abs, kinks=(0,)),
    "relu": Oracle(lambda u: max(u, mpmath.mpf(0)), kinks=(0,), monotone=True),
    "sigmoid": Oracle(lambda u: 1 / (1 + mpmath.exp(-u)), monotone=True),
    "softplus": Oracle(lambda u: mpmath.log1p(mpmath.exp(u)), monotone=True),
    "gelu": Oracle(lambda u: u * mpmath.ncdf(u)),
    "silu": Oracle(lambda u: u / (1 + mpmath.exp(-u))),
    "leaky_relu": Oracle(lambda u: u if u > 0 else u / 100, kinks=(0,), monotone=True),
    "elu": Oracle(lambda u: u if u > 0 else mpmath.expm1(u), kinks=(0,), monotone=True),
    "cosh": Oracle(mpmath.cosh),
    "sinh": Oracle(mpmath.sinh, monotone=True),
    "erfc": Oracle(mpmath.erfc),
    "heaviside": Oracle(lambda u: (mpmath.sign(u) + 1) / 2, kinks=(0,), monotone=True),
}
TYPED = [name for name in ORACLES if name != "asin"]
EVERYWHERE = [name for name in TYPED if name != "log"]
POINTS = [Fraction(k, 7) for k in (-40, -9, -5, -2, 1, 3, 6, 11, 50)]


def inside(name):
    """The points at which the function is defined and smooth."""
    low, high = ORACLES[name].domain
    return [x for x in POINTS if low < x < high]


def exact(x):
    return mpmath.mpf(x.numerator) / x.denominator


def reference(name, x):
    return ORACLES[name].f(exact(x))


def form(name):
    """The normal form of the function as it is typed, of a variable on the whole line."""
    return read(parse(f"{name}(z1)"))


def holds(ball, value):
    """Whether a ball of 53 bits holds what mpmath says to many more."""
    return ball.is_finite() and abs(ball - arb(mpmath.nstr(value, 40))) < arb(2) ** -40 * (1 + abs(ball))


@pytest.fixture(autouse=True)
def many_digits():
    with mpmath.workdps(50):
        yield


def test_every_row_has_its_oracle():
    assert set(ORACLES) == {*FUNCTIONS, *COMPOSED}
    assert {*TYPED} == {name for name in ORACLES if name in COMPOSED or FUNCTIONS[name].floats}
    assert {*INSTEAD}.isdisjoint(ORACLES)


# -- what holds of every row


@pytest.mark.parametrize("name", FUNCTIONS)
def test_balls_hold_the_values(name):
    ball = FUNCTIONS[name].ball
    for x in inside(name):
        assert holds(ball(acb(fraction_ball(x)), False).real, reference(name, x))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_wide_balls_hold_every_value(name):
    ball = FUNCTIONS[name].ball
    for centre in inside(name):
        for radius in (0.01, 0.3, 5.0):
            found = ball(acb(arb(fraction_ball(centre).mid(), radius)), False).real
            around = [centre + Fraction(radius) * k / 4 for k in range(-4, 5)]
            for x in around:
                if ORACLES[name].domain[0] < x < ORACLES[name].domain[1] and found.is_finite():
                    assert arb(mpmath.nstr(reference(name, x), 30)).overlaps(found)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name in EVERYWHERE])
def test_wide_balls_on_the_line_are_finite(name):
    assert FUNCTIONS[name].ball(acb(arb(0.5, 10)), False).is_finite()


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name in TYPED and name != "sign"])
@pytest.mark.parametrize("point", [0.3 + 0.3j, 0.5j, 0.7 - 0.1j, 0.25])
def test_balls_in_the_plane_hold_the_values_and_are_not_much_wider(name, point):
    """Integrals converge as fast as balls are narrow: 28000 values of sqrt(1 + asinh²) were too many where 330 are enough."""
    f, radius = ORACLES[name].f, 0.01
    found = FUNCTIONS[name].ball(acb(arb(point.real, radius), arb(point.imag, radius if point.imag else 0)), True)
    slope = abs(mpmath.diff(f, point))
    assert found.is_finite()
    for size in (found.real.rad(), found.imag.rad()):
        assert float(size) < 4 * radius * (float(slope) + 0.1)
    for shift in (0, 0.009, -0.009, 0.009j * bool(point.imag), (0.007 - 0.007j) if point.imag else 0.007):
        true = mpmath.mpmathify(f(mpmath.mpmathify(point + shift)))
        assert found.contains(acb(arb(mpmath.nstr(true.real, 30)), arb(mpmath.nstr(true.imag, 30))))


@pytest.mark.parametrize("name", EVERYWHERE)
def test_the_normal_form_has_the_values(name):
    f = compile_sum(form(name))
    for x in inside(name):
        assert holds(real_value(f, [fraction_ball(x)]), reference(name, x))


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("argument", ["z1", "z1/3 + 1/4"])
def test_samples_have_the_values(name, argument):
    names = [name, *(FUNCTIONS[name].also if name in FUNCTIONS else COMPOSED[name].also)]
    points = np.array([float(x) for x in inside(name) if x > 0 or argument == "z1"])
    at = points if argument == "z1" else points / 3 + 0.25
    expected = [float(ORACLES[name].f(mpmath.mpf(float(u)))) for u in at]
    for each in names:
        found = compile_expression(parse(f"{each}({argument})"))(points[None])
        assert found == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "sign"])
def test_derivatives(name):
    slope = compile_sum(FUNCTIONS[name].derivative(Atom.get(name, variable(0))))
    for x in inside(name):
        expected = mpmath.diff(ORACLES[name].f, exact(x))
        assert float(real_value(slope, [fraction_ball(x)])) == pytest.approx(float(expected), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_derivatives_of_normal_forms(name):
    slope = compile_sum(form(name).derivative(0))
    for x in inside(name):
        expected = mpmath.diff(ORACLES[name].f, exact(x))
        assert float(real_value(slope, [fraction_ball(x)])) == pytest.approx(float(expected), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_parity_is_seen(name):
    f, z = ORACLES[name].f, variable(0)
    values = [(f(-exact(x)), reference(name, x)) for x in POINTS]
    even, odd = (all(abs(a - side * b) < 1e-30 * (1 + abs(a)) for a, b in values) for side in (1, -1))
    mirrored = form(name).substitute({0: -z})
    assert ((mirrored - form(name)).is_zero, (mirrored + form(name)).is_zero) == (even, odd)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_ranges_hold_every_value(name):
    found = value_range(form(name))
    for x in (*POINTS, Fraction(-300), Fraction(300)):
        value = arb(mpmath.nstr(reference(name, x), 40))
        assert found.low is None or not value < found.low.ball()
        assert found.high is None or not value > found.high.ball()


@pytest.mark.parametrize("name", EVERYWHERE)
def test_growth_bounds_every_value(name):
    bound = growth(form(name))
    for x in (*POINTS, Fraction(-300), Fraction(300)):
        size = abs(fraction_ball(x))
        if size < fraction_ball(bound.beyond.get(0, Fraction(0))):
            continue
        exponent = bound.rate.get(0, arb(0)) * size + bound.square.get(0, arb(0)) * size**2
        most = bound.constant * (1 + size) ** bound.power.get(0, arb(0)) * exponent.exp()
        assert not most < abs(arb(mpmath.nstr(reference(name, x), 40)))


@pytest.mark.parametrize("name", EVERYWHERE)
def test_monotone_functions_are_seen_to_be(name):
    f = ORACLES[name].f
    values = [f(mpmath.mpf(k) / 16) for k in range(-160, 161)]
    assert (values == sorted(values)) == ORACLES[name].monotone  # the oracle says so itself
    verdict = monotone_link(LinkExpansion.from_expression(f"{name}(z1)")).verdict
    falls = values == sorted(values, reverse=True)
    assert verdict is (Verdict.HOLDS if ORACLES[name].monotone or falls else Verdict.FAILS)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(90)
"""On [-1, 1]; functions have kinks at zero, so that either half-line is integrated for itself."""


def gaussian_means(f, orders):
    """E[He_k(z) f(z)] for these k, by values of f at 180 points."""
    z = np.concatenate([side * 6 * (NODES + 1) for side in (1, -1)])
    weights = np.concatenate([WEIGHTS, WEIGHTS]) * 6 * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    values = np.array([float(f(mpmath.mpf(x))) for x in z])
    return [float(np.sum(weights * values * np.polynomial.hermite_e.hermeval(z, [0] * k + [1]))) for k in orders]


@pytest.mark.parametrize("name", EVERYWHERE)
def test_hermite_coefficients(name):
    f = ORACLES[name].f
    expansion = LinkExpansion.from_expression(f"{name}(z1/2)")
    found = [float(expansion.coefficient((k,))) for k in range(4)]
    assert found == pytest.approx(gaussian_means(lambda z: f(z / 2), range(4)), rel=1e-9, abs=1e-10)


@settings(max_examples=60)
@given(st.sampled_from(EVERYWHERE), st.sampled_from(EVERYWHERE), st.fractions(-2, 2, max_denominator=5), st.sampled_from(POINTS))
def test_compositions_have_the_values_of_their_parts(outer, inner, c, x):
    x = x / 4
    with mpmath.workdps(50):
        expected = ORACLES[outer].f(exact(c) - ORACLES[inner].f(exact(x)) / 2)
        text = f"{outer}({c} - {inner}(z1)/2)"
        assert holds(real_value(compile_sum(read(parse(text))), [fraction_ball(x)]), expected)
        assert compile_expression(parse(text))(np.array([[float(x)]])) == pytest.approx([float(expected)], rel=1e-9, abs=1e-9)


# -- the columns of functions in normal forms


@pytest.mark.parametrize("name", FUNCTIONS)
def test_columns_say_no_more_than_holds(name):
    row = FUNCTIONS[name]
    for x in inside(name):
        y = reference(name, x)
        assert row.low is None or y >= exact(row.low)
        assert row.high is None or y <= exact(row.high)
        assert row.root is None or (y > 0) == (x > row.root)
        assert row.near_zero is None or abs(y) <= row.near_zero * abs(exact(x))
    if ORACLES[name].domain[0] < 0:
        assert row.at_zero == ORACLES[name].f(mpmath.mpf(0))
    assert row.near_zero is None or row.at_zero == 0
    assert row.parity == -1 or (row.gap, row.far) == (None, None)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_columns_say_all_that_holds(name):
    row, (f, domain, _, monotone) = FUNCTIONS[name], ORACLES[name]
    points = [mpmath.mpf(k) / 16 for k in range(-112, 113) if domain[0] < mpmath.mpf(k) / 16 < domain[1]]
    values = [f(x) for x in points]
    everywhere = domain == (-np.inf, np.inf)
    assert row.increasing == (everywhere and all(a < b for a, b in pairwise(values)))
    assert row.positive == (everywhere and min(values) > 0)
    if domain[0] == -domain[1]:
        same = {side: all(abs(f(-x) - side * y) < 1e-30 for x, y in zip(points, values, strict=True)) for side in (1, -1)}
        assert row.parity == next((side for side, holds_so in same.items() if holds_so), 0)
    changes = [b for a, b, y, z in zip(points, points[1:], values, values[1:], strict=False) if y <= 0 < z]
    assert (row.root is not None) == (monotone and name != "sign" and bool(changes))
    assert (row.bound is not None) == (everywhere and max(map(abs, values)) < 2)


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.near_zero is not None])
def test_slopes_at_zero(name):
    tiny = mpmath.mpf(10) ** -20
    assert FUNCTIONS[name].near_zero - 1 < abs(ORACLES[name].f(tiny)) / tiny <= FUNCTIONS[name].near_zero


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.gap is not None])
def test_the_gap_to_the_limit(name):
    row = FUNCTIONS[name]
    gap = compile_sum(row.gap(variable(0)))
    for x in (*(x for x in POINTS if x > 0), Fraction(1, 10**6)):
        left = arb(mpmath.nstr(exact(row.high) - reference(name, x), 30))
        assert left >= 0
        assert not left > real_value(gap, [fraction_ball(x)])


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.far is not None])
def test_fractions_far_out(name):
    above, below = map(compile_sum, FUNCTIONS[name].far(variable(0)))
    for x in (x for x in POINTS if x > 0):
        at = [fraction_ball(x)]
        assert real_value(below, at) > 0
        assert holds(real_value(above, at) / real_value(below, at), reference(name, x))


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.attains is not None])
@pytest.mark.parametrize("q", [-1, 0, 1])
def test_values_that_are_attained(name, q):
    found = FUNCTIONS[name].attains(Number.of(q))
    assert apply(name, found).number == q


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.inverse is not None])
@pytest.mark.parametrize(
    "q", [Fraction(1, 3), Fraction(-1, 4), Fraction(5), Fraction(0), Fraction(1), Fraction(-1), Fraction(-7, 2)]
)
def test_inverses(name, q):
    row = FUNCTIONS[name]
    found = row.inverse(Number.of(q))
    is_value = not (row.low is not None and q <= row.low) and not (row.high is not None and q >= row.high)
    assert (found is not None) == is_value
    if found is not None:
        assert holds(real_value(compile_sum(apply(name, found) if name != "log" else logarithm(found)), []), exact(q))
        assert (logarithm(found) if name == "log" else apply(name, found)).number in (q, None)


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.moments is not None])
def test_gaussian_moments(name):
    """E[x^j f(b x + v)] for f without or with a kink at zero."""
    slope, shift = Fraction(-3, 2), Fraction(0 if name == "sign" else 2, 3)
    found = FUNCTIONS[name].moments(3, constant(slope), variable(0))
    centred = gaussian_means(lambda x: ORACLES[name].f(exact(slope) * x + exact(shift)), range(4))
    powers = [centred[0], centred[1], centred[2] + centred[0], centred[3] + 3 * centred[1]]
    values = [float(real_value(compile_sum(moment), [fraction_ball(shift)])) for moment in found]
    assert values == pytest.approx(powers, rel=1e-10, abs=1e-10)


def test_bounds():
    assert [bound_of(name) for name in ("sin", "exp", "log", "z", "base")] == [1, None, None, None, None]


CUTS = {
    "log": (0, -1, -5),
    "atan": (1j, 1.5j, -1j, -2j),
    "asinh": (1j, 1.5j, -1j, -2j),
    "asin": (1, 1.5, -1, -3),
    "sign": (0, 1j, -2j),
}
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


# -- functions that are made of others


@pytest.mark.parametrize("name", [name for name, row in COMPOSED.items() if row.text])
def test_what_is_written_out_binds_as_a_call_does(name):
    argument = "z1 - 1/2"
    at = [x - Fraction(1, 2) for x in POINTS]
    values = compile_expression(parse(f"3 - 2*{name}({argument})^2"))(np.array([[float(x) for x in POINTS]]))
    assert values == pytest.approx([float(3 - 2 * reference(name, x) ** 2) for x in at], rel=1e-12, abs=1e-12)


def test_a_row_without_a_second_argument_takes_none():
    assert [name for name, row in COMPOSED.items() if row.second] == ["leaky_relu"]
    for name in COMPOSED:
        if name != "leaky_relu":
            with pytest.raises(InputError, match=r"takes 1 argument, got 2"):
                read(parse(f"{name}(z1, 1/2)"))


def test_a_row_is_enough_for_gaussian_means_of_its_function():
    """E[z atan z] = E[1/(1 + z²)] = √(π/2) √e erfc(1/√2), and E[He_2(z) z atan z] = 2 E[1/(1 + z²)²] = 1."""
    g = read(parse("z1*arctan(z1)"))
    assert float(mean_enclosure(g, 53).mid()) == pytest.approx(
        float(mpmath.sqrt(mpmath.pi * mpmath.e / 2) * mpmath.erfc(mpmath.sqrt(0.5)))
    )
    assert float(mean_enclosure(times_hermite(g, (2,)), 53).mid()) == pytest.approx(1)
