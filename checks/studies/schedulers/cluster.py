"""The workers of a Dask scheduler, on this machine or others."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from steinlab.checks.studies.identity import versions
from steinlab.checks.studies.plan import Task
from steinlab.checks.studies.schedulers.attempt import Function, attempt, patience
from steinlab.checks.studies.schedulers.scheduler import Finished
from steinlab.checks.studies.store import Outcome
from steinlab.theory.errors import InputError

if TYPE_CHECKING:
    from distributed import Client, Future

ANSWER_SECONDS = 10
"""How long a scheduler may take to answer, and to have a worker."""
AHEAD = 4
"""Tasks handed out for each worker: enough that none waits for us, and few enough that memory does not grow with the study."""
_KILLED = "the processes that ran it were killed one after another, most likely for want of memory: use a smaller size"


class _Stranger(Exception):
    """A worker has another steinlab, NumPy or SciPy than we have."""


@dataclass(frozen=True)
class Cluster:
    """The workers of the Dask scheduler at `address`, such as tcp://10.0.0.5:8786; each must have one thread.

    What a task measures is kept by who listens, as it arrives; a worker that dies has its tasks run elsewhere, and a task that
    kills its workers is a failure.

    Raises InputError if no scheduler listens at the address, or Dask is not installed; in `run`, if it has no worker, if one has
    several threads (a task's arithmetic would depend on its neighbours) or other versions of the code than we have, and if the
    scheduler vanishes.
    """

    address: str

    def __post_init__(self) -> None:
        if find_spec("distributed") is None:
            raise InputError('--scheduler needs Dask: pip install "steinlab[cluster]"')
        try:
            place = urlsplit(self.address)
            if place.scheme not in ("tcp", "tls") or place.hostname is None or place.port is None:
                raise ValueError("expected tcp://HOST:PORT")
            with socket.create_connection((place.hostname, place.port), ANSWER_SECONDS) as connection:
                if place.scheme == "tcp" and not connection.recv(1):  # a scheduler speaks first; for one that does not Dask waits
                    raise OSError("it hangs up")
        except (OSError, ValueError, OverflowError) as error:
            raise self._silent(error) from error

    def run(self, tasks: Sequence[Task], function: Function) -> Finished:
        if not tasks:
            return
        from distributed import as_completed  # Dask is an extra, and slow to import

        with self._client() as client:
            waiting, flying = deque(tasks), dict[str, Task]()
            ours = versions()

            def hand_out() -> Future:
                task = waiting.popleft()
                arguments = (function, dict(task.configuration), patience(task.cost), ours)
                future = client.submit(_attempt, *arguments, key=f"steinlab-{task.key}", pure=False, priority=len(waiting))
                flying[future.key] = task
                return future

            width = AHEAD * _workers(client, self.address)
            with self._told():
                arriving = as_completed([hand_out() for _ in range(min(width, len(waiting)))], loop=client.loop)
            for future in arriving:
                with self._told():
                    task, outcome = flying.pop(future.key), _outcome(future)
                yield task, outcome
                with self._told():
                    if waiting:
                        arriving.add(hand_out())

    @contextmanager
    def _client(self) -> Iterator[Client]:
        from distributed import Client

        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # of a lost connection it tells in tracebacks
        try:
            client = Client(self.address, timeout=ANSWER_SECONDS, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise self._silent(error) from error
        with client:
            yield client

    def _silent(self, error: Exception) -> InputError:
        told = f"no Dask scheduler answers there ({' '.join(str(error).split())}); start one by: dask scheduler"
        return InputError(f"--scheduler is {self.address!r}: {told}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What Dask raises as one line that says what to do."""
        kept = "what is finished is kept, and the same command goes on"
        try:
            yield
        except (OSError, CancelledError, asyncio.CancelledError) as error:
            raise InputError(f"the scheduler at {self.address} vanished; {kept}") from error
        except Exception as error:  # of the worker, not of the task, whose exceptions are outcomes
            reason = " ".join(str(error).split())
            raise InputError(f"a worker of {self.address} cannot carry out a task: {reason}; {kept}") from error


def _outcome(future: Future) -> Outcome:
    from distributed import KilledWorker

    try:
        outcome: Outcome = future.result()
    except KilledWorker:
        return Outcome(None, _KILLED, 0.0, "")
    return outcome


def _attempt(function: Function, configuration: Mapping[str, Any], seconds: float, expected: Mapping[str, str]) -> Outcome:
    """What a worker does."""
    ours = versions()
    if ours != expected:
        other = [name for name in expected if ours.get(name) != expected[name]]
        told = ", ".join(f"{name} {ours.get(name)} where {expected[name]} is asked" for name in other)
        raise _Stranger(f"it has {told}: install the same there")
    return attempt(function, configuration, seconds)


def _workers(client: Client, address: str) -> int:
    """How many workers there are; InputError where there is none, or one with several threads."""
    try:
        client.wait_for_workers(1, timeout=ANSWER_SECONDS)
    except TimeoutError:
        raise InputError(f"the scheduler at {address} has no worker: start some by: dask worker {address} --nthreads 1") from None
    threads = client.nthreads()
    wide = next((name for name, count in threads.items() if count != 1), None)
    if wide is not None:
        told = f"the worker {wide} has {threads[wide]} threads, and each must have one"
        raise InputError(f"{told}: dask worker {address} --nthreads 1")
    return len(threads)
