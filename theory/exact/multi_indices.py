"""Multi-indices α in N^size, and the index tuples that say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement


def multi_indices(size: int, k: int) -> Iterator[tuple[int, ...]]:
    """All α in N^size with |α| = k."""
    return (exponents(index, size) for index in combinations_with_replacement(range(size), k))


def exponents(index: Sequence[int], size: int) -> tuple[int, ...]:
    """How often each of 0, ..., size - 1 stands in an index tuple."""
    return tuple(sum(j == i for j in index) for i in range(size))
