"""The two-phase algorithm for monotone single-index targets, as an estimator."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from steinlab.numerics.methods.online_sgd import OnlineSGD
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.recipes import Recipe
from steinlab.numerics.online.two_phases import HeadPhase, check_phase_size, is_sound, train_heads
from steinlab.numerics.samples.blocks import Blocks
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

__all__ = ["SingleIndexSGD"]


@dataclass(kw_only=True, eq=False, repr=False)
class SingleIndexSGD(OnlineSGD):
    """Algorithm 1 of Mousavi-Hosseini et al. (2023) on samples: online SGD on W, redrawn biases, SGD on a over the same samples.

    Args:
        width, activation, shift, loss, delta, biases, bias_scale, weight_decay, gamma, gamma_0, schedule, step_size, t_star,
        unguaranteed, precision, random_state: of the first phase, see `OnlineSGD`.
        bias_range, head_steps, head_weight_decay, head_t_star, head_sampling: Δ, T', λ', t*' and the order of the samples,
            see `HeadPhase`.

    Attributes, after fit: as for `OnlineSGD`, with the second phase's biases and head, and ``phase_``.

    Raises:
        InputError: from fit: a setting or the samples are not acceptable, or a phase diverges.

    Guarantee: numerical. Source: Mousavi-Hosseini et al. (2023); defaults are ours.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> X = rng.standard_normal((3000, 5))
        >>> bool(SingleIndexSGD(width=50).fit(X, np.tanh(X[:, 0])).score(X, np.tanh(X[:, 0])) > 0.9)
        True
    """

    bias_range: float = 2.0
    head_steps: int | None = None
    head_weight_decay: float | None = None
    head_t_star: int | None = None
    head_sampling: str = "uniform"

    def _steps(self, n: int) -> int:
        """How many steps a fit to n samples takes, in both phases."""
        phase = self._phase(n)
        assert phase.steps is not None
        return n + phase.steps

    def unfit_for(self, target: Target) -> tuple[str, ...]:
        """What the algorithm is not meant for, a sentence each."""
        directions = len(target.principal_subspace())
        if directions == 1:
            return ()
        return (f"single-index-sgd is for a monotone function of one direction; this target depends on {directions}",)

    def _phase(self, n: int) -> HeadPhase:
        phase = HeadPhase(self.bias_range, self.head_steps, self.head_weight_decay, self.head_t_star, self.head_sampling)
        return phase.resolve(n, self.width)

    def _train(self, blocks: Blocks, student: Student, recipe: Recipe, dtype: np.dtype[Any], snapshots: tuple[int, ...]) -> None:
        phase = self._phase(blocks.n)
        check_phase_size(phase, blocks.n, blocks.d, self.width, 1)
        super()._train(blocks, student, recipe, dtype, snapshots)
        biases, heads = train_heads(student, phase, self.weights_[None], self.head_[None], [blocks], [self.random_state])
        if not is_sound(heads[0]):
            raise InputError("the head diverged: raise head_t_star or head_weight_decay, or rescale the labels")
        self.phase_ = phase
        self._finish(student, biases[0], heads[0])

    def _settle(self, recipe: Recipe) -> dict[str, Any]:
        phase = self.phase_
        return super()._settle(recipe) | {
            "head_steps": phase.steps,
            "head_weight_decay": phase.weight_decay,
            "head_t_star": phase.t_star,
        }
