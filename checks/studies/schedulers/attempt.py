"""One task, carried out where it stands."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController

from steinlab.checks.studies.kinds.kind import LARGEST
from steinlab.checks.studies.store import Outcome

Function = Callable[[Mapping[str, Any]], Mapping[str, float]]
"""One task: a module-level function from a JSON configuration to the numbers it measured."""

PATIENCE, SLOWEST = 900.0, 1e6
"""A task may take so many seconds, and one more for each so many multiplications: a tenth of the least speed we have measured."""


class _Overdue(BaseException):
    """Raised in the thread of a task that takes too long: no task may catch it by catching exceptions."""


def patience(cost: float) -> float:
    """Seconds after which a task of this predicted cost (`Task.cost`, multiplications) is given up."""
    return PATIENCE + cost / SLOWEST


def attempt(function: Function, configuration: Mapping[str, Any], seconds: float = PATIENCE) -> Outcome:
    """Run one task, with one BLAS thread, turning any exception or non-finite number, or `seconds` gone by, into a failure."""
    start = time.perf_counter()
    measured: dict[str, float] | None = None
    message = None
    with _libraries(len(sys.modules)).limit(limits=1):
        try:
            with _interrupted_after(seconds):
                measured = {name: float(value) for name, value in function(configuration).items()}
            wrong = [f"{name} = {value}" for name, value in measured.items() if not abs(value) <= LARGEST]
            if wrong:
                measured, message = None, f"not a number of size at most {LARGEST:g}: {', '.join(wrong)}"
        except _Overdue:
            measured, message = None, f"not done after {seconds:g} seconds, many times what was predicted: it was given up"
        except Exception as error:
            message = f"{type(error).__name__}: {' '.join(str(error).split())}".encode(errors="replace").decode()
        found = _libraries(len(sys.modules)).info()  # the task may have loaded more
        libraries = sorted({f"{lib['internal_api']} {lib['version']} x{lib['num_threads']}" for lib in found})
    return Outcome(measured, message, time.perf_counter() - start, ", ".join(libraries))


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    """Raise _Overdue in the body, wherever it is then; signals do not serve, for they are the main thread's."""
    thread, lock, over = threading.get_ident(), threading.Lock(), False

    def interrupt() -> None:
        with lock:
            if not over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_Overdue))

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over = True
        timer.cancel()


@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """The BLAS and OpenMP libraries here, looked for again when there are more modules: a search outlasts a small task."""
    return ThreadpoolController()
