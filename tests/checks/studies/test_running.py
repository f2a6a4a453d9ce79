"""The way of a study, from its plan to its page, whoever carries out the tasks."""

import json
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
import pytest
from small_studies import TINY, changed

from steinlab.checks.studies.plan import Grid
from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.running import run_study
from steinlab.checks.studies.schedulers.attempt import attempt
from steinlab.checks.studies.schedulers.processes import Processes
from steinlab.checks.studies.summary import Request
from steinlab.theory.errors import InputError


class Here:
    def run(self, tasks, function):
        for task in tasks:
            yield task, attempt(function, task.configuration)


def test_the_summary_is_what_is_written_and_depends_on_no_scheduler(tmp_path):
    study, request = parse_study(TINY), Request("tiny", False, (), 0)
    for name, scheduler in (("here", Processes(1)), ("there", Processes(2))):
        summary = run_study(study, request, tmp_path / name, scheduler)
        assert summary == json.loads((tmp_path / name / "summary.json").read_text())
        assert summary["failures"] == []
    for file in ("summary.json", "report.html"):
        assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes()


@dataclass
class MoreSeeds:
    """A plan that asks for three more replicates wherever the runs of a series scatter by more than a tenth of their mean."""

    grid: Grid

    def first(self):
        return self.grid.first()

    def more(self, results):
        risks = defaultdict(list)
        for run in self.grid.first():
            risks[run.series, run.x].append(results.finished[run.task.key]["excess_risk"])
        wide = {point for point, values in risks.items() if np.std(values) > np.mean(values) / 10}
        larger = Grid(replace(self.grid.study, seeds=self.grid.study.seeds + 3), self.grid.seed)
        return [run for run in larger.first() if (run.series, run.x) in wide]


def test_what_a_plan_asks_for_later_is_in_the_summary(tmp_path):
    study, request = parse_study(TINY), Request("tiny", False, (), 0)
    plain = run_study(study, request, tmp_path, Processes(1))
    more = run_study(study, request, tmp_path, Processes(1), plan=MoreSeeds(Grid(study, 0)))
    seeds = []
    for before, after in zip(plain["series"], more["series"], strict=True):
        for old, new in zip(before["points"], after["points"], strict=True):
            assert new["values"][:3] == old["values"]
            seeds.append(new["seeds"])
    assert set(seeds) == {3, 6}
    again = run_study(study, request, tmp_path, Processes(2), plan=MoreSeeds(Grid(study, 0)))
    assert again == more


def test_a_wrong_setting_is_refused_before_the_folder_is_made(tmp_path):
    study = parse_study(changed("series/one/settings", {"step_rule": "fast"}))
    with pytest.raises(InputError, match="step_rule"):
        run_study(study, Request("tiny", False, (), 0), tmp_path / "out", Here())
    assert not (tmp_path / "out").exists()
