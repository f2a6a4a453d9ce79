"""Squares come out of roots as absolute values, and divisors divide what stands above them: against mpmath at points."""

import random
from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.checks.assumptions.check import check
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.factors import _ratios, content, monic_factors, quotient, square_part
from steinlab.theory.links.ring import Sum, absolute, apply, constant, pi, polynomial, power, relu, variable

INNER = [
    "z1-2", "z1+z2", "z1-sqrt(2)*z2", "3*z1-1/2", "pi*z1-1", "z1-pi", "tanh(z1)-1/3", "exp(z1)-2", "exp(z1)-exp(-z1)",
    "z1**2-2", "z1**2-z2", "sin(z1)-z1", "relu(z1)-1", "relu(z1)-relu(z2)", "abs(z1)-1", "erf(z2)+z1", "1+z1**2",
]  # fmt: skip
OUTER = ["1", "(1+z2**2)", "2", "exp(z1)", "z2**2", "abs(z2)"]
FORMS = ["sqrt(({v})**2*{w})", "(({v})**2*{w})**(1/2)", "(({v})**4*{w})**(1/4)", "sqrt({w}*({v})**2)", "(({v})**2*{w})**(3/2)"]
NAMES = {name: getattr(mpmath, name) for name in ("exp", "tanh", "sqrt", "pi", "sin", "erf")}
NAMES |= {"abs": abs, "relu": lambda x: max(x, mpmath.mpf(0))}


def at(u, point):
    with working_precision(120):
        return float(real_value(compile_sum(u), [arb(x) for x in point]).mid())


def by_mpmath(text, point):
    with mpmath.workdps(30):
        return float(eval(text, {"__builtins__": {}}, NAMES | {f"z{i + 1}": mpmath.mpf(x) for i, x in enumerate(point)}))


@given(st.sampled_from(INNER), st.sampled_from(OUTER), st.sampled_from(FORMS), st.randoms(use_true_random=False))
def test_written_squares_come_out_of_roots(v, w, form, source):
    text = form.format(v=v, w=w)
    u = read(parse(text))
    for _ in range(4):
        point = [source.uniform(-3, 3), source.uniform(-3, 3)]
        assert at(u, point) == pytest.approx(by_mpmath(text, point), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("v", [v for v in INNER if "relu" not in v])
def test_a_root_of_a_square_is_the_absolute_value_as_a_form(v):
    assert read(parse(f"sqrt(({v})**2)")) == read(parse(f"abs({v})"))


Z1, Z2 = variable(0), variable(1)
T = apply("tanh", Z1)
SQUARES = [
    Z1 - 2, Z1 - Z2, Z1 - Z2 * Number.of(2).root(2), T - Z2, apply("exp", Z1) - 1, apply("exp", Z1) - apply("exp", -Z1),
    absolute(Z1) - 1, pi() * Z1 - 1, T * Z2 + Z1 - 3, Z1**2 + Z2 + 1, Z1 * Z2 - apply("erf", Z1),
]  # fmt: skip


@pytest.mark.parametrize("v", SQUARES, ids=str)
@pytest.mark.parametrize("factor", [1, 3])
def test_expanded_squares_are_recognised(v, factor):
    found = square_part(v * v * factor)
    assert found is not None
    w, root = found
    assert w * root * root == v * v * factor
    assert apply("sign", w).number == 1


@pytest.mark.parametrize(
    "u", [Z1**2 + 1, Z1**2 + Z2**2, (Z1 - 2) ** 2 + 1, T**2 + Z2, (Z1 - Z2) ** 2 + Z2**4, relu(Z1) ** 2], ids=str
)
def test_what_is_no_square_is_none(u):
    assert square_part(u) is None or square_part(u)[1].is_polynomial


def test_a_square_that_vanishes_on_a_set_of_positive_measure_leaves_what_stands_beside_it_alone():
    """relu(z1)² z1 >= 0 though z1 is not: its root is relu(z1)^{3/2}."""
    u = read(parse("sqrt(relu(z1)**2*z1)"))
    source = random.Random(0)
    for _ in range(10):
        z = source.uniform(-3, 3)
        assert at(u, [z]) == pytest.approx(max(z, 0) ** 1.5, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("c", ["2", "1/3", "sqrt(2)"])
def test_the_report_on_a_root_of_a_square_is_that_on_the_absolute_value(c):
    root, size = (check(text).to_dict() for text in (f"sqrt((z1-{c})**2)", f"abs(z1-{c})"))
    for fact in ("mean", "variance", "degree_energy", "information_exponent", "subspace_leap", "expected_hessian"):
        assert root[fact] == size[fact]
    assert root["mean"] is not None
    assert [(f["id"], f["verdict"]) for f in root["assumptions"]] == [(f["id"], f["verdict"]) for f in size["assumptions"]]


def test_roots_nest_without_reading_twice():
    text = "z1**2"
    for _ in range(12):
        text = f"sqrt(({text})**2)"
    assert str(read(parse(text))) == "z1**2"


def test_the_root_of_zero_is_zero():
    assert read(parse("sqrt(0) + tanh(z1)")) == T


# -- divisors

POINTS = [(Fraction(3, 7), Fraction(-9, 4)), (Fraction(-12, 5), Fraction(1, 3)), (Fraction(7, 2), Fraction(5, 3))]
whole = st.integers(-4, 4)


@st.composite
def polynomials(draw: st.DrawFn, least_terms: int = 1) -> str:
    """Text of a polynomial in z1 and z2."""
    exponents = st.tuples(st.integers(0, 3), st.integers(0, 2))
    terms = draw(st.dictionaries(exponents, whole.filter(bool), min_size=least_terms, max_size=4))
    return " + ".join(f"({c})*z1**{a}*z2**{b}" for (a, b), c in terms.items())


def value(u: Sum, point: tuple[Fraction, ...]) -> float:
    return float(real_value(compile_sum(u), [fraction_ball(x) for x in point]).mid())


@settings(max_examples=60, deadline=None)
@given(
    polynomials(),
    polynomials(least_terms=2),
    st.sampled_from(["({q})*({d})/({d})", "1/({d})*(({q})*({d}))", "{q}*({d})**2*({d})**(-2)"]),
)
def test_what_is_a_multiple_of_its_divisor_is_divided(q: str, d: str, shape: str) -> None:
    divided = read(parse(shape.format(q=f"({q})", d=d)))
    assert divided == read(parse(q))


@settings(max_examples=60, deadline=None)
@given(polynomials(), polynomials(least_terms=2), polynomials())
def test_a_quotient_has_the_values_of_what_was_written(u: str, d: str, rest: str) -> None:
    text = f"(({u})*({d}) + {rest})/({d})"
    form = read(parse(text))
    for z1, z2 in POINTS:
        names = {"z1": z1, "z2": z2}
        if eval(d, names):
            expected = float(eval(text.replace("/", " * Fraction(1) / "), {**names, "Fraction": Fraction}))
            assert value(form, (z1, z2)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.lists(whole, min_size=1, max_size=4), st.integers(1, 3), whole.filter(bool))
def test_a_remainder_is_not_dropped(q: list[int], k: int, r: int) -> None:
    z = variable(0)
    divisor = z**k * (z - 2) + 1
    multiple = sum((z**i * c for i, c in enumerate(q)), constant(0)) * divisor
    assert quotient(multiple + r, divisor) is None
    assert (multiple + r) * power(divisor * divisor, Fraction(-1)) != multiple * power(divisor * divisor, Fraction(-1))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("z1*log(5/3)/log(5/3)", "z1"),
        ("z1*sin(1)**2/sin(1)**2", "z1"),
        ("z1**2/(1 + z1**2) + 1/(1 + z1**2) + z1", "1 + z1"),
        ("relu(z1 - 1)/(z1 - 1)", "(1 + sign(z1 - 1))/2"),
        ("(exp(2*z1) - 1)/(exp(z1) - 1)", "1 + exp(z1)"),
        ("(z1**2 - pi**2)/(z1 - pi)", "z1 + pi"),
        ("abs(z1*z2 - 1)/(z1*z2 - 1)*abs(z1*z2 - 1)", "z1*z2 - 1"),
        ("z2*(2 + sin(z1))/(2 + sin(z1))", "z2"),
    ],
)
def test_quotients_of_functions(text: str, form: str) -> None:
    assert read(parse(text)) == read(parse(form))


@pytest.mark.parametrize(
    ("text", "degree"), [("(z1**2-1)/(z1-1)", 1), ("(z1**3-z1)/(z1**2-1)*z1", 2), ("(z1**3 - z2**3)/(z1 - z2)", 2)]
)
def test_the_degree_of_a_quotient_is_proved(text: str, degree: int) -> None:
    assert check(text).to_dict()["target"]["degree"] == degree


def test_a_divisor_that_the_directions_make_zero_is_refused() -> None:
    text = "(z1**2 - z2**2)/(z1 - z2)"
    assert read(parse(text)) == read(parse("z1 + z2"))
    with pytest.raises(InputError, match="division by zero"):
        read(parse(text), ((Number.of(1), Number.of(0)),) * 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(z1 - 2)**2*(z1 + 1)", ("1 + z1", "-2 + z1")),
        ("(z1 - 2)**3", ("-2 + z1", "-2 + z1")),
        ("5*(z1 - 2)**4*(z1 + 1)**3", ("5 + 5*z1", "4 + z1**3 - 3*z1**2")),
        ("z1**2*z2**3*(z1 + z2)**2", ("z2", "z1**2*z2 + z1*z2**2")),
        ("(z1 + z2)**2*(z1 - z2)**2", ("1", "z1**2 - z2**2")),
        ("exp(3*z1) - 2*exp(2*z1) + exp(z1)", ("exp(z1)", "-1 + exp(z1)")),
        ("exp(z1/2)*(exp(z1) - 1)**2", ("exp(1/2*z1)", "-1 + exp(z1)")),
        ("exp(z1)*(z1 + z2)**2", ("exp(z1)", "z1 + z2")),
        ("-(z1 + z2)**2", ("-1", "z1 + z2")),
        ("(z1 + z2)**2*z1", ("z1", "z1 + z2")),
        ("3*(pi - z1)**2", ("3", "z1 - pi")),
        ("z1**2 + z2", None),
        ("(z1 + z2)**2 + z1", None),
        ("z1**3 + z1 + 1", None),
    ],
)
def test_squares_are_taken_out_whole(text, expected):
    u = read(parse(text))
    found = square_part(u)
    assert (None if found is None else tuple(map(str, found))) == expected
    assert found is None or found[0] * found[1] * found[1] == u


@pytest.mark.parametrize(
    ("text", "common", "rest"),
    [
        ("z1**2*exp(z2) + z1*exp(z2)", "z1*exp(z2)", "1 + z1"),
        ("z1*z2", "z1*z2", "1 + 0*z1"),
        ("tanh(z1)**3*z1 + tanh(z1)**2*z2", "tanh(z1)**2", "z1*tanh(z1) + z2"),
        ("z1/sqrt(1 + z1**2) + z2/sqrt(1 + z1**2)", "1/sqrt(1 + z1**2)", "z1 + z2"),
        ("z1 + z2", "1 + 0*z1", "z1 + z2"),
    ],
)
def test_what_all_terms_share(text, common, rest):
    found, left = content(read(parse(text)))
    assert Sum({found: Number.of(1)}) == read(parse(common))
    assert left == read(parse(rest))


@pytest.mark.parametrize(
    ("coefficients", "factors"),
    [
        ([-2, 0, 1], ["z1 - sqrt(2)", "z1 + sqrt(2)"]),
        ([2, -3, 1], ["z1 - 1", "z1 - 2"]),
        ([-2, 0, 2], ["z1 - 1", "z1 + 1"]),
        ([-1, 0, 0, 1], ["z1 - 1", "z1**2 + z1 + 1"]),
        ([1, 0, 1], ["z1**2 + 1"]),
        ([6, -5, -2, 1], ["z1 - 1", "z1 + 2", "z1 - 3"]),
        ([-4, 0, 0, 0, 1], ["z1 - sqrt(2)", "z1 + sqrt(2)", "z1**2 + 2"]),
        ([-2, -2, 1], ["z1 - 1 - sqrt(3)", "z1 - 1 + sqrt(3)"]),
        ([-1, -1, 0, 2], ["z1 - 1", "z1**2 + z1 + 1/2"]),
        ([-1, -1, 0, 1], ["z1**3 - z1 - 1"]),
    ],
)
def test_rational_and_quadratic_roots_are_split_off(coefficients, factors):
    found = monic_factors([Number.of(c) for c in coefficients])
    assert {polynomial(p) for p in found} == {read(parse(text)) for text in factors}
    assert len(found) == len(factors)


def test_an_irrational_quadratic_is_split_too():
    """x² - 3x + √2 has the discriminant 9 - 4√2 = (2√2 - 1)²."""
    found = monic_factors([Number.of(2).root(2), Number.of(-3), Number.of(1)])
    assert {polynomial(p) for p in found} == {read(parse("z1 - 1 - sqrt(2)")), read(parse("z1 - 2 + sqrt(2)"))}


@pytest.mark.parametrize(
    ("text", "ratios"),
    [
        ("exp(z1) + exp(2*z1)", {"exp(z1)": 1, "exp(2*z1)": 2}),
        ("exp(z1/2) + exp(2*z1/3)", {"exp(1/2*z1)": 3, "exp(2/3*z1)": 4}),
        ("exp(z1 + 1) + exp(2*z1 + 2)", {"exp(1 + z1)": 1, "exp(2 + 2*z1)": 2}),
        ("exp(-z1) + exp(z1)", {"exp(-z1)": 1, "exp(z1)": -1}),
        ("exp(z1) + exp(z1*z2)", {}),
        ("exp(z1) + exp(sqrt(2)*z1)", {}),
        ("exp(z1) + exp(z1 + 1)", {}),
    ],
)
def test_exponentials_are_powers_of_one(text, ratios):
    atoms = [atom for product in read(parse(text)).terms for atom, _ in product]
    assert {str(atom): k for atom, k in _ratios(atoms).items()} == ratios
    assert _ratios([]) == {}


@pytest.mark.parametrize(
    ("u", "v", "q"),
    [
        ("z1**3 - 1", "z1 - 1", "z1**2 + z1 + 1"),
        ("z1**4 - z2**4", "z1**2 + z2**2", "z1**2 - z2**2"),
        ("z1**2 - 1", "abs(z1) - 1", "abs(z1) + 1"),
        ("abs(z1)*z2 + z2", "abs(z1) + 1", "z2"),
        ("exp(2*z1) - 1", "exp(z1) + 1", "exp(z1) - 1"),
        ("exp(z1) - 1", "exp(z1/2) - 1", "exp(z1/2) + 1"),
        ("2*z1 + 2", "z1 + 1", "2 + 0*z1"),
        ("pi**2*z1**2 - 1", "pi*z1 - 1", "pi*z1 + 1"),
        ("0*z1", "z1 - 1", "0*z1"),
        ("tanh(z1)**2 - z1**2", "tanh(z1) - z1", "tanh(z1) + z1"),
        ("sqrt(1 + z1**2)*z1 + sqrt(1 + z1**2)", "z1 + 1", "sqrt(1 + z1**2)"),
        ("z1**3", "z1 - 1", None),
        ("z1", "z1", None),  # a power of an atom needs no division
        ("z1 + 1", "z1**2 + z1", None),
        ("relu(z1) + 1", "relu(z1) + 2", None),
    ],
)
def test_quotients_are_exact_or_none(u, v, q):
    assert quotient(read(parse(u)), read(parse(v))) == (None if q is None else read(parse(q)))


@pytest.mark.parametrize(
    ("power", "k", "left"), [("-1", 1, 0), ("-5/2", 2, "-1/2"), ("-1/2", 1, "1/2"), ("-3", 2, -1), ("-3", 3, 0), ("-2", 3, 1)]
)
def test_divisors_cancel_as_often_as_they_stand_above(power, k, left):
    """D^e D^k z1 = D^{e+k} z1 for D = 2 + z1**2, whoever expanded the power."""
    text = f"(2 + z1**2)**({power})*z1*({read(parse(f'(2 + z1**2)**{k}'))})"
    assert read(parse(text)) == read(parse(f"(2 + z1**2)**({left})*z1"))
