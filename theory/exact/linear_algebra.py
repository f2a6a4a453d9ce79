"""Exact linear algebra on small matrices of Numbers: row reduction and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq_mat

from steinlab.theory.exact.numbers import Number

Vector = tuple[Number, ...]
Matrix = tuple[Vector, ...]


def matrix(rows: Sequence[Sequence[Number]]) -> Matrix:
    return tuple(tuple(row) for row in rows)


def identity(size: int) -> Matrix:
    return matrix([[Number.of(int(i == j)) for j in range(size)] for i in range(size)])


def transpose(a: Matrix, columns: int) -> Matrix:
    """The transpose; `columns` is the number of columns of `a`, which an empty matrix does not tell."""
    return tuple(tuple(row[j] for row in a) for j in range(columns))


def dot(u: Sequence[Number], v: Sequence[Number]) -> Number:
    total = Number.of(0)
    for x, y in zip(u, v, strict=True):
        if x and y:
            total = total + x * y
    return total


def multiply(a: Matrix, b: Matrix) -> Matrix:
    """The product; what it costs is counted in entries that are not zero."""
    nonzero = [[(j, y) for j, y in enumerate(row) if y] for row in b]
    zero = Number.of(0)
    product = []
    for row in a:
        totals = [zero] * (len(b[0]) if b else 0)
        for x, others in zip(row, nonzero, strict=True):
            if x:
                for j, y in others:
                    totals[j] = totals[j] + x * y
        product.append(tuple(totals))
    return tuple(product)


def row_echelon(rows: Sequence[Vector]) -> tuple[Matrix, tuple[int, ...]]:
    """The reduced row echelon form without its zero rows, and the pivot columns. Exact."""
    if not rows or not rows[0]:
        return (), ()
    if all(x.is_rational for row in rows for x in row):
        return _rational_row_echelon(rows)
    work = [list(row) for row in rows]
    pivots: list[int] = []
    for column in range(len(work[0])):
        top = len(pivots)
        found = next((i for i in range(top, len(work)) if work[i][column]), None)
        if found is None:
            continue
        work[top], work[found] = work[found], work[top]
        inverse = work[top][column].inverse()
        work[top] = [x * inverse if x else x for x in work[top]]
        for i, row in enumerate(work):
            if i != top and row[column]:
                factor = row[column]
                work[i] = [x - factor * y if y else x for x, y in zip(row, work[top], strict=True)]
        pivots.append(column)
        if len(pivots) == len(work):
            break
    return matrix(work[: len(pivots)]), tuple(pivots)


def _rational_row_echelon(rows: Sequence[Vector]) -> tuple[Matrix, tuple[int, ...]]:
    reduced, rank = fmpq_mat([[x.rational for x in row] for row in rows]).rref()
    table = [[Number.of(x) for x in row] for row in reduced.tolist()[:rank]]
    return matrix(table), tuple(next(j for j, x in enumerate(row) if x) for row in table)


def rank(rows: Sequence[Vector]) -> int:
    return len(row_echelon(rows)[1])


def kernel(rows: Sequence[Vector], columns: int) -> Matrix:
    """A basis of {x : A x = 0}, one vector a row, for a matrix A with the given number of columns."""
    reduced, pivots = row_echelon(rows)
    basis = []
    for free in range(columns):
        if free in pivots:
            continue
        vector = [Number.of(0)] * columns
        vector[free] = Number.of(1)
        for row, pivot in zip(reduced, pivots, strict=True):
            vector[pivot] = -row[free]
        basis.append(tuple(vector))
    return tuple(basis)


def orthogonal_complement(vectors: Sequence[Vector], gram: Matrix) -> Matrix:
    """A basis of the vectors orthogonal to all of `vectors` in the inner product <x, y> = xᵀ G y."""
    return kernel(multiply(tuple(vectors), gram) if vectors else (), len(gram))


def inverse(a: Matrix) -> Matrix:
    """The inverse of a square matrix. ZeroDivisionError if singular."""
    size = len(a)
    reduced, pivots = row_echelon([(*row, *unit) for row, unit in zip(a, identity(size), strict=True)])
    if pivots != tuple(range(size)):
        raise ZeroDivisionError("the matrix is singular")
    return tuple(row[size:] for row in reduced)


def characteristic_polynomial(a: Matrix) -> tuple[Number, ...]:
    """Coefficients of det(x I - A), constant first, by FLINT over Q, by Faddeev and LeVerrier's recursion else. Exact."""
    size = len(a)
    if all(x.is_rational for row in a for x in row):
        polynomial = fmpq_mat([[x.rational for x in row] for row in a]).charpoly()
        return tuple(Number.of(polynomial[i]) for i in range(size + 1))
    coefficients = [Number.of(1)]
    current = identity(size)
    for k in range(1, size + 1):
        product = multiply(a, current)
        trace = sum((product[i][i] for i in range(size)), Number.of(0))
        coefficients.append(-trace / k)
        current = tuple(tuple(x + coefficients[-1] if i == j else x for j, x in enumerate(row)) for i, row in enumerate(product))
    return tuple(reversed(coefficients))
