"""Sample sizes, tried out: at the size that is named a fact is seen in about 80% of samples."""

import math

import numpy as np
import pytest

from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.estimation.directions import dimension_directions, hessian_directions
from steinlab.numerics.estimation.energies import energies
from steinlab.numerics.estimation.sample_sizes import MOST, needed_for_dimension, needed_for_energy, needed_for_rank
from steinlab.theory.errors import InputError


def power(n, d, f, seen, tries=60):
    """The share of samples of n in which a fact is seen; noise 1."""
    count = 0
    for seed in range(tries):
        rng = np.random.default_rng([n, d, seed])
        X = rng.standard_normal((n, d))
        count += seen(DataSet.of(X, f(X) + rng.standard_normal(n)))
    return count / tries


@pytest.mark.parametrize(
    ("k", "f", "effect"),
    [(1, lambda X: 0.5 * X[:, 0], 0.25), (2, lambda X: X[:, 0] * X[:, 1], 1.0), (3, lambda X: X[:, 0] * X[:, 1] * X[:, 2], 1.0)],
)
def test_an_energy_of_the_named_size_is_seen(k, f, effect):
    n = needed_for_energy(k, effect, 1 + effect, 6)
    assert power(n, 6, f, lambda data: energies(data)[k].nonzero) > 0.75
    assert power(max(n // 12, 40), 6, f, lambda data: energies(data)[k].nonzero) < 0.8


def test_an_eigenvalue_of_the_named_size_is_seen():
    n = needed_for_rank(1.0, 1.5, 10)
    f = lambda X: (X[:, 0] ** 2 - 1) / 2  # noqa: E731
    assert power(n, 10, f, lambda data: hessian_directions(data, 0).lower >= 1) > 0.7
    assert power(n // 3, 10, f, lambda data: hessian_directions(data, 0).lower >= 1) < 0.7


def test_a_direction_of_the_named_size_is_seen():
    f = lambda X: 0.4 * X[:, 0]  # noqa: E731
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20_000, 10))
    effect = float(dimension_directions(DataSet.of(X, f(X) + rng.standard_normal(20_000)), 0).values[0])
    n = needed_for_dimension(effect, 10)
    assert power(n, 10, f, lambda data: dimension_directions(data, 0).lower >= 1) > 0.7
    assert power(n // 3, 10, f, lambda data: dimension_directions(data, 0).lower >= 1) < 0.7


def test_the_formula_of_an_energy_is_met_and_met_first():
    """4 ζ_1/n + 4 ζ_2/n² for the level, 4 ζ_1/n + 2 ζ_2/n² for the power, by hand for k = 2, e = 0.3, v = 2, d = 12."""
    row, pair = 0.3 * (2 + 13 * 0.3), 4 * 78

    def reach(n, level):
        return level * math.sqrt(4 * row / n + 4 * pair / n**2) + 0.84 * math.sqrt(4 * row / n + 2 * pair / n**2)

    for shared, level in ((False, 1.645), (True, 2.13)):
        n = needed_for_energy(2, 0.3, 2.0, 12, shared=shared)
        assert reach(n, level) == pytest.approx(0.3, rel=2e-3)
        assert reach(n - 2, level) > 0.3 > reach(n + 2, level)


@pytest.mark.parametrize(("k", "fourth"), [(1, 3), (2, 15), (3, 93)])
def test_the_row_of_an_energy_has_the_fourth_moment_of_its_degree(k, fourth):
    """E h⁴ by Gauss's rule; for labels that are h_k alone, v = e, the variance of h_k² is E h⁴ - 1 = 1 + (E h⁴ - 2)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    h = np.polynomial.hermite_e.hermeval(nodes, [0] * k + [1]) / math.sqrt(math.factorial(k))
    assert np.sum(weights * h**4) / weights.sum() == pytest.approx(fourth)
    n = needed_for_energy(k, 2.0, 2.0, 1)
    at = [
        1.645 * math.sqrt(16 * (fourth - 1) / m + 16 / m**2) + 0.84 * math.sqrt(16 * (fourth - 1) / m + 8 / m**2)
        for m in (n - 1, n + 1)
    ]
    assert at[0] > 2 * (1 - 2e-3)
    assert at[1] < 2 * (1 + 2e-3)


def test_the_formulas_of_directions_are_met_and_met_first():
    """By hand, for an eigenvalue 1/2 of labels of variance 2 in 12 dimensions, and a singular value 7/10 in 9 dimensions."""

    def of_rank(n):
        cos2 = 1 - 12 * 2 / (n / 2 * 0.25)
        return cos2 * 0.5 * math.sqrt(n / 2) / math.sqrt(4 + 13 / 4)

    def of_dimension(n):
        rows, columns, s = 9 * 2 / (n / 2), 20 * 2 / (n / 2), 0.49  # d and 2d + 2 entries of variance 2 over n/2 rows
        left, right = 1 - rows * (columns + s) / (s * (s + rows)), 1 - columns * (rows + s) / (s * (s + columns))
        return math.sqrt(left * right) * 0.7 * math.sqrt(n / 2) / 2

    for n, score in ((needed_for_rank(0.5, 2.0, 12), of_rank), (needed_for_dimension(0.7, 9), of_dimension)):
        assert n > 100
        assert score(n - 1) < 1.6449 + 0.84
        assert score(n) >= 1.6448 + 0.84


def test_more_is_needed_for_less_in_more_dimensions():
    assert needed_for_rank(1.0, 2.0, 10) < needed_for_rank(0.5, 2.0, 10) < needed_for_rank(0.5, 2.0, 40)
    assert needed_for_dimension(1.0, 10) < needed_for_dimension(0.5, 10) < needed_for_dimension(0.5, 40)
    assert needed_for_energy(3, 1.0, 2.0, 10) < needed_for_energy(3, 0.5, 2.0, 10) < needed_for_energy(3, 0.5, 2.0, 20)


def test_no_number_is_below_the_fewest_rows_or_beyond_the_most():
    assert needed_for_energy(1, 100.0, 1e-9, 1) >= 40
    assert needed_for_rank(1e-9, 1.0, 10) is None
    assert needed_for_rank(1e-4, 1.0, 10) < MOST


@pytest.mark.parametrize("effect", [0, -1, math.nan, math.inf])
def test_an_effect_is_positive(effect):
    with pytest.raises(InputError, match="give a positive number"):
        needed_for_rank(effect, 1.0, 3)
