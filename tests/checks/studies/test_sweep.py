"""Sweeps store each result at once, resume, follow a plan that asks for more, and do not depend on who carries them out."""

import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from dataclasses import dataclass

import pytest
from sweep_tasks import square

from steinlab.checks.studies.plan import Run, Task
from steinlab.checks.studies.schedulers.attempt import attempt
from steinlab.checks.studies.schedulers.processes import Processes
from steinlab.checks.studies.store import DATABASE, Outcome, ResultStore
from steinlab.checks.studies.sweep import sweep

DRIVER = """
import signal, sys
from pathlib import Path
import steinlab.checks.studies.identity, sweep_tasks
from steinlab.checks.studies.plan import Run, Task
from steinlab.checks.studies.store import ResultStore
from steinlab.checks.studies.schedulers.processes import Processes
from steinlab.checks.studies.sweep import sweep

class Listed:
    def first(self):
        return [Run("s", i, 0, Task({"i": i, "sleep": 0.15, "log": log})) for i in range(16)]

    def more(self, results):
        return []

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, its children too
    steinlab.checks.studies.identity.versions = lambda kinds=None: {}
    folder, log = sys.argv[1:]
    with ResultStore(Path(folder), "s") as store:
        sweep(Listed(), sweep_tasks.square, store, Processes(2))
"""


@dataclass
class Listed:
    """A plan of the configurations given, dearer as `i` grows."""

    configurations: list

    def first(self):
        return [Run("s", c["i"], 0, Task(c, cost=c["i"] + 1)) for c in self.configurations]

    def more(self, results):
        return []


class Here:
    """A scheduler of three lines: each task in turn, in this process."""

    def run(self, tasks, function):
        for task in tasks:
            yield task, attempt(function, task.configuration)


@dataclass
class Bisection:
    """A plan that looks for the least i with i² >= 1000, one run after another: each asks for what the last one showed."""

    low: int = 0
    high: int = 64

    def run(self, i):
        return Run("root", i, 0, Task({"i": i}))

    def first(self):
        return [self.run((self.low + self.high) // 2)]

    def more(self, results):
        low, high = self.low, self.high
        while high - low > 1:
            middle = self.run((low + high) // 2)
            if middle.task.key not in results.finished:
                return [middle]
            reached = results.finished[middle.task.key]["value"] >= 1000
            low, high = (low, middle.x) if reached else (middle.x, high)
        return []


def swept(folder, configurations, scheduler=None):
    plan, stream = Listed(configurations), io.StringIO()
    with ResultStore(folder, "s") as store:
        runs = sweep(plan, square, store, scheduler or Processes(2), stream=stream)
        results = store.results()
    names = {run.task.key: run.x for run in runs}
    finished = {names[key]: measured for key, measured in results.finished.items()}
    return finished, {names[key]: message for key, message in results.failures.items()}


def test_dear_tasks_start_first_and_finished_ones_are_not_repeated(tmp_path):
    log = tmp_path / "log"
    configurations = [{"i": i, "log": str(log)} for i in range(5)]
    swept(tmp_path / "out", configurations[:2], Here())
    swept(tmp_path / "out", configurations, Here())
    assert log.read_text().split() == ["1", "0", "4", "3", "2"]


def test_whoever_carries_out_the_tasks_leaves_no_trace(tmp_path):
    configurations = [{"i": i} for i in range(5)]
    found = [
        swept(tmp_path / str(i), configurations, scheduler) for i, scheduler in enumerate([Processes(1), Processes(3), Here()])
    ]
    assert found[0] == found[1] == found[2]


def test_failures_are_recorded_and_tried_again(tmp_path):
    configurations = [{"i": 0}, {"i": 1, "raise": True}, {"i": 2, "nan": True}]
    for _ in range(2):
        finished, failures = swept(tmp_path / "out", configurations)
        assert list(finished) == [0]
        assert failures == {1: "ValueError: planted failure", 2: "not a number of size at most 1e+150: value = nan"}


@pytest.mark.parametrize("scheduler", [Processes(1), Here()], ids=["processes", "here"])
def test_a_plan_may_ask_for_more_after_it_has_seen_results(tmp_path, scheduler):
    with ResultStore(tmp_path, "s") as store:
        runs = sweep(Bisection(), square, store, scheduler, stream=io.StringIO())
        assert [run.x for run in runs] == [32, 16, 24, 28, 30, 31]
        assert len(store.results().finished) == 6
        again = sweep(Bisection(), lambda c: pytest.fail("made again"), store, Here(), stream=io.StringIO())
        assert [run.x for run in again] == [32, 16, 24, 28, 30, 31]


def test_a_plan_that_asks_for_a_failed_run_again_and_again_ends(tmp_path):
    class Stubborn(Listed):
        def more(self, results):
            return self.first()

    with ResultStore(tmp_path, "s") as store:
        runs = sweep(Stubborn([{"i": 1, "raise": True}]), square, store, Here(), stream=io.StringIO())
    assert [run.x for run in runs] == [1]


def test_the_driver_keeps_little_of_each_of_many_tasks(tmp_path):
    class Light(Here):
        def run(self, tasks, function):
            outcome = Outcome({"excess_risk": 0.5, "threads": 1.0}, None, 0.0, "")
            yield from ((task, outcome) for task in tasks)

    peaks, shared = [], {"link": "z1"}
    for count in (99, 100, 2100):  # the first pays for what is kept for all
        configurations = [{"i": i, "target": shared, "seed": 0} for i in range(count)]
        tracemalloc.start()
        with ResultStore(tmp_path / str(count), "s") as store:
            sweep(Listed(configurations), square, store, Light(), stream=io.StringIO())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[2] - peaks[1]) / 2000 < 1200  # bytes: 100,000 tasks in 120 MB


def test_runs_of_two_places_may_share_a_task(tmp_path):
    log = tmp_path / "log"

    class Twice(Listed):
        def first(self):
            return [Run(series, 1, 0, Task({"i": 1, "log": str(log)})) for series in ("a", "b")]

    with ResultStore(tmp_path / "out", "s") as store:
        runs = sweep(Twice([]), square, store, Here(), stream=io.StringIO())
    assert [run.series for run in runs] == ["a", "b"]
    assert log.read_text().split() == ["1"]


def test_a_damaged_result_is_made_again(tmp_path, capsys):
    swept(tmp_path, [{"i": 3}], Here())
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute("UPDATE results SET measured = '{\"value\":2.0}'")
    connection.close()
    with ResultStore(tmp_path, "s") as store:
        sweep(Listed([{"i": 3}]), square, store, Here())
        assert [measured["value"] for measured in store.results().finished.values()] == [9.0]
    assert "1 stored results were damaged and are dropped: their runs are made again" in capsys.readouterr().err


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_sweep_resumes_where_it_was(tmp_path, stop, monkeypatch):
    monkeypatch.setattr(
        "steinlab.checks.studies.identity.versions", lambda kinds=None: {}
    )  # the source may be edited while the test runs
    folder, log = tmp_path / "out", tmp_path / "log"
    (tmp_path / "driver.py").write_text(DRIVER)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    process = subprocess.Popen([sys.executable, tmp_path / "driver.py", folder, log], env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not log.exists() or len(log.read_text().split()) < 6:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(stop)
    assert process.wait(30) != 0
    with ResultStore(folder, "s") as store:
        before = len(store.results().finished)
    assert 0 < before < 16
    time.sleep(0.4)  # orphans, if any, would still be writing
    started = len(log.read_text().split())
    time.sleep(0.4)
    assert len(log.read_text().split()) == started
    finished, _ = swept(folder, [{"i": i, "sleep": 0.15, "log": str(log)} for i in range(16)], Processes(4))
    assert sorted(finished) == list(range(16))
    assert len(log.read_text().split()) == started + 16 - before
    assert (folder / DATABASE).exists()


def test_progress_off_a_terminal_is_a_few_lines(tmp_path, monkeypatch):
    clock = iter(range(0, 10000, 6))
    monkeypatch.setattr("steinlab.checks.studies.sweep.time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    with ResultStore(tmp_path / "out", "s") as store:
        sweep(Listed([{"i": i} for i in range(20)]), square, store, Here(), stream=stream)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 9
    assert lines[0].startswith("2/20 runs, about ")
    assert "\r" not in stream.getvalue()
