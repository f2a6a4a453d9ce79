"""Numbers as a page shows them, and the style sheet that all pages share."""

from __future__ import annotations

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


def interval(bounds: list[float] | None) -> str:
    """An interval in brackets.

    >>> interval([-0.5, 0.25])
    '[−0.5, 0.25]'
    """
    return "–" if bounds is None else f"[{number(bounds[0])}, {number(bounds[1])}]"
