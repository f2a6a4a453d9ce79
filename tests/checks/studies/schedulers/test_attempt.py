"""A failure is an outcome; a task has one BLAS thread."""

import contextlib
import sys

import pytest
from sweep_tasks import square
from threadpoolctl import ThreadpoolController

from steinlab.checks.studies.schedulers.attempt import PATIENCE, _libraries, attempt, patience


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"i": 1, "raise": True}, "ValueError: planted failure"),
        ({"i": 1, "nan": True}, "not a number of size at most 1e+150: value = nan"),
        ({"i": 10**80}, "not a number of size at most 1e+150: value = 1e+160"),
    ],
)
def test_a_failure_is_an_outcome_on_one_line(configuration, message):
    outcome = attempt(square, configuration)
    assert (outcome.ok, outcome.measured, outcome.message) == (False, None, message)
    assert attempt(square, {"i": 3}).measured["value"] == 9


def forever(configuration):
    while True:
        with contextlib.suppress(Exception):  # as a task may do with exceptions of its own
            sum(range(1000))


def test_a_task_that_never_ends_is_given_up_and_the_next_one_is_not():
    outcome = attempt(forever, {}, 0.2)
    assert (outcome.measured, outcome.message) == (
        None,
        "not done after 0.2 seconds, many times what was predicted: it was given up",
    )
    assert attempt(square, {"i": 3, "sleep": 0.3}, 100).ok


def test_patience_grows_with_the_cost():
    assert patience(0) == PATIENCE
    assert patience(3e9) == PATIENCE + 3000


def test_libraries_are_looked_for_when_modules_came_and_not_for_each_task(monkeypatch):
    class Counted(ThreadpoolController):
        def __init__(self):
            looked.append(True)
            super().__init__()

    looked = []
    monkeypatch.setattr("steinlab.checks.studies.schedulers.attempt.ThreadpoolController", Counted)
    _libraries.cache_clear()
    found = [attempt(square, {"i": i}) for i in range(40)]
    assert len(looked) <= 2
    assert {outcome.measured["threads"] for outcome in found} == {1.0}
    assert all(" x1" in outcome.environment for outcome in found)
    monkeypatch.setitem(sys.modules, "another_module", sys)
    looked.clear()
    attempt(square, {"i": 1})
    assert looked
