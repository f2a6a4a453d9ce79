"""Numbers as a page shows them, and the style sheet that all pages share."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources


def style_sheet() -> str:
    """The style sheet, for light and dark, screens and paper."""
    return (resources.files("steinlab.checks.pages") / "style.css").read_text("utf-8")


def number(value: float | None) -> str:
    """Three significant digits with a true minus sign; a dash for what is not known.

    >>> number(-0.25), number(0.00012345), number(None)
    ('−0.25', '0.000123', '–')
    """
    if value is None:
        return "–"
    return f"{value:.3g}".replace("-", "−")


def size(value: float) -> str:
    """A whole number with thin spaces between thousands.

    >>> size(10000) == "10\N{NARROW NO-BREAK SPACE}000"
    True
    """
    return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def interval(bounds: Sequence[float | None] | None) -> str:
    """An interval in brackets; an end that is None is infinite.

    >>> interval([-0.5, 0.25]), interval([0, None]), interval([None, 1])
    ('[−0.5, 0.25]', '[0, ∞]', '[−∞, 1]')
    """
    if bounds is None:
        return "–"
    low, high = bounds
    return f"[{'−∞' if low is None else number(low)}, {'∞' if high is None else number(high)}]"
