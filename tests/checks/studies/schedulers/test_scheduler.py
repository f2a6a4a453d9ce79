"""What every scheduler promises: each task once, with one BLAS thread, in the order given; a failure is an outcome."""

import pytest
from dask_cluster import dask_cluster
from sweep_tasks import square

from steinlab.checks.studies.plan import Task
from steinlab.checks.studies.schedulers.cluster import Cluster
from steinlab.checks.studies.schedulers.processes import Processes


@pytest.fixture(scope="module", params=["processes", "cluster"])
def scheduler(request, tmp_path_factory):
    if request.param == "processes":
        yield Processes(2)
    else:
        with dask_cluster(tmp_path_factory.mktemp("dask")) as cluster:
            yield Cluster(cluster.address)


def outcomes(scheduler, configurations):
    return {task.configuration["i"]: outcome for task, outcome in scheduler.run([Task(c) for c in configurations], square)}


def test_every_task_runs_once_with_one_blas_thread(scheduler, tmp_path):
    log = tmp_path / "log"
    found = outcomes(scheduler, [{"i": i, "log": str(log)} for i in range(60)])
    assert {i: outcome.measured for i, outcome in found.items()} == {i: {"value": i**2, "threads": 1.0} for i in range(60)}
    assert sorted(map(int, log.read_text().split())) == list(range(60))


def test_tasks_start_about_in_the_order_given(scheduler, tmp_path):
    log = tmp_path / "log"
    outcomes(scheduler, [{"i": i, "log": str(log), "sleep": 0.02} for i in range(40)])
    started = list(map(int, log.read_text().split()))
    assert all(abs(place - i) <= 8 for place, i in enumerate(started))


def test_a_failure_is_an_outcome_and_stops_nothing(scheduler):
    found = outcomes(scheduler, [{"i": 0}, {"i": 1, "raise": True}, {"i": 2, "nan": True}, {"i": 3}])
    assert [found[i].ok for i in range(4)] == [True, False, False, True]
    assert found[1].message == "ValueError: planted failure"


def test_nothing_is_asked_of_no_tasks(scheduler):
    assert outcomes(scheduler, []) == {}


def test_whoever_stops_listening_can_go_on(scheduler):
    arriving = scheduler.run([Task({"i": i, "sleep": 0.05}) for i in range(50)], square)
    next(arriving)
    arriving.close()
    assert outcomes(scheduler, [{"i": 7}])[7].measured["value"] == 49
