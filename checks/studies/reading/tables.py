"""Strict reading of TOML tables: every value is checked as it is taken, and what nobody took is refused."""

from __future__ import annotations

import difflib
import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from steinlab.theory.errors import InputError

T = TypeVar("T")


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the tables of `changes` merged in and its other values replaced."""
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


class Table:
    """A table whose keys are taken one by one, each with what is expected of it; `finish` refuses what nobody took.

    Every method that takes a key raises InputError, naming its path, if it is missing or not what is expected.
    """

    def __init__(self, values: Mapping[str, Any], path: str) -> None:
        self.path = path
        self._values = values
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def finish(self) -> None:
        for key in self._values:
            if key not in self._known:
                raise InputError(unknown_key(self._name(key), key, self._known))

    def everything(self) -> Mapping[str, Any]:
        self._known = list(self._values)
        return self._values

    def optional(self, key: str, read: Callable[[str], T]) -> T | None:
        self._known.append(key)
        return read(key) if key in self._values else None

    def text(self, key: str) -> str:
        return self._take(key, str, "text", lambda v: bool(v.strip()))

    def name(self, key: str) -> str:
        return self._take(key, str, "a name of a-z, 0-9 and hyphens", is_name)

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        return self._take(key, str, _one_of(choices), lambda v: v in choices, default)

    def choices(self, key: str, choices: Sequence[str]) -> list[str]:
        expected = f"a list of names, each {_one_of(choices)}"
        return self._take(key, list, expected, lambda v: len(v) > 0 and all(isinstance(i, str) and i in choices for i in v))

    def boolean(self, key: str) -> bool:
        return self._take(key, bool, "true or false")

    def integer(self, key: str, least: int, default: int | None = None) -> int:
        return self._take(key, int, f"a whole number, at least {least}", lambda v: v >= least, default)

    def number(self, key: str) -> float:
        return float(self._take(key, (int, float), "a finite number", is_number))

    def numbers(self, key: str) -> list[float]:
        return list(map(float, self._take(key, list, "a list of finite numbers", lambda v: all(map(is_number, v)))))

    def increasing(self, key: str) -> list[int]:
        def valid(v: list[Any]) -> bool:
            whole = len(v) > 0 and all(type(i) is int and i >= 1 for i in v)
            return whole and all(a < b for a, b in itertools.pairwise(v))

        return self._take(key, list, "an increasing list of positive whole numbers", valid)

    def window(self, key: str) -> tuple[float, float]:
        def valid(v: list[Any]) -> bool:
            return len(v) == 2 and all(map(is_number, v)) and 0 < v[0] <= v[1]

        low, high = self._take(key, list, "a pair [least x, largest x]", valid)
        return float(low), float(high)

    def raw_table(self, key: str) -> dict[str, Any]:
        return self._take(key, dict, "a table", default={})

    def table(self, key: str) -> Table:
        return Table(self._take(key, dict, "a table"), self._name(key))

    def tables(self, key: str, defaults: Mapping[str, Any] | None = None, optional: bool = False) -> list[tuple[str, Table]]:
        """The tables under `key` by their ids, each on top of `defaults`."""

        def valid(v: dict[str, Any]) -> bool:
            return (optional or len(v) > 0) and all(isinstance(i, dict) for i in v.values())

        found = self._take(key, dict, f"tables [{key}.ID]", valid, {} if optional else None)
        for id in found:
            if not is_name(id):
                raise InputError(f"{self._name(key)}.{id} is a bad name: expected a-z, 0-9 and hyphens")
        return [(id, Table(merged(defaults or {}, table), f"{key}.{id}")) for id, table in found.items()]

    def list_of_tables(self, key: str) -> list[Table]:
        found = self._take(key, list, "a list of tables", lambda v: all(isinstance(i, dict) for i in v), [])
        return [Table(values, f"{self._name(key)}[{i}]") for i, values in enumerate(found)]

    def _name(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _take(
        self,
        key: str,
        kinds: type[T] | tuple[type[T], ...],
        expected: str,
        valid: Callable[[T], bool] = lambda _: True,
        default: T | None = None,
    ) -> T:
        self._known.append(key)
        if key not in self._values:
            if default is None:
                raise InputError(f"{self._name(key)} is missing: expected {expected}")
            return default
        value = self._values[key]
        # TOML's booleans are Python integers too, so the type is compared and not tested with isinstance.
        if type(value) not in (kinds if isinstance(kinds, tuple) else (kinds,)) or not valid(value):
            raise InputError(f"{self._name(key)} is {shown(value)}: expected {expected}")
        taken: T = value
        return taken


def shown(value: object) -> str:
    """A value for a message, shortened."""
    text = repr(value)
    return text if len(text) < 80 else text[:77] + "..."


def unknown_key(path: str, key: str, known: Sequence[str]) -> str:
    """What to say of a key that is not among those known: the nearest one, or all."""
    near = difflib.get_close_matches(key, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(known)}"
    return f"unknown key {path}: {hint}"


def is_name(value: str) -> bool:
    """Whether `value` can name a study, a series or a claim."""
    return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) is not None


def is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _one_of(choices: Sequence[str]) -> str:
    return f"one of {', '.join(map(repr, choices))}" if len(choices) > 1 else repr(choices[0])
