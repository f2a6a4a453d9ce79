"""Bias laws: the gap between their support and a point."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.statements.biases import BiasLaw

fractions = st.fractions(-5, 5, max_denominator=6)


@given(fractions, fractions, fractions, st.booleans())
def test_the_gap_of_a_uniform_law_is_the_distance_to_its_support(a, b, point, mirrored):
    low, high = sorted((a, b))
    law = BiasLaw.of(f"{'±' if mirrored else ''}uniform({low}, {high})")
    grid = [low + (high - low) * Fraction(i, 24) for i in range(25)]
    grid += [-x for x in grid] if mirrored else []
    gap = law.gap(point)
    assert all(abs(x - point) >= gap for x in grid)
    ends = [low, high] + ([-low, -high] if mirrored else [])
    inside = low <= point <= high or (mirrored and -high <= point <= -low)
    assert gap == (0 if inside else min(abs(x - point) for x in ends))


@pytest.mark.parametrize(
    ("text", "point", "gap"),
    [("1/2", 0, "1/2"), ("±1", 0, "1"), ("±1", 1, "0"), ("-2", 1, "3"), ("normal", 7, "0"), ("gaussian", 0, "0"), ("0", 0, "0")],
)
def test_known_gaps(text, point, gap):
    assert str(BiasLaw.of(text).gap(point)) == gap


def test_values_and_numbers():
    assert BiasLaw.from_values([0.5, -2.0, 1.25]).gap(0) == Fraction(1, 2)
    assert BiasLaw.of(Fraction(2, 3)).gap(0) == Fraction(2, 3)
    law = BiasLaw.of("±1")
    assert BiasLaw.of(law) is law


@pytest.mark.parametrize("bad", ["uniform(2, 1)", "uniform(1)", "±", "cauchy", "z1", 0.5])
def test_what_is_no_law_is_refused(bad):
    with pytest.raises(InputError, match="bias"):
        BiasLaw.of(bad)


def test_no_biases_at_all():
    with pytest.raises(InputError, match="no biases"):
        BiasLaw.from_values([])
