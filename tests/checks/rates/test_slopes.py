"""Slopes: exact without noise, with honest intervals, and what qualifies them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.rates.claims import Bound, PredictedExponent
from steinlab.checks.rates.points import Estimand, Points
from steinlab.checks.rates.slopes import Logarithm, fit_slope

X = np.array([100.0, 316, 1000, 3162, 10000])
CLAIM = PredictedExponent(-0.5, hides_logarithms=True)


def planted(curve, noise=0.3, seeds=10, sets=400, seed=0, estimand=Estimand.MEAN, labels=None):
    draws = np.exp(noise * np.random.default_rng(seed).standard_normal((sets, len(X), seeds)) - noise**2 / 2)
    data = curve(X)[:, None] * draws
    return Points.of([data[:, i] for i in range(len(X))], estimand, labels)


def covers(ends, value):
    return float(np.mean((ends[0] <= value) & (value <= ends[1])))


@given(st.floats(-2, 2), st.floats(0.01, 100))
def test_the_slope_is_exact_without_noise_and_ignores_units(exponent, unit):
    slope = fit_slope(Points.of([np.full(3, unit * x**exponent) for x in X]), X, CLAIM)
    assert slope.exponent == pytest.approx(exponent, abs=1e-9)
    assert slope.interval == pytest.approx((exponent, exponent), abs=1e-9)
    assert slope.held_out[0] == pytest.approx(1, rel=1e-9)
    assert slope.logarithm.power == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("labels", [None, [list(range(10))] * 5])
@pytest.mark.parametrize("estimand", list(Estimand))
def test_every_interval_covers(estimand, labels):
    slope = fit_slope(planted(lambda x: x**-0.5, sets=1500, estimand=estimand, labels=labels), X, CLAIM)
    for ends, value in (
        (slope.interval, -0.5),
        (slope.tested.interval, -0.5),
        (slope.last_step, -0.5),
        (slope.held_out[1], 1.0),
        (slope.logarithm.interval, 0.0),
    ):
        assert 0.93 <= covers(ends, value) <= 0.98


def test_a_factor_log_is_found_taken_away_and_given():
    slope = fit_slope(planted(lambda x: x**-0.5 * np.log(x), 0.05), X, CLAIM)
    assert covers(slope.logarithm.interval, 1.0) >= 0.9
    assert covers(slope.logarithm.exponent_interval, -0.5) >= 0.9
    assert covers(slope.without_logarithm[0].interval, -0.5) >= 0.9
    below = fit_slope(planted(lambda x: x**-0.5 / np.log(x), 0.05), X, CLAIM)
    assert covers(below.without_logarithm[1].interval, -0.5) >= 0.9


def test_a_bound_is_what_the_runs_are_compared_with():
    claim = PredictedExponent(0.5, bound=Bound("sqrt(x - 90)", lambda x: np.sqrt(x - 90)))
    slope = fit_slope(planted(lambda x: np.sqrt(x - 90), 0.05), X, claim)
    assert covers(slope.tested.interval, 0.5) >= 0.92
    assert slope.tested.exponent.mean() == pytest.approx(0.5, abs=0.01)
    assert slope.exponent.mean() > 0.6


def test_a_family_widens_what_is_tested_alone():
    points = planted(lambda x: x**-0.5)
    one, eight = fit_slope(points, X, CLAIM), fit_slope(points, X, CLAIM, family=8)
    assert np.array_equal(eight.interval, one.interval)
    width = lambda ends: np.mean(ends[1] - ends[0])  # noqa: E731
    assert 1.3 < width(eight.tested.interval) / width(one.tested.interval) < 1.6
    assert width(eight.last_step) > width(one.last_step)


def test_the_exponents_of_the_two_means_differ_where_the_spread_changes():
    noise = np.linspace(0.8, 0.1, 5)
    draws = X[:, None] ** -0.5 * np.exp(noise[:, None] * np.random.default_rng(0).standard_normal((5, 20_000)))
    shift = np.polyfit(np.log(X), noise**2 / 2, 1)[0]
    for estimand, exponent in ((Estimand.GEOMETRIC, -0.5), (Estimand.MEAN, -0.5 + shift)):
        assert fit_slope(Points.of(list(draws), estimand), X, CLAIM).exponent == pytest.approx(exponent, abs=0.01)


def test_logarithms_need_sizes_above_one_and_four_points():
    runs = [np.array([1.0, 1.1, 0.9])] * 4
    assert fit_slope(Points.of(runs), np.array([1.0, 2, 4, 8]), CLAIM).logarithm is None
    assert fit_slope(Points.of(runs), np.array([1.0, 2, 4, 8]), CLAIM).without_logarithm is None
    assert fit_slope(Points.of(runs[:3]), np.array([2.0, 4, 8]), CLAIM).logarithm is None
    assert fit_slope(Points.of(runs), np.array([2.0, 4, 8, 16]), CLAIM).logarithm is not None
    assert fit_slope(Points.of(runs), np.array([2.0, 4, 8, 16]), PredictedExponent(-0.5)).without_logarithm is None


@pytest.mark.parametrize(
    ("ends", "told"),
    [((-0.1, 1.1), False), ((0.0, 1.0), False), ((-0.5, 0.5), True), ((0.5, 1.5), True), ((0.1, 0.9), True), ((0.0, 0.99), True)],
)
def test_a_logarithm_is_told_apart_unless_its_interval_holds_both_powers(ends, told):
    found = Logarithm(np.array(0.5), (np.array(ends[0]), np.array(ends[1])), np.array(0.0), (np.array(0.0), np.array(0.0)))
    assert bool(found.told_apart) is told


def test_the_last_step_and_the_held_out_point_are_about_the_largest_x():
    bent = [np.full(3, x**-0.5 * (3.0 if x == X[-1] else 1.0)) for x in X]
    slope = fit_slope(Points.of(bent), X, CLAIM)
    assert slope.held_out[0] == pytest.approx(3)
    assert slope.last_step[0] == pytest.approx(-0.5 + math.log(3) / math.log(10000 / 3162), abs=1e-6)
