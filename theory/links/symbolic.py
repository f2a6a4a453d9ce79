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
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from itertools import combinations, pairwise
from typing import ClassVar, TypeAlias
from weakref import WeakValueDictionary

from steinlab.theory.budget import charge, priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, Scalar

BOUNDED = ("tanh", "erf", "sin", "cos", "sign")
"""Functions with values in [-1, 1] on the real line."""
ODD = ("tanh", "erf", "sin", "asin")
"""Odd functions; `sign` is odd too and normalised by a rule of its own."""
_OF_CONSTANTS = ("exp", "tanh", "sin", "cos")
"""Functions that are numbers at some logarithms or multiples of π."""
MAX_PRODUCTS = 100_000
"""Most pairs of terms multiplied at once."""
PAIR_STEPS = 5
"""Steps of work, in the reckoning of a whole report, for a pair of terms multiplied, or for a term put in normal form."""
MAX_ARGUMENTS = 4
"""Most arguments of Max whose pairs are all compared; of more, groups are compared."""
MAX_SPLITS = 6
"""Most kinks inside the argument of a function that are taken apart case by case."""
MAX_BREAKPOINTS = 128
"""Most kinks on a line that are taken apart piece by piece."""


class Atom:
    """A factor of a product: a variable, π, a function of a Sum, a power base, an expectation E[...], or an unknown number.

    Atoms of one name with equal arguments are the same object, however the numbers in these are written, so equality is identity;
    the argument is kept in its canonical form, the same for all of them.
    `name` is "z", "pi", "base", "E", "unknown" or that of a function; `text` is the name of an unknown number. `order` sorts
    atoms and depends on nothing that was asked before.
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
        atom.variables = frozenset([index]) if name == "z" else frozenset() if name == "E" else argument.variables
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


class Sum:
    """An immutable sum of products with exact coefficients, in normal form.

    >>> z = variable(0)
    >>> str(relu(z) + relu(-z) - absolute(z)), str(apply("sin", z) ** 2 + apply("cos", z) ** 2)
    ('0', '1')
    """

    __slots__ = ("__dict__", "terms")

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
            _accumulate(out, product, c)
        return _cancelled(Sum(out), other.divisors if isinstance(other, Sum) else frozenset())

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
                    _accumulate(out, product, c * x)
        return _cancelled(Sum(out), self.divisors | other.divisors)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Scalar) -> Sum:
        return -self + other

    def __pow__(self, exponent: int) -> Sum:
        out, base = Sum({(): Number.of(1)}), self
        while exponent:
            if exponent & 1:
                out = out * base
            exponent >>= 1
            if exponent:
                base = base * base
        return out

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
                _accumulate(out, image, c * x)
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
                        _accumulate(out, rest, c * e)
                        continue
                    for image, x in (Sum({rest: c * e}) * _slope(atom, i)).terms.items():
                        _accumulate(out, image, x)
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


def larger(u: Sum, v: Sum) -> Sum:
    """Max(u, v)."""
    return (u + v + absolute(u - v)) * Fraction(1, 2)


def largest(arguments: Sequence[Sum]) -> Sum:
    """Max of any number: Σ u_i Π_{j≠i} (1 + sign(u_i - u_j))/2 over distinct u_i, a form that does not depend on their order.

    Where several of them may agree on a set of positive measure the weights need not add up to 1, and pairs are compared instead.
    """
    distinct = list(dict.fromkeys(arguments))
    if len(distinct) > MAX_ARGUMENTS:
        return larger(largest(distinct[:MAX_ARGUMENTS]), largest(distinct[MAX_ARGUMENTS:]))
    if len(distinct) > 2:
        from steinlab.theory.links.zero_sets import is_nonzero

        if not all(is_nonzero(u - v) for u, v in combinations(distinct, 2)):
            return reduce(larger, distinct)
    sides = {(i, j): apply("sign", distinct[i] - distinct[j]) for i, j in combinations(range(len(distinct)), 2)}
    out = constant(0)
    for i, u in enumerate(distinct):
        term = u
        for j in range(len(distinct)):
            if i != j:
                term = (term + term * (sides[i, j] if i < j else -sides[j, i])) * Fraction(1, 2)
        out = out + term
    return out


@priced(20_000)
def apply(name: str, u: Sum) -> Sum:
    """The function `name` (exp, sin, cos, tanh, erf, sign) of u, in normal form. See `logarithm`, `power` for the others."""
    if name == "sign":
        from steinlab.theory.links.signs import sign

        return sign(u)
    kinks = [atom for atom in _atoms(u) if atom.name == "sign"]
    # each branch of a bounded function is bounded; of the others only exp of an affine function is sure to be integrable
    if kinks and (name in BOUNDED or without_signs(u).is_affine):
        ordered = breakpoints(kinks, u.variables)
        if ordered is not None:
            return along_line(ordered, u, lambda branch: apply(name, branch))
        if len(kinks) <= MAX_SPLITS:
            return split(kinks[0], u, lambda branch: apply(name, branch))
    value = u.number
    if value is not None and value.is_zero:
        return constant(1 if name in ("exp", "cos") else 0)
    if name in _OF_CONSTANTS and any(len(p) == 1 and p[0][0].name in ("log", "pi") and not p[0][0].variables for p in u.terms):
        from steinlab.theory.links.closed_forms import known

        simpler = known(name, u)
        if simpler is not None:
            return simpler
    if name == "exp" and len(u.terms) == 1:
        ((product, c),) = u.terms.items()
        if len(product) == 1 and product[0][0].name == "log" and product[0][1] == 1 and c.is_rational:
            return power(product[0][0].argument, c.fraction)
    if name in (*ODD, "cos") and leading_coefficient(u).sign() < 0:
        return apply(name, -u) * (1 if name == "cos" else -1)
    return from_atom(Atom.get(name, u))


def split(kink: Atom, u: Sum, branch: Callable[[Sum], Sum]) -> Sum:
    """branch(u) by cases on the sign s of a kink: (1 + s)/2 branch(u at s = 1) + (1 - s)/2 branch(u at s = -1)."""
    plus, minus = branch(fix_signs(u, {kink: 1})), branch(fix_signs(u, {kink: -1}))
    return (plus + minus + (plus - minus) * from_atom(kink)) * Fraction(1, 2)


def breakpoints(kinks: Iterable[Atom], variables: Iterable[int]) -> dict[Sum, Atom] | None:
    """Sign atoms of affine functions of one variable by their roots, rising; None where there are others, or no proved order.

    The argument of such an atom has leading coefficient 1: it increases. A root is a constant, such as log(2).
    """
    found: dict[Sum, Atom] = {}
    (i, *more) = variables or (-1,)
    for kink in kinks:
        parts = kink.argument.coefficients_in(i) if not more else None
        slope = parts[1].number if parts is not None and parts.keys() <= {0, 1} and 1 in parts else None
        if parts is None or slope is None or slope.sign() < 0:
            return None
        found[parts.get(0, constant(0)) * -slope.inverse()] = kink
    if len(found) > MAX_BREAKPOINTS:
        return None
    numbers = [(t.number, t) for t in found]
    if all(x is not None for x, _ in numbers):
        return {t: found[t] for _, t in sorted(numbers, key=lambda pair: pair[0] or Number.of(0))}
    from steinlab.theory.links.signs import rising

    ordered = rising(list(found))
    return None if ordered is None else {t: found[t] for t in ordered}


def along_line(ordered: Mapping[Sum, Atom], u: Sum, branch: Callable[[Sum], Sum]) -> Sum:
    """branch(u) on each piece of the line between breakpoints: k + 1 pieces, where cases by the signs would be 2^k.

    With f_0, ..., f_k on the pieces, (f_0 + f_k)/2 + Σ_j (f_j - f_{j-1})/2 sign(z - t_j).
    """
    kinks = list(ordered.values())
    forms = [branch(fix_signs(u, {kink: 1 if j < i else -1 for j, kink in enumerate(kinks)})) for i in range(len(kinks) + 1)]
    out = forms[0] + forms[-1]
    for kink, (before, after) in zip(kinks, pairwise(forms), strict=True):
        out = out + (after - before) * from_atom(kink)
    return out * Fraction(1, 2)


def fix_signs(u: Sum, signs: Mapping[Atom, int]) -> Sum:
    """u with the given sign atoms, outside functions, replaced by ±1."""
    out: dict[Product, Number] = {}
    for product, c in u.terms.items():
        for atom, _ in product:
            if atom in signs:
                c = c * signs[atom]
        _accumulate(out, tuple((atom, e) for atom, e in product if atom not in signs), c)
    return Sum(out)


def settle(u: Sum, signs: Mapping[Atom, int]) -> Sum:
    """u with the given sign atoms replaced by ±1, inside functions too: equal to u where they have these values.

    A logarithm or power of one factor is that of its absolute value, and keeps its sign atom.
    """
    charge(len(u.terms), PAIR_STEPS * len(u.terms))
    out: dict[Product, Number] = {}
    settled: dict[tuple[Atom, Fraction], Sum] = {}
    for product, c in fix_signs(u, signs).terms.items():
        kept, changed = [], constant(c)
        for factor in product:
            if factor not in settled:
                settled[factor] = _settle_factor(*factor, signs)
            if settled[factor].terms.keys() == {(factor,)}:
                kept.append(factor)
            else:
                changed = changed * settled[factor]
        if len(kept) == len(product):
            _accumulate(out, product, c)
            continue
        for image, x in (changed * Sum({tuple(kept): Number.of(1)})).terms.items():
            _accumulate(out, image, x)
    return Sum(out)


def _settle_factor(atom: Atom, e: Fraction, signs: Mapping[Atom, int]) -> Sum:
    factor = multiply(((atom, e),), ())
    if atom.is_variable or not atom.variables:
        return factor
    argument = settle(atom.argument, signs)
    if argument == atom.argument:
        return factor
    if atom.name == "base":
        return power(argument, e)
    return (logarithm(argument) if atom.name == "log" else apply(atom.name, argument)) ** int(e)


def without_signs(u: Sum) -> Sum:
    """u with every sign atom outside functions replaced by 1: same degree and functions as its branches."""
    return Sum({tuple((a, e) for a, e in product if a.name != "sign"): Number.of(1) for product in u.terms})


def logarithm(u: Sum) -> Sum:
    """log u for u > 0 almost everywhere (the caller's duty; InputError at 0). The log of a product is taken apart."""
    value = u.number
    if value is not None:
        if value.is_zero:
            raise InputError("the logarithm of zero: use a positive argument")
        from steinlab.theory.links.closed_forms import logarithm_of

        return logarithm_of(value)
    from steinlab.theory.links.logistic import factored

    parts = factored(u)  # log(1 + e^v) = v/2 + log(e^{v/2} + e^{-v/2}), whose symmetry is visible
    if parts is not None and parts[2] != u:
        scale, middle, exponentials, side = parts
        return logarithm(constant(scale)) + middle + logarithm(exponentials) * side
    centre = _centre(u) if parts is None else constant(0)
    if not centre.is_zero:
        return centre + logarithm(u * apply("exp", -centre))
    if len(u.terms) == 1:
        ((product, c),) = u.terms.items()
        factors = magnitudes(product)
        if factors is not None and factors != [(u, Fraction(1))]:
            out = logarithm(constant(abs(c)))
            for base, e in factors:
                out = out + logarithm(base) * e
            return out
        if len(product) == 1 and product[0][0].name == "exp":
            return product[0][0].argument
    return from_atom(Atom.get("log", u))


def _centre(u: Sum) -> Sum:
    """The mean of the exponents of a sum of several exponentials and numbers; 0 for any other sum."""
    if len(u.terms) < 2 or any(atom.name != "exp" for product in u.terms for atom, _ in product):
        return constant(0)
    total = constant(0)
    for product in u.terms:
        total = total + (product[0][0].argument if product else 0)
    return total * Fraction(1, len(u.terms))


def power(u: Sum, exponent: Fraction) -> Sum:
    """u^exponent for u >= 0 almost everywhere (the caller's duty; InputError for 0^-k), or a whole exponent >= 0."""
    if exponent.denominator == 1 and exponent >= 0:
        return u ** int(exponent)
    if u.is_zero and exponent < 0:
        raise InputError("division by zero: use a divisor that is not zero")
    value = u.number
    if value is not None:
        return constant(value.root(exponent.denominator) ** exponent.numerator)
    if exponent.denominator == 1:
        from steinlab.theory.links.logistic import negative_power

        known = negative_power(u, -int(exponent))
        if known is not None:
            return known
    if len(u.terms) == 1:
        ((product, c),) = u.terms.items()
        factors = magnitudes(product)
        if factors is not None and factors != [(u, Fraction(1))]:
            out = constant(abs(c).root(exponent.denominator) ** exponent.numerator)
            for base, e in factors:
                out = out * power(base, e * exponent)
            return out
        if len(product) == 1 and product[0][0].name in ("pi", "base"):
            return multiply(((product[0][0], product[0][1] * exponent),), ())
        if len(product) == 1 and product[0][0].name == "exp":
            return apply("exp", product[0][0].argument * exponent)
    rooted = _power_of_square(u, exponent)
    return multiply(((Atom.get("base", u), exponent),), ()) if rooted is None else rooted


def _power_of_square(u: Sum, exponent: Fraction) -> Sum | None:
    """(w v²)^e = w^e |v|^{2e}, where v vanishes on a null set only or w is a number; None where u is no such product."""
    from steinlab.theory.links.squares import square_part
    from steinlab.theory.links.zero_sets import is_nonzero

    squared = square_part(u)
    if squared is None:
        return None
    rest, root = squared
    if (rest.number is None or rest.number.sign() < 0 or exponent < 0) and not is_nonzero(root):
        return None
    twice = exponent * 2
    size = root ** int(twice) if twice >= 0 and twice % 2 == 0 else power(absolute(root), twice)
    return power(rest, exponent) * size


def magnitudes(product: Product) -> list[tuple[Sum, Fraction]] | None:
    """Pairs (|factor|, exponent) whose product is |product|; None where a factor is of unknown kind."""
    out: list[tuple[Sum, Fraction]] = []
    for atom, e in product:
        if atom.name == "sign":
            continue
        if atom.name == "base":
            out.append((atom.argument, e))
        elif atom.name in ("exp", "pi"):
            out.append((from_atom(atom), e))
        elif atom.name == "z" or atom.name in BOUNDED:
            out.append((absolute(from_atom(atom)), e))
        else:
            return None
    return out


# -- products


def multiply(left: Product, right: Product) -> Sum:
    """The normal form of a product of two products (the right one may be empty, to normalise the left)."""
    if not left and is_monomial(right):
        return Sum({right: Number.of(1)})
    return _multiply(left, right) if product_order(left) <= product_order(right) else _multiply(right, left)


@priced(100_000)
def _multiply(left: Product, right: Product) -> Sum:
    merged = dict(left)
    for atom, e in right:
        merged[atom] = merged.get(atom, Fraction(0)) + e
    factor = constant(1)
    exponentials = [(atom, e) for atom, e in merged.items() if atom.name == "exp"]
    if len(exponentials) > 1 or any(e != 1 for _, e in exponentials):
        total = constant(0)
        for atom, e in exponentials:
            del merged[atom]
            total = total + atom.argument * e
        atom = Atom.get("exp", total)
        image = apply("exp", total)
        if image == from_atom(atom):
            merged[atom] = Fraction(1)
        else:
            factor = image
    factor = factor * _fold_bases(merged)
    for atom, e in list(merged.items()):
        if e == 0 or (atom.name == "sign" and e % 2 == 0):
            del merged[atom]
        elif atom.name == "sign":
            merged[atom] = Fraction(1)
        elif atom.name == "base" and e >= 1:
            whole = e.numerator // e.denominator
            factor = factor * atom.argument**whole
            merged[atom] = e - whole
            if merged[atom] == 0:
                del merged[atom]
    pair = _sign_pair(merged) or _trigonometric_pair(merged) or _logistic_pair(merged)
    if pair is not None:
        used, replacement = pair
        for atom, exponent in used.items():
            merged[atom] -= exponent
        rest = tuple(sorted(((a, e) for a, e in merged.items() if e), key=_factor_order))
        return factor * Sum({rest: Number.of(1)}) * replacement
    out = Sum({tuple(sorted(merged.items(), key=_factor_order)): Number.of(1)})
    return out if factor.number == 1 else factor * out


def _fold_bases(merged: dict[Atom, Fraction]) -> Number:
    """u^e u = u^(e + 1) for e < 0, where u is a product that stands beside its own power: log(2)^(-1) log(2) = 1.

    Changes the exponents, and returns the number that is left over of coefficients.
    """
    scale = Number.of(1)
    for base in [atom for atom, e in merged.items() if atom.name == "base" and e < 0]:
        if len(base.argument.terms) > 1:
            continue
        ((product, c),) = base.argument.terms.items()
        while merged[base] < 0 and all(merged.get(atom, Fraction(0)) >= e for atom, e in product):
            merged[base] += 1
            scale = scale / c
            for atom, e in product:
                merged[atom] -= e
    return scale


def _is_compound(u: Sum) -> bool:
    return len(u.terms) > 1 or any(atom.name in ("sin", "cos") for product in u.terms for atom, _ in product)


def _cancelled(u: Sum, divisors: frozenset[tuple[Atom, Fraction]]) -> Sum:
    """u with what is a multiple of one of these divisors, and stands over it, divided."""
    if not divisors or len(u.terms) < 2:
        return u
    from steinlab.theory.links.quotients import cancelled

    return cancelled(u, divisors)


def is_monomial(product: Product) -> bool:
    """Whether variables alone stand in a product."""
    return all(atom.is_variable for atom, _ in product)


def _sign_pair(merged: Mapping[Atom, Fraction]) -> tuple[dict[Atom, int], Sum] | None:
    """sign(u + a) sign(u + b) = 1 + sign(u + a) - sign(u + b) for a < b."""
    signs = [atom for atom in merged if atom.name == "sign"]
    for first, second in combinations(signs, 2):
        gap = (second.argument - first.argument).number
        if gap is not None:
            low, high = (first, second) if gap > 0 else (second, first)
            return {low: 1, high: 1}, constant(1) + from_atom(low) - from_atom(high)
    return None


def _trigonometric_pair(merged: Mapping[Atom, Fraction]) -> tuple[dict[Atom, int], Sum] | None:
    """A product of two sines or cosines of affine (or of equal) arguments as a sum: product-to-sum formulas."""
    found = [atom for atom in merged if atom.name in ("sin", "cos")]
    pairs = [(atom, atom) for atom in found if merged[atom] >= 2]
    for a, b in [*pairs, *combinations(found, 2)]:
        u, v = a.argument, b.argument
        if u == v or (u.is_affine and v.is_affine and bool(u.variables) == bool(v.variables)):
            if a.name == b.name:
                sign = 1 if a.name == "cos" else -1
                out = apply("cos", u - v) + apply("cos", u + v) * sign
            else:
                s, c = (u, v) if a.name == "sin" else (v, u)
                out = apply("sin", s + c) + apply("sin", s - c)
            return {a: 2} if a is b else {a: 1, b: 1}, out * Fraction(1, 2)
    return None


def _logistic_pair(merged: Mapping[Atom, Fraction]) -> tuple[dict[Atom, int], Sum] | None:
    """Exponentials beside tanh or the reciprocal of a sum of two exponentials."""
    if not any(atom.name == "base" or (atom.name == "tanh" and len(merged) > 1) for atom in merged):
        return None
    from steinlab.theory.links.logistic import logistic_pair

    return logistic_pair(merged)


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
    return _outer_derivative(atom) * atom.argument.derivative(i)


def _outer_derivative(atom: Atom) -> Sum:
    u = atom.argument
    if atom.name == "exp":
        return from_atom(atom)
    if atom.name == "log":
        return power(u, Fraction(-1))
    if atom.name == "sin":
        return apply("cos", u)
    if atom.name == "cos":
        return -apply("sin", u)
    if atom.name == "tanh":
        return constant(1) - from_atom(atom) ** 2
    if atom.name == "erf":
        return apply("exp", -(u * u)) * pi(Fraction(-1, 2)) * 2
    return constant(1)  # a power base: the exponent is the caller's


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


def _factor_order(factor: tuple[Atom, Fraction]) -> tuple[int, int, str]:
    return factor[0].order


def _atoms(u: Sum) -> Iterable[Atom]:
    """The atoms outside functions, each once, in a fixed order."""
    return sorted({atom for product in u.terms for atom, _ in product}, key=lambda atom: atom.order)


def _accumulate(out: dict[Product, Number], product: Product, c: Number) -> None:
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
