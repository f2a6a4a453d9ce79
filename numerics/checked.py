"""Checks of settings: each returns the value in its plain Python type or says what was expected."""

import math
import operator
from collections.abc import Sequence
from typing import SupportsIndex

import numpy as np

from steinlab.theory.errors import InputError

__all__ = ["check_choice", "check_flag", "check_integer", "check_number"]


def check_integer(name: str, value: object, *, least: int) -> int:
    """A whole number >= `least`.

    Raises:
        InputError: anything else; booleans and floats are not whole numbers.

    Example:
        >>> check_integer("n", 3, least=1)
        3
    """
    try:
        if isinstance(value, bool | np.bool_) or not isinstance(value, SupportsIndex):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise InputError(f"{name} = {value!r} is not a whole number; give one that is at least {least}") from None
    if number < least:
        raise InputError(f"{name} = {number} is too small; give a whole number that is at least {least}")
    return number


def check_number(name: str, value: object, *, least: float = 0.0, strict: bool = True) -> float:
    """A finite real number > `least` (>= with ``strict=False``).

    Raises:
        InputError: anything else.
    """
    relation = ">" if strict else ">="
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise InputError(f"{name} = {value!r} is not a number; give one {relation} {least:g}")
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond floating point
        number = math.inf
    if not math.isfinite(number) or number < least or (strict and number == least):
        raise InputError(f"{name} = {number:g} is out of range; give a finite number {relation} {least:g}")
    return number


def check_flag(name: str, value: object) -> bool:
    """True or False.

    Raises:
        InputError: anything else.
    """
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name} = {value!r} is not a switch; give True or False")
    return bool(value)


def check_choice(name: str, value: object, options: Sequence[str]) -> str:
    """One of `options`.

    Raises:
        InputError: anything else.
    """
    if not isinstance(value, str) or value not in options:
        raise InputError(f"{name} = {value!r} is unknown; choose from {', '.join(options)}")
    return value
