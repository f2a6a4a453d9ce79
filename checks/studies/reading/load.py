"""A study by its shipped name or from a file, in its quick form, with fields overridden."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from steinlab.checks.studies import shipped
from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.reading.tables import is_name, merged, shown
from steinlab.checks.studies.study import Study
from steinlab.theory.errors import InputError
from steinlab.theory.language.toml_text import MAX_DEPTH, read_toml, read_toml_file


def load_study(name_or_path: str, *, quick: bool = False, overrides: Sequence[str] = ()) -> Study:
    """The study with a shipped name or in a TOML file, with its `[quick]` table merged in and `KEY=VALUE` overrides applied.

    A key is a dotted path into the file and a value is TOML (`series.ntk.x=[10, 100]`); text may leave out its quotes.

    Raises InputError for an unknown study, malformed TOML, and a key that is unknown, missing, or of the wrong type or value.
    """
    if is_name(name_or_path) and not Path(name_or_path).is_file():
        text = shipped.text(name_or_path)
        if text is None:
            raise InputError(f"no study is called {name_or_path!r}: expected a TOML file or one of {', '.join(shipped.titles())}")
        document = read_toml(text, name_or_path)
    else:
        document = read_toml_file(Path(name_or_path))
    changes = document.pop("quick", {})
    if not isinstance(changes, dict):
        raise InputError(f"quick is {shown(changes)}: expected a table of the keys to change")
    if quick:
        if not changes:
            raise InputError(f"the study {name_or_path!r} has no [quick] table: leave out --quick")
        document = merged(document, changes)
    for override in overrides:
        document = merged(document, _override(override))
    return parse_study(document)


def _override(text: str) -> dict[str, Any]:
    """The one-entry document that `KEY=VALUE` stands for."""
    key, equals, value = text.partition("=")
    path = [part.strip() for part in key.split(".")]
    if not equals or not all(path) or len(path) > MAX_DEPTH:
        raise InputError(f"--set {shown(text)}: expected KEY=VALUE with a dotted key, such as --set seeds=3")
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        tree: Any = value
    except (RecursionError, ValueError):
        raise InputError(f"--set {shown(text)}: its value is nested too deeply, or is a number with too many digits") from None
    else:
        parsed = read_toml(f"value = {value}", f"--set {shown(text)}")
        tree = parsed["value"] if len(parsed) == 1 else value
    for part in reversed(path):
        tree = {part: tree}
    return cast(dict[str, Any], tree)
