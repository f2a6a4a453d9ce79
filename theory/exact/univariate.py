"""Polynomials in one variable over a real number field, coefficients constant first: multiplicities and real roots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, cmp_to_key, lru_cache
from itertools import pairwise

from flint import acb, acb_poly, arb, fmpq_poly

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision

Coefficients = Sequence[Number]


def derivative(p: Coefficients) -> list[Number]:
    return [c * i for i, c in enumerate(p)][1:]


def divide(a: Coefficients, b: Coefficients) -> tuple[list[Number], list[Number]]:
    """Quotient and remainder."""
    remainder, quotient = list(a), [Number.of(0)] * max(len(a) - len(b) + 1, 0)
    for shift in reversed(range(len(quotient))):
        factor = remainder[shift + len(b) - 1] / b[-1]
        quotient[shift] = factor
        for i, c in enumerate(b):
            remainder[shift + i] = remainder[shift + i] - factor * c
    return quotient, _trimmed(remainder)


def univariate_gcd(a: Coefficients, b: Coefficients) -> list[Number]:
    """The greatest common divisor, by Euclid's algorithm; its leading coefficient is any."""
    while b:
        a, b = b, divide(a, b)[1]
    return list(a)


def times(a: Coefficients, b: Coefficients) -> list[Number]:
    """The product."""
    out = [Number.of(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            out[i + j] = out[i + j] + x * y
    return out


def squarefree_factors(p: Coefficients) -> list[tuple[list[Number], int]]:
    """Pairs (squarefree factor, multiplicity) with product p up to a constant. Exact.

    Over Q by FLINT; else one factor where disjoint discs hold the roots, which proves it; else by Yun's algorithm.
    """
    p = _trimmed(p)
    out: list[tuple[list[Number], int]] = []
    if len(p) <= 1:
        return out
    if all(c.is_rational for c in p):
        factors = fmpq_poly([c.rational for c in p]).numer().factor_squarefree()[1]
        return sorted((([Number.of(c) for c in factor.coeffs()], int(m)) for factor, m in factors), key=lambda pair: pair[1])
    if isolating_discs(tuple(p)) is not None:
        return [(p, 1)]
    common = univariate_gcd(p, derivative(p))
    rest, multiplicity = divide(p, common)[0], 0
    while len(rest) > 1:
        multiplicity += 1
        next_rest = univariate_gcd(common, rest) if len(common) > 1 else [Number.of(1)]
        factor = divide(rest, next_rest)[0]
        if len(factor) > 1:
            out.append((factor, multiplicity))
        common, rest = divide(common, next_rest)[0], next_rest
    return out


def count_real_roots(p: Coefficients) -> int:
    """The number of distinct real roots, by disjoint discs around the roots, else by Sturm's theorem. Exact.

    >>> count_real_roots([Number.of(c) for c in (-2, 0, 1)]), count_real_roots([Number.of(c) for c in (1, 0, 1)])
    (2, 0)
    """
    discs = isolating_discs(tuple(_trimmed(p)))
    # the conjugate of a root is a root: it is that root itself where the conjugate of its disc meets no other disc
    mirrored = [[k for k, other in enumerate(discs) if other.overlaps(disc.conjugate())] for disc in discs] if discs else []
    if mirrored and all(len(met) == 1 for met in mirrored):
        return sum(met == [k] for k, met in enumerate(mirrored))
    chain, following = [_trimmed(p)], _trimmed(derivative(p))
    while following:
        chain.append(following)
        following = [-c for c in divide(*chain[-2:])[1]]
    at_plus = [q[-1].sign() for q in chain]
    at_minus = [q[-1].sign() * (-1) ** (len(q) - 1) for q in chain]
    return _sign_changes(at_minus) - _sign_changes(at_plus)


def changes_sign(p: Coefficients) -> bool:
    """Whether p takes both signs on the real line: whether it has a real root of odd multiplicity. Exact."""
    return any(multiplicity % 2 and count_real_roots(factor) for factor, multiplicity in squarefree_factors(p))


@lru_cache(maxsize=200)
def isolating_discs(p: tuple[Number, ...], bits: int = 0) -> tuple[acb, ...] | None:
    """Disjoint balls with one root of p in each, of radius 2^-bits or less; None where they were not found, as at multiple roots.

    A proof that p is squarefree. Kind: certified.
    """
    if len(p) < 2:
        return ()
    with working_precision(2 * bits + 32 * len(p)):  # roots far closer than that are left to algebra
        try:
            found = acb_poly([acb(c.canonical.ball()) for c in p]).roots(tol=arb(2) ** -bits, maxprec=2 * bits + 32 * len(p))
        except ValueError:
            return None
    return tuple(found) if len(found) == len(p) - 1 else None


@dataclass(frozen=True)
class RealRoot:
    """A real root of a squarefree polynomial: an exact Number where one was found, else the index-th smallest real root of it."""

    polynomial: tuple[Number, ...]
    index: int
    exact: Number | None = None

    def ball(self, bits: int) -> arb:
        """An enclosure with about `bits` correct bits; certified."""
        if self.exact is not None:
            return self.exact.ball(bits)
        wanted = bits
        while (roots := isolating_discs(self.polynomial, wanted)) is None:  # not isolated yet at this precision
            wanted *= 2
        return sorted((root.real for root in roots), key=lambda x: float(x.mid()))[self.index]

    @cached_property
    def value(self) -> float:
        """The root as a float, correct to about the last place."""
        if self.exact is not None:
            return float(self.exact)
        bits = 80
        while (ball := self.ball(bits)).rel_accuracy_bits() < 60:  # ends: zero is always an exact root
            bits *= 2
        return float(ball.mid())

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return str(self.exact) if self.exact is not None else f"{self.value:.15g}"


def all_real_roots(p: Coefficients) -> list[RealRoot]:
    """The roots, rising, each repeated by its multiplicity, of a polynomial that has only real ones (a characteristic polynomial
    of a symmetric matrix). Rational and quadratic ones exactly, the others as certified enclosures.
    """
    roots: list[RealRoot] = []
    for factor, multiplicity in squarefree_factors(p):
        for piece in _irreducible_factors(factor):
            exact = _solve_low_degree(piece)
            found = exact if exact is not None else [None] * (len(piece) - 1)
            roots += [RealRoot(tuple(piece), i, root) for i, root in enumerate(found) for _ in range(multiplicity)]
    return sorted(roots, key=cmp_to_key(_order))


def _order(a: RealRoot, b: RealRoot) -> int:
    """-1, 0 or 1 as a < b, a = b or a > b, for two of these roots: exactly, or by balls that lie apart. Floats may tie."""
    if a.exact is not None and b.exact is not None:
        return (a.exact - b.exact).sign()
    bits = 64
    while a != b:
        x, y = a.ball(bits), b.ball(bits)
        if x < y or x > y:
            return -1 if x < y else 1
        bits *= 2
    return 0


def _irreducible_factors(p: list[Number]) -> list[list[Number]]:
    """The factors over Q where the coefficients are rational; p itself otherwise, less a root at zero."""
    if all(c.is_rational for c in p):
        numerator = fmpq_poly([c.rational for c in p]).numer()
        return [[Number.of(c) for c in factor.coeffs()] for factor, _ in numerator.factor()[1]]
    return [p[1:], [Number.of(0), Number.of(1)]] if p[0].is_zero and len(p) > 2 else [p]


def _solve_low_degree(p: list[Number]) -> list[Number] | None:
    """The roots, rising, of a factor of degree 1 or 2; None where they would need too large a field."""
    if len(p) == 2:
        return [-p[0] / p[1]]
    if len(p) == 3:
        c, b, a = p
        try:
            root = (b * b - 4 * (a * c)).root(2)
        except InputError:
            return None
        return sorted([(-b - root) / (2 * a), (-b + root) / (2 * a)])
    return None


def _trimmed(p: Coefficients) -> list[Number]:
    out = list(p)
    while out and out[-1].is_zero:
        out.pop()
    return out


def _sign_changes(signs: Sequence[int]) -> int:
    nonzero = [s for s in signs if s]
    return sum(a != b for a, b in pairwise(nonzero))
