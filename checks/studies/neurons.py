"""The neurons of a student in the plane through a run of online SGD: measured as numbers, read back for pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from steinlab.theory.errors import InputError

if TYPE_CHECKING:
    from steinlab.numerics.methods.online_sgd import OnlineSGD

FRAMES = 24
"""How many log-spaced steps the neurons are recorded at, besides the first."""


def frames(T: int, d: int) -> tuple[int, ...]:
    """The steps, of T, at which neurons are recorded. Raises InputError unless d = 2: they are drawn in the plane."""
    from steinlab.numerics.online.record import log_spaced

    if d != 2:
        raise InputError(f"neurons are followed in the plane: d = 2, not d = {d}")
    return log_spaced(T, FRAMES)


def follow(fitted: OnlineSGD, count: int) -> dict[str, float]:
    """Where the first `count` neurons were at the steps recorded: "neuron/STEP/J/AXIS" and "neuron/sign/J", as numbers."""
    count = min(count, len(fitted.head_))
    found = {f"neuron/sign/{j}": float(fitted.head_[j] > 0) * 2 - 1 for j in range(count)}
    for step, weights in fitted.snapshots_.items():
        found |= {f"neuron/{step}/{j}/{axis}": float(weights[j, axis]) for j in range(count) for axis in range(2)}
    return found


def positions(measured: Mapping[str, float]) -> dict[str, Any] | None:
    """What `follow` measured as {"steps": [...], "sign": [...], "w": [[[x, y], ...], ...]}; None where it measured nothing."""
    names = [name.split("/") for name in measured if name.startswith("neuron/")]
    if not names:
        return None
    count = sum(part[1] == "sign" for part in names)
    steps = sorted({int(part[1]) for part in names if part[1] != "sign"})
    return {
        "steps": steps,
        "sign": [measured[f"neuron/sign/{j}"] for j in range(count)],
        "w": [[[measured[f"neuron/{t}/{j}/{axis}"] for axis in range(2)] for j in range(count)] for t in steps],
    }
