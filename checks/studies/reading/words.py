"""The words of a study, with the numbers that stand in it: {dotted.path} in any text, {from} and {to} in a claim."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from steinlab.checks.studies.reading.tables import is_number


def worded(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with each {dotted.path} in its texts replaced by the number that stands there; other braces stay.

    >>> worded({"caption": "d = {fixed.d}, {x.1} steps", "fixed": {"d": 20}, "x": [1, 32000]})["caption"].split("steps")[0]
    'd = 20, 32\\u202f000 '
    """

    def number(match: re.Match[str]) -> str:
        value: Any = document
        for part in match[1].split("."):
            if isinstance(value, Mapping) and part in value:
                value = value[part]
            elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
                value = value[int(part)]
            else:
                return match[0]
        return spaced(value) if is_number(value) else match[0]

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return re.sub(r"\{([a-z0-9-]+(?:\.[A-Za-z0-9_-]+)+)\}", number, value)
        if isinstance(value, Mapping):
            return {key: fill(item) for key, item in value.items()}
        return [fill(item) for item in value] if isinstance(value, list) else value

    return {key: fill(item) for key, item in document.items()}


def spaced(number: float) -> str:
    """A number in words for people, thousands apart.

    >>> spaced(0.5), len(spaced(100_000))
    ('0.5', 7)
    """
    return f"{number:,.15g}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def with_window(words: str, window: tuple[float, float]) -> str:
    """The words of a claim; {from} and {to} in them are the ends of its window, which `[quick]` and overrides may move.

    >>> with_window("After {to} steps", (1, 200))
    'After 200 steps'
    """
    for place, end in zip(("{from}", "{to}"), window, strict=True):
        words = words.replace(place, spaced(end))
    return words
