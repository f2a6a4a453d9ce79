"""The report of a study: one self-contained HTML page, a function of the study and its summary alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from steinlab.checks.pages.words import interval, number, size, style_sheet
from steinlab.checks.studies.kinds.menu import METHODS, QUANTITIES
from steinlab.checks.studies.report.figures import draw, panels
from steinlab.checks.studies.study import Figure, Study


def render(study: Study, summary: Mapping[str, Any]) -> str:
    """The page as text: no scripts, nothing fetched, no dates; the same bytes for the same summary."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(number=number, size=size, plus_minus=plus_minus, printed=printed, interval=interval)
    here = resources.files("steinlab.checks.studies.report")
    template = environment.from_string((here / "page.html").read_text("utf-8"))
    series = {record["id"]: record for record in summary["series"]}
    tables = {figure.id: _table(figure.series, figure.quantity, summary) for figure in study.figures}
    return (
        template.render(
            study=study,
            summary=summary,
            series=series,
            curves=series | {record["id"]: record for record in summary["thresholds"]},
            defaults={record["method"]: METHODS[record["method"]].settings(record["method"]) for record in series.values()},
            quantities=QUANTITIES,
            style=Markup(style_sheet()),
            drawings={figure.id: Markup(draw(figure, summary)) for figure in study.figures},
            off_scale={figure.id: _off_scale(figure, summary) for figure in study.figures},
            neurons={figure.id: _neuron_rows(figure, summary) for figure in study.figures if figure.kind == "neurons"},
            tables=tables,
            rows={id: sorted({x for c in columns if not c["printed"] for x in c["cells"]}) for id, columns in tables.items()},
        )
        + "\n"
    )


def _off_scale(figure: Figure, summary: Mapping[str, Any]) -> bool:
    """Whether some bar reaches down to zero, which a logarithmic scale cannot show."""
    return (
        figure.kind == "curves"
        and figure.y_scale == "log"
        and any(
            point["std"] is not None and point["std"] >= point["mean"]
            for record in (*summary["series"], *summary["thresholds"])
            if record["id"] in figure.series and record["quantity"] == figure.quantity
            for point in record["points"]
        )
    )


def _neuron_rows(figure: Figure, summary: Mapping[str, Any]) -> list[dict[str, float]]:
    """For each panel of a picture of neurons: its step, and the root mean square of the neurons along and across the teacher."""
    followed = summary["neurons"][figure.series[0]]
    if followed is None:
        return []
    rows = []
    for frame in panels(followed["steps"]):
        w = followed["w"][frame]
        along, across = (math.sqrt(sum(point[axis] ** 2 for point in w) / len(w)) for axis in range(2))
        rows.append({"t": followed["steps"][frame], "along": along, "across": across})
    return rows


def _table(names: tuple[str, ...], quantity: str, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The columns of a figure's table: for each series and each published one, its cells by x."""
    columns = [
        {"label": record["label"], "printed": False, "cells": {point["x"]: point for point in record["points"]}}
        for name in names
        for record in (*summary["series"], *summary["thresholds"])
        if record["id"] == name and record["quantity"] == quantity
    ]
    seen = set()
    for record in summary["published"]:
        if record["series"] in names and record["quantity"] == quantity and record["id"] not in seen:
            seen.add(record["id"])
            cells = {
                p["x"]: {
                    "mean": p["published"],
                    "std": p["published_std"],
                    "seeds": p["published_seeds"],
                    "failed": 0,
                    "censored": 0,
                }
                for p in record["points"]
            }
            columns.append({"label": record["label"], "printed": True, "cells": cells})
    return columns


def plus_minus(mean: float | None, std: float | None) -> str:
    """Mean ± standard deviation to two digits of the latter, at most four decimals.

    >>> plus_minus(0.2534, 0.083), plus_minus(1.0, None), plus_minus(None, None)
    ('0.253 ± 0.083', '1', '–')
    """
    if mean is None or std is None or std == 0:
        return number(mean)
    decimals = min(max(0, 1 - int(f"{std:.1e}".split("e")[1])), 4)
    return f"{mean:.{decimals}f} ± {std:.{decimals}f}".replace("-", "−")


def printed(mean: float, std: float | None) -> str:
    """A published number with all the digits it was published with.

    >>> printed(1.006, None), printed(0.548, 0.133)
    ('1.006', '0.548 ± 0.133')
    """
    return f"{mean:g}" if std is None else f"{mean:g} ± {std:g}"
