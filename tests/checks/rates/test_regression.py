"""Regression on logarithmic axes: against scikit-learn's Gamma regression, SciPy's least squares, and exact ratios."""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import GammaRegressor

from steinlab.checks.rates.points import Estimand, Points
from steinlab.checks.rates.regression import fit, quantile

RNG = np.random.default_rng(1)
X = np.array([10.0, 20, 50, 100, 400])
DESIGN = np.stack([np.ones_like(X), np.log(X)], -1)


def runs(exponent=-0.5, spread=0.4, counts=(4, 6, 3, 8, 5), design=X):
    return [x**exponent * np.exp(spread * RNG.standard_normal(n)) for x, n in zip(design, counts, strict=True)]


@pytest.mark.parametrize("spread", [0.05, 0.5, 1.5])
def test_the_arithmetic_mean_is_fitted_by_gamma_regression(spread):
    data = runs(spread=spread)
    oracle = GammaRegressor(alpha=0, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    oracle.fit(np.concatenate([np.full((len(run), 1), np.log(x)) for x, run in zip(X, data, strict=True)]), np.concatenate(data))
    found = fit(Points.of(data), DESIGN).coefficients
    assert found == pytest.approx([oracle.intercept_, oracle.coef_[0]], rel=1e-6, abs=1e-8)


def test_the_geometric_mean_is_fitted_by_least_squares_over_runs():
    data = runs()
    everything = np.concatenate([np.full(len(run), np.log(x)) for x, run in zip(X, data, strict=True)])
    oracle = stats.linregress(everything, np.log(np.concatenate(data)))
    found = fit(Points.of(data, Estimand.GEOMETRIC), DESIGN).coefficients
    assert found == pytest.approx([oracle.intercept, oracle.slope])


def test_points_far_from_the_line_are_fitted_too():
    data = [np.full(3, y) for y in (1.0, 1e6, 1e-3, 1e4, 1.0)]
    found = fit(Points.of(data), DESIGN)
    ratio = np.exp(found.points.value - found.coefficients @ DESIGN.T)
    assert DESIGN.T @ (ratio - 1) == pytest.approx([0, 0], abs=1e-8)  # the estimating equations


def test_the_slope_of_two_points_is_welchs_test():
    first, second = runs(counts=(4, 9), design=X[:2])
    welch = stats.ttest_ind(np.log(second), np.log(first), equal_var=False).confidence_interval(0.9)
    value, low, high = fit(Points.of([first, second], Estimand.GEOMETRIC), DESIGN[:2]).interval(1, 0.9)
    step = np.log(2)
    assert (low, high) == pytest.approx((welch.low / step, welch.high / step))
    assert value == pytest.approx(np.log(second / second.prod() ** 0).mean() / step - np.log(first).mean() / step)


def test_the_variance_of_a_point_is_at_least_that_of_its_residuals():
    """HC3 by hand, run by run."""
    data = [run * bend for run, bend in zip(runs(spread=0.1), (1, 1, 3, 1, 1), strict=True)]
    found = fit(Points.of(data), DESIGN)
    rows = np.concatenate([np.tile(row, (len(run), 1)) for row, run in zip(DESIGN, data, strict=True)])
    hat = rows @ np.linalg.inv(rows.T @ rows) @ rows.T
    fitted = np.exp(rows @ found.coefficients)
    residuals = (np.concatenate(data) / fitted - 1) / (1 - np.diag(hat))
    ends = np.cumsum([len(run) for run in data])
    sums = [np.sum(part**2) / len(part) ** 2 for part in np.split(residuals, ends[:-1])]
    assert found.variance == pytest.approx(np.maximum(found.points.variance, sums))
    assert found.variance[2] > 10 * found.points.variance[2]


def test_fiellers_ends_are_where_the_difference_is_on_the_edge():
    data = runs(exponent=-0.8, spread=0.2)
    found = fit(Points.of(data, Estimand.GEOMETRIC), DESIGN)
    above, below = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    value, low, high = found.ratio(above, below, 0.95)
    assert low < value < high
    freedom = found.combination(above + value * below)[2]
    for end in (low, high):
        difference, variance, _ = found.combination(above + end * below)
        assert abs(difference) / np.sqrt(variance) == pytest.approx(stats.t.ppf(0.975, freedom))


def test_a_denominator_that_may_vanish_bounds_nothing():
    found = fit(Points.of(runs(exponent=0.0, spread=0.8)), DESIGN)
    _, low, high = found.ratio(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 0.999)
    assert (low, high) == (-np.inf, np.inf)


def test_many_fits_at_once_are_each_of_them():
    data = np.exp(0.8 * RNG.standard_normal((50, 5, 4))) * X[:, None] ** -0.5
    together = fit(Points.of([data[:, i] for i in range(5)]), DESIGN)
    for j in (0, 17, 49):
        alone = fit(Points.of(list(data[j])), DESIGN)
        assert together.coefficients[j] == pytest.approx(alone.coefficients)
        for one, all_of_them in zip(alone.interval(1, 0.95), together.interval(1, 0.95), strict=True):
            assert all_of_them[j] == pytest.approx(one)


def test_the_quantile_is_students():
    assert quantile(np.array([2.0, 30.0]), 0.9) == pytest.approx(stats.t.ppf(0.95, [2, 30]))
    assert quantile(np.array(np.inf), 0.95) == pytest.approx(stats.norm.ppf(0.975), rel=1e-6)
