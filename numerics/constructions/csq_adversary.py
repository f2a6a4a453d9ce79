"""The adversary of Lemma 2, running: an oracle that commits to nothing, and the network's gradient queries that it faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import factorial, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from steinlab.numerics.checked import check_integer
from steinlab.numerics.limits import require_memory
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.statements.activations import relu_coefficient

__all__ = ["Defeat", "Oracle", "RidgeClass", "gradient_learner"]


ROUNDING = 1e-12
"""Two correlations closer than this count as equal: a tie is then decided alike on every machine."""

MAX_ANSWERS = 10**10
"""Most correlations, queries times functions, that one run computes: some minutes of one core."""


class RidgeClass:
    """The functions f_v(x) = Σ_k a_k He_k(v·x)/√(k!) of x ~ N(0, I_d), one for each row v of `vectors`, of unit L² norm.

    Args:
        vectors: shape (N, d), rows of unit norm.
        coefficients: {k: a_k}, k >= 1; scaled so that Σ a_k² = 1.

    Raises:
        InputError: a row is not of unit norm, there are fewer than two, a degree is below 1, or all coefficients are 0.

    Example:
        >>> pair = RidgeClass(np.eye(2), {2: 1.0})
        >>> pair.inner_products(np.array([0.6, 0.8]))  # E[f_v f_u] = (u·v)²
        array([0.36, 0.64])
    """

    def __init__(self, vectors: Array, coefficients: Mapping[int, float]) -> None:
        vectors = np.asarray(vectors, dtype=np.float64)
        if vectors.ndim != 2 or len(vectors) < 2 or np.abs((vectors**2).sum(axis=1) - 1).max() > 1e-9:
            raise InputError(f"vectors of shape {vectors.shape}: give at least two rows of unit norm")
        norm = sqrt(sum(a * a for a in coefficients.values()))
        if not coefficients or min(coefficients) < 1 or not 0 < norm < inf:
            raise InputError(f"coefficients {dict(coefficients)}: give finite ones in degrees >= 1, not all 0")
        self.vectors = vectors
        self.coefficients = {k: a / norm for k, a in coefficients.items() if a}

    @property
    def size(self) -> int:
        return len(self.vectors)

    def inner_products(self, u: Array, members: NDArray[np.intp] | slice = slice(None)) -> Array:
        """E[f_v f_u] = Σ_k a_k² (v·u)^k for each v; f_u as a query has unit norm. Exact up to rounding."""
        cosines = self.vectors[members] @ u
        return np.asarray(sum(a * a * cosines**k for k, a in self.coefficients.items()))

    def gradient_parts(self, w: Array) -> tuple[Array, Array]:
        """(A_v), (B_v) with E[f_v(x) √2 x 1{w·x >= 0}] = A_v v + B_v w, for |w| = 1. Exact up to rounding.

        By Hermite expansion, not sampling: with ρ = v·w and c_k ReLU's coefficients,
        A = √2 Σ_k a_k √(k!) c_k ρ^{k-1}/(k-1)! and B = √2 Σ_k a_k √(k!) c_{k+2} ρ^k/k!. Damian et al., section 4. Each coordinate
        of √2 x 1{w·x >= 0} has unit norm, as Lemma 2 asks of a query: E[x_i² 1{w·x >= 0}] = 1/2.
        """
        rho = self.vectors @ w
        along, radial = np.zeros(self.size), np.zeros(self.size)
        for k, a in self.coefficients.items():
            scale = sqrt(2) * a * sqrt(factorial(k))
            along += scale * float(relu_coefficient(k)) / factorial(k - 1) * rho ** (k - 1)
            radial += scale * float(relu_coefficient(k + 2)) / factorial(k) * rho**k
        return along, radial


@dataclass(frozen=True)
class Defeat:
    """How a learner fared against the oracle.

    `queries` were answered within `tolerance`; `survivors` of `size` members agree with every answer, so any of them may be the
    truth. `most_removed` is the most members that one query removed and `answers_not_zero` how often 0 would have left none.
    `output` is the member the learner named and `truth` the one the adversary revealed, rows of the class: the survivor farthest
    from the output, or the output itself where it alone survived (`won`). `loss` is E(f_output - f_truth)², `cosine` their u·v.
    """

    size: int
    tolerance: float
    queries: int
    survivors: int
    most_removed: int
    answers_not_zero: int
    output: int
    truth: int
    loss: float
    cosine: float
    won: bool


class Oracle:
    """Answers correlational queries within τ on behalf of every member of a class that still agrees with all its answers.

    It answers 0 as long as 0 is within τ of the truth for some survivor, and else a number that keeps the most survivors;
    members whose truth is farther than τ from the answer, by more than rounding, are removed. Every answer is thus correct,
    within τ, for each survivor. By Lemma 2 an answer of 0 removes at most 2/(τ² - ε) members when the query has unit norm.

    Example:
        >>> oracle = Oracle(3, tolerance=0.1)
        >>> oracle.answer(np.array([0.05, 0.5, -0.02])), oracle.survivors
        (0.0, array([0, 2]))
    """

    def __init__(self, size: int, tolerance: float) -> None:
        if size < 2 or not 0 < tolerance < 1:
            raise InputError(f"{size} functions and tolerance {tolerance}: give at least 2 functions and 0 < τ < 1")
        self.size, self.tolerance = size, tolerance
        self.survivors: NDArray[np.intp] = np.arange(size)
        self.removed: list[int] = []
        self.answers_not_zero = 0

    def answer(self, truths: Array) -> float:
        """Answer a query whose true correlation with each survivor is given, in the order of `survivors`."""
        keep = np.abs(truths) <= self.tolerance + ROUNDING
        reply = 0.0
        if not keep.any():
            reply = self._densest(truths)
            keep = np.abs(truths - reply) <= self.tolerance + ROUNDING
            self.answers_not_zero += 1
        removed = len(keep) - int(np.count_nonzero(keep))
        if removed:
            self.survivors = self.survivors[keep]
        self.removed.append(removed)
        return reply

    def _densest(self, truths: Array) -> float:
        """The middle of a window of width 2τ that holds the most truths."""
        ordered = np.sort(truths)
        ends = np.searchsorted(ordered, ordered + 2 * self.tolerance + ROUNDING, side="right")
        first = int(np.argmax(ends - np.arange(len(ordered))))
        return float((ordered[first] + ordered[ends[first] - 1]) / 2)


def gradient_learner(functions: RidgeClass, *, tolerance: float, neurons: int, seed: int) -> Defeat:
    """Let the network ask for its gradient at initialisation, through the oracle, and name a member of the class.

    The queries are the d coordinates of √2 x 1{w_j·x >= 0}, w_j uniform on the sphere, j = 1..neurons: all that one gradient step
    at initialisation sees of the labels, up to scale, and each of unit norm. The learner then outputs the member whose gradients
    lie closest to the answers in least squares. The adversary names as truth the survivor farthest from it, itself excluded.

    Args:
        functions: the class.
        tolerance: τ, in (0, 1).
        neurons: number of first-layer weights, >= 1; the queries are neurons · d.
        seed: of the weights.

    Raises:
        InputError: bad sizes, or too much memory or work.

    Example:
        >>> axes = RidgeClass(np.eye(8), {2: 1.0})
        >>> gradient_learner(axes, tolerance=0.05, neurons=8, seed=0).won
        True
    """
    size, d = functions.vectors.shape
    neurons = check_integer("neurons", neurons, least=1)
    if neurons * d * size > MAX_ANSWERS:
        raise InputError(
            f"{neurons} x {d} queries on {size} functions are {neurons * d * size:.1e} correlations, more than "
            f"{MAX_ANSWERS:.0e}; give fewer neurons or fewer vectors"
        )
    require_memory(
        8.0 * (4 * size + neurons * d) + functions.vectors.nbytes, f"a class of {size} functions", "give fewer vectors"
    )
    weights = generator(seed, "csq", "weights").standard_normal((neurons, d))
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    oracle = Oracle(size, tolerance)
    columns = np.ascontiguousarray(functions.vectors.T)
    misfit = np.zeros(size)  # Σ (prediction - answer)², but for what is common to all members
    for w in weights:
        along, radial = functions.gradient_parts(w)
        answers = np.zeros(d)
        for i in range(d):
            s = oracle.survivors if len(oracle.survivors) < size else slice(None)
            answers[i] = oracle.answer(along[s] * columns[i][s] + radial[s] * w[i])
        rho = functions.vectors @ w
        misfit += along**2 + radial**2 + 2 * along * radial * rho
        misfit -= 2 * (along * (functions.vectors @ answers) + radial * float(w @ answers))
    return _verdict(functions, oracle, _first_minimum(misfit, ROUNDING * neurons))


def _first_minimum(values: Array, rounding: float) -> int:
    """The first of those within rounding of the least."""
    return int(np.argmax(values <= values.min() + rounding))


def _verdict(functions: RidgeClass, oracle: Oracle, output: int) -> Defeat:
    others = oracle.survivors[oracle.survivors != output]
    won = len(others) == 0
    truths = np.array([output]) if won else others
    products = functions.inner_products(functions.vectors[output], truths)
    worst = _first_minimum(products, ROUNDING)
    return Defeat(
        size=oracle.size,
        tolerance=oracle.tolerance,
        queries=len(oracle.removed),
        survivors=len(oracle.survivors),
        most_removed=max(oracle.removed),
        answers_not_zero=oracle.answers_not_zero,
        output=output,
        truth=int(truths[worst]),
        loss=0.0 if won else float(2 - 2 * products[worst]),
        cosine=float(functions.vectors[output] @ functions.vectors[truths[worst]]),
        won=won,
    )
