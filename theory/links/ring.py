"""Links as sums of products of functions with exact coefficients, in a normal form that decides many identities.

A `Sum` is Σ c · Π atom^e with algebraic numbers c. Every rule used to build one is an identity that holds almost
everywhere, so two links with the same normal form are equal and a normal form without terms is zero: that is a proof. The
converse does not hold: equal links may have different normal forms, and then nothing is concluded from the form.

Kinks are written with `sign` alone: |u| = u sign(u), relu(u) = u (1 + sign(u))/2, Max(u, v) = (u + v + |u - v|)/2, and
sigmoid(u) = (1 + tanh(u/2))/2. Since sign(u)² = 1, relu(z) + relu(-z) = |z| is an identity of normal forms.

Inside these forms sign(u) stands for ±1, either where u = 0: it multiplies u there, so that the form does not depend on which.
A sign or a condition that somebody wrote goes through `zero_sets`, which takes out the set on which its argument vanishes.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import ClassVar, Protocol, TypeAlias
from weakref import WeakValueDictionary

from steinlab.theory.budget import charge, priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, Scalar, repeated_squaring

MAX_PRODUCTS = 100_000
"""Most pairs of terms multiplied at once."""
ENERGY = "energy"
"""The name of ‖C_k‖²/k! of the argument, k the index, and of its variance where the index is negative."""
PAIR_STEPS = 5
"""Steps of work, in the reckoning of a whole report, for a pair of terms multiplied, or for a term put in normal form."""


class Atom:
    """A factor of a product: a variable, π, a function of a Sum, a power base, an expectation E[...], or an unknown number.

    Atoms of one name with equal arguments are the same object, however the numbers in these are written, so equality is identity;
    the argument is kept in its canonical form, the same for all of them.
    `name` is "z", "pi", "base", "E", ENERGY, "unknown" or that of a function; `text` is the name of an unknown number. `order`
    sorts atoms and depends on nothing that was asked before.
    """

    __slots__ = ("__weakref__", "argument", "index", "name", "order", "text", "variables")
    _interned: ClassVar[WeakValueDictionary[tuple[str, int, Sum, str], Atom]] = WeakValueDictionary()

    name: str
    argument: Sum
    index: int
    text: str
    order: tuple[int, int, str]
    variables: frozenset[int]

    @staticmethod
    def get(name: str, argument: Sum, index: int = -1, text: str = "") -> Atom:
        found = Atom._interned.get((name, index, argument, text))
        if found is not None:
            return found
        argument = argument.canonical
        atom = Atom()
        atom.name, atom.argument, atom.index, atom.text = name, argument, index, text
        written = text or _call_text(name, index, argument.order_text)
        atom.order = (0 if name == "z" else 2 if name == "sign" else 1, index, written)
        atom.variables = frozenset([index]) if name == "z" else frozenset() if name in ("E", ENERGY) else argument.variables
        Atom._interned[name, index, argument, text] = atom
        return atom

    @property
    def key(self) -> str:
        """The atom as text."""
        return self.text or _call_text(self.name, self.index, str(self.argument))

    @property
    def is_variable(self) -> bool:
        return self.name == "z"

    def __repr__(self) -> str:
        return self.key


atexit.register(Atom._interned.clear)  # at the very end keys are no longer compared: what they are made of is gone

Product: TypeAlias = tuple[tuple[Atom, Fraction], ...]
"""Factors (atom, exponent), sorted, each atom once. Exponents are whole and positive except those of π and of power bases."""


class Rules(Protocol):
    """What a ring of functions knows beyond + and ×: the rewriting rules that keep its sums in normal form.

    They decide signs and zeros of sums, which takes products of sums: the one call up of the normal form goes through here.
    """

    def product(self, left: Product, right: Product) -> Sum:
        """The product of two products, the lesser one first."""

    def cancelled(self, u: Sum, among: Iterable[tuple[Atom, Fraction]]) -> Sum:
        """u with what is a multiple of one of these divisors, and stands over it, divided."""

    def function(self, name: str, u: Sum) -> Sum:
        """The function `name` (exp, sin, cos, tanh, erf, asin, sign) of u."""

    def derivative(self, atom: Atom) -> Sum:
        """f'(u) for an atom f(u)."""

    def logarithm(self, u: Sum) -> Sum:
        """log u."""

    def power(self, u: Sum, exponent: Fraction) -> Sum:
        """u^exponent."""


class Sum:
    """An immutable sum of products with exact coefficients, in normal form.

    >>> z = variable(0)
    >>> str(relu(z) + relu(-z) - absolute(z)), str(apply("sin", z) ** 2 + apply("cos", z) ** 2)
    ('0', '1')
    """

    __slots__ = ("__dict__", "terms")
    rules: ClassVar[Rules]
    """Given by `theory.links` to all sums."""

    def __init__(self, terms: Mapping[Product, Number]) -> None:
        self.terms = terms

    # -- structure

    @property
    def is_zero(self) -> bool:
        return not self.terms

    @property
    def number(self) -> Number | None:
        """The value, when the sum is an algebraic number."""
        if not self.terms:
            return Number.of(0)
        return self.terms.get(()) if len(self.terms) == 1 else None

    @cached_property
    def variables(self) -> frozenset[int]:
        return frozenset(i for product in self.terms for atom, _ in product for i in atom.variables)

    @cached_property
    def is_polynomial(self) -> bool:
        return all(atom.is_variable for product in self.terms for atom, _ in product)

    @cached_property
    def degree(self) -> int:
        """The degree as a polynomial in the variables that stand outside functions."""
        return max((int(sum(e for atom, e in p if atom.is_variable)) for p in self.terms), default=0)

    @cached_property
    def divisors(self) -> frozenset[tuple[Atom, Fraction]]:
        """The negative powers in it of sums of several terms, or of sines and cosines, whose squares are such sums."""
        return frozenset(
            (atom, e)
            for product in self.terms
            for atom, e in product
            if atom.name == "base" and e < 0 and _is_compound(atom.argument)
        )

    @property
    def is_affine(self) -> bool:
        return self.is_polynomial and self.degree <= 1

    @property
    def canonical(self) -> Sum:
        """The same sum, its terms sorted and its numbers canonical: what is kept for it does not depend on who came first."""
        return Sum({p: self.terms[p].canonical for p in sorted(self.terms, key=product_order)})

    # -- arithmetic

    def __add__(self, other: Sum | Scalar) -> Sum:
        out = dict(self.terms)
        for product, c in _sum(other).terms.items():
            accumulate(out, product, c)
        return Sum(out)._over(other.divisors if isinstance(other, Sum) else frozenset())

    def __neg__(self) -> Sum:
        return Sum({product: -c for product, c in self.terms.items()})

    def __sub__(self, other: Sum | Scalar) -> Sum:
        return self + -_sum(other)

    def __mul__(self, other: Sum | Scalar) -> Sum:
        if not isinstance(other, Sum):
            c = Number.of(other)
            return Sum({product: c * x for product, x in self.terms.items()} if c else {})
        if len(self.terms) * len(other.terms) > MAX_PRODUCTS:
            raise InputError(
                f"the link expands to more than {MAX_PRODUCTS} products: write it with fewer factors or lower powers"
            )
        pairs = len(self.terms) * len(other.terms)
        charge(pairs, PAIR_STEPS * pairs)
        out: dict[Product, Number] = {}
        for left, a in self.terms.items():
            for right, b in other.terms.items():
                c = a * b
                for product, x in multiply(left, right).terms.items():
                    accumulate(out, product, c * x)
        return Sum(out)._over(self.divisors | other.divisors)

    def _over(self, divisors: frozenset[tuple[Atom, Fraction]]) -> Sum:
        return Sum.rules.cancelled(self, divisors) if divisors and len(self.terms) > 1 else self

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Scalar) -> Sum:
        return -self + other

    def __pow__(self, exponent: int) -> Sum:
        if exponent < 0:
            raise ValueError(f"the power {exponent} of a sum is no sum of products: use power() for an exponent below 0")
        return repeated_squaring(self, exponent, Sum({(): Number.of(1)}))

    def __eq__(self, other: object) -> bool:
        return self.terms == other.terms if isinstance(other, Sum) else NotImplemented

    @cached_property
    def _hash(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __hash__(self) -> int:
        return self._hash

    # -- calculus

    def substitute(self, images: Mapping[int, Sum]) -> Sum:
        """The sum with the variables replaced, in normal form."""
        charge(len(self.terms), PAIR_STEPS * len(self.terms))
        out: dict[Product, Number] = {}
        for product, c in self.terms.items():
            for image, x in substitute(product, images).terms.items():
                accumulate(out, image, c * x)
        return Sum(out)

    def derivative(self, i: int) -> Sum:
        """∂/∂z_{i+1} away from kinks and jumps (where it is taken, sign is locally constant)."""
        out: dict[Product, Number] = {}
        for product, c in self.terms.items():
            for position, (atom, e) in enumerate(product):
                if i in atom.variables and atom.name != "sign":
                    lowered = ((atom, e - 1),) if e != 1 else ()
                    rest = product[:position] + lowered + product[position + 1 :]
                    if atom.is_variable:
                        accumulate(out, rest, c * e)
                        continue
                    for image, x in (Sum({rest: c * e}) * _slope(atom, i)).terms.items():
                        accumulate(out, image, x)
        return Sum(out)

    def coefficients_in(self, i: int) -> dict[int, Sum] | None:
        """{k: coefficient of z_{i+1}^k} when the sum is polynomial in that variable, None otherwise."""
        out: dict[int, dict[Product, Number]] = {}
        for product, c in self.terms.items():
            power, rest = 0, []
            for atom, e in product:
                if atom.is_variable and atom.index == i:
                    power = int(e)
                elif i in atom.variables:
                    return None
                else:
                    rest.append((atom, e))
            out.setdefault(power, {})[tuple(rest)] = c
        return {k: Sum(terms) for k, terms in out.items()}

    @property
    def univariate(self) -> list[Number]:
        """The coefficients, constant first, of a polynomial in one variable."""
        out = [Number.of(0)] * (self.degree + 1)
        for product, c in self.terms.items():
            out[int(sum(e for _, e in product))] = c
        return out

    # -- text

    @cached_property
    def _text(self) -> str:
        if not self.terms:
            return "0"
        return " + ".join(_term_text(self.terms[p], p) for p in sorted(self.terms, key=product_order)).replace("+ -", "- ")

    @cached_property
    def order_text(self) -> str:
        """A text to sort by, the same for equal sums."""
        return " + ".join(
            "*".join([self.terms[p].order_text, *(f"{atom.order[2]}**({e})" for atom, e in p)])
            for p in sorted(self.terms, key=product_order)
        )

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Sum({self})"


# -- construction


def unknown(text: str) -> Sum:
    """A number of which nothing is known, under its name: what was not worked out. Equal names stand for equal numbers."""
    return from_atom(Atom.get("unknown", constant(0), text=text))


def constant(value: Scalar) -> Sum:
    c = Number.of(value)
    return Sum({(): c} if c else {})


def from_atom(atom: Atom, exponent: int | Fraction = 1) -> Sum:
    return Sum({((atom, Fraction(exponent)),): Number.of(1)})


@lru_cache(maxsize=256)
def variable(i: int) -> Sum:
    """z_{i+1}."""
    return from_atom(Atom.get("z", constant(0), i))


def pi(exponent: int | Fraction = 1) -> Sum:
    """π^exponent."""
    return from_atom(Atom.get("pi", constant(0)), exponent)


def polynomial(coefficients: Sequence[Number], i: int = 0) -> Sum:
    """The polynomial in z_{i+1} with these coefficients, constant first."""
    z = Atom.get("z", constant(0), i)
    return Sum({((z, Fraction(k)),) if k else (): c for k, c in enumerate(coefficients) if c})


def absolute(u: Sum) -> Sum:
    return u * apply("sign", u)


def relu(u: Sum) -> Sum:
    return (u + absolute(u)) * Fraction(1, 2)


def sigmoid(u: Sum) -> Sum:
    return (apply("tanh", u * Fraction(1, 2)) + 1) * Fraction(1, 2)


def fix_signs(u: Sum, signs: Mapping[Atom, int]) -> Sum:
    """u with the given sign atoms, outside functions, replaced by ±1."""
    out: dict[Product, Number] = {}
    for product, c in u.terms.items():
        for atom, _ in product:
            if atom in signs:
                c = c * signs[atom]
        accumulate(out, tuple((atom, e) for atom, e in product if atom not in signs), c)
    return Sum(out)


# -- products


def multiply(left: Product, right: Product) -> Sum:
    """The normal form of a product of two products (the right one may be empty, to normalise the left)."""
    if not left and is_monomial(right):
        return Sum({right: Number.of(1)})
    return Sum.rules.product(*((left, right) if product_order(left) <= product_order(right) else (right, left)))


def apply(name: str, u: Sum) -> Sum:
    """The function `name` (exp, sin, cos, tanh, erf, asin, sign) of u, in normal form; for others see `logarithm`, `power`."""
    return Sum.rules.function(name, u)


def logarithm(u: Sum) -> Sum:
    """log u for u > 0 almost everywhere (the caller's duty; InputError at 0). The log of a product is taken apart."""
    return Sum.rules.logarithm(u)


def power(u: Sum, exponent: Fraction) -> Sum:
    """u^exponent for u >= 0 almost everywhere (the caller's duty; InputError for 0^-k), or a whole exponent >= 0."""
    return Sum.rules.power(u, exponent)


def _is_compound(u: Sum) -> bool:
    return len(u.terms) > 1 or any(atom.name in ("sin", "cos") for product in u.terms for atom, _ in product)


def is_monomial(product: Product) -> bool:
    """Whether variables alone stand in a product."""
    return all(atom.is_variable for atom, _ in product)


@priced(50_000)
def _substitute_atom(atom: Atom, images: tuple[tuple[int, Sum], ...]) -> Sum:
    mapping = dict(images)
    if atom.is_variable:
        return mapping.get(atom.index, variable(atom.index))
    argument = atom.argument.substitute(mapping)
    return logarithm(argument) if atom.name == "log" else argument if atom.name == "base" else apply(atom.name, argument)


def substitute(product: Product, images: Mapping[int, Sum]) -> Sum:
    """A product with the variables replaced, in normal form."""
    out = constant(1)
    for atom, e in product:
        if not any(i in images for i in atom.variables):
            out = out * multiply(((atom, e),), ())
            continue
        image = _substitute_atom(atom, tuple(sorted(((i, images[i]) for i in atom.variables if i in images), key=lambda p: p[0])))
        out = out * (power(image, e) if atom.name == "base" else image ** int(e))
    return out


def _slope(atom: Atom, i: int) -> Sum:
    """The derivative of a function by z_{i+1}; of a power base, that of the base."""
    inner = atom.argument.derivative(i)
    return inner if atom.name == "base" else Sum.rules.derivative(atom) * inner


# -- small helpers


def is_polynomial_form(g: Sum) -> bool:
    """Whether g is a sum of products of variables and constants such as π: no function of a variable stands in it."""
    return all(atom.is_variable or not atom.variables for product in g.terms for atom, _ in product)


def leading_coefficient(u: Sum) -> Number:
    """The coefficient of the first term in an order that depends on the products alone."""
    return u.terms[leading_product(u)] if u.terms else Number.of(0)


def leading_product(u: Sum) -> Product:
    """The product of that term; u is not zero."""
    return min(u.terms, key=lambda p: (not p, product_order(p)))


def product_order(product: Product) -> tuple[tuple[tuple[int, int, str], Fraction], ...]:
    return tuple((atom.order, -e) for atom, e in product)


def factor_order(factor: tuple[Atom, Fraction]) -> tuple[int, int, str]:
    return factor[0].order


def outer_atoms(u: Sum) -> Iterable[Atom]:
    """The atoms outside functions, each once, in a fixed order."""
    return sorted({atom for product in u.terms for atom, _ in product}, key=lambda atom: atom.order)


def accumulate(out: dict[Product, Number], product: Product, c: Number) -> None:
    known = out.get(product)
    total = c if known is None else known + c
    if total:
        out[product] = total
    elif known is not None:
        del out[product]


def _sum(value: Sum | Scalar) -> Sum:
    return value if isinstance(value, Sum) else constant(value)


def _call_text(name: str, index: int, argument: str) -> str:
    if name in ("z", "pi"):
        return f"z{index + 1}" if name == "z" else name
    if name == ENERGY:
        return f"Var[{argument}]" if index < 0 else f"E[({argument})**2] in degree {index}"
    return f"({argument})" if name == "base" else f"E[{argument}]" if name == "E" else f"{name}({argument})"


def _term_text(c: Number, product: Product) -> str:
    factors = []
    for atom, e in product:
        factors.append(atom.key if e == 1 else f"{atom.key}**{e}" if e.denominator == 1 and e > 0 else f"{atom.key}**({e})")
    text = "*".join(factors)
    if not factors:
        return str(c)
    if c == 1 or c == -1:
        return text if c == 1 else f"-{text}"
    number = str(c)
    return f"({number})*{text}" if " " in number else f"{number}*{text}"


def sign_atoms(u: Sum) -> list[Atom]:
    """The sign atoms in a sum and inside its functions, innermost first."""
    out: list[Atom] = []
    for atom in sorted({atom for product in u.terms for atom, _ in product}, key=lambda atom: atom.order):
        if not atom.is_variable and atom.variables:
            out += [kink for kink in sign_atoms(atom.argument) if kink not in out]
            if atom.name == "sign" and atom not in out:
                out.append(atom)
    return out
