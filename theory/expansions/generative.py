"""The generative exponent: its witness, why lower degrees vanish, and the criterion for polynomials."""

from __future__ import annotations

from dataclasses import dataclass

from steinlab.theory.exact.reals import Real
from steinlab.theory.verdicts import Decided, Evidence


@dataclass(frozen=True)
class Witness:
    """A certificate of "generative exponent <= k": E[He_k(Z) label(Y)] = value, certified nonzero."""

    k: int
    label: str
    value: Real


@dataclass(frozen=True)
class GenerativeExponent:
    """The least k >= 1 with E[He_k(Z) | Y] not identically zero, its witness, and why each lower k vanishes."""

    value: Decided
    witness: Witness | None
    vanishing: tuple[str, ...]


def of_polynomial(even: bool, evidence: Evidence, witness: Witness | None = None) -> GenerativeExponent:
    """The exponent of a polynomial of one direction, which is even in it or not.

    Statement: 2 if the link is even in its direction, 1 otherwise. Proof (derived): for large |y| a polynomial takes the value
    y at one point, or at two points z_- < 0 < z_+. In the first case E[Z | y] != 0. In the second E[Z | y] = 0 for all large y
    says that φ(z_+) - φ(z_-) is constant in y, hence 0 by its limit, so z_- = -z_+ for all large y and the link is even. An
    even link has E[Z | Y] = 0, and E[Z² - 1 | y] = z_+² - 1 > 0 for large y. Label noise whose characteristic function
    vanishes only on isolated points does not change it. Source: definition of Damian, Pillaud-Vivien, Lee, Bruna 2024; this
    criterion is derived.

    >>> of_polynomial(False, Evidence.EXACT).value.value, of_polynomial(True, Evidence.EXACT).value.value
    (1, 2)
    """
    k = 2 if even else 1
    reason = "a polynomial has generative exponent 2 if it is even and 1 otherwise"
    vanishing = ("k = 1: g is even and He_1 is odd",) if even else ()
    return GenerativeExponent(Decided(k, evidence, reason, k, k), witness, vanishing)
