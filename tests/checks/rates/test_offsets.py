"""Offset laws: found where they were planted, rejected where they were not, and calibrated."""

import numpy as np
import pytest
from scipy import optimize

from steinlab.checks.rates.offsets import nearest_offset_law
from steinlab.checks.rates.points import Estimand, Points

X = np.array([100.0, 200, 400, 800, 1600])


def planted(law, noise, seeds=10, sets=(), rng=None, labels=None):
    rng = rng or np.random.default_rng(0)
    data = law(X)[:, None] * np.exp(noise * rng.standard_normal((*sets, len(X), seeds)))
    return Points.of([data[..., i, :] for i in range(len(X))], labels=labels)


@pytest.mark.parametrize("predicted", [-1.0, -0.5, 0.5, 2.0])
@pytest.mark.parametrize("offset", [30.0, 800.0, 20000.0])
def test_a_planted_offset_is_found(predicted, offset):
    law = nearest_offset_law(planted(lambda x: (x + offset) ** predicted, 1e-6), X, predicted)
    assert law.offset == pytest.approx(offset, rel=0.1)


@pytest.mark.parametrize("exponent", [-0.25, 0.25])
def test_the_offset_is_that_of_least_squares(exponent):
    points = planted(lambda x: x**exponent, 0.2)
    predicted = 2 * exponent

    def left(log_c):
        residuals = points.value - predicted * np.log(X + np.exp(log_c))
        return np.var(residuals)

    oracle = optimize.minimize_scalar(left, bounds=(0, 12), method="bounded")
    assert nearest_offset_law(points, X, predicted).offset == pytest.approx(np.exp(oracle.x), rel=0.1)


def test_without_an_offset_nothing_bends():
    assert nearest_offset_law(planted(lambda x: x**-0.9, 0.01), X, -0.5).offset == 0
    assert nearest_offset_law(planted(lambda x: x**0.9, 0.01), X, 0.5).offset == 0
    assert nearest_offset_law(planted(lambda x: x**0.5, 0.01), X, -0.5).offset == np.inf


@pytest.mark.parametrize("offset", [0.0, 100.0, 800.0, 8000.0])
@pytest.mark.parametrize("predicted", [-0.5, 1.0])
@pytest.mark.parametrize("labels", [None, [list(range(10))] * 5])
def test_a_true_offset_law_is_rejected_as_often_as_it_says(offset, predicted, labels):
    points = planted(lambda x: (x + offset) ** predicted, 0.1, sets=(1500,), labels=labels)
    beyond = nearest_offset_law(points, X, predicted).rejected(0.95)
    rejected = np.array([np.mean(beyond > 0), np.mean(beyond < 0)])
    assert (rejected <= 0.04).all()
    if offset:
        assert (rejected >= 0.01).all()


def test_another_exponent_is_rejected_on_its_side():
    above = nearest_offset_law(planted(lambda x: x**-0.25, 0.1, sets=(500,)), X, -0.5).rejected(0.95)
    assert np.mean(above > 0) >= 0.75
    below = nearest_offset_law(planted(lambda x: x**-0.75, 0.1, sets=(200,)), X, -0.5).rejected(0.95)
    assert np.mean(below < 0) == 1
    growth = nearest_offset_law(planted(lambda x: x**0.8, 0.1, sets=(200,)), X, 0.5).rejected(0.95)
    assert np.mean(growth > 0) == 1


def test_many_laws_at_once_are_each_of_them():
    data = X[:, None] ** -0.3 * np.exp(0.2 * np.random.default_rng(3).standard_normal((20, 5, 6)))
    together = nearest_offset_law(Points.of([data[:, i] for i in range(5)], Estimand.GEOMETRIC), X, -0.5)
    for j in (0, 7, 19):
        alone = nearest_offset_law(Points.of(list(data[j]), Estimand.GEOMETRIC), X, -0.5)
        assert together.offset[j] == pytest.approx(float(alone.offset))
        assert together.excess[j] == pytest.approx(float(alone.excess))
