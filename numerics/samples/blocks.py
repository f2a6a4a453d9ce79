"""Samples, a block at a time: what a method reads, a user's own arrays, and views of other blocks."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = ["ArrayBlocks", "Blocks", "Residual", "RowRange", "Signed"]


class Blocks(Protocol):
    """Samples that can be passed over any number of times: n rows of dimension d, in blocks (X, y)."""

    @property
    def n(self) -> int:
        """Number of samples."""
        ...

    @property
    def d(self) -> int:
        """Dimension of the inputs."""
        ...

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        """Blocks X of shape (rows, d) and y of shape (rows,), the same on every pass."""
        ...


class ArrayBlocks:
    """Arrays X (n x d) and y (n), in blocks of consecutive rows.

    Example:
        >>> import numpy as np
        >>> [len(y) for _, y in ArrayBlocks(np.zeros((5, 2)), np.zeros(5), block_rows=3)]
        [3, 2]
    """

    def __init__(self, X: Array, y: Array, *, block_rows: int = 2048) -> None:
        if X.ndim != 2 or y.shape != X.shape[:1]:
            raise InputError(f"X has shape {X.shape} and y {y.shape}; expected (n, d) and (n,)")
        self.X, self.y = X, y
        self.n, self.d = X.shape
        self.block_rows = check_integer("block_rows", block_rows, least=1)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        for start in range(0, self.n, self.block_rows):
            rows = slice(start, start + self.block_rows)
            yield self.X[rows], self.y[rows]


class Residual:
    """The same inputs with labels y - α - β·x: what is left after Algorithm 1's first line."""

    def __init__(self, blocks: Blocks, alpha: float, beta: Array) -> None:
        self.blocks, self.alpha, self.beta = blocks, alpha, beta
        self.n, self.d = blocks.n, blocks.d

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        for X, y in self.blocks:
            yield X, y - self.alpha - X @ self.beta


class RowRange:
    """Rows start, ..., stop - 1 of other blocks (which are still generated and skipped)."""

    def __init__(self, blocks: Blocks, start: int, stop: int) -> None:
        self.blocks, self.start, self.stop = blocks, start, stop
        self.n, self.d = stop - start, blocks.d

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        first = 0
        for X, y in self.blocks:
            rows = slice(max(self.start - first, 0), max(self.stop - first, 0))
            if len(y[rows]):
                yield X[rows], y[rows]
            first += len(y)
            if first >= self.stop:
                return


class Signed:
    """The same inputs with labels 1 where y >= 0 and -1 elsewhere, for the logistic loss."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks, self.n, self.d = blocks, blocks.n, blocks.d

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        for X, y in self.blocks:
            yield X, np.where(y >= 0, 1.0, -1.0)
