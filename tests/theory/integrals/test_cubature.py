"""Boxes: every ball holds the integral, whatever the effort, and narrows as more is spent."""

from fractions import Fraction
from itertools import pairwise
from itertools import product as cartesian
from math import inf, prod

import mpmath
import numpy as np
import pytest
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.exact.precision import working_precision
from steinlab.theory.integrals import cubature as cubature_module
from steinlab.theory.integrals.cubature import (
    Integrand,
    Region,
    _axis,
    _ellipse,
    _evaluate,
    _half,
    _halves,
    _hull,
    _largest_weight,
    _nodes,
    _rule,
    _values,
    _weight,
    _weight_bound,
    cubature,
    edge,
)
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.enclosures import compile_sum


def over_boxes(text, cuts, powers, bits, budget=100_000, smooth=True):
    """∫ F Π z_i^{p_i} exp(-z_i²/2) over the box with the given cuts."""
    with working_precision(bits + 30):
        integrand = Integrand(compile_sum(read(parse(text))), tuple(range(len(cuts))), len(cuts), smooth)
        sides = [[edge(Fraction(a), Fraction(b)) for a, b in pairwise(c)] for c in cuts]
        return cubature([Region(box, 1, integrand) for box in cartesian(*sides)], powers, arb(2) ** -bits, budget)


def exact(ball):
    return mpmath.mpf(ball.mid().str(40, radius=False)), mpmath.mpf(ball.rad().str(10, radius=False)) * 2


def weight(z, p):
    return z**p * mpmath.exp(-(z**2) / 2)


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.fractions(-1, 1, max_denominator=8)), min_size=1, max_size=3),
    st.integers(8, 60),
    st.integers(10, 5_000),
)
def test_a_product_is_the_product_of_its_integrals(factors, bits, budget):
    text = "*".join(f"exp({a}*z{i + 1})" for i, (_, a) in enumerate(factors))
    ball = over_boxes(text, [(-1, 0, 2)] * len(factors), [p for p, _ in factors], bits, budget)
    with mpmath.workdps(40):
        expected = prod(
            mpmath.quad(lambda z, p=p, a=a: weight(z, p) * mpmath.exp(mpmath.mpf(a.numerator) / a.denominator * z), [-1, 0, 2])
            for p, a in factors
        )
        middle, radius = exact(ball)
        assert abs(middle - expected) <= radius + mpmath.mpf(10) ** -25


@pytest.mark.parametrize(("text", "f"), [("abs(z1-z2)", lambda x, y: abs(x - y)), ("sign(z1-2*z2+1/3)", None)])
def test_balls_across_kinks_hold_the_integral_and_narrow(text, f):
    f = f or (lambda x, y: mpmath.sign(x - 2 * y + mpmath.mpf(1) / 3))
    kink = (lambda x: x) if text == "abs(z1-z2)" else (lambda x: (x + mpmath.mpf(1) / 3) / 2)

    def inner(x):
        points = sorted({-2, 0, 2, *([kink(x)] if -2 < kink(x) < 2 else [])})
        return mpmath.quad(lambda y: f(x, y) * weight(y, 1), points) * weight(x, 1)

    expected = mpmath.quad(inner, [-2, 0, 2])
    radii = []
    for budget in (300, 3_000, 30_000):
        ball = over_boxes(text, [(-2, 0, 2)] * 2, (1, 1), 40, budget, smooth=False)
        middle, radius = exact(ball)
        assert abs(middle - expected) <= radius + mpmath.mpf(10) ** -12
        radii.append(radius)
    assert radii[0] > 2 * radii[1] > 4 * radii[2]


def test_a_pole_close_to_the_axis_is_seen():
    # a rule without the bound on ellipses misses the spike of 1/(10^-6 + z²)
    ball = over_boxes("(1/1000000+z1**2)**(-1)", [(0, 1)], (0,), 30)
    with mpmath.workdps(30):
        expected = mpmath.quad(lambda z: weight(z, 0) / (mpmath.mpf(10) ** -6 + z**2), [0, 1e-4, 1e-3, 1e-2, 0.1, 1])
        middle, radius = exact(ball)
        assert abs(middle - expected) <= radius
        assert radius < 1e-6


def test_regions_are_counted_with_their_multiplicity():
    with working_precision(80):
        integrand = Integrand(compile_sum(read(parse("cos(z1)"))), (0,), 1)
        one, four = (
            cubature([Region((edge(Fraction(0), Fraction(1)),), times, integrand)], (2,), arb(2) ** -40, 1000) for times in (1, 4)
        )
        assert (4 * one).overlaps(four)
        assert four.rad() < 1e-11


def test_what_cannot_be_bounded_is_not_finite():
    assert not over_boxes("log(abs(z1))", [(0, 1)], (0,), 30, 500).is_finite()


@pytest.mark.parametrize(
    ("budget", "text", "share"),
    [(300, "abs(z1)*sin(9*z1)", 1), (1_000, "abs(z1)*sin(9*z1)", 1), (1_000, None, 2), (2_000, None, 2)],
)
def test_the_budget_is_spent_once_and_twice_only_where_nothing_was_found(budget, text, share):
    """A goal out of reach; about the budget, since the boxes of one round are all done."""
    with working_precision(230):
        f = (lambda x, analytic: acb(arb("nan"))) if text is None else compile_sum(read(parse(text)))
        count = 0

        def counted(x, analytic):
            nonlocal count
            count += 1
            return f(x, analytic)

        integrand = Integrand(counted, (0,), 1, False)
        boxes = [(edge(Fraction(a), Fraction(a + 2)),) for a in (-2, 0)]
        ball = cubature([Region(box, 1, integrand) for box in boxes], (0,), arb(2) ** -200, budget)
    assert ball.is_finite() is (share == 1)
    assert 0.7 * share * budget < count < 1.2 * share * budget


SIDE = edge(Fraction(1), Fraction(3))


def test_the_geometry_of_a_side():
    """Half lengths, halves, and the box around the ellipse with foci 1 and 3: 2 ± (ρ + 1/ρ)/2 and ± (ρ - 1/ρ)/2."""
    assert _half(SIDE) == 1
    assert _halves((SIDE, edge(Fraction(0), Fraction(1))), 1) == (
        (SIDE, edge(Fraction(0), Fraction(1, 2))),
        (SIDE, edge(Fraction(1, 2), Fraction(1))),
    )
    assert _halves((SIDE, edge(Fraction(0), Fraction(1))), 0)[1] == (
        edge(Fraction(2), Fraction(3)),
        edge(Fraction(0), Fraction(1)),
    )
    with working_precision(60):
        z = _ellipse(SIDE, Fraction(3))
        assert (float(z.real.mid()), float(z.real.rad())) == pytest.approx((2, 5 / 3))
        assert (float(z.imag.mid()), float(z.imag.rad())) == pytest.approx((0, 4 / 3))
        assert [float(x) for x in (_hull(SIDE).lower(), _hull(SIDE).upper())] == pytest.approx([1, 3])


@pytest.mark.parametrize("p", [0, 1, 3])
def test_bounds_on_the_weight(p):
    """z^p e^{-z²/2} on [1, 3]: at most 3^p e^{-1/2}; on the box x in [1/3, 11/3], |y| <= 4/3 at most |z|^p e^{(y² - x²)/2}."""
    with working_precision(60):
        assert float(_largest_weight(SIDE, p)) == pytest.approx(2 * 3**p * float(mpmath.exp(-0.5)))
        assert float(_weight(SIDE, p, 60)) == pytest.approx(float(mpmath.quad(lambda z: weight(z, p), [1, 3])))
        most = float(mpmath.hypot(mpmath.mpf(11) / 3, mpmath.mpf(4) / 3)) ** p * float(mpmath.exp((16 / 9 - 1 / 9) / 2))
        assert float(_weight_bound(SIDE, p, Fraction(3))) == pytest.approx(most, rel=1e-6)


@pytest.mark.parametrize("n", [2, 5, 9])
def test_the_rule_is_exact_below_twice_its_nodes(n):
    """Against f(z) e^{z²/2} z^{-p} for a polynomial f: the weights times values are the Gauss-Legendre rule for f."""
    with working_precision(90):
        box = (SIDE, edge(Fraction(-1), Fraction(1, 2)))
        counts, powers = (n, n + 1), (2, 1)
        nodes = [_nodes(side, k) for side, k in zip(box, counts, strict=True)]
        assert all(side.low < float(z.real) < side.high for side, grid in zip(box, nodes, strict=True) for z in grid)

        def f(x, y):
            return x ** (2 * n - 1) * y ** (2 * n)

        values = [(f(x, y) / (x**2 * y) * ((x * x + y * y) / 2).exp()).real for x, y in cartesian(*nodes)]
        found = _rule(values, box, counts, powers)
    expected = Fraction(3 ** (2 * n) - 1, 2 * n) * (Fraction(1, 2 ** (2 * n + 1)) + 1) / (2 * n + 1)
    assert float(found) == pytest.approx(float(expected), rel=1e-12)


def test_a_box_is_halved_at_a_kink_else_where_most_nodes_are_needed_else_along_the_longest_side():
    box = (edge(Fraction(0), Fraction(1)), edge(Fraction(0), Fraction(3)), edge(Fraction(0), Fraction(2)))

    def axis(counts, wanted=frozenset()):
        return _axis(Region(box, 1, Integrand(lambda x, _: x[0], (4, 5, 7), 8)), counts, wanted)

    assert axis([]) == 1
    assert axis([], frozenset({4, 7})) == 2
    assert axis([3, None, 9], frozenset({4})) == 0
    assert axis([3, None, 9]) == 1
    assert axis([3, 8, 9]) == 2
    assert axis([9, 8, 9]) == 2
    assert axis([9, 9, 9]) == 1


@pytest.mark.parametrize("times", [1, 16])
@pytest.mark.parametrize(("text", "size"), [("exp(z1)", 1), ("cos(3*z1)*exp(z2)", 2), ("1/(2 + cos(z1*z2))*exp(z3)", 3)])
def test_the_error_of_a_rule_is_about_what_is_allowed(text, size, times):
    """Neither above it nor a waste of nodes: within a factor of 10^4 a variable, and with few nodes."""
    with working_precision(120):
        integrand = Integrand(compile_sum(read(parse(text))), tuple(range(size)), size)
        box = (edge(Fraction(0), Fraction(1, 2)),) * size
        part, spent = _evaluate(Region(box, times, integrand), (0,) * size, 2.0**-40)
    assert part.axis is None
    assert 2.0**-40 / 10 ** (4 * size) < part.radius <= 2.0**-40
    assert part.radius == pytest.approx(float(part.value.rad()) * times)
    assert spent < 12**size + 30


def test_a_part_without_a_rule_is_crude():
    """With no accuracy asked for (kinks), or a function without a bound on ellipses, the value is a ball times the weight."""
    with working_precision(60):
        for f, radius in ((compile_sum(read(parse("abs(z1 - 1/4)"))), None), (lambda x, analytic: acb(arb("nan")), inf)):
            part, spent = _evaluate(Region((edge(Fraction(0), Fraction(1)),), 3, Integrand(f, (0,), 1, False)), (0,), inf)
            assert part.axis == 0
            assert spent == 2
            assert part.radius == (radius or pytest.approx(float(part.value.rad()) * 3))
        smooth = Integrand(compile_sum(read(parse("exp(z1)"))), (0,), 1)
        rough, spent = _evaluate(Region((edge(Fraction(0), Fraction(1)),), 3, smooth), (0,), 9.0)
        assert (rough.axis, spent) == (0, 1)
        assert 0.3 < float(rough.value.rad()) < 3


def test_values_at_nodes_are_kept_up_to_a_number(monkeypatch):
    """Looked over each 64 entries: the oldest go first."""
    kept = {}
    monkeypatch.setattr(cubature_module, "_VALUES", kept)
    monkeypatch.setattr(cubature_module, "KEPT_VALUES", 100)
    count = []
    integrand = Integrand(lambda x, _: count.append(1) or x[0], (0,), 1)
    boxes = [(edge(Fraction(k), Fraction(k + 1)),) for k in range(64)]
    for box in boxes[:63]:
        _values(integrand, box, (5,))
    assert (len(kept), len(count)) == (63, 315)
    _values(integrand, boxes[62], (5,))
    assert len(count) == 315
    _values(integrand, boxes[63], (5,))
    assert [key[2] for key in kept] == boxes[-20:]
    nodes = 63.5 + np.polynomial.legendre.leggauss(5)[0] / 2
    assert sorted(float(x) for x in kept[next(reversed(kept))]) == pytest.approx(nodes)
