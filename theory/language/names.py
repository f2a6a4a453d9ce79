"""The names that may be called in an expression, read off the table of functions of links.

The table takes longer to import than a check of a polynomial may: it is asked for once a call stands in an expression that no
polynomial needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from steinlab.theory.links.functions import Composed, FloatFunction, RealFunction

POLYNOMIAL_FUNCTIONS = {"sqrt": 1, "He": 2}
"""Functions of polynomial targets with their number of arguments: sqrt of a constant, He(k, u)."""
_OF_SEVERAL = ("Max", "Min", "Piecewise")
"""What is built of several arguments, and no function of one variable."""


class Names(NamedTuple):
    """`known`: functions of links in a canonical text. `renamed`: other names of them. `composed`: what is written out with them.

    `floats`: values in floating point of the known functions of one variable. `instead`: what to type for functions that are
    none of these.
    """

    known: frozenset[str]
    renamed: Mapping[str, str]
    composed: Mapping[str, Composed]
    floats: Mapping[str, FloatFunction]
    instead: Mapping[str, str]


@cache
def names() -> Names:
    """The names of the table.

    >>> names().renamed["arctan"], names().composed["swish"].text
    ('atan', '(u*sigmoid(u))')
    """
    from steinlab.theory.links.functions import COMPOSED, FUNCTIONS, INSTEAD  # takes longer than polynomials may

    rows: dict[str, RealFunction | Composed] = {**FUNCTIONS, **COMPOSED}
    floats = {name: row.floats for name, row in rows.items() if row.floats}
    renamed = {"max": "Max", "min": "Min"} | {other: name for name in floats for other in rows[name].also}
    composed = {each: row for name, row in COMPOSED.items() if row.text for each in (name, *row.also)}
    return Names(frozenset([*floats, *_OF_SEVERAL]), renamed, composed, floats, INSTEAD)


def every_name() -> frozenset[str]:
    """Every function that may be typed, also those that `spelling` writes out."""
    table = names()
    return frozenset([*POLYNOMIAL_FUNCTIONS, *table.known, *table.renamed, *table.composed])
