"""Exact linear algebra against SymPy, over Q and over Q(sqrt(2), sqrt(3))."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.polys.matrices import DomainMatrix

from steinlab.theory.exact.linear_algebra import (
    characteristic_polynomial,
    dot,
    identity,
    inverse,
    kernel,
    multiply,
    orthogonal_complement,
    rank,
    row_echelon,
    transpose,
)
from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.polynomial_reader import number

FIELD = sympy.QQ.algebraic_field(sympy.sqrt(2))
entries = st.sampled_from(["0", "0", "1", "-1", "2", "1/2", "-3"])
surd_entries = st.sampled_from(["0", "0", "1", "-1", "sqrt(2)", "-sqrt(2)/2", "1 + sqrt(2)", "2"])


def tables(entry, rows=4, columns=4):
    return st.integers(1, columns).flatmap(lambda n: st.lists(st.lists(entry, min_size=n, max_size=n), min_size=1, max_size=rows))


def squares(entry, largest=4):
    return st.integers(1, largest).flatmap(lambda n: st.lists(st.lists(entry, min_size=n, max_size=n), min_size=n, max_size=n))


def low_rank(entry):
    """A product of two thin matrices: of small rank, which random square ones are not."""
    thin = st.lists(st.lists(entry, min_size=2, max_size=2), min_size=4, max_size=4)
    return st.tuples(thin, thin).map(lambda pair: [[f"({a})*({c}) + ({b})*({d})" for c, d in pair[1]] for a, b in pair[0]])


any_table = tables(entries) | tables(surd_entries) | low_rank(entries) | low_rank(surd_entries)
any_square = squares(entries) | squares(surd_entries, 3) | low_rank(surd_entries)


def exact(table):
    return tuple(tuple(number(x) for x in row) for row in table)


def domain(table):
    rows = [[FIELD.from_sympy(sympy.sympify(x, rational=True).expand()) for x in row] for row in table]
    return DomainMatrix(rows, (len(rows), len(rows[0])), FIELD)


def same(got, expected):
    """Whether a matrix of Numbers equals a SymPy matrix."""
    return [[number(str(x).replace(" ", "")) for x in row] for row in expected.tolist()] == [list(row) for row in got]


@given(any_table)
def test_reduced_row_echelon_form_and_rank(table):
    reduced, pivots = row_echelon(exact(table))
    form, expected = domain(table).rref()
    assert pivots == tuple(expected)
    assert rank(exact(table)) == len(pivots) == len(reduced)
    if reduced:
        assert same(reduced, form.to_Matrix()[: len(pivots), :])


@given(any_table)
def test_the_kernel_is_all_of_it(table):
    a, columns = exact(table), len(table[0])
    basis = kernel(a, columns)
    assert len(basis) == columns - domain(table).rank()
    assert all(dot(row, x) == 0 for row in a for x in basis)
    assert rank(basis) == len(basis)


@given(any_square)
def test_inverse(table):
    a, n = exact(table), len(table)
    if domain(table).rank() < n:
        with pytest.raises(ZeroDivisionError, match="singular"):
            inverse(a)
    else:
        assert multiply(inverse(a), a) == multiply(a, inverse(a)) == identity(n)


@given(any_square)
def test_characteristic_polynomial(table):
    x = sympy.Symbol("x")
    expected = domain(table).charpoly()[::-1]
    got = characteristic_polynomial(exact(table))
    assert len(got) == len(table) + 1
    assert got == tuple(number(str(FIELD.to_sympy(c))) for c in expected)
    assert x not in sympy.sympify([str(c) for c in got])


@given(tables(entries, 3, 3), squares(surd_entries, 3))
def test_orthogonal_complement_in_an_inner_product(table, root):
    size = min(len(table[0]), len(root))
    vectors = exact([row[:size] for row in table])
    factor = exact([row[:size] for row in root[:size]])
    gram = multiply(transpose(factor, size), factor)
    gram = tuple(tuple(x + int(i == j) for j, x in enumerate(row)) for i, row in enumerate(gram))  # positive definite
    complement = orthogonal_complement(vectors, gram)
    assert len(complement) == size - rank(vectors)
    assert all(dot(u, [dot(row, v) for row in gram]) == 0 for u in vectors for v in complement)
    assert rank(complement) == len(complement)


def test_the_complement_of_nothing_is_everything():
    assert orthogonal_complement((), identity(3)) == identity(3)
    assert kernel((), 2) == identity(2)
    assert rank(()) == 0
    assert rank(((),)) == 0


def test_singular_only_over_the_number_field():
    """Floats would call the determinant 1·6 - (√2√3)² something small; any perturbation makes it regular."""
    r = number("sqrt(2)*sqrt(3)")
    assert rank(((Number.of(1), r), (r, Number.of(6)))) == 1
    assert rank(((Number.of(1), r), (r, 6 + Number.of(Fraction(1, 10**40))))) == 2
    assert rank(exact([["1", "2**(1/3)"], ["4**(1/3)", "2"]])) == 1
    assert kernel(((Number.of(1), r),), 2) == ((-r, Number.of(1)),)


@given(tables(surd_entries), st.data())
def test_products_and_transposes(table, data):
    a = exact(table)
    columns = len(table[0])
    b = exact(data.draw(st.lists(st.lists(entries, min_size=2, max_size=2), min_size=columns, max_size=columns)))
    product = multiply(a, b)
    assert all(
        product[i][j] == sum((a[i][k] * b[k][j] for k in range(columns)), Number.of(0)) for i in range(len(a)) for j in (0, 1)
    )
    assert transpose(a, columns) == tuple(zip(*a, strict=True))
    assert transpose((), 2) == ((), ())
    with pytest.raises(ValueError, match="zip"):
        dot(a[0], (*a[0], Number.of(1)))
