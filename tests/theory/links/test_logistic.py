"""Written-out sigmoids, tanh and sech: one normal form with tanh, and the values that mpmath gives for the text."""

import math

import mpmath
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.assumptions.check import check
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.logistic import _multiple, factored, negative_power, two_exponentials
from steinlab.theory.links.ranges import value_range
from steinlab.theory.links.ring import apply, constant, variable
from steinlab.theory.targets.target import Target

NAMES = {name: getattr(mpmath, name) for name in ("exp", "tanh", "log", "sqrt")} | {
    "abs": abs,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
}
INNER = ["z1", "-z1", "2*z1-1", "z1+z2", "z1/3-z2", "z1**2", "z1*z2", "1-3*z1", "log(2)*z1"]
positive = st.integers(1, 9)


def by_mpmath(text, point):
    with mpmath.workdps(30):
        return float(eval(text, {"__builtins__": {}}, NAMES | {f"z{i + 1}": mpmath.mpf(x) for i, x in enumerate(point)}))


def at(u, point):
    with working_precision(120):
        return float(real_value(compile_sum(u), [arb(x) for x in point]).mid())


@given(positive, positive, st.sampled_from(INNER), st.sampled_from(["0", "z2", "-z1", "z1**2"]))
def test_a_drawn_fraction_of_exponentials_is_its_tanh(c, d, u, v):
    """c e^u over c e^u + d e^{v}, its complement and its slope, v moved into every term or into none."""
    tanh = f"tanh((({u})-({v}))/2 + log({c})/2 - log({d})/2)"
    first, second = f"{c}*exp({u})", f"{d}*exp({v})"
    for written, same in (
        (f"{first}/({first}+{second})", f"(1+{tanh})/2"),
        (f"1/(1+{d}*exp(({v})-({u}))/{c})", f"(1+{tanh})/2"),
        (f"{second}*({first}+{second})**(-1)", f"(1-{tanh})/2"),
        (f"({first}-{second})/({first}+{second})", tanh),
        (f"{first}*{second}/({first}+{second})**2", f"(1-{tanh}**2)/4"),
        (f"({first}/({first}+{second}))**3", f"((1+{tanh})/2)**3"),
        (f"1/(1+{tanh})", f"(1+{d}*exp(({v})-({u}))/{c})/2"),
        (f"log({first}+{second}) - ({u})", f"log({c}) - log((1+{tanh})/2)"),
    ):
        assert read(parse(written)) == read(parse(same)), written


PARTS = [
    "exp({h})", "exp(-2*({h}))", "tanh({h})", "1/(exp({h})+exp(-({h})))", "1/(1+exp(2*({h})))",
    "z2", "exp(z2/2)", "1/(2+3*exp({h}))",
]  # fmt: skip
HALVES = ["z1", "z1/2-1", "z1+log(3)/2", "z1-z2", "-z1**2"]


@given(st.lists(st.sampled_from(PARTS), min_size=2, max_size=4), st.sampled_from(HALVES))
def test_drawn_products_keep_their_values(parts, h):
    text = "*".join(part.format(h=h) for part in parts)
    for point in ((0.3, -1.1), (-0.8, 0.6), (1.7, 0.2)):
        assert at(read(parse(text)), point) == pytest.approx(by_mpmath(text, point), rel=1e-12)


@given(st.permutations(["exp(z1)", "exp(z1)", "tanh(z1)", "1/(exp(z1)+exp(-z1))", "1/(1+exp(-2*z1))"]))
def test_the_order_of_factors_does_not_matter(factors):
    assert read(parse("*".join(factors))) == read(parse("exp(2*z1)*tanh(z1)*sigmoid(2*z1)/(exp(z1)+exp(-z1))"))


@pytest.mark.parametrize(
    ("written", "tanh"),
    [
        ("1/(1+exp(-z1))", "sigmoid(z1)"),
        ("exp(z1)/(1+exp(z1))**2", "1/4-tanh(z1/2)**2/4"),
        ("z1/(1+exp(-z1))", "z1*sigmoid(z1)"),
        ("1/(1+2**(-z1))", "sigmoid(log(2)*z1)"),
        ("exp(z1)/(exp(z1)+exp(z2))", "sigmoid(z1-z2)"),
    ],
)
def test_reports_agree_in_every_fact(written, tanh):
    reports = [check(Target.from_expression(text), "damian.theorem1").to_dict() for text in (written, tanh)]
    for report in reports:
        report["target"] = None
    assert reports[0] == reports[1]
    assert "undecided" not in [a["verdict"] for a in reports[0]["assumptions"]]


def test_an_even_reciprocal_has_no_odd_part():
    report = check(Target.from_expression("1/(exp(z1)+exp(-z1))"), "damian.theorem1").to_dict()
    assert report["information_exponent"]["value"] == report["generative_exponent"]["value"] == 2


def test_a_sum_that_may_vanish_stays():
    assert two_exponentials(apply("exp", variable(0)) - 2) is None
    assert two_exponentials(apply("exp", constant(1)) + 2) is None


@given(positive, st.integers(1, 10**6))
def test_two_exponentials_are_bounded_below_by_twice_their_mean(c, d):
    low = value_range(read(parse(f"{c}*exp(z1)+exp(-z1)/{d}"))).low
    least = 2 * mpmath.sqrt(mpmath.mpf(c) / d)
    assert least * (1 - 1e-9) <= float(low) <= least


@given(st.sampled_from(["exp", "tanh"]), st.integers(-12, 12), st.sampled_from(["z1", "z1-1", "z1**2", "z1*z2"]))
def test_a_number_beside_a_function_is_one_of_its_values(name, n, u):
    text = f"abs({name}({u})-({n})/8)"
    for point in ((0.3, -1.1), (-0.8, 0.6), (1.7, 0.2), (0.1, 0.2)):
        assert at(read(parse(text)), point) == pytest.approx(by_mpmath(text, point), rel=1e-12)


@pytest.mark.parametrize("text", ["(exp(z1**2)-1)**(1/8)", "sqrt(1-3*exp(-z1**2-2))", "(tanh(z1**2+1)-1/2)**(1/3)"])
def test_roots_of_what_is_never_negative_are_read(text):
    assert at(read(parse(text)), (0.7,)) == pytest.approx(by_mpmath(text, (0.7,)), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("5*exp(z1) + 2", ("5", "1/2*z1", "1/2*z1", "2/5")),
        ("2*exp(z1) + 3*exp(-z2)", ("2", "1/2*z1 - 1/2*z2", "1/2*z1 + 1/2*z2", "3/2")),
        ("exp(-z1) + 4*exp(z1)", ("4", "0", "z1", "1/4")),
        ("exp(z1) + exp(-z1)", ("1", "0", "z1", "1")),
        ("exp(sin(z1)) + exp(z1)", ("1", "1/2*z1 + 1/2*sin(z1)", "1/2*z1 - 1/2*sin(z1)", "1")),
        ("exp(z1) - 2", None),
        ("exp(z1) + exp(z1 + 1)", None),
        ("exp(z1) + z1", None),
        ("exp(z1)", None),
        ("exp(z1) + exp(z2) + 1", None),
        ("exp(z1) + exp(z2)*z1", None),
    ],
)
def test_sums_of_two_exponentials_are_taken_apart(text, parts):
    found = two_exponentials(read(parse(text)))
    assert (None if found is None else tuple(map(str, (found.scale, found.middle, found.half, found.ratio)))) == parts
    if found is not None:
        assert found.is_centred is (parts[:2] == ("1", "0"))
        assert apply("exp", found.middle) * found.centred * found.scale == read(parse(text))
        point = (0.3, -0.8)
        half, ratio = at(found.half, point), float(found.ratio)
        upper, lower = math.exp(half), ratio * math.exp(-half)
        assert at(found.reciprocal, point) == pytest.approx(1 / (upper + lower))
        assert at(found.tanh, point) == pytest.approx((upper - lower) / (upper + lower))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1 - sigmoid(z1)", ("1", "-1/2*z1", "exp(-1/2*z1) + exp(1/2*z1)", -1)),
        ("2 + 2*tanh(z1)", ("4", "z1", "exp(-z1) + exp(z1)", -1)),
        ("2 - 2*tanh(z1)", ("4", "-z1", "exp(-z1) + exp(z1)", -1)),
        ("3 + 3*tanh(z1 - log(5))", ("6", "z1", "25*exp(-z1) + exp(z1)", -1)),
        ("3 - 3*tanh(z1 - log(5))", ("150", "-z1", "25*exp(-z1) + exp(z1)", -1)),
        ("5*exp(z1) + 2", ("5", "1/2*z1", "2/5*exp(-1/2*z1) + exp(1/2*z1)", 1)),
        ("1 + 2*tanh(z1)", None),
        ("1 - 2*tanh(z1)", None),
        ("1 + tanh(z1)**2", None),
        ("1 + tanh(z1)*z2", None),
        ("1 + erf(z1)", None),
        ("tanh(z1)", None),
        ("1 + tanh(1)", None),
        ("1 + tanh(z1) + z1", None),
    ],
)
def test_both_kinds_of_factors_are_recognised(text, parts):
    found = factored(read(parse(text)))
    assert (None if found is None else (*map(str, found[:3]), found[3])) == parts
    if found is not None:
        scale, middle, w, side = found
        for point in ((0.4,), (-1.3,)):
            assert float(scale) * math.exp(at(middle, point)) * at(w, point) ** side == pytest.approx(by_mpmath(text, point))


@pytest.mark.parametrize(
    ("w", "half", "side"),
    [
        ("3*z1", "z1", 1),
        ("-2*z1 + z2", "z1", -1),
        ("z1", "z1", 1),
        ("-z1", "z1", -1),
        ("z1/2", "z1", 0),
        ("z2", "z1", 0),
        ("16*z1", "z1", 1),
        ("17*z1", "z1", 0),
        ("-16*z1", "z1", -1),
        ("-17*z1", "z1", 0),
        ("z1 + z2", "2*z1 - z2", 0),
        ("2*z1 + 3*z2", "z1 + z2", 1),
        ("z1**2 + z1", "z1**2", 0),
    ],
)
def test_multiples_up_to_sixteen_that_leave_fewer_variables(w, half, side):
    assert _multiple(read(parse(w)), read(parse(half))) == side


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("exp(17*z1)*tanh(z1)", "exp(17*z1)*tanh(z1)"),
        ("exp(3*z1)*tanh(z1)", "2*(exp(-z1) + exp(z1))**(-1) - 2*exp(z1) + exp(3*z1)"),
        ("exp(-2*z1)*tanh(z1)", "1 - exp(-2*z1) - tanh(z1)"),
        ("exp(z1)*tanh(z1 - log(3))", "-18*(9*exp(-z1) + exp(z1))**(-1) + exp(z1)"),
        ("1/(exp(z1) + exp(-z1))**2", "1/4 - 1/4*tanh(z1)**2"),
        ("exp(z1)/(2*exp(z1) + exp(-z1))", "1/4 + 1/4*tanh(z1 + 1/2*log(2))"),
        ("exp(2*z1 + z2)/(exp(z1) + 3*exp(-z1))", "-3*(3*exp(-z1) + exp(z1))**(-1)*exp(z2) + exp(z1 + z2)"),
        ("exp(-z1)/(exp(z1) + 3*exp(-z1))", "1/6 - 1/6*tanh(z1 - 1/2*log(3))"),
    ],
)
def test_products_have_one_form(text, form):
    assert str(read(parse(text))) == form
    for point in ((0.3, 0.2), (-1.1, 0.5)):
        assert by_mpmath(form, point) == pytest.approx(by_mpmath(text, point), rel=1e-9)


@pytest.mark.parametrize(
    ("text", "n"), [("5*exp(z1) + 2", 1), ("5*exp(z1) + 2", 3), ("2 - 2*tanh(z1)", 2), ("exp(z1) + exp(-z1)", 4)]
)
def test_negative_powers(text, n):
    found = negative_power(read(parse(text)), n)
    for point in ((0.3,), (-1.1,)):
        assert at(found, point) == pytest.approx(by_mpmath(text, point) ** -n)
    assert negative_power(read(parse("1 + z1**2")), n) is None
