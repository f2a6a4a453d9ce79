"""Online SGD with weight decay on the first layer, one fresh sample a step: many seeds and step sizes in one pass."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from steinlab.numerics.canonical import basis_of_span
from steinlab.numerics.checked import check_choice, check_integer, check_number
from steinlab.numerics.limits import one_blas_thread, require_memory, require_work
from steinlab.numerics.methods.regressor import Regressor
from steinlab.numerics.networks.features import FeatureMap, HiddenFeatures
from steinlab.numerics.networks.network import TwoLayerNetwork
from steinlab.numerics.networks.student import Student, StudentFeatures, loss_risk, student_data
from steinlab.numerics.online.blocks import BLOCK, FirstLayers
from steinlab.numerics.online.recipes import Recipe, label_size, recipe_for
from steinlab.numerics.online.schedules import ConstantSteps, DecayingSteps
from steinlab.numerics.samples.blocks import Blocks
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets import Noise, Target

__all__ = [
    "OnlineSGD",
    "OnlineSGDRun",
    "log_spaced",
    "online_sgd",
    "principal_basis",
]


# ‖W‖_F/√m (1 at initialisation) beyond which a run is said to diverge.
DIVERGENCE_BOUND = 1e6
# Neurons of all runs that advance together: the arrays of one step then stay in a core's cache.
GROUP_NEURONS = 2**14
# Rows of samples generated at once.
READ_ROWS = 1024


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


def principal_basis(target: Target, d: int) -> Array:
    """Orthonormal columns, shape (d, k), that span the target's principal subspace, padded with zeros to dimension d."""
    rows = np.array([[float(entry) for entry in row] for row in target.principal_subspace()])
    spanning = basis_of_span(rows)
    basis = np.zeros((d, len(spanning)))
    basis[: rows.shape[1]] = spanning.T
    return basis


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
    steps = _steps("record", log_spaced(T, record) if isinstance(record, int) else record, T)
    kept = _steps("snapshots", snapshots, T)
    dtype = _dtype(precision)
    leading = min(check_integer("leading", leading, least=0), m, d)
    test = check_integer("test", test, least=0)
    bound = check_number("divergence_bound", divergence_bound)
    basis = principal_basis(target, student_data(student, target, T, d, seeds[0], "train", law).d)

    count, runs = len(recipes), len(seeds) * len(recipes)
    size = f"online SGD with T = {T}, d = {d}, m = {m} and {runs} runs"
    group = max(1, GROUP_NEURONS // (m * count))
    held = 8 * m * d * runs * (1 + len(kept)) + dtype.itemsize * m * (2 * d + 2 * BLOCK) * min(group * count, runs)
    require_memory(held + 8 * READ_ROWS * d * group, size, "take fewer seeds at a time, a smaller width or fewer snapshots")
    require_work(4.0 * T * runs * m * (d + BLOCK), size, "take fewer steps, seeds or neurons")

    out = _Recorder(target, student, law, steps, kept, basis, leading, test, closed_form, (len(seeds), count, m, d))
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, len(seeds), group):
            _advance_group(out, seeds[first : first + group], first, recipes, T, dtype, bound)
    return OnlineSGDRun(
        seeds=seeds,
        recipes=recipes,
        steps=np.array(steps, dtype=np.int64),
        **out.arrays,
        risk_method=out.risk_method,
        diverged_at=out.diverged_at,
        weights=out.weights,
        biases=out.biases,
        head=out.head,
        snapshots=out.snapshots,
        settings={
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
        | dataclasses.asdict(student),
    )


def _dtype(precision: str) -> np.dtype[Any]:
    return np.dtype(np.float32 if check_choice("precision", precision, ("double", "single")) == "single" else np.float64)


def _steps(name: str, values: Sequence[int], T: int) -> tuple[int, ...]:
    steps = sorted({check_integer(name, t, least=0) for t in values})
    if steps and steps[-1] > T:
        raise InputError(f"{name} asks for step {steps[-1]}, which is beyond T = {T}; give steps from 0 to T")
    return tuple(steps)


class _Recorder:
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

    def measure(self, t: int, place: tuple[int, int], seed: int, weights: NDArray[Any]) -> None:
        """Record W after t steps, where it was asked for."""
        W = np.asarray(weights, dtype=np.float64)
        if t in self.snapshots:
            self.snapshots[t][place] = W
        if t not in self.steps:
            return
        at = (*place, self.steps.index(t))
        values = self.arrays
        total, outside = float(np.sum(W**2)), float(np.sum((W - (W @ self.basis) @ self.basis.T) ** 2))
        values["norm"][at], values["perpendicular"][at] = math.sqrt(total / len(W)), math.sqrt(outside / len(W))
        values["alignment"][at] = 1 - outside / total if total > 0 else 0.0
        leading = values["singular_values"].shape[-1]
        if leading:
            gram = W.T @ W if W.shape[1] <= W.shape[0] else W @ W.T
            values["singular_values"][at] = np.sqrt(np.maximum(np.linalg.eigvalsh(gram)[::-1][:leading], 0.0))
        if self.test:
            head, biases = self.head[place[0]], self.biases[place[0]]
            options = {"points": self.test, "seed": seed, "noise": self.noise, "closed_form": self.closed_form}
            risk = loss_risk(self.student, W, biases, head, self.target, **options)  # type: ignore[arg-type]
            values["risk"][at], values["risk_standard_error"][at] = risk.value, risk.standard_error
            values["excess_risk"][at], values["excess_risk_standard_error"][at] = risk.excess, risk.excess_standard_error
            self.risk_method = risk.method


def _advance_group(
    out: _Recorder, seeds: tuple[int, ...], first: int, recipes: tuple[Recipe, ...], T: int, dtype: np.dtype[Any], bound: float
) -> None:
    """All T steps of some seeds with every recipe; `first` is the place of the first of them among all seeds."""
    m, d = out.weights.shape[2:]
    draws = [out.student.draw(m, d, seed) for seed in seeds]
    W, b, a = (np.stack(part) for part in zip(*draws, strict=True))
    out.biases[first : first + len(seeds)], out.head[first : first + len(seeds)] = b, a
    seed_of, recipe_of = (part.ravel() for part in np.indices((len(seeds), len(recipes))))
    layers = FirstLayers(W[seed_of], b[seed_of], a[seed_of], out.student.activation_functions, out.student.loss_functions, dtype)
    decays = np.array([recipe.weight_decay for recipe in recipes])
    wanted = sorted({*out.steps, *out.kept})

    def place(run: int) -> tuple[int, int]:
        return first + int(seed_of[run]), int(recipe_of[run])

    if 0 in wanted:
        for run in range(len(seed_of)):
            out.measure(0, place(run), seeds[seed_of[run]], W[seed_of[run]])
    streams = [student_data(out.student, out.target, T, d, seed, "train", out.noise, READ_ROWS) for seed in seeds]
    for start, X, y in _blocks(streams, dtype):
        stop = start + y.shape[1]
        sizes = np.stack([recipe.steps.sizes(start, stop) for recipe in recipes])
        factors = 1 - sizes * decays[:, None]
        shared = len(recipes) == 1
        layers.advance(X[seed_of], y[seed_of], *(part if shared else part[recipe_of] for part in (sizes, factors)))
        good = np.array([_bounded(part, m, bound) for part in layers.weights])
        last = np.full(len(good), stop - start)
        for run in np.nonzero(~good)[0].tolist():
            diverged = (t for t in range(1, stop - start + 1) if not _bounded(layers.after(t, run), m, bound))
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


def _bounded(weights: NDArray[Any], m: int, bound: float) -> bool:
    flat = weights.T.reshape(-1)  # a view: the layers hold Wᵀ
    return bool(float(flat @ flat) <= m * bound**2)  # false for NaN


def _blocks(streams: Sequence[Blocks], dtype: np.dtype[Any]) -> Iterator[tuple[int, NDArray[Any], NDArray[Any]]]:
    """Steps start, start + 1, ... as X (S, B, d) and y (S, B), in blocks that begin at multiples of BLOCK."""
    start = 0
    for parts in zip(*streams, strict=True):
        X, y = (np.stack(part, dtype=dtype, casting="same_kind") for part in zip(*parts, strict=True))
        for row in range(0, y.shape[1], BLOCK):
            yield start + row, X[:, row : row + BLOCK], y[:, row : row + BLOCK]
        start += y.shape[1]


class OnlineSGD(Regressor):
    """A student ŷ(x) = aᵀσ(Wx + b) whose first layer sees each row once, in order: online SGD with weight decay.

    W ← (1 - η_t λ)W - η_t ∇_W ℓ(ŷ(x_t), y_t); a and b stay as they were drawn. The theory is for rows x ~ N(0, I_d), which are n
    steps; with a of size 1/m, predictions stay of the size of σ(Wx + b), so the features, not the fit, are what is learned.

    Args:
        width: m.
        activation, shift, loss, delta, biases, bias_scale: see `Student`. The logistic loss takes labels ±1.
        weight_decay, gamma, gamma_0, schedule, step_size, t_star, unguaranteed: see `recipe_for`. E|y| is that of the samples.
        precision: "double" or "single".
        random_state: any integer; the first W, a and b.

    Attributes, after fit: ``weights_`` (m x d), ``biases_``, ``head_`` (m), ``features_``, ``recipe_`` (λ, η_t and, in
    ``recipe_.warnings``, the guarantees that they lose).

    Raises:
        InputError: from fit: a setting or the samples are not acceptable, or the run diverges.

    Guarantee: numerical. Source: Mousavi-Hosseini et al. (2023).

    Example:
        >>> rng = np.random.default_rng(0)
        >>> X = rng.standard_normal((4000, 5))
        >>> fitted = OnlineSGD(width=20).fit(X, np.tanh(X[:, 0]))
        >>> bool(np.linalg.norm(fitted.weights_[:, 1:]) < 0.2 * np.linalg.norm(fitted.weights_))
        True
    """

    # One pass over a few hundred rows teaches a network with a frozen head of size 1/m next to nothing.
    _poor_score = True

    def __init__(
        self,
        *,
        width: int = 100,
        activation: str = "relu",
        shift: float = 0.0,
        loss: str = "huber",
        delta: float = 1.0,
        biases: str = "signs",
        bias_scale: float = 1.0,
        weight_decay: float | None = None,
        gamma: float | None = None,
        gamma_0: float | None = None,
        schedule: str = "decaying",
        step_size: float | None = None,
        t_star: int | None = None,
        unguaranteed: bool = False,
        precision: str = "double",
        random_state: int = 0,
    ) -> None:
        self.width = width
        self.activation = activation
        self.shift = shift
        self.loss = loss
        self.delta = delta
        self.biases = biases
        self.bias_scale = bias_scale
        self.weight_decay = weight_decay
        self.gamma = gamma
        self.gamma_0 = gamma_0
        self.schedule = schedule
        self.step_size = step_size
        self.t_star = t_star
        self.unguaranteed = unguaranteed
        self.precision = precision
        self.random_state = random_state

    def fit_blocks(self, blocks: Blocks) -> Self:
        """One pass over the samples, each a step. Blocks of a multiple of 64 rows give the same bits whatever their size.

        Raises:
            InputError: a setting or a label is not acceptable, the run diverges, or it needs more memory or work than is allowed.
        """
        student = self.student()
        m, n, d = check_integer("width", self.width, least=1), blocks.n, blocks.d
        dtype = _dtype(self.precision)
        size = 0.0
        if student.loss == "squared" and student.activation != "relu":
            size = sum(float(np.abs(y).sum()) for _, y in blocks) / n
        names = ("weight_decay", "gamma", "gamma_0", "schedule", "step_size", "t_star", "unguaranteed")
        options = {name: getattr(self, name) for name in names}
        recipe = recipe_for(student, T=n, d=d, m=m, label_size=size, **options)
        what = f"{type(self).__name__} with n = {n}, d = {d}, {m} neurons"
        require_memory(8 * m * (3 * d + 2 * BLOCK), what, "take fewer neurons or a smaller d")
        require_work(4.0 * n * m * (d + BLOCK), what, "take fewer samples, fewer neurons or a smaller d")
        self._forget()
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            self._train(blocks, student, recipe, dtype)
        self.recipe_, self.n_features_in_, self.n_samples_ = recipe, d, n
        self.resolved_ = self._settle(recipe)
        return self

    def _settle(self, recipe: Recipe) -> dict[str, Any]:
        """The settings that a rule chose."""
        steps = recipe.steps
        chosen: dict[str, Any] = {"step_size": steps.size} if isinstance(steps, ConstantSteps) else {"t_star": steps.t_star}
        if isinstance(steps, DecayingSteps):
            chosen["gamma"] = self.width / steps.scale
        return chosen | {"weight_decay": recipe.weight_decay, "gamma_0": recipe.gamma_0}

    def student(self) -> Student:
        """What kind of network is trained on what loss, by the settings."""
        return Student(self.activation, self.shift, self.loss, self.delta, self.biases, self.bias_scale)

    def _train(self, blocks: Blocks, student: Student, recipe: Recipe, dtype: np.dtype[Any]) -> None:
        weights, biases, head = student.draw(self.width, blocks.d, self.random_state)
        layers = FirstLayers(weights[None], biases[None], head[None], student.activation_functions, student.loss_functions, dtype)
        for start, X, y in _blocks([blocks], dtype):
            if student.loss == "logistic" and not np.isin(y, (-1, 1)).all():
                raise InputError(f"the logistic loss takes labels -1 and 1; rows {start} to {start + y.shape[1] - 1} have others")
            sizes = recipe.steps.sizes(start, start + y.shape[1])[None]
            layers.advance(X, y, sizes, 1 - sizes * recipe.weight_decay)
            if not _bounded(layers.weights[0], self.width, DIVERGENCE_BOUND):
                raise InputError(
                    f"the run diverged at step {start + y.shape[1]} or shortly before: lower the step size (a larger t_star), "
                    "raise gamma, or rescale the labels"
                )
        self.weights_ = np.array(layers.weights[0], dtype=np.float64)
        self._finish(student, biases, head)

    def _finish(self, student: Student, biases: Array, head: Array) -> None:
        self.biases_, self.head_ = biases, head
        self.alpha_, self.beta_ = 0.0, np.zeros(self.weights_.shape[1])
        self.features_: FeatureMap
        if student.activation == "relu":
            self.features_ = HiddenFeatures(TwoLayerNetwork(self.weights_, biases - student.shift, head))
        else:
            self.features_ = StudentFeatures(self.weights_, biases, student)

    def predict_block(self, X: Array) -> Array:
        """`predict` without its checks, for blocks that are known to be good."""
        values, rows = np.empty(len(X)), max(64, 2**20 // self.width)
        for start in range(0, len(X), rows):
            part = slice(start, start + rows)
            values[part] = self.features_.apply(X[part], self.head_[:, None])[:, 0]
        return values
