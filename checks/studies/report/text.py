"""The verdicts of a study as a few lines for the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from steinlab.checks.studies.study import Study


def plain_report(study: Study, summary: Mapping[str, Any]) -> str:
    """A few lines for the terminal: each verdict with its numbers and reason, and where published numbers differ."""
    lines = [f"{study.title}"]
    for kind, name in (("rates", "exponent"), ("levels", "level")):
        for record in summary[kind]:
            sign = {"upper": "<=", "lower": ">=", "tight": "="}[record["direction"]]
            lines += [
                f"  {record['verdict']:<10}{record['id']}: {study.find(record['series']).label}",
                f"            {record['quantity']} {name} {sign} {record['predicted']:g}; measured {_measured(record)}",
                f"            {record['reason']}",
            ]
            if record.get("needed") is not None:
                lines.append(f"            would decide it: {_needed(record)}")
    for record in summary["published"]:
        judged = [point for point in record["points"] if point["differs"] is not None]
        if judged:
            count = sum(point["differs"] for point in judged)
            largest = max(judged, key=lambda point: _log_ratio(point["mean"], point["published"]))
            lines.append(
                f"  {record['label']} against {study.find(record['series']).label}: differs at {count} of {len(judged)} points"
                f" (most at x = {largest['x']:g}: {largest['mean']:.3g} against {largest['published']:.3g})"
            )
    if summary["failures"]:
        first = summary["failures"][0]
        lines.append(
            f"  {len(summary['failures'])} runs failed; the first, {first['series']} at x = {first['x']}: {first['message']}"
        )
    return "\n".join([*lines, _in_short(summary)])


def _in_short(summary: Mapping[str, Any]) -> str:
    """One line that says what the verdicts mean, and what they do not."""
    verdicts = [record["verdict"] for kind in ("rates", "levels") for record in summary[kind]]
    form = "in the quick form" if summary["settings"]["quick"] else "at these sizes"
    if not verdicts:
        return f"In short: nothing is predicted; the numbers stand side by side {form} and prove nothing beyond."
    held, failed, undecided = (verdicts.count(verdict) for verdict in ("holds", "fails", "undecided"))
    counts = f"{held} of {len(verdicts)} predictions hold {form}, {failed} fail, {undecided} undecided"
    return f"In short: {counts}: numerical evidence, no proof."


def _log_ratio(ours: float, theirs: float) -> float:
    """|log(ours/theirs)| of the sizes; infinite where just one of them is zero."""
    if abs(ours) == abs(theirs):
        return 0.0
    return abs(math.log(abs(ours / theirs))) if ours and theirs else math.inf


def _needed(record: Mapping[str, Any]) -> str:
    needed = record["needed"]
    sizes = ", ".join(f"{size:g}" for size in needed["sizes"])
    return f"{needed['seeds']} seeds at each of {record['axis']} = {sizes} ({needed['runs']} runs)"


def _measured(record: Mapping[str, Any]) -> str:
    if record["measured"] is None:
        return "nothing"
    if record["interval"] is None:
        return f"{record['measured']:.3f}, interval unbounded"
    low, high = record["interval"]
    return f"{record['measured']:.3f} [{low:.3f}, {high:.3f}]"
