"""A plan: which runs a study asks for, at first and after it has seen results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from steinlab.checks.studies.identity import configuration_key
from steinlab.checks.studies.kinds.menu import METHODS
from steinlab.checks.studies.store import Results
from steinlab.checks.studies.study import Series, Study, thawed


@dataclass(frozen=True, slots=True)
class Task:
    """A configuration to run and its rough cost in arbitrary units: dear tasks start first, the clock counts cost.

    The configuration is complete: it names no study and no order. `key` is the name that its result is stored under.
    """

    configuration: Mapping[str, Any]
    cost: float = 1.0
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", configuration_key(self.configuration))


@dataclass(frozen=True, slots=True)
class Run:
    """A task in its place: one replicate at one point x of a series."""

    series: str
    x: int
    replicate: int
    task: Task

    @property
    def place(self) -> tuple[str, int, int]:
        return self.series, self.x, self.replicate


class Plan(Protocol):
    """What a sweep asks for runs. Both answers are functions of their arguments alone, so that a sweep can be resumed."""

    def first(self) -> Sequence[Run]:
        """The runs to begin with."""

    def more(self, results: Results) -> Sequence[Run]:
        """The runs that the results of those asked for before call for; the sweep ends when none of them is new."""


@dataclass(frozen=True)
class Grid:
    """The plan of every study today: each series at each of its sizes with each seed, whatever comes out."""

    study: Study
    seed: int

    def first(self) -> list[Run]:
        return [run for series in self.study.series for run in self.runs(series)]

    def more(self, results: Results) -> list[Run]:
        return []

    def runs(self, series: Series) -> list[Run]:
        """The runs of one series, by x and then by replicate."""
        return [Run(series.id, x, replicate, task) for x in series.x for replicate, task in enumerate(self._tasks(series, x))]

    def _tasks(self, series: Series, x: int) -> Iterator[Task]:
        """The replicates of one point of a series; what they have in common they share."""
        kind, sizes = METHODS[series.method], {**series.fixed, series.axis: x}
        configuration: dict[str, Any] = {
            "method": series.method,
            **({"target": thawed(series.target(x))} if kind.has_target else {}),
            **{size: sizes[size] for size in kind.sizes},
            "settings": dict(series.settings),
            **series.options,
            "seed": self.seed,
        }
        if series.transfer is not None:
            configuration["transfer"] = {"target": thawed(series.transfer), "N": sizes["N"]}
        cost = kind.cost(series.method, {**sizes, **series.options})
        for replicate in range(self.study.seeds):
            yield Task({**configuration, "replicate": replicate}, cost)
