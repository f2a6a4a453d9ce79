"""Real numbers as every engine gives them: exact with enclosures, or by enclosures alone."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from flint import arb

from steinlab.theory.exact.digits import in_words, midpoint
from steinlab.theory.exact.numbers import Number

GUARD = 32
"""Working bits beyond the accuracy that is asked for."""
ROUGH = 16
"""The accuracy in bits that is tried before finer ones: enough for most signs, at a fraction of the cost in several variables."""


class Real(Protocol):
    """A real number: a `Number`, a root of a polynomial, a constant with integrals in it, or one that is `Enclosed`."""

    @property
    def exact(self) -> Number | None:
        """The number itself, where it is known to be an algebraic one."""

    def ball(self, bits: int, /) -> arb:
        """An enclosure, to about so many bits where it can be had; not finite where none is known."""

    def __float__(self) -> float:
        """A float beside it; nan where no enclosure tells."""


class Enclosed(NamedTuple):
    """A real number of which one enclosure is known, and its exact form where `exact` gives it.

    >>> third = Enclosed(arb(1) / 3)
    >>> str(third), float(third), str(Enclosed(arb(2), Number.of(2))), str(Enclosed(arb(0, 1)))
    ('0.3333333333', 0.3333333333333333, '2', '[-1.001, 1.001]')
    """

    enclosure: arb
    exact: Number | None = None

    def ball(self, _bits: int) -> arb:
        """The enclosure that is known, whatever the accuracy."""
        return self.enclosure

    def __float__(self) -> float:
        nearest = midpoint(self.enclosure)
        return float("nan") if nearest is None else nearest

    def __str__(self) -> str:
        return str(self.exact) if self.exact is not None else in_words(self.enclosure) or "not enclosed"


def excludes_zero(ball: arb) -> bool:
    """Whether a ball is finite and every number in it other than zero."""
    return ball.is_finite() and not ball.contains(0)
