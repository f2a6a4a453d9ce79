"""Noise of mean 1 for planted laws: six kinds, each with its mean logarithm."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import quad
from scipy.special import digamma

from steinlab.checks.rates.points import Array

OUTLIERS = 0.1
"""The share of runs that are outliers."""


def _normal(rng: np.random.Generator, spread: Array, shape: tuple[int, ...]) -> Array:
    return 1 + spread * rng.standard_normal(shape)


def _uniform(rng: np.random.Generator, spread: Array, shape: tuple[int, ...]) -> Array:
    drawn: Array = 1 + np.sqrt(3) * spread * rng.uniform(-1, 1, shape)
    return drawn


def _gamma(rng: np.random.Generator, spread: Array, shape: tuple[int, ...]) -> Array:
    drawn: Array = rng.gamma(np.broadcast_to(spread**-2, shape)) * spread**2
    return drawn


def _lognormal(rng: np.random.Generator, spread: Array, shape: tuple[int, ...]) -> Array:
    drawn: Array = np.exp(spread * rng.standard_normal(shape) - spread**2 / 2)
    return drawn


def _laplace(rng: np.random.Generator, spread: Array, shape: tuple[int, ...]) -> Array:
    drawn: Array = np.exp(spread / np.sqrt(2) * rng.laplace(size=shape)) * (1 - spread**2 / 2)
    return drawn


def _outliers(rng: np.random.Generator, spread: Array, shape: tuple[int, ...]) -> Array:
    height = 1 + 3 * spread
    drawn = np.where(rng.random(shape) < OUTLIERS, height, 1.0) / (1 + OUTLIERS * (height - 1))
    return drawn * _lognormal(rng, spread / 3, shape)


def _logarithm_of_uniform(spread: float) -> float:
    reach = np.sqrt(3) * spread
    return float(quad(lambda u: np.log1p(reach * u), -1, 1)[0]) / 2


NOISES: dict[str, Callable[[np.random.Generator, Array, tuple[int, ...]], Array]] = {
    "normal": _normal,
    "uniform": _uniform,
    "gamma": _gamma,
    "lognormal": _lognormal,
    "laplace": _laplace,
    "outliers": _outliers,
}
"""By name, draws of mean 1 with `spread`: the coefficient of variation, or the standard deviation of the logarithm (lognormal,
laplace), or a third of how far outliers lie above the others."""

LARGEST = {"normal": 0.35, "uniform": 0.57, "gamma": 2.0, "lognormal": 1.5, "laplace": 0.7, "outliers": 3.0}
"""The largest spread of each kind: beyond it runs are negative, or have no variance."""

MEAN_LOGARITHM: dict[str, Callable[[float], float]] = {
    "uniform": _logarithm_of_uniform,
    "gamma": lambda spread: float(digamma(spread**-2)) + 2 * float(np.log(spread)),
    "lognormal": lambda spread: -(spread**2) / 2,
    "laplace": lambda spread: float(np.log1p(-(spread**2) / 2)),
    "outliers": lambda spread: OUTLIERS * float(np.log1p(3 * spread)) - float(np.log1p(OUTLIERS * 3 * spread)) - spread**2 / 18,
}
"""E log of a draw, for the kinds whose draws are positive."""
