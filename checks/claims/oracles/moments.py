"""Gaussian, spherical and half-line moments, term by term from one dimension.

A pair (A, B) of Fractions stands for A + B/√(2π).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod

from steinlab.checks.claims.oracles.polynomials import Exponents, Poly, Vector, add, substitute

HalfMoment = tuple[Fraction, Fraction]


def normal_moment(n: int) -> Fraction:
    """E z^n = (n-1) E z^{n-2}, z ~ N(0, 1)."""
    if n % 2:
        return Fraction(0)
    return Fraction(1) if n == 0 else (n - 1) * normal_moment(n - 2)


def expectation(p: Mapping[Exponents, Fraction]) -> Fraction:
    """E p(x), x ~ N(0, I)."""
    return sum((c * prod(map(normal_moment, alpha), start=Fraction(1)) for alpha, c in p.items()), Fraction(0))


def smoothed(p: Mapping[Exponents, Fraction], root: Sequence[Vector]) -> Poly:
    """v ↦ E p(v + A z), z ~ N(0, I), A = root: expand in (v, z), then take the expectation in z."""
    size, inner = len(root), len(root[0])
    rows = [[*(Fraction(int(i == j)) for j in range(size)), *row] for i, row in enumerate(root)]
    total: Poly = {}
    for alpha, c in substitute(p, rows, size + inner).items():
        total = add(total, {alpha[:size]: expectation({alpha[size:]: c})})
    return total


def pairings(points: Sequence[int]) -> int:
    """Isserlis: E Π w_{i_j} for w ~ N(0, I) counts the perfect matchings of the slots that only join equal indices."""
    if not points:
        return 1
    first, rest = points[0], points[1:]
    return sum(pairings([*rest[:j], *rest[j + 1 :]]) for j, other in enumerate(rest) if other == first)


def half_line_moment(n: int) -> HalfMoment:
    """E[z^n 1{z >= 0}] as (A, B), by parts: the n-th is (n-1) times the (n-2)-th, from 1/2 and 1/√(2π)."""
    if n < 2:
        return (Fraction(1, 2), Fraction(0)) if n == 0 else (Fraction(0), Fraction(1))
    a, b = half_line_moment(n - 2)
    return (n - 1) * a, (n - 1) * b


def householder(w: Vector) -> list[list[Fraction]]:
    """A symmetric orthogonal matrix, exact, whose first column is the unit vector w: it swaps w and e_1."""
    if sum(c * c for c in w) != 1:
        raise ValueError("householder needs a unit vector")
    u = [c - (i == 0) for i, c in enumerate(w)]
    norm = sum(c * c for c in u)
    return [[(i == j) - (2 * a * b / norm if norm else Fraction(0)) for j, b in enumerate(u)] for i, a in enumerate(u)]


def half_space_gradient(f: Mapping[Exponents, Fraction], w: Vector) -> list[HalfMoment]:
    """E[f(x) x 1{w·x >= 0}] for a rational unit w: in the rotated coordinates y the half-space is y_1 >= 0."""
    size = len(w)
    basis = householder(w)
    rotated = substitute(f, basis, size)
    components = []
    for j in range(size):
        a = b = Fraction(0)
        for alpha, c in rotated.items():
            exponents = [e + (i == j) for i, e in enumerate(alpha)]
            half = half_line_moment(exponents[0])
            rest = c * prod(map(normal_moment, exponents[1:]), start=Fraction(1))
            a, b = a + rest * half[0], b + rest * half[1]
        components.append((a, b))
    return [
        (
            sum((basis[i][j] * components[j][0] for j in range(size)), Fraction(0)),
            sum((basis[i][j] * components[j][1] for j in range(size)), Fraction(0)),
        )
        for i in range(size)
    ]


def sphere_moment(alpha: Exponents) -> Fraction:
    """E w^α, w uniform on the unit sphere: the squares are Dirichlet(1/2, ..., 1/2), broken off one stick at a time."""
    if any(a % 2 for a in alpha):
        return Fraction(0)
    if len(alpha) == 1:
        return Fraction(1)
    first, rest = alpha[0] // 2, sum(alpha[1:]) // 2
    half = Fraction(1, 2)
    return beta_moment(half, half * (len(alpha) - 1), first, rest) * sphere_moment(alpha[1:])


def beta_moment(a: Fraction, b: Fraction, m: int, n: int) -> Fraction:
    """E s^m (1-s)^n, s ~ Beta(a, b)."""
    rising = [prod((x + j for j in range(count)), start=Fraction(1)) for x, count in ((a, m), (b, n), (a + b, m + n))]
    return rising[0] * rising[1] / rising[2]
