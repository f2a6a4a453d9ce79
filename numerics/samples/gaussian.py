"""Gaussian data of a target, regenerated from a seed."""

from collections.abc import Iterator

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.samples.link import Link
from steinlab.numerics.samples.noise import noise_values
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.targets.target import Noise, Target

__all__ = ["GaussianData"]

# Rows that share one seed. Part of what a seed means: changing it changes every data set.
SEED_ROWS = 1024


class GaussianData:
    """n samples x ~ N(0, I_d), y = f*(x) + e, regenerated from the seed on every pass, so n may exceed the memory.

    Row i depends on (seed, stream, i) alone: not on n, on the block size, nor on the target or the noise. Rows share a
    seed 1024 at a time; inputs and noise have seeds of their own.

    Args:
        target: a polynomial target.
        n: number of samples, >= 1.
        d: dimension, at least the target's ambient dimension.
        seed: any integer.
        stream: what the samples are for ("train", "holdout", "test", ...); streams are independent.
        noise: the label noise; default the target's own.
        block_rows: rows of a block; multiples of 1024 generate no row twice.

    Raises:
        InputError: n, d or block_rows is not a positive whole number, or d is too small for the target.

    Example:
        >>> from steinlab.theory.targets.target import Target
        >>> data = GaussianData(Target.from_expression("He(2, z1)"), n=5000, d=10, seed=0)
        >>> [X.shape for X, _ in data]
        [(2048, 10), (2048, 10), (904, 10)]
    """

    def __init__(
        self,
        target: Target,
        n: int,
        d: int,
        seed: int,
        stream: str = "train",
        noise: Noise | None = None,
        block_rows: int = 2 * SEED_ROWS,
    ) -> None:
        self.target = target
        self.n = check_integer("n", n, least=1)
        self.link = Link(target, d)
        self.d = self.link.d
        self.seed, self.stream = seed, stream
        self.noise = target.noise if noise is None else noise
        self.block_rows = check_integer("block_rows", block_rows, least=1)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        for start in range(0, self.n, self.block_rows):
            yield self._rows(start, min(start + self.block_rows, self.n))

    def _rows(self, start: int, stop: int) -> tuple[Array, Array]:
        X, noise = np.empty((stop - start, self.d)), np.empty(stop - start)
        row = start
        while row < stop:
            chunk, offset = divmod(row, SEED_ROWS)
            end = min(stop, (chunk + 1) * SEED_ROWS)
            inputs = generator(self.seed, self.stream, "inputs", chunk)
            if offset:
                inputs.standard_normal((offset, self.d))
            inputs.standard_normal(out=X[row - start : end - start])
            rng = generator(self.seed, self.stream, "noise", chunk)
            noise[row - start : end - start] = noise_values(self.noise, end - chunk * SEED_ROWS, rng)[offset:]
            row = end
        return X, self.link(X) + noise
