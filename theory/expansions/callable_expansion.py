"""The Hermite expansion of a function that is seen at points only: every number an interval, every decision numerical."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from math import factorial, inf, sqrt

import numpy as np
from flint import arb

from steinlab.theory.callables.sampled import Array, Function, HermiteMeans, hermite_means
from steinlab.theory.exact.linear_algebra import Matrix, Vector, identity
from steinlab.theory.exact.multi_indices import exponents, multi_indices
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.reals import Enclosed
from steinlab.theory.expansions.expansion import Vanishing
from steinlab.theory.expansions.generative import GenerativeExponent
from steinlab.theory.verdicts import Decided, Evidence, Verdict

FULL_DEGREE_VARIABLES = 5
"""Up to so many variables coefficients of degree 4 are worked out too; of degree 3 always."""
_SEEN = "a function that is seen at points only"


class CallableExpansion:
    """The expansion of f(z), z ~ N(0, I_r), from its values at points. See `Expansion` for its members.

    An interval that leaves out zero says "nonzero"; that something is zero, or proved, is never said. Kind: numerical.
    """

    labels_independent = False
    doubt = ""
    axes = None

    def __init__(self, f: Function, size: int, effort: int = 1) -> None:
        self.function, self.size, self.effort = f, size, effort
        self.search_degree = 4 if size <= FULL_DEGREE_VARIABLES else 3

    @cached_property
    def means(self) -> HermiteMeans:
        """E[f He_α] up to the search degree, with errors."""
        return hermite_means(self.function, self.size, self.search_degree, self.effort)

    # -- numbers

    @property
    def mean(self) -> Enclosed:
        return _enclosed(*self.means.mean)

    @property
    def second_moment(self) -> Enclosed:
        return _enclosed(*self.means.second_moment)

    @property
    def variance(self) -> Enclosed:
        (mean, error), (second, wide) = self.means.mean, self.means.second_moment
        return _enclosed(second - mean**2, wide + 2 * abs(mean) * error + error**2)

    def coefficient(self, alpha: tuple[int, ...]) -> Enclosed:
        """E[f He_α], |α| at most the search degree."""
        return _enclosed(*self.means.coefficients[alpha])

    def energy(self, k: int) -> Enclosed:
        if k > self.search_degree:
            return Enclosed(arb("nan"))
        total = error = 0.0
        for alpha in multi_indices(self.size, k):
            (value, wide), weight = self.means.coefficients[alpha], _weight(alpha)
            total += value**2 / weight
            error += (2 * abs(value) * wide + wide**2) / weight
        return _enclosed(total, error)

    def tensor(self, k: int) -> Mapping[tuple[int, ...], Enclosed]:
        found = {}
        for alpha in multi_indices(self.size, k) if k <= self.search_degree else ():
            index = tuple(i for i, power in enumerate(alpha) for _ in range(power))
            found[index] = self.coefficient(alpha)
        return found

    def vanishes(self, k: int) -> Vanishing:
        """FAILS where some interval leaves out zero; else UNDECIDED."""
        known = self.means.coefficients
        alpha = max(multi_indices(self.size, k), key=lambda alpha: _distance(*known[alpha]))
        value, error = known[alpha]
        name = f"E[g He_{alpha[0] if self.size == 1 else alpha}]"
        if abs(value) > error:
            why = f"{name} = {value:.6g} ± {error:.1g}, numerically, is not zero"
            return Vanishing(Verdict.FAILS, lambda: Evidence.NUMERICAL, lambda: why)
        why = f"no coefficient of degree {k} is told from zero at points: {name} = {value:.1g} ± {error:.1g}"
        return Vanishing(Verdict.UNDECIDED, lambda: Evidence.NUMERICAL, lambda: why)

    # -- directions

    @cached_property
    def effective_dimension(self) -> Decided:
        """dim S*, at least the rank of C_1, C_2, C_3 side by side: singular values above what all errors together can make."""
        blocks, errors = zip(*(self._unfolded(k) for k in (1, 2, 3)), strict=True)
        values = np.linalg.svd(np.hstack(blocks), compute_uv=False)
        bound = sqrt(sum(float(np.sum(error**2)) for error in errors))
        return _at_least(values, bound, self.size, "singular values of the coefficients of degree 1 to 3")

    def _unfolded(self, k: int) -> tuple[Array, Array]:
        """C_k/√k! as a matrix of r rows, and the errors of its entries."""
        columns = np.array([exponents(index, self.size) for index in np.ndindex(*(self.size,) * k)])
        entries = np.array([self.means.coefficients[tuple(map(int, alpha))] for alpha in columns]) / sqrt(factorial(k))
        values, errors = entries.T.reshape(2, self.size, -1)
        return values, errors

    @property
    def linear_span(self) -> Matrix:
        return identity(self.size)

    def hessian(self) -> SampledMap:
        return SampledMap(*(sqrt(2) * part for part in self._unfolded(2)))

    def inner(self, a: Vector, b: Vector) -> Number:
        return sum((x * y for x, y in zip(a, b, strict=True)), Number.of(0))

    def in_ambient(self, vector: Vector) -> Vector:
        return vector

    def in_latents(self, vector: Vector) -> Vector | None:
        return vector

    @property
    def reduced(self) -> CallableExpansion:
        return self

    def from_reduced(self, vector: Vector) -> Vector:
        return vector

    # -- exponents: nothing of higher degree is excluded, so no step of a leap is known

    def across(self, seen: Sequence[Vector]) -> Callable[[int], Matrix]:
        return lambda k: identity(self.size)

    def gained_for_certain(self, seen: Sequence[Vector], k: int, most: int) -> int:
        return 0

    def reached(self, highest: int, dimension: int) -> int:
        return 0

    def generative_exponent(self) -> GenerativeExponent | None:
        if self.size > 1:
            return None
        return GenerativeExponent(Decided(None, Evidence.NUMERICAL, f"not worked out for {_SEEN}", 1, None), None, ())

    def axes_gained(self, seen: Sequence[int], unseen: Sequence[int], k: int) -> set[int] | None:
        return None


class SampledMap:
    """H in floats, with the errors of its entries; see `SymmetricMap`."""

    range = None
    relative_bits = 0
    accuracies: Iterable[int] = (53,)

    def __init__(self, values: Array, errors: Array) -> None:
        self.values, self.errors = values, errors

    @property
    def matrix(self) -> Sequence[Sequence[Enclosed]]:
        rows = zip(self.values.tolist(), self.errors.tolist(), strict=True)
        return [[_enclosed(x, e) for x, e in zip(*row, strict=True)] for row in rows]

    @property
    def _bound(self) -> float:
        """On the size of the error as a map (Weyl): its Frobenius norm."""
        return float(np.linalg.norm(self.errors))

    @property
    def rank(self) -> Decided:
        sizes = np.sort(np.abs(np.linalg.eigvalsh(self.values)))[::-1]
        return _at_least(sizes, self._bound, len(self.values), "eigenvalues of H")

    def eigenvalues(self, bits: int) -> Sequence[Enclosed]:
        return [_enclosed(float(value), self._bound) for value in np.linalg.eigvalsh(self.values)]


def _at_least(values: Array, bound: float, size: int, words: str) -> Decided:
    lower = int(np.sum(values > bound))
    reason = f"numerically, {lower} of the {words} exceed {bound:.1g}, what errors can make of nothing"
    return Decided(size if lower == size else None, Evidence.NUMERICAL, reason, lower, size)


def _enclosed(value: float, error: float) -> Enclosed:
    return Enclosed(arb(value, error))


def _distance(value: float, error: float) -> float:
    """How many errors a value is away from zero."""
    return abs(value) / error if error > 0 else inf if value else 0.0


def _weight(alpha: tuple[int, ...]) -> int:
    out = 1
    for power in alpha:
        out *= factorial(power)
    return out
