"""What a result depends on: every module that a run is made with, and nothing that is not part of a program."""

import ast
import json
import subprocess
import sys

import pytest

from steinlab.checks.studies.identity import modules, program, versions

SPY = """
import json, sys
from steinlab.checks.studies.identity import configuration_seed
from steinlab.checks.studies.measure import measure
common = {"target": {"link": "z1 + tanh(z2)"}, "d": 2, "m": 4, "settings": {}, "seed": 0, "replicate": 0}
for method in ("one-step", "random-features", "tangent-kernel"):
    measure(common | {"method": method, "n": 20, "holdout": 10, "test": 10})
for method in ("online-sgd", "single-index-sgd"):
    measure(common | {"method": method, "T": 20, "test": 10, "gap_samples": 10, "neurons": 2 * (method == "online-sgd")})
print(json.dumps(sorted(name for name in sys.modules if name.startswith("steinlab."))))
"""


def test_every_module_that_a_run_imports_is_part_of_its_identity():
    done = subprocess.run([sys.executable, "-c", SPY], capture_output=True, text=True, timeout=300, check=True)
    imported = set(json.loads(done.stdout))
    assert imported <= modules().keys()
    assert {"steinlab.checks.studies.neurons", "steinlab.checks.studies.measure", "steinlab.checks.studies.kinds"} <= imported


def test_how_results_are_judged_and_drawn_is_no_part_of_a_run():
    assert (
        not {f"steinlab.checks.{name}" for name in ("rates", "levels", "summary", "store", "sweep", "study")} & modules().keys()
    )


BEFORE = "class C:\n    def f(self, x):\n        return x + 1\n"


@pytest.mark.parametrize(
    ("after", "same"),
    [
        ("# a comment\n" + BEFORE, True),
        ('"""A docstring."""\n' + BEFORE.replace("class C:", 'class C:\n    """Another."""\n'), True),
        (BEFORE.replace("x + 1", "(x\n            + 1)  # one more"), True),
        (BEFORE.replace("return", '"""And one."""\n        return'), True),
        (BEFORE.replace("+ 1", "+ 2"), False),
        (BEFORE.replace("x + 1", "x - 1"), False),
        (BEFORE.replace("x + 1", "'text'"), False),
        (BEFORE + "C()\n", False),
    ],
)
def test_a_program_is_what_python_runs(after, same):
    assert (program(ast.parse(after)) == program(ast.parse(BEFORE))) is same


@pytest.mark.parametrize(
    "name",
    [
        "steinlab.checks.studies.neurons",
        "steinlab.numerics.methods.ridge_head",
        "steinlab.theory.hermite",
        "steinlab.checks.studies.measure",
    ],
)
def test_an_edit_of_any_of_them_is_another_version(monkeypatch, name):
    before = versions()
    edited = modules()
    edited[name].body.append(ast.parse("edited = True").body[0])
    monkeypatch.setattr("steinlab.checks.studies.identity.modules", lambda: edited)
    assert versions.__wrapped__()["code"] != before["code"]
    assert versions.__wrapped__().keys() == before.keys()
