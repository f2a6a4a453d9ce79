"""Runs of the estimates from data on targets that the exact core knows: how often intervals cover and claims are right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from steinlab.checks.studies.configuration import configuration_seed
from steinlab.checks.studies.kinds.kind import Kind
from steinlab.numerics.estimation.dataset import FEWEST_ROWS
from steinlab.numerics.estimation.energies import DEGREES
from steinlab.numerics.estimation.facts import Facts, estimated_work, measure
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.errors import InputError
from steinlab.theory.targets.exponents import information_exponent
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.targets.target import Target


class Truth:
    """What the exact core says of a target and its labels. Raises InputError where it does not know."""

    def __init__(self, target: Target) -> None:
        expansion = target.expansion
        self.energies = {k: float(expansion.energy(k)) for k in DEGREES}
        self.variance = float(expansion.variance) + float(target.noise.scale) ** 2
        rank, dimension = ExpectedHessian(expansion).rank.value, target.effective_dimension.value
        if rank is None or dimension is None or not np.isfinite([*self.energies.values(), self.variance]).all():
            raise InputError(f"{target.link!r}: its rank, dimension or energies are undecided: take a target that is decided")
        self.rank, self.dimension, self.exponent = rank, dimension, information_exponent(expansion).lower

    def scored(self, facts: Facts) -> dict[str, bool]:
        """Which of the facts are right, by quantity."""
        low, high = facts.variance.interval
        dimension = max(facts.rank.lower, facts.dimension.lower)
        covered = {f"energy_{k}": _holds(facts.energies[k].interval, self.energies[k]) for k in DEGREES}
        zero = [k for k in DEGREES if self.energies[k] == 0]
        return covered | {
            "variance": low <= self.variance <= high,
            "false_energy": any(facts.energies[k].nonzero for k in zero),
            "false_exponent": facts.entry is not None and facts.entry < self.exponent,
            "rank_too_high": facts.rank.lower > self.rank,
            "rank_found": facts.rank.lower == self.rank,
            "dimension_too_high": dimension > self.dimension,
            "dimension_found": dimension == self.dimension,
        }


def _holds(interval: tuple[float, float], value: float) -> bool:
    return interval[0] <= value <= interval[1]


def _measure(configuration: Mapping[str, Any], target: Target) -> dict[str, float]:
    """Shares over the draws of data sets of one run."""
    truth, seed, n, d = Truth(target), configuration_seed(configuration), configuration["n"], configuration["d"]
    scores = []
    for draw in range(configuration["draws"]):
        blocks = list(GaussianData(target, n, d, seed, f"draw {draw}"))
        X, y = np.vstack([x for x, _ in blocks]), np.concatenate([labels for _, labels in blocks])
        scores.append(truth.scored(measure(X, y, seed=draw)))
    return {name: float(np.mean([score[name] for score in scores])) for name in ESTIMATION.quantities}


ESTIMATION = Kind(
    methods=("estimate",),
    sizes=("n", "d"),
    options={"draws": (1, 25)},
    quantities={
        "energy_1": "share of 95% intervals that hold the energy of degree 1",
        "energy_2": "share of 95% intervals that hold the energy of degree 2",
        "energy_3": "share of 95% intervals that hold the energy of degree 3",
        "variance": "share of 95% intervals that hold Var y",
        "false_energy": "share of samples that claim some C_k ≠ 0 which is zero",
        "false_exponent": "share of samples that claim too low an information exponent",
        "rank_too_high": "share of samples that claim more than rank H",
        "rank_found": "share of samples that claim rank H itself",
        "dimension_too_high": "share of samples that claim more than dim S*",
        "dimension_found": "share of samples that claim dim S* itself",
    },
    settings=lambda method: {},
    cost=lambda method, sizes: sizes["draws"] * estimated_work(sizes["n"], sizes["d"]),
    measure=_measure,
    fewest=FEWEST_ROWS,
)
"""Data sets of n rows in dimension d, `draws` of them in a run, each estimated from as if nothing were known of its target."""
