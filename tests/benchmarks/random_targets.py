"""Ask steinlab about a thousand random targets, check every answer: python tests/benchmarks/random_targets.py [--help]

Half of the targets are polynomials and half general links, drawn with planted degeneracies (`drawn_targets.py`). Every decided
answer is compared with an independent computation at 30 digits (`high_precision.py`), which shares no code with steinlab. The
table counts, for each quantity, the answers that are decided, undecided (their proved bounds and balls are checked too),
refused, timed out, crashed, not applicable, decided but beyond what the independent computation can tell ("unchecked"), and
wrong. The draw is a function of the seed and the number of the target, so any one can be run again: --kind link --only 17.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from drawn_targets import Drawn, draw
from fuzz.asking import TimeIsUp, limit, undecided
from fuzz.asking import ask as report_on
from fuzz.drawn import Drawn as Inquiry
from high_precision import NONZERO, ZERO, Truth, Unresolved, interpret, number, read
from mpmath import mp, mpf
from tqdm import tqdm

from steinlab.checks.assumptions.check import check
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.language.polynomial_reader import number as exact_number
from steinlab.theory.shape.monotone import monotone_link
from steinlab.theory.targets.exponents import information_exponent, subspace_leap
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Decided, Finding

QUANTITIES = (
    "mean",
    "variance",
    "coefficients to degree 4",
    "rank H",
    "Assumption 2",
    "information exponent",
    "effective dimension",
    "subspace leap",
    "generative exponent",
    "monotone link",
)
STATES = ("decided", "undecided", "refused", "timed out", "crashed", "not applicable")
ORACLE_LIMIT = 60
"""Seconds of processor time for the independent computation of one target."""


@dataclass(frozen=True)
class Ball:
    """A real number in [middle - radius, middle + radius]; `zero` is what is said of it: holds, fails or undecided."""

    middle: str
    radius: str
    zero: str


@dataclass(frozen=True)
class Answer:
    """What steinlab says of one quantity."""

    state: str
    value: object = None
    """An int, a verdict, a Ball, or {index: Ball} for coefficients."""
    bounds: tuple[int, int | None] | None = None
    reason: str = ""
    seconds: float = 0.0


@dataclass
class Record:
    """A target with its answers and what became of them: right, unchecked (why) or WRONG (why)."""

    drawn: Drawn
    answers: dict[str, Answer]
    outcomes: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    oracle_seconds: float = 0.0


# -- steinlab's answers


def ask(drawn: Drawn, seconds: float) -> dict[str, Answer]:
    """Every quantity of a target; those that come after the time is up are timed out."""
    answers: dict[str, Answer] = {}
    questions: dict[str, Callable[[], Answer]] = {}
    start = time.perf_counter()
    try:
        with limit(seconds):
            questions = (_polynomial if drawn.kind == "polynomial" else _link)(drawn)
            for name in QUANTITIES:
                begun = time.perf_counter()
                try:
                    found = questions[name]()
                except InputError as error:
                    found = Answer("refused", reason=str(error))
                except Exception as error:  # anything else is a defect: it is counted, not hidden
                    found = Answer("crashed", reason=f"{type(error).__name__}: {error}")
                answers[name] = Answer(found.state, found.value, found.bounds, found.reason, time.perf_counter() - begun)
    except TimeIsUp:
        took = time.perf_counter() - start
        answers |= {name: Answer("timed out", seconds=took) for name in QUANTITIES if name not in answers}
    except InputError as error:
        answers = {name: Answer("refused", reason=str(error)) for name in QUANTITIES}
    except Exception as error:
        answers = {name: Answer("crashed", reason=f"{type(error).__name__}: {error}") for name in QUANTITIES}
    return answers


def _polynomial(drawn: Drawn) -> dict[str, Callable[[], Answer]]:
    target = Target.from_expression(drawn.text, drawn.directions)
    expansion = target.expansion
    assert isinstance(expansion, HermiteExpansion)
    hessian = ExpectedHessian(expansion)

    def generative() -> Answer:
        found = expansion.generative_exponent()
        return Answer("not applicable") if found is None else _decided(found.value)

    return {
        "mean": lambda: Answer("decided", _exact_ball(expansion.mean)),
        "variance": lambda: Answer("decided", _exact_ball(expansion.variance)),
        "coefficients to degree 4": lambda: Answer("decided", _polynomial_coefficients(expansion)),
        "rank H": lambda: _decided(hessian.rank),
        "Assumption 2": lambda: Answer("decided", hessian.nondegenerate.value),
        "information exponent": lambda: _decided(information_exponent(expansion)),
        "effective dimension": lambda: _decided(expansion.effective_dimension),
        "subspace leap": lambda: _decided(subspace_leap(expansion).value),
        "generative exponent": generative,
        "monotone link": lambda: _monotone(next(f for f in check(target).assumptions if f.id == "mousavi.monotone_link")),
    }


def _link(drawn: Drawn) -> dict[str, Callable[[], Answer]]:
    rows = None if drawn.directions is None else tuple(tuple(exact_number(x) for x in row) for row in drawn.directions)
    expansion = LinkExpansion.from_expression(drawn.text, rows)
    hessian = ExpectedHessian(expansion)

    def generative() -> Answer:
        found = expansion.generative_exponent()
        if found is None:
            several = expansion.effective_dimension.lower > 1
            return Answer("not applicable" if several else "undecided", bounds=(1, None), reason="one direction is not proved")
        return _decided(found.value)

    def assumption2() -> Answer:
        verdict = hessian.nondegenerate.value
        reason = f"rank H in {_range(hessian.rank)}, dim S* in {_range(expansion.effective_dimension)}"
        return Answer("undecided", reason=reason) if verdict == "undecided" else Answer("decided", verdict)

    return {
        "mean": lambda: _constant(expansion.mean),
        "variance": lambda: _constant(expansion.variance),
        "coefficients to degree 4": lambda: _link_coefficients(expansion),
        "rank H": lambda: _decided(hessian.rank),
        "Assumption 2": assumption2,
        "information exponent": lambda: _decided(information_exponent(expansion)),
        "effective dimension": lambda: _decided(expansion.effective_dimension),
        "subspace leap": lambda: _decided(subspace_leap(expansion).value),
        "generative exponent": generative,
        "monotone link": lambda: _monotone(monotone_link(expansion)),
    }


def _range(d: Decided) -> str:
    return f"[{d.lower}, {d.upper}]"


def _decided(d: Decided) -> Answer:
    return Answer("undecided" if d.value is None else "decided", d.value, (d.lower, d.upper), d.reason)


def _monotone(finding: Finding) -> Answer:
    state = "undecided" if finding.verdict.value == "undecided" else "decided"
    return Answer(state, finding.verdict.value, reason=finding.reason)


def _exact_ball(value: Number) -> Ball:
    return Ball(str(value), "0", "fails" if value else "holds")


def _constant(value: Constant) -> Answer:
    ball = _ball(value)
    state = "undecided" if ball.zero == "undecided" else "decided"
    return Answer(state, ball, reason=value.reason if state == "undecided" else "")


def _ball(value: Constant) -> Ball:
    ball = value.ball()
    if not ball.is_finite():
        return Ball("0", "inf", value.is_zero.value)
    middle, radius = (_dyadic(x.man_exp()) for x in (ball.mid(), ball.rad()))
    return Ball(middle, radius, value.is_zero.value)


def _dyadic(parts: tuple[object, object]) -> str:
    man, exp = (int(str(part)) for part in parts)
    return mp.nstr(mpf(man) * mpf(2) ** exp, mp.dps)


def _polynomial_coefficients(expansion: HermiteExpansion) -> dict[str, Ball]:
    rows = expansion.directions or _identity(expansion.link.variables)
    out: dict[str, Ball] = {}
    for k in range(5):
        entries = {index: _exact_ball(c) for index, c in expansion.tensor(k).items()}
        out |= _lifted(entries, k, [[number(str(x)) for x in row] for row in rows], exact=expansion.directions is None)
    return out


def _link_coefficients(expansion: LinkExpansion) -> Answer:
    rows = expansion.coordinates
    out: dict[str, Ball] = {}
    doubt = ""
    for k in range(5):
        constants = expansion.tensor(k)
        for c in constants.values():
            if c.is_zero.value == "undecided" and not doubt:
                doubt = f"degree {k}: {c.reason}"
        entries = {index: _ball(c) for index, c in constants.items()}
        out |= _lifted(entries, k, [[number(str(x)) for x in row] for row in rows], exact=expansion.directions is None)
    return Answer("undecided" if doubt else "decided", out, reason=doubt)


def _identity(size: int) -> list[list[int]]:
    return [[int(i == j) for j in range(size)] for i in range(size)]


def _lifted(entries: dict[tuple[int, ...], Ball], k: int, rows: Sequence[Sequence[mpf]], exact: bool) -> dict[str, Ball]:
    """A symmetric tensor in the coordinates of x, by multi-index; entries that are left out are zero."""
    size = len(rows[0])
    out: dict[str, Ball] = {}
    for index in product(range(size), repeat=k):
        if list(index) != sorted(index):
            continue
        alpha = " ".join(str(index.count(j)) for j in range(size))
        if exact:
            out[alpha] = entries.get(index, Ball("0", "0", "holds"))
            continue
        middle = radius = mpf(0)
        for inner in product(range(len(rows)), repeat=k):
            ball = entries.get(tuple(sorted(inner)))
            if ball is not None:
                weight = mp.fprod(rows[a][i] for a, i in zip(inner, index, strict=True))
                middle += weight * _value(ball.middle)
                radius += abs(weight) * mpf(ball.radius) + abs(weight * _value(ball.middle)) * mpf(10) ** -(mp.dps - 4)
        out[alpha] = Ball(mp.nstr(middle, mp.dps), mp.nstr(radius, 5), "")
    return out


# -- comparison


def compare(drawn: Drawn, answers: dict[str, Answer], truth: Truth) -> dict[str, str]:
    """For each answer that says something: right, unchecked or WRONG, with the reason."""
    outcomes: dict[str, str] = {}
    for name, answer in answers.items():
        if answer.state not in ("decided", "undecided", "not applicable"):
            continue
        try:
            fault = _fault(name, answer, truth)
            outcomes[name] = f"WRONG: {fault}" if fault else "right"
        except (Unresolved, ArithmeticError) as error:
            outcomes[name] = f"unchecked: {error!r}"
    return outcomes


def _value(text: str) -> mpf:
    """A decimal with all its digits, or an exact number such as sqrt(3)/12."""
    try:
        return mpf(text)
    except ValueError:
        return number(text)


def _fault(name: str, answer: Answer, truth: Truth) -> str | None:
    """What is wrong with an answer, None if it agrees."""
    if name == "coefficients to degree 4":
        assert isinstance(answer.value, dict)
        for alpha, ball in answer.value.items():
            fault = _ball_fault(ball, *truth.coefficient(tuple(map(int, alpha.split()))), truth)
            if fault:
                return f"coefficient {alpha}: {fault}"
        return None
    if name in ("mean", "variance"):
        assert isinstance(answer.value, Ball)
        return _ball_fault(answer.value, *(truth.mean if name == "mean" else truth.variance), truth)
    if answer.state == "undecided" and answer.bounds is None:
        return None
    expected = {
        "rank H": lambda: truth.hessian_rank,
        "Assumption 2": lambda: truth.assumption2,
        "information exponent": lambda: truth.information_exponent,
        "effective dimension": lambda: truth.effective_dimension,
        "subspace leap": lambda: truth.subspace_leap,
        "generative exponent": lambda: truth.generative_exponent,
        "monotone link": lambda: truth.monotone,
    }[name]()
    if answer.state == "undecided":
        assert answer.bounds is not None
        low, high = answer.bounds
        if expected is None or (low <= expected and (high is None or expected <= high)):
            return None
        return f"bounds [{low}, {high}] do not hold {expected}"
    return None if answer.value == expected else f"answered {answer.value}, expected {expected} ({answer.reason})"


def _ball_fault(ball: Ball, value: mpf, error: mpf, truth: Truth) -> str | None:
    middle, radius = _value(ball.middle), mpf(ball.radius)
    if error > mpf(10) ** -18 * max(truth.scale, 1):
        raise Unresolved(f"known to {mp.nstr(error, 2)} only")
    slack = error + mpf(10) ** -(mp.dps - 8) * (abs(value) + truth.scale)
    if abs(value - middle) > radius + slack:
        return f"{mp.nstr(middle, 20)} ± {mp.nstr(radius, 3)}, expected {mp.nstr(value, 25)}"
    if ball.zero == "holds" and abs(value) > max(ZERO * max(truth.scale, 1), slack):
        return f"said to be zero, expected {mp.nstr(value, 25)}"
    if ball.zero == "fails" and slack < ZERO * truth.scale and abs(value) < ZERO * truth.scale and abs(middle) > NONZERO:
        return f"said not to be zero, expected {mp.nstr(value, 5)}"
    return None


def refusal_fault(drawn: Drawn, reason: str) -> str | None:
    """A target refused as constant must be constant."""
    if "does not depend on x" not in reason and "must not be constant" not in reason:
        return None
    tree, size = read(drawn.text, drawn.directions)
    f = interpret(tree)
    values = [f([mpf(3 * i + j + 1) / (7 + 2 * j) * (-1) ** (i + j) for j in range(size)]) for i in range(7)]
    return "refused as constant, and it is not" if max(values) - min(values) > NONZERO else None


def examine(drawn: Drawn, seconds: float) -> Record:
    """The answers about one target, compared."""
    start = time.perf_counter()
    answers = ask(drawn, seconds)
    record = Record(drawn, answers, seconds=time.perf_counter() - start)
    start = time.perf_counter()
    reasons = {a.reason for a in answers.values() if a.state == "refused"}
    for fault in filter(None, (refusal_fault(drawn, reason) for reason in reasons)):
        record.outcomes = dict.fromkeys(answers, f"WRONG: {fault}")
    if any(a.state in ("decided", "undecided") for a in answers.values()):
        try:
            with limit(ORACLE_LIMIT):
                truth = Truth(drawn.text, drawn.directions, drawn.kind == "polynomial")
                record.outcomes |= compare(drawn, answers, truth)
        except TimeIsUp:
            why = f"unchecked: the independent computation took more than {ORACLE_LIMIT} s"
            record.outcomes = {name: why for name, a in answers.items() if a.state in ("decided", "undecided")} | record.outcomes
    record.oracle_seconds = time.perf_counter() - start
    return record


# -- the study


def study(targets: Sequence[Drawn], seconds: float, processes: int, log: Path | None = None) -> list[Record]:
    """All records, in the order of the targets; of those that are ready when interrupted.

    With a log, each record is written to it as a line of JSON when it is ready, and those found there are taken as they are.
    """
    records = {} if log is None or not log.exists() else {r.drawn: r for r in map(_restored, log.read_text("utf-8").splitlines())}
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context)
    waiting = [pool.submit(examine, drawn, seconds) for drawn in targets if drawn not in records]
    try:
        for done in tqdm(as_completed(waiting), total=len(waiting), unit="target", file=sys.stderr, mininterval=5):
            record = done.result()
            records[record.drawn] = record
            if log is not None:
                with log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(record)) + "\n")
            for name, outcome in record.outcomes.items():
                if outcome.startswith("WRONG"):
                    tqdm.write(f"{record.drawn}\n  {name}: {outcome}", file=sys.stderr)
    except KeyboardInterrupt:  # what is known so far is reported
        print("interrupted: waiting for the targets that have been begun", file=sys.stderr)
    finally:
        pool.shutdown(cancel_futures=True)
    return [records[drawn] for drawn in targets if drawn in records]


def reported(targets: Sequence[Drawn], seconds: float, processes: int) -> str:
    """What the reports of `steinlab check` leave undecided, under their budgets, and the processor time that they take."""
    inquiries = [Inquiry(t.family, t.text, t.directions) for t in targets]
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        work = pool.map(partial(report_on, seconds=seconds), inquiries)
        answers = list(tqdm(work, total=len(inquiries), file=sys.stderr, mininterval=5))
    states = Counter(a.state for a in answers)
    facts = Counter(fact for a in answers for fact in undecided(a))
    times = sorted((a.seconds, t.text) for a, t in zip(answers, targets, strict=True))
    whole = sum(a.state == "report" and not undecided(a) for a in answers)
    lines = [", ".join(f"{n} {state}" for state, n in states.items()), *(f"  {n:4} {fact}" for fact, n in facts.most_common())]
    lines.append(f"{whole} reports leave nothing undecided; median {statistics.median(s for s, _ in times):.2f} s; slowest:")
    return "\n".join([*lines, *(f"  {s:.1f} s {text}" for s, text in times[:-6:-1])])


def _restored(line: str) -> Record:
    """A record from its line of JSON."""
    data = json.loads(line)
    rows = data["drawn"].pop("directions")
    drawn = Drawn(**data["drawn"], directions=None if rows is None else tuple(map(tuple, rows)))
    answers = {name: Answer(**answer) for name, answer in data["answers"].items()}
    for name, answer in answers.items():
        value, bounds = answer.value, answer.bounds
        if isinstance(value, dict):
            value = Ball(**value) if "middle" in value else {alpha: Ball(**entry) for alpha, entry in value.items()}
        answers[name] = replace(answer, value=value, bounds=None if bounds is None else (bounds[0], bounds[1]))
    return Record(drawn, answers, data["outcomes"], data["seconds"], data["oracle_seconds"])


def table(records: Sequence[Record]) -> str:
    """The counts for each quantity, with median and worst time."""
    head = ["quantity", *STATES, "right", "unchecked", "WRONG", "median s", "worst s", "worst target"]
    lines = [head]
    for name in QUANTITIES:
        asked = [(r, r.answers[name]) for r in records]
        states = Counter(answer.state for _, answer in asked)
        decided = [r.outcomes.get(name, "unchecked") for r, a in asked if a.state == "decided"]
        faults = sum(r.outcomes.get(name, "").startswith("WRONG") for r in records)
        worst, answer = max(asked, key=lambda pair: pair[1].seconds)
        lines.append(
            [
                name,
                *(str(states[state]) for state in STATES),
                str(sum(o == "right" for o in decided)),
                str(sum(o.startswith("unchecked") for o in decided)),
                str(faults),
                f"{statistics.median(a.seconds for _, a in asked):.4f}",
                f"{answer.seconds:.2f}",
                f"{worst.drawn.kind} {worst.drawn.index}",
            ]
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def reasons(records: Sequence[Record], state: str) -> str:
    """The reasons of one state, grouped with numbers and expressions struck out, each with an example."""
    groups: dict[tuple[str, str], list[Drawn]] = {}
    for r in records:
        for name, a in r.answers.items():
            if a.state == state:
                shape = re.sub(r"'[^']*'", "'...'", a.reason)
                shape = re.sub(r"\[[-+0-9.e /±]+\]|[-+]?\b[0-9][0-9.e+-]*", "#", shape)[:110]
                groups.setdefault((name, shape), []).append(r.drawn)
    lines = []
    for (name, shape), targets in sorted(groups.items(), key=lambda g: (g[0][0], -len(g[1]))):
        example = targets[0]
        rows = "" if example.directions is None else f" along {example.directions}"
        lines.append(f"  {len(targets):4} {name}: {shape}\n         such as {example.kind} {example.index}: {example.text}{rows}")
    return "\n".join(lines)


def report(records: Sequence[Record]) -> str:
    parts = []
    for kind in dict.fromkeys(r.drawn.kind for r in records):
        mine = [r for r in records if r.drawn.kind == kind]
        parts += [f"{len(mine)} targets: {kind}", table(mine)]
        coefficients = [b for r in mine for b in _balls(r.answers["coefficients to degree 4"])]
        verdicts = Counter(b.zero or "lifted" for b in coefficients)
        counted = ", ".join(f"{verdicts[v]} {word}" for v, word in _WORDS.items() if verdicts[v])
        parts.append(f"coefficients to degree 4, one by one: {len(coefficients)}, of which {counted}")
        slow = sorted(mine, key=lambda r: -r.seconds)[:5]
        parts.append("slowest: " + "; ".join(f"{r.seconds:.2f} s {r.drawn.text}" for r in slow))
        for state in ("undecided", "refused", "crashed"):
            if found := reasons(mine, state):
                parts += [f"{state}:", found]
        for r in mine:
            if any(a.state == "timed out" for a in r.answers.values()):
                names = ", ".join(name for name, a in r.answers.items() if a.state == "timed out")
                parts.append(f"timed out: {r.drawn}: {names}")
        unchecked = Counter(
            (name, o)
            for r in mine
            for name, o in r.outcomes.items()
            if o.startswith("unchecked") and r.answers[name].state == "decided"
        )
        parts += [f"  {n:4} {name} {o}" for (name, o), n in sorted(unchecked.items())]
        for r in mine:
            parts += [f"{o}\n  {name} of {r.drawn}" for name, o in r.outcomes.items() if o.startswith("WRONG")]
        parts.append("")
    wrong = sum(o.startswith("WRONG") for r in records for o in r.outcomes.values())
    parts.append(f"{wrong} wrong answers; independent computation: {sum(r.oracle_seconds for r in records):.0f} s")
    return "\n".join(parts)


_WORDS = {"holds": "proved zero", "fails": "proved not zero", "undecided": "undecided", "lifted": "in other coordinates"}


def _balls(answer: Answer) -> list[Ball]:
    return list(answer.value.values()) if isinstance(answer.value, dict) else []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="how many targets, half of each kind (default 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=("polynomial", "link", "all"), default="all")
    parser.add_argument("--limit", type=float, default=60, help="seconds for the answers about one target (default 60)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of targets of --kind to run instead")
    parser.add_argument("--reports", action="store_true", help="only count what the reports of `steinlab check` leave undecided")
    parser.add_argument("--json", type=Path, help="write every record to this file, a line each; go on where it ends")
    arguments = parser.parse_args()
    kinds = ("polynomial", "link") if arguments.kind == "all" else (arguments.kind,)
    numbers = range(arguments.count // len(kinds)) if arguments.only is None else arguments.only
    targets = [draw(arguments.seed, kind, index) for index in numbers for kind in kinds]
    if arguments.reports:
        print(reported(targets, arguments.limit, arguments.processes))
        return 0
    records = study(targets, arguments.limit, arguments.processes, arguments.json)
    print(report(records))
    return int(any(o.startswith("WRONG") for r in records for o in r.outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
