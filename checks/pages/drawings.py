"""Drawings as inline SVG: the same bytes for the same numbers, colours left to the page's style sheet."""

from __future__ import annotations

import io
import re
from html import escape
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Stand-ins that no drawing contains otherwise; each becomes a CSS variable of the page, so that dark mode can change it.
INK, FAINT = "#010203", "#040506"
_SERIES = tuple(f"#0a0b{i:02x}" for i in range(len(MARKERS)))


def parameters(name: str) -> dict[Any, Any]:
    """Matplotlib's settings for a drawing of this name, under which it is made and written."""
    return {
        "svg.hashsalt": name,
        "svg.fonttype": "none",
        "font.size": 10,
        "text.parse_math": False,
    }


def style(i: int) -> dict[str, Any]:
    """The colour and mark of the i-th curve."""
    color = _SERIES[i % len(MARKERS)]
    return {
        "color": color,
        "marker": MARKERS[i % len(MARKERS)],
        "markersize": 5,
        "linewidth": 1.4,
    }


def dress(axes: Axes) -> None:
    """Axes in the colours of the page, powers of ten written out."""
    axes.patch.set_alpha(0)
    axes.grid(True, color=FAINT, alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color(FAINT)
    axes.tick_params(which="both", color=FAINT, labelcolor=INK)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    for axis, scale in ((axes.xaxis, axes.get_xscale()), (axes.yaxis, axes.get_yscale())):
        if scale == "log":
            axis.set_major_formatter(FuncFormatter(lambda value, _: _power(value)))
            axis.set_minor_formatter(NullFormatter())


def _power(value: float) -> str:
    exponent = round(np.log10(value))
    if abs(exponent) <= 2:
        return f"{value:g}"
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def inline(canvas: Figure, name: str, title: str, description: str) -> str:
    """The drawing as a bare element: ids that begin with its name, colours as CSS variables, fonts the page's own.

    Title and description are for screen readers.
    """
    canvas.patch.set_alpha(0)
    buffer = io.StringIO()
    canvas.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'href="#', f'href="#{name}-', svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font: ([0-9.]+)px [^;\"]*", r"font-size: \1px", svg)
    for i, color in enumerate(_SERIES):
        svg = svg.replace(color, f"var(--series-{i})")
    svg = svg.replace(INK, "currentColor").replace(FAINT, "var(--faint)")
    opening, rest = svg.split(">", 1)
    opening = re.sub(r' (?:width|height)="[^"]*"', "", opening)
    opening += f' role="img" aria-labelledby="{name}-name {name}-text">'
    words = f'<title id="{name}-name">{escape(title)}</title><desc id="{name}-text">{escape(description)}</desc>'
    return opening + words + rest
