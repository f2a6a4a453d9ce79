"""Random targets with planted degeneracies: the same target for the same (seed, kind, index), whatever else is drawn."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz.drawn import Rows
from fuzz.families import LINKS, POLYNOMIALS


@dataclass(frozen=True)
class Drawn:
    """A target as text, with rows of directions where it has them, and the family it was drawn from."""

    kind: str
    index: int
    family: str
    text: str
    directions: Rows | None = None


def draw(seed: int, kind: str, index: int) -> Drawn:
    """The target number `index` of a kind, "polynomial" or "link"."""
    rng = random.Random(f"random targets, {seed}, {kind}, {index}")
    families = POLYNOMIALS if kind == "polynomial" else LINKS
    family = rng.choices([f for f, _ in families], [w for _, w in families])[0]
    made = family(rng)
    text, rows = made if isinstance(made, tuple) else (made, None)
    return Drawn(kind, index, family.__name__, text, rows)
