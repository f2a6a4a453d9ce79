"""The differential fuzzer: python tests/fuzz/run.py --seed 1 --count 1000 [--class NAME ...]

Draws targets class by class, asks steinlab about each in a process of its own, holds every proved statement against the oracle
and prints each disagreement when it is found. At the end: draws and disagreements by class, and the undecided by fact.
--undecided asks about the 300 targets of `standing_targets` instead and counts what is left undecided; --record FILE keeps the
answers, --against FILE tells what changed since. The exit status is 1 where there is a disagreement.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz.asking import PRECISIONS, Answer, Worker, limit, serve, undecided
from fuzz.asking import TimeIsUp as OracleTimeIsUp
from fuzz.classes import CLASSES, draw
from fuzz.comparison import Disagreement, compare, in_another_order
from fuzz.drawn import Drawn
from fuzz.networks.truth import NetworkTruth
from fuzz.oracle import Truth

ORACLE_LIMIT = 30
"""Seconds of processor time for the oracle on one target; what it has not told by then stays unsaid."""
SHARE = 12
"""One target in so many is asked about twice more, in fresh processes, first at low and first at high precision."""
STANDING = 8
"""Drawn targets of each class among the standing ones."""
CHOSEN = Path(__file__).with_name("chosen.txt")


def standing_targets() -> list[Drawn]:
    """The targets on which the undecided are counted: chosen ones, and the first few of each class."""
    chosen = [Drawn.of_text(line) for line in CHOSEN.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return chosen + [draw("standing", name, i) for name in CLASSES for i in range(STANDING)]


def truth_of(drawn: Drawn, effort: int = 1) -> Truth | NetworkTruth:
    """The oracle of an expression, or that of a network."""
    network = drawn.network
    if network is None:
        return Truth(drawn.text, drawn.directions, effort)
    return NetworkTruth(network, drawn.directions, effort)


def examine(drawn: Drawn, answer: Answer) -> list[Disagreement]:
    """The disagreements on one target; a doubtful one is asked about again with more points."""
    try:
        with limit(ORACLE_LIMIT):
            found = compare(drawn, answer, truth_of(drawn))
            if found and answer.state == "report":
                again = compare(drawn, answer, truth_of(drawn, effort=4))
                facts = {d.fact for d in again}
                found = [d for d in found if d.fact in facts]
    except OracleTimeIsUp:
        return []
    return found


def fuzz(targets: Iterable[Drawn], seconds: float) -> Iterator[tuple[Drawn, Answer, list[Disagreement]]]:
    """Ask and compare, one after the other; after a disagreement in a fresh process."""
    worker = Worker(seconds)
    try:
        for number, drawn in enumerate(targets):
            answer = worker.ask(drawn)
            found = examine(drawn, answer)
            if number % SHARE == 0:
                found += _asked_otherwise(drawn, answer, seconds)
            if found:
                worker.close()
            yield drawn, answer, found
    finally:
        worker.close()


def _asked_otherwise(drawn: Drawn, answer: Answer, seconds: float) -> list[Disagreement]:
    others = []
    for precisions in (PRECISIONS, PRECISIONS[::-1]):
        worker = Worker(seconds, precisions)
        try:
            others.append(worker.ask(drawn))
        finally:
            worker.close()
    return in_another_order(drawn, answer, others[0]) or in_another_order(drawn, *others)


def draws(seed: int | str, names: Iterable[str], number: int | None) -> Iterator[Drawn]:
    """Target 0 of each class, then target 1 of each, and so on."""
    names = tuple(names)
    asked = 0
    for index in count():
        for name in names:
            if number is not None and asked >= number:
                return
            asked += 1
            yield draw(seed, name, index)


# -- printing


def summary(rows: Iterable[tuple[Drawn, Answer, list[Disagreement]]]) -> str:
    """Counts by class, and of the undecided by fact."""
    drawn, wrong, states, facts = Counter(), Counter(), Counter(), Counter()  # type: Counter[str], Counter[str], Counter[str], Counter[str]
    slow: list[tuple[float, str]] = []
    for d, answer, found in rows:
        drawn[d.family] += 1
        wrong[d.family] += bool(found)
        states[answer.state] += 1
        facts.update(undecided(answer))
        slow.append((answer.seconds, str(d)))
    lines = [f"{sum(drawn.values())} targets: " + ", ".join(f"{n} {s}" for s, n in sorted(states.items()))]
    lines += [f"  {name:30} {n:5} drawn, {wrong[name]:4} with disagreements" for name, n in drawn.items()]
    lines.append(f"undecided: {sum(facts.values())} facts of {states['report']} reports")
    lines += [f"  {n:5} {name}" for name, n in facts.most_common()]
    lines.append("slowest: " + "; ".join(f"{s:.1f} s {text}" for s, text in sorted(slow, reverse=True)[:5]))
    return "\n".join(lines)


def changes(before: dict[str, Answer], after: dict[str, Answer]) -> str:
    """The undecided by fact before and after, and every target that changed."""
    counts = [Counter(f for line in before for f in undecided(side[line]) if line in after) for side in (before, after) if side]
    lines = [f"{'fact':32} before  after"]
    lines += [f"{name:32} {counts[0][name]:6} {counts[1][name]:6}" for name in sorted({*counts[0], *counts[1]})]
    for line, was in before.items():
        now = after.get(line)
        if now is None:
            continue
        if was.state != now.state:
            lines.append(f"{Drawn.of_line(line)}: {_short(was)} -> {_short(now)}")
            continue
        lost, won = set(undecided(now)) - set(undecided(was)), set(undecided(was)) - set(undecided(now))
        if lost:
            lines.append(f"{Drawn.of_line(line)}: LOST {', '.join(sorted(lost))}")
        if won:
            lines.append(f"{Drawn.of_line(line)}: decided {', '.join(sorted(won))}")
    return "\n".join(lines)


def _short(answer: Answer) -> str:
    return answer.state + (f" ({answer.reason[:150]})" if answer.reason else "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", default=None, help="default: the clock, printed")
    parser.add_argument("--count", type=int, default=None, help="how many targets (default: until interrupted)")
    parser.add_argument(
        "--class", dest="classes", action="append", choices=tuple(CLASSES), metavar="NAME", help=", ".join(CLASSES)
    )
    parser.add_argument("--limit", type=float, default=20, help="seconds of processor time for one report (default 20)")
    parser.add_argument("--undecided", action="store_true", help="the standing targets instead")
    parser.add_argument("--record", type=Path, help="write the answers to this file, and go on where it ends")
    parser.add_argument("--against", type=Path, help="print what changed since this record")
    parser.add_argument("--verbose", action="store_true", help="print every target")
    parser.add_argument("--serve", type=float, metavar="SECONDS", help=argparse.SUPPRESS)
    parser.add_argument("--precisions", type=int, nargs="*", default=(), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        serve(arguments.serve, arguments.precisions)
        return 0
    seed = arguments.seed if arguments.seed is not None else int(time.time())
    print(f"seed {seed}", flush=True)
    known = _read(arguments.record)
    targets = standing_targets() if arguments.undecided else draws(seed, arguments.classes or CLASSES, arguments.count)
    rows = []
    log = arguments.record.open("a", encoding="utf-8") if arguments.record else None
    try:
        for row in fuzz((d for d in targets if d.to_line() not in known), arguments.limit):
            rows.append(row)
            if log:
                log.write(json.dumps([row[0].to_line(), row[1].__dict__]) + "\n")
                log.flush()
            for disagreement in row[2]:
                print(disagreement, flush=True)
            if arguments.verbose:
                print(f"{row[0]}: {_short(row[1])} {row[1].seconds:.1f} s", flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    print(summary(rows))
    if arguments.against:
        print(changes(_read(arguments.against), _read(arguments.record)))
    return int(any(found for _, _, found in rows))


def _read(path: Path | None) -> dict[str, Answer]:
    if path is None or not path.exists():
        return {}
    pairs = map(json.loads, path.read_text("utf-8").splitlines())
    return {line: Answer(**answer) for line, answer in pairs}


if __name__ == "__main__":
    sys.exit(main())
