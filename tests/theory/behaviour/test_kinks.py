"""The two sides of a kink against one-sided limits of the link as written, kinks inside functions included."""

import numpy as np
import pytest
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from steinlab.numerics.samples.expressions import compile_expression
from steinlab.theory.behaviour.kinks import pieces, sides
from steinlab.theory.errors import InputError
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import Atom, variable
from steinlab.theory.shape.monotone import monotone_link
from steinlab.theory.shape.regularity import weakly_differentiable
from steinlab.theory.statements.activations import lipschitz_constants
from steinlab.theory.verdicts import Verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("log(3+sign(z1)+z1**2)", "fails"),
        ("1/(2+sign(z1)+z1**2)", "fails"),
        ("exp(-(2+sign(z1))*(z1**2+1)/10)", "fails"),
        ("tanh(z1*sign(z2))", "fails"),
        ("tanh(1/z1)", "fails"),
        ("sin(log(abs(z1)))", "undecided"),
        ("tanh(log(abs(z1)))", "holds"),
        ("sign(z1**3 - z2)", "fails"),
        ("sign(z1**2-2*z2**2) - sign(z1+sqrt(2)*z2)*sign(z1-sqrt(2)*z2)", "undecided"),
        ("log(3+abs(z1)+z2**2)", "holds"),
        ("1/(1+abs(z1)+relu(-z2))", "holds"),
        ("sqrt(1+abs(z1-z2))", "holds"),
        ("sqrt(abs(z1))", "holds"),
        ("exp(-abs(z1)*(z1**2+1))", "holds"),
    ],
)
def test_weak_derivatives_of_kinks_inside_functions(text, verdict):
    assert weakly_differentiable(LinkExpansion.from_expression(text)).verdict.value == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("6*sign(z1)/10 - sign(z1)/(2+sign(z1)+z1**2)", "fails"),
        ("z1 - 3*sign(z1)", "fails"),
        ("z1 + 3*sign(z1)", "holds"),
        ("sqrt(1+relu(z1))", "holds"),
    ],
)
def test_jumps_count_for_monotone_links(text, verdict):
    assert monotone_link(LinkExpansion.from_expression(text)).verdict.value == verdict


def test_slopes_that_jump_inside_a_function_have_no_finite_second_bound():
    _, first, second = lipschitz_constants("exp(-z1**2)/(1+abs(z1)+z1**2) + z1*abs(z1)*exp(-z1**2)")
    assert first.finite is Verdict.HOLDS
    assert second.finite is Verdict.FAILS
    assert lipschitz_constants("log(3+sign(z1)+z1**2)")[1].finite is Verdict.FAILS


def test_a_kink_that_is_affine_in_no_variable_has_no_sides():
    assert sides(read(parse("sign(z1**3 - z2**5)")), Atom.get("sign", read(parse("z1**3 - z2**5")))) is None
    assert sides(read(parse("z1*sign(z1**3 - z2)")), Atom.get("sign", read(parse("z1**3 - z2")))) == (-variable(0), variable(0))
    touching = read(parse("sign(z1) + sign(z1**2 + z1*z2**3 + z1 + z1**3)"))
    assert sides(touching, Atom.get("sign", variable(0))) is not None
    assert sides(read(parse("sign(z1) + sign(z1**2 - 2*z2**2)")), Atom.get("sign", read(parse("z1 - sqrt(2)*z2")))) is None


forms = st.sampled_from(["sign(z1-1/3)", "abs(z1-1/3)", "sign(z1+1)", "relu(z1)", "z1", "Max(z1,1/3)", "tanh(z1)"])
linked = st.recursive(
    forms,
    lambda inner: st.one_of(
        st.builds("{}({})".format, st.sampled_from(["tanh", "sin", "abs", "relu"]), inner),
        st.builds("log(3+({})**2)".format, inner),
        st.builds("1/(1+({})**2)".format, inner),
        st.builds("exp(-({})**2)".format, inner),
        st.builds("sqrt(2+abs({}))".format, inner),
        st.builds("({}{}{})".format, inner, st.sampled_from(["+", "-", "*"]), inner),
    ),
    max_leaves=3,
)
STEP = 1e-7


def readable(text):
    try:
        return bool(read(parse(text)).variables)
    except InputError:
        return False


@settings(max_examples=100)
@given(linked)
def test_what_is_called_continuous_is_and_what_jumps_does(text):
    """The difference across each kink at 1/3, -1 and 0 in floating point against the verdict."""
    assume(readable(text))
    f = compile_expression(parse(text))
    at = np.array([1 / 3, -1.0, 0.0])
    jump = np.abs(f((at + STEP)[None, :]) - f((at - STEP)[None, :]) * np.ones(3)).max()
    verdict = weakly_differentiable(LinkExpansion.from_expression(text)).verdict
    assert verdict is not (Verdict.HOLDS if jump > 1e-4 else Verdict.FAILS)


@settings(max_examples=100)
@given(linked)
def test_pieces_have_the_values_of_the_link(text):
    assume(readable(text))
    f = compile_expression(parse(text))
    for piece in pieces(read(parse(text))) or ():
        low = -4.0 if piece.low is None else float(piece.low)
        high = 4.0 if piece.high is None else float(piece.high)
        for z in (low + 1e-9, low + (high - low) * 0.618, high - 1e-9):
            value = real_value(compile_sum(piece.form), [arb(z)])
            assert abs(float(value.mid()) - f(np.array([[z]]))[0]) <= 1e-7 * (1 + abs(float(value.mid())))
