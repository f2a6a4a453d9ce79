"""One task of a study: train as its configuration says and return the numbers that were measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steinlab.checks.kinds import METHODS, TRAINING
from steinlab.checks.store import configuration_seed
from steinlab.checks.study import Series, Study
from steinlab.numerics.training import train
from steinlab.theory.errors import InputError
from steinlab.theory.targets import Target


def measure(configuration: Mapping[str, Any]) -> dict[str, float]:
    """Train once, with the seed that the configuration hashes to.

    Returns the quantities that a study may ask for, the Monte Carlo standard errors of the risks over the test points (0 for
    a squared risk in closed form, whose rounding error is given beside it), and the ridge parameter that the holdout chose.
    Raises InputError if the configuration cannot be trained.
    """
    transfer = configuration.get("transfer")
    result = train(
        Target.from_mapping(configuration["target"]),
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
    names = (*TRAINING.quantities, *errors, "ridge")
    return {name: float(getattr(result, name)) for name in names}


def rehearse(study: Study) -> None:
    """Train each series once on a handful of samples, so that a wrong setting is refused before the sweep, not by it.

    Raises InputError naming the series.
    """
    for series in study.series:
        try:
            measure(_small(series, study))
        except InputError as error:
            raise InputError(f"series.{series.id}: {error}") from None


def _small(series: Series, study: Study) -> dict[str, Any]:
    first = study.tasks(series, 0)[series.x[0], 0].configuration
    kind = METHODS[series.method]
    small = {**first, **dict.fromkeys((kind.sizes[0], *kind.options), 4)}
    if "transfer" in small:
        small["transfer"] = {**small["transfer"], "N": 4}
    return small
