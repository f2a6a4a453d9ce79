"""check the assumptions of a theorem for a target, exactly or with certified enclosures"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from steinlab.checks.assumptions import THEOREMS, Report, check
from steinlab.theory.targets import PolynomialTarget, Target
from steinlab.theory.verdicts import Finding, Verdict

EXAMPLE = 'steinlab check "He(2,z1)/2 + He(4,z1)/sqrt(48)"'
SCHEMA = "steinlab/check/1"
_MARKS = {Verdict.HOLDS: "holds", Verdict.FAILS: "FAILS", Verdict.UNDECIDED: "undecided"}
_WIDTH = 110


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="an expression in z1, z2, ..., or a .toml file")
    parser.add_argument(
        "--theorem",
        default="damian.theorem1",
        choices=tuple(THEOREMS),
        help="the theorem whose assumptions decide the exit status",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--certificate",
        metavar="FILE",
        type=Path,
        help="write a proof of the verdicts, for checks/verify_certificate.py to check",
    )


def run(args: argparse.Namespace) -> int:
    report = check(load_target(args.target), args.theorem)
    # the text is complete before any of it is printed: bad input leaves standard output empty
    text = json.dumps(to_json(report), indent=2, ensure_ascii=False) if args.json else render(report)
    if args.certificate is not None:
        from steinlab.checks.certificate import write_certificate

        write_certificate(report, args.certificate)
    sys.stdout.write(text + "\n")
    return 0 if report.verdict is Verdict.HOLDS else 1


def load_target(text: str) -> Target:
    """A target from the command line: the path of a .toml file, or an expression."""
    return Target.load(Path(text)) if text.endswith(".toml") else Target.from_expression(text)


def to_json(report: Report) -> dict[str, Any]:
    """The object that `steinlab check --json` prints."""
    target = report.target
    facts = _presentation(report).facts(report)
    return {
        "schema": SCHEMA,
        "target": {
            **target.to_mapping(),
            "name": target.name,
            "latent_dimension": target.latent_dimension,
            **facts.pop("target"),
            "degree": target.degree,
        },
        "theorem": report.theorem,
        "verdict": report.verdict.value,
        **facts,
        "assumptions": [
            {
                "id": f.id,
                "verdict": f.verdict.value,
                "evidence": f.evidence.value,
                "reason": f.reason,
                "required": f in report.required,
            }
            for f in report.assumptions
        ],
        "predictions": [
            {
                "method": p.method,
                "exponent_d": None if p.exponent_d is None else float(p.exponent_d),
                "rate": p.rate,
                "value": p.value,
                "direction": p.direction,
                "holds_when": p.holds_when,
                "applies": p.applies,
                "source": p.source,
            }
            for p in report.predictions
        ],
        "advice": list(report.advice),
    }


def _presentation(report: Report) -> Any:
    """The module that words the facts of this kind of report, imported when it is needed."""
    kind = "polynomial_facts" if isinstance(report.target, PolynomialTarget) else "link_facts"
    return importlib.import_module(f"steinlab.checks.{kind}")


# -- text for people


def render(report: Report) -> str:
    """The report as text: what holds, what fails and why, what H does not see, what each method should cost, what to try."""
    blocks = [_heading(report), _assumption_table(report), _facts(report), _prediction_table(report)]
    if report.advice:
        tips = [textwrap.fill(tip, _WIDTH, initial_indent="  * ", subsequent_indent="    ") for tip in report.advice]
        (second,) = (f.verdict for f in report.assumptions if f.id == "damian.assumption2")
        why = "fails" if second is Verdict.FAILS else "is undecided"
        blocks.append(f"What to try, since Assumption 2 {why}\n" + "\n".join(tips))
    return "\n\n".join(blocks)


def _heading(report: Report) -> str:
    target = report.target
    lines = [f"{target.name + ': ' if target.name else ''}f*(x) = {target.link}"]
    if target.directions is not None:
        lines += [f"  u{i + 1} = ({', '.join(map(str, row))})" for i, row in enumerate(target.directions)]
    lines.append(f"{report.theorem}: its assumptions on the target {_summary(report.verdict)}")
    return "\n".join(lines)


def _summary(verdict: Verdict) -> str:
    return {Verdict.HOLDS: "HOLD", Verdict.FAILS: "FAIL", Verdict.UNDECIDED: "ARE UNDECIDED"}[verdict]


def _assumption_table(report: Report) -> str:
    required = set(report.required)
    ordered = sorted(report.assumptions, key=lambda f: f not in required)

    def row(f: Finding) -> list[str]:
        return [f.id if f in required else f"({f.id})", _MARKS[f.verdict], f.evidence.value, f.reason]

    note = "\n  (in parentheses: not asked for by this theorem)" if len(required) < len(ordered) else ""
    return "Assumptions\n" + table(["assumption", "verdict", "evidence", "why"], [row(f) for f in ordered]) + note


def _facts(report: Report) -> str:
    title = (
        "Exact facts" if isinstance(report.target, PolynomialTarget) else "Facts, exact or certified; undecided where it says so"
    )
    return f"{title}\n" + table(None, _presentation(report).rows(report))


def _prediction_table(report: Report) -> str:
    rows = [[p.method, p.value or "", p.direction, p.source] for p in report.predictions if p.applies]
    text = "Predicted number of samples as d grows, up to constants and logarithms\n"
    text += table(["method", "samples", "direction", "source"], rows)
    idle = [f"{p.method} (needs: {p.holds_when})" for p in report.predictions if not p.applies]
    if idle:
        text += "\n" + textwrap.fill(
            "No prediction for: " + "; ".join(idle), _WIDTH, initial_indent="  ", subsequent_indent="    "
        )
    return text


def table(header: list[str] | None, rows: list[list[str]]) -> str:
    """Aligned columns; the last one wraps within the width."""
    everything = ([header] if header else []) + rows
    widths = [max(len(row[i]) for row in everything) for i in range(len(everything[0]) - 1)]
    indent = 2 + sum(widths) + 2 * len(widths)
    lines = []
    for row in everything:
        lead = "  " + "".join(cell.ljust(width + 2) for cell, width in zip(row, widths, strict=False))
        wrapped = textwrap.wrap(row[-1], max(_WIDTH - indent, 30)) or [""]
        lines += [lead + wrapped[0], *(" " * indent + more for more in wrapped[1:])]
    if header:
        lines.insert(1, "  " + "-" * (max(map(len, lines)) - 2))
    return "\n".join(line.rstrip() for line in lines)
