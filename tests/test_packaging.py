"""What is in the folders is in the package: each is listed, and importable as steinlab.*."""

import importlib
import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

import steinlab

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("theory", "numerics", "checks")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS = SETTINGS["tool"]["setuptools"]

FOLDERS = sorted(path.parent.relative_to(ROOT) for layer in LAYERS for path in (ROOT / layer).rglob("__init__.py"))
FILES = sorted(path.relative_to(ROOT) for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))


def package_of(folder):
    return "steinlab" if folder == Path("checks/_package") else ".".join(["steinlab", *folder.parts])


def module_of(file):
    if file.stem == "__init__":
        return package_of(file.parent)
    return f"{package_of(file.parent)}.{file.stem}"


def test_the_walk_finds_the_layers():
    assert {Path("theory"), Path("numerics"), Path("checks"), Path("checks/commands"), Path("checks/_package")} <= set(FOLDERS)
    assert Path("theory/exact/hermite.py") in FILES


def test_every_folder_is_listed_and_nothing_else():
    expected = {package_of(folder): str(folder) for folder in FOLDERS}
    assert SETUPTOOLS["package-dir"] == expected
    assert sorted(SETUPTOOLS["packages"]) == sorted(expected)


def test_every_python_file_lies_in_a_listed_folder():
    """A module in a folder without __init__.py would be missing from the wheel, silently."""
    assert {file.parent for file in FILES} <= set(FOLDERS)


def test_every_data_file_is_listed():
    patterns = SETUPTOOLS["package-data"]
    for folder in FOLDERS:
        for file in (ROOT / folder).iterdir():
            if file.is_file() and file.suffix not in (".py", ".pyc"):
                globs = patterns.get(package_of(folder), [])
                assert any(file.match(glob) for glob in globs), f"{file.relative_to(ROOT)} is not in package-data"


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_module_is_importable_from_where_it_is_installed(file):
    name = module_of(file)
    if name.endswith("__main__"):
        assert (ROOT / file).exists()
        return
    module = importlib.import_module(name)
    assert module.__name__ == name
    assert (module.__doc__ or "").strip(), f"{name} does not say what it is"


def test_version_and_marker():
    assert steinlab.__version__ == importlib.metadata.version("steinlab")
    assert (Path(steinlab.__file__).parent / "py.typed").exists()
    assert SETTINGS["project"]["scripts"]["steinlab"] == "steinlab.checks.cli:main"


def test_no_folder_hides_the_package():
    """A folder named steinlab at the root would shadow the installed package under `python -m pytest`."""
    assert not (ROOT / "steinlab").exists()


def test_the_lowest_versions_are_those_that_the_project_allows():
    project = SETTINGS["project"]
    allowed = dict(
        re.fullmatch(r"([\w-]+)>=([\d.]+)", r).groups()
        for r in project["dependencies"] + project["optional-dependencies"]["test"]
    )
    lines = (ROOT / "constraints-lowest.txt").read_text().splitlines()
    pinned = dict(line.lower().split("==") for line in lines if line and not line.startswith("#"))
    assert {name: pinned[name] for name in allowed} == {
        name: version + ".0" * (pinned[name] == version + ".0") for name, version in allowed.items()
    }
