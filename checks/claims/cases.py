"""What claims draw: small exact rationals, polynomials, unit vectors and tensors. Imported only when a claim is run."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement, product

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from steinlab.checks.claims import oracles
from steinlab.checks.claims.oracles import Poly
from steinlab.checks.claims.ridge import Ridge

Vector = tuple[Fraction, ...]
Entries = dict[tuple[int, ...], Fraction]


def rationals(bound: int = 3) -> SearchStrategy[Fraction]:
    return st.builds(Fraction, st.integers(-bound, bound), st.integers(1, 3))


def nonzero_rationals(bound: int = 3) -> SearchStrategy[Fraction]:
    return st.builds(Fraction, st.integers(1, bound) | st.integers(-bound, -1), st.integers(1, 3))


def vectors(size: int, bound: int = 3) -> SearchStrategy[Vector]:
    return st.tuples(*[rationals(bound)] * size)


def polynomials(variables: int, degree: int, terms: int = 5) -> SearchStrategy[Poly]:
    """Polynomials with at least one term, all terms of total degree at most `degree`."""
    exponents = [alpha for alpha in product(range(degree + 1), repeat=variables) if sum(alpha) <= degree]
    # From high degree down, so that most of what is drawn, and what it shrinks to, tests the top of the formulas.
    exponents.sort(key=lambda alpha: (-sum(alpha), alpha))
    return st.dictionaries(st.sampled_from(exponents), nonzero_rationals(), min_size=1, max_size=terms)


def quadratics(variables: int) -> SearchStrategy[Poly]:
    """Quadratic forms, 0 included."""
    exponents = [alpha for alpha in product(range(3), repeat=variables) if sum(alpha) == 2]
    return st.dictionaries(st.sampled_from(exponents), nonzero_rationals(), max_size=len(exponents))


def unit_vectors(size: int) -> SearchStrategy[Vector]:
    """Rational unit vectors, by stereographic projection; in one dimension 1 and -1."""
    if size == 1:
        return st.sampled_from([(Fraction(1),), (Fraction(-1),)])
    return st.builds(_stereographic, vectors(size - 1), st.sampled_from([1, -1]))


def _stereographic(t: Vector, sign: int) -> Vector:
    norm = sum((c * c for c in t), Fraction(0))
    return (*(sign * 2 * c / (norm + 1) for c in t), sign * (norm - 1) / (norm + 1))


def tensors(dimension: int, order: int) -> SearchStrategy[Entries]:
    """Entries of a nonzero symmetric tensor at sorted index tuples."""
    indices = list(combinations_with_replacement(range(dimension), order))
    return st.dictionaries(st.sampled_from(indices), nonzero_rationals(), min_size=1, max_size=6)


def matrices(rows: int, columns: int) -> SearchStrategy[tuple[Vector, ...]]:
    return st.tuples(*[vectors(columns, bound=2)] * rows)


def ridges(degree: int, latent: int = 2, ambient: int = 3) -> SearchStrategy[Ridge]:
    """f(x) = g(Ux) with any rational rows U, dependent ones included, or with the first coordinate axes for directions."""

    def of_shape(shape: tuple[int, int]) -> SearchStrategy[Ridge]:
        r, d = shape
        links = polynomials(r, degree)
        return st.builds(Ridge, links, matrices(r, d)) | st.builds(Ridge, links)

    return st.tuples(st.integers(1, latent), st.integers(1, ambient)).flatmap(of_shape)


def hermite_sums(variables: int, degree: int, terms: int = 4) -> SearchStrategy[Poly]:
    """Sums Σ c_α He_α, α ≠ 0, of any Hermite monomials up to the degree, or of at least three multilinear ones: staircases."""
    exponents = [alpha for alpha in product(range(degree + 1), repeat=variables) if 1 <= sum(alpha) <= degree]
    multilinear = [alpha for alpha in exponents if max(alpha) == 1]
    sums = st.dictionaries(st.sampled_from(exponents), nonzero_rationals(), min_size=1, max_size=terms)
    if len(multilinear) >= 3:
        sums |= st.dictionaries(st.sampled_from(multilinear), nonzero_rationals(), min_size=3, max_size=terms)
    return sums.map(oracles.from_hermite)


def hermite_ridges(degree: int) -> SearchStrategy[Ridge]:
    """Sums of a few Hermite monomials in up to 3 orthonormal directions: the coordinate axes or a rotation of them."""

    def of_size(r: int) -> SearchStrategy[Ridge]:
        links = hermite_sums(r, degree)
        rotations = unit_vectors(r).map(lambda w: tuple(map(tuple, oracles.householder(w))))
        return st.builds(Ridge, links) | st.builds(Ridge, links, rotations)

    return st.integers(1, 3).flatmap(of_size)
