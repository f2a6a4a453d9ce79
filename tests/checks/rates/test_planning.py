"""What is said to decide a rate does decide it about as often as is promised."""

import numpy as np
import pytest

from steinlab.checks.rates.claims import PredictedExponent
from steinlab.checks.rates.judging import judge
from steinlab.checks.rates.planning import POWER, Needed, size_for_logarithm
from steinlab.checks.rates.points import Points
from steinlab.checks.rates.samples import Direction, Sample
from steinlab.checks.rates.slopes import fit_slope
from steinlab.checks.rates.verdicts import decide_all
from steinlab.theory.verdicts import Verdict


def planted(exponent, sizes, seeds, noise, sets, seed=0):
    x = np.array(sizes, dtype=float)
    draws = np.exp(noise * np.random.default_rng(seed).standard_normal((sets, len(x), seeds)) - noise**2 / 2)
    return x, x[:, None] ** exponent * draws


def decided(claim, exponent, needed, noise, verdict):
    x, data = planted(exponent, needed.sizes, needed.seeds, noise, 300, seed=1)
    slopes = fit_slope(Points.of([data[:, i] for i in range(len(x))]), x, claim)
    return np.mean(decide_all(claim, slopes) == verdict)


@pytest.mark.parametrize(
    ("claim", "exponent", "verdict"),
    [
        (PredictedExponent(-0.5, Direction.TIGHT, (-0.45,)), -0.5, "holds"),
        (PredictedExponent(-0.5, Direction.UPPER, (-0.4,)), -0.5, "holds"),
        (PredictedExponent(-0.5, Direction.UPPER), -0.3, "fails"),
        (PredictedExponent(0.5, Direction.LOWER), 0.3, "fails"),
        (PredictedExponent(-0.5, Direction.UPPER, hides_logarithms=True), 0.3, "fails"),
    ],
)
def test_the_design_that_is_named_decides(claim, exponent, verdict):
    """From many seeds at a few sizes, so that the spread and the exponent are known; then from few."""
    for seed in range(20):
        x, (data,) = planted(exponent, (100, 200, 400), 5, 0.4, 1, seed)
        found = judge(claim, [Sample(size, tuple(run)) for size, run in zip(x, data, strict=True)])
        if found.verdict is Verdict.UNDECIDED and found.needed is not None and abs(found.measured - exponent) < 0.03:
            assert found.needed.runs == found.needed.seeds * len(found.needed.sizes)
            assert decided(claim, exponent, found.needed, 0.4, verdict) >= POWER - 0.2
            return
    raise AssertionError("no planted data set was undecided")


def test_a_decided_rate_needs_nothing_and_a_tight_one_without_rivals_names_none():
    x, (data,) = planted(-0.5, (100, 200, 400, 800), 5, 0.1, 1)
    samples = [Sample(size, tuple(run)) for size, run in zip(x, data, strict=True)]
    assert judge(PredictedExponent(-0.5, Direction.TIGHT, (0.0,)), samples).needed is None
    alone = judge(PredictedExponent(-0.5), samples)
    assert (alone.verdict, alone.needed) == (Verdict.UNDECIDED, None)


def test_the_runs_that_were_made_are_never_what_would_decide():
    claim, undecided = PredictedExponent(-0.5, Direction.UPPER, (-0.25,)), 0
    for seed in range(60):
        x, (data,) = planted(-0.45, (100, 200, 400, 800), 4, 0.35, 1, seed)
        found = judge(claim, [Sample(size, tuple(run)) for size, run in zip(x, data, strict=True)], family=8)
        if found.verdict is Verdict.UNDECIDED and found.needed is not None:
            undecided += 1
            assert found.needed.runs > 16
    assert undecided > 20


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("offset", [0.0, 50.0])
@pytest.mark.parametrize("hides", [False, True])
def test_numbers_without_noise_are_planned_for_too(direction, offset, hides):
    claim = PredictedExponent(-0.5, direction, hides_logarithms=hides)
    samples = [Sample(x, ((x + offset) ** -0.5,) * 3) for x in (100.0, 200.0, 400.0, 800.0)]
    assert judge(claim, samples).verdict in list(Verdict)


def test_the_size_that_tells_a_logarithm_does():
    x, spread = np.geomspace(100, 1600, 5), np.full(5, 0.06**2)
    largest = size_for_logarithm(x, spread, 10)
    assert largest > x[-1]
    sizes = 100 * 2.0 ** np.arange(round(np.log2(largest / 100)) + 1)
    told = []
    for made in (sizes, sizes[: len(sizes) // 2]):
        _, data = planted(-0.5, made, 10, 0.06, 200)
        slopes = fit_slope(Points.of([data[:, i] for i in range(len(made))]), made, PredictedExponent(-0.5))
        told.append(np.mean(slopes.logarithm.told_apart))
    assert told[0] >= 0.9
    assert told[1] < told[0]
    assert size_for_logarithm(x, np.full(5, 4.0), 3) is None


def test_a_design_in_words():
    assert str(Needed((10.0, 1e6), 4, 8)) == "4 seeds at each of 10, 1e+06 (8 runs)"
