"""Runs on n samples: a feature map is trained, and a head fitted on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steinlab.checks.studies.configuration import configuration_seed
from steinlab.checks.studies.kinds.kind import Kind, numbers
from steinlab.numerics.registry import make_estimator, method_settings, methods
from steinlab.numerics.runs import train
from steinlab.theory.targets.target import Target


def _cost(method: str, sizes: Mapping[str, int]) -> float:
    estimator, d = make_estimator(method, width=sizes["m"]), sizes["d"]
    # Fresh samples for the head of a transfer are no dearer than those for its features.
    return estimator.fit_cost(sizes["n"] + sizes.get("N", 0), d) + (sizes["holdout"] + sizes["test"]) * estimator.row_cost(d)


def _measure(configuration: Mapping[str, Any], target: Target) -> dict[str, float]:
    transfer = configuration.get("transfer")
    result = train(
        target,
        method=configuration["method"],
        n=configuration["n"],
        d=configuration["d"],
        m=configuration["m"],
        seed=configuration_seed(configuration),
        settings=configuration["settings"],
        transfer=None if transfer is None else (Target.from_mapping(transfer["target"]), transfer["N"]),
        holdout=configuration["holdout"],
        test=configuration["test"],
    )
    errors = ("excess_risk_standard_error", "excess_risk_rounding_error", "excess_l1_standard_error")
    return numbers(result, (*TRAINING.quantities, *errors, "ridge"))


TRAINING = Kind(
    methods=methods(online=False),
    sizes=("n", "d", "m"),
    options={"holdout": (2, 100_000), "test": (2, 100_000)},
    quantities={
        "excess_risk": "excess squared risk",
        "excess_l1": "excess absolute risk",
        "alignment": "share of ‖W‖² in the principal subspace",
    },
    settings=method_settings,
    cost=_cost,
    measure=_measure,
    transfers=True,
    pairs_neurons=True,
)
"""n samples train a feature map and a head of m neurons in dimension d; the methods that are not online."""
