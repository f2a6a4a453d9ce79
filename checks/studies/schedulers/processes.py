"""Parallel processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for_any

from steinlab.checks.studies.plan import Task
from steinlab.checks.studies.schedulers.attempt import Function, attempt, patience
from steinlab.checks.studies.schedulers.scheduler import Finished
from steinlab.checks.studies.store import Outcome
from steinlab.theory.errors import InputError

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
WORKERS_PER_CPU = 4
"""Most worker processes for each CPU: more of them only wait for each other."""
_KILLED = "its worker process was killed, most likely for want of memory: use fewer --workers or a smaller size"


@dataclass(frozen=True)
class Processes:
    """Spawned processes of this machine, each with one BLAS thread.

    A task that kills its process is found by running the suspects one at a time. KeyboardInterrupt stops the workers and is
    raised again.

    Raises InputError if `workers` is not positive, or more than WORKERS_PER_CPU for each CPU.
    """

    workers: int

    def __post_init__(self) -> None:
        most = WORKERS_PER_CPU * (os.cpu_count() or 1)
        if self.workers < 1:
            raise InputError(f"--workers is {self.workers}: expected a positive number of processes")
        if self.workers > most:
            raise InputError(f"--workers is {self.workers}: this machine takes at most {most}, {WORKERS_PER_CPU} for each CPU")

    def run(self, tasks: Sequence[Task], function: Function) -> Finished:
        pending, suspects = deque(tasks), deque[Task]()
        while pending or suspects:
            # A crash does not say which of the tasks in flight caused it: those run again one by one, after the others.
            alone = not pending
            queue, width = (suspects, 1) if alone else (pending, self.workers)
            flying = yield from _drain(queue, function, min(width, len(queue)))
            if alone:
                for task in flying:
                    yield task, Outcome(None, _KILLED, 0.0, "")
            else:
                suspects += flying


def _drain(queue: deque[Task], function: Function, width: int) -> Generator[tuple[Task, Outcome], None, list[Task]]:
    """Run `queue` in one pool until it is empty or the pool breaks; return the tasks in flight when it broke."""
    flying: dict[Future[Outcome], Task] = {}
    with _pool(width) as pool:
        while queue or flying:
            while queue and len(flying) < width:
                try:
                    future = pool.submit(attempt, function, dict(queue[0].configuration), patience(queue[0].cost))
                except BrokenProcessPool:
                    break
                flying[future] = queue.popleft()
            landed, _ = wait(flying, return_when=FIRST_COMPLETED)
            broken = not landed  # nothing was accepted: the pool broke while idle
            for future in landed:
                if isinstance(future.exception(), BrokenProcessPool):
                    broken = True
                else:
                    yield flying.pop(future), future.result()
            if broken:
                return list(flying.values())
    return []


@contextmanager
def _pool(width: int) -> Iterator[ProcessPoolExecutor]:
    """Spawned workers that start with one BLAS thread, leave Ctrl-C to us, and never outlive us."""
    before = set(multiprocessing.active_children())
    with _one_thread_for_children():
        pool = ProcessPoolExecutor(width, multiprocessing.get_context("spawn"), _prepare_worker)
        try:
            yield pool
        except BaseException:
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        pool.shutdown(wait=True)


@contextmanager
def _one_thread_for_children() -> Iterator[None]:
    """The BLAS libraries read these once, when NumPy is imported, so they must stand before a child starts."""
    saved = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _prepare_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    # A killed parent cannot tell its workers to stop, and each holds both ends of the queue it waits on.
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for_any([parent.sentinel])
        os._exit(1)
