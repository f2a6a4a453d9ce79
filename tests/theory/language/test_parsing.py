"""The parser, fuzzed: nothing but InputError comes out, on one line and soon."""

import time
import warnings

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.exact.polynomials import MAX_MONOMIALS
from steinlab.theory.language.parsing import MAX_DEPTH, MAX_LATENTS, MAX_LENGTH, parse
from steinlab.theory.language.polynomial_reader import MAX_DEGREE, polynomial
from steinlab.theory.language.trees import MAX_BITS, pieces

REFUSED = [
    ("", "the expression is empty"),
    ("   \n", "the expression is empty"),
    ("z1 +", "cannot read 'z1 \\+'"),
    ("(z1", "cannot read"),
    ("z1 z2", "cannot read"),
    ("2z1", "cannot read"),
    ("z1 # a comment\n + z2", "comments"),
    ("z1 \udcff", "character U\\+DCFF is not allowed"),
    ("x", "unknown name 'x'"),
    ("z", "unknown name 'z'"),
    ("Z1", "unknown name"),
    ("nan", "unknown name 'nan'"),
    ("inf*z1", "unknown name 'inf'"),
    ("__import__", "unknown name"),
    ("He", "He is a function"),
    ("sqrt + z1", "sqrt is a function"),
    ("tanh*z1", "tanh is a function"),
    ("z0", "numbered from 1"),
    ("z01", "without leading zeros"),
    ("z65", "go up to z64"),
    ("z99999999999999999999", "go up to z64"),
    ("z1.real", "attribute access in 'z1.real'"),
    ("().__class__", "attribute access"),
    ("z1.__class__.__mro__", "attribute access"),
    ("__import__('os').system('true')", "not allowed|unknown"),
    ("open('x')", "unknown function 'open'"),
    ("eval('z1')", "unknown function 'eval'"),
    ("[z1]", "'\\[z1\\]' is not allowed"),
    ("z1[0]", "not allowed"),
    ("(z1, z2)", "not allowed"),
    ("{1: z1}", "is LaTeX"),
    ("lambda: z1", "not allowed"),
    ("z1 if z2 else z3", "not allowed"),
    ("z1 < z2", "not allowed here: comparisons stand in Piecewise"),
    ("z1 and z2", "not allowed"),
    ("not z1", "not allowed"),
    ("~z1", "not allowed"),
    ("(z1 := z2)", "not allowed"),
    ("[z1 for z1 in z2]", "not allowed"),
    ("f'{z1}'", "is LaTeX"),
    ("await z1", "not allowed|cannot read"),
    ("z1 % 2", "operator in 'z1 % 2'"),
    ("z1 // 2", "operator"),
    ("z1 @ z2", "operator"),
    ("z1 << 2", "operator"),
    ("'z1'", "is not a number"),
    ("b'z1'", "is not a number"),
    ("True*z1", "'True' is not a number"),
    ("None", "is not a number"),
    ("...", "is not a number"),
    ("1j*z1", "is not a number"),
    ("0x10*z1", "is not a number"),
    ("1_000*z1", "is not a number"),
    ("1e1001", "out of range"),
    ("1e-1001*z1", "out of range"),
    ("1e9999999*z1", "out of range"),
    ("1e99999999999999999999*z1", "out of range"),
    ("0." + "1" * 1000 + "*z1", "out of range"),
    ("9" * 5000 + "*z1", "cannot read|too long"),
    ("sqrt()", "sqrt takes 1 argument, got 0"),
    ("sqrt(2, 3)", "sqrt takes 1 argument, got 2"),
    ("He(2)", "He takes 2 arguments, got 1"),
    ("He(k=2, u=z1)", "only plain arguments"),
    ("He(*z1)", "only plain arguments"),
    ("He(z1, 2)", "the order of He is 'z1'"),
    ("He(-1, z1)", "whole number from 0 to"),
    ("He(1/2, z1)", "whole number"),
    (f"He({MAX_DEGREE + 1}, z1)", "whole number from 0 to 200"),
    ("He(10**9, z1)", "whole number"),
    ("z1**-1", "is not polynomial: the exponent must be a whole number"),
    ("z1**(1/2)", "not polynomial"),
    ("z1**0.5", "not polynomial"),
    ("z1**z2", "not polynomial: a variable stands in the exponent"),
    ("2**z1", "not polynomial: a variable stands in the exponent"),
    ("1/z1", "divides by a variable"),
    ("z2/(z1 + 1)", "divides by a variable"),
    ("sqrt(z1)", "roots of constants only"),
    ("Piecewise(z1)", "'z1' is not a piece"),
    ("Piecewise()", "takes 1 to 10 pieces, got 0"),
    (f"Piecewise({', '.join(['(z1, z1 > 0)'] * 11)})", "takes 1 to 10 pieces, got 11"),
    ("Piecewise((z1, z1 > 0, 3))", "is not a piece"),
    ("Piecewise((z1, True), (0, z1 > 0))", "are never reached"),
    ("Piecewise((z1, False))", "'False' is not a condition"),
    ("Piecewise((z1, 1), (0, True))", "'1' is not a condition"),
    ("Piecewise((z1, 0 < z1 < 1), (0, True))", "is not a condition"),
    ("Piecewise((z1, z1 == 0), (0, True))", "is not a condition: use one of < <= > >="),
    ("Piecewise((z1, (z1 > 0) & (z2 > 0)), (0, True))", "is not a condition"),
    ("Piecewise((z1, z1 > 0 and z2 > 0), (0, True))", "is not a condition"),
    ("Piecewise((z1, tanh(z1) > 0), (0, True))", "'tanh\\(z1\\)' stands in a condition"),
    ("Piecewise((z1, 1/z1 > 0), (0, True))", "stands in a condition"),
    ("Piecewise((z1, z1**(3 % 2) > 0), (0, True))", "operator in '3 % 2'"),
    ("Piecewise((z1, z1.real > 0), (0, True))", "attribute access"),
    ("Piecewise((z1, f(1)(2) > 0), (0, True))", "not allowed"),
    ("Piecewise((True, z1 > 0), (0, True))", "'True' is not a number"),
    ("Piecewise((z1 > 0, True))", "comparisons stand in Piecewise"),
    ("Piecewise((z1, True), k=1)", "only plain arguments"),
    ("Piecewise(*z1)", "only plain arguments"),
    ("Piecewise*z1", "Piecewise is a function"),
    ("Piecewise((z1, z1 > 0), (0, True))", "it calls Piecewise"),
    ("tanh(z1)", "it calls tanh"),
    ("Max(z1, 0)", "it calls Max"),
    ("pi*z1", "pi is not algebraic"),
    ("sqrt(-1)*z1", "not real"),
    ("(-2)**(1/2)*z1", "not real"),
    ("z1/0", "division by zero in 'z1/0'"),
    ("z1/(1 - 1)", "division by zero"),
    ("z1/(sqrt(2)*sqrt(3) - sqrt(6))", "division by zero"),
    ("0**-1*z1", "division by zero"),
    ("(sqrt(2) - sqrt(2))**(-1/2)*z1", "division by zero"),
    ("2**sqrt(2)*z1", "not a fraction of moderate size"),
    ("2**(1/0)*z1", "not a fraction of moderate size"),
    ("2**100000*z1", "not a fraction of moderate size"),
    ("2**(2**3)**9*z1", "not a fraction|bits"),
    (f"z1**{MAX_DEGREE + 1}", "has degree 201; the bound is 200"),
    ("z1**1000000000000", "has degree 1000000000000; the bound is 200"),
    ("z1**100*z2**101", "degree up to 201; the bound is 200"),
    ("(z1**150)**2", "has degree 300; the bound is 200"),
    ("He(100, z1**3)", "degree up to 300; the bound is 200"),
    ("(z1+z2+z3+z4+z5)**60", f"could have 635376 monomials; the bound is {MAX_MONOMIALS}"),
    ("(z1+z2+z3)**80*(z4+z5+z6)**80", f"the bound is {MAX_MONOMIALS}"),
    ("(sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7)+sqrt(11)+sqrt(13)+z1+z2+z3)**60", f"the bound is {MAX_MONOMIALS}"),
    ("9999999999**3000*z1", f"bits; the bound is {MAX_BITS}"),
    ("(1 + sqrt(2))**20000*z1", "bits; the bound"),
    ("(z1 + 1e1000)**100", "bits; the bound"),
    ("z1" + "+z1" * MAX_LENGTH, f"has {3 * MAX_LENGTH + 2} characters; the bound is {MAX_LENGTH}"),
    ("(" * 150 + "z1" + ")" * 150 + "+(", "cannot read|nested"),
    ("-" * (MAX_DEPTH + 1) + "z1", f"nested more than {MAX_DEPTH} deep"),
    ("-" * 9000 + "z1", "nested|too many terms"),
    ("(" * 9000 + "z1", "cannot read|nested|too many"),
]


def refusal(text):
    with pytest.raises(InputError) as caught:
        polynomial(parse(text))
    return str(caught.value)


@pytest.mark.parametrize(("text", "match"), REFUSED, ids=[text[:40] for text, _ in REFUSED])
def test_refused_on_one_short_line(text, match):
    start = time.perf_counter()
    with pytest.raises(InputError, match=match):
        polynomial(parse(text))
    message = refusal(text)
    assert "\n" not in message
    assert len(message) < 400
    assert time.perf_counter() - start < 4


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        (f"z1**{MAX_DEGREE}", MAX_DEGREE),
        (f"He({MAX_DEGREE}, z1)", MAX_DEGREE),
        (f"z{MAX_LATENTS}", 1),
        ("+".join(["z1"] * 2000), 1),
        ("-" * (MAX_DEPTH - 2) + "z1", 1),
        ("(z1+z2+z3)**80", 80),
        ("1e1000*z1 + 1e-1000*z2", 1),
        ("z1**0", 0),
        ("(z1 - z1)**2", 0),
        ("1/(2 - z1 + z1)*z2", 1),
        ("z1**3 - z1**3 + z2", 1),
    ],
)
def test_what_is_within_the_bounds_is_accepted(text, degree):
    assert polynomial(parse(text)).degree == degree


def test_a_call_of_a_general_link_is_on_the_whitelist_and_only_expansion_refuses_it():
    assert parse("tanh(z3) + exp(-z1**2)*Max(z2, 0) + pi").latents == 3


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    read_or_refuse(text)


WORDS = """z1 z2 z0 z64 He( sqrt( tanh( Piecewise(( > <= True ( ) , + -
 * / ** // 0 1 2 3 0.5 1e3 1e 7 pi . [ ] lambda : ' " \\ if else é ² ｚ１ j _ 0x1"""
tokens = st.sampled_from([*WORDS.split(), "Piecewise((", ">", "<=", "True", " ", "\n"])


sides = st.sampled_from(["z1", "z2**2", "1/2", "He(2, z1)", "tanh(z1)", "(z1 > 0)", "1/z1", "True"])
conditions = st.one_of(
    st.sampled_from(["True", "False", "1", "z1", "not z1", "z1 > 0 > z2"]),
    st.builds("{} {} {}".format, sides, st.sampled_from(["<", "<=", ">", ">=", "==", "is", "in"]), sides),
)
piecewise = st.lists(st.builds("({}, {})".format, sides, conditions), max_size=4).map(lambda p: f"Piecewise({', '.join(p)})")


@given(piecewise)
def test_any_piecewise_is_parsed_into_pieces_or_refused(text):
    try:
        expression = parse(text)
    except InputError:
        pass  # its message is looked at below
    else:
        found = pieces(expression.tree)
        assert len(found) == len(expression.tree.args)
        assert all((piece.larger is None) == (piece.smaller is None) for piece in found)
    read_or_refuse(text)


@given(st.lists(tokens, max_size=14).map("".join))
@example("1if z1 else 2")
@example("'\\d'")
@example("2**(1/7)*3**(1/7)*5**(1/7)*z1")
@example("1/(sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7)+sqrt(11)+sqrt(13))**9*z1")
@example("sqrt(" * 12 + "2" + ")" * 12)
@example("sqrt(1+sqrt(1+sqrt(1+sqrt(2))))*z1")
@example("He(200, He(200, 7))")
@example("(1+2**(1/24))**100*z1")
@example("ｚ１ + ᶻ2")
def test_any_tokens_are_read_or_refused(text):
    read_or_refuse(text)


def read_or_refuse(text):
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what Python warns about would be a second line on standard error
        try:
            p = polynomial(parse(text))
        except InputError as error:
            message = str(error)
            assert message.isprintable() or "\udcff" in text
            assert 10 < len(message) < 600
        else:
            assert p.variables <= MAX_LATENTS
    assert time.process_time() - start < 5
