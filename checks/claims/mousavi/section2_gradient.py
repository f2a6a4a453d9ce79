"""Mousavi-Hosseini et al. 2022, section 2: the population gradient by Stein's lemma, ∇_W R = ℋ W + 𝒟 U."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import (
    AnyClaim,
    Claim,
    Fault,
    Outcome,
    equal,
    every,
    mousavi,
)
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.statements.population_gradient import SteinDecomposition, stein_decomposition
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Vector = tuple[Fraction, ...]
Rows = tuple[Vector, ...]


@dataclass(frozen=True)
class Network:
    """ŷ = Σ a_j σ(w_j·x + b_j) against y = g(Ux), σ and g polynomials with exact coefficients."""

    link: oracles.Poly
    activation: oracles.Poly
    weights: Rows
    heads: Vector
    biases: Vector
    directions: Rows

    @property
    def decomposition(self) -> SteinDecomposition:
        return stein_decomposition(
            Polynomial.from_terms(self.link),
            Polynomial.from_terms(self.activation, 1),
            self.weights,
            self.heads,
            self.biases,
            self.directions,
        )


def _networks() -> SearchStrategy[Network]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    def of_size(shape: tuple[int, int, int]) -> SearchStrategy[Network]:
        m, d, k = shape
        return st.builds(
            Network,
            cases.polynomials(k, 3, terms=3),
            cases.polynomials(1, 3, terms=3),
            cases.matrices(m, d),
            st.tuples(*[cases.nonzero_rationals(2)] * m),
            cases.vectors(m, 2),
            cases.matrices(k, d),
        )

    return st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 2)).flatmap(of_size)


def _gradient(network: Network) -> Matrix:
    return network.decomposition.gradient


def _without_curvature(network: Network) -> Matrix:
    """ℋ without its diagonal part a_j E[ℓ' σ''_j]."""
    at = network.decomposition
    slope = oracles.derivative(network.activation, 0)
    inner = [_composed(slope, network, j) for j in range(len(network.heads))]
    coupling = tuple(
        tuple(Number.of(a * b * oracles.expectation(oracles.multiply(p, q))) for b, q in zip(network.heads, inner, strict=True))
        for a, p in zip(network.heads, inner, strict=True)
    )
    return replace(at, coupling=coupling).gradient


def _drift_of_the_prediction(network: Network) -> Matrix:
    """𝒟 with the sign of ℓ'' in place of that of ∂²ℓ/∂ŷ∂y."""
    at = network.decomposition
    return replace(at, drift=tuple(tuple(-x for x in row) for row in at.drift)).gradient


def _composed(p: oracles.Poly, network: Network, j: int) -> oracles.Poly:
    """p(w_j·x + b_j) as a polynomial in x."""
    d = len(network.weights[j])
    inner = oracles.add(oracles.linear(network.weights[j]), oracles.constant(network.biases[j], d))
    out: oracles.Poly = {}
    for (power,), c in p.items():
        out = oracles.add(out, oracles.scale(c, oracles.power(inner, power, d)))
    return out


def _check_stein(subject: Callable[[Network], Matrix], case: Network) -> Outcome:
    d = len(case.directions[0])
    residual = oracles.scale(-1, oracles.substitute(case.link, case.directions, d))
    for j, a in enumerate(case.heads):
        residual = oracles.add(residual, oracles.scale(a, _composed(case.activation, case, j)))
    actual = subject(case)
    slope = oracles.derivative(case.activation, 0)
    outcomes = []
    for j, a in enumerate(case.heads):
        weighted = oracles.multiply(residual, oracles.scale(a, _composed(slope, case, j)))
        for i in range(d):
            unit = tuple(Fraction(int(i == n)) for n in range(d))
            expected = oracles.expectation(oracles.multiply(weighted, oracles.linear(unit)))
            outcomes.append(equal(f"entry ({j}, {i}) of the gradient", actual[j][i], expected))
    return every(outcomes)


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="mousavi.stein_decomposition",
        statement="∇_W R = ℋ W + 𝒟 U, ℋ = E[(a∘σ')(a∘σ')ᵀ] + diag(a_j E[ℓ' σ''_j]), 𝒟_ji = -a_j E[σ'_j ∂_i g]",
        hypotheses="R = E ½(ŷ - y)², ŷ = aᵀσ(Wx + b), y = g(Ux), σ and g polynomials, any U, x ~ N(0, I_d)",
        source=mousavi("Section 2, the population gradient"),
        direction="identity",
        method="E[(ŷ - y) a_j σ'_j x_i] as a polynomial in x, by the moments of each monomial",
        evidence=Evidence.EXACT,
        subject=_gradient,
        cases=_networks,
        check=_check_stein,
        faults=(
            Fault("ℋ without its diagonal part", _without_curvature),
            Fault("𝒟 with the opposite sign", _drift_of_the_prediction),
        ),
    ),
)
