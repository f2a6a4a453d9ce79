"""The neurons of a student in the plane through a run of online SGD: measured as numbers, read back for pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steinlab.theory.errors import InputError
from steinlab.theory.targets import Target

FRAMES = 24
"""How many log-spaced steps the neurons are recorded at, besides the first."""


def follow(configuration: Mapping[str, Any], target: Target, seed: int) -> dict[str, float]:
    """The positions of the first neurons of a run at log-spaced steps: "neuron/STEP/J/AXIS" and "neuron/sign/J", as numbers.

    The run is the one that `train_online` makes with this seed. Raises InputError unless d = 2 and the method is online-sgd.
    """
    from steinlab.numerics.online_sgd import OnlineSGD, log_spaced, online_sgd
    from steinlab.numerics.recipes import label_size, recipe_for

    T, d, m, count = configuration["T"], configuration["d"], configuration["m"], configuration["neurons"]
    if d != 2 or configuration["method"] != "online-sgd":
        raise InputError(f"neurons are followed by online-sgd in d = 2, not by {configuration['method']} in d = {d}")
    settings = dict(configuration["settings"])
    student = OnlineSGD(width=m, **settings).student()
    names = ("weight_decay", "gamma", "gamma_0", "schedule", "step_size", "t_star", "unguaranteed")
    options = {name: settings[name] for name in names if name in settings}
    recipe = recipe_for(student, T=T, d=d, m=m, label_size=label_size(target, target.noise), **options)
    steps = log_spaced(T, FRAMES)
    run = online_sgd(target, T=T, d=d, m=m, seeds=[seed], student=student, recipes=recipe, record=(), test=0, snapshots=steps)
    found = {f"neuron/sign/{j}": float(run.head[0, j] > 0) * 2 - 1 for j in range(min(count, m))}
    for step in steps:
        for j in range(min(count, m)):
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
