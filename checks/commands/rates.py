"""run a study of rates: sweep, fit, compare with what was predicted or published, and write a report"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steinlab.checks.studies.schedulers.scheduler import Scheduler

EXAMPLE = """\
steinlab rates damian-figure-1 --quick --out figure-1
         steinlab rates damian-figure-1 --set defaults.fixed.m=50 --out figure-1-m-50

Rerunning the same command goes on where it stopped. Exit status: 0 every run ended well, whatever the verdicts;
1 some runs failed (they are listed and never averaged); 2 bad input or no room to write; 130 interrupted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `steinlab rates`."""
    parser.add_argument("study", nargs="?", metavar="STUDY", help="a shipped study (see --list) or a TOML file")
    parser.add_argument("--list", action="store_true", help="list the shipped studies and stop")
    parser.add_argument("--out", metavar="DIR", help="results folder (default: steinlab-results/STUDY)")
    parser.add_argument("--workers", metavar="N", help="parallel processes (default: one per CPU)")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="carry the runs out on the workers of the Dask scheduler at this address, such as tcp://10.0.0.5:8786",
    )
    parser.add_argument("--quick", action="store_true", help="the study's short form: fewer seeds and sizes")
    parser.add_argument("--seed", default="0", metavar="S", help="seed of the whole study (default: 0)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="KEY=VALUE",
        help="override one field of the study, by its dotted path in the file; may be repeated",
    )
    parser.add_argument("--open", action="store_true", help="open the report in a browser when it is ready")
    parser.add_argument("--json", action="store_true", help="print summary.json instead of the short text")


def run(args: argparse.Namespace) -> int:
    """Run `steinlab rates`; the exit status."""
    from steinlab.checks.commands.arguments import whole_number
    from steinlab.theory.errors import InputError

    if args.list:
        from steinlab.checks.studies import shipped

        titles = shipped.titles()
        for name, title in titles.items():
            print(f"{name:<{max(map(len, titles))}}  {title}")
        return 0
    if args.study is None:
        raise InputError("no study was named: give a shipped name (see --list) or a TOML file")

    from pathlib import Path

    from steinlab.checks.studies.reading.load import load_study
    from steinlab.checks.studies.report.text import plain_report
    from steinlab.checks.studies.running import run_study
    from steinlab.checks.studies.summary import Request, summary_text

    scheduler = _scheduler(args.scheduler, args.workers)
    request = Request(args.study, args.quick, tuple(args.overrides), whole_number("--seed", args.seed))
    if args.out == "":
        raise InputError("--out is empty: give a folder")
    study = load_study(args.study, quick=args.quick, overrides=args.overrides)
    folder = Path(args.out) if args.out else Path("steinlab-results") / study.name
    summary = run_study(study, request, folder, scheduler)
    print(summary_text(summary) if args.json else plain_report(study, summary), end="" if args.json else "\n")
    report = (folder / "report.html").absolute()
    print(f"report: {report}", file=sys.stderr)
    if args.open:
        import webbrowser

        if not webbrowser.open(report.as_uri()):
            print("no browser was found: open the report by hand", file=sys.stderr)
    return 1 if summary["failures"] else 0


def _scheduler(address: str | None, workers: str | None) -> Scheduler:
    """Who carries out the runs."""
    from steinlab.checks.commands.arguments import whole_number
    from steinlab.checks.studies.schedulers.processes import Processes
    from steinlab.theory.errors import InputError

    if address is None:
        return Processes(_available_cpus() if workers is None else whole_number("--workers", workers))
    if workers is not None:
        raise InputError("--workers counts processes here, and --scheduler has workers of its own: give one of the two")
    from steinlab.checks.studies.schedulers.cluster import Cluster

    return Cluster(address)


def _available_cpus() -> int:
    # A container or a batch system may allow fewer CPUs than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
