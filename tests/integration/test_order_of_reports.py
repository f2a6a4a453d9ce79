"""A report does not depend on the reports made before it, nor on how a process happens to hash texts."""

import json
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.checks.assumptions.check import check
from steinlab.theory.targets.target import LinkTarget, Target

TARGETS = [
    "tanh(z1*z2)",
    "relu(z1) + tanh(z2)",
    "abs(z1)**(1/3)",
    "log(1 + z1**2)",
    "sign(z1**3 - z1 + 1/7)",
    "exp(z1/2 - z2)*cos(z1)",
    # equal numbers, with others beside them or not
    "tanh(sqrt(6)*z1 + sqrt(7)*z2)",
    "tanh((sqrt(6) + sqrt(7) + sqrt(2) - sqrt(2))*z1)",
    "tanh((sqrt(7) + sqrt(6))*z1) + abs(z1)",
    "tanh(sqrt(3)*(sqrt(2)*z1) + z2*sqrt(7))",
    "exp(-(2**(1/4))**2*z1**2/9 + z2/3)",
    "exp(z2/3 - sqrt(2)*z1**2/9)",
    "sin(z1/2 + z2*sqrt(3)) - z2",
    "He(2, z1)*sqrt(6) + He(3, z2)*sqrt(7)",
]


def report(text) -> str:
    """The report and, outside its budget, every bit of the balls of three moments."""
    target = Target.from_expression(text)
    found = [check(target).to_dict()]
    if isinstance(target, LinkTarget):
        e = target.expansion
        found += [(c.mid().man_exp(), c.rad().man_exp()) for c in (e.mean.ball(), e.energy(2).ball(), e.variance.ball())]
    return json.dumps(found, default=str)


def reports_of_forks(targets) -> list[str]:
    """Every report in a process of its own, split off from this one before anything was asked."""
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.map(report, targets, chunksize=1)


@cache
def fresh():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return dict(zip(TARGETS, pool.submit(reports_of_forks, TARGETS).result(), strict=True))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="one process a report is slow there")
@given(targets=st.lists(st.sampled_from(TARGETS), min_size=2, max_size=4))
@settings(max_examples=8, deadline=None)
def test_reports_in_any_order(targets):
    for target in targets:
        assert report(target) == fresh()[target]


HASHED = ["tanh(z1*z2)", "abs(z1)**(1/3)*log(1 + z1**2)", "exp(z1/2 - z2)*cos(z1)", "relu(z1) + relu(z2) - abs(z1 - z2)*sign(z1)"]
"""Targets with several kinks, scales and functions."""


def test_reports_are_the_same_for_every_seed_of_the_hashes():
    here = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {here!r}); import {Path(__file__).stem} as t; print(*map(t.report, t.HASHED))"
    runs = [
        subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE)
        for seed in ("1", "20")
    ]
    found = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert found[0] == found[1]
