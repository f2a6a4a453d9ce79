"""Tables for a terminal: the one printer of aligned columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 110
"""Columns of a terminal that text for people keeps to."""


def table(
    header: Sequence[str] | None, rows: Sequence[Sequence[str]], *, width: int = WIDTH, most_lines: int | None = None
) -> str:
    """Aligned columns; the last one wraps within the width, and ends in "..." after the most lines of a row."""
    everything = [*([header] if header else []), *rows]
    widths = [max(len(row[i]) for row in everything) for i in range(len(everything[0]) - 1)]
    indent = 2 + sum(widths) + 2 * len(widths)
    lines = []
    for row in everything:
        lead = "  " + "".join(cell.ljust(size + 2) for cell, size in zip(row, widths, strict=False))
        wrapped = textwrap.wrap(row[-1], max(width - indent, 30), max_lines=most_lines, placeholder=" ...") or [""]
        lines += [lead + wrapped[0], *(" " * indent + more for more in wrapped[1:])]
    if header:
        lines.insert(1, "  " + "-" * (max(map(len, lines)) - 2))
    return "\n".join(line.rstrip() for line in lines)
