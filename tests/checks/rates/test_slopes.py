"""Rates: calibrated on planted exponents, contradicted by planted wrong ones, undecided when the data say too little."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.rates.samples import Direction, Sample
from steinlab.checks.rates.slopes import PredictedExponent, fit_slope, judge_rate
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Verdict

SIZES = (100, 316, 1000, 3162, 10000)
UPPER, LOWER, TIGHT = Direction.UPPER, Direction.LOWER, Direction.TIGHT


def claim(predicted, direction, rivals=(), widest=None, **changes):
    if widest is None:
        widest = min((abs(r - predicted) for r in rivals), default=0.5)
    made = PredictedExponent(predicted, direction, rivals, (1, 1e6), 4, widest)
    return replace(made, **changes)


def planted(exponent, rng, sizes=SIZES, seeds=10, noise=0.3, curve=lambda x: 1.0):
    """Log-normal runs whose mean is curve(x) x^exponent exactly."""
    draws = lambda: np.exp(noise * rng.standard_normal(seeds) - noise**2 / 2)  # noqa: E731
    return [Sample(x, tuple(curve(x) * x**exponent * draws())) for x in sizes]


def verdict(a_claim, samples, seed=0):
    return judge_rate(a_claim, samples, np.random.default_rng(seed)).verdict


@pytest.mark.parametrize(("seeds", "noise"), [(4, 0.5), (10, 0.3), (10, 0.7)])
def test_the_95_percent_interval_covers_93_to_97_percent(seeds, noise):
    rng = np.random.default_rng(1)
    repetitions = 500
    hits = 0
    for _ in range(repetitions):
        low, high = fit_slope(planted(-0.5, rng, seeds=seeds, noise=noise), 4, rng).interval
        hits += low <= -0.5 <= high
    sampling = 2 * math.sqrt(0.95 * 0.05 / repetitions)
    assert 0.93 - sampling <= hits / repetitions <= 0.97 + sampling


@pytest.mark.parametrize("seeds", [4, 10])
def test_the_held_out_interval_and_the_power_of_the_logarithm_are_calibrated_too(seeds):
    rng = np.random.default_rng(2)
    repetitions = 400
    fits = [fit_slope(planted(-0.5, rng, seeds=seeds, curve=math.log), 4, rng) for _ in range(repetitions)]
    powers = np.mean([fit.logarithm[1][0] <= 1 <= fit.logarithm[1][1] for fit in fits])
    fits = [fit_slope(planted(-0.5, rng, seeds=seeds), 4, rng) for _ in range(repetitions)]
    held_out = np.mean([fit.held_out[2][0] <= 1 <= fit.held_out[2][1] for fit in fits])
    for share in (powers, held_out):
        assert 0.91 <= share <= 0.99


def test_a_planted_wrong_exponent_is_contradicted_and_the_right_one_holds():
    rng = np.random.default_rng(3)
    wrong = right = 0
    for seed in range(40):
        samples = planted(-0.5, rng)
        wrong += verdict(claim(-1, TIGHT, (-0.5,)), samples, seed) is Verdict.FAILS
        right += verdict(claim(-0.5, TIGHT, (-1, 0)), samples, seed) is Verdict.HOLDS
    assert wrong == 40
    assert right >= 34  # 95% coverage twice: the exponent and the held-out point


@pytest.mark.parametrize(
    ("planted_exponent", "direction", "expected"),
    [
        (-0.6, UPPER, Verdict.HOLDS),
        (-0.1, UPPER, Verdict.FAILS),
        (-0.6, LOWER, Verdict.FAILS),
        (-0.1, LOWER, Verdict.HOLDS),
        (-0.35, UPPER, Verdict.HOLDS),
        (-0.35, LOWER, Verdict.HOLDS),
    ],
)
def test_a_bound_is_contradicted_only_from_its_own_side(planted_exponent, direction, expected):
    samples = planted(planted_exponent, np.random.default_rng(4), noise=0.03)
    assert verdict(claim(-0.35, direction, (0, -0.7)), samples) is expected


def test_a_bound_without_rivals_holds_only_beyond_it():
    samples = planted(-0.35, np.random.default_rng(4), noise=0.03)
    assert verdict(claim(-0.35, UPPER), samples) is Verdict.UNDECIDED
    assert verdict(claim(-0.3, UPPER), samples) is Verdict.HOLDS


def test_one_factor_log_does_not_contradict_a_bound_that_hides_logarithms():
    samples = planted(-0.25, np.random.default_rng(5), noise=0.02, curve=math.log)
    strict = claim(-0.25, UPPER, (0.2,))
    assert verdict(strict, samples) is Verdict.FAILS
    assert verdict(replace(strict, hides_logarithms=True), samples) is Verdict.UNDECIDED
    slower = planted(0.0, np.random.default_rng(5), noise=0.02)
    assert verdict(replace(strict, hides_logarithms=True), slower) is Verdict.FAILS
    below = planted(-0.25, np.random.default_rng(5), noise=0.02, curve=lambda x: 1 / math.log(x))
    lower = claim(-0.25, LOWER, (-0.8,))
    assert verdict(lower, below) is Verdict.FAILS
    assert verdict(replace(lower, hides_logarithms=True), below) is Verdict.UNDECIDED


@pytest.mark.parametrize(("bend", "expected"), [(3.0, Verdict.UNDECIDED), (1 / 3, Verdict.HOLDS)])
def test_a_slope_that_flattens_at_the_held_out_size_does_not_confirm_an_upper_bound(bend, expected):
    samples = planted(-0.5, np.random.default_rng(6), noise=0.05, curve=lambda x: bend if x == 10000 else 1)
    assert verdict(claim(-0.4, UPPER, (0,)), samples) is expected


def test_a_slope_that_steepens_at_the_held_out_size_does_not_contradict_an_upper_bound():
    samples = planted(-0.1, np.random.default_rng(6), noise=0.05, curve=lambda x: 0.2 if x == 10000 else 1)
    assert verdict(claim(-0.4, UPPER, (0,)), samples) is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda s: s[:4], "4 points in the window: 4 to fit and one to hold out"),
        (lambda s: [*s[:2], replace(s[2], failures=1), *s[3:]], "1 of 11 runs at x = 1000 failed"),
        (lambda s: [replace(p, values=p.values[:2]) for p in s], "2 runs at x = 100: 3 are needed"),
        (lambda s: [replace(s[0], values=(-1.0, 0.1, 0.2)), *s[1:]], "x = 100 is not positive beyond doubt"),
        (lambda s: [replace(s[0], values=(math.inf, 1.0, 1.0)), *s[1:]], "x = 100 is not positive beyond doubt"),
        (lambda s: [replace(p, values=(p.values[0] / 9, p.values[0], 9 * p.values[0])) for p in s], "wide"),
        (lambda s: [], "0 points"),
    ],
)
def test_poor_data_are_undecided_with_a_reason(spoil, reason):
    judgement = judge_rate(claim(-0.5, TIGHT, (0,)), spoil(planted(-0.5, np.random.default_rng(7))), np.random.default_rng(0))
    assert judgement.verdict is Verdict.UNDECIDED
    assert reason in judgement.reason


def test_points_outside_the_window_do_not_count():
    rng = np.random.default_rng(8)
    samples = [Sample(10.0, (1e9,) * 10), *planted(-0.5, rng, noise=0.05)]
    assert verdict(claim(-0.5, TIGHT, (0,), window=(100, 10000)), samples) is Verdict.HOLDS


def test_too_few_seeds_for_the_gap_between_rivals_is_undecided():
    rng = np.random.default_rng(9)
    decided = [verdict(claim(-0.5, TIGHT, (-0.55,)), planted(-0.5, rng, seeds=5, noise=0.7), seed) for seed in range(20)]
    assert set(decided) == {Verdict.UNDECIDED}


@given(st.floats(-2, 2), st.floats(0.01, 100), st.integers(0, 99))
def test_the_slope_is_exact_without_noise_and_ignores_units(exponent, unit, seed):
    samples = [Sample(x, (unit * x**exponent,) * 3) for x in SIZES]
    slope = fit_slope(samples, 4, np.random.default_rng(seed))
    assert slope.exponent == pytest.approx(exponent, abs=1e-9)
    assert slope.interval == pytest.approx((exponent, exponent), abs=1e-9)
    assert slope.held_out[1] == pytest.approx(1, rel=1e-9)


@given(st.permutations(range(5)))
def test_the_order_of_the_points_does_not_matter(order):
    samples = planted(-0.5, np.random.default_rng(10))
    fits = [fit_slope(s, 4, np.random.default_rng(0)) for s in (samples, [samples[i] for i in order])]
    assert fits[0] == fits[1]


def test_the_sizes_that_would_tell_a_logarithm_are_named_and_would():
    rng = np.random.default_rng(11)
    fits = (fit_slope(planted(-0.5, rng, noise=0.06), 4, rng) for _ in range(20))
    fit = next(fit for fit in fits if fit.sizes_needed is not None)
    sizes = np.geomspace(100, fit.sizes_needed, 1 + round(2 * math.log10(fit.sizes_needed / 100)))
    told = 0
    for _ in range(20):
        longer = fit_slope(planted(-0.5, rng, sizes=sizes, noise=0.06), 4, rng)
        low, high = longer.logarithm[1]
        told += not (low <= 0 <= high and low <= 1 <= high)
    assert told >= 14


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-0.5, TIGHT, (-0.5,), 0.1), "rivals contains the prediction"),
        ((-0.5, TIGHT, (-0.6,), 0.5), "at most the gap 0.1"),
        ((-0.5, TIGHT, (), 0.0), "expected a positive number"),
    ],
)
def test_claims_that_contradict_themselves_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        claim(*arguments)


def test_a_claim_needs_three_points():
    with pytest.raises(InputError, match="at least 3"):
        claim(-0.5, TIGHT, minimum_points=2)
