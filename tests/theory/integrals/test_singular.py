"""Integrals up to singular points: bounds next to them at drawn points and where they are attained, and values by mpmath."""

from fractions import Fraction
from math import factorial

import mpmath
import pytest
from flint import acb, arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.precision import working_precision
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.quadrature import mean_enclosure
from steinlab.theory.integrals.singular import (
    _ORDER,
    LocalBound,
    NoBound,
    _compile,
    _order_of_zero,
    _powers,
    lower,
    toward,
    upper,
)
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.cases import settle
from steinlab.theory.links.ring import constant, sign_atoms

BALL = arb(0).union(arb(2) ** -40)
POINTS = st.integers(41, 160).map(lambda k: mpmath.mpf(2) ** -k)


def to_the_right(text):
    """A link for z1 > 0, its kinks at zero settled."""
    u = read(parse(text))
    return settle(u, dict.fromkeys(sign_atoms(u), 1))


@pytest.mark.parametrize(("order", "logs"), [(0.4, 0), (0.98, 0), (0, 3), (0.5, 1), (-2, 0), (0.25, 2.5)])
def test_the_integral_of_a_bound_is_that_of_the_bound(order, logs):
    found = LocalBound(arb(3), arb(order), arb(logs)).integral(arb(2) ** -20)
    with mpmath.workdps(30):
        room = 1 - mpmath.mpf(order)
        true = 3 * mpmath.quad(lambda x: x**logs * mpmath.exp(-room * x), [20 * mpmath.log(2), 40, 100, 1000, 20_000])
    assert float(found) == pytest.approx(float(true), rel=1e-9)
    assert float(found) >= float(true) * (1 - 1e-12)


@pytest.mark.parametrize("order", [1, 1.5, arb(1, 1e-9)])
def test_what_is_not_integrable_has_no_bound(order):
    assert not LocalBound(arb(1), arb(order), arb(0)).integral(arb(2) ** -20).is_finite()


FACTORS = {
    "abs(z1)**(-2/5)": lambda w: w ** mpmath.mpf(-0.4),
    "abs(z1)**(3/2)": lambda w: w ** mpmath.mpf(1.5),
    "log(abs(z1))": lambda w: mpmath.log(w),
    "log(abs(z1)**(1/3) + z1**2)": lambda w: mpmath.log(mpmath.cbrt(w) + w**2),
    "sqrt(1 + 1/abs(z1))": lambda w: mpmath.sqrt(1 + 1 / w),
    "(abs(z1) + 2*z1**2)**(-1/3)": lambda w: (w + 2 * w * w) ** (-1 / mpmath.mpf(3)),
    "sin(3*z1)": lambda w: mpmath.sin(3 * w),
    "erf(z1)": lambda w: mpmath.erf(w),
    "tanh(2*z1)": lambda w: mpmath.tanh(2 * w),
    "(1 - cos(z1))": lambda w: 1 - mpmath.cos(w),
    "exp(-log(abs(z1))*pi/9)": lambda w: w ** (-mpmath.pi / 9),
    "exp(log(abs(z1))*pi)": lambda w: w**mpmath.pi,
    "exp(-1/abs(z1))": lambda w: mpmath.exp(-1 / w),
    "abs(exp(z1) - 1)**(-1/4)": lambda w: mpmath.expm1(w) ** mpmath.mpf(-0.25),
    "abs(2*z1 + z1**2)**(-1/2)": lambda w: (2 * w + w * w) ** mpmath.mpf(-0.5),
    "1/log(2 + 1/abs(z1))": lambda w: 1 / mpmath.log(2 + 1 / w),
    "(3 - z1)": lambda w: 3 - w,
}


def size(bound, w):
    return float(bound.size) * w ** -mpmath.mpf(float(bound.order)) * (-mpmath.log(w)) ** float(bound.logs)


@given(st.lists(st.lists(st.sampled_from(sorted(FACTORS)), min_size=1, max_size=3), min_size=1, max_size=2), POINTS)
def test_drawn_links_stay_below_their_bounds(terms, w):
    bound = upper(to_the_right(" + ".join("*".join(term) for term in terms)), BALL)
    with mpmath.workdps(150):
        true = abs(sum(mpmath.fprod(FACTORS[name](w) for name in term) for term in terms))
        assert true <= size(bound, w) * (1 + 1e-9)


POSITIVE = sorted(
    set(FACTORS)
    - {"log(abs(z1))", "log(abs(z1)**(1/3) + z1**2)", "exp(-1/abs(z1))", "exp(log(abs(z1))*pi)", "exp(-log(abs(z1))*pi/9)"}
)


@given(st.lists(st.sampled_from(POSITIVE), min_size=1, max_size=3), POINTS)
def test_drawn_products_stay_above_their_bounds(factors, w):
    try:
        least, order = lower(to_the_right("*".join(factors)), BALL)
    except NoBound:
        return
    with mpmath.workdps(150):
        true = mpmath.fprod(FACTORS[name](w) for name in factors)
        assert true >= float(least) * w ** mpmath.mpf(float(order)) * (1 - 1e-9)


@pytest.mark.parametrize(
    ("text", "size", "order", "logs"),
    [
        ("3*abs(z1)**(-2/5)", 3, 0.4, 0),
        ("2*z1*abs(z1)**(-6/5)", 2, 0.2, 0),
        ("sqrt(4*abs(z1)**(-1))", 2, 0.5, 0),
        ("(1 - cos(z1))*abs(z1)**(-9/4)", 0.5, 0.25, 0),
        ("tanh(z1)/2", 0.5, -1, 0),
        ("log(abs(z1))", 2, 0, 1),
        ("(2*abs(z1) + z1**2)**(-1/2)", 2**-0.5, 0.5, 0),
        ("cos(z1)*erf(5)", float(mpmath.erf(5)), 0, 0),
    ],
)
def test_upper_bounds_are_as_small_as_their_rules_allow(text, size, order, logs):
    bound = upper(to_the_right(text), BALL)
    assert [float(x) for x in (bound.size, bound.order, bound.logs)] == pytest.approx([size, order, logs], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "size", "order"),
    [
        ("3*abs(z1)**(2/5)", 3, 0.4),
        ("2*abs(z1) + z1**2", 2, 1),
        ("1 - cos(2*z1)", 2, 2),
        ("1/(5*abs(z1))", 0.2, -1),
        ("2 + sin(z1)", 2, 0),
    ],
)
def test_lower_bounds_are_as_large_as_their_rules_allow(text, size, order):
    least, m = lower(to_the_right(text), BALL)
    assert [float(least), float(m)] == pytest.approx([size, order], rel=1e-9, abs=1e-12)


with mpmath.workdps(60):
    ROOT, HALF_ROOT, INVERSE = mpmath.sqrt(2), mpmath.sqrt(3) / 2, 1 / mpmath.pi
VALUES = [
    ("abs(z1)**(-0.4)", lambda z: abs(z) ** mpmath.mpf("-0.4"), [0]),
    (
        "abs(z1 - 1/3)**(-1/5)*sin(z1)",
        lambda z: abs(z - mpmath.mpf(1) / 3) ** mpmath.mpf("-0.2") * mpmath.sin(z),
        [mpmath.mpf(1) / 3],
    ),
    ("log(abs(z1**2 - 1))", lambda z: mpmath.log(abs(z * z - 1)), [-1, 1]),
    ("abs(z1**2 - 2)**(-0.3)", lambda z: abs(z * z - 2) ** mpmath.mpf("-0.3"), [-ROOT, ROOT]),
    ("abs(2*z1 - sqrt(3))**(-0.3)", lambda z: abs(2 * z - 2 * HALF_ROOT) ** mpmath.mpf("-0.3"), [HALF_ROOT]),
    ("abs(pi*z1 - 1)**(-0.3)", lambda z: abs(mpmath.pi * (z - INVERSE)) ** mpmath.mpf("-0.3"), [INVERSE]),
    ("sqrt(1 + 1/sqrt(abs(z1)))", lambda z: mpmath.sqrt(1 + 1 / mpmath.sqrt(abs(z))), [0]),
    ("sin(z1)/z1", lambda z: mpmath.sinc(z), [0]),
    ("(1 - cos(z1))*abs(z1)**(-2.4)", lambda z: 2 * mpmath.sin(z / 2) ** 2 * abs(z) ** mpmath.mpf("-2.4"), [0]),
    ("abs(z1)**(-0.3)*abs(z1 - 1)**(-0.3)", lambda z: (abs(z) * abs(z - 1)) ** mpmath.mpf("-0.3"), [0, 1]),
    ("relu(z1 - 2)**(1/3)*log(abs(z1))", lambda z: max(z - 2, 0) ** (1 / mpmath.mpf(3)) * mpmath.log(abs(z)), [0, 2]),
    ("log(1 + 1/abs(z1))", lambda z: mpmath.log(1 + 1 / abs(z)), [0]),
    ("1/abs(z1)**0.4/log(3 + 1/abs(z1))", lambda z: abs(z) ** mpmath.mpf("-0.4") / mpmath.log(3 + 1 / abs(z)), [0]),
]


@pytest.mark.parametrize(("text", "f", "points"), VALUES, ids=[text for text, _, _ in VALUES])
def test_means_of_singular_links(text, f, points):
    expansion = LinkExpansion.from_expression(text)

    def density(z, power):
        value = f(z) ** power  # infinite where rounding takes a node to the singular point itself: its weight is next to none
        return value * mpmath.npdf(z) if mpmath.isfinite(value) else 0

    def true(power):
        with mpmath.workdps(40):
            return float(mpmath.quad(lambda z: density(z, power), sorted({-12, -4, *points, 4, 12})))

    assert expansion.second_moment.ball().is_finite(), expansion.second_moment.reason
    assert float(expansion.mean) == pytest.approx(true(1), rel=1e-6)
    assert float(expansion.second_moment) == pytest.approx(true(2), rel=1e-5)


@given(st.integers(1, 24), st.integers(-8, 8))
def test_moments_of_powers_are_gamma_functions(numerator, shift):
    """E|z|^p φ-weighted has a closed form; at a shifted point the mean is one of Kummer's functions."""
    p, t = Fraction(-numerator, 25), Fraction(shift, 4)
    found = mean_enclosure(read(parse(f"abs(z1 - ({t}))**({p})")), 53)
    with mpmath.workdps(30):
        a, x = mpmath.mpf(p.numerator) / p.denominator, mpmath.mpf(t.numerator) / t.denominator
        true = 2 ** (a / 2) * mpmath.gamma((a + 1) / 2) / mpmath.sqrt(mpmath.pi) * mpmath.hyp1f1(-a / 2, 0.5, -x * x / 2)
        assert abs(mpmath.mpf(found.mid().str(40, radius=False)) - true) <= mpmath.mpf(float(found.rad())) * 1.000001 + 1e-25
    assert found.rad() < 1e-12


@pytest.mark.parametrize("order", range(_ORDER + 3))
def test_the_order_of_a_zero_is_found_up_to_the_sixth(order):
    """The lowest coefficient of tanh(2w)^m is 2^m: its m-th derivative at zero is 2^m m!."""
    found, slope = _order_of_zero(read(parse(f"tanh(2*z1)**{order}")))
    assert found == min(order, 6)
    at = slope.substitute({0: constant(0)}).number
    assert at == (2**order * factorial(order) if order <= 6 else 0)


def test_bounds_are_added_multiplied_and_raised():
    """2 w^{-1/4} log and 3 w^{1/2} log³, as (size, order, logs)."""
    a, b = LocalBound(arb(2), arb(0.25), arb(1)), LocalBound(arb(3), arb(-0.5), arb(3))

    def parts(bound):
        return tuple(map(float, (bound.size, bound.order, bound.logs)))

    assert parts(a * b) == (6, -0.25, 4)
    assert parts(a + b) == parts(b + a) == (5, 0.25, 3)
    assert parts(b ** arb(2)) == (9, -1, 6)
    assert not a.integral(arb(1) / 3).is_finite()
    assert a.integral(arb(0.33)).is_finite()


@pytest.mark.parametrize(
    ("text", "size", "order", "logs"),
    [
        ("tanh(abs(z1)**(-1/2))", 1, 0, 0),  # tanh(u) <= u is of no use where u is large
        ("sin(3*abs(z1)**(1/2))", 3, -0.5, 0),
        ("sin(abs(z1)**(-1/2))", 1, 0, 0),
        ("erf(2*z1)**3", 64, -3, 0),
        ("log(abs(z1)**(1/3) + z1**2)", float(mpmath.log(2)) + 1 / 3 + 2, 0, 1),
        ("log(abs(z1))**2*abs(z1)**(1/3)", 4, -1 / 3, 2),
        ("log(3 + z1**2)", float(mpmath.log(3)), 0, 0),
        ("exp(-1/abs(z1))", 1, 0, 0),
        ("exp(2 + z1)", float(mpmath.exp(2)), 0, 0),
        ("exp(log(abs(z1))*pi)", 1, -float(mpmath.pi), 0),
        ("exp(-log(abs(z1))*pi/9)", 1, float(mpmath.pi) / 9, 0),
        ("exp(log(2*abs(z1) + z1**2)*pi)", 3 ** float(mpmath.pi), -float(mpmath.pi), 0),
        ("exp(-log(2*abs(z1) + z1**2)*pi)", 2 ** -float(mpmath.pi), float(mpmath.pi), 0),
        ("z1**2 - 3*abs(z1)**(-1/2)", 4, 0.5, 0),
        ("(exp(z1) - 1)*abs(z1)**(-5/2)", 1, 1.5, 0),
        ("asinh(1/abs(z1))**(1/2)", 1, 0.5, 0),  # an unbounded function is bounded by its argument alone
        ("asinh(3*z1)**2", 9, -2, 0),
        ("atan(1/abs(z1))", 11 / 7, 0, 0),
        ("0*z1", 0, 0, 0),
        ("pi**2*abs(z1)**(1/3)", float(mpmath.pi) ** 2, -1 / 3, 0),
    ],
)
def test_the_bound_of_each_rule(text, size, order, logs):
    bound = upper(to_the_right(text), BALL)
    assert [float(x) for x in (bound.size, bound.order, bound.logs)] == pytest.approx([size, order, logs], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "size", "order"),
    [
        ("2 + sin(1/z1)", 1, 0),
        ("2*sqrt(abs(z1)) + exp(-1/abs(z1))", 2, 0.5),
        ("(2*abs(z1) + z1**2)**(-1/2)", 3**-0.5, -0.5),
        ("sqrt(4*abs(z1) + z1**2)", 2, 0.5),
        ("tanh(2*z1)**3", 8, 3),
        ("5*exp(z1)*abs(z1)", 5, 1),
        ("exp(z1) - 1 - z1", 0.5, 2),
        ("tanh(z1)*abs(z1)**(-1/3)", 1, 2 / 3),
        ("(1 - cos(z1))*(exp(z1) - 1)", 0.5, 3),
    ],
)
def test_the_bound_from_below_of_each_rule(text, size, order):
    least, m = lower(to_the_right(text), BALL)
    assert [float(least), float(m)] == pytest.approx([size, order], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("text", ["exp(sqrt(abs(log(abs(z1)))))", "exp(1/abs(z1))", "exp(log(abs(z1))**2)"])
def test_what_no_rule_bounds(text):
    with pytest.raises(NoBound):
        upper(to_the_right(text), BALL)


@pytest.mark.parametrize("text", ["exp(-1/abs(z1))", "1 - abs(cos(1/z1))", "z1*log(abs(z1))**2 - z1"])
def test_what_no_rule_bounds_from_below(text):
    with pytest.raises(NoBound):
        lower(to_the_right(text), BALL)


@pytest.mark.parametrize(
    ("text", "f", "at"),
    [
        ("abs(z1)**(-1/2)*cos(z1)", lambda w, z: w ** mpmath.mpf(-0.5) * mpmath.cos(z), 0),
        ("abs(z1)**(-2/3)*exp(z1)", lambda w, z: w ** (mpmath.mpf(-2) / 3) * mpmath.exp(z), 0),
        ("log(abs(z1 - 1))*z1", lambda w, z: mpmath.log(w) * z, 1),
        ("(1 - cos(z1 - 1))*abs(z1 - 1)**(-5/2)", lambda w, z: 2 * mpmath.sin(w / 2) ** 2 * w ** mpmath.mpf(-2.5), 1),
        ("abs(z1 + 2)**(-1/3)*sign(z1 + 2)*z1", lambda w, z: mpmath.sign(z + 2) * w ** (-mpmath.mpf(1) / 3) * z, -2),
    ],
)
@pytest.mark.parametrize("side", [1, -1])
def test_the_integral_up_to_a_point_from_either_side(text, f, at, side):
    """∫ g e^{-z²/2} over w = |z - t| < 3/4, by w = s⁶ for the oracle."""
    with working_precision(90), mpmath.workdps(25):
        found = toward(read(parse(text)), constant(at), side, arb(0.75), 53)

        def integrand(s):
            w = s**6
            z = at + side * w
            return f(w, z) * mpmath.exp(-z * z / 2) * 6 * s**5

        true = mpmath.quad(integrand, [0, 0.2, 0.5, mpmath.mpf(0.75) ** (mpmath.mpf(1) / 6)])
        assert abs(mpmath.mpf(found.mid().str(30, radius=False)) - true) < 1e-15
        assert float(found.rad()) < 1e-15


@pytest.mark.parametrize(("p", "known"), [("-199/200", True), ("-200/201", False), ("-1", False), ("-3/2", False)])
def test_powers_close_to_the_critical_one_are_stretched_up_to_a_limit(p, known):
    """w = v^400 for w^{-199/200}; ∫_0^{1/2} w^{-199/200} e^{-w²/2} dw is 200 (1/2)^{1/200} less a little."""
    found = toward(read(parse(f"abs(z1)**({p})")), constant(0), 1, arb(0.5), 53)
    assert found.is_finite() is known
    if known:
        with mpmath.workdps(30):
            less = mpmath.quad(lambda w: w ** (-mpmath.mpf(199) / 200) * mpmath.expm1(-w * w / 2), [0, 0.5])
            assert float(found) == pytest.approx(float(200 * mpmath.mpf(0.5) ** (mpmath.mpf(1) / 200) + less), rel=1e-12)


def test_no_integral_over_a_kink_or_up_to_what_has_no_bound():
    assert not toward(read(parse("abs(z1 - 1/4)*abs(z1)**(-1/2)")), constant(0), 1, arb(0.5), 53).is_finite()
    assert not toward(read(parse("exp(1/abs(z1))")), constant(0), 1, arb(0.5), 53).is_finite()


def test_terms_that_cancel_on_a_wide_ball_are_bounded_by_a_derivative():
    """1 - cos = w² cos(.)/2 and z - sin(z) = w³ cos(.)/6 up to |w| = 10^-3; at a point both are as exact as their terms."""
    for text, most in (("1 - cos(z1)", 0.5e-6), ("z1 - sin(z1)", 1e-9 / 6)):
        f = _compile(read(parse(text)), {}, 40)
        assert abs(f([acb(arb(0, 1e-3))], False)).abs_upper() < most * 1.01
    with working_precision(200):
        assert f([acb(arb(1) / 3)], False).real.overlaps(arb(1) / 3 - (arb(1) / 3).sin())
        assert f([acb(arb(1) / 3)], False).rel_accuracy_bits() > 190


@given(st.integers(2, 400), st.integers(20, 60))
def test_next_to_the_zero_terms_that_cancel_keep_their_accuracy_at_any_precision(k, small):
    """z - sin(z) to about `small` bits however small z, at a precision that does not grow with the digits of z."""
    f = _compile(read(parse("z1 - sin(z1)")), {}, small)
    w = arb(2) ** -k
    with working_precision(53 + 3 * small):
        value = f([acb(w)], False).real
    with working_precision(53 + 3 * k + 60):
        true = w - w.sin()
        assert value.overlaps(true)
        assert value.rad() < abs(true) * arb(2) ** (1 - min(small, 50))


def test_powers_of_the_distance_are_taken_out():
    found = _powers(to_the_right("3*abs(z1)**(-1/2)*z1*cos(z1) + 2*z1**2 - cos(z1)*z1**2 + abs(z1)**(1/2)"))
    assert {p: str(u) for p, u in found.items()} == {Fraction(1, 2): "1 + 3*cos(z1)", Fraction(2): "2 - cos(z1)"}


@pytest.mark.parametrize("e", ["-4999/10000", "-1234567/10000000", "-499999999/1000000000", "2/1009", "1/401"])
def test_exponents_of_large_denominators_are_integrated(e):
    """E|z|^a = 2^{a/2} Γ((a+1)/2)/√π; no whole power of a root of w holds w^a."""
    a = mpmath.mpf(Fraction(e).numerator) / Fraction(e).denominator
    expected = 2 ** (a / 2) * mpmath.gamma((a + 1) / 2) / mpmath.sqrt(mpmath.pi)
    found = mean_enclosure(read(parse(f"abs(z1)**({e})")), 53)
    assert float(found.rad()) < 1e-10
    assert abs(found - arb(mpmath.nstr(expected, 25))) < 1e-10
