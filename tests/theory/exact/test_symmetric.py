"""Exact symmetric maps against SymPy, and enclosures of eigenvalues against integer ones turned by a rational rotation."""

from itertools import islice

import sympy
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.symmetric import ExactMap, enclosed_eigenvalues, rotated_eigenvalues

FRAME = [[1, 2, 2], [2, 1, -2], [2, -2, 1]]  # rows of length 3, orthogonal


@given(st.lists(st.integers(-3, 3), min_size=3, max_size=3), st.sampled_from([0.0, 1e-9, 1e-3]))
def test_eigenvalues_of_a_turned_diagonal_are_held_tightly(values, radius):
    matrix = [[sum(v * r[i] * r[j] for v, r in zip(values, FRAME, strict=True)) for j in range(3)] for i in range(3)]
    found = rotated_eigenvalues([[(arb(x) / 9) + arb(0, radius) for x in row] for row in matrix])
    for ball, value in zip(sorted(found, key=lambda x: float(x.mid())), sorted(values), strict=True):
        assert ball.contains(value)
        assert float(ball.rad()) < 1e-12 + 40 * radius
        assert float(ball.rad()) >= radius


@given(st.floats(0.01, 0.5))
def test_what_stands_beside_the_diagonal_is_in_the_radius(radius):
    """[[0, ±r], [±r, 0]] as balls around zero holds matrices with eigenvalues ±r: nothing less may come back."""
    off = arb(0, radius)
    for ball in rotated_eigenvalues([[arb(0), off], [off, arb(0)]]):
        assert ball.contains(arb(radius).lower())
        assert ball.contains(-arb(radius).lower())
        assert float(ball.rad()) < 1.5 * radius


@given(st.lists(st.integers(-3, 3), min_size=3, max_size=3))
def test_eigenvalues_rise_and_each_is_held_as_often_as_it_occurs(values):
    matrix = [[arb(sum(v * r[i] * r[j] for v, r in zip(values, FRAME, strict=True))) / 9 for j in range(3)] for i in range(3)]
    for ball, value in zip(enclosed_eigenvalues(matrix), sorted(values), strict=True):
        assert ball.contains(value)
        assert float(ball.rad()) < 1e-9


def test_a_diagonal_keeps_its_entries():
    assert enclosed_eigenvalues([[arb(2), arb(0)], [arb(0), arb(-1)]]) == [arb(-1), arb(2)]


small = st.integers(-2, 2)
symmetric = st.lists(st.lists(small, min_size=3, max_size=3), min_size=3, max_size=3).map(
    lambda a: [[a[i][j] + a[j][i] for j in range(3)] for i in range(3)]
)
bases = st.lists(st.lists(small, min_size=3, max_size=3), min_size=3, max_size=3).filter(lambda a: sympy.Matrix(a).det())


def numbers(rows):
    return tuple(tuple(Number.of(int(x)) for x in row) for row in rows)


def rational(rows):
    return [[sympy.Rational(x.fraction.numerator, x.fraction.denominator) for x in row] for row in rows]


@given(symmetric, bases)
def test_a_map_is_that_of_its_form_in_any_inner_product(form, basis):
    """<x, A y>_G = xᵀ F y: A = G^{-1} F, whose eigenvalues are the roots of det(F - λ G)."""
    f, gram = sympy.Matrix(form), sympy.Matrix(basis) * sympy.Matrix(basis).T
    h = ExactMap(numbers(form), numbers(form), numbers(gram.tolist()))
    a = gram.inv() * f
    assert sympy.Matrix(rational(h.operator)) == a
    assert h.rank.value == f.rank()
    seen = sympy.Matrix(rational(h.range)) if h.range else sympy.zeros(0, 3)
    assert seen.rows == f.rank()
    assert a.row_join(seen.T).rank() == f.rank()
    eigenvalues = h.eigenvalues(53)
    characteristic = (f - sympy.Symbol("x") * gram).det()
    assert len(eigenvalues) == 3
    floats = [float(x) for x in eigenvalues]
    assert floats == sorted(floats)
    assert sum(x.exact is not None and x.exact == 0 for x in eigenvalues) == 3 - f.rank()
    for x in eigenvalues:
        value = sympy.Rational(x.exact.fraction) if x.exact is not None and x.exact.is_rational else sympy.Float(float(x), 15)
        assert abs(characteristic.subs("x", value)) < 1e-6


def test_without_a_gram_matrix_the_coordinates_are_orthonormal():
    rows = numbers([[0, 2, 0], [2, 0, 0], [0, 0, 5]])
    h = ExactMap(rows, rows)
    assert (h.operator, h.matrix, h.rank.value) == (rows, rows, 3)
    assert [str(x) for x in h.eigenvalues(1)] == ["-2", "2", "5"]
    assert [str(x) for x in ExactMap(rows, numbers([[3, 0], [0, -1]])).eigenvalues(1)] == ["-1", "3"]


def test_any_accuracy_is_worth_asking_for():
    assert [*islice(ExactMap((), ()).accuracies, 3)] == [96, 192, 384]
