"""The traps of ball arithmetic: each test fails when the wrapper drops its guard."""

from fractions import Fraction

import pytest
from flint import acb, arb
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import hermite_e

from steinlab.theory.behaviour.growth import Growth, growth, tail
from steinlab.theory.budget import attempt
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.integrals.quadrature import enclosure, mean_enclosure
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import certain_sign, real_value
from steinlab.theory.links.enclosures import compile_sum, integral, negative_point, zeros
from steinlab.theory.links.ring import apply, constant, from_atom, pi, power, variable

Z = variable(0)


def link(text):
    return read(parse(text))


@pytest.mark.parametrize("ball", [arb("nan"), arb("inf"), arb(0, 1), arb("nan", 1)])
def test_nothing_is_certain_of_a_ball_that_is_not_finite_or_holds_zero(ball):
    assert certain_sign(ball) is None


def test_signs_of_balls_that_decide():
    assert [certain_sign(b) for b in (arb(2, 1), arb(-2, 1), arb(0))] == [1, -1, 0]


@pytest.mark.parametrize(
    ("text", "low", "high", "antiderivative"),
    [
        ("sqrt(1+z1**2)", -3, 4, lambda x: (x * (1 + x * x).sqrt() + x.asinh()) / 2),
        ("log(1+z1**2)", -1, 2, lambda x: x * (1 + x * x).log() - 2 * x + 2 * x.atan()),
        ("(2+z1**2)**(-3/2)", -5, 1, lambda x: x / (2 * (2 + x * x).sqrt())),
    ],
)
def test_integrals_of_functions_with_branch_cuts(text, low, high, antiderivative):
    with working_precision(100):
        f = compile_sum(link(text))
        exact = antiderivative(arb(high)) - antiderivative(arb(low))
        value = integral(lambda z, analytic: f([z], analytic), arb(low), arb(high), 60)
        assert value.is_finite()
        assert value.rad() < 1e-15
        assert value.overlaps(exact)


def test_the_root_of_z_on_1_to_4_owns_the_analytic_flag():
    # without the flag FLINT gives a narrow wrong ball here
    f = compile_sum(power(Z + 0, Fraction(1, 2)))
    value = integral(lambda z, analytic: f([z], analytic), arb(1), arb(4), 50)
    assert value.rad() < 1e-12
    assert value.overlaps(arb(14) / 3)
    assert not f([acb(arb(0, 1))], True).is_finite()
    assert f([acb(arb(2, 1))], True).is_finite()


@pytest.mark.parametrize("text", ["log(1+z1**2)", "sqrt(1+z1**2)", "(1+z1**2)**(-1/2)", "(1+z1**2)**(1/3)"])
def test_branch_cuts_are_not_analytic(text):
    f = compile_sum(link(text))
    across = acb(arb(0, 0.25), arb(2, 0.125))  # 1 + z² crosses the negative axis
    assert not f([across], True).is_finite()
    assert f([acb(arb(3, 0.25), arb(0, 0.125))], True).is_finite()


@pytest.mark.parametrize("text", ["abs(z1)", "sign(z1)", "sqrt(abs(z1))", "log(1+abs(z1))"])
def test_kinks_are_not_analytic(text):
    f = compile_sum(link(text))
    assert not f([acb(arb(0, 0.5))], True).is_finite()
    assert real_value(f, [arb(0, 0.5)]).is_finite()


def test_whole_powers_of_balls_that_hold_negative_numbers_are_finite():
    # FLINT's real type gives nan for such a ball to the first power
    assert mean_enclosure(link("z1**3*sign(z1 + exp(-z1/2) - 7/10)"), 53).is_finite()
    (mean,) = [a for p in link_mean("z1**3*sign(z1 + exp(-z1/2) - 7/10)").terms for a, _ in p]
    assert enclosure(from_atom(mean), 53).is_finite()


def link_mean(text):
    from steinlab.theory.integrals.expectations import expectation

    return expectation(link(text))


@pytest.mark.parametrize("bits", [30, 64, 200])
def test_tails_are_counted(bits):
    # the integral over any finite range excludes the exact value
    value = mean_enclosure(link("sqrt(1+z1**2)*sqrt(1+z1**2)*tanh(z1)**2"), bits)
    exact = mean_enclosure(link("sqrt(1+z1**2)*sqrt(1+z1**2)*tanh(z1)**2"), 400)
    assert value.overlaps(exact)
    assert value.rad() < arb(2) ** (-bits + 4)
    assert value.rad() > arb(2) ** (-bits - 40)  # a ball without its tail would be narrower than what it can know
    assert value.is_finite()


@pytest.mark.parametrize(("power_", "rate", "square", "radius"), [(0, 0, 0, 3), (2, 1, 0, 6), (5, 0, 0.25, 8), (1, 0, -1, 2)])
def test_tail_bounds_exceed_the_tail(power_, rate, square, radius):
    bound = Growth(arb(1), {0: arb(power_)}, {0: arb(rate)}, {0: arb(square)})
    claimed = tail(bound, 0, Fraction(radius))
    true = acb.integral(
        lambda z, _: (1 + z) ** power_ * (rate * z + (square - 0.5) * z * z).exp() / (2 * arb.pi()).sqrt(), radius, radius + 60
    ).real
    assert claimed > true
    assert claimed < 30 * true


def test_a_tail_without_decay_is_not_finite():
    assert not tail(Growth(arb(1), {}, {}, {0: arb(0.5)}), 0, Fraction(10)).is_finite()
    assert not tail(Growth(arb(1), {}, {0: arb(20)}), 0, Fraction(10)).is_finite()


@pytest.mark.parametrize(
    "text",
    [
        "z1**3*tanh(z1)-7",
        "exp(z1/2)*sin(z1)",
        "exp(-z1**2)*z1**4",
        "log(1+z1**2)**2",
        "log(1+exp(z1))",
        "exp(abs(z1))",
        "sqrt(1+z1**2)*relu(z1-2)",
        "exp(sqrt(1+z1**2))",
        "1/(exp(z1)+exp(-z1))",
        "(3+z1**2)**(-1/3)*z1",
        "exp(tanh(z1)*z1+z1**2/8)",
    ],
)
def test_growth_bounds_hold(text):
    u = link(text)
    bound = growth(u)
    f = compile_sum(u)
    for k in range(-60, 61):
        x = arb(k) / 4
        size = abs(x)
        claimed = bound.constant * ((1 + size).log() * bound.power.get(0, arb(0))).exp()
        claimed *= (bound.rate.get(0, arb(0)) * size + bound.square.get(0, arb(0)) * x * x).exp()
        assert not abs(real_value(f, [x])) > claimed


def test_zeros_are_held_by_narrow_intervals():
    found = zeros(apply("sin", Z), Fraction(-7), Fraction(8), 40)
    assert len(found) == 5
    for (a, b), k in zip(found, range(-2, 3), strict=True):
        assert float(a) <= k * 3.141592653589793 <= float(b)
        assert b - a <= Fraction(1, 2**38)
    assert zeros(apply("cos", Z) + 2, Fraction(-7), Fraction(8), 40) == ()
    assert zeros(constant(0), Fraction(-7), Fraction(8), 40, limit=100) is None  # nothing excludes zero anywhere


def test_a_zero_of_third_order_is_held():
    (held,) = zeros(Z - apply("tanh", Z), Fraction(-7), Fraction(9), 40)
    assert held[0] <= 0 <= held[1]
    assert held[1] - held[0] < Fraction(1, 2**30)


def test_pi_is_enclosed():
    assert enclosure(pi(Fraction(1, 2)), 100).overlaps(arb.pi().sqrt())


@given(st.lists(st.fractions(-5, 5, max_denominator=20), min_size=1, max_size=9, unique=True), st.integers(1, 3))
def test_zeros_of_a_polynomial_are_held_each_by_a_narrow_interval(roots, power):
    u = constant(1)
    for root in roots:
        u = u * (Z - root) ** power
    low, high = Fraction(-3), Fraction(4)
    found = zeros(u * (Z**2 + 1), low, high, 40)
    inside = sorted(root for root in roots if low <= root <= high)
    held = [next(interval for interval in found if interval[0] <= root <= interval[1]) for root in inside]
    assert held == sorted(set(held))
    assert all(b - a <= Fraction(1, 2**40) for a, b in found)
    assert all(any(a <= root <= b for root in roots) for a, b in found)


def test_zeros_of_hermite_polynomials_of_high_degree_take_few_steps():
    found = attempt(lambda: zeros(link("He(60, z1)"), Fraction(0), Fraction(20), 100), str, 5_000)
    roots = sorted(x for x in hermite_e.hermeroots([0] * 60 + [1]) if x > 0)
    assert [float(a) for a, _ in found] == pytest.approx(roots, abs=1e-9)


@pytest.mark.parametrize(
    "constant", ["exp(10**20)", "exp(-10**20)", "erf(-softplus(10**20/2))", "log(1+exp(10**19))", "tanh(exp(10**18))"]
)
def test_constants_of_any_size_are_read_at_once(constant):
    u = read(parse(f"({constant})*z1"))
    assert u.variables == {0}


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("z1", (Fraction(-1, 2),)),
        ("-z1", (Fraction(1, 2),)),
        ("z1 + 1", (Fraction(-3, 2),)),
        ("4 - z1", (Fraction(13, 2),)),
        ("7 - z1", None),
        ("1 + z1**2", None),
        ("z1*z2", (Fraction(-1, 2), Fraction(1, 2))),
        ("z3 + 0*z1", (Fraction(-1, 2), Fraction(-1, 2), Fraction(-1, 2))),
        ("z4", None),
        ("z1 + 1/2 - 1/2000", (Fraction(-3, 2),)),  # at -1/2 a ball of radius 1/1000 holds zero
        ("z1 + 1/2 - 1/500", (Fraction(-1, 2),)),
    ],
)
def test_a_coarse_grid_is_searched_for_a_negative_value(text, point):
    assert negative_point(read(parse(text))) == point
