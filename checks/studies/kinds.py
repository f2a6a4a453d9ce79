"""The kinds of runs that a study can ask for: what their sizes are called, what they measure, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from steinlab.numerics.registry import make_estimator, method_settings, methods


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


def _training_cost(method: str, sizes: Mapping[str, int]) -> float:
    estimator, d = make_estimator(method, width=sizes["m"]), sizes["d"]
    # Fresh samples for the head of a transfer are no dearer than those for its features.
    return estimator.fit_cost(sizes["n"] + sizes.get("N", 0), d) + (sizes["holdout"] + sizes["test"]) * estimator.row_cost(d)


TRAINING = Kind(
    methods=methods(online=False),
    sizes=("n", "d", "m"),
    options={"holdout": (2, 100_000), "test": (2, 100_000)},
    quantities={
        "excess_risk": "excess squared risk",
        "excess_l1": "excess absolute risk",
        "alignment": "share of ‖W‖² in the principal subspace",
    },
    settings=method_settings,
    cost=_training_cost,
    transfers=True,
    pairs_neurons=True,
)
"""n samples train a feature map and a head of m neurons in dimension d; the methods that are not online."""


def _online_cost(method: str, sizes: Mapping[str, int]) -> float:
    T, d, m = sizes["T"], sizes["d"], sizes["m"]
    estimator = make_estimator(method, width=m)
    searched = 320.0 * m * (T + sizes["gap_samples"]) * 20 if sizes["gap_samples"] else 0.0
    return estimator.fit_cost(T, d) + 3 * sizes["test"] * estimator.row_cost(d) + searched


ONLINE = Kind(
    methods=methods(online=True),
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
    settings=method_settings,
    cost=_online_cost,
)
"""T steps of SGD with weight decay, a fresh sample each, on m neurons in dimension d; the methods that are online.

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
