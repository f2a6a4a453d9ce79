"""Quotients whose divisor is a sum and divides what stands above it."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.checks.assumptions.report import check
from steinlab.checks.commands.check import to_json
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.quotients import quotient
from steinlab.theory.links.symbolic import Sum, constant, power, variable

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
    assert to_json(check(text))["target"]["degree"] == degree


def test_a_divisor_that_the_directions_make_zero_is_refused() -> None:
    text = "(z1**2 - z2**2)/(z1 - z2)"
    assert read(parse(text)) == read(parse("z1 + z2"))
    with pytest.raises(InputError, match="division by zero"):
        read(parse(text), ((Number.of(1), Number.of(0)),) * 2)
