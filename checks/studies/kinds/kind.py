"""What a kind of run is: what its sizes are called, what it measures, how, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LARGEST = 1e150
"""Largest number that a run may measure: beyond it the squares in a standard deviation overflow."""


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of run.

    `sizes`: the whole numbers of every run, the one that counts samples first. `options`: further whole numbers of a series,
    (least, default). `quantities`: what a run measures, in words. `settings`: the settings of a method with their defaults.
    `cost`: multiplications, roughly, for a method, its sizes and options: enough to order tasks and to guess the time left.
    `measure`: make the run of a configuration on its target, and return the numbers. `transfers`: whether a network trained on
    one target may be refitted on another. `pairs_neurons`: whether the width is even. `fewest`: samples of the least run.
    `has_target`: whether there is a target at all (`measure` gets None where there is not).
    """

    methods: tuple[str, ...]
    sizes: tuple[str, ...]
    options: Mapping[str, tuple[int, int]]
    quantities: Mapping[str, str]
    settings: Callable[[str], Mapping[str, Any]]
    cost: Callable[[str, Mapping[str, int]], float]
    measure: Callable[[Mapping[str, Any], Any], dict[str, float]]
    transfers: bool = False
    pairs_neurons: bool = False
    fewest: int = 4
    has_target: bool = True


def numbers(result: object, names: Sequence[str]) -> dict[str, float]:
    """The fields named of a result, those that it does not have left out.

    >>> numbers(1 + 2j, ["real", "imag"])
    {'real': 1.0, 'imag': 2.0}
    """
    found = {name: getattr(result, name) for name in names}
    return {name: float(value) for name, value in found.items() if value is not None}
