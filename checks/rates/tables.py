"""A user's own numbers: columns of one length, checked, and grouped into the runs at each size."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from steinlab.checks.rates.points import Array
from steinlab.checks.rates.samples import Sample
from steinlab.theory.errors import InputError


def column(name: str, values: ArrayLike, *, positive: bool = False) -> Array:
    """One column of finite numbers. Raises InputError naming the first that is none."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name}: expected a sequence of numbers, one for each run") from None
    if array.ndim != 1:
        raise InputError(f"{name} has {array.ndim} axes: expected one number for each run")
    bad = array[~(np.isfinite(array) & (array > 0 if positive else True))]
    if len(bad):
        raise InputError(f"{name} contains {bad[0]:g}: expected {'positive ' if positive else ''}finite numbers")
    return array


def number(name: str, value: float) -> float:
    """One number. Raises InputError naming what is none, such as the text "-1/2"."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} is {value!r}: expected a number, such as -0.5") from None


def same_length(**columns: Sequence[object] | Array | None) -> None:
    """Raises InputError unless the columns that are given have one length, and not 0."""
    lengths = {name: len(values) for name, values in columns.items() if values is not None}
    if len(set(lengths.values())) > 1:
        raise InputError(f"{', '.join(f'{name} has {n}' for name, n in lengths.items())} entries: expected one for each run")
    if not all(lengths.values()):
        raise InputError("there are no runs: expected at least three at each of three sizes")


def labelled(seeds: Sequence[Hashable] | None, *keys: Array) -> None:
    """Raises InputError if one seed stands twice at the same sizes."""
    if seeds is None:
        return
    seen = set()
    for place in zip(seeds, *keys, strict=True):
        if place in seen:
            where = ", ".join(f"{key:g}" for key in place[1:])
            raise InputError(f"seed {place[0]} stands twice at {where}: expected one run for each seed and size")
        seen.add(place)


def grouped(x: Array, values: Array, seeds: Sequence[Hashable] | None) -> list[Sample]:
    """The runs at each x, sorted by seed where there are seeds, so that the order of the rows does not matter."""
    listed = None if seeds is None else [_plain(seed) for seed in seeds]
    same_length(x=x, values=values, seeds=listed)
    labelled(listed, x)
    samples = []
    for size in np.unique(x):
        rows = np.flatnonzero(x == size)
        labels = None if listed is None else tuple(listed[row] for row in rows)
        samples.append(Sample(float(size), tuple(map(float, values[rows])), labels=labels))
    return samples


def _plain(seed: Hashable) -> Hashable:
    return seed.item() if isinstance(seed, np.generic) else seed


def chosen(name: str, value: str, options: Sequence[str]) -> str:
    """One of the options. Raises InputError naming them."""
    if value not in options:
        raise InputError(f"{name} is {value!r}: expected one of {', '.join(map(repr, options))}")
    return value


def whole_family(family: int) -> int:
    """How many rates are judged together. Raises InputError unless it is a positive whole number."""
    if isinstance(family, bool) or not isinstance(family, int) or family < 1:
        raise InputError(f"family is {family!r}: expected how many rates are judged together, at least 1")
    return family
