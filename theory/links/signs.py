"""The sign of a link in normal form."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.univariate import count_real_roots, squarefree_factors
from steinlab.theory.links.balls import certain_sign, fraction_ball, number_side, real_value
from steinlab.theory.links.cases import MAX_SPLITS, along_line, breakpoints, settle, split
from steinlab.theory.links.coordinates import forms, span
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.factors import Names, content, monic_factors, rational_factors, square_part
from steinlab.theory.links.functions import FUNCTIONS
from steinlab.theory.links.one_sign import sign_between
from steinlab.theory.links.ranges import may_be_singular, value_range
from steinlab.theory.links.ring import (
    Atom,
    Sum,
    apply,
    constant,
    from_atom,
    leading_coefficient,
    logarithm,
    polynomial,
    power,
    sign_atoms,
    variable,
)

_POINTS = [Fraction(2 * k + 1, 7) for k in range(-14, 14)] + [Fraction(-30), Fraction(30)]
"""Where a function is looked at for two signs."""
MAX_EXPONENTIALS = 40
"""Most powers of an exponential in a sum whose sign is read off its roots."""


def sign(u: Sum) -> Sum:
    """sign(u) in normal form: signs of affine functions, and of what could not be taken apart.

    Equal almost everywhere on {u != 0}; 1 or -1, whichever is simpler, may stand for it where u = 0 (see `zero_sets`).
    """
    kinks = [atom for product in u.terms for atom, _ in product if atom.name == "sign"]
    if kinks and len(u.terms) > 1:
        side = _certain_side(u)
        if side is not None:
            return constant(side)
        ordered = breakpoints(set(kinks), u.variables)
        if ordered is not None:
            side = _side_of_pieces(u, ordered)
            return constant(side) if side else along_line(ordered, u, sign)
        distinct = sorted(set(kinks), key=lambda atom: atom.order)
        if len(distinct) <= MAX_SPLITS:
            return split(distinct[0], u, sign)
    if u.is_zero:
        return constant(0)
    if not u.variables and u.number is None:
        side = number_side(u)
        if side is not None:
            return constant(side)
    factors, rest = content(u)
    out = constant(1)
    for atom, e in factors:
        if e % 2 or e.denominator != 1:
            out = out * _atom_sign(atom)
    value = rest.number
    if value is not None:
        return out * value.sign()
    side = _certain_side(rest)
    if side is not None:
        return out * side
    squared = square_part(rest)
    if squared is not None:
        return out * sign(squared[0])
    compared = _comparison(rest)
    if compared is not None:
        return out * sign(compared)
    scaled = _scaled(rest)
    if scaled is not None:
        return out * scaled
    exponential = _exponential_sign(rest)
    if exponential is not None:
        return out * exponential
    sloped = _by_slope(rest)
    if sloped is not None:
        return out * sloped
    if rest.is_polynomial:
        return out * (_polynomial_sign(rest) if len(rest.variables) == 1 else _signs_of_factors(rest))
    return out * _normal_sign(rest)


def _certain_side(u: Sum) -> int | None:
    """1 where u >= 0 everywhere, -1 where u <= 0 everywhere; zeros are allowed."""
    bounds = value_range(u)
    if bounds.low is not None and bounds.low.sign() >= 0:
        return 1
    return -1 if bounds.high is not None and bounds.high.sign() <= 0 else None


def _comparison(u: Sum) -> Sum | None:
    """A v of the sign of u, for u = c (f(a) - f(b)), f increasing: v = c (a - b). For odd f also f(a) + f(b) = f(a) - f(-b).

    A number beside exp or tanh is one of its values: e^a - q e^b has the sign of a - b - log q, tanh(a) - q that of a - artanh q.
    """
    if len(u.terms) != 2 or not all(len(p) <= 1 and all(e == 1 for _, e in p) for p in u.terms):
        return None
    (first, c), (second, d) = sorted(((p[0][0] if p else None, c) for p, c in u.terms.items()), key=lambda term: term[0] is None)
    row = None if first is None else FUNCTIONS.get(first.name)
    if first is None or row is None or not row.increasing:
        return None
    if first.name == "exp" and (second is None or second.name == "exp"):
        if c.sign() == d.sign():
            return None
        other = constant(0) if second is None else second.argument
        return (first.argument - other - logarithm(constant(-d / c))) * c.sign()
    if second is None:
        value = None if row.inverse is None else row.inverse(-d / c)
        return None if value is None else (first.argument - value) * c.sign()
    if first.name != second.name:
        return None
    if c == -d:
        return (first.argument - second.argument) * c.sign()
    return (first.argument + second.argument) * c.sign() if c == d and row.parity == -1 else None


def _scaled(u: Sum) -> Sum | None:
    """The sign of c z + d for a constant c such as π: ± that of z + d/c."""
    if len(u.variables) != 1:
        return None
    (i,) = u.variables
    parts = u.coefficients_in(i)
    if parts is None or max(parts) > 1 or parts[1].number is not None:
        return None
    side = number_side(parts[1])
    root = parts.get(0, constant(0)) * power(parts[1] * side, Fraction(-1)) * side if side else None
    return None if side is None or root is None else _normal_sign(variable(i) + root) * side


def _by_slope(u: Sum) -> Sum | None:
    """The sign of a smooth function h of one linear form t with h(r) = 0 at a known r, on either side of which h' has one sign.

    There h has that sign for t > r, and the other for t < r: z - tanh(z) has the sign of z. A function that no ball tells from
    zero is left alone.
    """
    if u.is_polynomial or not u.variables or any(atom.name == "sign" for product in u.terms for atom, _ in product):
        return None
    variables = sorted(u.variables)
    basis = span(forms(u), variables)
    if len(basis) != 1 or any(may_be_singular(product, roots=True) for product in u.terms):
        return None
    weights = {i: w for i, w in zip(variables, basis[0], strict=True) if w}
    first = min(weights)  # of weight 1: an echelon form
    h = u.substitute({i: variable(0) if i == first else constant(0) for i in variables})
    inner = [
        atom.argument.coefficients_in(0) for product in h.terms for atom, _ in product if atom.variables and not atom.is_variable
    ]
    slopes = [(parts, parts[1].number) for parts in inner if parts is not None and parts.keys() <= {0, 1} and 1 in parts]
    places = [(parts.get(0, constant(0)) * -slope.inverse()).number for parts, slope in slopes if slope]
    for r in dict.fromkeys([Number.of(0), *(place for place in places if place is not None)]):
        if h.substitute({0: constant(r)}).is_zero and all(number_side(h.substitute({0: constant(r + s)})) for s in (1, -1)):
            after, before = sign_between(h.derivative(0), constant(r), None), sign_between(h.derivative(0), None, constant(r))
            if after and before:
                form = sum((variable(i) * w for i, w in weights.items()), constant(-r))
                return (constant(after - before) + apply("sign", form) * (after + before)) * Fraction(1, 2)
    side = sign_between(h, None, None, by_normal_form=False) if _seems_one_sided(h) else None
    return None if side is None else constant(side)


def _seems_one_sided(h: Sum) -> bool:
    """Whether a function of one variable has one sign at all of some points: a proof that it has is worth looking for."""
    f = compile_sum(h)
    size = max(h.variables) + 1
    signs = {certain_sign(real_value(f, [fraction_ball(x)] * size)) for x in _POINTS}
    return len(signs & {1, -1}) == 1


def _side_of_pieces(u: Sum, ordered: Mapping[Sum, Atom]) -> int | None:
    """The sign that u has on all pieces between kinks on a line; None where it has several or one is not proved."""
    if not _seems_one_sided(u):
        return None
    found = 0
    for i, (low, high) in enumerate(pairwise([None, *ordered, None])):
        h = settle(u, {kink: 1 if j < i else -1 for j, kink in enumerate(ordered.values())})
        side = None if sign_atoms(h) else sign_between(h.substitute({k: variable(0) for k in u.variables}), low, high)
        if side is None or side == -found != 0:
            return None
        found = found or side
    return found


def _normal_sign(u: Sum) -> Sum:
    """The sign atom of u scaled to leading coefficient 1."""
    lead = leading_coefficient(u)
    return from_atom(Atom.get("sign", u * lead.inverse())) * lead.sign()


def _atom_sign(atom: Atom) -> Sum:
    row = FUNCTIONS.get(atom.name)
    if atom.name in ("pi", "base") or (row is not None and row.positive):
        return constant(1)
    if row is not None and row.root is not None:
        return apply("sign", atom.argument - row.root)
    return from_atom(atom) if atom.name == "sign" else _normal_sign(from_atom(atom))


def _signs_of_factors(p: Sum) -> Sum:
    """The sign of a polynomial in several variables: a product of those of its irreducible factors over the rationals."""
    factors = rational_factors(p)
    if sum(multiplicity for _, multiplicity in factors) == 1:
        return _normal_sign(p)
    out = constant(1)
    for factor, multiplicity in factors:
        if multiplicity % 2:
            out = out * sign(factor)
    return out


def _exponential_sign(u: Sum) -> Sum | None:
    """The sign of a polynomial in y = e^h and 1/y, by the positive roots of its factors: y - r has the sign of h - log r.

    A factor without roots in closed form is divided by the root of its highest power of y: it stays even where u is. None for
    other sums.
    """
    names = Names(u) if not u.is_polynomial and all(len(product) < 2 for product in u.terms) else None
    if names is None or names.first is None or len(names.atoms) != 1:
        return None
    h = names.first.argument * Fraction(1, names.ratios[names.first])
    powers = {int(names.powers(product)[0]): c for product, c in u.terms.items()}
    least = min(powers)
    p = [powers.get(k, Number.of(0)) for k in range(least, max(powers) + 1)]
    out = constant(p[-1].sign())
    for squarefree, multiplicity in squarefree_factors(p) if len(p) <= MAX_EXPONENTIALS else ():
        for factor in monic_factors(squarefree) if multiplicity % 2 else ():
            if not count_real_roots([c for k in factor for c in (k, Number.of(0))][:-1]):  # positive roots are squares
                continue
            if len(factor) == 2:
                out = out * apply("sign", h - logarithm(constant(-factor[0])))
            else:
                middle = Fraction(len(factor) - 1, 2)
                terms = (apply("exp", h * (k - middle)) * c for k, c in enumerate(factor))
                out = out * _normal_sign(sum(terms, constant(0)))
    return out if len(p) <= MAX_EXPONENTIALS else None


def _polynomial_sign(p: Sum) -> Sum:
    """The sign of a polynomial in one variable: a product of signs of its factors that change sign."""
    (i,) = p.variables
    coefficients = p.univariate
    out = constant(coefficients[-1].sign())
    for squarefree, multiplicity in squarefree_factors(coefficients):
        if multiplicity % 2 == 0:
            continue
        for factor in monic_factors(squarefree):
            if count_real_roots(factor):
                out = out * _normal_sign(polynomial(factor, i))
    return out
