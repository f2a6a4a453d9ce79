"""A drawn target: its text or its network, its directions, and the class that it was drawn from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawn:
    """A target as text, an expression or a network in JSON; `directions` None stands for orthonormal ones."""

    family: str
    text: str
    directions: Rows | None = None

    @property
    def network(self) -> dict[str, Any] | None:
        """activation, weights, head and biases of a network; `arrays` where its numbers are doubles."""
        return json.loads(self.text) if self.text.startswith("{") else None

    def __str__(self) -> str:
        rows = "" if self.directions is None else "  along " + "; ".join(", ".join(row) for row in self.directions)
        return f"[{self.family}] {self.text}{rows}"

    def to_line(self) -> str:
        return json.dumps([self.family, self.text, self.directions])

    @classmethod
    def of_line(cls, line: str) -> Drawn:
        family, text, rows = json.loads(line)
        return cls(family, text, None if rows is None else tuple(map(tuple, rows)))

    @classmethod
    def of_text(cls, line: str) -> Drawn:
        """A line of a list: the expression, then the rows of its directions, each after a bar: z1*z2 | 1, 0 | 3/5, 4/5."""
        text, *rows = (part.strip() for part in line.split("|"))
        made = tuple(tuple(x.strip() for x in row.split(",")) for row in rows)
        return cls("chosen", text, made or None)
