"""Means and moments of polynomials under a Gaussian, exactly, and the heat operator that gives all of them at once."""

from __future__ import annotations

from math import prod

from flint import fmpq

from steinlab.theory.exact.linear_algebra import Matrix, Vector
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import MAX_MONOMIALS, Polynomial, dense_monomials, require_monomials


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
    require_monomials(_monomials_below(p, covariance), "the Hermite expansion")
    total, term, j = p, p, 0
    while not (term := _second_derivative(term, covariance)).is_zero:
        j += 1
        term = term * fmpq(time, 2 * j)
        total = total + term
    return total


def _second_derivative(p: Polynomial, covariance: Matrix | None) -> Polynomial:
    """∇ᵀΣ∇ p."""
    slopes = (p.derivative(i) if covariance is None else _along(p, covariance[i]) for i in range(p.variables))
    return sum((slope.derivative(i) for i, slope in enumerate(slopes)), p * 0)


def _along(p: Polynomial, direction: Vector) -> Polynomial:
    """The derivative of p along a vector."""
    return sum((p.derivative(k) * c for k, c in enumerate(direction) if c), p * 0)


def _monomials_below(p: Polynomial, covariance: Matrix | None) -> int:
    """An upper bound on the number of monomials that the heat operator can produce."""
    dense = dense_monomials(p.variables, p.degree)
    if covariance is not None or dense <= MAX_MONOMIALS:
        return dense
    return min(dense, sum(prod(a // 2 + 1 for a in alpha) for alpha in p.terms()))


def gaussian_mean(p: Polynomial, covariance: Matrix | None = None) -> Number:
    """E p(y), y ~ N(0, Σ). Kind: exact.

    >>> z = Polynomial.variable(0, 1)
    >>> str(gaussian_mean(z**6))
    '15'
    """
    return heat(p, covariance).coefficient((0,) * p.variables)
