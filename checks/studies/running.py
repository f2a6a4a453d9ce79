"""The way of a study: plan → tasks → scheduler → store → judgement → summary → page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from steinlab.checks.files import write_atomically
from steinlab.checks.studies.measure import measure
from steinlab.checks.studies.plan import Grid, Plan
from steinlab.checks.studies.rehearsal import rehearse
from steinlab.checks.studies.schedulers.scheduler import Scheduler
from steinlab.checks.studies.store import ResultStore
from steinlab.checks.studies.study import Study
from steinlab.checks.studies.summary import Request, summarise, summary_text
from steinlab.checks.studies.sweep import sweep


def run_study(study: Study, request: Request, folder: Path, scheduler: Scheduler, *, plan: Plan | None = None) -> dict[str, Any]:
    """Make the runs of a study that `folder` does not hold yet, write its summary.json and report.html, return the summary.

    What is run, and in which order what is asked for, is the plan's (default: all that the file says at once, `Grid`).

    Raises InputError if a series cannot be run, or if the folder holds anything else; nothing is written then.
    """
    rehearse(study)
    with ResultStore(folder, study.name) as store:
        runs = sweep(plan or Grid(study, request.seed), measure, store, scheduler)
        results = store.results()

    from steinlab.checks.studies.report.page import render  # Matplotlib is slow to load, and talkative where it cannot write

    summary = summarise(study, request, runs, results)
    write_atomically(folder / "summary.json", summary_text(summary))
    write_atomically(folder / "report.html", render(study, summary))
    for name, followed in summary["neurons"].items():
        if followed is not None:
            from steinlab.checks.studies.report.animation import write_animation

            write_animation(followed, folder / f"neurons-{name}.gif")
    return summary
