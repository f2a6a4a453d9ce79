"""Targets with general links: exp, tanh, relu, abs and the like, beside the polynomial ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import MAX_DEGREE, Expression
from steinlab.theory.links.symbolic import Sum
from steinlab.theory.targets.degree import polynomial_degree
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.target import Noise, PolynomialTarget, Target, constant_target
from steinlab.theory.verdicts import Decided


@dataclass(frozen=True, repr=False)
class LinkTarget(Target):
    """A target with a general link: what is said of it is exact, certified by balls, or undecided.

    `expression` is the link as parsed; `effort` multiplies every budget of work. Build one with `Target.from_expression`, which
    raises InputError for a link that is undefined on a set of positive measure, has infinite variance, or does not depend on x.
    Kind: see `LinkExpansion`.

    >>> target = Target.from_expression("relu(z1) + exp(z2)", noise=Noise("gaussian", "0.1"))
    >>> str(target.expansion.coefficient((2, 0))), target.effective_dimension.value
    ('sqrt(2)/2*pi**(-1/2)', 2)
    """

    expression: Expression = field(kw_only=True, repr=False)
    effort: int = field(default=1, kw_only=True, compare=False)

    def __post_init__(self) -> None:
        self.require_a_row_for_each_latent()
        _ = self.expansion  # refuses what is not square integrable

    @property
    def latent_dimension(self) -> int:
        return self.expression.latents

    @cached_property
    def expansion(self) -> LinkExpansion:
        """The Hermite expansion, coefficient by coefficient."""
        return LinkExpansion.from_expression(self.expression, self.directions, self.effort)

    @property
    def degree(self) -> int | None:
        return None if self.polynomial_degree is None else self.polynomial_degree.value

    @cached_property
    def polynomial_degree(self) -> Decided | None:
        """The degree with its bounds, for a link that is written as a polynomial with coefficients such as π; else None."""
        return polynomial_degree(self.expansion.function)

    @property
    def effective_dimension(self) -> Decided:
        """dim S*, or the bounds on it that are proved."""
        return self.expansion.effective_dimension

    @property
    def moments(self) -> tuple[float, float]:
        return float(self.expansion.mean), float(self.expansion.second_moment)

    def principal_subspace(self) -> Matrix:
        """Rows in R^d that span a subspace on which f* depends alone: S* itself where the effective dimension is decided."""
        return tuple(self.expansion.in_ambient(form) for form in self.expansion.linear_span)


def link_target(expression: Expression, directions: Matrix | None, noise: Noise, name: str | None) -> Target:
    """The target of a parsed link: polynomial where its normal form is one, such as relu(z1) - relu(-z1) = z1.

    With directions the form is that in independent latent variables, and so is the polynomial: Max(z1, z2) with u1 = u2 is z1.
    """
    link = read(expression, directions)
    if not link.variables:
        raise constant_target(expression.text, Constant(link))
    if link.is_polynomial:
        if link.degree > MAX_DEGREE:
            raise InputError(f"the link has degree {link.degree}; the bound is {MAX_DEGREE}: lower the exponents")
        return PolynomialTarget(expression.text, directions, noise, name, polynomial=_polynomial(link, expression.latents))
    return LinkTarget(expression.text, directions, noise, name, expression=expression)


def _polynomial(link: Sum, variables: int) -> Polynomial:
    terms: dict[tuple[int, ...], Number] = {}
    for product, c in link.terms.items():
        powers = {atom.index: int(e) for atom, e in product}
        terms[tuple(powers.get(i, 0) for i in range(variables))] = c
    return Polynomial.from_terms(terms, variables)
