"""Runs from a CSV file with a header: columns x, seed, value, or d, n, seed, value, in any order."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from steinlab.numerics.limits import require_memory
from steinlab.theory.errors import InputError

SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Runs:
    """The columns of a file, one entry for each run. `seeds` is None where the file has no column of that name."""

    sizes: dict[str, list[float]]
    values: list[float]
    seeds: list[str] | None


def read_runs(path: Path, sizes: Sequence[str]) -> Runs:
    """The runs of a file: the columns `sizes`, "value" and, if it is there, "seed", which may be any text; others are left.

    Raises InputError naming the line and the cell that is wrong; OSError where the file cannot be read.
    """
    require_memory(20.0 * path.stat().st_size, f"reading {path}", "give fewer rows")
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text: give a CSV file with the columns {', '.join(sizes)}, seed, value") from None
    separator = next((mark for mark in SEPARATORS if lines and mark in lines[0]), ",")
    try:
        rows = [(number, row) for number, row in enumerate(csv.reader(lines, delimiter=separator), 1) if any(map(str.strip, row))]
    except csv.Error as error:
        raise InputError(f"{path} cannot be read as CSV: {error}") from None
    header = [name.strip() for name in rows[0][1]] if rows else []
    wanted = [*sizes, "value"]
    if any(header.count(name) != 1 for name in wanted) or header.count("seed") > 1:
        there = ", ".join(header[:8]) or "nothing"
        raise InputError(f"{path}: its first line is {there}; expected a header with {', '.join([*sizes, 'seed', 'value'])}")
    if len(rows) == 1:
        raise InputError(f"{path} has a header and no runs: expected one line for each run")
    columns: dict[str, list[float]] = {name: [] for name in wanted}
    seeds: list[str] = []
    for number, row in rows[1:]:
        if len(row) != len(header):
            raise InputError(f"{path}, line {number} has {len(row)} cells: expected {len(header)}, as in the header")
        cells = dict(zip(header, map(str.strip, row), strict=True))
        for name in wanted:
            columns[name].append(_number(cells[name], name, positive=name != "value", where=f"{path}, line {number}"))
        seeds.append(cells.get("seed", ""))
    return Runs({name: columns[name] for name in sizes}, columns["value"], seeds if "seed" in header else None)


def _number(cell: str, name: str, *, positive: bool, where: str) -> float:
    try:
        value = float(cell) if "_" not in cell else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (positive and value <= 0):
        raise InputError(f"{where}: {name} is {cell!r}, expected a {'positive' if positive else 'finite'} number")
    return value
