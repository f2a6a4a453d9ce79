"""Runs of online SGD, a fresh sample a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steinlab.checks.studies.configuration import configuration_seed
from steinlab.checks.studies.kinds.kind import Kind, numbers
from steinlab.checks.studies.neurons import follow, frames
from steinlab.numerics.online_runs import train_online
from steinlab.numerics.population.compression import compress
from steinlab.numerics.population.generalisation import generalisation_gap
from steinlab.numerics.registry import make_estimator, method_settings, methods
from steinlab.theory.targets.target import Target


def _cost(method: str, sizes: Mapping[str, int]) -> float:
    T, d, m = sizes["T"], sizes["d"], sizes["m"]
    estimator = make_estimator(method, width=m)
    searched = 320.0 * m * (T + sizes["gap_samples"]) * 20 if sizes["gap_samples"] else 0.0
    return estimator.fit_cost(T, d) + 3 * sizes["test"] * estimator.row_cost(d) + searched


def _measure(configuration: Mapping[str, Any], target: Target) -> dict[str, float]:
    T, seed, test = configuration["T"], configuration_seed(configuration), configuration["test"]
    result = train_online(
        target,
        method=configuration["method"],
        T=T,
        d=configuration["d"],
        m=configuration["m"],
        seed=seed,
        settings=configuration["settings"],
        test=test,
        snapshots=frames(T, configuration["d"]) if configuration["neurons"] else (),
    )
    names = ("excess_risk", "excess_loss", "perpendicular", "alignment", "norm")
    found = numbers(result, (*names, "excess_risk_standard_error", "excess_loss_standard_error"))
    network = result.network
    trained, loss = network.features_.network, network.student().loss_functions
    cut = compress(trained, loss, target, points=test, seed=seed)
    found |= {"truncation_change": abs(cut.change), "truncation_change_standard_error": cut.change_standard_error}
    found["truncation_distance"] = cut.distance
    if configuration["gap_samples"]:
        fresh = configuration["gap_samples"]
        gap = generalisation_gap(trained, loss, target, T=T, seed=seed, fresh=fresh)
        found |= {"gap": gap.gap, "gap_standard_error": gap.standard_error, "gap_in_search": gap.found}
    if configuration["neurons"]:
        found |= follow(network, configuration["neurons"])
    return found


ONLINE = Kind(
    methods=methods(online=True),
    sizes=("T", "d", "m"),
    options={"test": (2, 20_000), "gap_samples": (0, 0), "neurons": (0, 0)},
    quantities={
        "excess_risk": "excess squared risk",
        "excess_loss": "excess risk under the training loss",
        "perpendicular": "‖W_⊥‖_F/√m",
        "alignment": "share of ‖W‖² in the principal subspace",
        "truncation_change": "|R(π_k(W)) − R(W)|, k the dimension of the principal subspace",
        "truncation_distance": "‖W − π_k(W)‖_F/√m",
        "gap": "generalisation gap of the worst head found",
    },
    settings=method_settings,
    cost=_cost,
    measure=_measure,
)
"""T steps of SGD with weight decay, a fresh sample each, on m neurons in dimension d; the methods that are online.

`gap_samples`: fresh samples of the search for the worst head, 0 for no search. `neurons`: how many neurons to follow through
the run, in d = 2, for pictures.
"""
