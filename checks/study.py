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

from steinlab.checks.levels import LevelClaim, PublishedPoint
from steinlab.checks.rates import Direction, RateClaim
from steinlab.checks.store import canonical_json
from steinlab.checks.strict_toml import Table, is_name, merged, unknown_key
from steinlab.checks.sweep import Task
from steinlab.theory.errors import InputError

SCHEMA = "steinlab/study/1"
AXES = ("n", "N", "d", "m")
QUANTITIES = {
    "excess_risk": "excess squared risk",
    "excess_l1": "excess absolute risk",
    "alignment": "share of ‖W‖² in the principal subspace",
}


MAX_RUNS = 1_000_000
"""Most runs of a study: seeds times sizes, over all series."""


@dataclass(frozen=True)
class Series:
    """One curve: a method with its settings on a target, along `axis` at the points `x`, the other sizes `fixed`.

    With `transfer` (a second target) the network is trained on n samples of `target` and its head refitted on N samples of
    `transfer`, whose risk is then measured. `holdout` samples choose the ridge parameter, `test` points estimate the risk.
    """

    id: str
    label: str
    method: str
    target: Mapping[str, Any]
    transfer: Mapping[str, Any] | None
    axis: str
    x: tuple[int, ...]
    fixed: Mapping[str, int]
    settings: Mapping[str, Any]
    holdout: int
    test: int


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
    """An immutable, validated study. `document` is the whole of it as canonical JSON, overrides applied."""

    name: str
    title: str
    summary: str
    source: str
    quantity: str
    seeds: int
    series: tuple[Series, ...]
    figures: tuple[Figure, ...]
    published: tuple[Published, ...]
    rates: tuple[RateClaim, ...]
    levels: tuple[LevelClaim, ...]
    document: str

    @cached_property
    def _series_by_id(self) -> dict[str, Series]:
        return {series.id: series for series in self.series}

    def find(self, id: str) -> Series:
        """The series named `id`."""
        return self._series_by_id[id]

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
        (entry for entry in resources.files("steinlab.checks.studies").iterdir() if entry.name.endswith(".toml")),
        key=lambda entry: entry.name,
    )
    return {entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text("utf-8"))["title"] for entry in files}


def load_study(name_or_path: str, *, quick: bool = False, overrides: Sequence[str] = ()) -> Study:
    """The study with a shipped name or in a TOML file, with its `[quick]` table merged in and `KEY=VALUE` overrides applied.

    A key is a dotted path into the file and a value is TOML (`series.ntk.x=[10, 100]`); text may leave out its quotes.

    Raises InputError for an unknown study, malformed TOML, and a key that is unknown, missing, or of the wrong type or value.
    """
    if is_name(name_or_path) and not Path(name_or_path).is_file():
        entry = resources.files("steinlab.checks.studies") / f"{name_or_path}.toml"
        if not entry.is_file():
            raise InputError(f"no study is called {name_or_path!r}: expected a TOML file or one of {', '.join(shipped())}")
        text = entry.read_text("utf-8")
    else:
        try:
            text = Path(name_or_path).read_text("utf-8")
        except OSError as error:
            raise InputError(f"cannot read the study {name_or_path!r}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InputError(f"the study {name_or_path!r} is not UTF-8 text: write it as UTF-8 TOML") from None
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"the study {name_or_path!r} is not valid TOML: {error}") from None
    changes = document.pop("quick", {})
    if not isinstance(changes, dict):
        raise InputError(f"quick is {changes!r}: expected a table of the keys to change")
    if quick:
        if not changes:
            raise InputError(f"the study {name_or_path!r} has no [quick] table: leave out --quick")
        document = merged(document, changes)
    for override in overrides:
        document = merged(document, _override(override))
    return parse_study(document)


def parse_study(document: Mapping[str, Any]) -> Study:
    """The study described by a parsed TOML document. Raises InputError naming the first key that is wrong."""
    top = Table(document, "")
    top.choice("schema", (SCHEMA,))
    name = top.name("name")
    title, summary, source = top.text("title"), top.text("summary"), top.text("source")
    quantity = top.choice("quantity", tuple(QUANTITIES))
    seeds = top.integer("seeds", 1)
    targets = {id: _target(table) for id, table in top.tables("targets")}
    defaults = top.raw_table("defaults")
    series = tuple(_series(id, table, targets) for id, table in top.tables("series", defaults))
    if (runs := seeds * sum(len(s.x) for s in series)) > MAX_RUNS:
        raise InputError(f"the study asks for {runs} runs; the bound is {MAX_RUNS}: use fewer seeds or sizes")
    ids = tuple(s.id for s in series)
    axes = {s.id: s.axis for s in series}
    figures = tuple(_figure(id, table, axes, quantity) for id, table in top.tables("figures"))
    published = tuple(_published(id, table, ids, quantity) for id, table in top.tables("published", optional=True))
    rates = tuple(_rate(id, table, ids) for id, table in top.tables("rates", optional=True))
    levels = tuple(_level(id, table, ids) for id, table in top.tables("levels", optional=True))
    top.finish()
    text = canonical_json(document)
    return Study(name, title, summary, source, quantity, seeds, series, figures, published, rates, levels, text)


def _target(table: Table) -> Mapping[str, Any]:
    from steinlab.theory.targets import Target

    target: Mapping[str, Any] = _frozen(Target.from_mapping(table.everything(), table.path).to_mapping())
    return target


def _series(id: str, table: Table, targets: Mapping[str, Mapping[str, Any]]) -> Series:
    label = table.text("label")
    method = _method(table)
    target = targets[table.choice("target", tuple(targets))]
    transfer = table.optional("transfer", lambda key: targets[table.choice(key, tuple(targets))])
    sizes = {"n", "d", "m"} | ({"N"} if transfer else set())
    axis = table.choice("axis", tuple(a for a in AXES if a in sizes))
    x = tuple(table.increasing("x"))
    fixed_table = table.table("fixed")
    fixed = {size: fixed_table.integer(size, 1) for size in sorted(sizes - {axis})}
    fixed_table.finish()
    settings = _settings(table, method)
    holdout, test = table.integer("holdout", 2, 100_000), table.integer("test", 2, 100_000)
    table.finish()
    for m in x if axis == "m" else [fixed["m"]]:
        if m % 2:
            raise InputError(f"{table.path}: m is {m}, expected an even width (neurons come in pairs)")
    return Series(id, label, method, target, transfer, axis, x, _frozen(fixed), _frozen(settings), holdout, test)


def _method(table: Table) -> str:
    from steinlab.numerics.training import METHODS

    return table.choice("method", tuple(METHODS))


def _settings(table: Table, method: str) -> Mapping[str, Any]:
    from steinlab.numerics.training import method_settings

    settings, known = table.raw_table("settings"), tuple(method_settings(method))
    for key, value in settings.items():
        if key not in known:
            raise InputError(unknown_key(f"{table.path}.settings.{key}", key, known))
        if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
            raise InputError(f"{table.path}.settings.{key} is {value!r}: expected a finite number, true, false, or text")
    return settings


def _figure(id: str, table: Table, axes: Mapping[str, str], quantity: str) -> Figure:
    series = tuple(table.choices("series", tuple(axes)))
    if len({axes[s] for s in series}) > 1:
        raise InputError(f"{table.path}.series mixes axes {sorted({axes[s] for s in series})}: draw one axis a figure")
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
        table.choice("quantity", tuple(QUANTITIES), quantity),
        table.choice("kind", ("curves", "distribution"), "curves"),
        table.choice("x_scale", scales, "log"),
        table.choice("y_scale", scales, "log"),
        tuple(guides),
    )
    table.finish()
    return figure


def _published(id: str, table: Table, series: Sequence[str], quantity: str) -> Published:
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
        tuple(table.choices("series", series)),
        table.choice("quantity", tuple(QUANTITIES), quantity),
        _frozen(fixed),
        table.text("source"),
        tuple(PublishedPoint(a, b, c, seeds, resolution) for a, b, c in zip(x, mean, std, strict=True)),
    )
    table.finish()
    return published


def _rate(id: str, table: Table, series: Sequence[str]) -> RateClaim:
    claim = RateClaim(
        id=id,
        series=table.choice("series", series),
        quantity=table.choice("quantity", tuple(QUANTITIES)),
        predicted=table.number("predicted"),
        direction=Direction(table.choice("direction", tuple(Direction))),
        rivals=tuple(table.numbers("rivals")),
        window=table.window("window"),
        minimum_points=table.integer("minimum_points", 1),
        widest_interval=table.number("widest_interval"),
        hides_logarithms=table.boolean("hides_logarithms"),
        statement=table.text("statement"),
        source=table.text("source"),
        does_not_imply=table.text("does_not_imply"),
    )
    table.finish()
    return claim


def _level(id: str, table: Table, series: Sequence[str]) -> LevelClaim:
    claim = LevelClaim(
        id=id,
        series=table.choice("series", series),
        quantity=table.choice("quantity", tuple(QUANTITIES)),
        predicted=table.number("predicted"),
        direction=Direction(table.choice("direction", tuple(Direction))),
        window=table.window("window"),
        minimum_points=table.integer("minimum_points", 1),
        widest_interval=table.number("widest_interval"),
        statement=table.text("statement"),
        source=table.text("source"),
        does_not_imply=table.text("does_not_imply"),
    )
    table.finish()
    return claim


def _task(series: Series, sizes: Mapping[str, int], seed: int, replicate: int) -> Task:
    configuration: dict[str, Any] = {
        "method": series.method,
        "target": _thawed(series.target),
        "n": sizes["n"],
        "d": sizes["d"],
        "m": sizes["m"],
        "settings": dict(series.settings),
        "holdout": series.holdout,
        "test": series.test,
        "seed": seed,
        "replicate": replicate,
    }
    if series.transfer is not None:
        configuration["transfer"] = {"target": _thawed(series.transfer), "N": sizes["N"]}
    return Task(configuration, _cost(series, sizes))


def _cost(series: Series, sizes: Mapping[str, int]) -> float:
    """Multiplications, roughly: enough to order tasks and to guess the time left, nothing more."""
    n, d, m = sizes["n"] + sizes.get("N", 0), sizes["d"], sizes["m"]
    features = m * d if series.method == "tangent-kernel" else m
    solved = min(n, features)
    # Drawing a row and passing it through a neuron takes the time of some 300 multiplications in a matrix product.
    drawn = 300.0 * (n + series.holdout + series.test) * features
    return drawn + (n + series.holdout + series.test) * d * m + n * features * solved + 30.0 * solved**3


def _override(text: str) -> dict[str, Any]:
    """The one-entry document that `KEY=VALUE` stands for."""
    key, equals, value = text.partition("=")
    path = [part.strip() for part in key.split(".")]
    if not equals or not all(path):
        raise InputError(f"--set {text!r}: expected KEY=VALUE with a dotted key, such as --set seeds=3")
    try:
        parsed = tomllib.loads(f"value = {value}")
        tree: Any = parsed["value"] if len(parsed) == 1 else value
    except tomllib.TOMLDecodeError:
        tree = value
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
