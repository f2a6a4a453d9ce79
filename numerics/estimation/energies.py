"""The energies ‖C_k‖_F²/k! of E[y | x] for k = 1, 2, 3 from data, without bias and with intervals.

For x, x' ~ N(0, I_d) independent and h_k(x, x') = <He_k(x), He_k(x')>/k!, E[y y' h_k(x, x')] = ‖C_k‖_F²/k!: a sum over pairs. It
is had from the pairs in n² d multiplications, or from Σ_i y_i He_k(x_i) in n d^k, whichever is less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.estimation.intervals import ONE_SIDED, TWO_SIDED, Estimated
from steinlab.numerics.types import AnyArray, Array

__all__ = ["DEGREES", "ENTRY_LEVEL", "Energy", "energies", "energy_cost", "hermite_kernel"]

DEGREES = (1, 2, 3)
ENTRY_LEVEL = 2.13
"""Of the claim "the information exponent is at most k": 5% shared by three degrees (Bonferroni)."""
LARGEST_TENSOR = 2**27
"""Entries of a sum of tensors that is held."""


@dataclass(frozen=True)
class Energy(Estimated):
    """An energy: the estimate has no bias and may be negative, the interval is cut at zero. `error` is its standard error.

    `error` is 2 sd(r)/√n, r_i the mean over the pairs of i: larger than the truth by √2 where C_k = 0, on purpose (the exact
    variance there over-rejects under heavy tails).
    """

    degree: int
    error: float

    @property
    def score(self) -> float:
        """The estimate in standard errors."""
        return self.value / self.error if self.error > 0 else math.inf if self.value > 0 else 0.0

    @property
    def nonzero(self) -> bool:
        """Whether C_k ≠ 0 is claimed, at 5%."""
        return self.score > ONE_SIDED


def hermite_kernel(k: int, s: Array, a: Array, b: Array, d: int) -> Array:
    """h_k = <He_k(x), He_k(x')>/k! for k = 1, 2, 3 from s = x·x', a = ‖x‖², b = ‖x'‖².

    Example:
        >>> one = np.array([1.0])
        >>> hermite_kernel(2, 2 * one, one, 4 * one, 1)  # (1² - 1)(2² - 1)/2
        array([0.])
    """
    if k == 1:
        return s
    if k == 2:
        return (s * s - a - b + d) / 2
    return s * (s * s - 3 * (a + b) + (3 * d + 6)) / 6


def energies(data: DataSet) -> dict[int, Energy]:
    """The energies of degree 1, 2, 3, each from n values r_i = ỹ_i Σ_{j≠i} ỹ_j h_k(x_i, x_j)/(n - 1).

    Guarantee: numerical. Means ỹ = y - ȳ cost a factor 1 - 2/n + 2/n², which is divided out. Coverage of the intervals is that
    of the study `estimate-calibration`.
    """
    by_pairs = [k for k in DEGREES if _from_pairs(data.n, data.d, k)]
    sums = _pair_sums(data, by_pairs) if by_pairs else {}
    for k in DEGREES:
        if k not in sums:
            sums[k] = _tensor_sums(data, k)
    return {k: _energy(k, data.centred * sums[k] / (data.n - 1)) for k in DEGREES}


def energy_cost(n: int, d: int) -> float:
    """Multiplications that `energies` makes, roughly."""
    pairs = [k for k in DEGREES if _from_pairs(n, d, k)]
    return (0.5 * n * n * (d + 6 * len(pairs)) if pairs else 0.0) + sum(
        2 * n * _tensor_row(d, k) for k in DEGREES if k not in pairs
    )


def _energy(k: int, r: Array) -> Energy:
    n = len(r)
    value = float(r.mean()) / (1 - 2 / n + 2 / n**2)
    error = 2 * float(r.std(ddof=1)) / math.sqrt(n)
    upper = value + TWO_SIDED * error
    if value > error:  # an energy is a square: its law is skewed where it is large
        upper = max(upper, value * math.exp(TWO_SIDED * error / value))
    return Energy(value, (max(value - TWO_SIDED * error, 0.0), max(upper, 0.0)), k, error)


def _tensor_row(d: int, k: int) -> float:
    return d if k == 1 else d * d if k == 2 else d * (d + 1) * (2 * d + 1) / 6


def _from_pairs(n: int, d: int, k: int) -> bool:
    """Whether pairs are cheaper, or the only way."""
    if k == 3 and _tensor_row(d, 3) > LARGEST_TENSOR:
        return True
    return 0.5 * n * (d + 6) < 2 * _tensor_row(d, k)


def _pair_sums(data: DataSet, degrees: Sequence[int]) -> dict[int, Array]:
    """Σ_{j≠i} ỹ_j h_k(x_i, x_j) for each i, a pair of blocks at a time, each once."""
    y, n, d = data.centred, data.n, data.d
    sums = {k: np.zeros(n) for k in degrees}
    side = max(64, min(data.block_rows, 1024))
    starts = range(0, n, side)
    for first in starts:
        at, left = _rows(data, first, side)
        a = np.einsum("ij,ij->i", left, left)[:, None]
        for second in starts[first // side :]:
            others, right = (at, left) if second == first else _rows(data, second, side)
            s, b = left @ right.T, np.einsum("ij,ij->i", right, right)[None, :]
            for k in degrees:
                h = hermite_kernel(k, s, a, b, d)
                if first == second:
                    np.fill_diagonal(h, 0.0)
                else:
                    sums[k][others] += y[at] @ h
                sums[k][at] += h @ y[others]
            data.progress(float(len(left) * len(right) * (d + 6 * len(degrees))))
    return sums


def _rows(data: DataSet, start: int, count: int) -> tuple[AnyArray, Array]:
    at = np.arange(start, min(start + count, data.n))
    x = np.vstack([block for _, block in data.blocks(at)])
    return at, x


def _tensor_sums(data: DataSet, k: int) -> Array:
    """The same from S = Σ_j ỹ_j He_k(x_j): Σ_{j≠i} ỹ_j h_k(x_i, x_j) = <He_k(x_i), S>/k! - ỹ_i h_k(x_i, x_i).

    Since Σ_j ỹ_j = 0 what is needed beside Σ_j ỹ_j x_j^{⊗k} are its traces.
    """
    y, n, d = data.centred, data.n, data.d
    norms, products = np.empty(n), np.empty(n)
    if k == 1:
        linear = _linear(data)
        for at, x in data.blocks(cost=d):
            norms[at], products[at] = (x * x).sum(axis=1), x @ linear
        return products - y * norms
    if k == 2:
        M = np.zeros((d, d))
        for at, x in data.blocks(cost=d * d):
            M += x.T @ (y[at, None] * x)
        for at, x in data.blocks(cost=d * d):
            norms[at], products[at] = (x * x).sum(axis=1), ((x @ M) * x).sum(axis=1) - np.trace(M)
        return products / 2 - y * hermite_kernel(2, norms, norms, norms, d)
    return _cubic_sums(data)


def _linear(data: DataSet) -> Array:
    total = np.zeros(data.d)
    for at, x in data.blocks(cost=data.d):
        total += data.centred[at] @ x
    return total


def _cubic_sums(data: DataSet) -> Array:
    """Degree 3, with the entries T_abc, a <= b, c, of T = Σ_j ỹ_j x_j^{⊗3}: for each a one matrix of size d - a."""
    y, n, d = data.centred, data.n, data.d
    T = [np.zeros((d - a, d - a)) for a in range(d)]
    linear, weighted = np.zeros(d), np.zeros(d)  # Σ ỹ x and Σ ỹ ‖x‖² x
    for at, x in data.blocks(cost=_tensor_row(d, 3)):
        weight = y[at]
        linear += weight @ x
        weighted += (weight * (x * x).sum(axis=1)) @ x
        for a in range(d):
            T[a] += x[:, a:].T @ ((weight * x[:, a])[:, None] * x[:, a:])
    for block in T:  # each sorted triple as often as it occurs among all triples: 6, 3 or 1 times, halved off the diagonal
        block *= 3.0
        block[0, :] /= 2
        block[:, 0] /= 2
        block[0, 0] = block[0, 0] * 4 / 3
    norms, products = np.empty(n), np.empty(n)
    for at, x in data.blocks(cost=_tensor_row(d, 3)):
        a = norms[at] = (x * x).sum(axis=1)
        cubes = np.zeros(len(x))
        for first in range(d):
            cubes += x[:, first] * ((x[:, first:] @ T[first]) * x[:, first:]).sum(axis=1)
        products[at] = (cubes - 3 * a * (x @ linear) - 3 * (x @ weighted) + (3 * d + 6) * (x @ linear)) / 6
    return products - y * hermite_kernel(3, norms, norms, norms, d)
