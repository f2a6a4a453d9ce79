"""The way of a study, from its plan to its page, whoever carries out the tasks."""

import json

import pytest
from small_studies import TINY, changed

from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.running import run_study
from steinlab.checks.studies.schedulers import Processes, attempt
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


def test_a_wrong_setting_is_refused_before_the_folder_is_made(tmp_path):
    study = parse_study(changed("series/one/settings", {"step_rule": "fast"}))
    with pytest.raises(InputError, match="step_rule"):
        run_study(study, Request("tiny", False, (), 0), tmp_path / "out", Here())
    assert not (tmp_path / "out").exists()
