"""A study's runs on a handful of samples, before the sweep: what is wrong with a setting is said at once."""

from __future__ import annotations

from typing import Any

from steinlab.checks.studies.kinds import LARGEST, METHODS
from steinlab.checks.studies.measure import measure
from steinlab.checks.studies.study import Series, Study
from steinlab.numerics.limits import require_work
from steinlab.theory.errors import InputError


def rehearse(study: Study) -> None:
    """Make each series' run once on a handful of samples, so that a wrong setting is refused before the sweep, not by it.

    Raises InputError naming the series.
    """
    for series in study.series:
        dearest = max(task.cost for task in study.tasks(series, 0).values())
        require_work(dearest, f"a run of series.{series.id}", "use smaller sizes")
        try:
            measured = measure(_small(series, study))
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


def _small(series: Series, study: Study) -> dict[str, Any]:
    first = study.tasks(series, 0)[series.x[0], 0].configuration
    kind = METHODS[series.method]
    small = {**first, kind.sizes[0]: 4, **{name: min(value, 4) for name, value in series.options.items()}}
    if "transfer" in small:
        small["transfer"] = {**small["transfer"], "N": 4}
    return small
