"""Samples, a block at a time: Gaussian data regenerated from a seed, or a user's own arrays."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeAlias

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.limits import require_memory
from steinlab.numerics.samples.expressions import compile_expression
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.linear_algebra import row_echelon, transpose
from steinlab.theory.parsing import parse
from steinlab.theory.targets import Noise, PolynomialTarget, Target

__all__ = ["ArrayBlocks", "Blocks", "GaussianData", "Link", "Residual", "RowRange", "link_values", "noise_values"]

Plan: TypeAlias = "float | list[tuple[int, Plan]]"

# Rows that share one seed. Part of what a seed means: changing it changes every data set.
SEED_ROWS = 1024


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


class Link:
    """f*(x) = g(<x, u_1>, ..., <x, u_r>) of a target, in floating point, on inputs of dimension d.

    The directions are padded with zeros to d. A polynomial is evaluated by Horner's rule, nested over the latent
    variables: about one multiplication and one addition for each term and row. A general link is evaluated as it is
    written, in independent latents where its directions are dependent; it may overflow to inf, which who trains on it
    must refuse.

    Args:
        target: a target of either kind.
        d: dimension of the inputs, at least the target's ambient dimension.

    Raises:
        InputError: d is too small for the target's directions.

    Guarantee: numerical; the constants are correctly rounded.

    Example:
        >>> from steinlab.theory.targets import Target
        >>> Link(Target.from_expression("z1**2 + 3*z1*z2"), 3)(np.array([[1.0, 2.0, 9.0]]))
        array([7.])
    """

    def __init__(self, target: Target, d: int) -> None:
        d = check_integer("d", d, least=1)
        if d < target.ambient_dimension:
            raise InputError(
                f"d = {d} is too small for the target {target.link!r}, which lives in dimension "
                f"{target.ambient_dimension}; take d >= {target.ambient_dimension}"
            )
        self.d = d
        self.directions: Array | None = None
        images = None
        if target.directions is not None:
            require_memory(8 * target.latent_dimension * d, f"a target of dimension d = {d}", "take a smaller d")
            rows = target.directions
            if not isinstance(target, PolynomialTarget):
                reduced, chosen = row_echelon(transpose(rows, target.ambient_dimension))
                if len(chosen) < len(rows):  # a link may be discontinuous where rows of the directions tie
                    rows, images = tuple(rows[i] for i in chosen), transpose(reduced, len(rows))
            self.directions = np.zeros((len(rows), d))
            self.directions[:, : target.ambient_dimension] = [[float(u) for u in row] for row in rows]
        self._values = (
            _polynomial_values(target) if isinstance(target, PolynomialTarget) else compile_expression(parse(target.link), images)
        )

    def __call__(self, X: Array) -> Array:
        """Values of shape (n,) at the rows of X (n x d).

        Raises:
            InputError: X does not have d columns.
        """
        if X.ndim != 2 or X.shape[1] != self.d:
            raise InputError(f"X has shape {X.shape}; expected (n, {self.d})")
        latent = X.T if self.directions is None else self.directions @ X.T
        return np.zeros(len(X)) + self._values(latent)


def link_values(target: Target, X: Array) -> Array:
    """f*(x) at the rows of X (n x d): see `Link`, which is quicker when called on many blocks."""
    return Link(target, X.shape[1])(X)


def _polynomial_values(target: PolynomialTarget) -> Callable[[Array], Array | float]:
    terms = {powers: float(coefficient) for powers, coefficient in target.polynomial.terms().items()}
    if not np.isfinite(list(terms.values())).all():
        raise InputError(f"the target {target.link!r} has coefficients beyond floating point; rescale it")
    last = target.latent_dimension - 1
    plan = _horner(terms, last)
    return lambda latent: _evaluate(plan, latent, last)


def _horner(terms: Mapping[tuple[int, ...], float], variable: int) -> Plan:
    """Terms grouped by the power of z_variable, highest first; within a group, by the variables before it."""
    if variable < 0:
        (coefficient,) = terms.values()
        return coefficient
    by_power = sorted(terms, key=lambda powers: powers[variable], reverse=True)
    return [
        (power, _horner({powers: terms[powers] for powers in group}, variable - 1))
        for power, group in itertools.groupby(by_power, key=lambda powers: powers[variable])
    ]


def _evaluate(plan: Plan, latent: Array, variable: int) -> Array | float:
    if isinstance(plan, float):
        return plan
    value: Array | float = 0.0
    below = [power for power, _ in plan[1:]] + [0]
    for (power, group), next_power in zip(plan, below, strict=True):
        value = value + _evaluate(group, latent, variable - 1)
        for _ in range(power - next_power):
            value = value * latent[variable]
    return value


def noise_values(noise: Noise, n: int, rng: np.random.Generator) -> Array:
    """n draws of the label noise: ±scale with equal chance (rademacher), scale·N(0,1) (gaussian) or zeros (none).

    The first k of n draws are the k draws, whatever n.
    """
    if noise.kind == "rademacher":
        return np.where(rng.random(n) < 0.5, -1.0, 1.0) * float(noise.scale)
    if noise.kind == "gaussian":
        return rng.standard_normal(n) * float(noise.scale)
    return np.zeros(n)


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
        >>> from steinlab.theory.targets import Target
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
