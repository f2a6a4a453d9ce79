"""Growth bounds: tails and means against mpmath, and comparisons that a ball does not decide."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.behaviour.growth import (
    Growth,
    _at_least_one_beyond,
    _leading,
    growth,
    identity_minus,
    is_positive_definite,
    is_regular,
    polynomial_powers,
    tail,
)
from steinlab.theory.errors import InputError
from steinlab.theory.expansions import link_generative
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals import quadrature
from steinlab.theory.integrals.expectations import expectation
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.shape.monotone import polynomial_growth
from steinlab.theory.shape.outgrowth import outgrowth
from steinlab.theory.verdicts import Verdict


def test_growth_whose_exponent_is_a_little_above_zero_is_not_polynomial():
    # it grows like exp(10^-25 z²): the rates differ by less than the balls show
    finding = polynomial_growth(LinkExpansion.from_expression("exp(z1**2*(1/7+1/10**25))/(exp(z1**2/7)+exp(-z1**2/7))"))
    assert finding.verdict is not Verdict.HOLDS


@pytest.mark.parametrize("text", ["exp(z1/2)*tanh(z2)", "exp(z1)*sin(z1)", "exp(abs(z1)/10)*z2", "exp(z1/2)/(1+z1**2)"])
def test_an_exponential_rate_is_not_polynomial_growth(text):
    assert polynomial_growth(LinkExpansion.from_expression(text)).verdict is not Verdict.HOLDS


def test_only_certain_comparisons_make_a_growth_polynomial():
    one, doubtful = arb(1), arb(0, 1e-9)
    assert Growth(one, {0: arb(3)}, {0: arb(0)}, {0: arb(-1)}).is_polynomial
    for rate in (arb(1) / 2, arb(1), doubtful):
        assert not Growth(one, {}, {0: rate}).is_polynomial
    for square in (arb(1) / 9, doubtful):
        assert not Growth(one, {}, {}, {0: square}).is_polynomial


@pytest.mark.parametrize(
    ("power", "rate", "square", "radius"), [(0, 10, 0, 4), (0, 10, 0, 12), (3, 0, 0.25, 1), (0, 0, 0.75, 4), (2, 5, 0.2, 9)]
)
def test_tails_are_bounded_or_not_finite(power, rate, square, radius):
    found = tail(Growth(arb(1), {0: arb(power)}, {0: arb(rate)}, {0: arb(square)}), 0, Fraction(radius))
    if square >= 0.5 or power / (1 + radius) + rate >= (1 - 2 * square) * radius:  # the integrand still rises at the radius
        assert not found.is_finite()
        return
    true = mpmath.quad(
        lambda z: (1 + z) ** power * mpmath.exp(rate * z + (square - 0.5) * z * z), [radius, radius + 5, radius + 40]
    ) / mpmath.sqrt(2 * mpmath.pi)
    assert true <= float(found)


def test_a_mean_whose_mass_lies_far_out():
    mean = LinkExpansion.from_expression("tanh(z1)*exp(10*z1)").coefficient((0,))
    with mpmath.workdps(30):
        true = mpmath.quad(
            lambda z: mpmath.tanh(z) * mpmath.exp(10 * z - z * z / 2) / mpmath.sqrt(2 * mpmath.pi), [-10, 0, 5, 10, 15, 30]
        )
    assert true == pytest.approx(5.18470537e21, rel=1e-8)
    assert float(mean) == pytest.approx(float(true), rel=1e-9)


def test_powers_of_the_label_without_a_mean_are_not_integrated(monkeypatch):
    # E[Z g] = E[Z g²] = 0, and g³ grows like exp(0.72 z²): its mean is infinite
    integrated = []

    def recorded(form):
        integrated.append(form)
        return expectation(form)

    monkeypatch.setattr(link_generative, "expectation", recorded)
    found = LinkExpansion.from_expression("(z1**3 - 75/13*z1)*exp(12*z1**2/50)").generative_exponent()
    assert found.witness.label == "tanh(Y)"
    assert len(integrated) == 3
    assert all(square < 0.5 for form in integrated for square in growth(form).square.values())


# -- each bound against values of the function, and against what it must be: any smaller one is false


def link(text):
    return read(parse(text))


def value(bound, *z):
    """The bound at a point, as a float."""
    exponent = power = 0.0
    for i, x in enumerate(z):
        power += float(bound.power.get(i, 0)) * mpmath.log(1 + abs(x))
        exponent += float(bound.rate.get(i, 0)) * abs(x) + float(bound.square.get(i, 0)) * x * x
    return float(bound.constant) * mpmath.exp(exponent + power)


SHARP = [  # (link, constant, power, rate, square), each reached somewhere or in a limit
    ("z1**3", 1, 3, 0, 0),
    ("3*z1**2 - 4*tanh(z1)", 7, 2, 0, 0),
    ("2*tanh(z1) + 3*erf(z1)", 5, 0, 0, 0),
    ("tanh(3)*sin(z1)", float(mpmath.tanh(3)), 0, 0, 0),
    ("exp(2*z1 - z1**2)", 1, 0, 2, -1),
    ("z1*exp(z1**2/9 + 1)", float(mpmath.e), 1, 0, 1 / 9),
    ("exp(3*sin(z1))", float(mpmath.exp(3)), 0, 0, 0),
    ("exp(2*z1*tanh(z1))", 1, 0, 2, 0),
    ("exp(-z1**4)*z1", 1, 1, 0, 0),
    ("(4 + z1**2)**(-1/2)", 1 / 2, 0, 0, 0),
    ("(4 + z1**2)**(1/2)", 5**0.5, 1, 0, 0),
    ("1/(2 + 3*exp(z1))", 1 / 2, 0, 0, 0),
    ("log(2 + z1**2)", float(mpmath.log(3)) + 2, 1, 0, 0),
    ("log(exp(z1) + 2*exp(-z1))", 1 + float(mpmath.log(3)), 1, 0, 0),
    ("log(1/4 + z1**2)", float(mpmath.log(4)) + 2 + float(mpmath.log(1.25)), 1, 0, 0),
    ("abs(z1 - 3)**(-1/2)", 1, 0, 0, 0),
    ("exp(z1)*(1 + exp(z1))", 2, 0, 2, 0),
    ("asinh(2*z1)**2*z1", 4, 3, 0, 0),  # |asinh u| <= |u|
    ("asinh(exp(z1))", 1, 0, 1, 0),
]


@pytest.mark.parametrize(("text", "constant", "power", "rate", "square"), SHARP)
def test_bounds_are_as_small_as_their_rules_allow(text, constant, power, rate, square):
    bound = growth(link(text))
    found = (bound.constant, *(entries.get(0, arb(0)) for entries in (bound.power, bound.rate, bound.square)))
    assert [float(x) for x in found] == pytest.approx([constant, power, rate, square], rel=1e-9, abs=1e-12)


PIECES = {
    "z1": lambda x, y: x,
    "z2": lambda x, y: y,
    "tanh(z1 - z2)": lambda x, y: mpmath.tanh(x - y),
    "exp(z1/2)": lambda x, y: mpmath.exp(x / 2),
    "exp(-z1**2/3 + z2)": lambda x, y: mpmath.exp(-x * x / 3 + y),
    "exp(z1*z2/9)": lambda x, y: mpmath.exp(x * y / 9),
    "sqrt(2 + z1**2)": lambda x, y: mpmath.sqrt(2 + x * x),
    "(1/2 + z2**2)**(-1/3)": lambda x, y: mpmath.mpf(0.5 + y * y) ** (-1 / mpmath.mpf(3)),
    "log(3 + z1**4)": lambda x, y: mpmath.log(3 + x**4),
    "log(1 + exp(z1 + z2))": lambda x, y: mpmath.log1p(mpmath.exp(x + y)),
    "1/(exp(z2) + exp(-2*z2))": lambda x, y: 1 / (mpmath.exp(y) + mpmath.exp(-2 * y)),
    "exp(abs(z1)*sin(z2)/3)": lambda x, y: mpmath.exp(abs(x) * mpmath.sin(y) / 3),
    "exp(log(1 + z1**2)/3)": lambda x, y: mpmath.exp(mpmath.log(1 + x * x) / 3),
    "abs(z1**2 - 3)**(-1/4)": lambda x, y: abs(x * x - 3) ** mpmath.mpf(-0.25),
    "log(abs(2*z1 - 5))": lambda x, y: mpmath.log(abs(2 * x - 5)),
    "sqrt(1 + 1/abs(z1 - 4))": lambda x, y: mpmath.sqrt(1 + 1 / abs(x - 4)),
}


@given(
    st.lists(st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=3), min_size=1, max_size=3),
    st.lists(st.tuples(st.floats(-30, 30), st.floats(-30, 30)), min_size=4, max_size=8),
)
def test_drawn_links_stay_below_their_bounds(terms, points):
    bound = growth(link(" + ".join(f"{k + 2}*" + "*".join(term) for k, term in enumerate(terms))))
    for x, y in points:
        if abs(x) >= bound.beyond.get(0, 0) and abs(y) >= bound.beyond.get(1, 0):
            true = sum((k + 2) * mpmath.fprod(PIECES[name](x, y) for name in term) for k, term in enumerate(terms))
            assert abs(true) <= value(bound, x, y) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("text", "least"),
    [("abs(z1 - 7)**(-1/4)", 8), ("sqrt(1 + 1/abs(z1 + 9))", 10), ("log(abs(z1**2 - 50))", 7), ("log(1 + z1**2)", 0)],
)
def test_bounds_hold_beyond_every_singular_point(text, least):
    beyond = growth(link(text)).beyond.get(0, 0)
    assert beyond >= least
    assert (beyond == 0) == (least == 0)


def test_a_bound_that_holds_beyond_a_radius_is_no_polynomial_bound():
    assert polynomial_powers(link("sqrt(1 + 1/abs(z1))")) is None
    assert polynomial_powers(link("log(abs(z1))")) is None
    assert polynomial_powers(link("z1*log(1 + z1**2)")) == {0: 2.0}


def test_lines_on_which_a_divisor_or_the_argument_of_a_logarithm_is_zero_are_passed_over():
    for text in ("((3*z1-2*z2)**2+(z3-z1)**2)**(-1/4)", "log((3*z1-2*z2)**2+(z3-z1)**2)*exp(z1*z2/8)"):
        assert outgrowth(read(parse(text))).outgrown is not False, text


@pytest.mark.parametrize(
    ("power", "rate", "square"), [(0, 0, 0), (3, 0, 0), (0, 4, 0), (0, 0, 0.25), (2.5, 3, -0.5), (1, 2, 0.4)]
)
def test_tails_are_nearly_attained_far_out(power, rate, square):
    radius = 60
    found = tail(Growth(arb(1), {0: arb(power)}, {0: arb(rate)}, {0: arb(square)}), 0, Fraction(radius))

    def scaled(z):
        return mpmath.mpf(1 + z) ** power * mpmath.exp(rate * z + (mpmath.mpf(square) - mpmath.mpf(0.5)) * z * z)

    true = mpmath.quad(scaled, [radius, radius + 0.2, radius + 1, radius + 9]) / mpmath.sqrt(2 * mpmath.pi)
    ratio = mpmath.mpf(str(found.str(30, radius=False))) / true
    assert 1 <= ratio <= 1.02


@pytest.mark.parametrize(
    ("text", "true"), [("exp(z1/1000)", mpmath.exp(5e-7)), ("(1 + z1**4)**(-1/2)", None), ("tanh(z1)**2*exp(z1/100)", None)]
)
def test_what_lies_beyond_the_radius_is_counted_on_both_sides(monkeypatch, text, true):
    monkeypatch.setattr(quadrature, "_radius", lambda bound, i, bits: Fraction(2))
    u = link(text)
    functions = {
        "(1 + z1**4)**(-1/2)": lambda z: 1 / mpmath.sqrt(1 + z**4),
        "tanh(z1)**2*exp(z1/100)": lambda z: mpmath.tanh(z) ** 2 * mpmath.exp(z / 100),
    }
    true = true or mpmath.quad(lambda z: functions[text](z) * mpmath.npdf(z), [-12, -1, 0, 1, 12])
    found = quadrature.mean_enclosure._f(u, 40)
    assert abs(float(found.mid()) - float(true)) <= float(found.rad())
    assert 0.001 < float(found.rad()) < 0.1


@pytest.mark.parametrize(
    ("text", "true", "least"),
    [("1/(1 + z1**2 + z2**2)", float(mpmath.exp(0.5) * mpmath.e1(0.5) / 2), 1e-3), ("exp(z1*z2/1000)", (1 - 1e-6) ** -0.5, 0.08)],
)
def test_what_lies_outside_the_boxes_is_counted_on_every_side(monkeypatch, text, true, least):
    monkeypatch.setattr(quadrature, "_radius", lambda bound, i, bits: Fraction(2))
    ((product, _),) = link(text).terms.items()
    found = quadrature._boxes._f(product, None, quadrature.Effort(20, 20_000))
    assert abs(float(found.mid()) - true) <= float(found.rad())
    assert float(found.mid()) < true - least  # positive outside, and not inside the boxes


@pytest.mark.parametrize(("text", "bits"), [("exp(z1)", 40), ("z1**9", 60), ("exp(z1**2/5)", 53), ("tanh(z1)", 20)])
def test_the_radius_is_the_first_beyond_which_little_is_left(text, bits):
    bound = growth(link(text))
    radius = quadrature._radius(bound, 0, bits)
    goal = arb(2) ** -(bits + 2)
    assert tail(bound, 0, radius) * bound.constant < goal
    earlier = radius - (1 if radius <= 20 else 5)
    assert radius == 6 or not tail(bound, 0, earlier) * bound.constant < goal


def test_bounds_are_added_multiplied_and_raised():
    a = Growth(arb(2), {0: arb(1)}, {0: arb(3), 1: arb(1)}, {1: arb(-1)}, {0: Fraction(2)})
    b = Growth(arb(3), {0: arb(2), 1: arb(1)}, {0: arb(1)}, {1: arb(1) / 4}, {0: Fraction(1), 1: Fraction(5)})

    def parts(bound):
        entries = [{i: float(x) for i, x in part.items()} for part in (bound.power, bound.rate, bound.square)]
        return float(bound.constant), *entries, bound.beyond

    far = {0: 2, 1: 5}
    assert parts(a * b) == (6, {0: 3, 1: 1}, {0: 4, 1: 1}, {1: -0.75}, far)
    assert parts(a + b) == parts(b + a) == (5, {0: 2, 1: 1}, {0: 3, 1: 1}, {1: 0.25}, far)
    assert parts(b ** Fraction(3)) == (27, {0: 6, 1: 3}, {0: 3}, {1: 0.75}, {0: 1, 1: 5})


@pytest.mark.parametrize(
    ("text", "p", "known"),
    [
        ("exp(z1**2*0.2499)", 2, True),
        ("exp(z1**2/4)", 2, False),
        ("exp(z1**2/4)", 1, True),
        ("exp(z1**2/2)", 1, False),
        ("exp(z1*z2*0.499)*z1**3", 2, True),
        ("exp(z1*z2/2)", 2, False),
        ("exp(z1*z2*0.999)*z1**3", 1, True),
        ("exp(z1*z2)", 1, False),
        ("exp(1.11*z1*z2 - z1**2)*z1", 2, True),  # 1 + 4 > (2·1.11)²: of the whole form, not term by term
        ("exp(1.12*z1*z2 - z1**2)*z1", 2, False),
        ("exp(z1*z2*0.499)*exp(abs(z1))", 2, True),
        ("exp(z1**3)", 2, False),
        ("1/z1", 2, False),
        ("z1**9*log(2 + z1**2)*exp(z1)", 2, True),
        ("exp(z1**2/5)*exp(tanh(z1)*z1)", 2, True),
    ],
)
def test_moments_that_are_finite_by_growth_alone(text, p, known):
    assert all(is_regular(product, p) for product in link(text).terms) is known


@given(st.lists(st.fractions(-1, 1, max_denominator=4), min_size=6, max_size=6), st.sampled_from([2, 4]))
def test_definiteness_is_that_of_eigenvalues(entries, factor):
    a, b, c, d, e, f = entries
    q = link(f"({a})*z1**2 + ({b})*z2**2 + ({c})*z3**2 + ({d})*z1*z2 + ({e})*z1*z3 + ({f})*z2*z3 + z1 + z2 + z3 + 5")
    matrix = np.array([[a, d / 2, e / 2], [d / 2, b, f / 2], [e / 2, f / 2, c]], dtype=float)
    found = identity_minus(q, factor)
    assert np.allclose(np.array(found, dtype=float), np.eye(3) - factor * matrix)
    least = np.linalg.eigvalsh(np.eye(3) - factor * matrix)[0]
    assert abs(least) < 1e-9 or is_positive_definite(found) == (least > 0)


@pytest.mark.parametrize(
    ("text", "sign", "degree", "radius"),
    [("z1 - 13/2", 1, 1, 8), ("-2*z1**3 + 4*z1", -1, 3, 3), ("2*z1**2/5", 1, 2, 3), ("3", 1, 0, 1), ("pi*z1 - 3*pi", 1, 1, 4)],
)
def test_from_its_radius_on_a_polynomial_is_at_least_one(text, sign, degree, radius):
    assert _leading(link(text), 0) == (sign, degree, radius)
    for x in (radius, -radius, 3 * radius):
        assert abs(eval(text, {"pi": float(mpmath.pi), "z1": x})) >= 1


@pytest.mark.parametrize("text", ["z1*z2", "tanh(z1)", "z1**2*tanh(z1)"])
def test_other_functions_have_no_leading_term(text):
    assert _leading(link(text), 0) is None


@pytest.mark.parametrize(
    ("text", "radius"),
    [
        ("abs(z1 - 13/2)", 8),
        ("2*z1**2/3", 2),
        ("abs(2*z1**2 - 6)", 4),
        ("abs(abs(z1) - 5/2)", 4),
        ("3 + 0*z1", None),
        ("z1", None),
        ("z1 + abs(z1)", None),
        ("-z1**2", None),
        ("abs(z1*z2)", None),
        ("abs(tanh(z1))", None),
    ],
)
def test_where_a_sum_is_at_least_one(text, radius):
    assert _at_least_one_beyond(link(text)) == (None if radius is None else {0: radius})


@pytest.mark.parametrize("text", ["exp(z1**3)", "exp(z1*z2*z3)", "exp(z1**2*abs(z2))", "exp(z1*log(2 + z1**2))", "exp(exp(z1))"])
def test_what_grows_faster_than_a_quadratic_has_no_bound(text):
    with pytest.raises(InputError, match="could not bound exp"):
        growth(link(text))


def test_a_sum_of_exponentials_is_at_least_one_of_them():
    inverse = growth(link("(pi*exp(z1+z2) + exp(z1) + exp(z2)/4)**(-1/2)"))  # <= exp(-z1/2) or 2 exp(-z2/2)
    assert (float(inverse.constant), inverse.rate) in [(1, {0: 0.5}), (2, {1: 0.5})]
    assert (inverse.power, inverse.square) == ({}, {})
    logarithm = growth(link("log(pi*exp(z1) + exp(z2)/3)"))  # from z2 - log 3 to log(π + 1/3) + |z1| + |z2|
    assert float(logarithm.constant) == pytest.approx(float(mpmath.log(mpmath.pi + mpmath.mpf(1) / 3) + mpmath.log(3)) + 3)
    assert (logarithm.power, logarithm.rate, logarithm.square) == ({0: 1, 1: 1}, {}, {})
    with pytest.raises(InputError, match="not bounded below by the exponential of a polynomial"):
        growth(link("log(pi*exp(z2) + exp(-exp(z1)))"))
    for text in ("1/(z2**2 + exp(z1))", "log(z2**2 + exp(z1))"):
        with pytest.raises(InputError, match="away from zero: write it as a sum of positive terms with a constant"):
            growth(link(text))


@pytest.mark.parametrize(
    ("text", "rates", "squares", "constant"),
    [
        ("exp(z1*z2/3)", (0, 0), (1 / 6, 1 / 6), 1),
        ("exp(2*z1 - z2/2)", (2, 0.5), (0, 0), 1),
        ("exp(z1*tanh(z2) + 3*sin(z1))", (1, 0), (0, 0), float(mpmath.exp(3))),
        ("exp(pi*z1/2)", (float(mpmath.pi) / 2, 0), (0, 0), 1),
        ("exp(sqrt(4 + z1**2))", (5**0.5, 0), (0, 0), float(mpmath.exp(5**0.5))),
        ("exp(sqrt(4 + z1**2) + sqrt(9 + z1**2))", (5**0.5 + 10**0.5, 0), (0, 0), float(mpmath.exp(5**0.5 + 10**0.5))),
        ("exp(-z2**2*pi/9 + z1**2/8)", (0, 0), (1 / 8, -float(mpmath.pi) / 9), 1),
        ("exp(-z1**4 + z1)", (1, 0), (0, 0), 1),
        ("exp(z1**2 - z1**4)", (0, 0), (0, 0), float(mpmath.exp(0.25))),
    ],
)
def test_rates_of_exponentials(text, rates, squares, constant):
    bound = growth(link(text))
    assert [float(bound.rate.get(i, 0)) for i in (0, 1)] == pytest.approx(rates)
    assert [float(bound.square.get(i, 0)) for i in (0, 1)] == pytest.approx(squares)
    assert float(bound.constant) == pytest.approx(constant)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("atan(z1/z2)", True),
        ("z2**3*sin(1/z1)", True),
        ("tanh(log(abs(z1)))*exp(z2/3)", True),
        ("tanh(1/z1)*log(abs(z1))", False),
        ("atan(z1)/z2", False),
    ],
)
def test_a_bounded_function_is_regular_whatever_stands_in_it(text, known):
    """Inside of a function of bounded size nothing is singular; beside it, and in asinh, something may be."""
    assert all(is_regular(product) for product in link(text).terms) is known
    assert polynomial_powers(link("asinh(1/z1)")) is None


@pytest.mark.parametrize(("text", "powers"), [("atan(z1/z2)", {}), ("z1**2*cos(z2/z1) + z2", {0: 2.0, 1: 1.0})])
def test_bounded_functions_grow_by_no_power(text, powers):
    assert polynomial_powers(link(text)) == powers
