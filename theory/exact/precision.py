"""FLINT's working precision, what is kept at it, and exact points as fractions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, update_wrapper
from typing import Generic, ParamSpec, TypeVar

from flint import arb, ctx

MAX_EXPONENT = 100_000
"""Largest size of the exponent of two in a ball that becomes a fraction: exp(10**20) has an enclosure, and no room in memory."""


class working_precision:
    """FLINT's working precision in bits, restored on exit."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.saved = ctx.prec
        ctx.prec = self.bits

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.saved


P = ParamSpec("P")
T = TypeVar("T")


class KeptBalls(Generic[P, T]):
    """A function whose results, balls at the working precision, are kept for each precision apart."""

    __name__: str
    __doc__: str | None

    def __init__(self, f: Callable[P, T], most: int) -> None:
        work: Callable[..., T] = f
        self._known = lru_cache(maxsize=most)(lambda _, *args: work(*args))
        self.cache_clear = self._known.cache_clear
        update_wrapper(self, f)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._known(ctx.prec, *args, *kwargs.values())


def kept_balls(most: int) -> Callable[[Callable[P, T]], KeptBalls[P, T]]:
    """A cache, as `lru_cache`, of what is worked out at the working precision: no ball depends on what was asked before.

    >>> @kept_balls(10)
    ... def third(x: int) -> arb:
    ...     return arb(x) / 3
    >>> with working_precision(10):
    ...     rough = third(1)
    >>> third(1).rad() < rough.rad()
    True
    """
    return lambda f: KeptBalls(f, most)


def exact_fraction(point: arb) -> Fraction:
    """A ball of radius zero as the rational number that it is. OverflowError for one that would be too long to write."""
    mantissa, exponent = point.man_exp()
    if abs(exponent) > MAX_EXPONENT:
        raise OverflowError(f"2**({exponent}) is too long a number")
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
