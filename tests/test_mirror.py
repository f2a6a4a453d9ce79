"""`tests/` mirrors the code one to one: theory/exact/numbers.py is tested in tests/theory/exact/test_numbers.py."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("theory", "numerics", "checks")


def mirror(file):
    return Path("tests", file.parent, f"test_{file.name}")


def modules():
    """Every module that can be tested by itself: not what only names a package, nor the package of them all."""
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("*.py")):
            file = path.relative_to(ROOT)
            if path.name != "__init__.py" and file.parts[:2] != ("checks", "_package"):
                yield file


def test_every_module_has_its_test():
    assert [str(mirror(file)) for file in modules() if not (ROOT / mirror(file)).is_file()] == []


def test_every_test_has_its_module():
    """What is about several modules lies in tests/ itself or, of links from their text to their numbers, in tests/integration."""
    expected = {mirror(file) for file in modules()} | {Path("tests/checks/studies/test_shipped.py")}  # a package with programs
    found = {path.relative_to(ROOT) for layer in LAYERS for path in (ROOT / "tests" / layer).rglob("test_*.py")}
    assert sorted(map(str, found - expected)) == []
