"""Finished tasks on disk: one SQLite file per results folder, written by one process, safe to kill at any moment."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from steinlab.theory.errors import InputError

SCHEMA = "steinlab/results/1"
DATABASE = "results.sqlite"
OUTPUTS = ("summary.json", "report.html")
_ELSEWHERE = "give --out another folder"

_TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE results (
    key TEXT PRIMARY KEY,
    status TEXT NOT NULL CHECK (status IN ('ok', 'failed')),
    configuration TEXT NOT NULL,
    measured TEXT CHECK ((status = 'ok') = (measured IS NOT NULL)),
    message TEXT CHECK ((status = 'failed') = (message IS NOT NULL)),
    seconds REAL NOT NULL,
    environment TEXT NOT NULL
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


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces; floats keep every digit. Equal configurations give equal text.

    >>> canonical_json({"b": 0.1, "a": [1, None]})
    '{"a":[1,null],"b":0.1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@cache
def versions() -> dict[str, str]:
    """What a result depends on besides its configuration: steinlab, NumPy, SciPy, and a digest of the code that computes.

    The digest covers the source of `steinlab.theory`, `steinlab.numerics` and the task that measures, so a result made before
    an edit is never served after it.
    """
    digest = hashlib.sha256()
    for package in ("steinlab.theory", "steinlab.numerics"):
        for root in import_module(package).__path__:
            for source in sorted(Path(root).rglob("*.py")):
                digest.update(f"{package}.{source.relative_to(root)}\n".encode() + source.read_bytes())
    digest.update(Path(__file__).with_name("measure.py").read_bytes())
    known = {package: metadata.version(package) for package in ("steinlab", "numpy", "scipy")}
    return known | {"code": digest.hexdigest()[:12]}


def configuration_key(configuration: Mapping[str, Any]) -> str:
    """SHA-256 of the whole configuration and the versions: the name a result is stored under.

    The study's name is not part of it, so studies that ask for the same run share no more and no less than that run.
    """
    return hashlib.sha256(canonical_json({"configuration": configuration, "versions": versions()}).encode()).hexdigest()


def configuration_seed(configuration: Mapping[str, Any]) -> int:
    """A 63-bit seed: a hash of the configuration alone, never of order, worker or time.

    >>> configuration_seed({"n": 100, "replicate": 0}) == configuration_seed({"replicate": 0, "n": 100})
    True
    """
    return int.from_bytes(hashlib.sha256(b"seed:" + canonical_json(configuration).encode()).digest()[:8], "big") >> 1


def write_atomically(path: Path, text: str) -> None:
    """Replace the file in one step, so that neither a kill nor a full disk leaves half of it.

    A link keeps pointing where it did, and what is no file, such as /dev/stdout, is written to and not replaced. Raises
    OSError naming `path`.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, "utf-8")
        return
    final = path.resolve()
    draft = final.with_name(final.name + ".draft")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(final)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error


class ResultStore:
    """The results of one study in one folder; use it as a context manager.

    Each `record` is one durable transaction (write-ahead log), so a process killed at any moment loses at most the task
    it was running. The file is held exclusively while open: a second sweep on the folder is refused.

    Raises InputError if the folder holds another study, another schema, or files that are not ours; OSError if it
    cannot be written, a full disk included.
    """

    def __init__(self, folder: Path, study: str) -> None:
        self.folder = folder
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
                # Exclusive locking before the first read of the log: no shared memory file, so network folders work.
                self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("BEGIN IMMEDIATE")
                self._check_or_create(study)
                self._connection.execute("COMMIT")
        except BaseException:
            self._connection.close()
            raise

    def _check_or_create(self, study: str) -> None:
        tables = {row[0] for row in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            for statement in _TABLES.split(";\n")[:-1]:
                self._connection.execute(statement)
            self._connection.executemany("INSERT INTO about VALUES (?, ?)", [("schema", SCHEMA), ("study", study)])
            return
        about = dict(self._connection.execute("SELECT key, value FROM about")) if "about" in tables else {}
        if about.get("schema") != SCHEMA:
            raise InputError(f"{self.folder / DATABASE} has schema {about.get('schema')!r}, not {SCHEMA!r}: {_ELSEWHERE}")
        if about.get("study") != study:
            raise InputError(f"{self.folder} holds results of study {about.get('study')!r}, not {study!r}: {_ELSEWHERE}")

    def finished(self) -> dict[str, dict[str, float]]:
        """What the tasks that ended well measured, by key; failures are not among them."""
        with self._explained():
            rows = self._connection.execute("SELECT key, measured FROM results WHERE status = 'ok'").fetchall()
        return {key: json.loads(measured) for key, measured in rows}

    def failures(self) -> dict[str, str]:
        """The messages of the tasks whose last attempt failed, by key."""
        with self._explained():
            return dict(self._connection.execute("SELECT key, message FROM results WHERE status = 'failed'").fetchall())

    def record(self, key: str, configuration: Mapping[str, Any], outcome: Outcome) -> None:
        """Keep one outcome, at once and durably. A failure never replaces a result."""
        measured = None if outcome.measured is None else canonical_json(outcome.measured)
        row = (key, "ok" if outcome.ok else "failed", canonical_json(configuration), measured, outcome.message)
        with self._explained():
            self._connection.execute(
                "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
                "status = excluded.status, measured = excluded.measured, message = excluded.message, "
                "seconds = excluded.seconds, environment = excluded.environment WHERE results.status = 'failed'",
                (*row, outcome.seconds, outcome.environment),
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
