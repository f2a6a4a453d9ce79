"""Processes: each task once, with one BLAS thread; a failure is an outcome, and a task that kills its worker is found."""

import multiprocessing
import sys

import pytest
from sweep_tasks import square
from threadpoolctl import ThreadpoolController

from steinlab.checks.studies.plan import Task
from steinlab.checks.studies.schedulers import WORKERS_PER_CPU, Processes, _libraries, attempt
from steinlab.theory.errors import InputError


def outcomes(configurations, workers=2):
    return {
        task.configuration["i"]: outcome for task, outcome in Processes(workers).run([Task(c) for c in configurations], square)
    }


def test_every_task_runs_once_with_one_blas_thread(tmp_path):
    log = tmp_path / "log"
    # Many short tasks: several end between two looks at the pool.
    found = outcomes([{"i": i, "log": str(log)} for i in range(60)], workers=3)
    assert {i: outcome.measured for i, outcome in found.items()} == {i: {"value": i**2, "threads": 1.0} for i in range(60)}
    assert sorted(map(int, log.read_text().split())) == list(range(60))


def test_tasks_start_in_the_order_given(tmp_path):
    log = tmp_path / "log"
    outcomes([{"i": i, "log": str(log)} for i in (3, 1, 2)], workers=1)
    assert log.read_text().split() == ["3", "1", "2"]


def test_a_task_that_kills_its_worker_is_blamed_and_no_other():
    found = outcomes([{"i": i, "sleep": 0.05, "kill": i == 4} for i in range(6)])
    assert sorted(i for i, outcome in found.items() if outcome.ok) == [0, 1, 2, 3, 5]
    assert "killed" in found[4].message


def test_workers_do_not_outlive_whoever_stops_listening():
    arriving = Processes(2).run([Task({"i": i, "sleep": 0.1}) for i in range(50)], square)
    next(arriving)
    assert multiprocessing.active_children()
    arriving.close()
    assert not multiprocessing.active_children()


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


def test_libraries_are_looked_for_when_modules_came_and_not_for_each_task(monkeypatch):
    class Counted(ThreadpoolController):
        def __init__(self):
            looked.append(True)
            super().__init__()

    looked = []
    monkeypatch.setattr("steinlab.checks.studies.schedulers.ThreadpoolController", Counted)
    _libraries.cache_clear()
    found = [attempt(square, {"i": i}) for i in range(40)]
    assert len(looked) <= 2
    assert {outcome.measured["threads"] for outcome in found} == {1.0}
    assert all(" x1" in outcome.environment for outcome in found)
    monkeypatch.setitem(sys.modules, "another_module", sys)
    looked.clear()
    attempt(square, {"i": 1})
    assert looked


def test_the_number_of_workers_is_bounded():
    with pytest.raises(InputError, match="--workers is 0: expected a positive number"):
        Processes(0)
    with pytest.raises(InputError, match=f"takes at most .*, {WORKERS_PER_CPU} for each CPU"):
        Processes(10**6)
