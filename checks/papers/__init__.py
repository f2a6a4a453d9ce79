"""The papers whose theorems are checked, one file each; a new paper is a file and its name in this list."""

from __future__ import annotations

from steinlab.checks.papers import abbe_2023, damian_2022, mousavi_2022, quoted
from steinlab.checks.papers.paper import Theorem

PAPERS = (damian_2022.PAPER, quoted.PAPER, mousavi_2022.PAPER, abbe_2023.PAPER)
"""In the order in which reports tell their assumptions and predictions."""

THEOREMS: dict[str, Theorem] = {theorem.id: theorem for paper in PAPERS for theorem in paper.theorems}
"""Every theorem by its id."""
