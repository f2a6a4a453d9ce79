"""Fields that hold others: degrees against SymPy's minimal polynomials, values against mpmath, common divisors by their roots."""

import pickle
from fractions import Fraction

import mpmath
import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.exact.field_extensions import compositum, embedded, embedding, extend, greatest_common_divisor
from steinlab.theory.exact.number_fields import QQ, NumberField
from steinlab.theory.exact.numbers import Number, embed
from steinlab.theory.language.polynomial_reader import number

x = sympy.Symbol("x")
PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23]
TEXTS = [
    "sqrt(2)",
    "sqrt(6)",
    "2**(1/3)",
    "12**(1/4)",
    "sqrt(1 + sqrt(5))",
    "sqrt(3 + 2**(1/3))",
    "3/7",
    "sqrt(1 + sqrt(1 + sqrt(2)))",
]


def root(a, order=2):
    return Number.of(a).root(order)


def value(text, digits=30):
    return mpmath.mpf(str(sympy.N(sympy.sympify(text, rational=True), digits)))


@pytest.mark.parametrize(
    "text",
    [
        "1 + sqrt(2)",
        "2**(1/4)",
        "2**(1/12)",
        "sqrt(2 + sqrt(2))",
        "sqrt(3 + 2*sqrt(2))",
        "(1 + sqrt(2))**(1/3)",
        "(7 + 5*sqrt(2))**(1/3)",
        "sqrt(2) + 3**(1/3)",
        "sqrt(1 + 2**(1/3))",
        "sqrt(2) + sqrt(3) + sqrt(5)",
    ],
)
def test_the_field_has_the_degree_of_the_minimal_polynomial(text):
    """Each of these numbers generates the field that it needs."""
    degree = sympy.degree(sympy.minimal_polynomial(sympy.sympify(text, rational=True), x), x)
    assert number(text).field.degree == degree


@pytest.mark.parametrize(("radicand", "order"), [(30030, 3), (510510, 2), (2 * 3 * 5 * 7 * 11 * 13 * 17, 6)])
def test_a_root_of_one_integer_needs_a_field_of_its_order_only(radicand, order):
    root = Number.of(radicand).root(order)
    assert root.field.degree == order
    assert root**order == radicand


@settings(max_examples=25)
@given(st.sampled_from([2, 3, 5]), st.sampled_from([7, 11, 13]), st.integers(1, 99), st.integers(1, 99), st.sampled_from([2, 3]))
def test_a_nested_root_keeps_its_value_where_radicals_below_it_are_left_out(idle, under, a, b, order):
    wide = root(idle) + root(under)
    radicand = a + b * root(under)
    found = Number(*extend(wide.field, embed(radicand, wide.field).flint, order))
    with mpmath.workdps(30):
        expected = float((a + b * mpmath.sqrt(under)) ** (mpmath.mpf(1) / order))
    for x in (found, found.canonical, (found + wide - wide).canonical, radicand.root(order)):
        assert float(x) == pytest.approx(expected, rel=1e-14)
        assert x**order == radicand
        assert float(x + root(17)) == pytest.approx(expected + 17**0.5, rel=1e-14)


@given(st.sampled_from(PRIMES[2:]), st.sampled_from(PRIMES), st.permutations(range(3)))
def test_a_nested_radical_keeps_its_value_in_every_tower_that_holds_it(n, passing, order):
    """A sum that passed through a larger field is told apart from its neighbours as before, back in the least one too."""
    nested = [(1 + root(n)).root(2), (1 + 2 * root(n)).root(2)]
    x = Number.of(0)
    for term in [[*nested, root(passing)][i] for i in order]:
        x = x + term
    x = x - root(passing)
    value = sum(Fraction(str(sympy.N(sympy.sqrt(1 + k * sympy.sqrt(n)), 40))) for k in (1, 2))
    for y in (x, x.canonical, pickle.loads(pickle.dumps(x.canonical))):
        assert y == x
        assert float(y) == float(value)
        assert value - Fraction(1, 10**30) < y < value + Fraction(1, 10**30)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(TEXTS), min_size=2, max_size=3))
def test_two_fields_lie_in_one_and_their_elements_keep_their_values(texts):
    first, second = number(texts[0]), number(texts[-1])
    try:
        field = compositum(first.field, second.field)
    except InputError:
        assert first.field.degree * second.field.degree > 24
        return
    for text, a in ((texts[0], first), (texts[-1], second)):
        with mpmath.workdps(25):
            assert float(Number(field, embedded(a.field, a.flint, field))) == pytest.approx(float(value(text)), rel=1e-15)
        images = [Number(field, image) for image in embedding(a.field, field)]
        generators = [Number(a.field, a.field.generator(i)) for i in range(len(a.field.radicals))]
        assert images == generators
        assert compositum(field, a.field) is field


def test_a_root_that_is_in_the_field_extends_nothing():
    field = root(2).field
    three_plus = (3 + 2 * root(2)).flint
    assert extend(field, three_plus, 2) == (field, (1 + root(2)).flint)
    assert extend(field, field.ring.constant(2), 2) == (field, root(2).flint)
    deep = (1 + root(5)).root(2).root(2)
    assert extend(deep.field, (1 + root(5)).flint.compose(*embedding(root(5).field, deep.field), ctx=deep.field.ring), 2) == (
        deep.field,
        (deep * deep).flint,
    )


def test_a_tower_whose_degree_would_exceed_the_bound_is_refused():
    field = NumberField.of_integer_roots({2: 24})
    assert extend(QQ, QQ.ring.constant(2), 24)[0].degree == 24
    with pytest.raises(InputError, match="degree up to 48; nested or mixed roots are supported to degree 24"):
        extend(field, field.generator(0) + 1, 2)


@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=3), st.integers(-2, 2), st.integers(3, 5))
def test_common_divisors_are_those_of_the_roots(shared, u, v):
    """Of Π (x - r) over the roots shared, times a factor that the other does not have."""
    field = root(2).field
    one, t = field.ring.constant(1), field.generator(0)

    def polynomial(roots):
        out = [one]
        for r in roots:
            shifted = [field.ring.constant(0), *out]
            out = [s - field.product(r, c) for s, c in zip(shifted, [*out, field.ring.constant(0)], strict=True)]
        return out

    common = [a * one + b * t for a, b in shared]
    found = greatest_common_divisor(field, polynomial([*common, u * one + 5 * t]), polynomial([v * one, *common]))
    lead = field.inverse(found[-1])
    assert [field.product(c, lead) for c in found] == polynomial(common)
    assert greatest_common_divisor(field, [one * fmpq(2)], []) == [one * 2]
