"""The neurons of a student in the plane through a run of online SGD: measured as numbers, read back for pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

if TYPE_CHECKING:
    from steinlab.numerics.methods.online_sgd import OnlineSGD

FRAMES = 24
"""How many log-spaced steps the neurons are recorded at, besides the first."""


def follow(fitted: OnlineSGD, target: Target, T: int, count: int) -> dict[str, float]:
    """Where the first `count` neurons are at log-spaced steps of a run: "neuron/STEP/J/AXIS" and "neuron/sign/J", as numbers.

    The run is made once more with what the estimator, fitted by `train_online` on T samples of `target` and their labels' own
    noise, took: its student, its recipe, its precision and its seed. Raises InputError unless the method is online-sgd and d = 2.
    """
    from steinlab.numerics.methods.online_sgd import OnlineSGD
    from steinlab.numerics.online.record import log_spaced
    from steinlab.numerics.online.trajectories import online_sgd

    m, d = fitted.weights_.shape
    if d != 2 or type(fitted) is not OnlineSGD:
        raise InputError(f"neurons are followed by online-sgd in d = 2, not by {type(fitted).__name__} in d = {d}")
    steps, count = log_spaced(T, FRAMES), min(count, m)
    run = online_sgd(
        target,
        T=T,
        d=d,
        m=m,
        seeds=[fitted.random_state],
        student=fitted.student(),
        recipes=fitted.recipe_,
        precision=fitted.precision,
        record=(),
        test=0,
        snapshots=steps,
    )
    found = {f"neuron/sign/{j}": float(run.head[0, j] > 0) * 2 - 1 for j in range(count)}
    for step in steps:
        for j in range(count):
            for axis in range(2):
                found[f"neuron/{step}/{j}/{axis}"] = float(run.snapshots[step][0, 0, j, axis])
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
