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
