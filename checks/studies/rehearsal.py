"""A study's runs on a handful of samples, before the sweep: what is wrong with a setting is said at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steinlab.checks.studies.kinds.kind import LARGEST
from steinlab.checks.studies.kinds.menu import METHODS
from steinlab.checks.studies.measure import measure
from steinlab.checks.studies.plan import Grid
from steinlab.checks.studies.study import Series, Study
from steinlab.numerics.limits import require_work
from steinlab.theory.errors import InputError


def rehearse(study: Study) -> None:
    """Make each series' run once on a handful of samples, so that a wrong setting is refused before the sweep, not by it.

    Raises InputError naming the series.
    """
    plan = Grid(study, 0)
    for series in study.series:
        tasks = [run.task for run in plan.runs(series)]
        require_work(max(task.cost for task in tasks), f"a run of series.{series.id}", "use smaller sizes")
        try:
            measured = measure(_small(series, tasks[0].configuration))
        except InputError as error:
            raise InputError(f"series.{series.id}: {error}") from None
        for quantity in study.quantities(series):
            if quantity not in measured:
                raise InputError(f"series.{series.id} has no {quantity} with these settings: ask for another quantity")
            if not abs(measured[quantity]) <= LARGEST:
                raise InputError(
                    f"series.{series.id} measures {quantity} = {measured[quantity]:.3g}, the bound is {LARGEST:g}: multiply its "
                    "target by a constant"
                )


def _small(series: Series, configuration: Mapping[str, Any]) -> dict[str, Any]:
    kind = METHODS[series.method]
    small = {**configuration, kind.sizes[0]: kind.fewest, **{name: min(value, 4) for name, value in series.options.items()}}
    if "transfer" in small:
        small["transfer"] = {**small["transfer"], "N": 4}
    return small
