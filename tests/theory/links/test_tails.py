"""Functions far out: the exponentially small parts of tanh and erf, and bounds on products there, against mpmath."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ring import apply, constant, pi, variable
from steinlab.theory.links.tails import below, is_line, limit_form, term_tail

Z = variable(0)


def shares(u):
    """The atoms that stand for unknown shares in [0, 1]: erf of a function whose limit was put in."""
    return {atom for product in u.terms for atom, _ in product if atom.name == "erf" and not atom.argument.is_affine}


@pytest.mark.parametrize("name", ["tanh", "erf"])
@pytest.mark.parametrize(("slope", "offset", "side"), [(1, 0, 1), (2, -3, 1), (-1, 1, -1), (-3, -2, -1)])
def test_far_out_a_bounded_function_is_its_limit_and_a_share_of_its_gap(name, slope, offset, side):
    found = limit_form(apply(name, Z * slope + offset), 4)
    (share,) = shares(found)
    for x in (4, 5, 9):
        with mpmath.workdps(60):
            exact = getattr(mpmath, name)(slope * mpmath.mpf(x) + offset)
            u = abs(slope * mpmath.mpf(x) + offset)
            gap = 2 * mpmath.exp(-2 * u) if name == "tanh" else mpmath.exp(-u * u)
            assert 0 <= side * (side - exact) <= gap
    assert share.argument == apply(name, (Z * slope + offset) * side)
    without = {p: c for p, c in found.terms.items() if not any(atom is share for atom, _ in p)}
    assert without == constant(side).terms


@pytest.mark.parametrize("text", ["tanh(4 - z1)", "tanh(z1**2)", "sin(z1)", "atan(z1)", "exp(-z1)", "tanh(2)*z1", "z1**3"])
def test_what_has_no_limit_of_one_sign_beyond_the_radius_stays(text):
    u = read(parse(text))
    assert limit_form(u, 3) == u


def test_beyond_its_change_of_sign_a_function_has_a_limit():
    u = apply("tanh", Z - 4)
    assert limit_form(u, 3) == u
    assert limit_form(u, 4) == u  # zero is no sign
    assert limit_form(u, 5) != u


def test_powers_are_those_of_the_limit():
    """tanh(z)³ = (1 - s)³ for the small s: the whole power is expanded."""
    found = limit_form(apply("tanh", Z) ** 3 * Z, 2)
    one = limit_form(apply("tanh", Z), 2)
    assert found == one**3 * Z


@pytest.mark.parametrize(
    ("u", "expected"), [(Z, True), (Z * 3 - 1, True), (Z * pi() + pi(2), True), (Z**2, False), (apply("tanh", Z), False)]
)
def test_lines(u, expected):
    assert is_line(u) is expected


terms = {
    "z1**3*exp(-z1)": lambda x: x**3 * mpmath.exp(-x),
    "z1**2*exp(-z1**2/2)": lambda x: x**2 * mpmath.exp(-(x**2) / 2),
    "exp(-z1**2 + 3*z1 - 1)": lambda x: mpmath.exp(-(x**2) + 3 * x - 1),
    "exp(-2*z1)*erf(z1)**3": lambda x: mpmath.exp(-2 * x) * mpmath.erf(x) ** 3,
    "sin(z1)*exp(-z1)*z1": lambda x: mpmath.sin(x) * mpmath.exp(-x) * x,
    "atan(z1)**2*exp(-z1)": lambda x: mpmath.atan(x) ** 2 * mpmath.exp(-x),
    "exp(-z1)/(2 + z1**2)": lambda x: mpmath.exp(-x) / (2 + x**2),
    "pi*exp(-pi*z1)*z1": lambda x: mpmath.pi * mpmath.exp(-mpmath.pi * x) * x,
    "exp(1)*log(3)*exp(-z1)": lambda x: mpmath.e * mpmath.log(3) * mpmath.exp(-x),
}


@pytest.mark.parametrize("text", terms)
@pytest.mark.parametrize("radius", [4, 7, 12])
def test_tails_are_bounds_from_the_radius_on(text, radius):
    u = read(parse(text))
    bounds = [(c, term_tail(p, radius)) for p, c in u.terms.items()]
    assert all(tail is not None for _, tail in bounds)
    most = sum(abs(float(c)) * float(tail.upper()) for c, tail in bounds)
    for x in (radius, radius + Fraction(1, 3), radius + 2, radius + 20):
        assert abs(terms[text](mpmath.mpf(x.numerator) / x.denominator)) <= most * (1 + 1e-9)
    assert most < 200 * max(abs(terms[text](mpmath.mpf(radius + k) / 1)) for k in range(4)) + 1e-30


@pytest.mark.parametrize(
    ("text", "radius"),
    [
        ("z1", 5),
        ("exp(z1)", 5),
        ("exp(z1**2/8)", 5),
        ("exp(-z1**3)", 5),
        ("exp(-tanh(z1))", 5),
        ("log(2 + z1**2)*exp(-z1)", 5),
        ("z1**9*exp(-z1)", 5),
        ("exp(-z1)/abs(z1)", 5),
        ("exp(6*z1 - z1**2)", 2),
    ],
)
def test_what_does_not_decrease_from_the_radius_on_has_no_tail(text, radius):
    assert all(term_tail(product, radius) is None for product in read(parse(text)).terms)


def test_bounded_factors_count_with_the_powers_of_their_bounds():
    (product,) = (apply("atan", Z) ** 3 * apply("erf", Z) ** 2 * apply("exp", -Z)).terms
    assert float(term_tail(product, 5)) == pytest.approx((11 / 7) ** 3 * float(mpmath.exp(-5)), rel=1e-12)


def test_a_power_and_a_concave_exponent_decrease_from_their_peak_on():
    """z² e^{-z²/2} has its peak at √2, z⁹ e^{-z} at 9."""
    (product,) = (Z**2 * apply("exp", Z**2 * Fraction(-1, 2))).terms
    assert term_tail(product, 1) is None
    assert term_tail(product, 2) is not None
    (product,) = (Z**9 * apply("exp", -Z)).terms
    assert term_tail(product, 9) is None
    assert term_tail(product, 10) is not None


@given(st.fractions(-100, 100), st.sampled_from([2, 3, 5, 12, 50]))
def test_rational_numbers_just_below(q, n):
    assert below(Number.of(q)) == q
    root = Number.of(n).root(2) + q
    assert 0 < root - Number.of(below(root)) < Fraction(1, 2**60)
