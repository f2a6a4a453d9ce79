"""Sets of nearly orthogonal unit vectors by name: those built exactly, and random signs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError
from steinlab.theory.statements import line_sets as frames
from steinlab.theory.statements.line_sets import NearOrthogonalSet

CONSTRUCTIONS: dict[str, Callable[[int], NearOrthogonalSet]] = {
    "kerdock": frames.kerdock,
    "mub": frames.complex_bases,
    "paley": frames.paley,
}
"""Those that the dimension alone decides."""


def default_construction(d: int) -> str:
    """The set with the most vectors in dimension d among those that exist there: kerdock in powers of 4, else random.

    >>> default_construction(64), default_construction(32)
    ('kerdock', 'random')
    """
    return "kerdock" if d >= 4 and d & (d - 1) == 0 and d.bit_length() % 2 == 1 else "random"


def random_set(d: int, size: int, seed: int) -> NearOrthogonalSet:
    """`size` vectors of independent signs. Raises InputError for fewer than two, and for more than can be compared pairwise."""
    if size < 2 or d < 1:
        raise InputError(f"--vectors {size} in dimension {d}: give at least 2 vectors and d >= 1")
    frames.require_gram(size, d)
    signs = 2 * generator(seed, "csq", "signs").integers(0, 2, size=(size, d), dtype=np.int8) - 1
    return frames.random_signs(signs.astype(np.int8))
