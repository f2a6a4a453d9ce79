"""TOML that somebody else wrote: read within bounds, or refused on one line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from steinlab.theory.errors import InputError

MAX_FILE_BYTES = 1_000_000
"""Largest file."""
MAX_DEPTH = 50
"""Deepest nesting of tables and lists."""
MAX_BITS = 3_000
"""Largest integer, in bits: Python does not write out those of more than 4,300 digits."""


def read_toml_file(path: Path, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The document in a TOML file, with or without a byte order mark. Raises InputError that names the file."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is not a regular file: give a TOML file")
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise InputError(f"{path} is larger than {MAX_FILE_BYTES} bytes: is it the file that you mean?")
        return read_toml(content.decode("utf-8-sig"), str(path), parse_float)
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text: write the file as UTF-8 TOML") from None
    except InputError:
        raise
    except ValueError as error:  # a path with a null byte
        raise InputError(f"cannot read {path}: {error}") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def read_toml(text: str, what: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The TOML document in `text`, which messages call `what`. Raises InputError for what is no TOML, or out of bounds.

    >>> read_toml("a = [1, 0.5]", "an example")
    {'a': [1, 0.5]}
    """
    try:
        document = tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{what} is not valid TOML: {error}") from None
    except RecursionError:
        raise InputError(f"{what} is nested too deeply: the bound is {MAX_DEPTH}") from None
    except ValueError:  # an integer of more than 4,300 digits, a date that is none
        raise InputError(f"{what} holds a number with too many digits, or a date that does not exist") from None
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        if any(type(value) is int and value.bit_length() > MAX_BITS for value in level):
            raise InputError(f"{what} holds an integer of more than {MAX_BITS} bits: use a smaller one")
        tables = [
            value.values() if isinstance(value, Mapping) else value for value in level if isinstance(value, (Mapping, list))
        ]
        level = [value for values in tables for value in values]
        if not level:
            return document
    raise InputError(f"{what} is nested too deeply: the bound is {MAX_DEPTH}")
