"""Intervals for mean and variance, against SciPy's and by hand."""

import math

import numpy as np
import pytest
import scipy.stats

from steinlab.numerics.estimation.intervals import ONE_SIDED, TWO_SIDED, kurtosis, mean_of, variance_of

Y = np.random.default_rng(3).exponential(size=70)


def test_the_mean_has_the_interval_of_a_t_test():
    found, known = mean_of(Y), scipy.stats.ttest_1samp(Y, 0.0).confidence_interval(0.95)
    assert found.value == pytest.approx(Y.mean())
    assert found.interval == pytest.approx((known.low, known.high))


def test_the_kurtosis_is_that_of_scipy():
    assert kurtosis(Y) == pytest.approx(scipy.stats.kurtosis(Y, fisher=False))
    assert kurtosis(1e6 + np.array([1.0, -1.0] * 20)) == pytest.approx(1.0)


def test_the_variance_has_an_interval_symmetric_in_its_logarithm():
    found = variance_of(Y)
    low, high = found.interval
    assert found.value == pytest.approx(np.cov(Y))
    assert low * high == pytest.approx(found.value**2)
    reach = scipy.stats.t(69).isf(0.025) * math.sqrt((scipy.stats.kurtosis(Y) + 2) / 70)
    assert math.log(high / found.value) == pytest.approx(reach)


def test_two_values_alike_often_leave_no_doubt_about_the_variance():
    assert variance_of(np.array([1.0, -1.0] * 20)).interval == pytest.approx((40 / 39, 40 / 39))


def test_quantiles():
    assert scipy.stats.norm.cdf([ONE_SIDED, TWO_SIDED]) == pytest.approx([0.95, 0.975])
