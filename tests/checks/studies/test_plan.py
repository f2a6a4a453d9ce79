"""Tasks are complete: they name no study and no order, and the dear ones are known."""

from small_studies import TINY, changed

from steinlab.checks.studies.configuration import canonical_json
from steinlab.checks.studies.plan import Grid
from steinlab.checks.studies.reading.load import load_study
from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.store import Results


def test_tasks_are_complete_and_do_not_name_the_study():
    runs = Grid(parse_study(TINY), 7).first()
    renamed = Grid(parse_study(changed("name", "other")), 7).first()
    configurations = {run.place: run.task.configuration for run in runs}
    assert set(configurations) == {(s, x, r) for s, sizes in (("one", (8, 16)), ("two", (4, 8))) for x in sizes for r in range(3)}
    assert configurations["one", 8, 1] == {
        "method": "one-step",
        "target": {"link": "He(2, z1)/sqrt(2)", "noise": {"kind": "rademacher", "scale": "1"}},
        "n": 8,
        "d": 2,
        "m": 4,
        "settings": {"center": False},
        "holdout": 20,
        "test": 20,
        "seed": 7,
        "replicate": 1,
    }
    assert configurations == {run.place: run.task.configuration for run in renamed}
    assert len({run.task.key for run in runs}) == len(runs)
    assert configurations["two", 4, 0]["transfer"]["N"] == 4
    canonical_json(configurations["two", 4, 0])


def test_larger_tasks_cost_more():
    study = load_study("damian-figure-1")
    for series in study.series:
        costs = [run.task.cost for run in Grid(study, 0).runs(series) if run.replicate == 0]
        assert costs == sorted(costs)


def test_a_grid_asks_for_nothing_more_whatever_comes_out():
    grid = Grid(parse_study(TINY), 0)
    assert grid.more(Results({}, {})) == grid.more(Results({run.task.key: {} for run in grid.first()}, {})) == []
