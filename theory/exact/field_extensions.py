"""Fields that contain others: a root adjoined, two fields in one, and elements carried from a field to a larger one.

Roots of coprime integers that are no perfect powers are independent over Q (Besicovitch 1940, Mordell 1953), so roots of rational
numbers need no factorisation of polynomials, and none of large integers; a nested radical has its minimal polynomial found by
Trager's algorithm.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd, lcm

from flint import arb, fmpq, fmpq_mpoly

from steinlab.theory.errors import InputError
from steinlab.theory.exact.integers import coprime_base, valuation, whole_root
from steinlab.theory.exact.number_fields import Element, Monomial, NumberField, Radical
from steinlab.theory.exact.precision import working_precision

MAX_NESTED_DEGREE = 24
"""Largest degree over Q of a field where a minimal polynomial has to be found by factorisation (nested radicals)."""


def extend(field: NumberField, radicand: Element, order: int) -> tuple[NumberField, Element]:
    """The field with radicand^(1/order) in it (radicand > 0 in this field), and that root."""
    for i, radical in enumerate(field.radicals):
        if radical.order % order == 0 and embedded(radical.below, radical.radicand, field) == radicand:
            return field, field.reduce(field.generator(i) ** (radical.order // order), 0)
    if field.degree * order > MAX_NESTED_DEGREE:
        raise InputError(
            f"({field.text(radicand)})**(1/{order}) over the other constants gives a field of degree up to "
            f"{field.degree * order}; nested or mixed roots are supported to degree {MAX_NESTED_DEGREE}: simplify the constants"
        )
    factor = _minimal_polynomial(field, radicand, order)
    if len(factor) == 2:  # linear: the root is in the field already
        return field, -field.product(factor[0], field.inverse(factor[1]))
    lead = field.inverse(factor[-1])
    terms: dict[Monomial, fmpq] = {}
    for power, coefficient in enumerate(factor):
        for monomial, c in field.monomials(field.product(coefficient, lead)):
            terms[(*monomial, power)] = c
    larger = NumberField.get((*field.radicals, Radical(*field.in_least_tower(radicand), order)), (*field.relation_terms, terms))
    return larger, larger.generator(len(field.radicals))


def _minimal_polynomial(field: NumberField, radicand: Element, order: int) -> list[Element]:
    """Coefficients, constant first, of the minimal polynomial over this field of the positive root.

    Trager's algorithm: for a shift c that makes it squarefree, the norm down to Q of p(x - c·t) with p = x^n - a factors
    over Q as p does over the field; the factor that vanishes at the root gives the wanted one by a gcd.
    """
    ring = field.polynomial_ring(1)
    *radicals, x = ring.gens()
    a = radicand.compose(*radicals, ctx=ring) if radicals else ring.constant(radicand.leading_coefficient())
    p = x**order - a
    for shift in range(order * field.degree**2 + 1):
        theta = sum((shift ** (i + 1) * t for i, t in enumerate(reversed(radicals))), ring.constant(0))
        norm = field.reduce(p.compose(*radicals, x - theta), 1)
        for relation, t in zip(field.relations(1), radicals, strict=True):
            norm = norm.resultant(relation, str(t))
        if norm.gcd(norm.derivative(str(x))).is_constant():
            break
    factors = [factor for factor, _ in norm.factor()[1]]
    bits = 128
    while len(factors) > 1:  # squarefree: exactly one factor vanishes at the shifted root, precision decides which
        with working_precision(bits):
            root = field.ball(radicand).root(order)
            point = root + sum((shift ** (i + 1) * t for i, t in enumerate(field.balls())), arb(0))
            factors = [f for f in factors if _at(f, point).contains(0)]
        bits *= 2
    shifted = field.reduce(factors[0].compose(*radicals, x + theta), 1)
    return greatest_common_divisor(field, _coefficients(field, p), _coefficients(field, shifted))


def _coefficients(field: NumberField, p: fmpq_mpoly) -> list[Element]:
    """The coefficients, constant first, of a polynomial in one variable over the field."""
    size = len(field.radicals)
    terms: dict[int, dict[Monomial, fmpq]] = {}
    for m, c in p.to_dict().items():
        terms.setdefault(m[-1], {})[m[:size] or (0,)] = c
    return [field.ring.from_dict(terms.get(i, {})) for i in range(max(terms) + 1)]


def _at(p: fmpq_mpoly, point: arb) -> arb:
    """A polynomial in the last variable alone, at a ball."""
    return sum((arb(c) * point ** m[-1] for m, c in p.to_dict().items()), arb(0))


def greatest_common_divisor(field: NumberField, a: list[Element], b: list[Element]) -> list[Element]:
    """That of two polynomials in one variable over the field, coefficients constant first, by Euclid's algorithm."""
    while b:
        inverse = field.inverse(b[-1])
        while len(a) >= len(b):
            quotient, offset = field.product(a[-1], inverse), len(a) - len(b)
            a = [c - field.product(quotient, b[i - offset]) if i >= offset else c for i, c in enumerate(a[:-1])]
            while a and not a[-1]:
                a.pop()
        a, b = b, a
    return a


@lru_cache(maxsize=10_000)
def compositum(a: NumberField, b: NumberField) -> NumberField:
    """A tower that contains both fields."""
    if a is b or not b.radicals:
        return a
    if not a.radicals:
        return b
    roots = [*a.integer_roots.items(), *b.integer_roots.items()]
    orders: dict[int, int] = {}
    for c in coprime_base([x for x, _ in roots]):
        order = lcm(*(n // gcd(n, valuation(x, c)) for x, n in roots))
        if order > 1:
            orders[c] = order
    field = NumberField.of_integer_roots(orders)
    for radical in (*a.nested, *b.nested):
        field = extend(field, embedded(radical.below, radical.radicand, field), radical.order)[0]
    return field


@lru_cache(maxsize=10_000)
def embedding(a: NumberField, field: NumberField) -> tuple[Element, ...]:
    """The images in `field` of the radicals of `a`, bottom of the tower first; `field` must contain them."""
    images: list[Element] = []
    for x, n in a.integer_roots.items():
        powers, outside = [0] * len(field.radicals), 1
        for i, (c, m) in enumerate(field.integer_roots.items()):  # x^(1/n) = Π c^(e/n)
            e = valuation(x, c)
            x //= c**e
            outside *= c ** (e // n)
            powers[i] = e % n * m // n
        root, exact = whole_root(x, n)  # what is left is a power of order n where the field has no root of it
        assert exact, f"{field} holds the roots of {a}"
        images.append(field.element({tuple(powers): fmpq(outside * root)}))
    for radical in a.nested:
        target, image = extend(field, embedded(radical.below, radical.radicand, field), radical.order)
        if target is not field:
            raise ValueError(f"{radical} is not in {field}")
        images.append(image)
    return tuple(images)


def embedded(a: NumberField, p: Element, field: NumberField) -> Element:
    """An element of a, in a field that contains a."""
    if a is field:
        return p
    if p.is_constant():
        return field.ring.constant(p.leading_coefficient() if p else fmpq(0))
    return field.reduce(p.compose(*reversed(embedding(a, field)), ctx=field.ring), 0)
