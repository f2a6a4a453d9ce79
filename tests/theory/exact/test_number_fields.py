"""Arithmetic in one tower of radicals: by its laws, and by values in floating point."""

import pickle
from fractions import Fraction

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.exact.number_fields import QQ, NumberField, root_text
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.language.polynomial_reader import number

FIELDS = [
    QQ,
    NumberField.of_integer_roots({2: 2, 3: 2, 5: 2}),
    NumberField.of_integer_roots({2: 6, 3: 4}),
    NumberField.of_integer_roots({7: 5}),
    number("sqrt(1 + sqrt(5)) + sqrt(2)").field,
    number("sqrt(2 + 2**(1/3))").field,
]


@st.composite
def elements(draw, most=3):
    """(a field, one of its elements, its terms by monomial)."""
    field = draw(st.sampled_from(FIELDS))
    exponents = st.tuples(*(st.integers(0, n - 1) for n in field.relation_degrees))
    coefficients = st.fractions(-5, 5, max_denominator=4).filter(bool)
    terms = draw(st.dictionaries(exponents, coefficients, min_size=1, max_size=most))
    return field, field.element({m: fmpq(c.numerator, c.denominator) for m, c in terms.items()}), terms


def approximate(field, terms):
    radicals = [float(b.mid()) for b in field.balls()]
    total = 0.0
    for m, c in terms.items():
        term = float(c)
        for t, e in zip(radicals, m, strict=True):
            term *= t**e
        total += term
    return total


@given(elements())
def test_elements_are_their_terms(drawn):
    field, p, terms = drawn
    assert {m[: len(field.radicals)]: Fraction(int(c.p), int(c.q)) for m, c in field.monomials(p)} == terms
    assert float(field.ball(p).mid()) == pytest.approx(approximate(field, terms), abs=1e-12)
    assert [field.involves(p, i) for i in range(len(field.radicals))] == [
        any(m[i] for m in terms) for i in range(len(field.radicals))
    ]
    assert field.is_nested(p) == any(e for m in terms for e in m[len(field.integer_roots) :])
    assert number(field.text(p)) == Number(field, p)


@settings(max_examples=60)
@given(elements())
def test_inverses_invert(drawn):
    field, p, _ = drawn
    assert field.product(p, field.inverse(p)) == 1


def test_zero_has_no_inverse():
    for field in FIELDS:
        with pytest.raises(ZeroDivisionError):
            field.inverse(field.ring.constant(0))


def test_products_of_too_many_terms_are_refused():
    field = NumberField.of_integer_roots(dict.fromkeys([2, 3, 5, 7, 11, 13, 17, 19, 23], 2))
    p = field.ring.constant(1)
    for i in range(8):
        p = field.product(p, 1 + field.generator(i))
    assert len(field.product(p, p)) == 256  # 65,536 pairs
    q = field.product(p, 1 + field.generator(8))
    with pytest.raises(InputError, match=r"512 and 512 terms in .* at most 100000 pairs"):
        field.product(q, q)


@given(elements(2))
def test_the_least_tower_holds_the_element_and_nothing_it_does_not_need(drawn):
    field, p, _ = drawn
    least, q = field.in_least_tower(p)
    assert Number(least, q) == Number(field, p)
    assert float(Number(least, q)) == pytest.approx(float(Number(field, p)), rel=1e-14)
    needed = {i for i in range(len(least.radicals)) if least.involves(q, i)}
    for i in sorted(needed, reverse=True):
        needed |= {
            j for j, radical in enumerate(least.radicals) if radical.key in {r.key for r in least.radicals[i].below.radicals}
        }
    assert needed == set(range(len(least.radicals)))


def test_the_radicals_have_the_values_of_their_roots():
    with working_precision(80):
        for field in FIELDS:
            for ball, radical in zip(field.balls(), field.radicals, strict=True):
                assert (ball**radical.order - Number(radical.below, radical.radicand).ball()).contains(0)
                assert ball > 0
                assert ball.rel_accuracy_bits() > 60


def test_equal_towers_are_the_same_object_also_after_pickling():
    for field in FIELDS:
        assert pickle.loads(pickle.dumps(field)) is field
    assert NumberField.of_integer_roots({3: 2, 2: 2, 5: 2}) is FIELDS[1]
    assert [str(field) for field in FIELDS[:2]] == ["Q", "Q(sqrt(2), sqrt(3), sqrt(5))"]


@pytest.mark.parametrize(
    ("radicand", "exponent", "text"),
    [
        ("2", Fraction(1, 2), "sqrt(2)"),
        ("2", Fraction(2, 3), "2**(2/3)"),
        ("7", Fraction(1), "7"),
        ("1 + sqrt(2)", Fraction(1, 3), "(1 + sqrt(2))**(1/3)"),
        ("1 + sqrt(2)", Fraction(1), "(1 + sqrt(2))"),
    ],
)
def test_roots_are_written_as_they_are_read(radicand, exponent, text):
    assert root_text(radicand, exponent) == text


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("sqrt(6) - 1/2 + sqrt(2)", "-1/2 + sqrt(2) + sqrt(6)"),
        ("2**(1/3)*sqrt(5)*3/4 - 7", "-7 + 3*sqrt(5)*2**(1/3)/4"),
        ("sqrt(3)*2**(1/3) + 2**(2/3) - 2**(1/3)*5", "-5*2**(1/3) + 2**(2/3) + sqrt(3)*2**(1/3)"),
        ("-sqrt(2)*3**(1/4)*5/7", "-5*sqrt(2)*3**(1/4)/7"),
        ("sqrt(2)*sqrt(3)*5**(1/3)", "sqrt(6)*5**(1/3)"),
        (
            "sqrt(1+sqrt(2))*sqrt(2)/3 - sqrt(1+sqrt(2)) - sqrt(2)",
            "-sqrt(2) - sqrt(1 + sqrt(2)) + sqrt(2)*sqrt(1 + sqrt(2))/3",
        ),
        ("(2 + 2**(1/3))**(2/3)*2", "2*(2 + 2**(1/3))**(2/3)"),
        ("sqrt(2) - sqrt(2)", "0"),
    ],
)
def test_terms_are_written_with_fewer_and_higher_roots_of_smaller_numbers_first(typed, text):
    assert str(number(typed)) == text


def test_a_part_of_a_tower_is_closed_under_what_stands_below():
    flat = NumberField.of_integer_roots({2: 2, 3: 2, 5: 3})
    assert [flat.closure(used) for used in ([], [1], [2, 0])] == [(), (1,), (0, 2)]
    assert flat.part((0, 2)) is NumberField.of_integer_roots({2: 2, 5: 3})
    assert flat.roots_of_integers((1, 1, 2)) == ((Fraction(2, 3), 5), (Fraction(1, 2), 6))
    assert flat.roots_of_integers((0, 0, 1)) == ((Fraction(1, 3), 5),)
    nested = number("sqrt(sqrt(1 + sqrt(2)) + sqrt(3))").field
    assert [str(r) for r in nested.radicals][:3] == ["sqrt(2)", "sqrt(3)", "sqrt(1 + sqrt(2))"]
    assert [nested.closure([i]) for i in range(4)] == [(0,), (1,), (0, 2), (0, 1, 2, 3)]
    assert (nested.degree, nested.relation_degrees, len(nested.nested)) == (16, (2, 2, 2, 2), 2)


@pytest.mark.parametrize(("orders", "degree"), [({2: 7, 3: 9}, 63), ({2: 5, 3: 13}, 65), ({2: 3, 3: 5, 5: 5}, 75)])
def test_inverses_of_sums_of_odd_roots_are_solved_for_up_to_degree_64(orders, degree):
    field = NumberField.of_integer_roots(orders)
    p = sum((field.generator(i) for i in range(len(orders))), field.ring.constant(1))
    if degree <= 64:
        assert field.product(p, field.inverse(p)) == 1
    else:
        with pytest.raises(InputError, match=rf"needs a field of degree {degree} or more; .* at most degree 64 is supported"):
            field.inverse(p)
