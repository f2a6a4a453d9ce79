"""Towers Q(t_1, ..., t_s) of real radicals, and exact arithmetic in one of them.

Each t_i is the positive n_i-th root of a positive element of the field below it. An element is stored as a polynomial in the t_i
reduced by their minimal polynomials, so it is zero exactly when its polynomial is. An element costs what its terms cost: the
degree of its tower bounds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from math import gcd, prod
from typing import TypeAlias

from flint import arb, fmpq, fmpq_mat, fmpq_mpoly, fmpq_mpoly_ctx

from steinlab.theory.errors import InputError

MAX_PAIRS = 100_000
"""Most pairs of terms multiplied at once: an element has at most as many terms as its field has dimensions."""
MAX_SOLVED_DEGREE = 64
"""Largest degree over Q of a field in which an inverse is found by linear algebra: of roots that are not square roots."""

Element: TypeAlias = fmpq_mpoly
"""An element of a field: a reduced polynomial in its radicals."""
Monomial: TypeAlias = tuple[int, ...]
"""Exponents of the radicals, bottom of the tower first."""


class Radical:
    """The positive root t = radicand^(1/order) of an element of `below`, the least tower that holds it."""

    def __init__(self, below: NumberField, radicand: Element, order: int) -> None:
        self.below = below
        self.radicand = radicand
        self.order = order
        self.key = (below.text(radicand), order)

    @property
    def is_nested(self) -> bool:
        """Whether the radicand is irrational."""
        return bool(self.below.radicals)

    def __str__(self) -> str:
        return root_text(self.key[0], Fraction(1, self.order))

    def __reduce__(self) -> tuple[object, ...]:
        return _radical, (self.below, dict(self.below.monomials(self.radicand)), self.order)


class NumberField:
    """A tower of real radicals over Q, with the reduced polynomials in them as elements.

    Fields are interned (`NumberField.get`): equal towers are the same object. `relations[i]` is the minimal polynomial of
    the i-th radical over the field below, monic, a polynomial in the generators up to i.
    """

    _interned: dict[tuple[tuple[str, int], ...], NumberField] = {}  # noqa: RUF012 - the class's own cache

    def __init__(self, radicals: tuple[Radical, ...], relations: tuple[dict[Monomial, fmpq], ...]) -> None:
        self.radicals = radicals
        self.relation_terms = relations
        self.ring = self.polynomial_ring(0)
        self.relation_degrees = tuple(max(m[i] for m in r) for i, r in enumerate(relations))
        self.degree = prod(self.relation_degrees)

    @staticmethod
    def get(radicals: tuple[Radical, ...], relations: tuple[dict[Monomial, fmpq], ...]) -> NumberField:
        key = tuple(r.key for r in radicals)
        if key not in NumberField._interned:
            NumberField._interned[key] = NumberField(radicals, relations)
        return NumberField._interned[key]

    @staticmethod
    def of_integer_roots(orders: Mapping[int, int]) -> NumberField:
        """Q(a^(1/n_a), ...) for {a: n_a}, the a > 1 pairwise coprime and none a perfect power.

        Its degree is the product of the n_a, so each t^n - a is irreducible. Real radicals are independent over Q unless two of
        them have a rational quotient (Besicovitch 1940, Mordell 1953). A product of powers Π a^(e_a/n_a), 0 <= e_a < n_a, that is
        rational has a rational a^(e_a/n_a) for each a, the a being coprime; with e_a != 0 that makes a a perfect power.
        """
        ordered = sorted(orders.items())
        relations = [{(0,) * i + (n,): fmpq(1), (0,) * (i + 1): fmpq(-a)} for i, (a, n) in enumerate(ordered)]
        return NumberField.get(tuple(Radical(QQ, QQ.ring.constant(a), n) for a, n in ordered), tuple(relations))

    # -- the tower

    @cached_property
    def integer_roots(self) -> dict[int, int]:
        """{a: n_a}: the part of the tower that `of_integer_roots` builds. It is the bottom: nested radicals come on top of it."""
        return {int(r.radicand.leading_coefficient()): r.order for r in self.radicals if not r.is_nested}

    @cached_property
    def nested(self) -> tuple[Radical, ...]:
        """The radicals above `integer_roots`."""
        return self.radicals[len(self.integer_roots) :]

    def closure(self, used: Iterable[int]) -> tuple[int, ...]:
        """The radicals, by rising index, of the least tower that holds those of `used`: nested ones need those below them."""
        wanted, found = list(used), set[int]()
        while wanted:
            i = wanted.pop()
            if i not in found:
                found.add(i)
                wanted += [j for monomial in self.relation_terms[i] for j, e in enumerate(monomial[:i]) if e]
        return tuple(sorted(found))

    def part(self, chosen: Sequence[int]) -> NumberField:
        """The tower of some of the radicals, closed under `closure`."""
        relations = tuple({tuple(m[j] for j in chosen if j <= i): c for m, c in self.relation_terms[i].items()} for i in chosen)
        return NumberField.get(tuple(self.radicals[i] for i in chosen), relations)

    def in_least_tower(self, p: Element) -> tuple[NumberField, Element]:
        """The tower of the radicals that an element needs, and the element there."""
        chosen = self.closure(i for i in range(len(self.radicals)) if self.involves(p, i))
        if len(chosen) == len(self.radicals):
            return self, p
        field = self.part(chosen)
        return field, field.element({tuple(m[i] for i in chosen): c for m, c in self.monomials(p)})

    def polynomial_ring(self, variables: int) -> fmpq_mpoly_ctx:
        """FLINT's ring Q[t_s, ..., t_1, z_1, ..., z_r]; later radicals first, so that a relation leads with its power."""
        names = [f"t{i + 1}" for i in reversed(range(len(self.radicals)))] + [f"z{i + 1}" for i in range(variables)]
        return fmpq_mpoly_ctx.get(names or ["_"], "lex")

    @lru_cache(maxsize=64)  # noqa: B019 - fields are interned and few
    def relations(self, variables: int) -> tuple[fmpq_mpoly, ...]:
        """The minimal polynomials as elements of `polynomial_ring(variables)`, the topmost radical's first."""
        size = len(self.radicals)
        ring = self.polynomial_ring(variables)
        out = []
        for i in reversed(range(size)):
            terms = {tuple(reversed(m + (0,) * (size - i - 1))) + (0,) * variables: c for m, c in self.relation_terms[i].items()}
            out.append(ring.from_dict(terms))
        return tuple(out)

    def reduce(self, p: fmpq_mpoly, variables: int) -> fmpq_mpoly:
        for relation in self.relations(variables):
            p = divmod(p, relation)[1]
        return p

    # -- elements

    def element(self, terms: Mapping[Monomial, fmpq]) -> Element:
        """The sum of multiples of monomials in the radicals."""
        return self.ring.from_dict({tuple(reversed(m)) or (0,): c for m, c in terms.items()})

    def generator(self, i: int) -> Element:
        """The i-th radical."""
        return self.ring.gens()[len(self.radicals) - 1 - i]

    def monomials(self, p: Element) -> list[tuple[Monomial, fmpq]]:
        """Pairs (monomial, rational coefficient)."""
        size = len(self.radicals)
        return [(tuple(reversed(m[:size])), c) for m, c in p.to_dict().items()]

    def involves(self, p: Element, i: int) -> bool:
        """Whether the i-th radical occurs in an element."""
        return bool(p.degrees()[len(self.radicals) - 1 - i])

    def is_nested(self, p: Element) -> bool:
        """Whether a nested radical occurs in an element."""
        return any(self.involves(p, i) for i in range(len(self.integer_roots), len(self.radicals)))

    def product(self, p: Element, q: Element) -> Element:
        """InputError beyond MAX_PAIRS pairs of terms."""
        if len(p) * len(q) > MAX_PAIRS:
            raise InputError(
                f"a product of numbers of {len(p)} and {len(q)} terms in {self}: at most {MAX_PAIRS} pairs are "
                "multiplied; use fewer different radicals"
            )
        return self.reduce(p * q, 0)

    def inverse(self, p: Element) -> Element:
        """1/p, at the cost of the radicals that occur. ZeroDivisionError at zero; InputError beyond MAX_SOLVED_DEGREE."""
        if not p:
            raise ZeroDivisionError("division by zero")
        if p.is_constant():
            return self.ring.constant(1 / p.leading_coefficient())
        if self.is_nested(p):
            return self._solved_inverse(p)
        if len(p) == 1:
            return self._monomial_inverse(p)
        conjugate = self._conjugate(p)
        return self._solved_inverse(p) if conjugate is None else self.product(conjugate, self.inverse(self.product(p, conjugate)))

    def _monomial_inverse(self, p: Element) -> Element:
        """1/(c Π t^e) = Π t^(n-e)/(c Π a), t^n = a."""
        ((monomial, c),) = self.monomials(p)
        powers = [(n - e if e else 0) for e, n in zip(monomial, self.relation_degrees, strict=True)]
        for e, (a, _) in zip(monomial, self.integer_roots.items(), strict=False):
            c = c * a if e else c
        return self.element({tuple(powers): 1 / c})

    def _conjugate(self, p: Element) -> Element | None:
        """The image under u -> -u, a power u of a radical with u^m rational, m even and least that all of the element is in the
        field of u and the other radicals: u does not occur in their product but in even powers. None where every m is odd.
        """
        terms = self.monomials(p)
        for i, n in enumerate(self.relation_degrees):
            step = gcd(n, *(m[i] for m, _ in terms))
            if step < n and n // step % 2 == 0:
                return self.element({m: -c if m[i] // step % 2 else c for m, c in terms})
        return None

    def _solved_inverse(self, p: Element) -> Element:
        """1/p by solving the multiplication map over Q of a field that holds the element."""
        terms = self.monomials(p)
        # the powers that occur of a radical under no other generate a field; those under others are all taken
        below = self.closure(i for i in range(len(self.integer_roots), len(self.radicals)) if self.involves(p, i))
        basis: list[Monomial] = [()]
        for i, degree in enumerate(self.relation_degrees):
            step = 1 if i in below else gcd(degree, *(m[i] for m, _ in terms))
            basis = [(*m, e) for m in basis for e in range(0, degree, step)]
            if len(basis) > MAX_SOLVED_DEGREE:
                raise InputError(
                    f"an inverse in {self} needs a field of degree {len(basis)} or more; where other roots than square roots of "
                    f"rational numbers occur, at most degree {MAX_SOLVED_DEGREE} is supported: use fewer different radicals"
                )
        index = {m: i for i, m in enumerate(basis)}
        matrix = fmpq_mat(len(basis), len(basis))
        for j, monomial in enumerate(basis):
            for m, c in self.monomials(self.product(p, self.element({monomial: fmpq(1)}))):
                matrix[index[m], j] = c
        unit = fmpq_mat(len(basis), 1)
        unit[0, 0] = 1
        solution = matrix.solve(unit)
        return self.element({m: solution[i, 0] for i, m in enumerate(basis) if solution[i, 0]})

    # -- enclosures and text

    def balls(self) -> list[arb]:
        """Enclosures of the radicals at FLINT's current precision, bottom of the tower first."""
        found: dict[tuple[str, int], arb] = {}
        for radical in self.radicals:
            known = [found[r.key] for r in radical.below.radicals]  # not all that stands below in this tower
            found[radical.key] = radical.below.ball(radical.radicand, known).root(radical.order)
        return list(found.values())

    def ball(self, p: Element, radicals: Sequence[arb] | None = None) -> arb:
        """An enclosure of an element at FLINT's current precision, from those of the radicals."""
        values, total = self.balls() if radicals is None else radicals, arb(0)
        for monomial, c in self.monomials(p):
            total += reduce(lambda acc, pair: acc * pair[0] ** pair[1], zip(values, monomial, strict=False), arb(c))
        return total

    def text(self, p: Element) -> str:
        """An element as text that the parser reads back."""
        if not p:
            return "0"
        terms = []
        for m, c in self.monomials(p):
            roots, nested = self.roots_of_integers(m), m[len(self.integer_roots) :]
            factors = [root_text(str(n), exponent) for exponent, n in roots]
            factors += [root_text(r.key[0], Fraction(int(e), r.order)) for r, e in zip(self.nested, nested, strict=False) if e]
            terms.append(((len(roots) + sum(nested), nested, roots), _term(c, factors)))
        return " + ".join(text for _, text in sorted(terms)).replace("+ -", "- ")

    def roots_of_integers(self, monomial: Monomial) -> tuple[tuple[Fraction, int], ...]:
        """Pairs (x, n), falling, whose n^x multiply to the roots of integers in a monomial, whatever field these stand in."""
        found: dict[Fraction, int] = {}
        for (a, order), e in zip(self.integer_roots.items(), monomial, strict=False):
            if e:
                exponent = Fraction(int(e), order)
                found[exponent] = found.get(exponent, 1) * a
        return tuple(sorted(found.items(), reverse=True))

    def __str__(self) -> str:
        return "Q(" + ", ".join(map(str, self.radicals)) + ")" if self.radicals else "Q"

    def __reduce__(self) -> tuple[object, ...]:
        return NumberField.get, (self.radicals, self.relation_terms)


QQ = NumberField.get((), ())
"""The rationals."""


def _radical(below: NumberField, terms: dict[Monomial, fmpq], order: int) -> Radical:
    """What pickling a radical comes back as."""
    return Radical(below, below.element(terms), order)


def root_text(radicand: str, exponent: Fraction) -> str:
    """radicand^exponent as text that the parser reads back."""
    if exponent == Fraction(1, 2):
        return f"sqrt({radicand})"
    base = radicand if radicand.isdigit() else f"({radicand})"
    return base if exponent == 1 else f"{base}**({exponent})"


def _term(c: fmpq, factors: list[str]) -> str:
    """c * factors with the denominator last: '3*sqrt(2)/4'."""
    sign, p, q = "-" if c < 0 else "", abs(c.p), c.q  # FLINT's integers: Python refuses to write very long ones
    numerator = "*".join(([str(p)] if p != 1 or not factors else []) + factors)
    return sign + numerator + (f"/{q}" if q != 1 else "")
