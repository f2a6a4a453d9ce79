"""What is kept of runs of online SGD: trajectories, snapshots, the weights at the end."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steinlab.numerics.checked import check_integer
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.recipes import Recipe
from steinlab.numerics.population.loss_risk import loss_risk
from steinlab.numerics.population.subspace import alignment, perpendicular_norm, scaled_norm
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

__all__ = ["OnlineSGDRun", "Recorder", "checked_steps", "log_spaced"]


@dataclass(frozen=True, eq=False, repr=False)
class OnlineSGDRun:
    """Trajectories of S seeds times L recipes at K recorded steps; NaN from the step at which a run diverges.

    Attributes:
        seeds, recipes: the S seeds and the L recipes.
        steps: the K recorded numbers of steps t, ascending; W is measured after exactly t steps.
        norm, perpendicular: ‖W‖_F/√m and ‖W_⊥‖_F/√m, shape (S, L, K).
        alignment: share of ‖W‖_F² in the principal subspace, shape (S, L, K).
        singular_values: the largest of W, shape (S, L, K, q), descending; absolute error about 1e-8 of the largest.
        risk, risk_standard_error, excess_risk, excess_risk_standard_error: see `LossRisk`; shape (S, L, K); NaN where test = 0.
        risk_method: "closed form", "Monte Carlo" or "none".
        diverged_at: the first t with ‖W‖_F/√m not finite or above the bound, 0 for runs that did not diverge; shape (S, L).
        weights: W after T steps, shape (S, L, m, d), NaN for diverged runs; biases, head: b and a, shape (S, m).
        snapshots: W after the steps that were asked for, shape (S, L, m, d) each.
        settings: everything that the result depends on, as JSON values.
    """

    seeds: tuple[int, ...]
    recipes: tuple[Recipe, ...]
    steps: NDArray[np.int64]
    norm: Array
    perpendicular: Array
    alignment: Array
    singular_values: Array
    risk: Array
    risk_standard_error: Array
    excess_risk: Array
    excess_risk_standard_error: Array
    risk_method: str
    diverged_at: NDArray[np.int64]
    weights: Array
    biases: Array
    head: Array
    snapshots: dict[int, Array]
    settings: dict[str, Any]

    @property
    def warnings(self) -> tuple[str, ...]:
        """The guarantees that were lost, and the runs that diverged, a sentence each."""
        lost = dict.fromkeys(sentence for recipe in self.recipes for sentence in recipe.warnings)
        broken = [
            f"seed {self.seeds[s]} with λ = {self.recipes[r].weight_decay:g} diverged at step {self.diverged_at[s, r]}: lower "
            "the step size (a larger t*), or raise γ"
            for s, r in zip(*np.nonzero(self.diverged_at), strict=True)
        ]
        return (*lost, *broken)

    def mean_over_seeds(self, values: Array) -> tuple[Array, Array, NDArray[np.int64]]:
        """Mean, its standard error and the number of runs behind it, shape (L, K), of values (S, L, K).

        Runs that diverged at any step are left out at every step. NaN where no run is left, or one is for the error.
        """
        whole = self.diverged_at == 0
        counts = whole.sum(axis=0)
        means, errors = (np.full(values.shape[1:], np.nan) for _ in range(2))
        for r, count in enumerate(counts):
            kept = values[whole[:, r], r]
            if count:
                means[r] = kept.mean(axis=0)
            if count > 1:
                errors[r] = kept.std(axis=0, ddof=1) / math.sqrt(count)
        return means, errors, np.broadcast_to(counts[:, None], means.shape)

    def __repr__(self) -> str:
        s, r, m, d = self.weights.shape
        return f"OnlineSGDRun({s} seeds, {r} recipes, m = {m}, d = {d}, T = {self.settings['T']})"


def log_spaced(T: int, count: int) -> tuple[int, ...]:
    """0 and about `count` whole numbers from 1 to T, evenly spaced in the logarithm, T among them.

    Example:
        >>> log_spaced(1000, 4)
        (0, 1, 10, 100, 1000)
    """
    T, count = check_integer("T", T, least=1), check_integer("count", count, least=1)
    return (0, *sorted({round(t) for t in np.geomspace(1, T, count).tolist()} | {T}))


def checked_steps(name: str, values: Sequence[int], T: int) -> tuple[int, ...]:
    """Steps that were asked for, ascending and each once; InputError for one that is no whole number from 0 to T."""
    steps = sorted({check_integer(name, t, least=0) for t in values})
    if steps and steps[-1] > T:
        raise InputError(f"{name} asks for step {steps[-1]}, which is beyond T = {T}; give steps from 0 to T")
    return tuple(steps)


class Recorder:
    """Where the runs write what is measured of them."""

    def __init__(
        self,
        target: Target,
        student: Student,
        noise: Noise,
        steps: tuple[int, ...],
        kept: tuple[int, ...],
        basis: Array,
        leading: int,
        test: int,
        closed_form: bool | None,
        shape: tuple[int, int, int, int],
    ) -> None:
        self.target, self.student, self.noise = target, student, noise
        self.steps, self.kept, self.basis, self.test, self.closed_form = steps, kept, basis, test, closed_form
        seeds, recipes, m, _d = shape
        names = ("norm", "perpendicular", "alignment", "risk", "risk_standard_error", "excess_risk", "excess_risk_standard_error")
        self.arrays = {name: np.full((seeds, recipes, len(steps)), np.nan) for name in names}
        self.arrays["singular_values"] = np.full((seeds, recipes, len(steps), leading), np.nan)
        self.risk_method = "none"
        self.diverged_at = np.zeros((seeds, recipes), dtype=np.int64)
        self.weights = np.full(shape, np.nan)
        self.biases, self.head = np.empty((seeds, m)), np.empty((seeds, m))
        self.snapshots = {step: np.full(shape, np.nan) for step in kept}

    def run(self, seeds: tuple[int, ...], recipes: tuple[Recipe, ...], settings: dict[str, Any]) -> OnlineSGDRun:
        """What was written, as a result."""
        return OnlineSGDRun(
            seeds=seeds,
            recipes=recipes,
            steps=np.array(self.steps, dtype=np.int64),
            **self.arrays,
            risk_method=self.risk_method,
            diverged_at=self.diverged_at,
            weights=self.weights,
            biases=self.biases,
            head=self.head,
            snapshots=self.snapshots,
            settings=settings,
        )

    def measure(self, t: int, place: tuple[int, int], seed: int, weights: NDArray[Any]) -> None:
        """Record W after t steps, where it was asked for."""
        W = np.asarray(weights, dtype=np.float64)
        if t in self.snapshots:
            self.snapshots[t][place] = W
        if t not in self.steps:
            return
        at = (*place, self.steps.index(t))
        values = self.arrays
        values["norm"][at], values["perpendicular"][at] = scaled_norm(W), perpendicular_norm(W, self.basis)
        values["alignment"][at] = alignment(W, self.basis)
        leading = values["singular_values"].shape[-1]
        if leading:
            gram = W.T @ W if W.shape[1] <= W.shape[0] else W @ W.T
            values["singular_values"][at] = np.sqrt(np.maximum(np.linalg.eigvalsh(gram)[::-1][:leading], 0.0))
        if self.test:
            network = self.student.network(W, self.biases[place[0]], self.head[place[0]])
            risk = loss_risk(
                network,
                self.student.loss_functions,
                self.target,
                points=self.test,
                seed=seed,
                noise=self.noise,
                closed_form=self.closed_form,
            )
            values["risk"][at], values["risk_standard_error"][at] = risk.value, risk.standard_error
            values["excess_risk"][at], values["excess_risk_standard_error"][at] = risk.excess, risk.excess_standard_error
            self.risk_method = risk.method
