"""Coordinates of a link: what is chosen spans the same, is orthonormal, and writes few square roots."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.coordinates import MAX_AXES, combination, forms, independent_latents, orthonormal_coordinates, span
from steinlab.theory.links.ring import absolute, apply, power, variable

Z1, Z2, Z3 = (variable(i) for i in range(3))


def matrix(rows):
    return tuple(tuple(Number.of(x) for x in row) for row in rows)


def floats(rows):
    return np.array([[float(x) for x in row] for row in rows])


entries = st.integers(-3, 3).map(Fraction)
matrices = st.integers(1, 4).flatmap(lambda d: st.lists(st.lists(entries, min_size=d, max_size=d), min_size=1, max_size=4))


@given(matrices)
def test_latents_are_those_of_independent_rows(rows):
    chosen, images = independent_latents(matrix(rows))
    exact = floats(matrix(rows))
    assert len(chosen) == np.linalg.matrix_rank(exact)
    assert list(chosen) == sorted(chosen)
    for i, image in enumerate(images):
        weights = np.zeros(len(rows))
        for product, c in image.terms.items():
            ((atom, e),) = product
            assert e == 1
            weights[atom.index] = float(c)
        assert set(np.flatnonzero(weights)) <= set(chosen)
        assert weights @ exact == pytest.approx(exact[i])
        if i in chosen:
            assert image == variable(i)
    for position, i in enumerate(chosen):  # the first rows that do
        assert np.linalg.matrix_rank(exact[:i]) == position


def test_a_combination_has_its_weights():
    assert combination([Number.of(2), Number.of(0), Number.of(-1)], [2, 0, 1]) == 2 * Z3 - Z2


@given(matrices)
def test_coordinates_are_orthonormal_and_span_what_the_rows_span(rows):
    exact = floats(matrix(rows))
    assume(np.linalg.matrix_rank(exact) == len(rows))
    found = floats(orthonormal_coordinates(matrix(rows)))
    assert found @ found.T == pytest.approx(np.eye(len(found)), abs=1e-12)
    assert exact @ found.T @ found == pytest.approx(exact, abs=1e-12)
    assert len(found) in (len(rows), len(rows[0]))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[3, 4]], [["3/5", "4/5"]]),
        ([[1, 2], [3, 5]], [["1", "0"], ["0", "1"]]),  # all of the plane, not orthogonal: its axes
        ([[1, 1], [1, -1]], [["sqrt(2)/2", "sqrt(2)/2"], ["sqrt(2)/2", "-sqrt(2)/2"]]),
        ([[2, 0], [0, 3]], [["1", "0"], ["0", "1"]]),
        ([[1, 2, 3], [3, 4, 0]], [["3/5", "4/5", "0"], ["-8*sqrt(229)/1145", "6*sqrt(229)/1145", "15*sqrt(229)/229"]]),
    ],
)
def test_square_roots_are_spared(rows, expected):
    assert [[str(x) for x in row] for row in orthonormal_coordinates(matrix(rows))] == expected


def awkward(width):
    """One row whose length is the root of a sum of a cube root and a fifth root: no supported field holds it."""
    return ((Number.of(1), Number.of(2).root(3), Number.of(7).root(5), *[Number.of(0)] * (width - 3)),)


def test_where_no_field_holds_the_square_roots_there_are_the_axes():
    assert floats(orthonormal_coordinates(awkward(MAX_AXES))).tolist() == np.eye(MAX_AXES).tolist()
    with pytest.raises(InputError):
        orthonormal_coordinates(awkward(MAX_AXES + 1))


@pytest.mark.parametrize(
    ("u", "basis"),
    [
        (apply("tanh", Z1 + Z2) + (Z1 + Z2) ** 2, [[1, 1, 0]]),
        (apply("tanh", Z1 + Z2) * (Z1 - Z2), [[1, 0, 0], [0, 1, 0]]),
        (absolute(Z1 - 2 * Z3) + 3, [[1, 0, -2]]),
        (power(1 + (Z2 + Z3) ** 2, Fraction(-1, 2)) * Z1**2, [[1, 0, 0], [0, 1, 1]]),
        ((Z1 + Z2 + Z3) ** 3 - Z1 - Z2 - Z3, [[1, 1, 1]]),
        (apply("exp", apply("sin", Z1 + Z3)) * apply("erf", 2 * Z1 + 2 * Z3), [[1, 0, 1]]),
        (Z1 * Z2 + Z3, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    ],
)
def test_a_link_depends_on_its_forms_alone(u, basis):
    assert span(forms(u), [0, 1, 2]) == matrix(basis)


def test_the_span_of_nothing_is_empty():
    assert forms(variable(0) * 0 + 3) == []
    assert len(span([{0: Number.of(1)}, {0: Number.of(-2)}], [0])) == 1
