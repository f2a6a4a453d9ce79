"""The picture of a verdict: the runs, the means, the fitted law with its band, and the claim."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from steinlab.checks.judgements.answer import Answer
from steinlab.checks.pages.drawings import INK, dress, inline, parameters, style
from steinlab.checks.rates.points import Array
from steinlab.checks.rates.samples import Sample
from steinlab.checks.rates.thresholds import crossing

_DASHES = (0, (7, 3))


def picture(answer: Answer) -> str:
    """The quantity that is judged, as an SVG element: y along x, or n*(d) along d."""
    with rc_context(parameters("judgement")):
        canvas = Figure(figsize=(4.5, 4.2), layout="constrained")
        axes = canvas.subplots()
        told = _quantity(axes, answer) if answer.question.level is None else _thresholds(axes, answer)
        dress(axes)
        for text in canvas.legend(loc="outside lower left", frameon=False, fontsize=9, handlelength=3).get_texts():
            text.set_color(INK)
        return inline(canvas, "judgement", answer.question.law, told)


def _quantity(axes: Axes, answer: Answer) -> str:
    x, y = np.array(answer.runs.sizes["x"]), np.array(answer.runs.values)
    points = answer.points()
    sizes, means = (np.array([float(point[name] or 0.0) for point in points]) for name in ("x", "mean"))
    axes.plot(x, y, **style(0) | {"linestyle": "none", "markersize": 3, "markerfacecolor": "none"}, alpha=0.6, label="runs")
    axes.plot(sizes, means, **style(0) | {"linestyle": "none", "markersize": 7}, label="means")
    _laws(axes, answer, sizes, means)
    _frame(axes, "x", "y", [*y, *means])
    return f"Means {_told(sizes, means)}. Each run is in the JSON that --json prints."


def _thresholds(axes: Axes, answer: Answer) -> str:
    level = answer.question.level
    assert level is not None
    found: list[tuple[float, float, float, float]] = []
    for d, runs in thresholds(answer):
        met = crossing(runs, level)
        if met is not None:
            found.append((d, met[0], *met[1]))
    sizes, n, low, high = np.array(found).reshape(-1, 4).T
    bounded = np.isfinite(high) & (low > 0)
    axes.vlines(sizes[bounded], low[bounded], high[bounded], color=style(0)["color"], linewidth=1.2)
    axes.plot(sizes, n, **style(0) | {"linestyle": "none", "markersize": 7}, label=f"n at which the mean comes down to {level:g}")
    _laws(axes, answer, sizes, n)
    _frame(axes, "d", "n*", n)
    return f"Thresholds {_told(sizes, n)}."


def thresholds(answer: Answer) -> list[tuple[float, list[Sample]]]:
    """For each d the runs along n."""
    d, n, values = (np.array(c) for c in (answer.runs.sizes["d"], answer.runs.sizes["n"], answer.runs.values))
    return [
        (float(size), [Sample(float(x), tuple(values[(d == size) & (n == x)].tolist())) for x in np.unique(n[d == size])])
        for size in np.unique(d)
    ]


def _laws(axes: Axes, answer: Answer, sizes: Array, heights: Array) -> None:
    """The fitted power with its band, and the claimed one, through the middle of the points in the window."""
    low, high = answer.question.window or (0.0, np.inf)
    inside = (sizes >= low) & (sizes <= high) & (heights > 0)
    if answer.judgement.measured is None or inside.sum() < 2:
        return
    x = sizes[inside]
    middle, height = np.exp(np.log(x).mean()), np.exp(np.log(heights[inside]).mean())
    along = np.geomspace(x.min(), x.max(), 50)
    axes.plot(along, height * (along / middle) ** answer.judgement.measured, color=style(1)["color"], label="fitted law")
    if answer.interval is not None:
        edges = [height * (along / middle) ** end for end in answer.interval]
        axes.fill_between(along, np.minimum(*edges), np.maximum(*edges), color=style(1)["color"], alpha=0.15, linewidth=0)
    claimed, word = answer.question.predicted, {"upper": "at most", "lower": "at least", "tight": ""}[answer.question.direction]
    label = f"claim: {word} {answer.axis}^{claimed:g}".replace("  ", " ")
    axes.plot(along, height * (along / middle) ** claimed, color=INK, linewidth=1, linestyle=_DASHES, label=label)
    if answer.question.window is not None:
        for end in (x.min(), x.max()):
            axes.axvline(end, color=INK, linewidth=0.6, alpha=0.5, zorder=0)


def _frame(axes: Axes, across: str, up: str, heights: Sequence[float] | Array) -> None:
    axes.set_xscale("log")
    if len(heights) and all(height > 0 for height in heights):
        axes.set_yscale("log")
    axes.set(xlabel=across, ylabel=up)


def _told(sizes: Array, heights: Array) -> str:
    if not len(sizes):
        return "none"
    return f"from {heights[0]:.3g} at {sizes[0]:g} to {heights[-1]:.3g} at {sizes[-1]:g}"
