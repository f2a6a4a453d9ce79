"""Sums of products along orthonormal directions: built in a drawn basis they are found, and what is none is told from them."""

from fractions import Fraction
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.checks.claims.cases import polynomials
from steinlab.theory.errors import InputError
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.statements import hermite_products
from steinlab.theory.statements.hermite_products import nested_products
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Verdict


def found(text, directions=None):
    return nested_products(Target.from_expression(text, directions).expansion)


@st.composite
def bases(draw, size):
    """Rational orthonormal rows: reflections of the unit vectors, one after the other."""
    rows = [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    for _ in range(2):
        normal = [Fraction(draw(st.integers(-3, 3))) for _ in range(size)]
        square = sum(x * x for x in normal)
        if square:
            reach = [2 * sum(a * b for a, b in zip(row, normal, strict=True)) / square for row in rows]
            rows = [[x - c * n for x, n in zip(row, normal, strict=True)] for row, c in zip(rows, reach, strict=True)]
    return rows


@st.composite
def built(draw):
    """Orders by product, coefficients, and rows in R^r."""
    orders = draw(st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=2), min_size=1, max_size=2))
    size = sum(map(len, orders))
    coefficients = draw(st.lists(st.sampled_from([1, -1, 2, Fraction(-1, 3)]), min_size=len(orders), max_size=len(orders)))
    return orders, coefficients, draw(bases(size))


def text_of(orders, coefficients):
    terms, factors = [], []
    for new, c in zip(orders, coefficients, strict=True):
        factors += [f"He({k},z{len(factors) + i})" for i, k in enumerate(new, 1)]
        terms.append(f"({c})*{'*'.join(factors)}")
    return " + ".join(terms)


@given(built())
def test_what_is_built_is_found_in_any_basis(case):
    orders, coefficients, rows = case
    p = found(text_of(orders, coefficients), rows).products
    assert [sorted(new) for new in p.orders] == [sorted(new) for new in orders]
    assert p.degrees == tuple(map(sum, orders))
    assert [c.fraction for c in p.squares] == [Fraction(c) ** 2 for c in coefficients]
    norms = [prod(factorial(k) for new in orders[: i + 1] for k in new) for i in range(len(orders))]
    assert [e.fraction for e in p.energies] == [Fraction(c) ** 2 * n for c, n in zip(coefficients, norms, strict=True)]
    fixed = [all(k % 2 == 0 for k in new) for new in orders[1:]]
    assert p.opposite == any(even and a * b < 0 for even, a, b in zip(fixed, coefficients, coefficients[1:], strict=False))


@given(built(), st.data())
def test_the_way_it_is_written_does_not_matter(case, data):
    """The same function with its latent variables in other, dependent or scaled, directions."""
    orders, coefficients, rows = case
    i = data.draw(st.integers(0, len(rows) - 1))
    scaled = [[2 * x for x in row] if j == i else row for j, row in enumerate(rows)]
    text = text_of(orders, coefficients).replace(f"z{i + 1})", f"z{i + 1}/2)")
    assert found(text, scaled) == found(text_of(orders, coefficients), rows)


@given(polynomials(2, 4))
def test_forms_of_two_variables_are_products_where_their_zeros_are_at_right_angles(link):
    """Oracle: the lines on which each part of the symbol vanishes are at most two, at right angles, the same in every part."""
    try:
        target = Target.from_polynomial(Polynomial.from_terms(link, 2))
    except InputError:  # constant
        return
    verdict = nested_products(target.expansion).verdict
    angles, complete = [], True
    for k, part in target.expansion.parts.items():
        if k:
            line = [float(part.coefficient((k - j, j))) for j in range(k, -1, -1)]  # in t = y/x, falling
            roots = np.roots(np.trim_zeros(line, "f")) if any(line[:-1]) else []
            complete &= bool(np.all(np.abs(np.imag(roots)) < 1e-3))
            angles += [np.arctan(np.real(t)) for t in roots] + [np.pi / 2] * (k - len(roots))
    spread = [abs(np.sin(2 * (a - angles[0]))) for a in angles]
    assume(not complete or max(spread) < 1e-2 or max(spread) > 0.05)
    if not complete or max(spread) > 0.05:
        assert verdict is Verdict.FAILS
    elif len(target.expansion.degree_energies) == 1 and not target.expansion.mean:
        assert verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("z1*z2 + z3*z4", "4 directions, and a product of degree 2 on at most 2"),
        ("z1*z2*(z1 + z2)", "along orthonormal directions"),
        ("z1**2 + z2**2", "along orthonormal directions"),
        ("He(2,z1) + z1*z2", "along orthonormal directions"),  # each is one, in bases of its own
        ("He(2,z1) + He(3,z2)", "degrees 2 and 3 are not nested"),
        ("z1*z2 + He(2,z1)*z2*z3", "degrees 2 and 4 are not nested"),
    ],
)
def test_why_it_is_none(text, why):
    got = found(text)
    assert (got.verdict, got.products) == (Verdict.FAILS, None)
    assert why in got.reason


@pytest.mark.parametrize(
    ("text", "equal"),
    [
        ("5*z1*z2", True),
        ("He(2,z1) + He(2,z1)*He(2,z2)", True),
        ("He(2,z1)/sqrt(2) + He(2,z1)*He(2,z2)/2", True),
        ("-3*He(2,z1) - 3*He(2,z1)*z2*z3", True),
        ("He(2,z1) - He(2,z1)*z2*z3", True),  # z2 -> -z2
        ("He(2,z1) - He(2,z1)*He(2,z2)", False),
        ("He(2,z1) + 2*He(2,z1)*z2*z3", False),
    ],
)
def test_coefficients_are_equal_up_to_the_scale_the_normalisation_and_the_signs_of_directions(text, equal):
    assert found(text).products.equal is equal


def test_algebraic_directions_are_no_obstacle():
    assert found("z1**2 - 2*z1*z2 - z2**2").products.orders == ((1, 1),)  # along (1, ±1 + √2)
    assert found("(z1 + sqrt(2)*z2)*(sqrt(2)*z1 - z2)").products.orders == ((1, 1),)


def test_a_system_too_large_decides_nothing(monkeypatch):
    monkeypatch.setattr(hermite_products, "MAX_ENTRIES", 8)
    assert found("z1*z2").verdict is Verdict.UNDECIDED
    monkeypatch.setattr(hermite_products, "MAX_ENTRIES", 9)  # three unknown entries of S, squared, and one monomial
    assert found("z1*z2").verdict is Verdict.HOLDS
