"""Finished tasks on disk: one SQLite file per results folder, written by one process, safe to kill at any moment."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steinlab.checks.studies.configuration import canonical_json
from steinlab.theory.errors import InputError

SCHEMA = "steinlab/results/2"
"""Version 2 keeps a checksum with each result; folders of version 1 are refused."""
DATABASE = "results.sqlite"
OUTPUTS = ("summary.json", "report.html")
_ELSEWHERE = "give --out another folder"

_COLUMNS = "key, status, configuration, measured, message, seconds, environment"
_TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE results (
    key TEXT PRIMARY KEY,
    status TEXT NOT NULL CHECK (status IN ('ok', 'failed')),
    configuration TEXT NOT NULL,
    measured TEXT CHECK ((status = 'ok') = (measured IS NOT NULL)),
    message TEXT CHECK ((status = 'failed') = (message IS NOT NULL)),
    seconds REAL NOT NULL,
    environment TEXT NOT NULL,
    checksum TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True)
class Outcome:
    """How a task ended: `measured` numbers if it is ok, else a one-line `message`; never both.

    `seconds` and `environment` (BLAS threads and library) are kept for the record and enter no summary.
    """

    measured: Mapping[str, float] | None
    message: str | None
    seconds: float
    environment: str

    @property
    def ok(self) -> bool:
        return self.measured is not None


@dataclass(frozen=True)
class Results:
    """What is known of each task by its key: the numbers it measured, or why its last attempt failed."""

    finished: Mapping[str, Mapping[str, float]]
    failures: Mapping[str, str]

    def of(self, keys: Container[str]) -> Results:
        """What is known of these tasks alone."""
        finished = {key: measured for key, measured in self.finished.items() if key in keys}
        return Results(finished, {key: message for key, message in self.failures.items() if key in keys})


def _text(content: bytes) -> str:
    """Text that may be damaged: what is not UTF-8 is kept as surrogates, and fails its checksum."""
    return content.decode("utf-8", "surrogateescape")


def _measured(text: str) -> dict[str, float]:
    """The numbers of one row; the names, which are those of all rows, are kept once."""
    return {sys.intern(name): value for name, value in json.loads(text).items()}


def _checksum(row: Sequence[object]) -> str:
    """SHA-256 of a row, each value with its type."""
    return hashlib.sha256(ascii(tuple(row)).encode()).hexdigest()


class ResultStore:
    """The results of one study in one folder; use it as a context manager.

    Each `record` is one durable transaction (write-ahead log), so a process killed at any moment loses at most the task
    it was running. The file is held exclusively while open: a second sweep on the folder is refused. Every row carries a
    checksum of all that it says; rows that fail it are dropped when the folder is opened, and counted in `damaged`, so that
    their tasks are run again.

    Raises InputError if the folder holds another study, another schema, or files that are not ours, or a database whose
    structure is damaged; nothing is written then. OSError if it cannot be written, a full disk included.
    """

    def __init__(self, folder: Path, study: str) -> None:
        self.folder = folder
        self.damaged = 0
        path = folder / DATABASE
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file: give --out a folder")
        if not path.exists():
            strangers = [name for name in OUTPUTS if (folder / name).exists()]
            if strangers:
                raise InputError(f"{folder} holds a {strangers[0]} but no {DATABASE}: {_ELSEWHERE}")
        folder.mkdir(parents=True, exist_ok=True)
        with self._explained():
            self._connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        try:
            with self._explained():
                self._connection.text_factory = _text
                # Exclusive locking before the first read of the log: no shared memory file, so network folders work.
                self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                new = self._is_new(study)  # before the first write: what is not ours stays as it is
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("BEGIN IMMEDIATE")
                if new:
                    self._create(study)
                self._drop_damaged()
                self._connection.execute("COMMIT")
        except BaseException:
            self._connection.close()
            raise

    def _is_new(self, study: str) -> bool:
        """Whether the database is empty; InputError unless it is, or holds results of this study."""
        names = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}  # views and triggers too
        if not names:
            return True
        about = dict(self._connection.execute("SELECT key, value FROM about")) if {"about", "results"} <= names else {}
        if about.get("schema") != SCHEMA:
            raise InputError(f"{self.folder / DATABASE} has schema {about.get('schema')!r}, not {SCHEMA!r}: {_ELSEWHERE}")
        if about.get("study") != study:
            raise InputError(f"{self.folder} holds results of study {about.get('study')!r}, not {study!r}: {_ELSEWHERE}")
        if self._connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise InputError(f"{self.folder / DATABASE} is damaged: move it away, or {_ELSEWHERE}")
        return False

    def _create(self, study: str) -> None:
        for statement in _TABLES.split(";\n")[:-1]:
            self._connection.execute(statement)
        self._connection.executemany("INSERT INTO about VALUES (?, ?)", [("schema", SCHEMA), ("study", study)])

    def _drop_damaged(self) -> None:
        rows = self._connection.execute(f"SELECT rowid, {_COLUMNS}, checksum FROM results")
        bad = [(row,) for row, *content, checksum in rows if _checksum(content) != checksum]
        self._connection.executemany("DELETE FROM results WHERE rowid = ?", bad)
        self.damaged = len(bad)

    def results(self) -> Results:
        """What is known of every task: what it measured if it ended well, else the message of its last attempt."""
        with self._explained():
            finished = self._connection.execute("SELECT key, measured FROM results WHERE status = 'ok'")
            failed = self._connection.execute("SELECT key, message FROM results WHERE status = 'failed'")
            return Results({key: _measured(text) for key, text in finished}, dict(failed))

    def finished(self) -> set[str]:
        """The keys of the tasks that ended well."""
        with self._explained():
            return {key for (key,) in self._connection.execute("SELECT key FROM results WHERE status = 'ok'")}

    def record(self, key: str, configuration: Mapping[str, Any], outcome: Outcome) -> None:
        """Keep one outcome, at once and durably. A failure never replaces a result."""
        measured = None if outcome.measured is None else canonical_json(outcome.measured)
        status, seconds = "ok" if outcome.ok else "failed", float(outcome.seconds)
        row = (key, status, canonical_json(configuration), measured, outcome.message, seconds, outcome.environment)
        with self._explained():
            self._connection.execute(
                f"INSERT INTO results ({_COLUMNS}, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
                "status = excluded.status, configuration = excluded.configuration, measured = excluded.measured, "
                "message = excluded.message, seconds = excluded.seconds, environment = excluded.environment, "
                "checksum = excluded.checksum WHERE results.status = 'failed'",
                (*row, _checksum(row)),
            )

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> ResultStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's errors as one line that says what to do."""
        path = self.folder / DATABASE
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "") or ""
            if name.startswith("SQLITE_FULL") or name == "SQLITE_IOERR_WRITE":
                raise OSError(f"no room left to write {path}: free some space and rerun, the study resumes") from error
            if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                raise InputError(f"{self.folder} is in use by another process: wait for it, or {_ELSEWHERE}") from error
            if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
                raise InputError(f"{path} is not a results database: move it away, or {_ELSEWHERE}") from error
            raise OSError(f"cannot use {path}: {error}") from error
