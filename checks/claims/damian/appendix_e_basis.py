"""Damian, Lee, Soltanolkotabi 2022, appendix E: Taylor and Hermite expansions of each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from math import factorial, prod
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import (
    AnyClaim,
    Claim,
    Fault,
    Outcome,
    damian,
    equal_entries,
)
from steinlab.theory.exact.gaussian import heat
from steinlab.theory.exact.hermite import hermite_coefficients, monomial_coefficients
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.statements.tensors import SymmetricTensor
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Index = tuple[int, ...]
Entries = dict[Index, Number]


def _links() -> SearchStrategy[oracles.Poly]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    return st.integers(1, 3).flatmap(lambda r: cases.polynomials(r, 5))


def _degrees() -> SearchStrategy[int]:
    from hypothesis import strategies as st

    return st.integers(0, 20)


def _taylor(g: oracles.Poly) -> Entries:
    """The entries of every T_k; an entry's order is the length of its index."""
    expansion = HermiteExpansion(Polynomial.from_terms(g))
    return {index: t for k in range(oracles.degree(g) + 1) for index, t in expansion.taylor_tensor(k).items()}


def _lemma21_with(weight: Callable[[int, int], Fraction]) -> Callable[[oracles.Poly], Entries]:
    """Σ_j weight(k, j) C_{2j+k}(I^{⊗j}) for every k."""

    def faulty(g: oracles.Poly) -> Entries:
        expansion = HermiteExpansion(Polynomial.from_terms(g))
        r = len(next(iter(g)))
        out: defaultdict[Index, Number] = defaultdict(lambda: Number.of(0))
        for order in range(oracles.degree(g) + 1):
            tensor = SymmetricTensor(r, order, expansion.tensor(order))
            for j in range(order // 2 + 1):
                for index, c in tensor.entries.items():
                    out[index] += weight(order - 2 * j, j) * c
                tensor = tensor.trace() if tensor.order >= 2 else tensor
        return dict(out)

    return faulty


def _check_taylor(subject: Callable[[oracles.Poly], Entries], g: oracles.Poly) -> Outcome:
    """T_k has the entry α!/k! times the coefficient of z^α at every index with exponents α, |α| = k."""
    expected = {
        tuple(i for i, n in enumerate(alpha) for _ in range(n)): c * prod(map(factorial, alpha)) / factorial(sum(alpha))
        for alpha, c in g.items()
    }
    return equal_entries("T_k", subject(g), expected)


def _from_symbol(symbol: Polynomial) -> Polynomial:
    return heat(symbol, time=-1)


def _check_inverse(subject: Callable[[Polynomial], Polynomial], g: oracles.Poly) -> Outcome:
    """Start from the C_k of g by moments, one coefficient E[∂^α g]/α! of the symbol each, and come back to g."""
    r = len(next(iter(g)))
    symbol: oracles.Poly = {}
    for k in range(oracles.degree(g) + 1):
        for index, c in oracles.moment_tensors(g, r, k).items():
            alpha = oracles.exponents(r, index)
            symbol[alpha] = c / prod(map(factorial, alpha))
    return equal_entries("the coefficient of g", subject(Polynomial.from_terms(symbol, r)).terms(), g)


def _check_hermite(subject: Callable[[int], tuple[int, ...]], k: int) -> Outcome:
    expected = {power: c for (power,), c in oracles.hermite(k).items()}
    return equal_entries(f"the coefficients of He_{k}", dict(enumerate(subject(k))), expected)


def _check_monomial(subject: Callable[[int], tuple[int, ...]], k: int) -> Outcome:
    total: oracles.Poly = {}
    for degree, c in enumerate(subject(k)):
        total = oracles.add(total, oracles.scale(c, oracles.hermite(degree)))
    return equal_entries("Σ_l |h_kl| He_l, coefficients in x,", total, {(k,): 1})


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="damian.lemma21",
        statement="T_k = ∇^k f(0)/k! = Σ_{2j<=p-k} (-1)^j (2j-1)!!/(k! (2j)!) C_{2j+k}(I^{⊗j})",
        hypotheses="f a polynomial of degree p, orthonormal directions, C_k = E ∇^k f",
        source=damian("Lemma 21"),
        direction="identity",
        method="random rational polynomials in up to 3 variables, degree <= 5, against their own coefficients",
        evidence=Evidence.EXACT,
        subject=_taylor,
        cases=_links,
        check=_check_taylor,
        faults=(
            Fault(
                "without the sign (-1)^j",
                _lemma21_with(lambda k, j: Fraction(prod(range(1, 2 * j, 2)), factorial(k) * factorial(2 * j))),
            ),
            Fault(
                "(2j-1)!! left out",
                _lemma21_with(lambda k, j: Fraction((-1) ** j, factorial(k) * factorial(2 * j))),
            ),
        ),
    ),
    Claim(
        id="damian.lemma21_inverse",
        statement="Σ_k <C_k, He_k(z)>/k! = exp(-½ Δ) applied to Σ_k C_k(v^{⊗k})/k! gives f back",
        hypotheses="f a polynomial, C_k = E ∇^k f",
        source=damian("Section 4, the Hermite expansion, read backwards", printed=False),
        direction="identity",
        method="random rational polynomials in up to 3 variables, degree <= 5; the C_k by moments",
        evidence=Evidence.EXACT,
        subject=_from_symbol,
        cases=_links,
        check=_check_inverse,
        faults=(Fault("exp(½ Δ), the wrong direction", heat),),
    ),
    Claim(
        id="damian.hermite_coefficients",
        statement="He_k = Σ_l h_kl x^l with h_kl = (-1)^{(k-l)/2} (k-l-1)!! C(k,l) for even k - l",
        hypotheses="He_k the monic Hermite polynomials of N(0, 1), k <= 20",
        source=damian("Appendix E, change of basis"),
        direction="identity",
        method="against the recursion He_{k+1} = x He_k - He_k', every k <= 20",
        evidence=Evidence.EXACT,
        subject=hermite_coefficients,
        cases=_degrees,
        check=_check_hermite,
        faults=(Fault("without the sign", monomial_coefficients),),
    ),
    Claim(
        id="damian.monomial_coefficients",
        statement="x^k = Σ_l |h_kl| He_l",
        hypotheses="He_k the monic Hermite polynomials of N(0, 1), k <= 20",
        source=damian("Appendix E, change of basis"),
        direction="identity",
        method="the sum expanded with He_{k+1} = x He_k - He_k', every k <= 20",
        evidence=Evidence.EXACT,
        subject=monomial_coefficients,
        cases=_degrees,
        check=_check_monomial,
        faults=(Fault("the signs of He_k kept", hermite_coefficients),),
    ),
)
