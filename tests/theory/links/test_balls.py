"""Balls around values of sums, wide ones above all."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product as cartesian

import mpmath
import pytest
from flint import acb, arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links import functions
from steinlab.theory.links.balls import Evaluation, certain_sign, fraction_ball, number_side, real_value, strict_side
from steinlab.theory.links.ring import Atom, absolute, apply, constant, from_atom, pi, unknown, variable


@pytest.mark.parametrize("text", ["z1**2 + z1*z2 + z2**2", "z1**3 - 3*z1*z2**2 + z2", "(z1 - z2)**4 + z1*z2"])
@pytest.mark.parametrize("radius", [Fraction(1, 64), Fraction(1, 2**16)])
def test_polynomials_of_several_variables_are_held_on_wide_boxes_and_not_much_widened(text, radius):
    """At every corner, the extreme ones too; and the ball is hardly wider than the gradient times the box."""
    u, centre = read(parse(text)), (Fraction(3), Fraction(2))
    with working_precision(90):
        evaluation = Evaluation(lambda _: (None, None))
        f = evaluation.sum(u)
        ball = real_value(
            evaluation._centred(u, f), [arb(x.numerator, arb(radius.numerator) / radius.denominator) for x in centre]
        )
        for steps in cartesian((-1, 0, 1), repeat=2):
            corner = [fraction_ball(x + radius * s) for x, s in zip(centre, steps, strict=True)]
            assert ball.contains(real_value(f, corner))
        slopes = [abs(float(real_value(evaluation.sum(u.derivative(i)), [arb(3), arb(2)]))) for i in (0, 1)]
        assert float(ball.rad()) <= sum(slopes) * float(radius) * (1 + 20 * float(radius))


@pytest.mark.parametrize("name", ["erf", "tanh"])
@pytest.mark.parametrize("point", [1, 20, 3000])
@pytest.mark.parametrize("power", [1, 2, 3])
def test_an_increasing_function_attains_no_bound(name, point, power):
    close = apply(name, constant(point)) ** power
    assert [strict_side(u) for u in (1 - close, close * 3 - 3, close + 1, close - 1 - close**2)] == [1, -1, 1, None]
    assert [number_side(u) for u in (1 - close, close * 3 - 3)] == [1, -1]


def test_bounds_that_may_be_attained_or_exceeded_give_no_strict_sign():
    erf, sine = apply("erf", constant(20)), apply("sin", constant(20))
    # the number falls short, the bound is attained, none is known, no number stands there, falls short again
    for u in (1 - erf * 2, 1 - sine, 1 - erf * apply("exp", constant(1)), erf, 2 - erf - sine * Fraction(11, 10)):
        assert strict_side(u) is None
    assert (strict_side(2 - erf - sine), strict_side(1 - erf * sine)) == (1, 1)
    assert strict_side(apply("tanh", variable(0)) * erf - 1) == -1  # at every point


FACTORS = st.tuples(st.sampled_from(["erf", "tanh", "sin", "cos", "atan", "exp"]), st.integers(-30, 30), st.integers(1, 3))
TERMS = st.tuples(st.fractions(-2, 2, max_denominator=3), st.lists(FACTORS, min_size=1, max_size=2))


@given(st.fractions(-4, 4, max_denominator=3), st.lists(TERMS, min_size=1, max_size=3))
def test_a_strict_sign_is_that_of_many_digits(c, terms):
    u = constant(c)
    for weight, factors in terms:
        product = constant(weight)
        for name, point, power in factors:
            product = product * apply(name, constant(point)) ** power
        u = u + product
    side = strict_side(u)
    with mpmath.workdps(900):
        total = mpmath.mpf(c.numerator) / c.denominator
        for weight, factors in terms:
            values = [getattr(mpmath, name)(point) ** power for name, point, power in factors]
            total += mpmath.fprod(values) * weight.numerator / weight.denominator
        assert side is None or side == mpmath.sign(total)


@pytest.mark.parametrize(
    ("ball", "sign"),
    [(arb(2), 1), (arb(-1, 0.5), -1), (arb(0), 0), (arb(0, 1), None), (arb(1, 1), None), (arb("nan"), None), (arb("inf"), None)],
)
def test_a_sign_is_certain_or_none(ball, sign):
    assert certain_sign(ball) == sign
    assert (certain_sign(ball) is None) == (sign is None)


def values(text, *balls):
    u = read(parse(text))
    return real_value(Evaluation(lambda _: (None, None)).sum(u), list(balls))


@pytest.mark.parametrize(
    ("text", "ball", "low", "high"),
    [
        ("sqrt(abs(z1))", arb(0, 4), 0, 2),
        ("abs(z1)**(3/2)", arb(0, 4), 0, 8),
        ("abs(z1)", arb(0, 3), 0, 3),
        ("sqrt(1 + z1**2)", arb(0, 1), 1, 2**0.5),
    ],
)
def test_roots_are_finite_on_balls_across_zero(text, ball, low, high):
    found = values(text, ball)
    assert found.is_finite()
    assert float(found.lower()) <= low + 1e-12
    assert high - 1e-12 <= float(found.upper()) <= 2 * high + 1e-12
    assert not values("1/sqrt(abs(z1))", arb(0, 1)).is_finite()


def test_polynomials_of_many_terms_have_the_value_of_few():
    text = " + ".join(f"{k + 1}*z1**{k}" for k in range(12))
    for x in (Fraction(1, 3), Fraction(-7, 5)):
        expected = sum((k + 1) * x**k for k in range(12))
        assert values(text, fraction_ball(x)).overlaps(fraction_ball(expected))
        wide = values(text, arb(float(x), 1e-3))
        assert wide.contains(fraction_ball(expected))
        slope = sum(abs(k * (k + 1) * float(x) ** (k - 1)) for k in range(1, 12))
        assert float(wide.rad()) <= 1.5e-3 * slope


def number(x):
    return None if x is None else Number.of(x)


@pytest.mark.parametrize(
    ("low", "high", "least", "most"),
    [(0, 1, 1, math.e), (None, 1, 0, math.e), (0, None, 1, math.exp(6)), (None, None, 0, math.exp(6))],
)
def test_arguments_are_cut_to_the_bounds_that_are_known(low, high, least, most):
    """exp(z1 z2) on a box where the product reaches from -6 to 6, said to lie between the bounds."""
    u = read(parse("exp(z1*z2)"))
    f = Evaluation(lambda _: (number(low), number(high))).sum(u)
    box = [arb(0, 2), arb(0, 3)]
    found = real_value(f, box)
    assert float(found.lower()) == pytest.approx(least, rel=0.01, abs=0.01)
    assert float(found.upper()) == pytest.approx(most, rel=0.01)
    free = f([acb(x) for x in box], True)
    assert float(free.real.upper()) >= math.exp(6) * 0.99  # an analytic continuation is not cut
    inside = real_value(f, [arb(1) / 2, arb(1)])
    assert inside.overlaps((arb(1) / 2).exp())


def test_an_exponential_of_minus_infinity_lies_between_zero_and_its_bound():
    u = read(parse("exp(2 - 1/z1**2)"))
    f = Evaluation(lambda _: (None, Number.of(2))).sum(u)
    found = real_value(f, [arb(0, 1)])
    assert (float(found.lower()), float(found.upper())) == pytest.approx((0, math.exp(2)), abs=1e-6)
    assert not f([acb(arb(0, 1))], True).is_finite()
    assert not real_value(Evaluation(lambda _: (None, None)).sum(u), [arb(0, 1)]).is_finite()
    assert float(real_value(f, [arb(2)])) == pytest.approx(math.exp(1.75))


def test_values_that_are_given_stand_for_their_atoms():
    mean, sign = Atom.get("E", read(parse("tanh(z1)*z1"))), Atom.get("sign", variable(0))
    u = from_atom(mean) ** 2 * 3 + from_atom(sign) * variable(0) + pi(2) + pi(Fraction(-1, 2)) + pi(-1)
    evaluation = Evaluation(lambda _: (None, None), signs={sign: -1}, means={mean: arb(0.5)})
    found = float(real_value(evaluation.sum(u), [arb(0.25)]))
    assert found == pytest.approx(3 * 0.25 - 0.25 + math.pi**2 + math.pi**-0.5 + 1 / math.pi)
    settled = apply("tanh", absolute(variable(0)) + variable(0))
    root = from_atom(Atom.get("base", absolute(variable(0)) + variable(0)), 1)
    under = Evaluation(lambda _: (None, None), signs={sign: -1}).sum(root)
    assert real_value(under, [arb(-3)]) == 0
    assert real_value(Evaluation(lambda _: (None, None)).sum(settled), [arb(-3, 1)]).contains(0)
    assert not real_value(Evaluation(lambda _: (None, None)).sum(unknown("?")), []).is_finite()
    assert real_value(Evaluation(lambda _: (None, None)).product(()), []) == 1


@pytest.mark.parametrize("power", [5, 6])
def test_polynomials_of_too_many_derivatives_are_evaluated_as_they_stand(power):
    """(z1 + z2 + z3)^5 has 56 derivatives with itself, the sixth power 84: over 60 Taylor's formula is not used."""
    u = read(parse(f"(z1 + z2 + z3)**{power}"))
    evaluation = Evaluation(lambda _: (None, None))
    inner = evaluation.sum(u)
    centred = evaluation._centred(u, inner)
    assert (centred is inner) is (power == 6)
    box = [arb(1, 0.1), arb(-1, 0.1), arb(2, 0.1)]
    for shift in (-0.09, 0.09):
        assert real_value(centred, box).contains(arb(2 + 3 * shift) ** power)


@given(
    terms=st.lists(st.tuples(st.integers(-3, 3), st.lists(st.integers(0, 3), min_size=2, max_size=2)), min_size=1, max_size=9),
    point=st.fractions(-2, 2),
)
def test_a_sum_has_the_value_of_its_products_one_by_one(terms, point):
    f, g = apply("tanh", apply("tanh", variable(0))), apply("sin", variable(0) + 1)
    u = sum((f**i * g**j * c for c, (i, j) in terms), constant(0))
    evaluation, x = Evaluation(lambda _: (None, None)), [acb(fraction_ball(point))]
    with working_precision(80):
        alone = sum((acb(c.ball()) * evaluation.product(p)(x, False) for p, c in u.terms.items()), acb(0))
        assert evaluation.sum(u)(x, False).overlaps(alone)
        inner, outer = mpmath.tanh(mpmath.tanh(mpmath.mpf(point.numerator) / point.denominator)), mpmath.sin(float(point) + 1)
        by_hand = sum(c * inner**i * outer**j for c, (i, j) in terms)
        assert abs(float(evaluation.sum(u)(x, False).real) - by_hand) < 1e-11


@pytest.mark.parametrize("order", [0, 2, 4])
def test_a_factor_of_many_terms_is_evaluated_once(monkeypatch, order):
    asked, row = [], functions.FUNCTIONS["tanh"]
    monkeypatch.setitem(functions.FUNCTIONS, "tanh", replace(row, ball=lambda v, a: asked.append(v) or row.ball(v, a)))
    u = apply("tanh", apply("tanh", variable(0)))
    for _ in range(order):
        u = u.derivative(0)
    factors = {factor for product in u.terms for factor in product}
    Evaluation(lambda _: (None, None)).sum(u)([acb(1)], False)
    assert len(asked) <= 2 * len(factors)


@given(
    st.sampled_from(["erf", "tanh"]),
    st.integers(-6, 6),
    st.lists(st.integers(-3, 3), min_size=1, max_size=3),
    st.integers(0, 2),
    st.integers(0, 2),
    st.fractions(-12, 12, max_denominator=4),
    st.booleans(),
)
def test_next_to_a_bound_a_function_keeps_its_sign(name, offset, rest, above, below, x, inside):
    """(1 - f)^a (1 + f)^b (c_0 + c_1 f + ...) + 0 or 1, as a polynomial in f that is multiplied out."""
    f = apply(name, variable(0) + offset)
    u = (1 - f) ** above * (1 + f) ** below * sum((f**k * c for k, c in enumerate(rest)), constant(0)) + int(inside)
    ball = real_value(Evaluation(lambda _: (None, None)).sum(u), [fraction_ball(x)])
    wide = real_value(Evaluation(lambda _: (None, None)).sum(u), [fraction_ball(x) + arb(0, 0.125)])
    with mpmath.workdps(400):
        v = getattr(mpmath, name)(mpmath.mpf(x.numerator) / x.denominator + offset)
        tail = mpmath.fsum(c * v**k for k, c in enumerate(rest))
        value = (1 - v) ** above * (1 + v) ** below * tail + int(inside)
        exact = arb(mpmath.nstr(value, 40)) * arb(1, 1e-38)
    assert ball.overlaps(exact)
    assert wide.overlaps(exact)
    if abs(tail) > 0.01 and not inside:
        assert not ball.contains(0)
