"""`steinlab rates` end to end on a study of a few milliseconds."""

import argparse
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from steinlab.checks.commands import rates
from steinlab.checks.studies.shipped import titles
from steinlab.theory.errors import InputError

STUDY = """
schema = "steinlab/study/1"
name = "tiny"
title = "Tiny"
summary = "A study for tests."
source = "nowhere"
quantity = "excess_risk"
seeds = 3
[targets.even]
link = "He(2, z1)/sqrt(2)"
noise = { kind = "rademacher", scale = 1 }
[defaults]
target = "even"
axis = "n"
x = [20, 40]
fixed = { d = 2, m = 4 }
holdout = 50
test = 50
[series.one-step]
label = "one step"
method = "one-step"
[series.kernel]
label = "kernel"
method = "tangent-kernel"
[figures.risk]
title = "Risk"
caption = "Bars."
series = ["one-step", "kernel"]
"""


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(STUDY)
    return str(path)


def rates_command(*arguments):
    parser = argparse.ArgumentParser()
    rates.add_arguments(parser)
    return rates.run(parser.parse_args([str(a) for a in arguments]))


def test_the_list_names_the_shipped_studies(capsys):
    assert rates_command("--list") == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == sorted(titles())


def test_outputs_do_not_depend_on_workers_nor_on_resuming(tmp_path, study, capsys):
    assert rates_command(study, "--out", tmp_path / "a", "--workers", 1, "--json") == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["schema"] == "steinlab/rates/1"
    assert (tmp_path / "a/summary.json").read_text() == printed
    assert rates_command(study, "--out", tmp_path / "b", "--workers", 2, "--set", "seeds=1") == 0
    assert rates_command(study, "--out", tmp_path / "b", "--workers", 2) == 0
    for name in ("summary.json", "report.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert sorted(p.name for p in (tmp_path / "b").iterdir()) == ["report.html", "results.sqlite", "summary.json"]


@pytest.mark.parametrize("found", [True, False])
def test_the_report_is_opened_on_request(tmp_path, study, capsys, monkeypatch, found):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or found)
    assert rates_command(study, "--out", tmp_path / "out", "--workers", 1, "--set", "seeds=1", "--open") == 0
    assert opened == [(tmp_path / "out/report.html").as_uri()]
    assert ("no browser was found" in capsys.readouterr().err) is not found


def test_the_seed_and_overrides_change_the_results(tmp_path, study, capsys):
    means = []
    for i, options in enumerate(([], ["--seed", 1], ["--set", "targets.even.noise.scale=0.5"])):
        rates_command(study, "--out", tmp_path / str(i), "--workers", 1, "--json", *options)
        means.append(json.loads(capsys.readouterr().out)["series"][0]["points"][0]["mean"])
    assert len(set(means)) == 3


def test_failed_runs_exit_1_and_are_named(tmp_path, study, capsys):
    # n = 1 cannot be split into data for the features and data for the head; the rehearsal uses more samples.
    options = ["--set", "series.one-step.settings.fresh_head_data=true", "--set", "series.one-step.x=[1, 40]"]
    assert rates_command(study, "--out", tmp_path / "out", "--workers", 1, *options) == 1
    assert "3 runs failed; the first, one-step at x = 1: InputError: n_samples=1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no study was named"),
        (["nothing-like-it"], "no study is called"),
        (["{study}", "--workers", "0"], "--workers is 0"),
        (["{study}", "--workers", "1", "--scheduler", "tcp://a:1"], "--workers counts processes here, .*: give one of the two"),
        (["{study}", "--quick"], "no \\[quick\\] table"),
        (["{study}", "--set", "seeds=none"], "seeds is 'none'"),
        (["{study}", "--set", "targets.even.link=z1*z2*z3"], "series.one-step: d = 2 is too small"),
        (["{study}", "--out", "{study}"], "is a file"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, study, arguments, message):
    arguments = [a.format(study=study) for a in arguments]
    out = [] if "--out" in arguments else ["--out", tmp_path / "out"]
    with pytest.raises(InputError, match=message):
        rates_command(*arguments, *out)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_another_study_is_left_alone(tmp_path, study):
    rates_command(study, "--out", tmp_path / "out", "--workers", 1)
    before = (tmp_path / "out/summary.json").read_bytes()
    with pytest.raises(InputError, match="holds results of study 'tiny', not 'other'"):
        rates_command(study, "--out", tmp_path / "out", "--set", "name=other")
    assert (tmp_path / "out/summary.json").read_bytes() == before


def test_a_full_disk_keeps_the_last_outputs(tmp_path, study, monkeypatch):
    rates_command(study, "--out", tmp_path / "out", "--workers", 1)
    before = (tmp_path / "out/report.html").read_bytes()

    def full(self, *_):
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        rates_command(study, "--out", tmp_path / "out", "--workers", 1, "--seed", 1)
    monkeypatch.undo()
    assert (tmp_path / "out/report.html").read_bytes() == before
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["report.html", "results.sqlite", "summary.json"]
    assert rates_command(study, "--out", tmp_path / "out", "--workers", 1, "--seed", 1) == 0


def test_ctrl_c_stops_quickly_and_the_rerun_finishes(tmp_path, study):
    # a shell's background job, which may be what runs the tests, ignores Ctrl-C and so would its children
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from steinlab.checks.cli import main; sys.exit(main())"
    )
    options = ["rates", study, "--out", tmp_path / "out", "--workers", "2", "--set", "seeds=300"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, options)], env=environment, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "out/results.sqlite-wal").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert not (tmp_path / "out/summary.json").exists()
    assert rates_command(study, "--out", tmp_path / "out", "--workers", 2) == 0
