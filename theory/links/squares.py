"""Squares inside a sum: u = w v², so that sqrt(u) = |v| sqrt(w) and sign(u) = sign(w), whoever expanded the square."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import TypeAlias

from steinlab.theory.budget import priced
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.univariate import squarefree_factors, times
from steinlab.theory.links.symbolic import Atom, Product, Sum, apply, constant, leading_coefficient, multiply

MAX_TERMS = 100
"""Most terms of a sum, and of its root or quotient, in which a square or a divisor is looked for."""
Powers: TypeAlias = tuple[Fraction, ...]


@priced(1_000)
def square_part(u: Sum) -> tuple[Sum, Sum] | None:
    """(w, v) with u = w v², v not constant; None where none is found. Kind: exact.

    Atoms stand for indeterminates: a sum in one of them is taken apart by its multiple factors; in several, a monomial times a
    whole square is recognised.

    >>> from steinlab.theory.links.symbolic import variable
    >>> z1, z2, t = variable(0), variable(1), apply("tanh", variable(0))
    >>> [[str(x) for x in square_part(u)] for u in ((z1 - 2) ** 2 * (z1 + 1), 4 * (z2 - t) ** 2)]
    [['1 + z1', '-2 + z1'], ['4', 'z2 - tanh(z1)']]
    """
    if not 1 < len(u.terms) <= MAX_TERMS or any(e.denominator != 1 for product in u.terms for _, e in product):
        return None
    names = Names(u)
    terms = {names.powers(product): c for product, c in u.terms.items()}
    common = tuple(map(min, *terms))
    terms = {minus(powers, common): c for powers, c in terms.items()}
    found = _multiple_factors(terms) if len(common) == 1 else _whole_square(terms, names.signs)
    if found is None:
        return None
    w = names.sum_of(found[0]) * names.monomial([m % 2 for m in common])
    v = names.sum_of(found[1]) * names.monomial([Fraction(m // 2) for m in common])
    return (w, v) if v.variables and w * v * v == u else None


Terms: TypeAlias = dict[Powers, Number]
"""A polynomial in indeterminates: coefficients by exponents."""


class Names:
    """The indeterminates of a sum: its atoms, exponentials of commensurable arguments being powers of one."""

    def __init__(self, u: Sum) -> None:
        atoms = sorted({atom for product in u.terms for atom, _ in product}, key=lambda atom: atom.order)
        ratios = _ratios([atom for atom in atoms if atom.name == "exp"])
        first = next(iter(ratios), None)
        self.atoms = [atom for atom in atoms if atom not in ratios or atom is first]
        self.signs = [i for i, atom in enumerate(self.atoms) if atom.name == "sign"]
        self.ratios, self.first = ratios, first

    def powers(self, product: Product) -> Powers:
        held = dict(product)
        shared = sum((self.ratios[atom] * e for atom, e in product if atom in self.ratios), Fraction(0))
        return tuple(shared if atom is self.first else held.get(atom, Fraction(0)) for atom in self.atoms)

    def monomial(self, powers: Sequence[Fraction]) -> Sum:
        out = constant(1)
        for atom, e in zip(self.atoms, powers, strict=True):
            if e and atom is self.first:
                out = out * apply("exp", atom.argument * (e / self.ratios[atom]))
            elif e:
                out = out * multiply(((atom, e),), ())
        return out

    def sum_of(self, terms: Terms) -> Sum:
        out = constant(0)
        for powers, c in terms.items():
            out = out + self.monomial(powers) * c
        return out


def _ratios(exponentials: list[Atom]) -> dict[Atom, int]:
    """{atom: k} with arguments k·a for one a, k whole; empty where the arguments have no such a."""
    if not exponentials:
        return {}
    first = exponentials[0].argument
    found: dict[Atom, Fraction] = {}
    for atom in exponentials:
        ratio = leading_coefficient(atom.argument) / leading_coefficient(first)
        if not ratio.is_rational or atom.argument != first * ratio:
            return {}
        found[atom] = ratio.fraction
    whole = lcm(*(share.denominator for share in found.values()))
    return {atom: int(share * whole) for atom, share in found.items()}


def minus(a: Powers, b: Powers) -> Powers:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _multiple_factors(terms: Terms) -> tuple[Terms, Terms]:
    """(w, v) of a polynomial in one indeterminate, by its factors of multiplicity 2 and more."""
    coefficients = [terms.get((Fraction(k),), Number.of(0)) for k in range(int(max(terms)[0]) + 1)]
    w, v = [coefficients[-1]], [Number.of(1)]
    for factor, multiplicity in squarefree_factors(coefficients):
        monic = [c / factor[-1] for c in factor]
        for _ in range(multiplicity // 2):
            v = times(v, monic)
        w = times(w, monic) if multiplicity % 2 else w
    return {(Fraction(k),): c for k, c in enumerate(w) if c}, {(Fraction(k),): c for k, c in enumerate(v) if c}


def _whole_square(terms: Terms, signs: list[int]) -> tuple[Terms, Terms] | None:
    """(number, v) by the long division that finds a square root, from the leading term down. Squares of `signs` are 1."""
    top = max(terms)
    if any(e % 2 for e in top):
        return None
    lead, half = terms[top], tuple(e / 2 for e in top)
    root: Terms = {half: Number.of(1)}
    rest = {powers: c / lead for powers, c in terms.items()}

    def subtract(shift: Powers, factor: Number, terms: Terms) -> None:
        for powers, c in terms.items():
            key = tuple((a + b) % 2 if i in signs else a + b for i, (a, b) in enumerate(zip(powers, shift, strict=True)))
            total = rest.pop(key, Number.of(0)) - c * factor
            if total:
                rest[key] = total

    subtract(half, Number.of(1), root)
    while rest:
        largest = max(rest)
        powers, c = minus(largest, half), rest[largest] / 2
        if len(root) == MAX_TERMS or min(powers) < 0 or powers >= min(root):
            return None
        subtract(powers, c * 2, root)
        subtract(powers, c, {powers: c})
        root[powers] = c
    return {(Fraction(0),) * len(half): lead}, root
