"""check the assumptions of a theorem for a target, exactly or with certified enclosures"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.report import Report
from steinlab.checks.assumptions.text import SHORT_LINES
from steinlab.checks.assumptions.words import MARKS
from steinlab.checks.commands.arguments import read_target, whole_number
from steinlab.checks.papers import PAPERS, THEOREMS
from steinlab.checks.text import WIDTH, table
from steinlab.theory.errors import InputError
from steinlab.theory.language.polynomial_reader import number
from steinlab.theory.verdicts import Verdict

EXAMPLE = 'steinlab check "He(2,z1)/2 + He(4,z1)/sqrt(48)"'
CONFIGURED = {id: theorem.training for id, theorem in THEOREMS.items() if theorem.training is not None}
"""The theorems that ask something of the training, with what they ask."""
RECOMMENDED = tuple(id for id, training in CONFIGURED.items() if training.recommends)
"""Those that recommend how to train."""
_TRAIN = (
    "steinlab train takes γ = 0.5 unless told otherwise and starts the schedule later, at t* = 2(d + γ_0 + γ)/γ, so that no step "
    "overshoots; --set weight_decay=... --set gamma=... --set t_star=... takes these values"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", nargs="?", help="an expression in z1, z2, ..., or a .toml file")
    parser.add_argument(
        "--theorem",
        default="damian.theorem1",
        choices=tuple(THEOREMS),
        help="the theorem whose assumptions decide the exit status",
    )
    parser.add_argument("--list-theorems", action="store_true", help="print the theorems with their assumptions, and stop")
    parser.add_argument("--full", action="store_true", help="print every fact, source and piece of advice")
    parser.add_argument("--explain", metavar="FACT", help="print the steps that decided a key of the JSON or an assumption")
    training = parser.add_argument_group(
        "how the network is trained", f"for --theorem {', '.join(RECOMMENDED)}, with recommended λ, η_t, t* and T"
    )
    training.add_argument(
        "--activation",
        metavar="NAME",
        help="relu (default), tanh, erf, sigmoid, softplus or an expression in u; also for theorems of Abbe et al., "
        "whose default is sigmoid(u + 1/2)",
    )
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
        help="write what checks/verify_certificate.py proves again (polynomials) or derives again (other links)",
    )


def run(args: argparse.Namespace) -> int:
    if args.list_theorems:
        sys.stdout.write(list_theorems() + "\n")
        return 0
    if args.target is None:
        raise InputError("the following arguments are required: TARGET (see steinlab check --help)")
    report = check(read_target(args.target), args.theorem, effort=whole_number("--effort", args.effort), **_configuration(args))
    plan = _plan(report, args)
    # the text is complete before any of it is printed: bad input leaves standard output empty
    if args.explain is not None:
        text = report.explain(args.explain)
    elif args.json:
        found = report.to_dict() | ({} if plan is None else {"recommendation": plan})
        text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)
    else:
        more = "" if plan is None else "\n\n" + _plan_text(plan, args.full)
        text = report.to_text(args.full, SHORT_LINES - more.count("\n")) + more
    if args.certificate is not None:
        from steinlab.checks.certificates.certificate import write_certificate

        write_certificate(report, args.certificate)
    sys.stdout.write(text + "\n")
    return 0 if report.verdict is Verdict.HOLDS else 1


def list_theorems() -> str:
    """Every theorem that can be checked, paper by paper: what it states, what it asks of the target and of the training."""
    blocks = []
    for paper in PAPERS:
        for theorem in paper.theorems:
            rows = [[assumption.id, assumption.statement] for assumption in theorem.assumptions]
            needs = [] if theorem.training is None else [["training", "; ".join(theorem.training.settings)]]
            heading = textwrap.fill(f"{theorem.id}: {theorem.statement}", WIDTH, subsequent_indent="  ")
            blocks.append(f"{heading}\n  ({theorem.source})\n" + table(None, [*rows, *needs]))
    return "\n\n".join(blocks)


def _configuration(args: argparse.Namespace) -> dict[str, Any]:
    """The parts of the configuration that the command line names, with defaults where a theorem asks for them."""
    names = ("activation", "loss", "biases", "weight_decay", "d", "m", "tolerance", "gamma")
    given = {name: value for name in names if (value := getattr(args, name)) is not None}
    training = CONFIGURED.get(args.theorem)
    for name in given:
        if training is None or not (training.recommends or name in training.keywords):
            takers = [id for id, other in CONFIGURED.items() if other.recommends or name in other.keywords]
            flag = name.replace("_", "-")
            raise InputError(f"{'--' if len(flag) > 1 else '-'}{flag} is for --theorem {', '.join(takers)} only")
    parts: dict[str, Any] = {name: given[name] for name in ("activation", "loss", "biases") if name in given}
    if "weight_decay" in given:
        parts |= {"weight_decay": number(given["weight_decay"]), "width": whole_number("-m", given.get("m", "1000"))}
    return parts


def _plan(report: Report, args: argparse.Namespace) -> dict[str, Any] | None:
    """λ, η_t, t* and T for the wanted ‖W_⊥‖_F/√m, or why there are none; None for theorems that recommend nothing."""
    if report.configuration is None or args.theorem not in RECOMMENDED:
        return None
    width, d = whole_number("-m", "1000" if args.m is None else args.m), whole_number("-d", "100" if args.d is None else args.d)
    tolerance = float(number("0.1" if args.tolerance is None else args.tolerance))
    gamma = None if args.gamma is None else number(args.gamma)
    wanted = {"d": d, "m": width, "tolerance": tolerance}
    failing = [f for f in report.required if f.verdict is not Verdict.HOLDS and f.id != "mousavi.weight_decay"]
    if failing:
        return {**wanted, "steps": None, "notes": [f"no recommendation: {failing[0].id} {MARKS[failing[0].verdict].lower()}"]}
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


def _plan_text(plan: Mapping[str, Any], full: bool) -> str:
    wanted = f"Recommended for ‖W_⊥‖_F/√m <= {plan['tolerance']:g} in the mean square, d = {plan['d']}, m = {plan['m']}"
    rows = []
    if plan["steps"] is not None:
        rows = [
            ["λ", f"{plan['weight_decay']:.6g} = (γ_0 + γ)/m, γ_0 = {plan['gamma_0']:.6g}, γ = {plan['gamma']:.6g}"],
            ["η_t", f"{plan['step_size']}, t* = {plan['t_star']}"],
            ["T", f"{plan['steps']} steps, each with a fresh sample"],
        ]
    return f"{wanted}\n" + table(None, [*rows, *[["", note] for note in plan["notes"] if full or not rows]])
