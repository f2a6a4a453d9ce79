"""run the ledger of claims: check each theorem on drawn cases, and its planted faults with it"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from steinlab.checks.commands.arguments import whole_number
from steinlab.theory.errors import InputError

if TYPE_CHECKING:
    from steinlab.checks.claims.claim import AnyClaim
    from steinlab.checks.claims.runner import Result

EXAMPLE = "steinlab verify 'damian.lemma*' --max-examples 200"
MAX_EXAMPLES = 100_000
"""Most cases that one claim may draw: about an hour of the slowest one."""
SCHEMA = "steinlab/ledger/1"
DEFAULT_EXAMPLES = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help="globs over claim ids, such as 'damian.lemma2*' (default: all)")
    parser.add_argument("--list", action="store_true", help="list the claims without running them")
    parser.add_argument("--json", action="store_true", help=f'print one object with schema "{SCHEMA}"')
    parser.add_argument(
        "--max-examples",
        default=str(DEFAULT_EXAMPLES),
        metavar="N",
        help="most cases drawn for each claim (default: %(default)s); a planted fault is sought until it is found, in up to 1000",
    )
    parser.add_argument("--seed", default="0", help="the cases are a function of it (default: %(default)s)")


def run(args: argparse.Namespace) -> int:
    """0 if every claim run holds and every planted fault is rejected, else 1; InputError for bad input."""
    max_examples, seed = whole_number("--max-examples", args.max_examples), whole_number("--seed", args.seed)
    if not 1 <= max_examples <= MAX_EXAMPLES:
        raise InputError(f"--max-examples {args.max_examples}: give 1 to {MAX_EXAMPLES} cases")
    from steinlab.checks.claims.registry import select, without_check
    from steinlab.checks.claims.report import catalogue, description, record, table

    claims = select(args.ids)
    if args.list:
        rows = without_check(args.ids)
        told = [{"id": row.id, "statement": row.statement, "source": str(row.source), "why": row.why} for row in rows]
        listed = {"schema": SCHEMA, "claims": [description(c) for c in claims], "unchecked": told}
        print(_json(listed) if args.json else catalogue(claims, rows))
        return 0
    results = list(_progress(_results(claims, max_examples, seed), len(claims)))
    if args.json:
        asked = {"schema": SCHEMA, "seed": seed, "max_examples": max_examples}
        print(_json(asked | {"claims": [record(result) for result in results]}))
    else:
        print(table(results))
    return 0 if results and all(result.confirmed for result in results) else 1


def _results(claims: Sequence[AnyClaim], max_examples: int, seed: int) -> Iterator[Result]:
    # Hypothesis keeps a cache of constants that it finds in source trees; not in the user's working directory.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(tempfile.gettempdir(), "steinlab-hypothesis"))
    from steinlab.checks.claims.runner import run_claim

    for claim in claims:
        yield run_claim(claim, max_examples=max_examples, seed=seed)


def _progress(results: Iterable[Result], total: int) -> Iterator[Result]:
    """A bar on a terminal, a line for each claim elsewhere; both on standard error."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        yield from tqdm(results, total=total, unit="claim", file=sys.stderr)
        return
    from steinlab.checks.claims.report import status

    for count, result in enumerate(results, 1):
        print(f"[{count}/{total}] {result.claim.id} {status(result)} ({result.seconds:.1f} s)", file=sys.stderr)
        yield result


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=2, ensure_ascii=False)
