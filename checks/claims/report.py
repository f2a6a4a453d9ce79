"""What is said of claims and of their results: as JSON records, and as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from steinlab.checks.claims.claim import AnyClaim, Unchecked
from steinlab.checks.claims.runner import Result


def description(claim: AnyClaim) -> dict[str, Any]:
    """A claim as a record, whatever came of it."""
    return {
        "id": claim.id,
        "statement": claim.statement,
        "hypotheses": claim.hypotheses,
        "source": str(claim.source),
        "direction": claim.direction,
        "method": claim.method,
    }


def record(result: Result) -> dict[str, Any]:
    """A result as a record, each planted fault with it; `control` is one that was missed, if any was."""
    trial = result.trial
    controls = [
        {
            "mutation": control.mutation,
            "rejected": control.rejected,
            "reason": control.trial.reason,
            "counterexample": control.trial.counterexample,
            "examples": control.trial.examples,
        }
        for control in result.controls
    ]
    missed = [control["mutation"] for control in controls if not control["rejected"]]
    planted = [control["mutation"] for control in controls]
    return description(result.claim) | {
        "verdict": str(trial.verdict),
        "evidence": str(result.claim.evidence),
        "reason": trial.reason,
        "counterexample": trial.counterexample,
        "examples": trial.examples,
        "decided": trial.decided,
        "control": {"mutation": (missed or planted or ["none planted"])[0], "rejected": bool(planted) and not missed},
        "controls": controls,
        "seconds": round(result.seconds, 3),
    }


def catalogue(claims: Sequence[AnyClaim], unchecked: Sequence[Unchecked] = ()) -> str:
    """Each claim with its statement, source and direction; then what has no check, and why."""
    lines = [f"{c.id}\n    {c.statement}\n    {c.source}; {c.direction}, {c.evidence}" for c in claims]
    if unchecked:
        lines.append("\nWithout a check")
        lines += [f"{row.id}\n    {row.statement}\n    {row.source}; no check: {row.why}" for row in unchecked]
    return "\n".join(lines)


def status(result: Result) -> str:
    """The verdict, and the planted faults that it missed."""
    missed = sum(not control.rejected for control in result.controls)
    return str(result.trial.verdict) + (f", but {missed} planted fault(s) not rejected" if missed else "")


def table(results: Sequence[Result]) -> str:
    """Each result on a line, then what is wrong, then how many are confirmed. No times: the same seed prints the same text."""
    rows = [("claim", "verdict", "evidence", "decided", "faults rejected")]
    for r in results:
        rejected = sum(control.rejected for control in r.controls)
        decided, faults = f"{r.trial.decided} of {r.trial.examples}", f"{rejected} of {len(r.controls)}"
        rows.append((r.claim.id, str(r.trial.verdict), str(r.claim.evidence), decided, faults))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    for r in results:
        lines += _complaints(r)
    confirmed = sum(r.confirmed for r in results)
    summary = f"{confirmed} of {len(results)} claims confirmed: held on every case drawn, every planted fault rejected."
    return "\n".join([*lines, "", summary])


def _complaints(result: Result) -> list[str]:
    if result.confirmed:
        return []
    lines = ["", f"{result.claim.id}: {status(result)}", f"    {result.claim.statement}"]
    if result.trial.reason:
        lines.append(f"    {result.trial.reason}")
    if result.trial.counterexample:
        lines.append(f"    at {result.trial.counterexample}")
    lines += [
        f"    not rejected: {control.mutation} ({control.trial.reason})" for control in result.controls if not control.rejected
    ]
    return lines if result.controls else [*lines, "    no fault is planted, so nothing shows that the check can fail"]
