"""What is read off a checked tree: numbers as they are written, pieces, signs of long sums, and where each node was typed."""

import ast
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.trees import (
    depth,
    has_variables,
    is_polynomial,
    literal,
    pieces,
    small_constant,
    summands,
)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**20, places=5).map(str))
def test_literals_are_the_numbers_that_are_written(text):
    e = parse(text)
    assert literal(e.tree, e) == Fraction(text)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("1e1000", False),
        ("1e1001", True),
        ("1e-1001", True),
        ("1e0000001", True),
        ("0." + "1" * 998, False),
        ("0." + "1" * 999, True),
    ],
)
def test_literals_have_bounds(text, refused):
    if refused:
        with pytest.raises(InputError, match="out of range"):
            parse(text)
    else:
        assert literal(parse(text).tree, parse(text)) == Fraction(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3 - 2*-5", Fraction(31, 3)),
        ("2**6", 64),
        ("2**65", None),
        ("64**2", 64**2),
        ("65**2", None),
        ("2**-1", None),
        ("1/(2 - 2)", None),
        ("4**(1/2)", None),
        ("z1 - z1", None),
        ("sqrt(4)", None),
        ("(1/2)**2/(3 - 1)", Fraction(1, 8)),
        ("+-3", -3),
    ],
)
def test_small_constants(text, value):
    e = parse(text)
    assert small_constant(e.tree, e) == value


@given(st.lists(st.tuples(st.sampled_from("+-"), st.integers(0, 99)), min_size=1, max_size=30))
def test_sums_are_taken_apart_with_their_signs(terms):
    tree = parse("7" + "".join(f" {sign} {n}" for sign, n in terms)).tree
    assert [(positive, node.value) for positive, node in summands(tree)] == [(True, 7), *((s == "+", n) for s, n in terms)]
    assert depth(tree) == 2
    assert depth(ast.parse("((1 + 2)*3 - 4)*5", mode="eval").body) > depth(ast.parse("(1 + 2)*3", mode="eval").body)


@pytest.mark.parametrize(
    ("text", "polynomial", "variables"),
    [
        ("He(3, z1)/sqrt(2)", True, True),
        ("sqrt(z1)", False, True),
        ("pi", False, False),
        ("z1**2.0", True, True),
        ("z1**(1/2)", False, True),
        ("z1**-1", False, True),
        ("2**z1", False, True),
        ("1/z1", False, True),
        ("2**(1/2)", True, False),
        ("exp(2)", False, False),
    ],
)
def test_polynomials_are_told_by_how_they_are_written(text, polynomial, variables):
    assert is_polynomial(parse(text)) is polynomial
    assert has_variables(parse(text).tree) is variables


@pytest.mark.parametrize(
    ("condition", "larger", "smaller", "strict"),
    [
        ("z1 > 2", "z1", "2", True),
        ("z1 >= 2", "z1", "2", False),
        ("z1 < 2", "2", "z1", True),
        ("z1 <= 2", "2", "z1", False),
    ],
)
def test_pieces_say_which_side_is_the_larger(condition, larger, smaller, strict):
    e = parse(f"Piecewise((3, {condition}), (z2, True))")
    first, last = pieces(e.tree)
    assert (e.segment(first.larger), e.segment(first.smaller), first.strict) == (larger, smaller, strict)
    assert (last.larger, last.smaller, e.segment(first.value), e.segment(last.value)) == (None, None, "3", "z2")


def test_nodes_are_quoted_as_they_were_typed():
    e = parse("gelu(z1)^2 + max(z3, 2)")
    total = e.tree
    assert e.source(total.left) == "'gelu(z1)^2'"
    assert e.source(total.right) == "'max(z3, 2)'"
    assert e.segment(total.right) == "Max(z3, 2)"
    assert (e.latents, str(e)) == (3, "gelu(z1)^2 + max(z3, 2)")
