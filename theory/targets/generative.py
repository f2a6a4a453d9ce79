"""The generative exponent: its witness, why lower degrees vanish, and the criterion for polynomials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from steinlab.theory.targets.polynomial_expansion import HermiteExpansion
from steinlab.theory.verdicts import Decided, Evidence

if TYPE_CHECKING:
    from steinlab.theory.integrals.constants import Constant


@dataclass(frozen=True)
class Witness:
    """A certificate of "generative exponent <= k": E[He_k(Z) label(Y)] = value, certified nonzero."""

    k: int
    label: str
    value: Constant


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
    """
    k = 2 if even else 1
    reason = "a polynomial has generative exponent 2 if it is even and 1 otherwise"
    vanishing = ("k = 1: g is even and He_1 is odd",) if even else ()
    return GenerativeExponent(Decided(k, evidence, reason, k, k), witness, vanishing)


def generative_exponent(expansion: HermiteExpansion) -> GenerativeExponent | None:
    """The least k >= 1 such that E[He_k(Z) | Y] is not identically zero, for a polynomial of one direction; None for several.

    Kind: exact, by `of_polynomial`.

    >>> from steinlab.theory.targets.target import Target
    >>> links = ("He(3,z1)", "He(4,z1)")
    >>> [generative_exponent(Target.from_expression(link).expansion).value.value for link in links]
    [1, 2]
    """
    if expansion.effective_dimension.value != 1:
        return None
    return of_polynomial(not any(k % 2 for k in expansion.degree_energies), Evidence.EXACT)
