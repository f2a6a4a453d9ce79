"""Probabilists' Hermite polynomials He_k, monic, E[He_j(Z) He_k(Z)] = k! δ_jk."""

from __future__ import annotations

from math import comb, prod

from steinlab.theory.exact.polynomials import Polynomial


def double_factorial(n: int) -> int:
    """n!! for n >= -1, with (-1)!! = 0!! = 1."""
    return prod(range(n, 0, -2))


def hermite_coefficients(k: int) -> tuple[int, ...]:
    """The coefficients h_kl of He_k(x) = Σ_l h_kl x^l, l = 0..k.

    Statement: h_kl = (-1)^{(k-l)/2} (k-l-1)!! C(k, l) for k - l even, else 0. Kind: exact. Source: Damian et al. 2022,
    Appendix E, change of basis.

    >>> hermite_coefficients(4)
    (3, 0, -6, 0, 1)
    """
    return tuple((-1) ** ((k - power) // 2) * c for power, c in enumerate(monomial_coefficients(k)))


def monomial_coefficients(k: int) -> tuple[int, ...]:
    """The coefficients of x^k = Σ_l |h_kl| He_l(x), l = 0..k: the inverse of `hermite_coefficients`.

    Kind: exact. Source: Damian et al. 2022, Appendix E, change of basis.

    >>> monomial_coefficients(4)
    (3, 0, 6, 0, 1)
    """
    gaps = range(k, -1, -1)  # k - l for l = 0..k
    return tuple(double_factorial(gap - 1) * comb(k, gap) if gap % 2 == 0 else 0 for gap in gaps)


def hermite_of(k: int, u: Polynomial) -> Polynomial:
    """He_k(u) for a polynomial u, by the three-term recursion He_{j+1} = u He_j - j He_{j-1}."""
    previous, current = Polynomial.constant(0, u.variables), Polynomial.constant(1, u.variables)
    for j in range(k):
        previous, current = current, u * current - previous * j
    return current
