"""Runs of the rate engine on planted laws: how often its intervals cover, and how often its verdicts are right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from steinlab.checks.rates.claims import PredictedExponent
from steinlab.checks.rates.judging import judge_crossings
from steinlab.checks.rates.points import Array, Estimand, Points
from steinlab.checks.rates.samples import Direction, Sample
from steinlab.checks.rates.slopes import fit_slope
from steinlab.checks.rates.verdicts import decide_all
from steinlab.checks.studies.configuration import configuration_seed
from steinlab.checks.studies.kinds.kind import Kind
from steinlab.checks.studies.kinds.noise import LARGEST, MEAN_LOGARITHM, NOISES
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

_COMMON: dict[str, Any] = {
    "noise": "lognormal",
    "spread": 0.3,
    "exponent": -0.5,
    "offset": 0.0,
    "predicted": -0.5,
    "direction": "tight",
    "rival": 0.0,
    "other_rival": -1.0,
    "estimand": "mean",
    "hides_logarithms": False,
    "spread_at_end": 0.0,
}
_SETTINGS: dict[str, dict[str, Any]] = {
    "planted-rate": _COMMON | {"logarithm": 0.0, "paired": False, "common_spread": 0.0, "family": 1},
    "planted-threshold": _COMMON
    | {"exponent": 1.0, "predicted": 1.0, "rival": 0.5, "other_rival": 1.5, "fall": 0.9, "reach": 32.0},
}


def settings(method: str) -> dict[str, Any]:
    """The settings of a method with their defaults."""
    return _SETTINGS[method]


def _cost(method: str, sizes: Mapping[str, int]) -> float:
    return sizes["sets"] * sizes["sizes"] * (sizes["s"] + 400.0) * (1e5 if method == "planted-threshold" else 1e2)


def _measure(configuration: Mapping[str, Any], target: Target | None) -> dict[str, float]:
    method = configuration["method"]
    asked = settings(method) | configuration["settings"]
    if asked["noise"] not in NOISES:
        raise InputError(f"noise is {asked['noise']!r}: expected one of {', '.join(NOISES)}")
    largest = LARGEST[asked["noise"]]
    for name in ("spread", "spread_at_end"):
        if not (0 < asked[name] <= largest or (name != "spread" and asked[name] == 0)):
            raise InputError(f"{name} is {asked[name]}: expected a positive number, at most {largest} for {asked['noise']} noise")
    claim = PredictedExponent(
        float(asked["predicted"]),
        Direction(asked["direction"]),
        tuple(float(asked[name]) for name in ("rival", "other_rival")),
        hides_logarithms=bool(asked["hides_logarithms"]),
        estimand=Estimand(asked["estimand"]),
    )
    rng = generator(configuration_seed(configuration), "planted")
    sets, sizes, seeds = configuration["sets"], configuration["sizes"], configuration["s"]
    run = planted_rates if method == "planted-rate" else planted_thresholds
    return run(rng, claim, asked, sets, sizes, seeds)


def planted_rates(
    rng: np.random.Generator, claim: PredictedExponent, asked: Mapping[str, Any], sets: int, sizes: int, seeds: int
) -> dict[str, float]:
    """Many data sets y = (x + offset)^exponent (log x)^logarithm times noise at x = 100, 200, ..., fitted and judged at once.

    With `family` > 1 each report judges that many rates, and fails or holds if any, or all, of them do. `common_spread`: that of
    a factor which all runs of a seed share at neighbouring sizes; `paired` tells the engine that they may.
    """
    family = int(asked["family"])
    x: Array = 100 * 2.0 ** np.arange(sizes, dtype=np.float64)
    log_x = np.log(x)
    spread = np.geomspace(asked["spread"], asked["spread_at_end"] or asked["spread"], sizes)
    mean = (x + asked["offset"]) ** asked["exponent"] * log_x ** asked["logarithm"]
    drawn = NOISES[asked["noise"]](rng, spread[:, None], (sets, family, sizes, seeds))
    if asked["common_spread"]:  # a random walk along the sizes, as from data of which the smaller sizes are a part
        walk = rng.standard_normal((sets, family, sizes, seeds)).cumsum(axis=2) * asked["common_spread"] / np.sqrt(sizes)
        drawn = drawn * np.exp(walk - asked["common_spread"] ** 2 * np.arange(1, sizes + 1)[:, None] / sizes / 2)
    data = mean[:, None] * drawn
    labels = [list(range(seeds))] * sizes if asked["paired"] else None
    slopes = fit_slope(Points.of([data[..., i, :] for i in range(sizes)], claim.estimand, labels), x, claim, family)
    law = np.log(mean)
    if claim.estimand is Estimand.GEOMETRIC:
        law = law + [MEAN_LOGARITHM[asked["noise"]](float(width)) for width in spread]
    truth = np.polyfit(log_x, law, 1)[0] if not asked["offset"] and not asked["logarithm"] else np.nan
    low, high = slopes.interval
    found = decide_all(claim, slopes)
    failed, held = (found == "fails").any(-1), (found == "holds").all(-1)
    return _shares(failed, held) | {
        "coverage": float(np.mean((low <= truth) & (truth <= high))) if np.isfinite(truth) else 0.0,
        "interval_width": float(np.median(high - low)),
    }


def planted_thresholds(
    rng: np.random.Generator, claim: PredictedExponent, asked: Mapping[str, Any], sets: int, sizes: int, seeds: int
) -> dict[str, float]:
    """Data sets y = ((d + offset)^exponent/n)^fall times noise at d = 8, 16, ... and n/d^exponent = 1, 2, ..., `reach`, judged
    at the level that n = 8 d^exponent reaches.
    """
    steps = 2.0 ** np.arange(1 + int(np.log2(asked["reach"])))
    spread = np.geomspace(asked["spread"], asked["spread_at_end"] or asked["spread"], sizes)
    level = 8.0 ** -asked["fall"]
    failed, held, covered, widths = [], [], [], []
    for _ in range(sets):
        runs = {}
        for d, width in zip(8 * 2.0 ** np.arange(sizes), spread, strict=True):
            n = steps * d ** asked["exponent"]
            mean = ((d + asked["offset"]) ** asked["exponent"] / n) ** asked["fall"]
            data = mean[:, None] * NOISES[asked["noise"]](rng, width, (len(n), seeds))
            runs[float(d)] = [Sample(float(size), tuple(run.tolist())) for size, run in zip(n, data, strict=True)]
        judgement = judge_crossings(claim, runs, level)
        low, high = judgement.interval or (-np.inf, np.inf)
        failed.append(judgement.verdict == "fails")
        held.append(judgement.verdict == "holds")
        covered.append(low <= asked["exponent"] <= high)
        widths.append(min(high - low, 10.0))
    return _shares(np.array(failed), np.array(held)) | {
        "coverage": float(np.mean(covered)),
        "interval_width": float(np.median(widths)),
    }


def _shares(failed: Array | np.ndarray[Any, Any], held: Array | np.ndarray[Any, Any]) -> dict[str, float]:
    fails, holds = float(np.mean(failed)), float(np.mean(held))
    return {"fails": fails, "holds": holds, "undecided": 1 - fails - holds}


CALIBRATION = Kind(
    methods=tuple(_SETTINGS),
    sizes=("s",),
    options={"sets": (1, 250), "sizes": (3, 5)},
    quantities={
        "coverage": "share of 95% intervals that contain the planted exponent",
        "fails": "share of reports with a claim that fails",
        "holds": "share of reports whose claims all hold",
        "undecided": "share of reports that are undecided",
        "interval_width": "median width of the intervals",
    },
    settings=settings,
    cost=_cost,
    measure=_measure,
    has_target=False,
)
"""`sets` data sets or reports, of `sizes` sizes with s seeds each."""
