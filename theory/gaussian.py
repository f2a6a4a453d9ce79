"""Exact Gaussian calculus of polynomials: the heat operator, moments, Stein's lemma."""

from __future__ import annotations

from math import prod

from flint import fmpq, fmpq_mpoly
from steinlab.theory.linear_algebra import Matrix
from steinlab.theory.numbers import Number
from steinlab.theory.polynomials import Polynomial, dense_monomials, require_monomials


def heat(p: Polynomial, covariance: Matrix | None = None, time: int = 1) -> Polynomial:
    """exp((time/2) ∇ᵀΣ∇) p, the heat operator.

    Statement: at time 1 this is v ↦ E p(v + y), y ~ N(0, Σ), so its coefficients times α! are the numbers E[∂^α p(y)]: the whole
    Hermite expansion at once. At time -1 it undoes that: it turns Σ_α c_α v^α into Σ_α c_α He_α(y).
    Hypotheses: Σ (`covariance`, r x r, None for the identity) symmetric; positive semi-definite for the reading as an
    expectation.
    Raises: InputError when the result could exceed the bound on monomials. Kind: exact.
    Source: the Gaussian semigroup; used with Damian et al. 2022, section 4.

    >>> z = Polynomial.variable(0, 1)
    >>> str(heat(z**4)), str(heat(z**4, time=-1))
    ('z1**4 + 6*z1**2 + 3', 'z1**4 - 6*z1**2 + 3')
    """
    if covariance is None:
        size = len(p.field.radicals)
        lower = sum(prod(a // 2 + 1 for a in m[size:]) for m in p.flint.monoms())
        require_monomials(min(lower, dense_monomials(p.variables, p.degree)), "the Hermite expansion")
        flow = p.flint
        for i in range(p.variables):
            flow = _flow_in_one_variable(flow, size + i, time)
        return Polynomial(p.field, p.variables, flow)
    require_monomials(dense_monomials(p.variables, p.degree), "the Hermite expansion")
    total, term, j = p, p, 0
    while term.degree >= 2:
        j += 1
        term = _second_derivative(term, covariance) * time / (2 * j)
        total = total + term
    return total


def _flow_in_one_variable(p: fmpq_mpoly, variable: int, time: int) -> fmpq_mpoly:
    """Σ_j ((time/2) ∂²)^j p / j!. It runs on FLINT's polynomials: coefficients are only scaled, so the field plays no part."""
    total, term, j = p, p, 0
    while term := term.derivative(variable).derivative(variable):
        j += 1
        term = term * fmpq(time, 2 * j)
        total = total + term
    return total


def _second_derivative(p: Polynomial, covariance: Matrix) -> Polynomial:
    """∇ᵀΣ∇ p."""
    total = Polynomial.constant(0, p.variables)
    for i, row in enumerate(covariance):
        slope = sum((p.derivative(k) * c for k, c in enumerate(row) if c), Polynomial.constant(0, p.variables))
        total = total + slope.derivative(i)
    return total


def gaussian_mean(p: Polynomial, covariance: Matrix | None = None) -> Number:
    """E p(y), y ~ N(0, Σ). Kind: exact.

    >>> z = Polynomial.variable(0, 1)
    >>> str(gaussian_mean(z**6))
    '15'
    """
    return heat(p, covariance).coefficient((0,) * p.variables)
