"""The shape of polynomial links: polynomial, monotone, of polynomial growth, weakly differentiable. Kind: exact."""

from __future__ import annotations

from collections.abc import Sequence

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.exact.univariate import changes_sign
from steinlab.theory.targets.target import PolynomialTarget
from steinlab.theory.verdicts import Evidence, Finding, Verdict


def polynomial(target: PolynomialTarget) -> Finding:
    """f* is a polynomial. Source: Damian et al. 2022, section 1."""
    reason = f"f* is a polynomial of degree {target.degree}"
    return Finding("damian.polynomial", Verdict.HOLDS, Evidence.EXACT, reason)


def monotone_link(target: PolynomialTarget) -> Finding:
    """The link is monotone in its one direction. Source: Mousavi-Hosseini et al. 2022.

    >>> from steinlab.theory.targets.target import Target
    >>> [monotone_link(Target.from_expression(link)).verdict.value for link in ("z1**3", "He(3,z1)")]
    ['holds', 'fails']
    """
    if target.effective_dimension.value != 1:
        return Finding("mousavi.monotone_link", Verdict.FAILS, Evidence.EXACT, "f* depends on more than one direction")
    (axis,) = target.expansion.effective_subspace
    slope = _along(target, axis).derivative(0)
    coefficients = [slope.coefficient((i,)) for i in range(slope.degree + 1)]
    if changes_sign(coefficients):
        reason = "the derivative of the link changes sign (it has a real root of odd multiplicity, by Sturm's theorem)"
        return Finding("mousavi.monotone_link", Verdict.FAILS, Evidence.EXACT, reason)
    reason = "the derivative of the link has no real root of odd multiplicity (Sturm's theorem)"
    return Finding("mousavi.monotone_link", Verdict.HOLDS, Evidence.EXACT, reason)


def polynomial_growth(target: PolynomialTarget) -> Finding:
    """The link grows at most polynomially. Source: Mousavi-Hosseini et al. 2022."""
    reason = f"the link is a polynomial of degree {target.degree}"
    return Finding("mousavi.polynomial_growth", Verdict.HOLDS, Evidence.EXACT, reason)


def weakly_differentiable(target: PolynomialTarget) -> Finding:
    """The link has a weak derivative. Source: Mousavi-Hosseini et al. 2022."""
    return Finding("mousavi.weakly_differentiable", Verdict.HOLDS, Evidence.EXACT, "a polynomial is smooth")


def _along(target: PolynomialTarget, axis: Sequence[Number]) -> Polynomial:
    """The link along the one direction f* depends on: t ↦ g(U(t w)), w = Σ_a axis_a u_a."""
    expansion = target.expansion
    pivots = expansion.intrinsic.pivots
    r = target.latent_dimension
    if expansion.gram is None:
        slopes = list(axis)
    else:
        slopes = [sum((row[i] * c for i, c in zip(pivots, axis, strict=True)), Number.of(0)) for row in expansion.gram]
    return target.polynomial.compose([Polynomial.from_terms({(1,): slopes[i]}) for i in range(r)])
