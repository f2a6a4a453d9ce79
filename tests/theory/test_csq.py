"""Against Gauss-Hermite quadrature and explicit classes of vectors."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steinlab.theory.csq import hermite_correlation, queries_needed, removed_by_one_query, removed_by_one_query_sharp
from steinlab.theory.errors import InputError

cosines = st.builds(Fraction, st.integers(-7, 7), st.just(7))


@given(st.integers(0, 6), st.integers(0, 6), cosines)
def test_correlation_by_quadrature(j, k, cosine):
    nodes, weights = np.polynomial.hermite_e.hermegauss(16)
    weights = weights / weights.sum()
    x, y = nodes[:, None], nodes[None, :]
    rho = float(cosine)
    he = np.polynomial.hermite_e.hermeval
    left = he(x, [0] * j + [1])
    right = he(rho * x + sqrt(1 - rho * rho) * y, [0] * k + [1])
    expected = (weights[:, None] * weights[None, :] * left * right).sum()
    assert float(hermite_correlation(j, k, cosine)) == pytest.approx(expected, abs=1e-8)


@given(st.integers(2, 40), st.integers(0, 8))
def test_equal_correlations_and_their_mean_attain_the_sharp_count(count, n):
    """c vectors with pairwise product ε and h their normalised mean: <h, f>² = (1 + (c-1)ε)/c for each of them."""
    correlation = Fraction(n, 10)
    reached = (1 + (count - 1) * correlation) / count
    assert removed_by_one_query_sharp(reached, correlation) == count


@given(st.integers(0, 9), st.integers(1, 10))
def test_printed_count_is_more_than_twice_the_sharp_one(n, gap):
    correlation, tolerance = Fraction(n, 20), Fraction(n + gap, 20)
    assert removed_by_one_query(tolerance, correlation) >= 2 * removed_by_one_query_sharp(tolerance, correlation)


def test_queries_needed_is_the_printed_bound():
    assert queries_needed(1000, Fraction(1, 2), Fraction(1, 10)) == 200
    assert queries_needed(1, Fraction(1, 2), Fraction(0)) == Fraction(1, 4)


@pytest.mark.parametrize(
    "call",
    [
        lambda: hermite_correlation(-1, 2, 0),
        lambda: hermite_correlation(2, 2, Fraction(8, 7)),
        lambda: removed_by_one_query(Fraction(1, 2), Fraction(1, 2)),
        lambda: removed_by_one_query_sharp(Fraction(1, 2), Fraction(-1, 2)),
        lambda: queries_needed(0, Fraction(1, 2), Fraction(1, 4)),
    ],
)
def test_hypotheses_are_enforced(call):
    with pytest.raises(InputError):
        call()
