"""Numbers a + b/√(2π), as expectations of piecewise polynomials under the Gaussian are."""

from __future__ import annotations

from dataclasses import dataclass, field

from flint import arb

from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.exact.precision import working_precision


@dataclass(frozen=True)
class GaussianNumber:
    """The real number a + b/√(2π) with a (`rational`) and b (`over_sqrt_2pi`) algebraic. Exact.

    Two are equal exactly when both parts are, since π is transcendental.

    >>> c = GaussianNumber(Number.of(0), Number.of(1))
    >>> str(c + c), round(float(c), 6), str(c * 3)
    ('2/sqrt(2*pi)', 0.398942, '3/sqrt(2*pi)')
    """

    rational: Number = field(default_factory=lambda: Number.of(0))
    over_sqrt_2pi: Number = field(default_factory=lambda: Number.of(0))

    def __post_init__(self) -> None:
        object.__setattr__(self, "rational", Number.of(self.rational))
        object.__setattr__(self, "over_sqrt_2pi", Number.of(self.over_sqrt_2pi))

    def __add__(self, other: GaussianNumber) -> GaussianNumber:
        return GaussianNumber(self.rational + other.rational, self.over_sqrt_2pi + other.over_sqrt_2pi)

    def __sub__(self, other: GaussianNumber) -> GaussianNumber:
        return self + other * -1

    def __mul__(self, factor: Scalar) -> GaussianNumber:
        return GaussianNumber(self.rational * factor, self.over_sqrt_2pi * factor)

    __rmul__ = __mul__

    @property
    def is_zero(self) -> bool:
        return self.rational.is_zero and self.over_sqrt_2pi.is_zero

    def __float__(self) -> float:
        with working_precision(128):
            return float(self.rational.ball() + self.over_sqrt_2pi.ball() / (2 * arb.pi()).sqrt())

    def __str__(self) -> str:
        if self.over_sqrt_2pi.is_zero:
            return str(self.rational)
        tail = str(self.over_sqrt_2pi)
        tail = f"({tail})/sqrt(2*pi)" if " " in tail else f"{tail}/sqrt(2*pi)"
        return tail if self.rational.is_zero else f"{self.rational} + {tail}"
