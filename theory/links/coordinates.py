"""Coordinates for a link: the linear forms it depends on, independent latents, and orthonormal ones with few square roots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from math import isqrt

from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix, Vector, dot, identity, multiply, row_echelon, transpose
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.ring import Product, Sum, constant, variable

MAX_AXES = 8
"""Most axes of R^d that stand in for coordinates on a span whose square roots lie in no supported field."""
_MAX_ORDERED = 4
"""Most rows that are tried in every order."""
_RADICAL = 2
"""What one square root costs, in nonzero entries of the matrix of z over t."""


def independent_latents(directions: Matrix) -> tuple[tuple[int, ...], list[Sum]]:
    """(the latent variables of the first independent rows, every z_i as a combination of these). Kind: exact.

    >>> rows = tuple(tuple(map(Number.of, row)) for row in ([1, 0], [0, 0], [0, 1], [2, 3]))
    >>> chosen, images = independent_latents(rows)
    >>> chosen, [str(image) for image in images]
    ((0, 2), ['z1', '0', 'z3', '2*z1 + 3*z3'])
    """
    reduced, chosen = row_echelon(transpose(directions, len(directions[0])))
    return chosen, [combination([row[i] for row in reduced], chosen) for i in range(len(directions))]


def combination(weights: Sequence[Number], variables: Sequence[int]) -> Sum:
    """Σ_a weights[a] z_{variables[a]}."""
    out = constant(0)
    for weight, i in zip(weights, variables, strict=True):
        out = out + variable(i) * weight
    return out


def orthonormal_coordinates(rows: Matrix) -> Matrix:
    """Orthonormal rows that span what the given independent rows span, with few square roots and a sparse matrix between both.

    The axes where the rows span R^d and are not orthogonal; else the best that Gram and Schmidt's process gives, from the rows or
    their echelon form in several orders. Where no supported field holds its square roots: the axes of R^d, more coordinates than
    needed. InputError where there are too many of these. Kind: exact.

    >>> rows = tuple(tuple(map(Number.of, row)) for row in ([1, 2, 3], [3, 4, 0]))
    >>> [[str(x) for x in row] for row in orthonormal_coordinates(rows)]
    [['3/5', '4/5', '0'], ['-8*sqrt(229)/1145', '6*sqrt(229)/1145', '15*sqrt(229)/229']]
    """
    size, width = len(rows), len(rows[0])
    axes = identity(width)
    if size == width and _nonzeros(multiply(rows, transpose(rows, width))) > size:
        return axes
    best: tuple[int, Matrix] | None = None
    for basis in (rows, row_echelon(rows)[0]):
        inner = multiply(basis, transpose(basis, width))
        across = multiply(rows, transpose(basis, width))
        for weights in _orthogonal(inner):
            lengths = [dot(w, x) for w, x in zip(weights, multiply(weights, inner), strict=True)]
            cost = _RADICAL * _square_roots(lengths) + _nonzeros(multiply(across, transpose(weights, size)))
            if best is None or cost < best[0]:
                best = cost, multiply(weights, basis)
    assert best is not None, "one order is tried"
    try:
        return tuple(_scaled(v, dot(v, v).root(2).inverse()) for v in best[1])
    except InputError:
        if width > MAX_AXES:
            raise
        return axes


def _orthogonal(gram: Matrix) -> Iterator[Matrix]:
    """Gram and Schmidt's process without the square roots, in several orders: weights on a basis with this Gram matrix."""
    size = len(gram)
    first = tuple(range(size))
    for order in permutations(first) if size <= _MAX_ORDERED else (first, first[::-1]):
        found: list[tuple[Vector, Vector, Number]] = []  # w, its products with the basis, |w|²
        for i in order:
            weights = identity(size)[i]
            for w, products, length in found:
                weights = tuple(x - products[i] / length * y for x, y in zip(weights, w, strict=True))
            products = multiply((weights,), gram)[0]
            found.append((weights, products, dot(weights, products)))
        yield tuple(w for w, _, _ in found)


def _square_roots(lengths: Sequence[Number]) -> int:
    """How many square roots hold those of all lengths: those that products of others do not bring."""
    products = [Number.of(1)]
    count = 0
    for length in lengths:
        if not any(_is_square(length * known) for known in products):
            count += 1
            products += [length * known for known in products] if len(products) < 2**_MAX_ORDERED else [length]
    return count


def _is_square(x: Number) -> bool:
    """Whether x is the square of a rational number."""
    if not x.is_rational:
        return False
    n = x.fraction.numerator * x.fraction.denominator
    return isqrt(n) ** 2 == n


def _nonzeros(rows: Matrix) -> int:
    return sum(bool(x) for row in rows for x in row)


def _scaled(v: Vector, scale: Number) -> Vector:
    return tuple(x * scale for x in v)


def forms(u: Sum) -> list[dict[int, Number]]:
    """Linear forms, as {variable: coefficient}, such that u is a function of them alone."""
    groups: dict[Product, dict[Product, Number]] = {}
    for product, c in u.terms.items():
        functions = tuple((a, e) for a, e in product if not a.is_variable)
        groups.setdefault(functions, {})[tuple((a, e) for a, e in product if a.is_variable)] = c
    out: list[dict[int, Number]] = []
    for functions, terms in groups.items():
        out += _polynomial_forms(Sum(terms))
        for atom, _ in functions:
            if atom.variables:
                out += forms(atom.argument)
    return out


def _polynomial_forms(p: Sum) -> list[dict[int, Number]]:
    """The rows of the gradient's coefficients: p is constant along their common kernel."""
    variables = sorted(p.variables)
    rows: dict[Product, dict[int, Number]] = {}
    for i in variables:
        for product, c in p.derivative(i).terms.items():
            rows.setdefault(product, {})[i] = c
    return list(rows.values())


def span(rows: Sequence[dict[int, Number]], variables: Sequence[int]) -> Matrix:
    """A basis (in echelon form) of the span of linear forms, as vectors over `variables`."""
    zero = Number.of(0)
    return row_echelon([tuple(row.get(i, zero) for i in variables) for row in rows])[0]
