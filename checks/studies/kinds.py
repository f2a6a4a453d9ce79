"""The kinds of runs that a study can ask for: what their sizes are called, what they measure, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of run.

    `sizes`: the whole numbers of every run, the one that counts samples first. `options`: further whole numbers of a series,
    (least, default). `quantities`: what a run measures, in words. `settings`: the settings of a method with their defaults.
    `cost`: multiplications, roughly, for a method, its sizes and options: enough to order tasks and to guess the time left.
    `transfers`: whether a network trained on one target may be refitted on another. `pairs_neurons`: whether the width is even.
    """

    methods: tuple[str, ...]
    sizes: tuple[str, ...]
    options: Mapping[str, tuple[int, int]]
    quantities: Mapping[str, str]
    settings: Callable[[str], Mapping[str, Any]]
    cost: Callable[[str, Mapping[str, int]], float]
    transfers: bool = False
    pairs_neurons: bool = False


def _training_settings(method: str) -> Mapping[str, Any]:
    from steinlab.numerics.runs import method_settings

    return method_settings(method)


def _training_cost(method: str, sizes: Mapping[str, int]) -> float:
    n, d, m = sizes["n"] + sizes.get("N", 0), sizes["d"], sizes["m"]
    features = m * d if method == "tangent-kernel" else m
    solved, passed = min(n, features), n + sizes["holdout"] + sizes["test"]
    # Drawing a row and passing it through a neuron takes the time of some 300 multiplications in a matrix product.
    return 300.0 * passed * features + passed * d * m + n * features * solved + 30.0 * solved**3


TRAINING = Kind(
    methods=("one-step", "random-features", "tangent-kernel"),
    sizes=("n", "d", "m"),
    options={"holdout": (2, 100_000), "test": (2, 100_000)},
    quantities={
        "excess_risk": "excess squared risk",
        "excess_l1": "excess absolute risk",
        "alignment": "share of ‖W‖² in the principal subspace",
    },
    settings=_training_settings,
    cost=_training_cost,
    transfers=True,
    pairs_neurons=True,
)
"""n samples train a feature map and a head of m neurons in dimension d; the methods of `numerics.training`."""


def _online_settings(method: str) -> Mapping[str, Any]:
    from steinlab.numerics.online_runs import online_settings

    return online_settings(method)


def _online_cost(method: str, sizes: Mapping[str, int]) -> float:
    T, d, m = sizes["T"], sizes["d"], sizes["m"]
    steps = 5.0 * T if method == "single-index-sgd" else float(T)
    # A step costs some 10^5 multiplications whatever its size: it is the latency of a dozen calls.
    searched = 320.0 * m * (T + sizes["gap_samples"]) * 20 if sizes["gap_samples"] else 0.0
    return steps * (4.0 * m * (d + 64) + 1e5) + 3 * sizes["test"] * m * (d + 300.0) + searched


ONLINE = Kind(
    methods=("online-sgd", "single-index-sgd"),
    sizes=("T", "d", "m"),
    options={"test": (2, 20_000), "gap_samples": (0, 0), "neurons": (0, 0)},
    quantities={
        "excess_risk": "excess squared risk",
        "excess_loss": "excess risk under the training loss",
        "perpendicular": "‖W_⊥‖_F/√m",
        "alignment": "share of ‖W‖² in the principal subspace",
        "truncation_change": "|R(π_k(W)) − R(W)|, k the dimension of the principal subspace",
        "truncation_distance": "‖W − π_k(W)‖_F/√m",
        "gap": "generalisation gap of the worst head found",
    },
    settings=_online_settings,
    cost=_online_cost,
)
"""T steps of SGD with weight decay, a fresh sample each, on m neurons in dimension d; see `numerics.online_training`.

`gap_samples`: fresh samples of the search for the worst head, 0 for no search. `neurons`: how many neurons to follow through
the run, in d = 2, for pictures.
"""

KINDS = (TRAINING, ONLINE)
METHODS = {method: kind for kind in KINDS for method in kind.methods}
LARGEST = 1e150
"""Largest number that a run may measure: beyond it the squares in a standard deviation overflow."""
THRESHOLD = "threshold"
"""The quantity of a curve of thresholds, which is made from runs and measured by none."""
QUANTITIES = {name: words for kind in KINDS for name, words in kind.quantities.items()} | {
    THRESHOLD: "least size at which the level is reached"
}
