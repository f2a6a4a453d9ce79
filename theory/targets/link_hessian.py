"""The expected Hessian of a general link, with certified rank, eigenvalue enclosures and κ as an interval."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flint import arb

from steinlab.theory.budget import attempt, fact
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.multi_indices import exponents
from steinlab.theory.exact.numbers import working_precision
from steinlab.theory.exact.symmetric import enclosed_eigenvalues
from steinlab.theory.integrals.constants import PRECISIONS, Constant, ball_of
from steinlab.theory.integrals.quadrature import GUARD
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.ranks import certified_rank, exact_row_space, largest_nonzero_minor
from steinlab.theory.verdicts import Decided, Evidence, Verdict

MAX_MINORS = 5
"""Largest size of a matrix whose principal minors are all tried."""


@dataclass(frozen=True)
class LinkHessian:
    """H = E[∇²f*(x)] = C_2 of a general link, entries as constants in the coordinates t of the expansion.

    Kind: certified; exact where the entries are. Source: Damian et al. 2022, Assumption 2 and section 1.

    >>> h = LinkHessian(LinkExpansion.from_expression("relu(z1)*relu(z2)"))
    >>> h.rank.value, h.nondegenerate.value, [str(c) for c in h.matrix[0]]
    (2, 'holds', ['1/2*pi**(-1)', '1/4'])
    """

    expansion: LinkExpansion

    @property
    def effort(self) -> int:
        return self.expansion.effort

    @cached_property
    def matrix(self) -> list[list[Constant]]:
        """E[∂_i ∂_j f*] in the coordinates t."""
        size = self.expansion.size
        return [[self.expansion.coefficient(exponents((i, j), size)) for j in range(size)] for i in range(size)]

    @cached_property
    def _space(self) -> Matrix:
        return exact_row_space(self.matrix)

    @fact(lambda self, reason: Decided(None, Evidence.NUMERICAL, reason, 0, self.expansion.size))
    def rank(self) -> Decided:
        """rank H: from below by elimination with balls that exclude zero, from above by exact relations and vanishing minors."""
        lower = certified_rank(self.matrix)
        upper = len(self._space)
        reason = f"a pivot in each of {lower} elimination steps has a ball that excludes zero"
        if lower < upper <= MAX_MINORS:
            upper = min(upper, largest_nonzero_minor(self.matrix))
        if lower < upper:
            return Decided(None, Evidence.NUMERICAL, f"rank H is at least {lower} and at most {upper}", lower, upper)
        if upper < self.expansion.size:
            reason += f"; relations between the entries, proved as identities, leave no more than {upper}"
        exact = all(entry.is_exact for row in self.matrix for entry in row)
        return Decided(lower, Evidence.EXACT if exact else Evidence.CERTIFIED, reason, lower, upper)

    @property
    def nondegenerate(self) -> Verdict:
        """Assumption 2: rank H = dim S*. FAILS where rank H is proved smaller, UNDECIDED where the bounds do not tell."""
        dimension = self.expansion.effective_dimension
        if self.rank.lower == dimension.upper:
            return Verdict.HOLDS
        return Verdict.FAILS if self.rank.upper is not None and self.rank.upper < dimension.lower else Verdict.UNDECIDED

    def eigenvalues(self, bits: int = PRECISIONS[0]) -> list[arb] | None:
        """Enclosures of the eigenvalues, rising, repeated by multiplicity; None where they are not found. Kind: certified."""
        return attempt(lambda: self._eigenvalues(bits), lambda _: None)

    def _eigenvalues(self, bits: int) -> list[arb]:
        balls = [[ball_of(entry, bits) for entry in row] for row in self.matrix]
        with working_precision(bits + GUARD):
            return enclosed_eigenvalues(balls)

    @fact(lambda _self, _reason: None)
    def kappa(self) -> arb | None:
        """κ = ‖H†‖_op/√r for the target scaled to E f*² = 1, as a ball; None unless Assumption 2 holds. Kind: certified."""
        if self.nondegenerate is not Verdict.HOLDS:
            return None
        reduced = LinkHessian(self.expansion.reduced)  # of full rank: every eigenvalue is away from zero
        for bits in PRECISIONS[:2]:
            eigenvalues = reduced.eigenvalues(bits)
            with working_precision(bits + GUARD):
                if eigenvalues is None or any(abs(x).contains(0) or not x.is_finite() for x in eigenvalues):
                    continue
                smallest = abs(eigenvalues[0])
                for value in eigenvalues[1:]:
                    smallest = smallest.min(abs(value))
                scale = ball_of(self.expansion.second_moment, bits).sqrt()
                return scale / (smallest * arb(len(eigenvalues)).sqrt())
        return None
