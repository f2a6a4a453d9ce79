"""The types of arrays are named once."""

import ast
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import steinlab.numerics
from steinlab.numerics.types import Array

ROOT = Path(steinlab.numerics.__path__[0])


def test_an_array_holds_doubles():
    assert Array == NDArray[np.float64]


def test_no_other_module_has_an_alias_of_its_own():
    for file in sorted(ROOT.rglob("*.py")):
        names = {
            target.id
            for node in ast.parse(file.read_text()).body
            if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("NDArray[")
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        assert not names, file
