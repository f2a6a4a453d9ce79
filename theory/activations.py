"""Hermite coefficients of ReLU, exactly: numbers a + b/√(2π)."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from steinlab.theory.hermite import double_factorial
from steinlab.theory.numbers import Number, Scalar


@dataclass(frozen=True)
class GaussianNumber:
    """The real number a + b/√(2π) with a (`rational`) and b (`over_sqrt_2pi`) algebraic. Exact.

    Two are equal exactly when both parts are, since π is transcendental.

    >>> c = GaussianNumber(Number.of(0), Number.of(1))
    >>> str(c + c), round(float(c), 6), str(c * Fraction(1, 2))
    ('2/sqrt(2*pi)', 0.398942, '1/2/sqrt(2*pi)')
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
        from flint import arb

        from steinlab.theory.numbers import working_precision

        with working_precision(128):
            return float(self.rational.ball() + self.over_sqrt_2pi.ball() / (2 * arb.pi()).sqrt())

    def __str__(self) -> str:
        if self.over_sqrt_2pi.is_zero:
            return str(self.rational)
        tail = str(self.over_sqrt_2pi)
        tail = f"({tail})/sqrt(2*pi)" if " " in tail else f"{tail}/sqrt(2*pi)"
        return tail if self.rational.is_zero else f"{self.rational} + {tail}"


def relu_coefficient(k: int) -> GaussianNumber:
    """c_k = E[σ(Z) He_k(Z)], the Hermite coefficient of σ = ReLU: σ = Σ_k (c_k/k!) He_k.

    Statement: c_0 = c_2 = 1/√(2π), c_1 = 1/2, c_{2j} = (-1)^{j-1} (2j-3)!!/√(2π), and 0 for odd k >= 3.
    Raises: ValueError for k < 0. Kind: exact. Source: Damian et al. 2022, section 4 and Appendix A.

    >>> [str(relu_coefficient(k)) for k in range(7)]
    ['1/sqrt(2*pi)', '1/2', '1/sqrt(2*pi)', '0', '-1/sqrt(2*pi)', '0', '3/sqrt(2*pi)']
    """
    if k < 0:
        raise ValueError(f"k is {k}: expected a natural number")
    if k == 1:
        return GaussianNumber(Number.of(Fraction(1, 2)))
    if k % 2:
        return GaussianNumber()
    if k == 0:
        return GaussianNumber(over_sqrt_2pi=Number.of(1))
    return GaussianNumber(over_sqrt_2pi=Number.of((-1) ** (k // 2 - 1) * double_factorial(k - 3)))
