"""The studies that come with the package, one TOML file each."""

from __future__ import annotations

import tomllib
from importlib import resources

from steinlab.checks.studies.reading.words import worded

_FOLDER = resources.files(__name__)


def titles() -> dict[str, str]:
    """The shipped studies: name → title."""
    files = sorted((entry for entry in _FOLDER.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return {entry.name.removesuffix(".toml"): worded(tomllib.loads(entry.read_text("utf-8")))["title"] for entry in files}


def text(name: str) -> str | None:
    """The file of a shipped study; None if there is no study of this name."""
    entry = _FOLDER / f"{name}.toml"
    return entry.read_text("utf-8") if entry.is_file() else None
