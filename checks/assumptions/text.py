"""The report as text for people: the short one, and all of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from steinlab.checks.assumptions import facts
from steinlab.checks.assumptions.answers import Answers
from steinlab.checks.assumptions.words import MARKS, SUMMARY
from steinlab.checks.papers.paper import Cost
from steinlab.checks.text import WIDTH, table
from steinlab.theory.language.spelling import respelled
from steinlab.theory.verdicts import Finding, Verdict

SHORT_WIDTH = 100
SHORT_LINES = 30
"""What the short report keeps to."""
MOST_HEADING = 4
"""Most lines of its heading."""


class Told(NamedTuple):
    """What the text of a report is made of, beside the facts."""

    theorem: str
    verdict: Verdict
    findings: Sequence[Finding]
    required: Sequence[Finding]
    predictions: Sequence[Cost]
    degree_undecided: bool
    advice: Sequence[str]
    why_advice: str


def full(answers: Answers, told: Told) -> str:
    """What holds, what fails and why, what H does not see, what each method should cost, what to try."""
    blocks = [
        _heading(answers, told),
        _assumption_table(told),
        f"Facts: {answers.kinds}, or undecided where it says so\n" + table(None, facts.rows(answers)),
        _prediction_table(told),
    ]
    if told.advice:
        tips = [textwrap.fill(tip, WIDTH, initial_indent="  * ", subsequent_indent="    ") for tip in told.advice]
        blocks.append(f"What to try, since Assumption 2 {told.why_advice}\n" + "\n".join(tips))
    return "\n\n".join(blocks)


def short(answers: Answers, told: Told, room: int = SHORT_LINES) -> str:
    """The verdict, the assumptions of the theorem, the exponents with reasons and the predictions that apply, in `room` lines.

    Where the whole reasons leave no room, rows are cut short.
    """
    for between, most_lines in (("\n\n", 4), ("\n\n", 2), ("\n", 2), ("\n\n", 1), ("\n", 1)):
        text = between.join(_short_blocks(answers, told, most_lines))
        if text.count("\n") < room:
            break
    return text


def _short_blocks(answers: Answers, told: Told, most_lines: int) -> Iterator[str]:
    def lines(rows: Sequence[Sequence[str]]) -> str:
        return table(None, rows, width=SHORT_WIDTH, most_lines=most_lines)

    heading = _heading(answers, told).split("\n")
    if len(heading) > MOST_HEADING:
        parts = ["spelling" if answers.target.network is None else f"{len(answers.target.network.weights)} neurons"]
        parts += [f"{len(answers.target.directions)} directions"] if answers.target.directions else []
        heading = [heading[0], f"  ({' and '.join(parts)}: --full)", heading[-1]]
    yield "\n".join(_one_line(line, SHORT_WIDTH) for line in heading)
    yield lines([["assumption", "verdict", "evidence", "why"], *([f.id, *_verdict(f)] for f in told.required)])
    yield lines(facts.brief(answers))
    costs = [[p.method, p.value or "", p.direction] for p in told.predictions if p.applies]
    yield lines([["method", "samples as d grows", "direction"], *costs]) if costs else "  No prediction applies."
    more = "every fact and source, what to try" if told.advice else "every fact and source"
    yield f"--full: {more}; --explain FACT: the steps that decided it"


def _verdict(f: Finding) -> list[str]:
    return [MARKS[f.verdict], f.evidence.value, f.reason]


def _one_line(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3].rstrip() + "..."


def _heading(answers: Answers, told: Told) -> str:
    target = answers.target
    named = target.name + ": " if target.name else ""
    if target.network is not None:
        lines = [f"{named}f*(x) = the sum of {target.network}"]
        lines += [f"  neuron {j}: {neuron}" for j, neuron in enumerate(target.network.neurons(), 1)]
    else:
        lines = [f"{named}f*(x) = {target.link}"]
        typed = " ".join(target.link.split())
        read, _ = respelled(typed)
        if read != typed:
            lines.append(f"  read as {read}")
    if target.directions is not None:
        lines += [f"  u{i + 1} = ({', '.join(map(str, row))})" for i, row in enumerate(target.directions)]
    lines.append(f"{told.theorem}: its assumptions on the target {SUMMARY[told.verdict]}")
    return "\n".join(lines)


def _assumption_table(told: Told) -> str:
    required = set(told.required)
    ordered = sorted(told.findings, key=lambda f: f not in required)

    def row(f: Finding) -> list[str]:
        return [f.id if f in required else f"({f.id})", *_verdict(f)]

    note = "\n  (in parentheses: not asked for by this theorem)" if len(required) < len(ordered) else ""
    return "Assumptions\n" + table(["assumption", "verdict", "evidence", "why"], [row(f) for f in ordered]) + note


def _prediction_table(told: Told) -> str:
    rows = [[p.method, p.value or "", p.direction, p.source] for p in told.predictions if p.applies]
    text = "Predicted number of samples as d grows, up to constants and logarithms\n"
    text += table(["method", "samples", "direction", "source"], rows)
    if told.degree_undecided:
        text += "\n  The degree is undecided: no cost that hangs on it is told."
    idle = [f"{p.method} (needs: {p.prediction.holds_when})" for p in told.predictions if not p.applies]
    if idle:
        text += "\n" + textwrap.fill(
            "No prediction for: " + "; ".join(idle), WIDTH, initial_indent="  ", subsequent_indent="    "
        )
    return text
