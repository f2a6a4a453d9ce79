"""judge an exponent claimed for your own numbers: y ∝ x^p, or thresholds n*(d) ∝ d^p

FILE is a CSV with a header and the columns x, seed, value; with --threshold, d, n, seed, value. Runs of one seed may depend on
each other. Exit status: 0 the claim holds; 1 it fails or is undecided; 2 bad input."""

from __future__ import annotations

import argparse
import sys
from typing import Any

EXAMPLE = """\
steinlab judge risks.csv --predicted -1/2 --direction upper --rival -1/4
         steinlab judge risks.csv --threshold 0.1 --predicted 2 --direction upper --rival 3 --html verdict.html"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `steinlab judge`."""
    parser.add_argument("file", metavar="FILE", help="a CSV file: x, seed, value, or with --threshold d, n, seed, value")
    parser.add_argument("--predicted", required=True, metavar="P", help="the exponent that is claimed")
    parser.add_argument(
        "--direction",
        default="tight",
        choices=("upper", "lower", "tight"),
        help="at most, at least, or exactly P (default: tight)",
    )
    parser.add_argument("--rival", action="append", default=[], metavar="R", help="an exponent to exclude; may be repeated")
    parser.add_argument("--threshold", metavar="LEVEL", help="judge the n at which the value comes down to LEVEL, along d")
    parser.add_argument("--window", nargs=2, metavar=("LO", "HI"), help="only sizes x (or d) from LO to HI")
    parser.add_argument("--log", action="store_true", help="the claim hides logarithms")
    parser.add_argument(
        "--estimand", default="mean", choices=("mean", "geometric"), help="of the arithmetic or the geometric mean over seeds"
    )
    parser.add_argument(
        "--family", default="1", metavar="K", help="how many rates are judged together with this one (default: 1)"
    )
    parser.add_argument("--html", metavar="PAGE", help="write a page with a picture")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Run `steinlab judge`; 0 where the claim holds, else 1; InputError for bad input."""
    from pathlib import Path

    from steinlab.checks.commands.arguments import exact_fraction, whole_number
    from steinlab.checks.files import write_atomically
    from steinlab.checks.judgements.answer import Answer, Question
    from steinlab.checks.judgements.reading import read_runs
    from steinlab.checks.rates.own_numbers import judge_rate, judge_threshold
    from steinlab.theory.errors import InputError
    from steinlab.theory.verdicts import Verdict

    def number(flag: str, text: str) -> float:
        return float(exact_fraction(flag, text))

    if args.html == "":
        raise InputError("--html is empty: give a file to write")
    question = Question(
        number("--predicted", args.predicted),
        args.direction,
        tuple(number("--rival", text) for text in args.rival),
        args.log,
        None if args.threshold is None else number("--threshold", args.threshold),
        None if args.window is None else (number("--window", args.window[0]), number("--window", args.window[1])),
        whole_number("--family", args.family),
    )
    runs = read_runs(Path(args.file), ("x",) if question.level is None else ("d", "n"))
    claim: dict[str, Any] = {
        "predicted": question.predicted,
        "direction": question.direction,
        "rivals": question.rivals,
        "family": question.family,
        "window": question.window,
        "log": question.log,
        "estimand": args.estimand,
    }
    sizes, measured = runs.sizes, (runs.values, runs.seeds)
    if question.level is None:
        judgement = judge_rate(sizes["x"], *measured, **claim)
    else:
        judgement = judge_threshold(sizes["d"], sizes["n"], *measured, level=question.level, **claim)
    answer = Answer(question, runs, judgement)
    if args.html is not None:
        from steinlab.checks.judgements.page import render

        write_atomically(Path(args.html), render(answer))
    sys.stdout.write((answer.to_json() if args.json else answer.to_text()) + "\n")
    return 0 if judgement.verdict is Verdict.HOLDS else 1
