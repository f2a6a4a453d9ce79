"""Matrices of constants: ranks from below by balls and from above by exact relations, ranges, and eigenvalues by enclosures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from flint import arb

from steinlab.theory.exact.linear_algebra import Matrix, Vector, row_echelon
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.reals import GUARD, Enclosed
from steinlab.theory.exact.symmetric import enclosed_eigenvalues
from steinlab.theory.integrals.constants import PRECISIONS, SIGN_ACCURACIES, Constant, ball_of
from steinlab.theory.links.balls import certain_sign
from steinlab.theory.links.ring import Product, Sum, constant
from steinlab.theory.verdicts import Decided, Evidence

Rows = Sequence[Sequence[Constant]]
MAX_MINORS = 5
"""Largest size of a matrix whose principal minors are all tried."""


@dataclass(frozen=True)
class CertifiedMap:
    """The symmetric map with this matrix of constants, in orthonormal coordinates.

    Kind: certified; the rank is exact where the entries are. None of it is kept: each part charges the work that it takes.
    """

    matrix: Rows
    accuracies = PRECISIONS[:2]
    relative_bits = 0

    @property
    def rank(self) -> Decided:
        """From below by elimination with balls that exclude zero, from above by exact relations and vanishing minors."""
        lower, upper = certified_rank(self.matrix), len(exact_row_space(self.matrix))
        if lower < upper <= MAX_MINORS:
            upper = min(upper, largest_nonzero_minor(self.matrix))
        if lower < upper:
            return Decided(None, Evidence.NUMERICAL, f"rank H is at least {lower} and at most {upper}", lower, upper)
        above = f"relations between the entries, proved as identities, leave no more than {upper}"
        return decided_rank(upper, above if upper < len(self.matrix) else "", [entry for row in self.matrix for entry in row])

    @property
    def range(self) -> Matrix | None:
        return known_row_space(self.matrix)

    def eigenvalues(self, bits: int) -> tuple[Enclosed, ...]:
        balls = [[ball_of(entry, bits) for entry in row] for row in self.matrix]
        with working_precision(bits + GUARD):
            return tuple(map(Enclosed, enclosed_eigenvalues(balls)))


def decided_rank(value: int, above: str, entries: Iterable[Constant]) -> Decided:
    """A rank that pivots prove from below, and what `above` says, where it is needed, from above; exact if the entries are."""
    reason = f"a pivot in each of {value} elimination steps has a ball that excludes zero" + (f"; {above}" if above else "")
    exact = all(entry.is_exact for entry in entries)
    return Decided(value, Evidence.EXACT if exact else Evidence.CERTIFIED, reason, value, value)


def known_row_space(rows: Rows) -> Matrix | None:
    """The span of the rows where it is known exactly: the certified rank meets the exact relations."""
    space = exact_row_space(rows)
    return space if certified_rank(rows) == len(space) else None


def certified_rank(rows: Rows, enough: int | None = None) -> int:
    """A lower bound on the rank: elimination with pivots whose balls exclude zero. Kind: certified.

    Entries proved zero are exact zeros; the rank is at least the number of pivots. `enough` is a known upper bound on the rank,
    at which the search for more stops.
    """
    best = 0
    largest = min(len(rows), len(rows[0]) if rows else 0) if enough is None else enough
    for bits in SIGN_ACCURACIES[:-1]:
        with working_precision(bits + GUARD):
            balls = [[ball_of(c, bits) for c in row] for row in rows]
            best = max(best, ball_rank(balls))
        if best >= largest:
            break
    if best == 0 < largest and any(c.sign for row in rows for c in row):
        return 1  # by the sign of a factor, where no ball excludes zero
    return best


def ball_rank(rows: Sequence[Sequence[arb]]) -> int:
    """A lower bound on the rank of every matrix in the balls: the number of pivots that exclude zero. Kind: certified."""
    work = [list(row) for row in rows]
    count = 0
    while work and work[0]:
        candidates = [(abs(x).lower(), i, j) for i, row in enumerate(work) for j, x in enumerate(row) if certain_sign(x)]
        if not candidates:
            break
        _, i, j = max(candidates, key=lambda entry: float(entry[0]))
        pivot = work.pop(i)
        work = [[x - row[j] / pivot[j] * y for k, (x, y) in enumerate(zip(row, pivot, strict=True)) if k != j] for row in work]
        count += 1
    return count


def exact_row_space(rows: Rows) -> Matrix:
    """A subspace, exact, that holds every row: each entry is split into algebraic multiples of products of constants.

    A row is Σ_b b v_b over the distinct products b of constants that occur, v_b algebraic; the span of all v_b holds it.
    """
    parts: list[Vector] = []
    for row in rows:
        products: dict[Product, None] = {}
        for entry in row:
            products.update(dict.fromkeys(entry.form.terms))
        parts += [tuple(entry.form.terms.get(product, Number.of(0)) for entry in row) for product in products]
    return row_echelon(parts)[0] if parts else ()


def determinant(rows: Sequence[Sequence[Sum]]) -> Sum:
    """The determinant of a small matrix of sums, by expansion along the first row."""
    if not rows:
        return constant(1)
    total = constant(0)
    for j, entry in enumerate(rows[0]):
        if not entry.is_zero:
            minor = determinant([[x for k, x in enumerate(row) if k != j] for row in rows[1:]])
            total = total + entry * minor * (-1) ** j
    return total


def largest_nonzero_minor(rows: Rows) -> int:
    """An upper bound on the rank of a symmetric matrix: the largest order of a principal minor not proved zero.

    The rank of a real symmetric matrix is the largest order of a principal minor that is not zero.
    """
    size = len(rows)
    for order in range(size, 0, -1):
        for chosen in combinations(range(size), order):
            if not determinant([[rows[i][j].form for j in chosen] for i in chosen]).is_zero:
                return order
    return 0
