"""Schedulers: who carries out tasks. Any of them may stand behind a sweep."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

from steinlab.checks.studies.plan import Task
from steinlab.checks.studies.schedulers.attempt import Function
from steinlab.checks.studies.store import Outcome

Finished = Generator[tuple[Task, Outcome], None, None]
"""Each task with its outcome, in the order of arrival; closing it stops what is still running."""


class Scheduler(Protocol):
    """Whoever carries out tasks, here or elsewhere."""

    def run(self, tasks: Sequence[Task], function: Function) -> Finished:
        """Start the tasks in the order given; yield each of them once, as it ends.

        An exception in a task is its outcome (see `attempt`), and so is the loss of the process that ran it.
        """
