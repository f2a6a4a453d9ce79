"""A parsed TOML document as a study: every key checked as it is taken, the first that is wrong named."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from steinlab.checks.rates.claims import Bound, PredictedExponent
from steinlab.checks.rates.levels import PredictedLevel, PublishedPoint
from steinlab.checks.rates.points import Estimand
from steinlab.checks.rates.samples import Direction
from steinlab.checks.studies.configuration import canonical_json
from steinlab.checks.studies.kinds.menu import METHODS, QUANTITIES, THRESHOLD
from steinlab.checks.studies.reading.laws import read_law
from steinlab.checks.studies.reading.tables import Table, unknown_key
from steinlab.checks.studies.reading.words import with_window, worded
from steinlab.checks.studies.study import AXES, Claim, Figure, Guide, Prediction, Published, Series, Study, Thresholds, frozen
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

SCHEMA = "steinlab/study/1"
MAX_RUNS = 1_000_000
"""Most runs of a study: seeds times sizes, over all series."""


def parse_study(document: Mapping[str, Any]) -> Study:
    """The study described by a parsed TOML document. Raises InputError naming the first key that is wrong."""
    top = Table(worded(document), "")
    top.choice("schema", (SCHEMA,))
    name = top.name("name")
    title, summary, source = top.text("title"), top.text("summary"), top.text("source")
    changes = top.optional("changes", top.text)
    quantity = top.choice("quantity", tuple(QUANTITIES))
    seeds = top.integer("seeds", 1)
    targets = {id: _target(table) for id, table in top.tables("targets", optional=True)}
    defaults = top.raw_table("defaults")
    series = tuple(_series(id, table, targets) for id, table in top.tables("series", defaults))
    if (runs := seeds * sum(len(s.x) for s in series)) > MAX_RUNS:
        raise InputError(f"the study asks for {runs} runs; the bound is {MAX_RUNS}: use fewer seeds or sizes")
    thresholds = tuple(_thresholds(id, table, series) for id, table in top.tables("thresholds", optional=True))
    curves = {s.id: _Curve(s.axis, tuple(METHODS[s.method].quantities), s.x, s.options.get("neurons", 0) > 0) for s in series}
    for curve in thresholds:
        if curve.id in curves:
            raise InputError(f"thresholds.{curve.id} has the name of a series: give it another")
        curves[curve.id] = _Curve(curve.axis, (THRESHOLD,), curve.x)
    figures = tuple(_figure(id, table, curves, quantity) for id, table in top.tables("figures"))
    published = tuple(_published(id, table, curves, quantity) for id, table in top.tables("published", optional=True))
    rates = tuple(_claim(id, table, curves, PredictedExponent, _exponent) for id, table in top.tables("rates", optional=True))
    of_runs = {id: curve for id, curve in curves.items() if curve.quantities != (THRESHOLD,)}
    levels = tuple(_claim(id, table, of_runs, PredictedLevel, _level) for id, table in top.tables("levels", optional=True))
    top.finish()
    text = canonical_json(document)
    return Study(
        name, title, summary, source, changes, quantity, seeds, series, thresholds, figures, published, rates, levels, text
    )


def _target(table: Table) -> Mapping[str, Any]:
    target: Mapping[str, Any] = frozen(Target.from_mapping(table.everything(), table.path).to_mapping())
    return target


@dataclass(frozen=True)
class _Curve:
    """What a figure or a claim may ask of a curve."""

    axis: str
    quantities: tuple[str, ...]
    x: tuple[int, ...]
    neurons: bool = False


def _series(id: str, table: Table, targets: Mapping[str, Mapping[str, Any]]) -> Series:
    label = table.text("label")
    method = table.choice("method", tuple(METHODS))
    kind = METHODS[method]
    transfer = None
    if kind.transfers:
        transfer = table.optional("transfer", lambda key: targets[table.choice(key, tuple(targets))])
    sizes = {*kind.sizes} | ({"N"} if transfer else set())
    axis = table.choice("axis", tuple(a for a in AXES if a in sizes or (a == "k" and kind.has_target)))
    x = tuple(table.increasing("x"))
    if axis == "k":
        names = table.choices("target", tuple(targets))
        if len(names) != len(x):
            raise InputError(f"{table.path}.target names {len(names)} targets: expected one for each of the {len(x)} x")
    elif kind.has_target:
        names = [table.choice("target", tuple(targets))]
    else:
        names = []
    fixed_table = table.table("fixed")
    fixed = {size: fixed_table.integer(size, 1) for size in sorted(sizes - {axis})}
    fixed_table.finish()
    settings = _settings(table, method)
    options = {name: table.integer(name, least, default) for name, (least, default) in kind.options.items()}
    table.finish()
    widths = x if axis == "m" else [fixed["m"]] if kind.pairs_neurons else []
    for m in widths:
        if kind.pairs_neurons and m % 2:
            raise InputError(f"{table.path}: m is {m}, expected an even width (neurons come in pairs)")
    chosen = tuple(targets[name] for name in names)
    return Series(id, label, method, chosen, transfer, axis, x, frozen(fixed), frozen(settings), frozen(options))


def _thresholds(id: str, table: Table, series: Sequence[Series]) -> Thresholds:
    label = table.text("label")
    by_id = {s.id: s for s in series}
    members = [by_id[name] for name in table.choices("series", tuple(by_id))]
    axis = table.choice("axis", tuple(AXES))
    quantity = table.choice("quantity", tuple(METHODS[members[0].method].quantities))
    level = table.number("level")
    table.finish()
    if level <= 0:
        raise InputError(f"{table.path}.level is {level:g}: expected a positive number")
    first = members[0]
    for other in members:
        unlike = {size for size in first.fixed if other.fixed.get(size) != first.fixed[size]} - {axis}
        if (other.method, other.axis) != (first.method, first.axis) or unlike or axis not in other.fixed:
            raise InputError(f"{table.path}.series: {other.id} and {first.id} must be alike but for the fixed size {axis}")
    members.sort(key=lambda s: s.fixed[axis])
    x = tuple(s.fixed[axis] for s in members)
    if len(set(x)) < len(x):
        raise InputError(f"{table.path}.series: two series have the same {axis}")
    return Thresholds(id, label, tuple(s.id for s in members), quantity, level, axis, first.axis, x)


def _settings(table: Table, method: str) -> Mapping[str, Any]:
    settings, known = table.raw_table("settings"), tuple(METHODS[method].settings(method))
    for key, value in settings.items():
        if key not in known:
            raise InputError(unknown_key(f"{table.path}.settings.{key}", key, known))
        if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
            raise InputError(f"{table.path}.settings.{key} is {value!r}: expected a finite number, true, false, or text")
    return settings


def _quantity(table: Table, curves: Mapping[str, _Curve], names: Sequence[str], default: str | None = None) -> str:
    """A quantity that all the curves named have."""
    common = [q for q in QUANTITIES if all(q in curves[name].quantities for name in names)]
    if not common:
        raise InputError(f"{table.path}.series: {', '.join(names)} measure nothing in common")
    return table.choice("quantity", common, default if default in common else None)


def _figure(id: str, table: Table, curves: Mapping[str, _Curve], quantity: str) -> Figure:
    series = tuple(table.choices("series", tuple(curves)))
    axes = {curves[s].axis for s in series}
    if len(axes) > 1 and axes != {"n", "T"}:  # both count samples
        raise InputError(f"{table.path}.series mixes axes {sorted(axes)}: draw one axis a figure")
    scales = ("log", "linear")
    guides = []
    for guide in table.list_of_tables("guides"):
        guides.append(Guide(guide.number("y"), guide.text("label")))
        guide.finish()
    figure = Figure(
        id,
        table.text("title"),
        table.text("caption"),
        series,
        _quantity(table, curves, series, quantity),
        table.choice("kind", ("curves", "distribution", "neurons"), "curves"),
        table.choice("x_scale", scales, "log"),
        table.choice("y_scale", scales, "log"),
        tuple(guides),
    )
    table.finish()
    if figure.kind == "neurons" and not all(curves[name].neurons for name in series):
        raise InputError(f"{table.path}.kind is 'neurons': expected series with neurons = 100, say")
    return figure


def _published(id: str, table: Table, curves: Mapping[str, _Curve], quantity: str) -> Published:
    series = tuple(table.choices("series", tuple(curves)))
    x, mean = table.increasing("x"), table.numbers("mean")
    std: Sequence[float | None] = table.optional("std", table.numbers) or [None] * len(x)
    seeds, resolution = table.integer("seeds", 1), table.number("resolution")
    for key, values in (("mean", mean), ("std", std)):
        if len(values) != len(x):
            raise InputError(f"{table.path}.{key} has {len(values)} entries: expected one for each of the {len(x)} x")
    fixed_table = table.table("fixed")
    fixed = {size: fixed_table.integer(size, 1) for size in AXES if size in fixed_table}
    fixed_table.finish()
    published = Published(
        id,
        table.text("label"),
        series,
        _quantity(table, curves, series, quantity),
        frozen(fixed),
        table.text("source"),
        tuple(PublishedPoint(a, b, c, seeds, resolution) for a, b, c in zip(x, mean, std, strict=True)),
    )
    table.finish()
    return published


def _claim(
    id: str,
    table: Table,
    curves: Mapping[str, _Curve],
    kind: type[Prediction],
    numbers: Callable[[Table, _Curve], dict[str, Any]],
) -> Claim[Prediction]:
    series = table.choice("series", tuple(curves))
    quantity = _quantity(table, curves, [series])
    found = numbers(table, curves[series])
    statement = with_window(table.text("statement"), found["window"])
    source, does_not_imply = table.text("source"), table.text("does_not_imply")
    table.finish()
    try:
        predicted = kind(**found)
    except InputError as error:
        raise InputError(f"{table.path}.{error}") from None
    return Claim(id, series, quantity, predicted, statement, source, does_not_imply)


def _predicted(table: Table) -> dict[str, Any]:
    return {
        "window": table.window("window"),
        "predicted": table.number("predicted"),
        "direction": Direction(table.choice("direction", tuple(Direction))),
        "minimum_points": table.integer("minimum_points", 1),
    }


def _level(table: Table, curve: _Curve) -> dict[str, Any]:
    return _predicted(table) | {"widest_interval": table.number("widest_interval")}


def _exponent(table: Table, curve: _Curve) -> dict[str, Any]:
    rivals, hides_logarithms = tuple(table.numbers("rivals")), table.boolean("hides_logarithms")
    found, text, bound = _predicted(table), table.optional("bound", table.text), None
    if text is not None:
        bound = Bound(text, read_law(text, curve.axis, f"{table.path}.bound"))
        low, high = found["window"]
        bound.law(np.array([x for x in curve.x if low <= x <= high], dtype=float))  # so that it is refused before the sweep
    return found | {
        "rivals": rivals,
        "hides_logarithms": hides_logarithms,
        "widest_interval": table.optional("widest_interval", table.number),
        "bound": bound,
        "estimand": Estimand(table.choice("estimand", tuple(Estimand), "mean")),
    }
