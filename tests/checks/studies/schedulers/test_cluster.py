"""Workers of a Dask scheduler: what is killed is run elsewhere, what vanishes is told, a study cannot see where it ran."""

import os
import signal
import socket
import threading
import time

import pytest
from dask_cluster import dask_cluster
from small_studies import TINY
from sweep_tasks import square

from steinlab.checks.studies.plan import Task
from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.running import run_study
from steinlab.checks.studies.schedulers.cluster import Cluster
from steinlab.checks.studies.schedulers.processes import Processes
from steinlab.checks.studies.summary import Request
from steinlab.theory.errors import InputError


def tasks(count, **more):
    return [Task({"i": i, **more}) for i in range(count)]


def test_a_study_is_the_same_to_the_byte_wherever_it_runs_and_a_killed_worker_is_not_missed(tmp_path):
    study, request = parse_study(TINY), Request("tiny", False, (), 0)
    with dask_cluster(tmp_path) as cluster:
        run_study(study, request, tmp_path / "there", Cluster(cluster.address))
        found = {}
        for task, outcome in Cluster(cluster.address).run(tasks(24, sleep=0.1), square):
            if not found:
                os.kill(cluster.processes[1].pid, signal.SIGKILL)
            found[task.configuration["i"]] = outcome.measured["value"]
        assert found == {i: i**2 for i in range(24)}
    run_study(study, request, tmp_path / "here", Processes(2))
    for file in ("summary.json", "report.html"):
        assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes()


def test_a_scheduler_that_vanishes_is_told_after_what_had_arrived(tmp_path):
    with dask_cluster(tmp_path) as cluster:
        arriving = Cluster(cluster.address).run(tasks(60, sleep=0.1), square)
        assert next(arriving)[1].ok
        cluster.scheduler.kill()
        with pytest.raises(InputError, match=r"^the scheduler at tcp://\S+ vanished; what is finished is kept"):
            for _ in arriving:
                pass


def test_a_worker_with_another_version_is_told(tmp_path, monkeypatch):
    with dask_cluster(tmp_path) as cluster:
        ours = {"steinlab": "another", "numpy": "1", "code": "2"}
        monkeypatch.setattr("steinlab.checks.studies.schedulers.cluster.versions", lambda: ours)
        with pytest.raises(InputError, match=r"it has steinlab .* where another is asked, numpy .*: install the same there"):
            list(Cluster(cluster.address).run(tasks(2), square))


def test_a_task_that_kills_its_workers_is_a_failure(tmp_path):
    with dask_cluster(tmp_path, workers=6) as cluster:
        deadline = time.monotonic() + 60
        while (tmp_path / "dask_worker.log").read_text().count("Registered to") < 6:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        arriving = Cluster(cluster.address).run([Task({"i": 0, "kill": True}), *tasks(5)[1:]], square)
        found = {task.configuration["i"]: outcome for task, outcome in arriving}
    assert [found[i].ok for i in range(5)] == [False, True, True, True, True]
    assert "killed one after another" in found[0].message


@pytest.mark.parametrize(
    ("threads", "message"),
    [((), "has no worker: start some by: dask worker"), ((1, 3), "has 3 threads, and each must have one")],
)
def test_workers_must_be_there_and_have_one_thread(tmp_path, monkeypatch, threads, message):
    monkeypatch.setattr("steinlab.checks.studies.schedulers.cluster.ANSWER_SECONDS", 2 if not threads else 60)
    with dask_cluster(tmp_path, workers=0) as cluster:
        for count in threads:
            cluster.worker(count)
        deadline = time.monotonic() + 60
        while threads and (tmp_path / "dask_worker.log").read_text().count("Registered to") < len(threads):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        with pytest.raises(InputError, match=message):
            next(Cluster(cluster.address).run(tasks(1), square))


@pytest.mark.parametrize(
    "address",
    ["tcp://127.0.0.1:1", "nonsense", "", "http://a b", "tcp://127.0.0.1:99999999", "tcp://[", "tcp://:9", "a:b", "tcp://\0:1"],
)
def test_an_address_where_nothing_answers_is_told_at_once(address):
    with pytest.raises(InputError, match=r"no Dask scheduler answers there .*; start one by: dask scheduler"):
        Cluster(address)


@pytest.mark.parametrize("hangs_up", [True, False])
def test_what_listens_must_be_a_scheduler(monkeypatch, hangs_up):
    monkeypatch.setattr("steinlab.checks.studies.schedulers.cluster.ANSWER_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        accepting = threading.Thread(target=lambda: other.accept()[0].close() if hangs_up else None)
        accepting.start()
        with pytest.raises(InputError, match=r"no Dask scheduler answers there .*; start one by: dask scheduler"):
            Cluster(f"tcp://127.0.0.1:{other.getsockname()[1]}")
        accepting.join()


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("steinlab.checks.studies.schedulers.cluster.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'pip install "steinlab\[cluster\]"'):
        Cluster("tcp://127.0.0.1:1")
