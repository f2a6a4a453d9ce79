"""One variable integrated out between its kinks: against mpmath, and every point of a ball is held by the value on the ball."""

import math
from fractions import Fraction

import mpmath
import pytest
from flint import acb, arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import working_precision
from steinlab.theory.integrals.slices import compile_slice, slice_along
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball

# (the product, with z2 to be integrated out; the kinks as polynomials in z2 at z1 = x; the rest of the integrand)
SLICES = {
    "sign(z1*z2-1)": lambda x: [(0, x, -1)],
    "sign(z1**2+z2**2-1)": lambda x: [(1, 0, x * x - 1)],
    "sign(z1*z2**2+z2-z1)": lambda x: [(x, 1, -x)],
    "sign(z1*z2-1)*sign(z2**2-z1)": lambda x: [(0, x, -1), (1, 0, -x)],
    "sign(z1*z2**2-z2+1)*sign(z1-z2)": lambda x: [(x, -1, 1), (0, -1, x)],
    "sign(z1**2*z2**2-2*z2*z1**3+z1**4-z1/2)": lambda x: [(x * x, -2 * x**3, x**4 - x / 2)],
}
xs = st.fractions(-3, 3, max_denominator=50)


def make(text, power=0, exponent=""):
    u = read(parse(text + (f"*z2**{power}" if power else "") + exponent))
    (product,) = u.terms
    part = slice_along(product, 1)
    f = compile_slice(part)
    side = float(next(iter(u.terms.values())))
    return lambda x, analytic=False: f([acb(x), acb(0)], analytic) * side


def by_quadrature(kinks, power, factor=lambda y: 1):
    """E[y^power factor(y) Π sign(kink)] at 20 digits, split at the roots."""
    points = {-16, -8, -4, 0, 4, 8, 16}
    for a, b, c in kinks:
        if a:
            squared = b * b - 4 * a * c
            points |= {(-b + s * mpmath.sqrt(squared)) / (2 * a) for s in (1, -1)} if squared >= 0 else set()
        elif b:
            points.add(-mpmath.mpf(c) / b)
    points = sorted(p for p in points if -16 <= p <= 16)

    def f(y):
        signs = mpmath.mpf(1)
        for a, b, c in kinks:
            signs *= mpmath.sign(a * y * y + b * y + c)
        return signs * y**power * factor(y) * mpmath.exp(-y * y / 2) / mpmath.sqrt(2 * mpmath.pi)

    return mpmath.quad(f, points, maxdegree=8)


@pytest.mark.parametrize("text", SLICES)
@settings(max_examples=6)
@given(x=xs, power=st.integers(0, 4))
def test_values_agree_with_quadrature(text, x, power):
    assume(x)
    with working_precision(90), mpmath.workdps(22):
        value = make(text, power)(fraction_ball(x)).real
        expected = by_quadrature(SLICES[text](mpmath.mpf(x.numerator) / x.denominator), power)
        assert value.is_finite()
        assert abs(mpmath.mpf(value.mid().str(25, radius=False)) - expected) < mpmath.mpf(10) ** -11 + float(value.rad())


@pytest.mark.parametrize("x", [Fraction(1, 3), Fraction(-5, 4)])
def test_exponentials_tilt_the_normal(x):
    value = make("sign(z1*z2**2+z2-z1)", 2, "*exp(-z1**2*z2**2 + z2*z1/2 - z1)")
    with working_precision(90), mpmath.workdps(22):
        t = mpmath.mpf(x.numerator) / x.denominator
        expected = by_quadrature([(t, 1, -t)], 2, lambda y: mpmath.exp(-((t * y) ** 2) + y * t / 2 - t))
        ball = value(fraction_ball(x)).real
        assert ball.rad() < 1e-18
        assert abs(mpmath.mpf(ball.mid().str(25, radius=False)) - expected) < 1e-11


@pytest.mark.parametrize("text", SLICES)
@given(x=xs, width=st.sampled_from([1e-9, 1e-3, 0.1, 0.5, 2.0]), inside=st.floats(-1, 1), power=st.integers(0, 3))
def test_a_ball_holds_the_value_at_each_of_its_points(text, x, width, inside, power):
    f = make(text, power)
    with working_precision(60):
        wide = f(arb(float(x), width)).real
        narrow = f(arb(float(x) + inside * width * 0.999)).real
        assert wide.is_finite()
        assert wide.overlaps(narrow)
        assert wide.rad() <= 4 * math.gamma(power + 1)  # never much wider than E|y|^power


@pytest.mark.parametrize("text", SLICES)
@given(x=xs, width=st.sampled_from([1e-9, 1e-3, 0.1, 0.5]), inside=st.floats(-1, 1))
def test_where_it_is_analytic_the_formula_is_the_value(text, x, width, inside):
    f = make(text, 1)
    with working_precision(60):
        value = f(acb(arb(float(x), width), arb(0, width)), True)
        if value.is_finite():
            assert value.real.overlaps(f(arb(float(x) + inside * width * 0.999)).real)


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("sign(z1*z2-1)", 0.0),  # the root passes through infinity
        ("sign(z1**2+z2**2-1)", 1.0),  # two roots meet
        ("sign(z1*z2-1)*sign(z2**2-z1)", 1.0),  # roots of two kinks meet
        ("sign(z1*z2**2+z2-z1)", 0.0),  # the leading coefficient vanishes
    ],
)
def test_no_analytic_formula_is_claimed_across_a_singular_point(text, x):
    with working_precision(60):
        f = make(text)
        assert not f(acb(arb(x, 0.01), arb(0, 0.01)), True).is_finite()
        assert f(arb(x, 0.01)).real.rad() < 0.5  # but the value is bounded


def test_other_functions_of_the_variable_have_no_slice():
    for text in ("tanh(z2)*sign(z1*z2-1)", "sign(z2**3-z1)", "exp(z2**2/2)*sign(z1*z2-1)", "exp(z2*z1*z2)*sign(z1*z2-1)"):
        (product,) = read(parse(text)).terms
        assert slice_along(product, 1) is None
