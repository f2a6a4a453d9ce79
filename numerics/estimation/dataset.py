"""Inputs and labels as they are passed over: checked, in blocks of floats, whitened on the way where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from steinlab.numerics.limits import require_memory
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import AnyArray, Array
from steinlab.theory.errors import InputError

__all__ = ["FEWEST_ROWS", "DataSet", "Whitening"]

FEWEST_ROWS = 40
"""Below it no half has rows enough for any interval."""
BLOCK_ENTRIES = 2**18
"""Entries of X in a block of rows."""
LARGEST = 1e60
"""Bound on |y| and on the entries of X, and on 1/(y's spread): fourth powers stay within floats."""


@dataclass(frozen=True)
class Whitening:
    """x ↦ (x - mean) root: columns scaled to variance 1, then turned as little as makes them uncorrelated (C^(-1/2), C their
    correlations): each new column is the one most like an old one."""

    mean: Array
    root: Array


@dataclass(frozen=True, eq=False)
class DataSet:
    """n rows x_i of R^d with labels y_i.

    `X` (n x d) is held as it was given and turned into floats a block at a time; `y` is in floats. `progress` is told the
    multiplications done since it was last called.
    """

    X: AnyArray
    y: Array
    whitening: Whitening | None = None
    progress: Callable[[float], None] = field(default=lambda work: None)

    @staticmethod
    def of(X: ArrayLike, y: ArrayLike, progress: Callable[[float], None] | None = None) -> DataSet:
        """The arrays, checked.

        Raises:
            InputError: shapes other than (n, d) and (n,), fewer than 40 rows, entries that are no finite real numbers, or
                labels that are all alike.

        Example:
            >>> DataSet.of(np.eye(50), np.arange(50)).d
            50
        """
        inputs, labels = _numeric("X", X), _numeric("y", y)
        if inputs.ndim != 2 or not inputs.shape[1] or labels.shape != inputs.shape[:1]:
            hint = ": give y.ravel()" if labels.ndim == 2 and 1 in labels.shape else ""
            raise InputError(f"X has shape {inputs.shape} and y {labels.shape}; expected (n, d) and (n,){hint}")
        n, d = inputs.shape
        if n < FEWEST_ROWS:
            raise InputError(f"the data have {n} rows: give at least {FEWEST_ROWS}")
        require_memory(40.0 * d * d + 400.0 * n, f"estimating from {n} rows of dimension {d}", "give fewer columns or rows")
        labels = labels.astype(np.float64)
        bad = _first_bad(labels)
        if bad is not None:
            raise InputError(f"y[{bad}] is {labels[bad]}: {_FINITE}")
        if labels.min() == labels.max():
            raise InputError(f"every label is {labels[0]:g}: a constant says nothing of directions; give labels that vary")
        spread = float(labels.max() - labels.min())
        if spread < 1 / LARGEST:
            raise InputError(f"the labels vary by {spread:.1g} only: multiply them by a constant")
        data = DataSet(inputs, labels, progress=progress or (lambda work: None))
        for rows, block in data.blocks():
            bad = _first_bad(block.ravel())
            if bad is not None:
                row, column = divmod(bad, d)
                raise InputError(f"X[{rows[row]}, {column}] is {block[row, column]}: {_FINITE}")
        return data

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def d(self) -> int:
        return int(self.X.shape[1])

    @cached_property
    def centred(self) -> Array:
        """y_i less their mean."""
        return np.asarray(self.y - self.y.mean())

    @property
    def block_rows(self) -> int:
        """Rows of a block."""
        return max(64, BLOCK_ENTRIES // self.d)

    def blocks(self, rows: AnyArray | None = None, *, cost: float = 0.0) -> Iterator[tuple[AnyArray, Array]]:
        """(indices, X at them) for all rows, or for those in the index array `rows`; `cost`: multiplications a row."""
        every = np.arange(self.n) if rows is None else rows
        for start in range(0, len(every), self.block_rows):
            at = every[start : start + self.block_rows]
            block = self.X[at[0] : at[0] + len(at)] if rows is None else self.X[at]
            block = np.ascontiguousarray(block, dtype=np.float64)
            if self.whitening is not None:
                block = (block - self.whitening.mean) @ self.whitening.root
            yield at, block
            self.progress(cost * len(at))

    def halves(self, seed: int) -> tuple[AnyArray, AnyArray]:
        """The rows of two random halves, rising; a function of n and the seed."""
        shuffled = generator(seed, "estimate", "halves").permutation(self.n)
        return np.sort(shuffled[: self.n // 2]), np.sort(shuffled[self.n // 2 :])

    def whitened(self) -> DataSet:
        """The same labels with inputs of sample mean 0 and sample covariance I.

        Raises:
            InputError: not more rows than columns, or columns that are constant or linearly dependent.
        """
        if self.n <= self.d:
            raise InputError(f"{self.n} rows cannot whiten {self.d} columns: give more rows than columns")
        total = np.zeros(self.d)
        for _, x in self.blocks():
            total += x.sum(axis=0)
        mean = total / self.n
        covariance = np.zeros((self.d, self.d))
        for _, x in self.blocks(cost=self.d**2):
            covariance += (x - mean).T @ (x - mean)
        covariance /= self.n
        scale = np.sqrt(np.diag(covariance))
        still = np.flatnonzero(scale <= 1e-12 * (np.abs(mean) + scale.max()))
        if len(still):
            raise InputError(f"column {still[0]} of X (counted from 0) is constant: leave it out to whiten")
        values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
        if values[0] <= 1e-10 * values[-1]:
            at = int(np.argmax(np.abs(vectors[:, 0])))
            raise InputError(f"column {at} of X (counted from 0) is a combination of the others: leave it out to whiten")
        return replace(self, whitening=Whitening(mean, (vectors / np.sqrt(values)) @ vectors.T / scale[:, None]))


_FINITE = f"give finite numbers, of size at most {LARGEST:.0e}"


def _numeric(name: str, given: ArrayLike) -> AnyArray:
    try:
        array = np.asarray(given)
    except ValueError:  # rows of several lengths
        raise InputError(f"{name} is no rectangular array: give rows of one length") from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} has entries of type {array.dtype}: give real numbers")
    return array


def _first_bad(values: Array) -> int | None:
    """The first index whose value is not finite, or is too large."""
    good = np.abs(values) <= LARGEST
    return None if good.all() else int(np.argmin(good))
