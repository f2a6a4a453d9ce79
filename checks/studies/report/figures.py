"""Figures as inline SVG: the same bytes for the same summary, colours left to the page's style sheet."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from steinlab.checks.pages.drawings import INK, MARKERS, dress, inline, parameters, style
from steinlab.checks.studies.kinds.menu import QUANTITIES
from steinlab.checks.studies.study import AXES, Figure

_DODGE = 1.05
_BARS: dict[str, Any] = {"elinewidth": 1, "capsize": 2}


def draw(figure: Figure, summary: Mapping[str, Any]) -> str:
    """One figure of a study as an SVG element that carries its own title and description for screen readers."""
    curves = [*summary["series"], *summary["thresholds"]]
    ids = list(dict.fromkeys(record["id"] for record in curves))
    by_id = {r["id"]: r for r in curves if r["quantity"] == figure.quantity}
    # A curve has one colour throughout the report, unless there are more curves than colours.
    place = ids if len(ids) <= len(MARKERS) else list(figure.series)
    shown = {place.index(name): by_id[name] for name in figure.series}
    published: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for record in summary["published"]:
        if record["quantity"] == figure.quantity and record["series"] in figure.series:
            published.setdefault(record["id"], (place.index(record["series"]), record))
    with rc_context(parameters(figure.id)):
        if figure.kind == "neurons":
            canvas = Canvas(figsize=(4.5, 4.8), layout="constrained")
            _neurons(canvas, summary["neurons"][figure.series[0]])
        elif figure.kind == "distribution":
            canvas = Canvas(figsize=(4.5, 1.1 + 0.55 * len(shown)), layout="constrained")
            _distribution(canvas.subplots(), figure, shown, [record for _, record in published.values()])
        else:
            rows = len(shown) + len(published) + len(figure.guides)
            canvas = Canvas(figsize=(4.5, 3.2 + 0.2 * rows), layout="constrained")
            _curves(canvas.subplots(), figure, shown, list(published.values()))
        return inline(canvas, f"figure-{figure.id}", figure.title, _describe(figure, list(shown.values())))


def _curves(
    axes: Axes,
    figure: Figure,
    shown: Mapping[int, Mapping[str, Any]],
    published: Sequence[tuple[int, Mapping[str, Any]]],
) -> None:
    for i, record in shown.items():
        points = [p for p in record["points"] if p["mean"] is not None]
        axes.errorbar(
            [p["x"] for p in points],
            [p["mean"] for p in points],
            yerr=np.transpose([_bar(p) for p in points]) if points else None,
            label=record["label"],
            **style(i),
            **_BARS,
        )
    for i, record in published:
        points = record["points"]
        known = all(p["published_std"] is not None for p in points)
        axes.errorbar(
            [p["x"] * _DODGE for p in points],
            [p["published"] for p in points],
            yerr=[p["published_std"] for p in points] if known else None,
            label=record["label"],
            **style(i) | {"linestyle": ":", "markerfacecolor": "none"},
            **_BARS,
        )
    heights = [p["mean"] for record in shown.values() for p in record["points"] if p["mean"] is not None]
    heights += [p["published"] for _, record in published for p in record["points"]]
    axes.set_xscale(_possible(figure.x_scale, heights and [1.0]))  # every x is positive
    axes.set_yscale(_possible(figure.y_scale, heights))
    for i, guide in enumerate(figure.guides):
        dashes = (0, (7, 3) if i % 2 == 0 else (2, 2))
        axes.axhline(guide.y, color=INK, linewidth=1, linestyle=dashes, zorder=0, label=f"{guide.y:g}: {guide.label}")
    axis = next(iter(shown.values()))["axis"]
    axes.set_xlabel(f"{axis}, {AXES[axis]}")
    axes.set_ylabel(QUANTITIES[figure.quantity])
    dress(axes)
    legend = axes.figure.legend(
        loc="outside lower left", frameon=False, fontsize=9, handlelength=3, borderaxespad=0.2, labelspacing=0.35
    )
    for text in legend.get_texts():
        text.set_color(INK)


def _bar(point: Mapping[str, Any]) -> tuple[float, float]:
    """How far a point's bar reaches down and up: its interval where it has one, else one standard deviation."""
    if point.get("interval") is None:
        spread = point["std"] or 0.0
        return spread, spread
    low, high = point["interval"]
    return max(point["mean"] - low, 0.0), max(high - point["mean"], 0.0)


def _distribution(
    axes: Axes, figure: Figure, shown: Mapping[int, Mapping[str, Any]], published: Sequence[Mapping[str, Any]]
) -> None:
    for row, (i, record) in enumerate(reversed(list(shown.items()))):
        values = record["points"][0]["values"]
        # Neighbours in value are set apart in height by their rank, so that no mark hides another.
        heights = np.empty(len(values))
        heights[np.argsort(values, kind="stable")] = row + 0.13 * (np.arange(len(values)) % 3 - 1)
        axes.plot(values, heights, alpha=0.8, **style(i) | {"linestyle": "none"})
        if values:
            mean = record["points"][0]["mean"]
            axes.plot([mean, mean], [row - 0.36, row + 0.36], color=style(i)["color"], linewidth=2.5)
    for label, value in sorted({(r["label"], point["published"]) for r in published for point in r["points"]}):
        axes.axvline(value, color=INK, linewidth=1.2, linestyle=(0, (7, 3)), zorder=0)
        axes.annotate(
            f"{label}: {value:g}",
            (value, 1),
            (0, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=9,
            color=INK,
        )
    axes.set_yticks(
        range(len(shown)),
        [
            textwrap.fill(record["label"], 22, break_long_words=False, break_on_hyphens=False)
            for record in reversed(list(shown.values()))
        ],
    )
    axes.set_ylim(-0.6, len(shown) - 0.4)
    axes.set_xscale(_possible(figure.y_scale, [v for record in shown.values() for v in record["points"][0]["values"]]))
    axes.set_xlabel(QUANTITIES[figure.quantity])
    dress(axes)


def panels(steps: Sequence[int]) -> list[int]:
    """Which of the recorded steps are drawn side by side: the first, two early ones (most happens early), the last."""
    return sorted({0, len(steps) // 8, len(steps) // 4, len(steps) - 1})


def _neurons(canvas: Canvas, followed: Mapping[str, Any] | None) -> None:
    """Neurons in the plane at some steps, on common axes; the first axis is along the teacher."""
    grid = canvas.subplots(2, 2, sharex=True, sharey=True).flat
    for axes, frame in zip(grid, panels(followed["steps"]) if followed else (), strict=False):
        assert followed is not None
        draw_frame(axes, followed, frame)
        dress(axes)
        axes.title.set_color(INK)


def draw_frame(axes: Axes, followed: Mapping[str, Any], frame: int) -> None:
    """The neurons at one recorded step."""
    w, sign = np.array(followed["w"][frame]), np.array(followed["sign"])
    reach = 1.05 * np.abs(np.array(followed["w"])).max()
    axes.axhline(0, color=INK, linewidth=1, linestyle=(0, (7, 3)), zorder=0)
    for i, side in enumerate((1, -1)):
        points = w[sign == side]
        axes.plot(points[:, 0], points[:, 1], **style(i) | {"linestyle": "none", "markersize": 3.5}, alpha=0.8)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set_title(f"t = {followed['steps'][frame]}", fontsize=10)
    axes.set(xlabel="along the teacher", ylabel="across")
    axes.label_outer()


def _possible(scale: str, values: Sequence[float]) -> str:
    """The scale asked for; a linear one where nothing positive is drawn, of which Matplotlib makes no logarithmic axis."""
    return scale if any(value > 0 for value in values) else "linear"


def _describe(figure: Figure, shown: Sequence[Mapping[str, Any]]) -> str:
    """What a reader who cannot see the curves would ask first: where each begins and ends."""
    if figure.kind == "neurons":
        return "Neurons in the plane at four steps of one run, on the teacher's line at the end. All numbers are in summary.json."
    parts = []
    for record in shown:
        points = [p for p in record["points"] if p["mean"] is not None]
        if not points:
            parts.append(f"{record['label']}: no finished runs")
        elif len(points) == 1:
            parts.append(f"{record['label']}: mean {points[0]['mean']:.3g} over {points[0]['seeds']} runs")
        else:
            first, last = points[0], points[-1]
            parts.append(
                f"{record['label']}: from {first['mean']:.3g} at {record['axis']} = {first['x']:g} "
                f"to {last['mean']:.3g} at {record['axis']} = {last['x']:g}"
            )
    return f"{QUANTITIES[figure.quantity].capitalize()}. " + "; ".join(parts) + ". All numbers are in the table below."
