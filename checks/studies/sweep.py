"""A sweep: carry out what a plan asks for, keep each result the moment it is finished, resume after any stop."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import closing
from typing import TextIO

import tqdm

from steinlab.checks.studies.plan import Plan, Run
from steinlab.checks.studies.schedulers.attempt import Function
from steinlab.checks.studies.schedulers.scheduler import Scheduler
from steinlab.checks.studies.store import ResultStore


def sweep(
    plan: Plan,
    function: Function,
    store: ResultStore,
    scheduler: Scheduler,
    *,
    stream: TextIO | None = None,
) -> list[Run]:
    """Carry out every task that `plan` asks for and `store` does not hold yet; the runs that were asked for, in that order.

    The result of a task depends on its configuration alone, so neither the scheduler nor the order of arrival can be seen in the
    store. A failed task is recorded as such, and the sweep goes on; it is tried again by the next one. After KeyboardInterrupt,
    what was finished by then is in the store. When all that was asked for has ended the plan may ask for more, until it asks for
    nothing new. Progress goes to `stream` (default standard error).
    """
    stream = stream or sys.stderr
    if store.damaged:
        print(f"{store.damaged} stored results were damaged and are dropped: their runs are made again", file=stream, flush=True)
    asked: dict[tuple[str, int, int], Run] = {}
    ended = store.finished()
    runs = plan.first()
    while new := {run.place: run for run in runs if run.place not in asked}:
        asked |= new
        distinct = {run.task.key: run.task for run in asked.values()}
        pending = sorted((task for key, task in distinct.items() if key not in ended), key=lambda task: (-task.cost, task.key))
        outcomes = scheduler.run(pending, function)
        with closing(outcomes), _Progress(len(distinct), [task.cost for task in pending], stream) as progress:
            for task, outcome in outcomes:
                store.record(task.key, task.configuration, outcome)
                ended.add(task.key)
                progress.advance(task.cost, outcome.ok)
        runs = plan.more(store.results().of(distinct))  # and of no others: a sweep that resumes asks in the same order
    return list(asked.values())


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
