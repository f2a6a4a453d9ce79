"""Processes: in the order given, and a task that kills its worker is found; what holds of all is in test_scheduler.py."""

import multiprocessing

import pytest
from sweep_tasks import square

from steinlab.checks.studies.plan import Task
from steinlab.checks.studies.schedulers.processes import WORKERS_PER_CPU, Processes
from steinlab.theory.errors import InputError


def outcomes(configurations, workers=2):
    return {
        task.configuration["i"]: outcome for task, outcome in Processes(workers).run([Task(c) for c in configurations], square)
    }


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


def test_the_number_of_workers_is_bounded():
    with pytest.raises(InputError, match="--workers is 0: expected a positive number"):
        Processes(0)
    with pytest.raises(InputError, match=f"takes at most .*, {WORKERS_PER_CPU} for each CPU"):
        Processes(10**6)
