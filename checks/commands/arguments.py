"""Values of the command line that several commands read alike."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from steinlab.theory.errors import InputError

if TYPE_CHECKING:
    from steinlab.theory.targets.target import Target

LARGEST = 10**308
"""Bound on the size of a whole number: beyond it there are no floats, and Python soon stops writing it out."""


def whole_number(flag: str, text: str) -> int:
    """An integer from text, read exactly: 10000, 10_000, 1e4 or 10**4.

    >>> whole_number("-n", "1e23"), whole_number("-n", "10_000")
    (100000000000000000000000, 10000)
    """
    try:
        value = exact_fraction(flag, text.replace("_", ""))
    except InputError:
        value = Fraction(1, 2)
    if value.denominator != 1 or abs(value) > LARGEST:
        raise InputError(f"{flag} is {text!r}; give a whole number, such as 10000 or 1e4")
    return int(value)


def exact_fraction(flag: str, text: str) -> Fraction:
    """A rational number from text: 0.05, 1/20 or 5e-2.

    >>> exact_fraction("--tolerance", "5e-2")
    Fraction(1, 20)
    """
    from steinlab.theory.language.polynomial_reader import number  # --help needs none of it

    try:
        value = number(text)
    except InputError as error:
        raise InputError(f"{flag}: {error}") from None
    if not value.is_rational:
        raise InputError(f"{flag} is {text!r}; give a fraction or a decimal, such as 1/20 or 0.05")
    return value.fraction


def read_target(text: str) -> Target:
    """A target: the path of a .toml file, or an expression.

    >>> read_target("z1*z2").latent_dimension
    2
    """
    from pathlib import Path

    from steinlab.theory.targets.target import Target  # --help needs none of it

    return Target.load(Path(text)) if text.endswith(".toml") else Target.from_expression(text)
