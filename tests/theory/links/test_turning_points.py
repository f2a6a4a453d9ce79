"""Kinks at numbers such as log(2), signs that slopes decide, and links that turn on a short interval only."""

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.cases import rising
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.symbolic import apply, constant, logarithm, pi
from steinlab.theory.shape.monotone import monotone_link
from steinlab.theory.shape.regularity import weakly_differentiable
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.verdicts import Verdict

NAMES = {name: getattr(mpmath, name) for name in ("exp", "tanh", "sqrt", "pi", "sin", "cos", "erf", "log")}
NAMES |= {"abs": abs, "relu": lambda x: max(x, mpmath.mpf(0)), "Max": max, "Min": min, "sign": mpmath.sign}


def at(text, x):
    with mpmath.workdps(40):
        return eval(text, {"__builtins__": {}}, NAMES | {"z1": mpmath.mpf(x.numerator) / x.denominator})


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
    ordered = sorted((float(eval(t, {}, NAMES)), w) for w, t in zip(weights, places, strict=False))
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


SIGNED = {
    "z1 - tanh(z1)": "z1",
    "tanh(z1) - z1": "-z1",
    "sin(z1) - z1": "-z1",
    "z1 - 1 - tanh(z1 - 1)": "z1 - 1",
    "exp(z1) - 1 - z1": "1",
    "1 - z1**2/2 - cos(z1)": "-1",
    "exp(z1) - 1 - z1 - z1**2/2": "z1",
    "z1 - z2 - tanh(z1 - z2)": "z1 - z2",
    "pi*z1 - 1": "z1 - 1/pi",
    "z1*exp(1) + 2": "z1 + 2*exp(-1)",
    "log(1 + z1**2) - z1**2": "-1",
    "exp(z1) - 3*exp(-z1)": "z1 - log(3)/2",
}


@pytest.mark.parametrize("text", SIGNED)
def test_slopes_decide_signs(text):
    assert read(parse(f"sign({text})*z1")) == read(parse(f"sign({SIGNED[text]})*z1"))


@pytest.mark.parametrize("text", ["z1 - erf(z1)", "z1 - 2*tanh(z1)", "z1 - sin(2*z1)", "exp(z1) - 1 - z1 - z1**2"])
def test_signs_that_change_more_often_are_not_simplified(text):
    sign = apply("sign", read(parse(text)))
    assert sign != apply("sign", read(parse("z1")))
    assert sign.number is None


def test_constants_in_rising_order():
    log = lambda n: logarithm(constant(n))  # noqa: E731
    assert rising([pi(), log(2), constant(3), log(3), constant(0)]) == [constant(0), log(2), log(3), constant(3), pi()]
    assert rising([log(2), log(2) + log(3) * 0]) is None


@pytest.mark.parametrize("text", ["Min(z1,tanh(z1))", "Max(exp(z1),1+z1)", "relu(z1-tanh(z1))", "relu(exp(z1)-3)**2"])
def test_links_with_kinks_between_functions_are_monotone(text):
    assert facts(text) == (Verdict.HOLDS, Verdict.HOLDS)
