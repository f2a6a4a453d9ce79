"""The rules of the normal form: what becomes of a product of two products, and of a function of a sum.

Every rule is an identity that holds almost everywhere. Some need to know the sign of a sum or where it vanishes, so that they
stand above the modules that decide it; `theory.links` gives them to the ring, as its `Rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import combinations

from steinlab.theory.budget import priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.cases import MAX_SPLITS, along_line, breakpoints, split, without_signs
from steinlab.theory.links.closed_forms import logarithm_of
from steinlab.theory.links.factors import cancelled, square_part
from steinlab.theory.links.functions import FUNCTIONS, bound_of
from steinlab.theory.links.logistic import factored, logistic_pair, negative_power
from steinlab.theory.links.ring import (
    Atom,
    Product,
    Sum,
    absolute,
    constant,
    factor_order,
    from_atom,
    leading_coefficient,
    multiply,
    outer_atoms,
)
from steinlab.theory.links.signs import sign
from steinlab.theory.links.zero_sets import is_nonzero

__all__ = ["cancelled", "derivative", "function", "logarithm", "power", "product"]


MAX_ROOT = 1000
"""Highest root of a number that is a number again."""


@priced(20_000)
def function(name: str, u: Sum) -> Sum:
    """The function `name` (exp, sin, cos, tanh, erf, sign) of u, in normal form. See `logarithm`, `power` for the others."""
    if name == "sign":
        return sign(u)
    kinks = [atom for atom in outer_atoms(u) if atom.name == "sign"]
    # each branch of a bounded function is bounded; of the others only exp of an affine function is sure to be integrable
    if kinks and (bound_of(name) is not None or without_signs(u).is_affine):
        ordered = breakpoints(kinks, u.variables)
        if ordered is not None:
            return along_line(ordered, u, lambda branch: function(name, branch))
        if len(kinks) <= MAX_SPLITS:
            return split(kinks[0], u, lambda branch: function(name, branch))
    row = FUNCTIONS[name]
    if u.is_zero and row.at_zero is not None:
        return constant(row.at_zero)
    if row.simpler and any(len(p) == 1 and p[0][0].name in ("log", "pi") and not p[0][0].variables for p in u.terms):
        simpler = row.simpler(u)
        if simpler is not None:
            return simpler
    if name == "exp" and len(u.terms) == 1:
        ((product, c),) = u.terms.items()
        if len(product) == 1 and product[0][0].name == "log" and product[0][1] == 1 and c.is_rational:
            return power(product[0][0].argument, c.fraction)
    if row.parity and leading_coefficient(u).sign() < 0:
        return function(name, -u) * row.parity
    return from_atom(Atom.get(name, u))


def derivative(atom: Atom) -> Sum:
    """f'(u) for an atom f(u), where f is smooth."""
    return FUNCTIONS[atom.name].derivative(atom)


def logarithm(u: Sum) -> Sum:
    """log u for u > 0 almost everywhere (the caller's duty; InputError at 0). The log of a product is taken apart."""
    value = u.number
    if value is not None:
        if value.is_zero:
            raise InputError("the logarithm of zero: use a positive argument")
        return logarithm_of(value)
    parts = factored(u)  # log(1 + e^v) = v/2 + log(e^{v/2} + e^{-v/2}), whose symmetry is visible
    if parts is not None and parts[2] != u:
        scale, middle, exponentials, side = parts
        return logarithm(constant(scale)) + middle + logarithm(exponentials) * side
    centre = _centre(u) if parts is None else constant(0)
    if not centre.is_zero:
        return centre + logarithm(u * function("exp", -centre))
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
        return _number_power(value, exponent)
    if exponent.denominator == 1:
        known = negative_power(u, -int(exponent))
        if known is not None:
            return known
    if len(u.terms) == 1:
        ((product, c),) = u.terms.items()
        factors = magnitudes(product)
        if factors is not None and factors != [(u, Fraction(1))]:
            out = _number_power(abs(c), exponent)
            for base, e in factors:
                out = out * power(base, e * exponent)
            return out
        if len(product) == 1 and product[0][0].name in ("pi", "base"):
            return multiply(((product[0][0], product[0][1] * exponent),), ())
        if len(product) == 1 and product[0][0].name == "exp":
            return function("exp", product[0][0].argument * exponent)
    rooted = _power_of_square(u, exponent)
    return multiply(((Atom.get("base", u), exponent),), ()) if rooted is None else rooted


def _number_power(c: Number, exponent: Fraction) -> Sum:
    """c^exponent, c >= 0 or a root of odd order: a number, or exp(exponent log c) where no field that is supported holds that."""
    root = None
    if c.sign() <= 0:
        root = c.root(exponent.denominator)
    elif exponent.denominator <= MAX_ROOT:
        with suppress(InputError):
            root = c.root(exponent.denominator)
    if root is not None:
        return constant(root**exponent.numerator)
    log = logarithm(constant(c))
    prime = log == from_atom(Atom.get("log", constant(c)))
    return from_atom(Atom.get("exp", log * exponent)) if prime else function("exp", log * exponent)


def _power_of_square(u: Sum, exponent: Fraction) -> Sum | None:
    """(w v²)^e = w^e |v|^{2e}, where v vanishes on a null set only or w is a number; None where u is no such product."""
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
        elif atom.name == "z" or bound_of(atom.name) is not None:
            out.append((absolute(from_atom(atom)), e))
        else:
            return None
    return out


@priced(100_000)
def product(left: Product, right: Product) -> Sum:
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
        image = function("exp", total)
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
        rest = tuple(sorted(((a, e) for a, e in merged.items() if e), key=factor_order))
        return factor * Sum({rest: Number.of(1)}) * replacement
    out = Sum({tuple(sorted(merged.items(), key=factor_order)): Number.of(1)})
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
                out = function("cos", u - v) + function("cos", u + v) * sign
            else:
                s, c = (u, v) if a.name == "sin" else (v, u)
                out = function("sin", s + c) + function("sin", s - c)
            return {a: 2} if a is b else {a: 1, b: 1}, out * Fraction(1, 2)
    return None


def _logistic_pair(merged: Mapping[Atom, Fraction]) -> tuple[dict[Atom, int], Sum] | None:
    """Exponentials beside tanh or the reciprocal of a sum of two exponentials."""
    if not any(atom.name == "base" or (atom.name == "tanh" and len(merged) > 1) for atom in merged):
        return None
    return logistic_pair(merged)
