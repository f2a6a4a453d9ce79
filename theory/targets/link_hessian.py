"""The expected Hessian of a general link, with certified rank, eigenvalue enclosures and κ as an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from flint import acb, acb_mat, arb

from steinlab.theory.budget import attempt, fact
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.multi_indices import exponents
from steinlab.theory.exact.numbers import working_precision
from steinlab.theory.integrals.constants import PRECISIONS, Constant, ball_of
from steinlab.theory.integrals.quadrature import GUARD
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.ranks import certified_rank, exact_row_space, largest_nonzero_minor
from steinlab.theory.verdicts import Decided, Evidence, Verdict

SWEEPS = 10
"""How often every pair of coordinates is rotated where eigenvalues repeat."""
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
        return attempt(
            lambda: _eigenvalues([[ball_of(entry, bits) for entry in row] for row in self.matrix], bits), lambda _: None
        )

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


def _eigenvalues(balls: list[list[arb]], bits: int) -> list[arb]:
    size = len(balls)
    with working_precision(bits + GUARD):
        if all(balls[i][j].is_zero() for i in range(size) for j in range(size) if i != j):
            found = [balls[i][i] for i in range(size)]
        else:
            try:  # symmetric matrices have real eigenvalues: the imaginary parts are only the radius of the balls
                found = [x.real for x in acb_mat([[acb(x) for x in row] for row in balls]).eig(multiple=True)]
            except ValueError:  # eigenvalues that the balls do not tell apart
                found = _rotated_eigenvalues(balls)
        return sorted(found, key=lambda x: float(x.mid()))


def _rotated_eigenvalues(balls: Sequence[Sequence[arb]]) -> list[arb]:
    """Enclosures of the eigenvalues of a symmetric matrix, repeated ones too, by Jacobi's rotations of the balls.

    A rotation by a rational tangent t, with c = 1/√(1 + t²) and s = t c as balls, holds the turned matrix. By Weyl's inequality
    the i-th eigenvalue is as far from the i-th diagonal entry as the norm of what stands beside the diagonal at most. Kind:
    certified.
    """
    a = [list(row) for row in balls]
    size = len(a)
    for p, q in [*combinations(range(size), 2)] * SWEEPS:
        if not a[p][q].is_finite() or a[p][q].contains(0):
            continue
        slope = (a[q][q] - a[p][p]) / (2 * a[p][q])
        side = -1 if slope < 0 else 1
        t = (side / (abs(slope) + (slope * slope + 1).sqrt())).mid()
        if not t.is_finite():
            continue
        c = 1 / (1 + t * t).sqrt()
        s = t * c
        for row in a:
            row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
        a[p], a[q] = (
            [c * x - s * y for x, y in zip(a[p], a[q], strict=True)],
            [s * x + c * y for x, y in zip(a[p], a[q], strict=True)],
        )
    beside = sum((a[i][j].abs_upper() ** 2 for i in range(size) for j in range(size) if i != j), arb(0)).sqrt().upper()
    widest = max((a[i][i].rad() for i in range(size)), key=float)
    return [arb(x.mid(), (beside + widest).upper()) for x in (a[i][i] for i in range(size))]
