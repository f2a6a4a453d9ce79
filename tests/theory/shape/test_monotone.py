"""Monotone links and polynomial growth; the points that a refusal names are attacked with floats."""

import math
import re
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import constant
from steinlab.theory.shape.monotone import monotone_link, polynomial_growth
from steinlab.theory.shape.regularity import weakly_differentiable
from steinlab.theory.verdicts import Evidence, Verdict

NAMES = {"tanh": math.tanh, "exp": math.exp, "sin": math.sin, "relu": lambda x: max(x, 0.0), "abs": abs}


def monotone(text):
    return monotone_link(LinkExpansion.from_expression(text))


@pytest.mark.parametrize(
    ("text", "word"),
    [("tanh(z1) + z1", "decreases"), ("-tanh(z1) - z1**3", "increases"), ("sign(z1)", "decreases"), ("-relu(z1)", "increases")],
)
def test_monotone_links_hold_with_their_direction(text, word):
    found = monotone(text)
    assert (found.verdict, found.evidence) == (Verdict.HOLDS, Evidence.CERTIFIED)
    assert found.reason == f"the link nowhere {word}: its derivative and its jumps have one sign, tails included"


@pytest.mark.parametrize(
    "text", ["abs(z1)", "tanh(z1) - z1/2", "sin(z1)", "relu(z1) - relu(z1 - 1)*2", "exp(-z1**2)", "z1*exp(-z1)"]
)
def test_the_named_points_rise_and_fall(text):
    found = monotone(text)
    assert (found.verdict, found.evidence) == (Verdict.FAILS, Evidence.CERTIFIED)
    rising, falling = (float(Fraction(x)) for x in re.search(r"rises near (\S+) and falls near (\S+) ", found.reason).groups())

    def slope(x):
        return eval(text, NAMES, {"z1": x + 1e-6}) - eval(text, NAMES, {"z1": x - 1e-6})

    assert slope(rising) > 0 > slope(falling)


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [("z1**3", Verdict.HOLDS, "never changes"), ("z1**3 - z1", Verdict.FAILS, "changes"), ("z1**2", Verdict.FAILS, "changes")],
)
def test_polynomials_are_decided_exactly(text, verdict, words):
    found = monotone(text)
    assert (found.verdict, found.evidence) == (verdict, Evidence.EXACT)
    assert found.reason == f"the link is a polynomial, whose derivative {words} sign, by Sturm's theorem"


def test_two_directions_are_not_a_monotone_link():
    found = monotone("tanh(z1) + tanh(z2)")
    assert (found.verdict, found.reason) == (Verdict.FAILS, "f* depends on more than one direction")
    hidden = monotone("tanh(2*z1) - 2*tanh(z1)/(1+tanh(z1)**2) + tanh(z2)")  # a zero that no form shows
    assert hidden.verdict is Verdict.UNDECIDED
    assert hidden.reason.startswith("the effective dimension is undecided: g is a function of 2 linear forms")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("z1**2*tanh(z1)", "holds"),
        ("exp(z1)", "fails"),
        ("log(abs(z1))", "fails"),
        ("exp(-z1**2)", "holds"),
        ("z1*exp(-z1)", "fails"),
    ],
)
def test_polynomial_growth(text, verdict):
    found = polynomial_growth(LinkExpansion.from_expression(text))
    assert (found.verdict.value, found.evidence) == (verdict, Evidence.CERTIFIED)


def test_the_power_is_the_degree():
    found = polynomial_growth(LinkExpansion.from_expression("z1**2*tanh(z1)"))
    assert found.reason == "|g| is at most a constant times powers (1 + |z_i|)^2"


# -- kinks at numbers such as log(2), and links that turn on a short interval only

EXACTLY = {name: getattr(mpmath, name) for name in ("exp", "tanh", "sqrt", "pi", "sin", "cos", "erf", "log")}
EXACTLY |= {"abs": abs, "relu": lambda x: max(x, mpmath.mpf(0)), "Max": max, "Min": min, "sign": mpmath.sign}


def at(text, x):
    with mpmath.workdps(40):
        return eval(text, {"__builtins__": {}}, EXACTLY | {"z1": mpmath.mpf(x.numerator) / x.denominator})


def facts(text):
    expansion = LinkExpansion.from_expression(text)
    return monotone_link(expansion).verdict, weakly_differentiable(expansion).verdict


numbers = st.fractions(-3, 3, max_denominator=5)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([0.05, 1e-3, 1e-5, 1e-7]), st.integers(1, 9), st.integers(-3, 3))
def test_a_slope_that_is_negative_on_short_intervals_only_is_found(excess, width, shift):
    """The slope 1 + (1 + excess) cos falls below zero within sqrt(2 excess) of its least value."""
    c = f"{(1 + excess) / width:.12f}"
    assert facts(f"z1 + {c}*sin({width}*z1 - {shift})") == (Verdict.FAILS, Verdict.HOLDS)
    assert facts(f"z1 + {(1 - excess) / width:.12f}*sin({width}*z1 - {shift})")[0] is Verdict.HOLDS


@pytest.mark.parametrize("far", ["5", "30", "10**3", "log(10**9)"])
def test_a_link_that_turns_beyond_a_far_kink_is_found(far):
    assert facts(f"tanh(z1/100) - relu(z1 - {far})")[0] is Verdict.FAILS
    assert facts(f"tanh(z1/100) + relu(z1 - {far})")[0] is Verdict.HOLDS


VALUES = ["log(2)", "pi", "1/pi", "log(3)/2", "exp(1)", "sqrt(2)", "log(2)-1", "tanh(1)", "-log(5/3)", "355/113"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from([1, 2, -1]), min_size=3, max_size=3),
)
def test_kinks_lie_at_numbers_in_closed_form(places, weights):
    text = " + ".join(["z1/4", *(f"({w})*relu(z1 - ({t}))" for w, t in zip(weights, places, strict=False))])
    monotone, differentiable = facts(text)
    ordered = sorted((float(eval(t, {}, EXACTLY)), w) for w, t in zip(weights, places, strict=False))
    slopes, total = [0.25], 0.25
    for _, w in ordered:
        total += w
        slopes.append(total)
    assert monotone is (Verdict.FAILS if min(slopes) < 0 else Verdict.HOLDS)
    assert differentiable is Verdict.HOLDS


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["exp(z1)-{q}", "2*exp(z1)-{q}**2*exp(-z1)", "tanh(z1)-{q}/4", "pi*z1-{q}", "z1-{q}*log(2)"]),
    st.fractions(-3, 3, max_denominator=4),
    st.integers(1, 3),
)
def test_relu_of_an_increasing_function_increases_and_has_no_jump(inner, q, power):
    text = f"relu({inner.format(q=f'({q})')})**{power}"
    form = read(parse(text))
    for x in (-5, -1, 0, 1, 2, 5):
        x = constant(x).number.fraction
        assert float(real_value(compile_sum(form), [fraction_ball(x)]).mid()) == pytest.approx(
            float(at(text, x)), rel=1e-9, abs=1e-12
        )
    if form.variables and not form.is_polynomial:
        assert facts(text) == (Verdict.HOLDS, Verdict.HOLDS)


@settings(max_examples=20)
@given(
    st.sampled_from(["tanh(z1)", "tanh(2*z1-1)", "2*sigmoid(z1)-1", "-tanh(z1/3)"]),
    st.sampled_from(["1/4", "2/4", "3/4", "-3/5", "1/sqrt(5)", "sqrt(2)/2"]),
    st.integers(2, 5),
    st.integers(2, 5),
)
def test_powers_of_relu_beside_a_kink_that_is_no_number(inner, shift, power, other):
    """The slopes vanish at the kink, and would change sign beyond it; together the powers rise or turn, by their signs."""
    above, below = f"relu({inner}-({shift}))**{power}", f"relu({shift}-({inner}))**{other}"
    assert facts(above) == facts(f"{above} - 3*{below}") == (Verdict.HOLDS, Verdict.HOLDS)
    assert facts(f"{above} + 3*{below}") == (Verdict.FAILS, Verdict.HOLDS)


@pytest.mark.parametrize("text", ["Min(z1,tanh(z1))", "Max(exp(z1),1+z1)", "relu(z1-tanh(z1))", "relu(exp(z1)-3)**2"])
def test_links_with_kinks_between_functions_are_monotone(text):
    assert facts(text) == (Verdict.HOLDS, Verdict.HOLDS)


@pytest.mark.parametrize(
    ("text", "rising", "falling"),
    [
        ("abs(z1)", "1/8", "-95/8"),
        ("tanh(z1) - z1/2", "0", "-47/4"),
        ("sign(z1) - z1", "0", "-95/8"),
        ("z1 - sign(z1 - 1/3)", "-95/8", "1/3"),
        ("relu(z1) - 2*relu(z1 - 5)", "1/19", "71/14"),
        ("relu(sin(z1))", "-97/8", "-87/8"),
        ("exp(-z1**2)", "-3/4", "3/4"),
        ("z1 + 1.0001*sin(z1)", "0", "-688/73"),
        ("tanh(z1) - relu(z1 - 30)", "-1/3", "2881/96"),
    ],
)
def test_the_points_that_are_named_are_the_same_everywhere(text, rising, falling):
    """At them the difference over a tenth of the next interval of the search has the sign that is told."""
    assert monotone(text).reason == f"the link rises near {rising} and falls near {falling} (certified)"
    for x, side in ((Fraction(rising), 1), (Fraction(falling), -1)):
        width = Fraction(1, 4) if text == "relu(sin(z1))" else Fraction(1, 1000)
        assert side * (at(text, x + width) - at(text, x)) > 0 or side * (at(text, x + width) - at(text, x - width)) > 0


@pytest.mark.parametrize("root", [0.3, -0.7])
@pytest.mark.parametrize("rising", ["z1 + exp(z1)", "z1**3 + z1 + tanh(z1)", "z1 + sin(z1)/2 - 1", "z1 - 2*exp(-z1)"])
@pytest.mark.parametrize(
    ("shape", "verdict"),
    [
        ("relu({})", "holds"),
        ("-relu({}) - tanh(z1)", "holds"),
        ("tanh(relu({})) + z1", "holds"),
        ("abs({})", "fails"),
        ("relu({}) - z1/8", "fails"),
    ],
)
def test_kinks_at_roots_without_a_closed_form(rising, root, shape, verdict):
    """relu(v) of an increasing v, v + number having its one root wherever that lies."""
    text = shape.format(f"({rising} - ({root}))")
    assert monotone_link(LinkExpansion.from_expression(text)).verdict.value == verdict
