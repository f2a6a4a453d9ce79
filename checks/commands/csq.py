"""bound what correlational statistical queries can learn: Theorem 2 in numbers, constructions, the adversary

The class is He_K(v·x)/sqrt(K!) over unit vectors v (--degree K), or a TARGET seen from unknown directions, whose information
exponent decides. Bounds are on the tolerance τ of a learner that finds every member; n = 1/τ² is a heuristic."""

from __future__ import annotations

import argparse
import json
import sys
import time
from fractions import Fraction
from typing import TYPE_CHECKING

from steinlab.checks.commands.arguments import exact_fraction, read_target, whole_number
from steinlab.theory.errors import InputError

if TYPE_CHECKING:
    from steinlab.checks.csq.fights import Fight
    from steinlab.checks.csq.problem import Problem
    from steinlab.theory.statements.line_sets import NearOrthogonalSet

EXAMPLE = "steinlab csq --degree 4 -d 100 --queries 1e6"
CONSTRUCTIONS = ("random", "kerdock", "mub", "devore", "paley")
MAX_QUERIES = int(1e100)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `steinlab csq`."""
    parser.add_argument("target", metavar="TARGET", nargs="?", help="an expression in z1, z2, ..., or a .toml file")
    parser.add_argument("--degree", metavar="K", help="the class He_K(v·x)/sqrt(K!) in place of a TARGET")
    parser.add_argument("-d", metavar="D", required=True, help="dimension of the inputs")
    parser.add_argument("--queries", default="1e6", metavar="Q", help="queries of the learner (default 1e6)")
    parser.add_argument("--construction", choices=CONSTRUCTIONS, help="build this set in dimension D and bound with it")
    parser.add_argument("--vectors", metavar="N", help="size of the random construction (default 1000)")
    parser.add_argument("--code-degree", metavar="R", help="degree of the devore construction (default 2)")
    parser.add_argument("--adversary", action="store_true", help="run Lemma 2's adversary against the network's gradient")
    parser.add_argument("--tolerance", metavar="TAU", help="the adversary's tolerance (default 1/(2D))")
    parser.add_argument("-m", metavar="M", help="neurons that query their gradient (default 32)")
    parser.add_argument("--seed", default="0", help="whole number that random vectors and weights derive from (default 0)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Run `steinlab csq`; 0, or InputError for bad input."""
    from steinlab.checks.csq.answer import Answer
    from steinlab.checks.csq.bounds import bounds_of_set, tolerance_bounds
    from steinlab.checks.csq.text import to_text
    from steinlab.numerics.constructions.near_orthogonal_sets import default_construction
    from steinlab.theory.statements.csq import theorem2_printed

    d, queries = whole_number("-d", args.d), whole_number("--queries", args.queries)
    if not 1 <= queries <= MAX_QUERIES:
        raise InputError(f"--queries {args.queries}: give a whole number from 1 to 1e100")
    seed = whole_number("--seed", args.seed)
    problem = _problem(args)
    bounds = tolerance_bounds(problem, d, queries)
    printed = theorem2_printed(d, problem.exponent, queries) if problem.directions == 1 else None
    chosen = args.construction or (default_construction(d) if args.adversary else None)
    if chosen and problem.directions > 1:
        raise InputError(f"a target of {problem.directions} directions: constructions and the adversary are for one")
    if args.adversary and problem.coefficients is None:
        raise InputError("--adversary needs --degree K, or a polynomial TARGET in z1 alone")
    _refuse_idle(args, chosen)
    frame = _build(chosen, d, args, seed) if chosen else None
    with_frame = [] if frame is None else bounds_of_set(problem, frame, queries)
    fought = _fight(problem, frame, args, seed) if args.adversary and frame is not None else []
    answer = Answer(problem, d, queries, seed, bounds, printed, frame, with_frame, fought)
    text = json.dumps(answer.to_dict(), indent=2, ensure_ascii=False) if args.json else to_text(answer)
    sys.stdout.write(text + "\n")
    return 0


def _refuse_idle(args: argparse.Namespace, construction: str | None) -> None:
    """InputError for an option that nothing would read."""
    readers = {
        "--tolerance": (args.tolerance, args.adversary, "--adversary"),
        "-m": (args.m, args.adversary, "--adversary"),
        "--vectors": (args.vectors, construction == "random", "the random construction"),
        "--code-degree": (args.code_degree, construction == "devore", "the devore construction"),
    }
    for flag, (given, read, reader) in readers.items():
        if given is not None and not read:
            raise InputError(f"{flag} {given} is for {reader} only: leave it out")


def _problem(args: argparse.Namespace) -> Problem:
    from steinlab.checks.csq.problem import of_degree, of_target

    if (args.target is None) == (args.degree is None):
        raise InputError("give either a TARGET or --degree K")
    return of_target(read_target(args.target)) if args.degree is None else of_degree(whole_number("--degree", args.degree))


def _build(name: str, d: int, args: argparse.Namespace, seed: int) -> NearOrthogonalSet:
    from steinlab.numerics.constructions.near_orthogonal_sets import CONSTRUCTIONS as EXACT
    from steinlab.numerics.constructions.near_orthogonal_sets import random_set
    from steinlab.theory.statements.line_sets import devore

    if name == "devore":
        return devore(d, whole_number("--code-degree", "2" if args.code_degree is None else args.code_degree))
    if name == "random":
        return random_set(d, whole_number("--vectors", "1000" if args.vectors is None else args.vectors), seed)
    return EXACT[name](d)


def _fight(problem: Problem, frame: NearOrthogonalSet, args: argparse.Namespace, seed: int) -> list[Fight]:
    """The fights, each with a line of progress on standard error as it ends."""
    from steinlab.checks.csq.fights import fights

    neurons = whole_number("-m", "32" if args.m is None else args.m)
    tolerance = _tolerance(args.tolerance, frame.dimension)
    fought = []
    started = time.perf_counter()
    for fight in fights(problem, frame, tolerance, neurons, seed):
        fought.append(fight)
        outcome, seconds = fight.outcome, time.perf_counter() - started
        survivors = f"{outcome.survivors} of {outcome.size} survive ({seconds:.1f} s)"
        print(f"[{len(fought)}/2] {fight.text}: {survivors}", file=sys.stderr)
        started = time.perf_counter()
    return fought


def _tolerance(text: str | None, d: int) -> Fraction:
    if text is None:
        return Fraction(1, 2 * d)
    try:
        value = exact_fraction("--tolerance", text)
    except InputError:
        value = Fraction(0)
    if not 0 < value < 1:
        raise InputError(f"--tolerance {text}: give a number strictly between 0 and 1")
    return value
