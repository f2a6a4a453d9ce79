"""The store keeps what finished, refuses what is not its own, and survives a kill."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.store import (
    DATABASE,
    Outcome,
    ResultStore,
    canonical_json,
    configuration_key,
    configuration_seed,
    versions,
    write_atomically,
)
from steinlab.theory.errors import InputError

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
configurations = st.dictionaries(st.text(), scalars | st.lists(scalars, max_size=3), max_size=5)


def ok(value: float) -> Outcome:
    return Outcome({"excess_risk": value}, None, 0.1, "test")


def failed(message: str) -> Outcome:
    return Outcome(None, message, 0.1, "test")


@given(configurations)
def test_canonical_json_keeps_every_value(configuration):
    assert json.loads(canonical_json(configuration)) == configuration


@given(configurations, st.randoms(use_true_random=False))
def test_keys_and_seeds_ignore_the_order_of_fields(configuration, random):
    shuffled = list(configuration.items())
    random.shuffle(shuffled)
    assert configuration_key(dict(shuffled)) == configuration_key(configuration)
    assert configuration_seed(dict(shuffled)) == configuration_seed(configuration)


@given(st.floats(0.1, 10, allow_nan=False), st.floats(0.1, 10, allow_nan=False))
def test_two_noise_levels_never_share_a_key(a, b):
    keys = [configuration_key({"n": 10, "noise": {"kind": "gaussian", "scale": s}}) for s in (a, b)]
    assert (keys[0] == keys[1]) == (a == b)


@given(configurations)
def test_seeds_fit_in_63_bits(configuration):
    assert 0 <= configuration_seed(configuration) < 2**63


def test_the_key_depends_on_the_versions(monkeypatch):
    before = configuration_key({"n": 1})
    monkeypatch.setattr("steinlab.checks.store.versions", lambda: {"steinlab": "another"})
    assert configuration_key({"n": 1}) != before


def test_results_survive_closing(tmp_path):
    value = 0.1 + 0.2
    with ResultStore(tmp_path, "a") as store:
        store.record("k", {"n": 1}, ok(value))
    with ResultStore(tmp_path, "a") as store:
        assert store.finished() == {"k": {"excess_risk": value}}


def test_a_failure_is_not_finished_and_can_be_mended_but_never_replaces_a_result(tmp_path):
    with ResultStore(tmp_path, "a") as store:
        store.record("k", {"n": 1}, failed("diverged"))
        assert store.finished() == {}
        assert store.failures() == {"k": "diverged"}
        store.record("k", {"n": 1}, ok(2.0))
        store.record("k", {"n": 1}, failed("again"))
        assert store.finished() == {"k": {"excess_risk": 2.0}}
        assert store.failures() == {}


def test_another_study_is_refused(tmp_path):
    ResultStore(tmp_path, "a").close()
    with pytest.raises(InputError, match="holds results of study 'a', not 'b'"):
        ResultStore(tmp_path, "b")


def test_another_schema_is_refused(tmp_path):
    ResultStore(tmp_path, "a").close()
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute("UPDATE about SET value = 'steinlab/results/0' WHERE key = 'schema'")
    connection.close()
    with pytest.raises(InputError, match="schema 'steinlab/results/0'"):
        ResultStore(tmp_path, "a")


def test_somebody_elses_database_is_refused_and_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(InputError, match="schema None"):
        ResultStore(tmp_path, "a")


def test_a_file_that_is_not_a_database_is_refused_and_left_alone(tmp_path):
    (tmp_path / DATABASE).write_text("not a database, but long enough to have a header " * 50)
    with pytest.raises(InputError, match="is not a results database"):
        ResultStore(tmp_path, "a")
    assert (tmp_path / DATABASE).read_text().startswith("not a database")


def test_a_folder_with_a_strange_report_is_refused(tmp_path):
    (tmp_path / "report.html").write_text("mine")
    with pytest.raises(InputError, match=r"holds a report\.html but no results\.sqlite"):
        ResultStore(tmp_path, "a")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="is a file"):
        ResultStore(tmp_path / "out", "a")


def test_a_second_writer_is_refused(tmp_path):
    with ResultStore(tmp_path, "a"), pytest.raises(InputError, match="in use by another"):
        ResultStore(tmp_path, "a")


def test_a_full_disk_loses_nothing_that_was_recorded(tmp_path):
    with ResultStore(tmp_path, "a") as store:
        store.record("first", {}, ok(1.0))
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OSError, match="no room left"):  # noqa: PT012 - which record fills the file is SQLite's affair
            for i in range(1000):
                store.record(f"k{i}", {"padding": "x" * 500}, ok(1.0))
    with ResultStore(tmp_path, "a") as store:
        assert store.finished()["first"] == {"excess_risk": 1.0}


def test_recorded_results_survive_sigkill(tmp_path):
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom steinlab.checks.store import Outcome, ResultStore\n"
        "store = ResultStore(Path(sys.argv[1]), 'a')\n"
        "for i in range(20):\n    store.record(f'k{i}', {'i': i}, Outcome({'v': float(i)}, None, 0.0, ''))\n"
        f"os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    process = subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, check=False)
    assert process.returncode == -signal.SIGKILL
    with ResultStore(Path(tmp_path), "a") as store:
        assert store.finished() == {f"k{i}": {"v": float(i)} for i in range(20)}


def test_writing_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new"


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, "text")
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert pipe.is_fifo()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path, "text")
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]


def test_a_file_that_cannot_be_written_is_named_and_no_draft_is_left(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere/out\.json'$"):
        write_atomically(tmp_path / "nowhere/out.json", "text")
    assert list(tmp_path.iterdir()) == []


def test_the_versions_name_every_library_that_computes():
    assert {"steinlab", "numpy", "scipy", "code"} <= versions().keys()
