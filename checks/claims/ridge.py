"""The case of most claims: a polynomial of a few linear forms, seen by the theory and by the oracles."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from steinlab.checks.claims import oracles
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion


@dataclass(frozen=True)
class Ridge:
    """f(x) = g(Ux): the link g in r variables, the rows of U (None for the first r coordinate axes of R^r)."""

    link: oracles.Poly
    directions: tuple[tuple[Fraction, ...], ...] | None = None

    @property
    def r(self) -> int:
        return len(next(iter(self.link)))

    @property
    def d(self) -> int:
        return self.r if self.directions is None else len(self.directions[0])

    @property
    def ambient(self) -> oracles.Poly:
        """f as a polynomial in x."""
        return self.link if self.directions is None else oracles.substitute(self.link, self.directions, self.d)

    @property
    def expansion(self) -> HermiteExpansion:
        link = Polynomial.from_terms(self.link)
        if self.directions is None:
            return HermiteExpansion(link)
        return HermiteExpansion(link, tuple(tuple(Number.of(c) for c in row) for row in self.directions))
