"""The neurons of a run as an animated picture: a small file beside the report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.figure import Figure as Canvas

from steinlab.checks.studies.report.figures import draw_frame


def write_animation(followed: Mapping[str, Any], path: Path) -> None:
    """Write the recorded steps of a run as an animated GIF, the last one held: a hundred kilobytes or so."""
    canvas = Canvas(figsize=(4, 4), layout="constrained")
    axes = canvas.subplots()
    frames = [*range(len(followed["steps"])), *[len(followed["steps"]) - 1] * 6]

    def draw(frame: int) -> tuple[()]:
        axes.clear()
        draw_frame(axes, followed, frame)
        return ()

    draft = path.with_name(path.name + ".draft.gif")
    FuncAnimation(canvas, draw, frames=frames, init_func=lambda: (), blit=False).save(draft, writer=PillowWriter(fps=6), dpi=80)
    draft.replace(path)
