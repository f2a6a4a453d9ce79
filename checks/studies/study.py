"""A study: which runs to make, what to measure, and what was predicted or published, as one TOML file."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from steinlab.checks.rates.levels import LevelClaim, PublishedPoint
from steinlab.checks.rates.slopes import Direction, RateClaim
from steinlab.checks.studies.identity import canonical_json
from steinlab.checks.studies.kinds import METHODS, QUANTITIES, THRESHOLD, TRAINING
from steinlab.checks.studies.schedulers import Task
from steinlab.checks.studies.strict_toml import Table, is_name, merged, shown, spaced, unknown_key, worded
from steinlab.theory.errors import InputError
from steinlab.theory.toml_text import MAX_DEPTH, read_toml, read_toml_file

SCHEMA = "steinlab/study/1"
AXES = ("n", "N", "T", "d", "k", "m")
MAX_RUNS = 1_000_000
"""Most runs of a study: seeds times sizes, over all series."""


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

    `axis` is the size in which they differ, `of` their common axis. For each replicate the threshold is where `quantity`, as it
    falls along `of`, first comes down to `level`, interpolated on logarithmic axes between the sizes that were run; a replicate
    that never does is censored, and counted as such.
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
    rates: tuple[RateClaim, ...]
    levels: tuple[LevelClaim, ...]
    document: str

    @cached_property
    def _curves(self) -> dict[str, Series | Thresholds]:
        curves: list[Series | Thresholds] = [*self.series, *self.thresholds]
        return {curve.id: curve for curve in curves}

    def find(self, id: str) -> Series | Thresholds:
        """The series, or the curve of thresholds, named `id`."""
        return self._curves[id]

    def quantities(self, curve: Series | Thresholds) -> list[str]:
        """What is asked of a curve: the study's quantity, where it has it, and those of its figures, claims and thresholds."""
        if isinstance(curve, Thresholds):
            return [THRESHOLD]
        wanted = [self.quantity] if self.quantity in METHODS[curve.method].quantities else []
        wanted += [figure.quantity for figure in self.figures if curve.id in figure.series]
        claims: list[RateClaim | LevelClaim] = [*self.rates, *self.levels]
        wanted += [claim.quantity for claim in claims if claim.series == curve.id]
        wanted += [made.quantity for made in self.thresholds if curve.id in made.series]
        return list(dict.fromkeys(wanted))

    def tasks(self, series: Series, seed: int) -> dict[tuple[int, int], Task]:
        """The runs of one series by (x, replicate). Each configuration is complete: it names no study and no order."""
        return {
            (x, replicate): _task(series, {**series.fixed, series.axis: x}, seed, replicate)
            for x in series.x
            for replicate in range(self.seeds)
        }


def shipped() -> dict[str, str]:
    """The studies inside the package: name → title."""
    files = sorted(
        (entry for entry in resources.files("steinlab.checks.studies.shipped").iterdir() if entry.name.endswith(".toml")),
        key=lambda entry: entry.name,
    )
    return {entry.name.removesuffix(".toml"): worded(tomllib.loads(entry.read_text("utf-8")))["title"] for entry in files}


def load_study(name_or_path: str, *, quick: bool = False, overrides: Sequence[str] = ()) -> Study:
    """The study with a shipped name or in a TOML file, with its `[quick]` table merged in and `KEY=VALUE` overrides applied.

    A key is a dotted path into the file and a value is TOML (`series.ntk.x=[10, 100]`); text may leave out its quotes.

    Raises InputError for an unknown study, malformed TOML, and a key that is unknown, missing, or of the wrong type or value.
    """
    if is_name(name_or_path) and not Path(name_or_path).is_file():
        entry = resources.files("steinlab.checks.studies.shipped") / f"{name_or_path}.toml"
        if not entry.is_file():
            raise InputError(f"no study is called {name_or_path!r}: expected a TOML file or one of {', '.join(shipped())}")
        document = read_toml(entry.read_text("utf-8"), name_or_path)
    else:
        document = read_toml_file(Path(name_or_path))
    changes = document.pop("quick", {})
    if not isinstance(changes, dict):
        raise InputError(f"quick is {shown(changes)}: expected a table of the keys to change")
    if quick:
        if not changes:
            raise InputError(f"the study {name_or_path!r} has no [quick] table: leave out --quick")
        document = merged(document, changes)
    for override in overrides:
        document = merged(document, _override(override))
    return parse_study(document)


def parse_study(document: Mapping[str, Any]) -> Study:
    """The study described by a parsed TOML document. Raises InputError naming the first key that is wrong."""
    top = Table(worded(document), "")
    top.choice("schema", (SCHEMA,))
    name = top.name("name")
    title, summary, source = top.text("title"), top.text("summary"), top.text("source")
    changes = top.optional("changes", top.text)
    quantity = top.choice("quantity", tuple(QUANTITIES))
    seeds = top.integer("seeds", 1)
    targets = {id: _target(table) for id, table in top.tables("targets")}
    defaults = top.raw_table("defaults")
    series = tuple(_series(id, table, targets) for id, table in top.tables("series", defaults))
    if (runs := seeds * sum(len(s.x) for s in series)) > MAX_RUNS:
        raise InputError(f"the study asks for {runs} runs; the bound is {MAX_RUNS}: use fewer seeds or sizes")
    thresholds = tuple(_thresholds(id, table, series) for id, table in top.tables("thresholds", optional=True))
    curves = {s.id: _Curve(s.axis, tuple(METHODS[s.method].quantities), s.options.get("neurons", 0) > 0) for s in series}
    for curve in thresholds:
        if curve.id in curves:
            raise InputError(f"thresholds.{curve.id} has the name of a series: give it another")
        curves[curve.id] = _Curve(curve.axis, (THRESHOLD,))
    figures = tuple(_figure(id, table, curves, quantity) for id, table in top.tables("figures"))
    published = tuple(_published(id, table, curves, quantity) for id, table in top.tables("published", optional=True))
    rates = tuple(_rate(id, table, curves) for id, table in top.tables("rates", optional=True))
    levels = tuple(_level(id, table, curves) for id, table in top.tables("levels", optional=True))
    top.finish()
    text = canonical_json(document)
    return Study(
        name, title, summary, source, changes, quantity, seeds, series, thresholds, figures, published, rates, levels, text
    )


def _target(table: Table) -> Mapping[str, Any]:
    from steinlab.theory.targets import Target

    target: Mapping[str, Any] = _frozen(Target.from_mapping(table.everything(), table.path).to_mapping())
    return target


@dataclass(frozen=True)
class _Curve:
    """What a figure or a claim may ask of a curve."""

    axis: str
    quantities: tuple[str, ...]
    neurons: bool = False


def _series(id: str, table: Table, targets: Mapping[str, Mapping[str, Any]]) -> Series:
    label = table.text("label")
    method = table.choice("method", tuple(METHODS))
    kind = METHODS[method]
    transfer = None
    if kind is TRAINING:
        transfer = table.optional("transfer", lambda key: targets[table.choice(key, tuple(targets))])
    sizes = {*kind.sizes} | ({"N"} if transfer else set())
    axis = table.choice("axis", tuple(a for a in AXES if a in sizes or a == "k"))
    x = tuple(table.increasing("x"))
    if axis == "k":
        names = table.choices("target", tuple(targets))
        if len(names) != len(x):
            raise InputError(f"{table.path}.target names {len(names)} targets: expected one for each of the {len(x)} x")
    else:
        names = [table.choice("target", tuple(targets))]
    fixed_table = table.table("fixed")
    fixed = {size: fixed_table.integer(size, 1) for size in sorted(sizes - {axis})}
    fixed_table.finish()
    settings = _settings(table, method)
    options = {name: table.integer(name, least, default) for name, (least, default) in kind.options.items()}
    table.finish()
    for m in x if axis == "m" else [fixed["m"]]:
        if kind is TRAINING and m % 2:
            raise InputError(f"{table.path}: m is {m}, expected an even width (neurons come in pairs)")
    frozen = (_frozen(fixed), _frozen(settings), _frozen(options))
    return Series(id, label, method, tuple(targets[name] for name in names), transfer, axis, x, *frozen)


def _thresholds(id: str, table: Table, series: Sequence[Series]) -> Thresholds:
    label = table.text("label")
    by_id = {s.id: s for s in series}
    members = [by_id[name] for name in table.choices("series", tuple(by_id))]
    axis = table.choice("axis", AXES)
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
        _frozen(fixed),
        table.text("source"),
        tuple(PublishedPoint(a, b, c, seeds, resolution) for a, b, c in zip(x, mean, std, strict=True)),
    )
    table.finish()
    return published


def _statement(table: Table, window: tuple[float, float]) -> str:
    """The words of a claim; {from} and {to} in them are the ends of its window, which `[quick]` and overrides may move."""
    words = table.text("statement")
    for place, end in zip(("{from}", "{to}"), window, strict=True):
        words = words.replace(place, spaced(end))
    return words


def _rate(id: str, table: Table, curves: Mapping[str, _Curve]) -> RateClaim:
    series, window = table.choice("series", tuple(curves)), table.window("window")
    claim = RateClaim(
        id=id,
        series=series,
        quantity=_quantity(table, curves, [series]),
        predicted=table.number("predicted"),
        direction=Direction(table.choice("direction", tuple(Direction))),
        rivals=tuple(table.numbers("rivals")),
        window=window,
        minimum_points=table.integer("minimum_points", 1),
        widest_interval=table.number("widest_interval"),
        hides_logarithms=table.boolean("hides_logarithms"),
        statement=_statement(table, window),
        source=table.text("source"),
        does_not_imply=table.text("does_not_imply"),
    )
    table.finish()
    return claim


def _level(id: str, table: Table, curves: Mapping[str, _Curve]) -> LevelClaim:
    series, window = table.choice("series", tuple(curves)), table.window("window")
    claim = LevelClaim(
        id=id,
        series=series,
        quantity=_quantity(table, curves, [series]),
        predicted=table.number("predicted"),
        direction=Direction(table.choice("direction", tuple(Direction))),
        window=window,
        minimum_points=table.integer("minimum_points", 1),
        widest_interval=table.number("widest_interval"),
        statement=_statement(table, window),
        source=table.text("source"),
        does_not_imply=table.text("does_not_imply"),
    )
    table.finish()
    return claim


def _task(series: Series, sizes: Mapping[str, int], seed: int, replicate: int) -> Task:
    kind = METHODS[series.method]
    configuration: dict[str, Any] = {
        "method": series.method,
        "target": _thawed(series.target(sizes[series.axis])),
        **{size: sizes[size] for size in kind.sizes},
        "settings": dict(series.settings),
        **series.options,
        "seed": seed,
        "replicate": replicate,
    }
    if series.transfer is not None:
        configuration["transfer"] = {"target": _thawed(series.transfer), "N": sizes["N"]}
    return Task(configuration, kind.cost(series.method, {**sizes, **series.options}))


def _override(text: str) -> dict[str, Any]:
    """The one-entry document that `KEY=VALUE` stands for."""
    key, equals, value = text.partition("=")
    path = [part.strip() for part in key.split(".")]
    if not equals or not all(path) or len(path) > MAX_DEPTH:
        raise InputError(f"--set {shown(text)}: expected KEY=VALUE with a dotted key, such as --set seeds=3")
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        tree: Any = value
    except (RecursionError, ValueError):
        raise InputError(f"--set {shown(text)}: its value is nested too deeply, or is a number with too many digits") from None
    else:
        parsed = read_toml(f"value = {value}", f"--set {shown(text)}")
        tree = parsed["value"] if len(parsed) == 1 else value
    for part in reversed(path):
        tree = {part: tree}
    return cast(dict[str, Any], tree)


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value


def _thawed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    return [_thawed(item) for item in value] if isinstance(value, tuple) else value
