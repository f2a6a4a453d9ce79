"""Subspaces and leaps, by the definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import permutations

from steinlab.checks.claims.oracles.polynomials import Exponents, Vector, degree, dot
from steinlab.checks.claims.oracles.tensors import moment_tensors


def orthogonalised(vectors: Iterable[Vector], against: Sequence[Vector] = ()) -> list[Vector]:
    """Gram-Schmidt without square roots: an orthogonal basis of what `vectors` add to the orthogonal family `against`."""
    basis: list[Vector] = []
    for vector in vectors:
        rest = list(vector)
        for q in (*against, *basis):
            factor = dot(rest, q) / dot(q, q)
            rest = [a - factor * b for a, b in zip(rest, q, strict=True)]
        if any(rest):
            basis.append(rest)
    return basis


def projector(basis: Sequence[Vector], size: int) -> list[list[Fraction]]:
    """The orthogonal projector on the span of an orthogonal family."""
    return [[sum((q[i] * q[j] / dot(q, q) for q in basis), Fraction(0)) for j in range(size)] for i in range(size)]


def full_tensor(f: Mapping[Exponents, Fraction], variables: int, order: int) -> dict[tuple[int, ...], Fraction]:
    """E ∇^order f with every entry that is not 0, in every order of its indices."""
    entries = moment_tensors(f, variables, order)
    return {p: c for index, c in entries.items() for p in set(permutations(index))}


def apply_to_slot(
    tensor: Mapping[tuple[int, ...], Fraction], slot: int, matrix: Sequence[Vector]
) -> dict[tuple[int, ...], Fraction]:
    total: dict[tuple[int, ...], Fraction] = {}
    for index, c in tensor.items():
        for i, row in enumerate(matrix):
            if row[index[slot]]:
                moved = (*index[:slot], i, *index[slot + 1 :])
                total[moved] = total.get(moved, Fraction(0)) + row[index[slot]] * c
    return {index: c for index, c in total.items() if c}


def first_columns(tensor: Mapping[tuple[int, ...], Fraction], size: int) -> list[Vector]:
    """The vectors along the first index, one for each choice of the others."""
    columns: dict[tuple[int, ...], list[Fraction]] = {}
    for (first, *others), c in tensor.items():
        columns.setdefault(tuple(others), [Fraction(0)] * size)[first] = c
    return list(columns.values())


def relevant_subspace(f: Mapping[Exponents, Fraction], size: int) -> list[Vector]:
    """An orthogonal basis of the span of the first columns of every C_k, k >= 1."""
    orders = range(1, degree(f) + 1)
    return orthogonalised(column for k in orders for column in first_columns(full_tensor(f, size, k), size))


def subspace_leap_steps(f: Mapping[Exponents, Fraction], size: int) -> list[tuple[int, int]]:
    """(k, gained dimension) in turn: k least such that P_{V⊥} on k slots and P_V on the others leaves something of a C_j."""
    tensors = {j: full_tensor(f, size, j) for j in range(1, degree(f) + 1)}
    seen: list[Vector] = []
    steps: list[tuple[int, int]] = []
    while True:
        inside = projector(seen, size)
        outside = [[(i == j) - c for j, c in enumerate(row)] for i, row in enumerate(inside)]
        for k in tensors:
            columns: list[Vector] = []
            for j, tensor in tensors.items():
                if j >= k:
                    for slot in range(j):
                        tensor = apply_to_slot(tensor, slot, outside if slot < k else inside)
                    columns += first_columns(tensor, size)
            gained = orthogonalised(columns, seen)
            if gained:
                steps.append((k, len(gained)))
                seen += gained
                break
        else:
            return steps


def coordinate_leap(monomials: Sequence[Exponents]) -> int:
    """The least, over all orders of the monomials, of the largest degree in coordinates not seen before."""

    def leap(order: Sequence[Exponents]) -> int:
        seen: set[int] = set()
        worst = 0
        for alpha in order:
            worst = max(worst, sum(a for i, a in enumerate(alpha) if i not in seen))
            seen |= {i for i, a in enumerate(alpha) if a}
        return worst

    return min(map(leap, permutations(monomials)))
