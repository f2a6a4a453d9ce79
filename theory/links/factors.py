"""Factors of sums: what all terms share, squares (u = w v², so that sqrt(u) = |v| sqrt(w) and sign(u) = sign(w), whoever expanded
the square), and divisors that cancel, (z² - 1)/(z - 1) = z + 1 almost everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import TypeAlias

from flint import fmpq_mpoly_ctx, fmpq_poly

from steinlab.theory.budget import charge, priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.univariate import squarefree_factors, times
from steinlab.theory.links.cases import MAX_SPLITS
from steinlab.theory.links.ring import (
    PAIR_STEPS,
    Atom,
    Product,
    Sum,
    apply,
    constant,
    fix_signs,
    from_atom,
    leading_coefficient,
    multiply,
    variable,
)

MAX_TERMS = 100
"""Most terms of a sum, and of its root or quotient, in which a square or a divisor is looked for."""
MAX_FACTORED_DEGREE = 30
"""Highest degree of a polynomial in several variables that is factored."""
Powers: TypeAlias = tuple[Fraction, ...]


@priced(1_000)
def square_part(u: Sum) -> tuple[Sum, Sum] | None:
    """(w, v) with u = w v², v not constant; None where none is found. Kind: exact.

    Atoms stand for indeterminates: a sum in one of them is taken apart by its multiple factors; in several, a monomial times a
    whole square is recognised.

    >>> from steinlab.theory.links.ring import variable
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
    """(number, v) where long division leaves nothing."""
    found = _square_root(terms, signs)
    return (found[0], found[1]) if found is not None and not found[2] else None


def _square_root(terms: Terms, signs: list[int], most_left: int = 0) -> tuple[Terms, Terms, Terms] | None:
    """(number c, v, rest) with terms = c v² + rest, by the long division that finds a square root, from the leading term down.

    Terms that no term of v accounts for are left, at most so many. Squares of `signs` are 1.
    """
    top = max(terms)
    if any(e % 2 for e in top):
        return None
    lead, half = terms[top], tuple(e / 2 for e in top)
    root: Terms = {half: Number.of(1)}
    rest = {powers: c / lead for powers, c in terms.items()}
    left: Terms = {}

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
        if min(powers) < 0 or powers >= min(root):
            left[largest] = rest.pop(largest) * lead
            if len(left) > most_left:
                return None
            continue
        if len(root) == MAX_TERMS:
            return None
        subtract(powers, c * 2, root)
        subtract(powers, c, {powers: c})
        root[powers] = c
    return {(Fraction(0),) * len(half): lead}, root, left


def beside_a_square(p: Sum) -> tuple[Number, Sum] | None:
    """(c, r) with p = c v² + r for a polynomial v that is not constant, r of fewer terms; None where none is found. Kind: exact.

    >>> from steinlab.theory.links.ring import variable
    >>> z1, z2 = variable(0), variable(1)
    >>> [str(x) for x in beside_a_square(3 * (z1**2 - z2**2 - 1) ** 2 + z2**4 + 5)]
    ['3', '5 + z2**4']
    """
    if not 1 < len(p.terms) <= MAX_TERMS:
        return None
    names = Names(p)
    found = _square_root({names.powers(product): c for product, c in p.terms.items()}, [], MAX_TERMS)
    if found is None or len(found[1]) < 2 or len(found[2]) >= len(p.terms):
        return None
    ((_, c),) = found[0].items()
    return c, names.sum_of(found[2])


MAX_POWER = 8
"""Highest power of a divisor that is tried at once."""
Divisor: TypeAlias = tuple[Atom, Fraction]
"""A divisor and its negative exponent."""


def cancelled(u: Sum, among: Iterable[Divisor]) -> Sum:
    """u with what stands over each of these powers divided by the divisor where that leaves no remainder.

    D^e D = D^{e+1} where D is not 0, and a divisor vanishes on a null set only. Kind: exact.

    >>> from steinlab.theory.links.ring import power, variable
    >>> z = variable(0)
    >>> str((z**4 - 1) * power(1 + z**2, Fraction(-1)))
    '-1 + z1**2'
    """
    for divisor, e in sorted(among, key=lambda factor: (factor[0].order, factor[1])):
        over = Sum({p: c for p, c in u.terms.items() if (divisor, e) in p})
        above = Sum({tuple(f for f in p if f[0] is not divisor): c for p, c in over.terms.items()})
        for k in range(min(max(-(e.numerator // e.denominator), 1), MAX_POWER), 0, -1):
            found = quotient(above, divisor.argument**k)
            if found is not None:
                left = multiply(((divisor, e + k),), ()) if e + k else constant(1)
                return cancelled(u - over + found * left, [factor for factor in among if factor != (divisor, e)])
    return u


@priced(10_000)
def quotient(u: Sum, v: Sum) -> Sum | None:
    """q with q v = u, on either side of the kinks of v; None where long division leaves a remainder. Kind: exact.

    Atoms stand for indeterminates. The product of quotient and divisor is formed and compared.
    """
    found = _by_cases(u, v)
    return found if found is not None and found * v == u else None


def _by_cases(u: Sum, v: Sum, depth: int = 0) -> Sum | None:
    kinks = sorted({atom for p in v.terms for atom, _ in p if atom.name == "sign"}, key=lambda atom: atom.order)
    if not kinks:
        return _long_division(u, v)
    if depth + len(kinks) > MAX_SPLITS:
        return None
    plus, minus = (_by_cases(fix_signs(u, {kinks[0]: s}), fix_signs(v, {kinks[0]: s}), depth + 1) for s in (1, -1))
    return None if plus is None or minus is None else (plus + minus + (plus - minus) * from_atom(kinks[0])) * Fraction(1, 2)


def _long_division(u: Sum, v: Sum) -> Sum | None:
    if u.is_zero:
        return u
    if not (1 < len(v.terms) <= MAX_TERMS and 1 < len(u.terms) <= MAX_TERMS):
        return None
    names = Names(Sum({**u.terms, **v.terms}))
    rest, divisor = ({names.powers(product): c for product, c in w.terms.items()} for w in (u, v))
    lead = max(divisor)
    least = minus(tuple(map(min, *rest)), tuple(map(min, *divisor)))  # least exponents add up, each by itself
    out: dict[Powers, Number] = {}
    while rest:
        top = max(rest)
        shift, factor = minus(top, lead), rest[top] / divisor[lead]
        if len(out) == MAX_TERMS or any(a < b for a, b in zip(shift, least, strict=True)):
            return None
        charge(len(divisor), PAIR_STEPS * len(divisor))
        out[shift] = factor
        for powers, c in divisor.items():
            key = tuple(a + b for a, b in zip(powers, shift, strict=True))
            total = rest.pop(key, Number.of(0)) - c * factor
            if total:
                rest[key] = total
    whole = all(
        e >= 0 and e.denominator == 1
        for powers in out
        for atom, e in zip(names.atoms, powers, strict=True)
        if atom.name not in ("pi", "base", "exp")
    )
    return names.sum_of(out) if whole else None


def monic_factors(p: list[Number]) -> list[list[Number]]:
    """Monic factors of a squarefree polynomial with real roots taken out where they are rational or quadratic."""
    pieces = [p]
    if all(c.is_rational for c in p):
        numerator = fmpq_poly([c.rational for c in p]).numer()
        pieces = [[Number.of(c) for c in factor.coeffs()] for factor, _ in numerator.factor()[1]]
    out: list[list[Number]] = []
    for piece in pieces:
        monic = [c / piece[-1] for c in piece]
        roots = _quadratic_roots(monic) if len(monic) == 3 else None
        out += [[-root, Number.of(1)] for root in roots] if roots else [monic]
    return out


def rational_factors(p: Sum) -> list[tuple[Sum, int]]:
    """[(factor, multiplicity)] of a polynomial over the rationals, with a number that is left; [(p, 1)] where p is large.

    >>> from steinlab.theory.links.ring import variable
    >>> z1, z2 = variable(0), variable(1)
    >>> [(str(factor), k) for factor, k in rational_factors(2 * z1**3 - 2 * z1 * z2**2)]
    [('z1', 1), ('z1 - z2', 1), ('z1 + z2', 1), ('2', 1)]
    """
    if p.degree > MAX_FACTORED_DEGREE or len(p.terms) > MAX_TERMS or not all(c.is_rational for c in p.terms.values()):
        return [(p, 1)]
    order = sorted(p.variables)
    ring = fmpq_mpoly_ctx.get([f"z{i + 1}" for i in order], "lex")
    powers = [({atom.index: int(e) for atom, e in product}, c.rational) for product, c in p.terms.items()]
    lead, found = ring.from_dict({tuple(held.get(i, 0) for i in order): c for held, c in powers}).factor()
    out = [(constant(lead), 1)] if lead != 1 else []
    for factor, multiplicity in found:
        total = constant(0)
        for exponents, c in factor.to_dict().items():
            term = constant(c)
            for i, e in zip(order, exponents, strict=True):
                term = term * variable(i) ** int(e)
            total = total + term
        out.append((total, int(multiplicity)))
    return sorted(out, key=lambda part: part[0].order_text)


def _quadratic_roots(p: list[Number]) -> list[Number] | None:
    c, b, _ = p
    discriminant = b * b - 4 * c
    if discriminant.sign() <= 0:
        return None
    try:
        root = discriminant.root(2)
    except InputError:  # a field too large: the factor stays as it is
        return None
    return [(-b - root) / 2, (-b + root) / 2]


def content(u: Sum) -> tuple[Product, Sum]:
    """The common factor of all terms, and what is left."""
    products = list(u.terms)
    common = dict(products[0])
    for product in products[1:]:
        exponents = dict(product)
        common = {atom: min(e, exponents[atom]) for atom, e in common.items() if atom in exponents}
    rest: dict[Product, Number] = {}
    for product, c in u.terms.items():
        left = tuple((atom, e - common.get(atom, 0)) for atom, e in product)
        rest[tuple((atom, e) for atom, e in left if e)] = c
    return tuple(common.items()), Sum(rest)
