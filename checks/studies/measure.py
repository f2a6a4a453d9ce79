"""One task of a study: train as its configuration says and return the numbers that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from steinlab.checks.studies.identity import configuration_seed
from steinlab.checks.studies.kinds import METHODS, ONLINE, TRAINING
from steinlab.checks.studies.neurons import follow, frames
from steinlab.numerics.online_runs import train_online
from steinlab.numerics.population.compression import compress
from steinlab.numerics.population.generalisation import generalisation_gap
from steinlab.numerics.runs import train
from steinlab.theory.targets.target import Target


def measure(configuration: Mapping[str, Any]) -> dict[str, float]:
    """Make the run of a configuration, with the seed that the configuration hashes to, and return what it measured.

    The numbers are the quantities that a study may ask for, with the Monte Carlo standard errors of the risks over the test
    points (0 for a squared risk in closed form) and what else is worth keeping of a run. Raises InputError if the configuration
    cannot be run, or diverges.
    """
    return _MEASURES[METHODS[configuration["method"]]](configuration, Target.from_mapping(configuration["target"]))


def _training(configuration: Mapping[str, Any], target: Target) -> dict[str, float]:
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
    return _numbers(result, (*TRAINING.quantities, *errors, "ridge"))


def _online(configuration: Mapping[str, Any], target: Target) -> dict[str, float]:
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
    found = _numbers(result, (*names, "excess_risk_standard_error", "excess_loss_standard_error"))
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


def _numbers(result: object, names: Sequence[str]) -> dict[str, float]:
    """The fields named, those that a run does not have left out."""
    found = {name: getattr(result, name) for name in names}
    return {name: float(value) for name, value in found.items() if value is not None}


_MEASURES = {TRAINING: _training, ONLINE: _online}
