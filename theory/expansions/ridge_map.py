"""The expected Hessian of a sum of ridge functions: Σ_j E[φ_j He_2] u_j u_jᵀ, an integral of one variable for each neuron."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import arb

from steinlab.theory.budget import charge
from steinlab.theory.exact.linear_algebra import Matrix, Vector, row_echelon
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.reals import GUARD, ROUGH, Enclosed
from steinlab.theory.exact.symmetric import enclosed_eigenvalues
from steinlab.theory.expansions.ranks import CertifiedMap, Rows, ball_rank, decided_rank
from steinlab.theory.integrals.constants import PRECISIONS, Constant, ball_of
from steinlab.theory.integrals.ridges import Ridges
from steinlab.theory.verdicts import Decided


@dataclass(frozen=True)
class RidgeMap:
    """The map of ridges whose rest has no part of degree 2; `by_entries` gives the same map as a matrix of constants.

    Its range lies in the span of the lines with E[φ_j He_2] not proved zero, a rank over the rationals where the directions were
    typed so; where balls prove as many pivots, that is the rank, and the span the range. Elsewhere the entries decide.
    Kind: certified; the rank is exact where every E[φ_j He_2] is.
    """

    ridges: Ridges
    by_entries: Callable[[], CertifiedMap]
    accuracies = PRECISIONS[:2]
    relative_bits = 0

    @property
    def matrix(self) -> Rows:
        return self.by_entries().matrix

    @property
    def rank(self) -> Decided:
        upper, lower = len(self._span), 0
        for bits in (ROUGH, *self.accuracies):
            with working_precision(bits + GUARD):
                lower = max(lower, ball_rank(self._balls(bits)))
            if lower == upper:
                break
        else:
            return self.by_entries().rank
        above = f"the lines of the neurons that H sees span no more than {upper}"
        return decided_rank(upper, above if upper < self.ridges.size else "", (mean for _, mean in self._seen))

    @property
    def range(self) -> Matrix | None:
        space = self._span
        return space if self.rank.value == len(space) else self.by_entries().range

    def eigenvalues(self, bits: int) -> tuple[Enclosed, ...]:
        with working_precision(bits + GUARD):
            return tuple(map(Enclosed, enclosed_eigenvalues(self._balls(bits))))

    @property
    def _seen(self) -> list[tuple[Vector, Constant]]:
        """(u_j, E[φ_j He_2]) of the ridges for which that is not proved zero."""
        found = ((ridge.unit, Constant(ridge.mean(2))) for ridge in self.ridges.ridges)
        return [(unit, mean) for unit, mean in found if not mean.form.is_zero]

    @property
    def _span(self) -> Matrix:
        """A basis of the span of their lines."""
        leads = [(unit, next(x for x in unit if x)) for unit, _ in self._seen]
        return row_echelon([tuple(x / lead for x in unit) for unit, lead in leads])[0]

    def _balls(self, bits: int) -> list[list[arb]]:
        axes = range(self.ridges.size)
        total = [[arb(0) for _ in axes] for _ in axes]
        for unit, mean in self._seen:
            charge(len(axes))
            weight, entries = ball_of(mean, bits), [x.ball() for x in unit]
            for i in axes:
                for j in range(i + 1):
                    total[i][j] += weight * entries[i] * entries[j]
        return [[total[max(i, j)][min(i, j)] for j in axes] for i in axes]
