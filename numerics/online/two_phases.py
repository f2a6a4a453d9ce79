"""The two-phase algorithm for monotone single-index targets: the first layer by online SGD, then the head on the same samples."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steinlab.numerics.checked import check_choice, check_integer, check_number
from steinlab.numerics.limits import one_blas_thread, require_memory, require_work
from steinlab.numerics.networks.student import Student, labelled_data
from steinlab.numerics.online.blocks import BLOCK, DIVERGENCE_BOUND, Heads
from steinlab.numerics.online.recipes import Recipe
from steinlab.numerics.online.record import OnlineSGDRun
from steinlab.numerics.online.schedules import DecayingSteps
from steinlab.numerics.online.trajectories import online_sgd
from steinlab.numerics.population.loss_risk import loss_risk
from steinlab.numerics.samples.blocks import Blocks
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.targets.target import Noise, Target

__all__ = ["HeadPhase", "SingleIndexRun", "check_phase_size", "is_sound", "single_index_sgd", "train_heads"]

# Entries of X held at once in the second phase, over all seeds that advance together: 512 MiB.
HELD_ENTRIES = 2**26
# Multiplications that drawing a Gaussian takes as long as, roughly.
GENERATION = 30


@dataclass(frozen=True)
class HeadPhase:
    """The second phase: b_j ~ Unif(-Δ, Δ), then T' steps a ← (1 - η'_t λ')a - η'_t ∇_a ℓ on samples drawn from the first phase's.

    The paper leaves Δ, λ', T' open. The defaults are ours, chosen on tanh and z + z³/3 in dimension 20.

    Attributes:
        bias_range: Δ > 0.
        steps: T'; None: 4T.
        weight_decay: λ' > 0; None: m/(100 √T').
        t_star: t*' of η'_t = (2(t + t*') + 1)/(λ'(t + t*' + 1)²); None: ⌈2m max(2, Δ²/2)/λ'⌉, at which the first step is
            1/(m max(2, Δ²/2)), about 1/‖σ(Wx + b)‖² or less.
        sampling: "uniform", each step draws one of the T samples, with replacement; those that do not fit in HELD_ENTRIES are
            generated anew for as many steps as do; or "passes", the steps go through the samples in order, again and again, and
            they are generated anew on every pass.

    Raises:
        InputError: a value is out of range.
    """

    bias_range: float = 2.0
    steps: int | None = None
    weight_decay: float | None = None
    t_star: int | None = None
    sampling: str = "uniform"

    def __post_init__(self) -> None:
        check_number("bias_range", self.bias_range)
        check_choice("sampling", self.sampling, ("uniform", "passes"))
        if self.steps is not None:
            check_integer("head steps", self.steps, least=1)
        if self.weight_decay is not None:
            check_number("head weight decay", self.weight_decay)
        if self.t_star is not None:
            check_integer("head t_star", self.t_star, least=0)

    def resolve(self, T: int, m: int) -> "HeadPhase":
        """The same with every None replaced by its rule.

        Example:
            >>> HeadPhase().resolve(T=2500, m=100)
            HeadPhase(bias_range=2.0, steps=10000, weight_decay=0.01, t_star=40000, sampling='uniform')
        """
        steps = 4 * T if self.steps is None else self.steps
        decay = m / (100 * math.sqrt(steps)) if self.weight_decay is None else float(self.weight_decay)
        t_star = math.ceil(2 * m * max(2.0, self.bias_range**2 / 2) / decay) if self.t_star is None else self.t_star
        return dataclasses.replace(self, steps=steps, weight_decay=decay, t_star=t_star)

    def draw_biases(self, m: int, seed: int) -> Array:
        """b_j ~ Unif(-Δ, Δ), shape (m,)."""
        return generator(seed, "single-index-sgd", "biases").uniform(-self.bias_range, self.bias_range, m)


@dataclass(frozen=True, eq=False, repr=False)
class SingleIndexRun:
    """Both phases for S seeds; NaN for a seed that diverged in either.

    Attributes:
        first: the first phase, with its trajectories; ``first.weights[:, 0]`` is W.
        phase: the second phase's settings, all resolved.
        biases, head: b and a, shape (S, m).
        risk, risk_standard_error, excess_risk, excess_risk_standard_error: of (W, a, b), shape (S,); see `LossRisk`.
        head_diverged: the seeds whose second phase diverged, shape (S,).
    """

    first: OnlineSGDRun
    phase: HeadPhase
    biases: Array
    head: Array
    risk: Array
    risk_standard_error: Array
    excess_risk: Array
    excess_risk_standard_error: Array
    head_diverged: NDArray[np.bool_]

    @property
    def warnings(self) -> tuple[str, ...]:
        """The guarantees that were lost, and the seeds that diverged, a sentence each."""
        seeds = [seed for seed, diverged in zip(self.first.seeds, self.head_diverged, strict=True) if diverged]
        return (*self.first.warnings, *(f"the head of seed {seed} diverged: raise the head's t_star" for seed in seeds))

    def __repr__(self) -> str:
        return f"SingleIndexRun({self.first!r})"


def single_index_sgd(
    target: Target | str,
    *,
    T: int,
    d: int,
    m: int,
    seeds: Sequence[int],
    student: Student | None = None,
    recipe: Recipe | None = None,
    phase: HeadPhase | None = None,
    noise: Noise | None = None,
    record: int | Sequence[int] = (),
    test: int = 10_000,
    precision: str = "double",
) -> SingleIndexRun:
    """Algorithm 1 of Mousavi-Hosseini et al. (2023) on a target: first layer, redrawn biases, head; all seeds in one pass.

    (i) T steps of online SGD on W, a⁰ and b⁰ frozen (`online_sgd`); (ii) b_j ~ Unif(-Δ, Δ); (iii) T' steps on a from a⁰, with
    weight decay λ', at samples drawn from the same T. For y = f(<u, x>) + e with f monotone the excess risk is
    Õ(√(d/T) + m^{-1/2}).

    Args:
        target: any target; the theorem is for monotone single-index ones.
        T, d, m, seeds, student, noise, precision: see `online_sgd`.
        recipe: λ and η_t of the first phase; None: those of `recipe_for`.
        phase: the second phase.
        record: steps of the first phase to measure W at, or how many; risks are those of the network after both phases only.
        test: fresh points for the risk, >= 2.

    Returns:
        A deterministic function of the arguments, each seed to the bit what it is alone.

    Raises:
        InputError: a size or setting is not acceptable, or the run would need too much memory or work.

    Guarantee: numerical, with standard errors over the test points.
    Source: Mousavi-Hosseini et al. (2023); the shape of the rate is derived, the defaults are ours.

    Example:
        >>> run = single_index_sgd("tanh(z1)", T=2000, d=10, m=50, seeds=[0, 1], test=2000)
        >>> bool(run.excess_risk.max() < 0.03)
        True
    """
    if isinstance(target, str):
        target = Target.from_expression(target)
    student = Student() if student is None else student
    loss = student.loss_functions
    law = target.noise if noise is None else noise
    test = check_integer("test", test, least=2)
    options: dict[str, Any] = {"student": student, "recipes": recipe, "noise": noise, "precision": precision}
    resolved = (HeadPhase() if phase is None else phase).resolve(check_integer("T", T, least=1), check_integer("m", m, least=1))
    check_phase_size(resolved, T, d, m, 1)
    first = online_sgd(target, T=T, d=d, m=m, seeds=seeds, record=record, test=0, **options)
    count = len(first.seeds)
    biases, head, risks = np.full((count, m), np.nan), np.full((count, m), np.nan), np.full((4, count), np.nan)
    head_diverged = np.zeros(count, dtype=bool)
    whole = np.nonzero(first.diverged_at[:, 0] == 0)[0]
    group = max(1, HELD_ENTRIES // (T * d))
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        for chosen in (whole[start : start + group] for start in range(0, len(whole), group)):
            names = [first.seeds[s] for s in chosen]
            streams = [labelled_data(loss, target, T, d, seed, "train", law) for seed in names]
            weights = first.weights[chosen, 0]
            biases[chosen], head[chosen] = train_heads(student, resolved, weights, first.head[chosen], streams, names)
            for s, seed in zip(chosen, names, strict=True):
                if not is_sound(head[s]):
                    head_diverged[s] = True
                    continue
                network = student.network(first.weights[s, 0], biases[s], head[s])
                risk = loss_risk(network, loss, target, points=test, seed=seed, noise=law)
                risks[:, s] = risk.value, risk.standard_error, risk.excess, risk.excess_standard_error
    head[head_diverged] = np.nan
    return SingleIndexRun(first, resolved, biases, head, risks[0], risks[1], risks[2], risks[3], head_diverged)


def train_heads(
    student: Student, phase: HeadPhase, weights: Array, head: Array, streams: Sequence[Blocks], seeds: Sequence[int]
) -> tuple[Array, Array]:
    """The second phase of R networks: redrawn biases and trained heads, each of shape (R, m).

    Args:
        student: activation and loss.
        phase: resolved.
        weights, head: W (R, m, d) and a⁰ (R, m).
        streams: the samples of the first phase, R of them.
        seeds: R seeds, which draw the biases and the order of the samples.
    """
    assert phase.steps is not None
    assert phase.weight_decay is not None
    assert phase.t_star is not None
    biases = np.stack([phase.draw_biases(head.shape[1], seed) for seed in seeds])
    heads = Heads(head, student.loss_functions)
    schedule = DecayingSteps(1 / phase.weight_decay, phase.t_star)
    sigma, transposed = student.activation_functions.value, weights.transpose(0, 2, 1)
    for start, X, y in _drawn(phase.sampling, phase.steps, streams, seeds):
        hidden = np.matmul(X, transposed)
        hidden += biases[:, None]
        sizes = schedule.sizes(start, start + y.shape[1])[None]
        heads.advance(sigma(hidden), y, sizes, 1 - sizes * phase.weight_decay)
    return biases, heads.head


def _drawn(sampling: str, steps: int, streams: Sequence[Blocks], seeds: Sequence[int]) -> Iterator[tuple[int, Array, Array]]:
    """`steps` samples of each stream as X (R, B, d) and y (R, B), with the number of samples before them."""
    if sampling == "uniform":
        n, d = streams[0].n, streams[0].d
        window = max(HELD_ENTRIES // (len(streams) * d) // BLOCK, 1) * BLOCK  # steps whose samples fit
        held = n <= window
        size = n if held else min(window, steps)
        X, y = np.empty((len(streams), size, d)), np.empty((len(streams), size))  # one buffer for all windows
        if held:
            _pick(streams, np.tile(np.arange(n), (len(streams), 1)), X, y)
        orders = [generator(seed, "single-index-sgd", "order") for seed in seeds]
        for first in range(0, steps, window):
            last = min(first + window, steps)
            # integers(size=k) gives the first k of a longer draw, so T' steps are the first of a longer phase
            drawn = [[order.integers(n, size=BLOCK) for _ in range(first, last, BLOCK)] for order in orders]
            rows = np.stack([np.concatenate(parts) for parts in drawn])[:, : last - first]
            if not held:
                _pick(streams, rows, X, y)
                rows = np.tile(np.arange(last - first), (len(streams), 1))
            for start in range(0, last - first, BLOCK):
                at = rows[:, start : start + BLOCK]
                yield first + start, np.take_along_axis(X, at[:, :, None], axis=1), np.take_along_axis(y, at, axis=1)
        return
    start = 0
    while True:
        for parts in zip(*streams, strict=True):
            X, y = (np.stack(part) for part in zip(*parts, strict=True))
            for row in range(0, y.shape[1], BLOCK):
                block = slice(row, min(row + BLOCK, row + steps - start, y.shape[1]))
                yield start, X[:, block], y[:, block]
                start += block.stop - row
                if start == steps:
                    return


def _pick(streams: Sequence[Blocks], rows: NDArray[np.int64], X: Array, y: Array) -> None:
    """Put rows (R, K) of R streams first into X (R, >= K, d) and y (R, >= K), in one pass over each stream."""
    for r, stream in enumerate(streams):
        places = np.argsort(rows[r], kind="stable")
        asked, first = rows[r, places], 0
        for part, labels in stream:
            here = slice(*np.searchsorted(asked, [first, first + len(labels)]))
            X[r, places[here]], y[r, places[here]] = part[asked[here] - first], labels[asked[here] - first]
            first += len(labels)


def is_sound(head: Array) -> bool:
    """Whether a head stayed within bounds."""
    return bool(np.abs(head).max() <= DIVERGENCE_BOUND)  # false for NaN


def check_phase_size(phase: HeadPhase, T: int, d: int, m: int, seeds: int) -> None:
    """Raise InputError where a phase, resolved, needs more memory or work than is allowed."""
    assert phase.steps is not None
    what = f"single-index SGD with T = {T}, d = {d}, m = {m} and T' = {phase.steps}"
    uniform, window = phase.sampling == "uniform", max(HELD_ENTRIES // (seeds * d), 1)
    held = min(T, window) * d if uniform else 1024 * d
    again = math.ceil(phase.steps / window) * T * d * GENERATION if uniform and window < T else 0
    advice = "take fewer steps or neurons, or sampling = 'passes', which generates each sample once in T steps"
    require_memory(8.0 * seeds * (held + 4 * BLOCK * m), what, "take fewer neurons or dimensions")
    require_work(seeds * (phase.steps * m * (2.0 * d + 2 * BLOCK) + again), what, advice)
