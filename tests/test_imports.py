"""Imports go down only, and nowhere in a circle: read from the source, so an import inside a function counts too."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("theory", "numerics", "checks")


@cache
def graph():
    """Each module, by its dotted name below the package, with the modules that it imports anywhere in its text."""
    files = {}
    for path in sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "_package" not in parts:
            files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return {name: {target for target in imported(path, files) if target in files} - {name} for name, path in files.items()}


def imported(path, modules):
    """The dotted names that a file may import: of `from a import b` a.b and a, one of which is no module.

    A name that stands in a text counts too, for import_module; and of f"a.{b}", every module of the package a.
    """
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value] if node.value.startswith("steinlab.") else []
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            start = str(node.values[0].value).removeprefix("steinlab.")
            yield from (name for name in modules if start.endswith(".") and name.startswith(start))
        yield from (name.removeprefix("steinlab.") for name in names)


def reachable(start):
    """What importing a module leads to, itself only if a circle leads back."""
    seen, waiting = set(), list(graph()[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += graph()[name]
    return seen


def test_the_graph_sees_imports_inside_functions_and_by_name():
    assert "checks.studies.running" in graph()["checks.commands.rates"]
    assert "checks.studies.report.page" in graph()["checks.studies.running"]
    assert "checks.commands.rates" in graph()["checks.cli"]


def test_no_module_imports_itself_through_others():
    assert {name for name in graph() if name in reachable(name)} == set()


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_go_one_way(layer):
    """checks -> numerics -> theory."""
    above = LAYERS[LAYERS.index(layer) + 1 :]
    wrong = [
        f"{name} imports {target}"
        for name, targets in graph().items()
        for target in targets
        if name.split(".")[0] == layer and target.split(".")[0] in above
    ]
    assert wrong == []
