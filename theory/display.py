"""Small HTML tables, so that values read well in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def html_table(caption: str, rows: Iterable[tuple[str, object]]) -> str:
    """A two-column table of names and values; a value that is a sequence of sequences becomes a table inside."""
    body = "".join(f"<tr><th style='text-align:left'>{escape(name)}</th><td>{_cell(value)}</td></tr>" for name, value in rows)
    return f"<table><caption>{escape(caption)}</caption>{body}</table>"


def _cell(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(row, Sequence) for row in value):
        rows = ("<tr>" + "".join(f"<td>{escape(str(x))}</td>" for x in row) + "</tr>" for row in value)
        return f"<table>{''.join(rows)}</table>"
    return escape(str(value))
