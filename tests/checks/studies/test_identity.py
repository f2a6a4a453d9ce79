"""What a result depends on: every module that a run is made with, and nothing that is not part of a program."""

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.studies.identity import configuration_key, kinds_of, modules, program, versions

SPY = """
import json, sys
from steinlab.checks.studies.configuration import configuration_seed
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
    assert {f"steinlab.checks.studies.{name}" for name in ("neurons", "measure", "kinds.online", "configuration")} <= imported


def test_how_results_are_judged_and_drawn_is_no_part_of_a_run():
    found = modules(kinds_of(["one-step", "online-sgd"]))
    judged = [name for name in found if name.startswith(("steinlab.checks.rates", "steinlab.checks.studies.report"))]
    stages = ("study", "reading.parse", "plan", "schedulers", "sweep", "store", "judgement", "summary", "running")
    assert judged == []
    assert not {f"steinlab.checks.studies.{name}" for name in stages} & modules().keys()
    calibrated = modules(kinds_of(["planted-rate"]))
    assert {"steinlab.checks.rates.judging", "steinlab.checks.studies.kinds.noise"} <= calibrated.keys()
    assert not {"steinlab.checks.studies.kinds.training", "steinlab.numerics.runs"} & calibrated.keys()


def test_a_result_is_named_after_its_own_kind_alone(monkeypatch):
    asked = []
    monkeypatch.setattr("steinlab.checks.studies.identity.versions", lambda kinds: asked.append(kinds) or {})
    for method in ("one-step", "planted-rate", None):
        configuration_key({"method": method})
    assert asked == [{"steinlab.checks.studies.kinds.training"}, {"steinlab.checks.studies.kinds.calibration"}, None]


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
        "steinlab.theory.exact.hermite",
        "steinlab.checks.studies.measure",
    ],
)
def test_an_edit_of_any_of_them_is_another_version(monkeypatch, name):
    before, parse = versions(), ast.parse
    source = Path(importlib.import_module(name).__file__).read_bytes()
    monkeypatch.setattr("ast.parse", lambda text: parse(text + b"\nedited = True\n" if text == source else text))
    assert versions.__wrapped__()["code"] != before["code"]
    assert versions.__wrapped__().keys() == before.keys()


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
configurations = st.dictionaries(st.text(), scalars | st.lists(scalars, max_size=3), max_size=5)


@given(st.floats(0.1, 10, allow_nan=False), st.floats(0.1, 10, allow_nan=False))
def test_two_noise_levels_never_share_a_key(a, b):
    keys = [configuration_key({"n": 10, "noise": {"kind": "gaussian", "scale": s}}) for s in (a, b)]
    assert (keys[0] == keys[1]) == (a == b)


def test_the_key_depends_on_the_versions(monkeypatch):
    before = configuration_key({"n": 1})
    monkeypatch.setattr("steinlab.checks.studies.identity.versions", lambda kinds: {"steinlab": "another"})
    assert configuration_key({"n": 1}) != before


def test_the_versions_name_every_library_that_computes():
    assert {"steinlab", "numpy", "scipy", "code"} <= versions().keys()


@given(configurations, st.randoms(use_true_random=False))
def test_keys_ignore_the_order_of_fields(configuration, random):
    shuffled = list(configuration.items())
    random.shuffle(shuffled)
    assert configuration_key(dict(shuffled)) == configuration_key(configuration)
