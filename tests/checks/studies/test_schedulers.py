"""Sweeps store each result at once, record failures as failures, resume, and do not depend on the workers."""

import importlib
import io
import os
import signal
import subprocess
import sys
import time

import pytest

from steinlab.checks.studies.identity import configuration_key
from steinlab.checks.studies.schedulers import Task, run_sweep
from steinlab.checks.studies.store import DATABASE, ResultStore
from steinlab.theory.errors import InputError

# Workers import their task by name, so it lives in a module on the path (which spawned processes inherit).
TASKS = """
import os, signal, time

def square(c):
    if c.get("log"):
        with open(c["log"], "a") as f:
            f.write(f"{c['i']}\\n")
    time.sleep(c.get("sleep", 0))
    if c.get("raise"):
        raise ValueError("planted\\nfailure")
    if c.get("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    return {"value": float("nan") if c.get("nan") else c["i"] ** 2, "threads": threads()}

def threads():
    import numpy, threadpoolctl
    numpy.ones((2, 2)) @ numpy.ones((2, 2))
    return max([lib["num_threads"] for lib in threadpoolctl.threadpool_info()])
"""

DRIVER = """
import signal, sys
from pathlib import Path
import steinlab.checks.studies.identity, sweep_tasks
from steinlab.checks.studies.store import ResultStore
from steinlab.checks.studies.schedulers import Task, run_sweep

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, its children too
    steinlab.checks.studies.identity.versions = dict
    folder, log = sys.argv[1:]
    tasks = [Task({"i": i, "sleep": 0.15, "log": log}) for i in range(16)]
    with ResultStore(Path(folder), "s") as store:
        run_sweep(tasks, sweep_tasks.square, store, workers=2)
"""


@pytest.fixture
def square(tmp_path, monkeypatch):
    (tmp_path / "sweep_tasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("sweep_tasks", None)
    yield importlib.import_module("sweep_tasks").square
    sys.modules.pop("sweep_tasks", None)


def sweep(folder, function, configurations, workers=2):
    tasks = [Task(c, cost=c["i"] + 1) for c in configurations]
    with ResultStore(folder, "s") as store:
        run_sweep(tasks, function, store, workers=workers, stream=io.StringIO())
        names = {configuration_key(c): c["i"] for c in configurations}
        finished = {names[key]: measured for key, measured in store.finished().items()}
        failures = {names[key]: message for key, message in store.failures().items()}
    return finished, failures


def test_every_task_runs_once_with_one_blas_thread(tmp_path, square):
    log = tmp_path / "log"
    # Many short tasks: several end between two looks at the pool.
    finished, failures = sweep(tmp_path / "out", square, [{"i": i, "log": str(log)} for i in range(60)], workers=3)
    assert finished == {i: {"value": i**2, "threads": 1.0} for i in range(60)}
    assert failures == {}
    assert sorted(map(int, log.read_text().split())) == list(range(60))


def test_dear_tasks_start_first_and_finished_ones_are_not_repeated(tmp_path, square):
    log = tmp_path / "log"
    configurations = [{"i": i, "log": str(log)} for i in range(5)]
    sweep(tmp_path / "out", square, configurations[:2], workers=1)
    sweep(tmp_path / "out", square, configurations, workers=1)
    assert log.read_text().split() == ["1", "0", "4", "3", "2"]


def test_the_number_of_workers_leaves_no_trace(tmp_path, square):
    configurations = [{"i": i} for i in range(5)]
    assert sweep(tmp_path / "a", square, configurations, 1) == sweep(tmp_path / "b", square, configurations, 3)


def test_failures_are_recorded_on_one_line_and_tried_again(tmp_path, square):
    configurations = [{"i": 0}, {"i": 1, "raise": True}, {"i": 2, "nan": True}]
    for _ in range(2):
        finished, failures = sweep(tmp_path / "out", square, configurations)
        assert list(finished) == [0]
        assert failures == {1: "ValueError: planted failure", 2: "not a number of size at most 1e+150: value = nan"}


def test_a_task_that_kills_its_worker_is_blamed_and_no_other(tmp_path, square):
    configurations = [{"i": i, "sleep": 0.05, "kill": i == 4} for i in range(6)]
    finished, failures = sweep(tmp_path / "out", square, configurations)
    assert sorted(finished) == [0, 1, 2, 3, 5]
    assert list(failures) == [4]
    assert "killed" in failures[4]


def test_no_workers_is_refused(tmp_path, square):
    with pytest.raises(InputError, match="--workers is 0"):
        sweep(tmp_path / "out", square, [], workers=0)


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_sweep_resumes_where_it_was(tmp_path, square, stop, monkeypatch):
    monkeypatch.setattr("steinlab.checks.studies.identity.versions", dict)  # the source may be edited while the test runs
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
        before = len(store.finished())
    assert 0 < before < 16
    time.sleep(0.4)  # orphans, if any, would still be writing
    started = len(log.read_text().split())
    time.sleep(0.4)
    assert len(log.read_text().split()) == started
    finished, _ = sweep(folder, square, [{"i": i, "sleep": 0.15, "log": str(log)} for i in range(16)], workers=4)
    assert sorted(finished) == list(range(16))
    assert len(log.read_text().split()) == started + 16 - before
    assert (folder / DATABASE).exists()


def test_progress_off_a_terminal_is_a_few_lines(tmp_path, square, monkeypatch):
    clock = iter(range(0, 10000, 6))
    monkeypatch.setattr("steinlab.checks.studies.schedulers.time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    with ResultStore(tmp_path / "out", "s") as store:
        run_sweep([Task({"i": i}) for i in range(20)], square, store, workers=1, stream=stream)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 9
    assert lines[0].startswith("2/20 runs, about ")
    assert "\r" not in stream.getvalue()
