"""Run independent tasks in parallel processes; keep each result the moment it is finished; resume after any stop."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for_any
from typing import Any, TextIO

import tqdm
from threadpoolctl import threadpool_info, threadpool_limits

from steinlab.checks.studies.identity import configuration_key
from steinlab.checks.studies.kinds import LARGEST
from steinlab.checks.studies.store import Outcome, ResultStore
from steinlab.theory.errors import InputError

Function = Callable[[Mapping[str, Any]], Mapping[str, float]]
"""One task: a module-level function from a JSON configuration to the numbers it measured."""

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
class Task:
    """A configuration to run and its rough cost in arbitrary units: dear tasks start first, the clock counts cost."""

    configuration: Mapping[str, Any]
    cost: float = 1.0


def require_workers(workers: int) -> None:
    """InputError if `workers` is not positive, or more than WORKERS_PER_CPU for each CPU."""
    most = WORKERS_PER_CPU * (os.cpu_count() or 1)
    if workers < 1:
        raise InputError(f"--workers is {workers}: expected a positive number of processes")
    if workers > most:
        raise InputError(f"--workers is {workers}: this machine takes at most {most}, {WORKERS_PER_CPU} for each CPU")


def run_sweep(
    tasks: Sequence[Task],
    function: Function,
    store: ResultStore,
    *,
    workers: int,
    stream: TextIO | None = None,
) -> None:
    """Run every task that `store` does not hold yet, each in a spawned process with one BLAS thread.

    The result of a task depends on its configuration alone, so neither the number of workers nor the order of arrival
    can be seen in the store. An exception in a task is recorded as its failure and the sweep goes on; a task that kills
    its process is found by running the suspects one at a time. KeyboardInterrupt stops the workers and is raised again;
    what was finished by then is in the store. Progress goes to `stream` (default standard error).

    Raises InputError as `require_workers`.
    """
    require_workers(workers)
    stream = stream or sys.stderr
    if store.damaged:
        print(f"{store.damaged} stored results were damaged and are dropped: their runs are made again", file=stream, flush=True)
    done = store.finished().keys()
    distinct = {configuration_key(task.configuration): task for task in tasks}
    pending = deque(sorted((key for key in distinct if key not in done), key=lambda key: (-distinct[key].cost, key)))
    suspects: deque[str] = deque()

    def finish(key: str, outcome: Outcome) -> None:
        store.record(key, distinct[key].configuration, outcome)
        progress.advance(distinct[key].cost, outcome.ok)

    with _Progress(len(distinct), [distinct[key].cost for key in pending], stream) as progress:
        while pending or suspects:
            # A crash does not say which of the tasks in flight caused it: those run again one by one, after the others.
            alone = not pending
            queue, width = (suspects, 1) if alone else (pending, workers)
            for key in _drain(queue, distinct, function, min(width, len(queue)), finish):
                if alone:
                    finish(key, Outcome(None, _KILLED, 0.0, ""))
                else:
                    suspects.append(key)


def _drain(
    queue: deque[str],
    tasks: Mapping[str, Task],
    function: Function,
    width: int,
    finish: Callable[[str, Outcome], None],
) -> list[str]:
    """Run `queue` in one pool until it is empty or the pool breaks; return the tasks in flight when it broke."""
    flying: dict[Future[Outcome], str] = {}
    with _pool(width) as pool:
        while queue or flying:
            while queue and len(flying) < width:
                try:
                    future = pool.submit(_attempt, function, dict(tasks[queue[0]].configuration))
                except BrokenProcessPool:
                    break
                flying[future] = queue.popleft()
            landed, _ = wait(flying, return_when=FIRST_COMPLETED)
            broken = not landed  # nothing was accepted: the pool broke while idle
            for future in landed:
                if isinstance(future.exception(), BrokenProcessPool):
                    broken = True
                else:
                    finish(flying.pop(future), future.result())
            if broken:
                return sorted(flying.values())
    return []


def _attempt(function: Function, configuration: Mapping[str, Any]) -> Outcome:
    """Run one task where it stands, with one BLAS thread, turning any exception or non-finite number into a failure."""
    start = time.perf_counter()
    measured: dict[str, float] | None = None
    message = None
    with threadpool_limits(1):
        try:
            measured = {name: float(value) for name, value in function(configuration).items()}
            wrong = [f"{name} = {value}" for name, value in measured.items() if not abs(value) <= LARGEST]
            if wrong:
                measured, message = None, f"not a number of size at most {LARGEST:g}: {', '.join(wrong)}"
        except Exception as error:
            message = f"{type(error).__name__}: {' '.join(str(error).split())}".encode(errors="replace").decode()
        libraries = sorted({f"{lib['internal_api']} {lib['version']} x{lib['num_threads']}" for lib in threadpool_info()})
    return Outcome(measured, message, time.perf_counter() - start, ", ".join(libraries))


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


class _Progress:
    """A bar with the time left on a terminal; elsewhere a line when another tenth is done, at most every 5 seconds."""

    def __init__(self, total: int, costs: Sequence[float], stream: TextIO) -> None:
        self._total, self._done, self._failed = total, total - len(costs), 0
        self._start = self._last_line = time.monotonic()
        self._stream = stream
        self._cost_done, self._cost_total = 0.0, sum(costs)
        self._tenth = 0
        self._bar = tqdm.tqdm(
            total=self._cost_total,
            file=stream,
            disable=not (stream.isatty() and costs),
            desc=self._counts(),
            bar_format="{desc} {percentage:3.0f}%|{bar}| {elapsed} gone, {remaining} left",
            smoothing=0.05,
            leave=False,
        )
        if costs and self._done and not stream.isatty():
            print(f"{self._done} of {total} runs were finished before; going on", file=stream, flush=True)

    def _counts(self) -> str:
        return f"{self._done}/{self._total} runs" + (f", {self._failed} failed" if self._failed else "")

    def advance(self, cost: float, ok: bool) -> None:
        self._done += 1
        self._failed += not ok
        self._cost_done += cost
        self._bar.set_description_str(self._counts(), refresh=False)
        self._bar.update(cost)
        now = time.monotonic()
        tenth = int(10 * self._cost_done / self._cost_total)
        if self._bar.disable and tenth > self._tenth and now - self._last_line >= 5 and tenth < 10:
            left = (now - self._start) * (self._cost_total / self._cost_done - 1)
            line = f"{self._counts()}, about {_clock(left)} left"
            print(line, file=self._stream, flush=True)
            self._last_line, self._tenth = now, tenth

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02d}"
