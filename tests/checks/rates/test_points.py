"""Runs as logarithms with variances: against textbook formulas and SciPy's tests of two means."""

import numpy as np
import pytest
from scipy import stats

from steinlab.checks.rates.points import Estimand, Points

RNG = np.random.default_rng(0)


def runs(*sizes, spread=0.3):
    return [np.exp(spread * RNG.standard_normal(size)) for size in sizes]


def test_the_mean_logarithm_has_its_own_sample_variance():
    data = runs(5, 8, 3)
    points = Points.of(data, Estimand.GEOMETRIC)
    assert points.value == pytest.approx([np.mean(np.log(run)) for run in data])
    assert points.variance == pytest.approx([stats.sem(np.log(run)) ** 2 for run in data])
    assert points.spread == pytest.approx([np.var(np.log(run), ddof=1) for run in data])


@pytest.mark.parametrize("spread", [0.05, 0.3, 1.0])
def test_the_logarithm_of_the_mean_has_the_larger_of_two_variances(spread):
    for run in runs(4, 6, 9, 20, spread=spread):
        delta = (stats.sem(run) / run.mean()) ** 2
        tau2, size = np.var(np.log(run), ddof=1), len(run)
        cox = tau2 / size + tau2**2 / (2 * (size - 1))
        points = Points.of([run])
        assert points.value == pytest.approx([np.log(run.mean())])
        assert points.variance == pytest.approx([max(delta, cox)])


def test_a_run_that_is_not_positive_leaves_the_delta_method():
    run = np.array([-0.1, 1.0, 2.0, 3.0])
    assert Points.of([run]).variance == pytest.approx([(stats.sem(run) / run.mean()) ** 2])


def test_a_difference_of_independent_points_has_welchs_variance_and_freedom():
    first, second = runs(4, 9)
    points = Points.of([first, second], Estimand.GEOMETRIC)
    welch = stats.ttest_ind(np.log(first), np.log(second), equal_var=False)
    variance, freedom = points.contrast(np.array([1.0, -1.0]))
    assert freedom == pytest.approx(welch.df)
    assert (points.value[0] - points.value[1]) / np.sqrt(variance) == pytest.approx(welch.statistic)


def test_points_that_share_seeds_are_compared_seed_by_seed():
    common = RNG.standard_normal(6)
    first, second = np.exp(common + 0.1 * RNG.standard_normal(6)), np.exp(common + 0.1 * RNG.standard_normal(6))
    paired = stats.ttest_rel(np.log(first), np.log(second))
    order = np.array([3, 1, 0, 5, 4, 2])
    points = Points.of([first, second[order]], Estimand.GEOMETRIC, [list("abcdef"), list(np.array(list("abcdef"))[order])])
    variance, freedom = points.contrast(np.array([1.0, -1.0]))
    assert (points.value[0] - points.value[1]) / np.sqrt(variance) == pytest.approx(paired.statistic)
    assert freedom == pytest.approx(5)


def test_blocks_are_what_shared_labels_join():
    data = runs(4, 3, 5, 3)
    labels = [["a", "b", "c", "d"], ["d", "e", "f"], ["u", "v", "w", "x", "y"], ["x", "k", "l"]]
    points = Points.of(data, Estimand.GEOMETRIC, labels)
    assert points.blocks.tolist() == [[1, 1, 0, 0], [0, 0, 1, 1]]
    assert points.freedom.tolist() == [2, 2]
    chained = Points.of(
        data, Estimand.GEOMETRIC, [["a", "b", "c", "d"], ["d", "e", "f"], ["f", "g", "h", "i", "j"], ["j", "a", "z"]]
    )
    assert chained.blocks.tolist() == [[1, 1, 1, 1]]
    assert np.linalg.eigvalsh(chained.correlation).min() > -1e-12


def test_labels_that_are_not_shared_change_nothing():
    data = runs(4, 5, 3)
    alone = Points.of(data)
    apart = Points.of(data, labels=[[f"{i}-{j}" for j in range(len(run))] for i, run in enumerate(data)])
    weights = np.array([1.0, -2.0, 1.0])
    assert apart.contrast(weights) == pytest.approx(alone.contrast(weights))


def test_many_data_sets_at_once_are_each_of_them():
    data = np.exp(0.4 * RNG.standard_normal((7, 3, 5)))
    labels = [list(range(5))] * 3
    together = Points.of([data[:, i] for i in range(3)], labels=labels)
    weights = np.array([1.0, 0.5, -2.0])
    for j in range(7):
        alone = Points.of(list(data[j]), labels=labels)
        assert together.value[j] == pytest.approx(alone.value)
        assert together.contrast(weights)[0][j] == pytest.approx(alone.contrast(weights)[0])


def test_equal_runs_keep_the_variance_of_rounding():
    points = Points.of([np.full(3, 0.1), np.full(3, 0.2)])
    variance, freedom = points.contrast(np.array([1.0, -1.0]))
    assert 0 < variance < 1e-20
    assert freedom > 0


def test_dividing_moves_the_logarithms_alone():
    points = Points.of(runs(4, 5))
    moved = points.divided_by(np.array([1.0, -2.0]))
    assert moved.value == pytest.approx(points.value - [1, -2])
    assert moved.variance is points.variance
