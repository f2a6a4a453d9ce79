"""check the assumptions of a theorem for a target, exactly or with certified enclosures"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steinlab.checks.assumptions.report import CONFIGURED, THEOREMS, Report, check
from steinlab.checks.commands.arguments import read_target, whole_number
from steinlab.checks.text import WIDTH, table
from steinlab.theory.budget import at_effort
from steinlab.theory.errors import InputError
from steinlab.theory.language.parsing import number
from steinlab.theory.language.spelling import respelled
from steinlab.theory.targets.target import PolynomialTarget
from steinlab.theory.verdicts import Finding, Verdict

EXAMPLE = 'steinlab check "He(2,z1)/2 + He(4,z1)/sqrt(48)"'
SCHEMA = "steinlab/check/1"
_MARKS = {Verdict.HOLDS: "holds", Verdict.FAILS: "FAILS", Verdict.UNDECIDED: "undecided"}
_TRAIN = (
    "steinlab train takes γ = 0.5 unless told otherwise and starts the schedule later, at t* = 2(d + γ_0 + γ)/γ, so that no step "
    "overshoots; --set weight_decay=... --set gamma=... --set t_star=... takes these values"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="an expression in z1, z2, ..., or a .toml file")
    parser.add_argument(
        "--theorem",
        default="damian.theorem1",
        choices=tuple(THEOREMS),
        help="the theorem whose assumptions decide the exit status",
    )
    training = parser.add_argument_group(
        "how the network is trained", f"for --theorem {', '.join(CONFIGURED)}, with recommended λ, η_t, t* and T"
    )
    training.add_argument("--activation", metavar="NAME", help="relu (default), tanh, erf, sigmoid or softplus")
    training.add_argument("--loss", metavar="NAME", help="huber (default), huber(DELTA), squared or logistic")
    training.add_argument("--biases", metavar="LAW", help="1/2, ±1/2, uniform(a, b), ±uniform(a, b) or normal (default ±1)")
    training.add_argument("--weight-decay", metavar="LAMBDA", help="compare this λ with the threshold γ_0/m")
    training.add_argument("-d", metavar="D", help="dimension of the inputs (default 100)")
    training.add_argument("-m", metavar="M", help="width of the network (default 1000)")
    training.add_argument("--tolerance", metavar="EPS", help="wanted ‖W_⊥‖_F/√m (default 0.1)")
    training.add_argument("--gamma", metavar="GAMMA", help="γ of λ = (γ_0 + γ)/m (default: γ_0)")
    parser.add_argument(
        "--effort",
        metavar="N",
        default="1",
        help="multiply the budget of work of every fact (default 1); where it does not suffice, a fact is undecided",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--certificate",
        metavar="FILE",
        type=Path,
        help="write a proof of the verdicts, for checks/verify_certificate.py to check",
    )


def run(args: argparse.Namespace) -> int:
    report = check(read_target(args.target), args.theorem, effort=whole_number("--effort", args.effort), **_configuration(args))
    plan = _plan(report, args)
    # the text is complete before any of it is printed: bad input leaves standard output empty
    if args.json:
        found = to_json(report) | ({} if plan is None else {"recommendation": plan})
        text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)
    else:
        text = render(report) + ("" if plan is None else "\n\n" + _plan_text(plan))
    if args.certificate is not None:
        from steinlab.checks.certificates.certificate import write_certificate

        write_certificate(report, args.certificate)
    sys.stdout.write(text + "\n")
    return 0 if report.verdict is Verdict.HOLDS else 1


def _configuration(args: argparse.Namespace) -> dict[str, Any]:
    """The parts of the configuration that the command line names, with defaults where a theorem asks for them."""
    names = ("activation", "loss", "biases", "weight_decay", "d", "m", "tolerance", "gamma")
    given = {name: value for name in names if (value := getattr(args, name)) is not None}
    if args.theorem not in CONFIGURED:
        if given:
            flag = next(iter(given)).replace("_", "-")
            raise InputError(f"{'--' if len(flag) > 1 else '-'}{flag} is for --theorem {', '.join(CONFIGURED)} only")
        return {}
    parts: dict[str, Any] = {name: given[name] for name in ("activation", "loss", "biases") if name in given}
    if "weight_decay" in given:
        parts |= {"weight_decay": number(given["weight_decay"]), "width": whole_number("-m", given.get("m", "1000"))}
    return parts


def _plan(report: Report, args: argparse.Namespace) -> dict[str, Any] | None:
    """λ, η_t, t* and T for the wanted ‖W_⊥‖_F/√m, or why there are none; None for theorems that ask for no training."""
    if report.configuration is None:
        return None
    width, d = whole_number("-m", "1000" if args.m is None else args.m), whole_number("-d", "100" if args.d is None else args.d)
    tolerance = float(number("0.1" if args.tolerance is None else args.tolerance))
    gamma = None if args.gamma is None else number(args.gamma)
    wanted = {"d": d, "m": width, "tolerance": tolerance}
    failing = [f for f in report.required if f.verdict is not Verdict.HOLDS and f.id != "mousavi.weight_decay"]
    if failing:
        return {**wanted, "steps": None, "notes": [f"no recommendation: {failing[0].id} {_MARKS[failing[0].verdict].lower()}"]}
    plan = report.configuration.recommend(width=width, d=d, tolerance=tolerance, gamma=gamma)
    return {
        **wanted,
        "gamma_0": float(plan.threshold),
        "gamma": float(plan.gamma),
        "weight_decay": plan.weight_decay,
        "step_size": "m (2(t + t*) + 1)/(γ (t + t* + 1)²)",
        "t_star": plan.offset,
        "steps": plan.steps,
        "notes": [*plan.notes, _TRAIN],
    }


def _plan_text(plan: Mapping[str, Any]) -> str:
    wanted = f"Recommended for ‖W_⊥‖_F/√m <= {plan['tolerance']:g} in the mean square, d = {plan['d']}, m = {plan['m']}"
    rows = []
    if plan["steps"] is not None:
        rows = [
            ["λ", f"{plan['weight_decay']:.6g} = (γ_0 + γ)/m, γ_0 = {plan['gamma_0']:.6g}, γ = {plan['gamma']:.6g}"],
            ["η_t", f"{plan['step_size']}, t* = {plan['t_star']}"],
            ["T", f"{plan['steps']} steps, each with a fresh sample"],
        ]
    return f"{wanted}\n" + table(None, [*rows, *[["", note] for note in plan["notes"]]])


def to_json(report: Report) -> dict[str, Any]:
    """The object that `steinlab check --json` prints."""
    with at_effort(report.effort, report.purse):
        return _json(report)


def _json(report: Report) -> dict[str, Any]:
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
            for f in report.findings
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
    return importlib.import_module(f"steinlab.checks.assumptions.{kind}")


# -- text for people


def render(report: Report) -> str:
    """The report as text: what holds, what fails and why, what H does not see, what each method should cost, what to try."""
    with at_effort(report.effort, report.purse):
        return _text(report)


def _text(report: Report) -> str:
    blocks = [_heading(report), _assumption_table(report), _facts(report), _prediction_table(report)]
    if report.advice and "damian.assumption2" in THEOREMS[report.theorem]:
        tips = [textwrap.fill(tip, WIDTH, initial_indent="  * ", subsequent_indent="    ") for tip in report.advice]
        (second,) = (f.verdict for f in report.assumptions if f.id == "damian.assumption2")
        why = "fails" if second is Verdict.FAILS else "is undecided"
        blocks.append(f"What to try, since Assumption 2 {why}\n" + "\n".join(tips))
    return "\n\n".join(blocks)


def _heading(report: Report) -> str:
    target = report.target
    lines = [f"{target.name + ': ' if target.name else ''}f*(x) = {target.link}"]
    typed = " ".join(target.link.split())
    read, _ = respelled(typed)
    if read != typed:
        lines.append(f"  read as {read}")
    if target.directions is not None:
        lines += [f"  u{i + 1} = ({', '.join(map(str, row))})" for i, row in enumerate(target.directions)]
    lines.append(f"{report.theorem}: its assumptions on the target {_summary(report.verdict)}")
    return "\n".join(lines)


def _summary(verdict: Verdict) -> str:
    return {Verdict.HOLDS: "HOLD", Verdict.FAILS: "FAIL", Verdict.UNDECIDED: "ARE UNDECIDED"}[verdict]


def _assumption_table(report: Report) -> str:
    required = set(report.required)
    ordered = sorted(report.findings, key=lambda f: f not in required)

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
    if report.target.degree is None and report.finding("damian.polynomial").verdict is Verdict.HOLDS:
        text += "\n  The degree is undecided: no cost that hangs on it is told."
    idle = [f"{p.method} (needs: {p.holds_when})" for p in report.predictions if not p.applies]
    if idle:
        text += "\n" + textwrap.fill(
            "No prediction for: " + "; ".join(idle), WIDTH, initial_indent="  ", subsequent_indent="    "
        )
    return text
