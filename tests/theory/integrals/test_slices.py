"""One variable integrated out between its kinks: against mpmath, and every point of a ball is held by the value on the ball."""

import math
from fractions import Fraction

import mpmath
import pytest
from flint import acb, arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from steinlab.theory.exact.precision import working_precision
from steinlab.theory.integrals.slices import (
    _absolute_moment,
    _below,
    _beyond,
    _change,
    _clusters,
    _moment,
    _Pattern,
    _pattern,
    _real_pattern,
    _tail_moment,
    compile_slice,
    slice_along,
)
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


@pytest.mark.parametrize("t", ["-3/2", "0", "7/10", "2"])
@pytest.mark.parametrize("j", range(6))
def test_truncated_moments_are_those_of_the_definition(j, t):
    with mpmath.workdps(25), working_precision(90):
        point = mpmath.mpf(Fraction(t).numerator) / Fraction(t).denominator

        def density(y):
            return y**j * mpmath.exp(-y * y / 2) / mpmath.sqrt(2 * mpmath.pi)

        below = _below(acb(fraction_ball(Fraction(t))), j).real
        assert float(below) == pytest.approx(float(mpmath.quad(density, [-mpmath.inf, -1, point])), rel=1e-14, abs=1e-15)
        whole = 2 * mpmath.quad(density, [0, 1, mpmath.inf])
        assert float(_absolute_moment(j)) == pytest.approx(float(whole), rel=1e-14)
        if point >= 0:
            beyond = 2 * mpmath.quad(density, [point, point + 2, mpmath.inf])
            assert float(_tail_moment(j, fraction_ball(Fraction(t)))) == pytest.approx(float(beyond), rel=1e-14)
    assert _tail_moment(j, arb("inf")) == 0


@pytest.mark.parametrize(("middle", "radius"), [(0, 1e-3), (1.5, 1e-2), (-2, 0.25), (0.5, 50), (3, math.inf)])
@pytest.mark.parametrize("j", range(5))
def test_what_a_ball_changes_is_its_width_times_the_largest_integrand(j, middle, radius):
    """∫ |y|^j φ over [t - r, t + r] <= 2 r max|y|^j φ(min|y|), and <= E|y|^j."""
    most, least = abs(middle) + radius, max(0, abs(middle) - radius)
    expected = 2 * radius * most**j * math.exp(-(least**2) / 2) / math.sqrt(2 * math.pi)
    whole = 2 ** (j / 2) * math.gamma((j + 1) / 2) / math.sqrt(math.pi)
    assert float(_change(arb(middle, radius), j)) == pytest.approx(min(expected, whole), rel=1e-6)


@pytest.mark.parametrize(
    ("coefficients", "left", "roots"),
    [
        ((0, 0, 3), 1, []),
        ((0, 0, -3), -1, []),
        ((0, 2, -1), -1, [0.5]),
        ((0, -2, 6), 1, [3]),
        ((1, 0, 1), 1, []),
        ((-2, 1, -3), -1, []),
        ((1, -3, 2), 1, [1, 2]),
        ((1, 3, 2), 1, [-2, -1]),
        ((-2, 6, -4), -1, [1, 2]),
        ((-2, -6, -4), -1, [-2, -1]),
        ((3, 0, -12), 1, [-2, 2]),
        ((-3, 0, 12), -1, [-2, 2]),
        ((1, 1, -6), 1, [-3, 2]),
        ((-1, 1, 6), -1, [-2, 3]),
    ],
)
def test_the_sign_of_a_quadratic_flips_at_its_roots(coefficients, left, roots):
    for analytic in (True, False):
        found = _pattern(*map(acb, coefficients), analytic)
        assert (found.left, found.known) == (left, None)
        assert [float(r.real) for r in found.roots] == pytest.approx(roots, rel=1e-12)


@pytest.mark.parametrize(
    ("coefficients", "left", "roots", "known"),
    [
        ((2, 0, 1), 1, [], 0.5),  # 2 y² < 1/2
        ((0, 3, -3), -1, [], 0.5),  # 3 |y| < 3/2
        ((8, 1, 4), 1, [], 0.5),  # 8 y² < 2 before |y| < 2
        ((0, 0, 5), 1, [], math.inf),
        ((1, 1, (0, 1)), None, [], None),
    ],
)
def test_near_the_origin_the_constant_has_the_sign(coefficients, left, roots, known):
    a, b, c = (arb(*x) if isinstance(x, tuple) else arb(x) for x in coefficients)
    found = _beyond(a, b, c)
    assert (found.left, list(found.roots)) == (left, roots)
    assert found.known is None if known is None else float(found.known) == pytest.approx(known, rel=1e-6)


def test_real_balls_across_singular_coefficients():
    """Roots that may meet: 2 y² - 4 y + 2 ± 1/8 at 1 ± 1/4; a leading one that vanishes: ±y²/100 ± y - 1, near ±1."""
    both = _real_pattern(arb(2), arb(-4), arb(2), 1, arb(0, 1))
    assert [float(r.real.upper()) for r in both.roots] == pytest.approx([1, 1.25], rel=1e-6)
    assert [float(r.real.lower()) for r in both.roots] == pytest.approx([0.75, 1], rel=1e-6)
    assert (both.left, both.known) == (1, None)
    flipped = _real_pattern(arb(-2), arb(4), arb(-2), -1, arb(1))
    assert (flipped.left, [float(r.real) for r in flipped.roots]) == (-1, pytest.approx([0.75, 1.25]))
    for side in (1, -1):
        one = _real_pattern(arb(0, 0.01), arb(side), arb(-1), None, arb(1, 0.04))
        assert one.left == -side
        assert [float(r.real.mid()) for r in one.roots] == pytest.approx([side], abs=0.02)
        assert float(one.known) == pytest.approx((1 + math.sqrt(0.96)) / 2 / 0.01, rel=1e-6)
    assert _real_pattern(arb(1), arb(1), arb(1), 1, arb("nan")).left is None
    assert _real_pattern(arb(0, 1), arb(0, 1), arb(4), None, arb(0, 9)).known == _beyond(arb(0, 1), arb(0, 1), arb(4)).known


def test_what_is_not_known_widens_the_moment_by_its_tail():
    """Beyond |y| = 2 a sign may be wrong: by 2 P(|y| > 2) at least, and by twice that at most; two roots that may meet cancel."""
    tail = math.erfc(2 / math.sqrt(2))
    value = _moment([_Pattern(1, (), arb(2))], 0, False).real
    assert float(value.mid()) == pytest.approx(1)
    assert 2 * tail <= float(value.rad()) <= 4 * tail * (1 + 1e-6)
    assert not _moment([_Pattern(1, (), arb(2))], 0, True).is_finite()
    ball = acb(arb(1, 0.01))
    height = math.exp(-(0.99**2) / 2) / math.sqrt(2 * math.pi)
    pair = _moment([_Pattern(-1, (ball, ball))], 0, False).real
    assert (float(pair.mid()), float(pair.rad())) == (pytest.approx(-1), pytest.approx(2 * 0.02 * height, rel=1e-6))
    three = _moment([_Pattern(-1, (ball, ball)), _Pattern(1, (ball,))], 0, False).real
    assert float(three.mid()) == pytest.approx(math.erf(-1 / math.sqrt(2)))
    assert float(three.rad()) == pytest.approx(4 * 0.02 * height, rel=1e-6)
    assert _moment([_Pattern(None)], 3, False).real.contains(1)
    assert float(_moment([_Pattern(None)], 3, False).real.rad()) == pytest.approx(4 / math.sqrt(2 * math.pi), rel=1e-6)
    assert not _moment([_Pattern(-1, (ball,)), _Pattern(1, (ball,))], 0, True).is_finite()


def test_roots_come_in_rising_order_with_the_sign_after_those_before():
    far, near, wide = acb(arb(3)), acb(arb(-1)), acb(arb(2.5, 0.1))
    assert _clusters([_Pattern(1)], [near, far], True) == [(1, [near]), (-1, [far])]
    assert _clusters([_Pattern(1), _Pattern(1)], [far, wide, near], False) == [(1, [near]), (-1, [wide]), (1, [far])]
    found = _clusters([_Pattern(1), _Pattern(1)], [far, acb(arb(2.5, 0.6)), near, acb(arb(3.05, 0.1))], False)
    assert [(sign, len(cluster)) for sign, cluster in found] == [(1, 1), (-1, 3)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("exp(z2**2*49/100)", True),
        ("exp(z2**2/2)", False),
        ("exp(z1**2*z2**2)", False),
        ("sign(z2**2 + z1*z2)*z2**3", True),
        ("sign(z2**3 + z1)", False),
        ("cos(z2)", False),
        ("exp(z2**3)", False),
    ],
)
def test_slices_are_of_quadratics_with_a_finite_mean(text, found):
    (product,) = read(parse(text)).terms
    assert (slice_along(product, 1) is not None) == found


def test_a_tilt_moves_every_coefficient():
    """E exp(A y² + B y + C) y^j sign(y² + x y - 2) with A = -x², B = x, C = x, against quadrature, j = 0..4."""
    for power in range(5):
        value = make("sign(z2**2+z1*z2-2)", power, "*exp(-z1**2*z2**2 + z2*z1 + z1)")
        with working_precision(90), mpmath.workdps(22):
            t = mpmath.mpf(3) / 4
            expected = by_quadrature([(1, t, -2)], power, lambda y, t=t: mpmath.exp(-((t * y) ** 2) + y * t + t))
            assert float(value(fraction_ball(Fraction(3, 4))).real) == pytest.approx(float(expected), rel=1e-11)
