"""A study as data: which runs to make, what to measure, and what was predicted or published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from steinlab.checks.rates.claims import PredictedExponent
from steinlab.checks.rates.levels import PredictedLevel, PublishedPoint
from steinlab.checks.studies.kinds.menu import METHODS, THRESHOLD

AXES = {
    "n": "training samples",
    "N": "samples of the new target",
    "T": "steps, each with a fresh sample",
    "d": "dimension",
    "k": "directions of the target",
    "m": "width",
    "s": "seeds at each size",
}
"""The whole numbers that a curve may run along, in words."""

Prediction = TypeVar("Prediction", PredictedExponent, PredictedLevel)


@dataclass(frozen=True)
class Series:
    """One curve: a method with its settings on a target, along `axis` at the points `x`, the other sizes `fixed`.

    With `transfer` (a second target) the network is trained on n samples of the target and its head refitted on N samples of
    `transfer`, whose risk is then measured. Along the axis k, the number of directions, each x has a target of its own.
    `options`: the further whole numbers that the kind of run takes.
    """

    id: str
    label: str
    method: str
    targets: tuple[Mapping[str, Any], ...]
    transfer: Mapping[str, Any] | None
    axis: str
    x: tuple[int, ...]
    fixed: Mapping[str, int]
    settings: Mapping[str, Any]
    options: Mapping[str, int]

    def target(self, x: int) -> Mapping[str, Any]:
        """The target at the point x of the axis."""
        return self.targets[self.x.index(x) if len(self.targets) > 1 else 0]


@dataclass(frozen=True)
class Thresholds:
    """A curve made from others: the least size at which each of `series`, alike but for one fixed size, reaches `level`.

    `axis` is the size in which they differ, `of` their common axis. The threshold is where the mean of `quantity` over seeds, as
    it falls along `of`, comes down to `level`; all runs near the level count, whether their own curve comes down to it or not.
    """

    id: str
    label: str
    series: tuple[str, ...]
    quantity: str
    level: float
    axis: str
    of: str
    x: tuple[int, ...]


@dataclass(frozen=True)
class Published:
    """Published numbers for `quantity`, to be compared with each of `series` whose fixed sizes are `fixed`."""

    id: str
    label: str
    series: tuple[str, ...]
    quantity: str
    fixed: Mapping[str, int]
    source: str
    points: tuple[PublishedPoint, ...]


@dataclass(frozen=True)
class Claim(Generic[Prediction]):
    """What is predicted of `quantity` along the curve `series`, in words and in numbers, fixed before the data."""

    id: str
    series: str
    quantity: str
    predicted: Prediction
    statement: str
    source: str
    does_not_imply: str


@dataclass(frozen=True)
class Guide:
    """A horizontal line with its meaning."""

    y: float
    label: str


@dataclass(frozen=True)
class Figure:
    """One drawing of `quantity`: curves against the common axis of `series`, or the distribution of each one's runs."""

    id: str
    title: str
    caption: str
    series: tuple[str, ...]
    quantity: str
    kind: str
    x_scale: str
    y_scale: str
    guides: tuple[Guide, ...]


@dataclass(frozen=True)
class Study:
    """An immutable, validated study. `document` is the whole of it as canonical JSON, overrides applied.

    `changes` says which windows, widths or rivals were changed after runs had been seen, and why; None where none was.
    """

    name: str
    title: str
    summary: str
    source: str
    changes: str | None
    quantity: str
    seeds: int
    series: tuple[Series, ...]
    thresholds: tuple[Thresholds, ...]
    figures: tuple[Figure, ...]
    published: tuple[Published, ...]
    rates: tuple[Claim[PredictedExponent], ...]
    levels: tuple[Claim[PredictedLevel], ...]
    document: str

    @cached_property
    def _curves(self) -> dict[str, Series | Thresholds]:
        curves: list[Series | Thresholds] = [*self.series, *self.thresholds]
        return {curve.id: curve for curve in curves}

    def find(self, id: str) -> Series | Thresholds:
        """The series, or the curve of thresholds, named `id`."""
        return self._curves[id]

    def members(self, curve: Series | Thresholds) -> list[Series]:
        """The series that a curve is made from: itself, or those whose thresholds it shows."""
        if isinstance(curve, Series):
            return [curve]
        by_id = {series.id: series for series in self.series}
        return [by_id[name] for name in curve.series]

    def method(self, curve: Series | Thresholds) -> str:
        """The method of a curve; that of all its members, which are alike."""
        return self.members(curve)[0].method

    def quantities(self, curve: Series | Thresholds) -> list[str]:
        """What is asked of a curve: the study's quantity, where it has it, and those of its figures, claims and thresholds."""
        if isinstance(curve, Thresholds):
            return [THRESHOLD]
        wanted = [self.quantity] if self.quantity in METHODS[curve.method].quantities else []
        wanted += [figure.quantity for figure in self.figures if curve.id in figure.series]
        wanted += [rate.quantity for rate in self.rates if rate.series == curve.id]
        wanted += [level.quantity for level in self.levels if level.series == curve.id]
        wanted += [made.quantity for made in self.thresholds if curve.id in made.series]
        return list(dict.fromkeys(wanted))


def frozen(value: Any) -> Any:
    """A JSON value that cannot be changed: tuples for lists, read-only mappings for dictionaries."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen(item) for key, item in value.items()})
    return tuple(frozen(item) for item in value) if isinstance(value, list | tuple) else value


def thawed(value: Any) -> Any:
    """The JSON value that `frozen` was given."""
    if isinstance(value, Mapping):
        return {key: thawed(item) for key, item in value.items()}
    return [thawed(item) for item in value] if isinstance(value, tuple) else value
