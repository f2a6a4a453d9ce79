"""The store keeps what finished, refuses what is not its own, and survives a kill."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steinlab.checks.studies.configuration import canonical_json
from steinlab.checks.studies.store import DATABASE, Outcome, Results, ResultStore
from steinlab.theory.errors import InputError


def ok(value: float) -> Outcome:
    return Outcome({"excess_risk": value}, None, 0.1, "test")


def failed(message: str) -> Outcome:
    return Outcome(None, message, 0.1, "test")


def test_results_survive_closing(tmp_path):
    value = 0.1 + 0.2
    with ResultStore(tmp_path, "a") as store:
        store.record("k", {"n": 1}, ok(value))
    with ResultStore(tmp_path, "a") as store:
        assert store.results().finished == {"k": {"excess_risk": value}}


def test_a_failure_is_not_finished_and_can_be_mended_but_never_replaces_a_result(tmp_path):
    with ResultStore(tmp_path, "a") as store:
        store.record("k", {"n": 1}, failed("diverged"))
        assert store.results() == Results({}, {"k": "diverged"})
        store.record("k", {"n": 1}, ok(2.0))
        store.record("k", {"n": 1}, failed("again"))
        assert store.results().finished == {"k": {"excess_risk": 2.0}}
        assert store.results().failures == {}


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
        assert store.results().finished["first"] == {"excess_risk": 1.0}


def test_recorded_results_survive_sigkill(tmp_path):
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom steinlab.checks.studies.store import Outcome, ResultStore\n"
        "store = ResultStore(Path(sys.argv[1]), 'a')\n"
        "for i in range(20):\n    store.record(f'k{i}', {'i': i}, Outcome({'v': float(i)}, None, 0.0, ''))\n"
        f"os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    process = subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, check=False)
    assert process.returncode == -signal.SIGKILL
    with ResultStore(Path(tmp_path), "a") as store:
        assert store.results().finished == {f"k{i}": {"v": float(i)} for i in range(20)}


# -- damage

RESULTS = {f"k{i}": {"excess_risk": i / 7, "excess_l1": -1e-300 * i} for i in range(40)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a database with forty results and a failure."""
    folder = tmp_path_factory.mktemp("whole")
    with ResultStore(folder, "a") as store:
        for i, (key, measured) in enumerate(RESULTS.items()):
            store.record(key, {"i": i, "target": "z1"}, Outcome(measured, None, i / 3, "BLAS x1"))
        store.record("f", {"i": -1}, failed("diverged"))
    return (folder / DATABASE).read_bytes()


def opened(content):
    """What a store says of a database with these bytes: its results, or the refusal."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, DATABASE).write_bytes(content)
        try:
            with ResultStore(Path(folder), "a") as store:
                found, dropped = store.results().finished, store.damaged
                store.record("new", {}, ok(1.0))
                for key in RESULTS.keys() - found.keys():
                    store.record(key, {}, ok(2.0))
            with ResultStore(Path(folder), "a") as store:
                assert store.results().finished == {key: {"excess_risk": 2.0} for key in RESULTS} | found | {
                    "new": {"excess_risk": 1.0}
                }
        except (InputError, OSError) as error:
            return None, str(error)
        return found, dropped


def test_an_undamaged_database_says_what_was_recorded(whole):
    assert opened(whole) == (RESULTS, 0)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255), st.integers(1, 3))
def test_a_flipped_byte_anywhere_never_changes_a_result(whole, place, change, width):
    at = int(place * len(whole))
    content = bytearray(whole)
    for i in range(at, min(at + width, len(whole))):
        content[i] ^= change
    found, said = opened(bytes(content))
    if found is None:
        assert said.strip()
        assert "\n" not in said
    else:
        assert found.items() <= RESULTS.items()
        assert len(found) + said >= len(RESULTS)


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_byte_in_what_was_measured_is_found(whole, seed):
    at = whole.find(canonical_json(RESULTS[f"k{3 * seed}"]).encode()) + 15 + seed % 4
    content = bytearray(whole)
    content[at] ^= 1 + seed
    found, dropped = opened(bytes(content))
    assert dropped == 1
    assert len(found) == len(RESULTS) - 1
    assert found.items() <= RESULTS.items()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("key", "another"),
        ("measured", "not JSON"),
        ("measured", "[1, 2]"),
        ("measured", '{"excess_risk":2.0}'),
        ("measured", '{"excess_risk":NaN}'),
        ("measured", "9" * 5000),
        ("measured", "[" * 5000),
        ("configuration", "{}"),
        ("seconds", 12.5),
        ("environment", "another"),
        ("checksum", "0"),
    ],
)
def test_an_edited_row_is_dropped_and_counted(tmp_path, column, value):
    with ResultStore(tmp_path, "a") as store:
        store.record("k", {"i": 3}, ok(3.0))
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute(f"UPDATE results SET {column} = ?", (value,))
    connection.close()
    with ResultStore(tmp_path, "a") as store:
        assert (store.damaged, store.results().finished) == (1, {})


@pytest.mark.parametrize(
    "statement", ["CREATE VIEW results AS SELECT 1", "CREATE TABLE t (x)", "PRAGMA user_version = 3; CREATE VIEW v AS SELECT 2"]
)
def test_a_database_that_is_not_ours_is_not_written_to(tmp_path, statement):
    path = tmp_path / DATABASE
    with sqlite3.connect(path) as connection:
        connection.executescript(statement)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="give --out another folder"):
        ResultStore(tmp_path, "a")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [DATABASE]


def test_a_folder_of_the_earlier_version_is_refused_in_one_sentence(tmp_path):
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.executescript(
            "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
            "CREATE TABLE results (key TEXT PRIMARY KEY, status TEXT NOT NULL, measured TEXT) STRICT;"
            "INSERT INTO about VALUES ('schema', 'steinlab/results/1'), ('study', 'a');"
        )
    connection.close()
    with pytest.raises(InputError, match=r"has schema 'steinlab/results/1', not 'steinlab/results/2': give --out another folder"):
        ResultStore(tmp_path, "a")
