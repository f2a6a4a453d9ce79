"""Bounds on memory and work, checked before anything is allocated; one BLAS thread for the same bits every time."""

import contextlib
import functools
import math
import os
from contextlib import AbstractContextManager
from pathlib import Path

from threadpoolctl import ThreadpoolController

from steinlab.theory.errors import InputError

__all__ = ["memory_limit", "one_blas_thread", "require_memory", "require_work"]

# About two days of one core at 50 GFLOP/s: beyond it a size is far more often a slip of the keyboard than a plan.
WORK_LIMIT = 1e16


@functools.cache
def memory_limit() -> int:
    """Bytes that one run may use: four fifths of the machine's (or the container's) memory; 4 GiB where unknown."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not a POSIX system
        total = 5 * 2**30
    with contextlib.suppress(OSError, ValueError):  # no control group, or it says "max"
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return total * 4 // 5


def require_memory(needed: float, what: str, advice: str) -> None:
    """Refuse a computation that needs more than `memory_limit` bytes.

    Raises:
        InputError: says what needs the memory, how much, the limit and what to do.
    """
    limit = memory_limit()
    if needed > limit:
        size = _float(needed) / 2**30
        raise InputError(f"{what} needs {size:.3g} GiB of memory, the limit is {limit / 2**30:.3g}; {advice}")


def require_work(operations: float, what: str, advice: str) -> None:
    """Refuse a computation of more than 1e16 floating-point operations (about two days on one core).

    Raises:
        InputError: says what needs the work, how much, the limit and what to do.
    """
    if operations > WORK_LIMIT:
        raise InputError(
            f"{what} needs about {_float(operations):.1e} floating-point operations, the limit is {WORK_LIMIT:.0e}; {advice}"
        )


def _float(number: float) -> float:
    """A whole number of any length as a float, to be shown."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


@functools.cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[object]:
    """Hold BLAS to one thread: products then have the same bits on every run, and small blocks run faster."""
    limits: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limits
