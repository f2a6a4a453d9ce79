"""Noise has mean 1, the spread it says, and the mean logarithm it says."""

import numpy as np
import pytest

from steinlab.checks.studies.kinds.noise import LARGEST, MEAN_LOGARITHM, NOISES, OUTLIERS


def drawn(name, spread, size=400_000):
    return NOISES[name](np.random.default_rng(0), np.array(spread), (size,))


@pytest.mark.parametrize("name", NOISES)
@pytest.mark.parametrize("spread", [0.05, 0.3])
def test_the_mean_is_one_and_the_spread_what_it_says(name, spread):
    values = drawn(name, spread)
    assert values.mean() == pytest.approx(1, abs=4 * values.std() / np.sqrt(len(values)))
    if name != "outliers":
        measured = np.log(values).std() if name in ("lognormal", "laplace") else values.std()
        assert measured == pytest.approx(spread, rel=0.02)
    else:
        low, high = np.median(values), np.quantile(values, 1 - OUTLIERS / 2)
        assert high / low == pytest.approx(1 + 3 * spread, rel=0.05)


@pytest.mark.parametrize("name", MEAN_LOGARITHM)
@pytest.mark.parametrize("spread", [0.1, 0.5])
def test_the_mean_logarithm_is_what_it_says(name, spread):
    logarithms = np.log(drawn(name, spread))
    assert logarithms.mean() == pytest.approx(MEAN_LOGARITHM[name](spread), abs=4 * logarithms.std() / np.sqrt(len(logarithms)))


@pytest.mark.parametrize("name", NOISES)
def test_the_largest_spread_leaves_positive_runs(name):
    values = drawn(name, LARGEST[name], 50_000)
    assert np.isfinite(values).all()
    assert np.mean(values > 0) > 0.99


def test_the_spread_may_change_along_an_axis():
    values = NOISES["gamma"](np.random.default_rng(0), np.array([[0.1], [0.5]]), (3, 2, 20_000))
    assert values.shape == (3, 2, 20_000)
    assert values.std(axis=-1).mean(axis=0) == pytest.approx([0.1, 0.5], rel=0.05)
