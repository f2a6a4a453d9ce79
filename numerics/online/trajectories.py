"""Online SGD with weight decay on the first layer, one fresh sample a step: many seeds and step sizes in one pass."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from steinlab.numerics.checked import check_integer, check_number
from steinlab.numerics.limits import one_blas_thread, require_memory, require_work
from steinlab.numerics.networks.student import Student, labelled_data
from steinlab.numerics.online.blocks import BLOCK, DIVERGENCE_BOUND, FirstLayers, dtype_of, is_bounded, sample_blocks
from steinlab.numerics.online.recipes import Recipe, label_size, recipe_for
from steinlab.numerics.online.record import OnlineSGDRun, Recorder, checked_steps, log_spaced
from steinlab.numerics.population.subspace import principal_basis
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

__all__ = ["online_sgd"]

# Neurons of all runs that advance together: the arrays of one step then stay in a core's cache.
GROUP_NEURONS = 2**14
# Rows of samples generated at once.
READ_ROWS = 1024


def online_sgd(
    target: Target | str,
    *,
    T: int,
    d: int,
    m: int,
    seeds: Sequence[int],
    student: Student | None = None,
    recipes: Recipe | Sequence[Recipe] | None = None,
    noise: Noise | None = None,
    record: int | Sequence[int] = 24,
    leading: int = 3,
    test: int = 10_000,
    closed_form: bool | None = None,
    snapshots: Sequence[int] = (),
    precision: str = "double",
    divergence_bound: float = DIVERGENCE_BOUND,
) -> OnlineSGDRun:
    """Train the first layer of students ŷ(x) = aᵀσ(Wx + b) by online SGD with weight decay, all seeds and recipes in one pass.

    W ← (1 - η_t λ)W - η_t ∇_W ℓ(ŷ(x_t), y_t) for t = 0, ..., T - 1, a fresh sample a step, a and b frozen. The samples of a
    seed are those of `GaussianData(target, T, d, seed)`, whatever T; a, b and the first W are `Student.draw`. What a seed gives
    does not depend on the other seeds and recipes, nor on what is recorded, to the bit.

    Args:
        target: any target, or an expression for one.
        T, d, m: steps (each with its own sample), dimension, width.
        seeds: whole numbers, all different.
        student: activation, loss and law of the biases; default ReLU, Huber (δ = 1), b_j uniform on ±1.
        recipes: λ and η_t, one or more (`recipe_for`, whose defaults are the default).
        noise: label noise; default the target's own.
        record: the steps to measure at, or how many, log-spaced (`log_spaced`).
        leading: how many singular values to record.
        test: fresh points for the risk; 0 for no risk.
        closed_form: see `loss_risk`.
        snapshots: steps whose weights are kept.
        precision: "double", or "single": float32 iterates, twice as fast, measured in float64.
        divergence_bound: ‖W‖_F/√m beyond which a run has diverged. Other runs go on.

    Returns:
        A deterministic function of the arguments, to the bit on one machine (BLAS is held to one thread).

    Raises:
        InputError: a size or setting is not acceptable (d below the target's dimension, steps beyond T, ...), or the run would
            need too much memory or work.

    Guarantee: numerical; the iterates of the plain loop up to rounding (1e-15 of their size in double precision).
    Source: Mousavi-Hosseini et al. (2023); the defaults are ours.

    Example:
        >>> run = online_sgd("tanh(z1)", T=4000, d=10, m=20, seeds=[0, 1], test=0)
        >>> run.perpendicular.shape, bool(run.perpendicular[:, 0, -1].max() < 0.1 < run.perpendicular[:, 0, 0].min())
        ((2, 1, 24), True)
    """
    if isinstance(target, str):
        target = Target.from_expression(target)
    student = Student() if student is None else student
    law = target.noise if noise is None else noise
    T, d, m = (check_integer(name, value, least=1) for name, value in (("T", T), ("d", d), ("m", m)))
    if recipes is None:
        recipes = recipe_for(student, T=T, d=d, m=m, label_size=label_size(target, law))
    recipes = (recipes,) if isinstance(recipes, Recipe) else tuple(recipes)
    seeds = tuple(check_integer("seed", seed, least=-(2**63)) for seed in seeds)
    if not recipes or not seeds or len(set(seeds)) < len(seeds):
        raise InputError(f"{len(seeds)} seeds and {len(recipes)} recipes; give at least one of each, and no seed twice")
    steps = checked_steps("record", log_spaced(T, record) if isinstance(record, int) else record, T)
    kept = checked_steps("snapshots", snapshots, T)
    dtype = dtype_of(precision)
    leading = min(check_integer("leading", leading, least=0), m, d)
    test = check_integer("test", test, least=0)
    bound = check_number("divergence_bound", divergence_bound)
    basis = principal_basis(target, labelled_data(student.loss_functions, target, T, d, seeds[0], "train", law).d)

    shape = (len(seeds), len(recipes), m, d)
    group = _group_of(shape, T, len(kept), dtype.itemsize)
    out = Recorder(target, student, law, steps, kept, basis, leading, test, closed_form, shape)
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, len(seeds), group):
            _advance_group(out, seeds[first : first + group], first, recipes, T, dtype, bound)
    settings = {
        "target": target.link,
        "T": T,
        "d": d,
        "m": m,
        "noise_kind": law.kind,
        "noise_scale": str(law.scale),
        "recipes": [recipe.to_mapping() for recipe in recipes],
        "test": test,
        "precision": precision,
        "divergence_bound": bound,
    }
    return out.run(seeds, recipes, settings | dataclasses.asdict(student))


def _group_of(shape: tuple[int, int, int, int], T: int, kept: int, itemsize: int) -> int:
    """How many seeds advance together; InputError where they all need too much memory or work."""
    seeds, recipes, m, d = shape
    runs = seeds * recipes
    size = f"online SGD with T = {T}, d = {d}, m = {m} and {runs} runs"
    group = min(seeds, max(1, GROUP_NEURONS // (m * recipes)))
    held = 8 * m * d * runs * (1 + kept) + itemsize * m * (2 * d + 2 * BLOCK) * group * recipes
    require_memory(held + 8 * READ_ROWS * d * group, size, "take fewer seeds at a time, a smaller width or fewer snapshots")
    require_work(4.0 * T * runs * m * (d + BLOCK), size, "take fewer steps, seeds or neurons")
    return group


def _advance_group(
    out: Recorder, seeds: tuple[int, ...], first: int, recipes: tuple[Recipe, ...], T: int, dtype: np.dtype[Any], bound: float
) -> None:
    """All T steps of some seeds with every recipe; `first` is the place of the first of them among all seeds."""
    m, d = out.weights.shape[2:]
    draws = [out.student.draw(m, d, seed) for seed in seeds]
    W, b, a = (np.stack([getattr(drawn, part) for drawn in draws]) for part in ("weights", "biases", "head"))
    out.biases[first : first + len(seeds)], out.head[first : first + len(seeds)] = b, a
    seed_of, recipe_of = (part.ravel() for part in np.indices((len(seeds), len(recipes))))
    loss = out.student.loss_functions
    layers = FirstLayers(W[seed_of], b[seed_of], a[seed_of], out.student.activation_functions, loss, dtype)
    decays = np.array([recipe.weight_decay for recipe in recipes])
    wanted = sorted({*out.steps, *out.kept})

    def place(run: int) -> tuple[int, int]:
        return first + int(seed_of[run]), int(recipe_of[run])

    if 0 in wanted:
        for run in range(len(seed_of)):
            out.measure(0, place(run), seeds[seed_of[run]], W[seed_of[run]])
    streams = [labelled_data(loss, out.target, T, d, seed, "train", out.noise, READ_ROWS) for seed in seeds]
    for start, X, y in sample_blocks(streams, dtype):
        stop = start + y.shape[1]
        sizes = np.stack([recipe.steps.sizes(start, stop) for recipe in recipes])
        factors = 1 - sizes * decays[:, None]
        shared = len(recipes) == 1
        layers.advance(X[seed_of], y[seed_of], *(part if shared else part[recipe_of] for part in (sizes, factors)))
        good = np.array([is_bounded(part, m, bound) for part in layers.weights])
        last = np.full(len(good), stop - start)
        for run in np.nonzero(~good)[0].tolist():
            diverged = (t for t in range(1, stop - start + 1) if not is_bounded(layers.after(t, run), m, bound))
            at = next(diverged, stop - start)
            out.diverged_at[place(run)], last[run] = start + at, at - 1
        for t in [t for t in wanted if start < t <= stop]:
            for run in np.nonzero(last >= t - start)[0].tolist():
                out.measure(t, place(run), seeds[seed_of[run]], layers.after(t - start, run))
        if not good.all():
            layers.keep(good)
            seed_of, recipe_of = seed_of[good], recipe_of[good]
            if not len(seed_of):
                return
    for run, weights in enumerate(layers.weights):
        out.weights[place(run)] = weights
