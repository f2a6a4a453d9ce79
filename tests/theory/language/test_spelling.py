"""Functions and signs that go by other names: their values against NumPy and SciPy, their messages, their bounds."""

import math
import re

import numpy as np
import pytest
import scipy.special
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.polynomial import hermite_e

from steinlab.numerics.samples.expressions import compile_expression
from steinlab.theory.errors import InputError
from steinlab.theory.language.names import POLYNOMIAL_FUNCTIONS, names
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import polynomial
from steinlab.theory.language.spelling import MAX_LENGTH
from steinlab.theory.targets.target import Target

POINTS = np.array([[-2.5, -1.0, -0.1, 0.0, 0.2, 1.0, 3.0], [0.3, 2.0, -1.5, 0.0, 0.2, -1.0, -3.0]])


def hermite(k):
    return lambda u: hermite_e.hermeval(u, [0] * k + [1])


FUNCTIONS = {
    "softplus({})": lambda u: np.logaddexp(0, u),
    "gelu({})": lambda u: u * scipy.special.ndtr(u),
    "silu({})": lambda u: u / (1 + np.exp(-u)),
    "swish({})": lambda u: u / (1 + np.exp(-u)),
    "leaky_relu({})": lambda u: np.where(u > 0, u, 0.01 * u),
    "leaky_relu({}, 0.2)": lambda u: np.where(u > 0, u, 0.2 * u),
    "leaky_relu({}, 1 - 3)": lambda u: np.where(u > 0, u, -2 * u),
    "leaky_relu({}, slope=1/3)": lambda u: np.where(u > 0, u, u / 3),
    "elu({})": lambda u: np.where(u > 0, u, np.expm1(np.minimum(u, 0))),
    "heaviside({})": lambda u: np.heaviside(u, 0.5),
    "step({})": lambda u: np.heaviside(u, 0.5),
    "sgn({})": np.sign,
    "ReLU({})": lambda u: np.maximum(u, 0),
    "Abs({})": np.abs,
    "ln(2 + Abs({}))": lambda u: np.log(2 + np.abs(u)),
    "max({}, 1/2)": lambda u: np.maximum(u, 0.5),
    "max(z2, {}, -1)": lambda u: np.maximum(np.maximum(u, POINTS[1]), -1),
    "min({}, z2)": lambda u: np.minimum(u, POINTS[1]),
    "He3({})": hermite(3),
    "He_4({})": hermite(4),
    "He0({})": hermite(0),
    "({})^2": lambda u: u**2,
    "-({})^2^1": lambda u: -(u**2),
    "2^-({})": lambda u: 2.0**-u,
    "({})": lambda u: u,
}
CALLS = st.sampled_from(sorted(FUNCTIONS.items()))
LEAVES = st.sampled_from(
    [("z1", POINTS[0]), ("z2", POINTS[1]), ("z1 - z2", POINTS[0] - POINTS[1]), ("-z2/2 + 1", 1 - POINTS[1] / 2)]
)


def value(text):
    with np.errstate(all="ignore"):
        return np.broadcast_to(compile_expression(parse(text))(POINTS), POINTS.shape[1:])


@pytest.mark.parametrize("form", FUNCTIONS)
@pytest.mark.parametrize("leaf", ["z1", "z1 - z2", "(z1)"])
def test_each_function_is_what_its_name_says(form, leaf):
    u = POINTS[0] - POINTS[1] if leaf == "z1 - z2" else POINTS[0]
    assert value(form.format(leaf)) == pytest.approx(FUNCTIONS[form](u), rel=1e-12, abs=1e-12)


@given(st.lists(CALLS, min_size=1, max_size=4), LEAVES, LEAVES)
def test_compositions_have_the_values_of_their_parts(calls, leaf, other):
    text, expected = leaf
    with np.errstate(all="ignore"):
        for form, function in calls:
            text, expected = form.format(text), function(expected)
        assert value(f"{text} * ({other[0]})") == pytest.approx(expected * other[1], rel=1e-6, abs=1e-6, nan_ok=True)


@given(st.lists(CALLS, max_size=4), LEAVES)
def test_the_canonical_text_has_the_known_functions_only_and_is_its_own_canonical_text(calls, leaf):
    text = leaf[0]
    for form, _ in calls:
        text = form.format(text)
    expression = parse(text)
    known = {*POLYNOMIAL_FUNCTIONS, *names().known}
    assert set(re.findall(r"[A-Za-z]\w*(?=\s*\()", expression.canonical)) <= known
    assert "^" not in expression.canonical
    again = parse(expression.canonical)
    assert (again.text, again.canonical, again.origin) == (expression.canonical, expression.canonical, None)
    assert str(expression) == expression.text == " ".join(text.split())
    assert value(text) == pytest.approx(value(expression.canonical), nan_ok=True)


def test_hermite_polynomials_by_their_short_names_are_exact():
    assert polynomial(parse("He2(z1) + He_12(z1 + z2)/7")) == polynomial(parse("He(2, z1) + He(12, z1 + z2)/7"))


def test_powers_written_with_a_hat_bind_as_powers_do():
    for hat in ("-z1^2", "2*z1^2 + 3", "z1^2^1", "z1^-0 + z2", "(z1 + z2)^3/6", "z1 ^ 2", "z1**2^1"):
        assert polynomial(parse(hat)) == polynomial(parse(hat.replace("^", "**")))


def test_the_rest_of_the_package_reads_the_rewritings():
    assert Target.from_expression("ReLU(z1) - ReLU(-z1)").polynomial == polynomial(parse("z1"))
    assert Target.from_expression("gelu(z1)").link == "gelu(z1)"
    mean = Target.from_expression("max(z1, z2)").expansion.mean
    assert float(mean) == pytest.approx(1 / math.sqrt(math.pi))


def read_or_refusal(text):
    try:
        return parse(text), ""
    except InputError as error:
        return None, str(error)


def refusal(text):
    with pytest.raises(InputError) as caught:
        polynomial(parse(text))
    message = str(caught.value)
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 400
    return message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x1", "write z1"),
        ("z_1*z2", "write z1"),
        ("x_12", "write z12"),
        ("Z3", "write z3"),
        ("z", "write z1"),
        ("x", "write z1"),
        ("z[0]", "numbered from 1 and without brackets"),
        ("z[1]", "numbered from 1 and without brackets"),
        ("z1 + x[2]", "'x[2]' is not allowed"),
        ("e**z1", "write exp(u) for e**u"),
        ("Pi*z1", "write pi"),
        ("\\tanh(z1)", "'\\\\tanh' is LaTeX; write z1 for z_{1}, tanh(z1)"),
        ("z_{1}", "is LaTeX"),
        ("\\frac{1}{2} z_1", "(a)/(b) for \\frac{a}{b}"),
        ("$z1$", "is LaTeX"),
        ("|z1|", "write abs(z1) for |z1|"),
        ("z٢", "the character ARABIC-INDIC DIGIT TWO is not allowed"),
        ("ｚ２", "the character FULLWIDTH LATIN SMALL LETTER Z is not allowed"),
        ("z1²", "SUPERSCRIPT TWO"),
        ("z1 − z2", "MINUS SIGN"),
        ("π*z1", "GREEK SMALL LETTER PI"),
        ("z1\0+ z2", "U+0000"),
        ("z1\x1b[2K", "U+001B"),
        ("z1\udc80", "U+DC80"),
        ("hermite(3, z1)", "physicists' polynomial elsewhere: write He(k, u)"),
        ("H3(z1)", "write He(3, u)"),
        ("he(3, z1)", "write He(...)"),
        ("He03(z1)", "write He("),
        ("He3(z1, z2)", "He3 takes 1 argument, got 2"),
        ("He201(z1)", "whole number from 0 to 200"),
        ("gelu()", "gelu takes 1 argument, got 0"),
        ("gelu(*z1)", "only plain arguments"),
        ("gelu(u=z1)", "only plain arguments"),
        ("gelu(z1, slope=2)", "only plain arguments"),
        ("max(k=z1)", "only plain arguments"),
        ("heaviside(z1, 1)", "heaviside takes 1 argument, got 2"),
        ("leaky_relu(z1, 0.1, 2)", "leaky_relu takes u and its slope, got 3"),
        ("leaky_relu(slope=1)", "leaky_relu takes u and its slope"),
        ("leaky_relu(0.1, z1)", "the slope of leaky_relu must be a constant"),
        ("gelu*z1", "gelu is a function: write gelu(...)"),
        ("ln", "ln is a function"),
        ("GELU(z1)", "write gelu(...)"),
        ("LeakyReLU(z1)", "write leaky_relu(...)"),
        ("np.tanh(z1)", "such as tanh(z1)"),
        ("2(z1 + z2)", "products are written with *"),
        ("z1(z2)", "products are written z1*(...)"),
        ("cbrt(z1)", "write sign(u)*abs(u)**(1/3)"),
        ("z1^^2", "cannot read 'z1^^2'"),
        ("z1^2 + )", "at character 8"),
        ("z1^(1/2)", "'z1^(1/2)' is not polynomial"),
        ("1/gelu(z1^2)", "divides by a variable|not polynomial"),
        ("z1^2 % gelu(z1)", "operator in 'z1^2 % gelu(z1)'"),
        ("softplus(foo(z1^2))", "unknown function 'foo' in 'foo(z1^2)'"),
        ("softplus(z1.real)", "attribute access in 'z1.real'"),
        ("elu(z65)", "'z65': latent variables go up to z64"),
        ("max(z1, 2 % gelu(z1))", "operator in '2 % gelu(z1)'"),
    ],
)
def test_what_is_refused_says_what_to_type_and_quotes_what_was_typed(text, said):
    message = refusal(text)
    assert any(part in message for part in said.split("|")) or said in message


@pytest.mark.parametrize("name", sorted([*names().renamed, *names().composed]))
def test_nesting_is_bounded_when_it_is_written_out(name):
    for depth in (1, 3, 8, 60, 190):
        text = f"{name}(" * depth + "z1" + ")" * depth
        expression, message = read_or_refusal(text)
        assert re.search("written out|nested", message) if expression is None else len(expression.canonical) <= 2 * MAX_LENGTH
        assert expression is not None or depth > 3


WORDS = """gelu( He3( He_2( max( min( elu( leaky_relu( slope= ln( step( ( ) , z1 z2 ^ ** - + * / 2 1/2 { \\ ² . [ ] tanh(
Piecewise(("""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=12).map("".join))
@example("gelu(z1)(z2)")
@example("gelu(gelu)(z1)")
@example("max()")
@example("leaky_relu(slope=1,z1)")
@example("He3((z1,z2))")
@example("max(z1)^gelu(z1)^2")
def test_any_tokens_are_read_or_refused_on_one_line(text):
    expression, message = read_or_refusal(text)
    if expression is None:
        assert message.isascii()
        assert "\n" not in message
    else:
        assert parse(expression.canonical).canonical == expression.canonical
