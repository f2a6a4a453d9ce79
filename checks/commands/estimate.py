"""estimate facts about a target from data alone: energies, rank of H, directions, with intervals and error rates

FILE holds inputs x ~ N(0, I_d) and labels y = f*(x) + noise: an .npz with arrays X (n x d) and y (n), or a .csv whose last column
is y, with a header or without. All evidence is numerical; exit status 0, or 2 where X is clearly not standard normal."""

from __future__ import annotations

import argparse
import sys
import time

EXAMPLE = "steinlab estimate data.npz --html report.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `steinlab estimate`."""
    parser.add_argument("file", metavar="FILE", help="an .npz with arrays X and y, or a .csv whose last column is y")
    parser.add_argument(
        "--whiten", action="store_true", help="give X mean 0 and covariance I first; facts are then about these inputs"
    )
    parser.add_argument("--seed", default="0", metavar="S", help="seed of the split into halves (default: 0)")
    parser.add_argument("--html", metavar="PAGE", help="write a page with pictures")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Run `steinlab estimate`; 0, or InputError for bad input."""
    from pathlib import Path

    from steinlab.checks.commands.arguments import whole_number
    from steinlab.checks.estimates.estimate import estimate
    from steinlab.checks.estimates.reading import read_data
    from steinlab.checks.files import write_atomically
    from steinlab.theory.errors import InputError

    seed = whole_number("--seed", args.seed)
    if args.html == "":
        raise InputError("--html is empty: give a file to write")
    if args.html is not None and Path(args.html).resolve() == Path(args.file).resolve():
        raise InputError(f"--html {args.html} is the data itself: give another file to write")
    X, y = read_data(Path(args.file))
    progress = _Progress()
    found = estimate(X, y, whiten=args.whiten, seed=seed, progress=progress)
    progress.close()
    if args.html is not None:
        write_atomically(Path(args.html), found.to_html())
    sys.stdout.write((found.to_json() if args.json else found.to_text()) + "\n")
    return 0


class _Progress:
    """A bar on a terminal, after a second; elsewhere a line when another tenth is done, at most every 5 seconds."""

    def __init__(self) -> None:
        import tqdm

        self._bar = tqdm.tqdm(
            total=1.0,
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
            delay=1,
            bar_format="estimating {percentage:3.0f}%|{bar}| {elapsed} gone, {remaining} left",
            leave=False,
        )
        self._done, self._tenth, self._last = 0.0, 0, time.monotonic()

    def __call__(self, work: float, total: float) -> None:
        share = min(work / total, 1 - self._done)  # the total is rough
        self._done += share
        self._bar.update(share)
        tenth, now = int(10 * self._done), time.monotonic()
        if self._bar.disable and self._tenth < tenth < 10 and now - self._last >= 5:
            print(f"estimating: {10 * tenth}% done", file=sys.stderr, flush=True)
            self._tenth, self._last = tenth, now

    def close(self) -> None:
        self._bar.close()
