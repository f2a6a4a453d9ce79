"""What makes a run the run that it is: its configuration, and the code and libraries that carry it out."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from steinlab.checks.studies.configuration import canonical_json
from steinlab.checks.studies.kinds.menu import KINDS, METHODS

PACKAGE, ROOT = "steinlab", "steinlab.checks.studies.measure"
_MODULE = re.compile(r"steinlab\.(theory|numerics|checks)(\.\w+)+")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def versions(kinds: frozenset[str] | None = None) -> dict[str, str]:
    """What a result depends on besides its configuration: steinlab, NumPy, SciPy, and a digest of the code that computes.

    The digest is over the programs of all modules that `measure` imports, itself or through others, so a result made before an
    edit is never served after it; of the kinds of runs only those named (see `kinds_of`), default all. Comments, docstrings and
    layout are no part of a program.
    """
    digest = hashlib.sha256()
    for name, made in sorted(modules(kinds).items()):
        digest.update(f"{name} {made}\n".encode())
    known = {package: metadata.version(package) for package in (PACKAGE, "numpy", "scipy")}
    return known | {"code": digest.hexdigest()[:12]}


def kinds_of(methods: Iterable[str]) -> frozenset[str]:
    """The modules of the kinds of runs that make these methods."""
    return frozenset(METHODS[method].measure.__module__ for method in methods)


def modules(kinds: frozenset[str] | None = None) -> dict[str, str]:
    """The modules of the package that carry out runs of these kinds, each with a digest of its program.

    They are those that `measure` imports, at once or later, itself or through others, but for other kinds.
    """
    found: dict[str, str] = {}
    others = frozenset() if kinds is None else frozenset(kind.measure.__module__ for kind in KINDS) - kinds
    waiting = [ROOT]
    while waiting:
        name = waiting.pop()
        source = None if name in found or name in others else _source(name)
        if source is not None:
            tree = ast.parse(source.read_bytes())  # one at a time: the trees of all of them are large
            waiting += _imported(tree)
            found[name] = hashlib.sha256(program(tree).encode()).hexdigest()
            waiting.append(name.rpartition(".")[0])
    return found


@cache
def _source(name: str) -> Path | None:
    """The file of a module in one of the packages; None for the package of them all, which holds names and no programs."""
    _, *parts = name.split(".")
    if not parts:
        return None
    for folder in map(Path, import_module(f"{PACKAGE}.{parts[0]}").__path__):
        path = folder.joinpath(*parts[1:])
        for source in (path / "__init__.py", path.with_suffix(".py")):
            if source.is_file():
                return source
    return None


def _imported(tree: ast.Module) -> Iterator[str]:
    """The modules of the package that a module names in its imports; of `from a import b` both a and a.b, where that is one.

    And those that it names in text, as a table of what is imported later does.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith(f"{PACKAGE}."))
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith(f"{PACKAGE}."):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _MODULE.fullmatch(node.value):
            yield node.value


def program(tree: ast.Module) -> str:
    """What Python runs of a module, in one form: without comments, docstrings and layout.

    >>> program(ast.parse("x = (2*3)  # six")) == program(ast.parse("x = 2 * 3"))
    True
    """
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def configuration_key(configuration: Mapping[str, Any]) -> str:
    """SHA-256 of the whole configuration and the versions: the name a result is stored under.

    The study's name is not part of it, so studies that ask for the same run share no more and no less than that run.
    """
    method = configuration.get("method")
    made_with = versions(kinds_of([method]) if method in METHODS else None)
    return hashlib.sha256(canonical_json({"configuration": configuration, "versions": made_with}).encode()).hexdigest()
