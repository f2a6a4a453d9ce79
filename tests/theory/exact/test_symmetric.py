"""Enclosures of eigenvalues, repeated ones too, against integer eigenvalues turned by a rational rotation."""

from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.symmetric import enclosed_eigenvalues, rotated_eigenvalues

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
