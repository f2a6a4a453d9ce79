"""Sums of two exponentials and their reciprocals: every written-out sigmoid, tanh and sech in one normal form.

With h not a number and r > 0, let N = 1/(e^h + r e^{-h}) and T = tanh(h - log(r)/2) = (e^h - r e^{-h}) N. Then

    e^h N = (1 + T)/2,   r e^{-h} N = (1 - T)/2,   4 r N² = 1 - T²,   e^h T = e^h - 2 r N,   e^{-h} T = 2 N - e^{-h},

so that sums of products of e^{±h}, T and N become sums of e^{kh}, T^j and N T^j, which are linearly independent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.ring import Atom, Product, Sum, apply, constant, from_atom, leading_product, logarithm

MAX_MULTIPLE = 16
"""Highest multiple of h in an exponential that is taken apart beside T or N."""


@dataclass(frozen=True)
class TwoExponentials:
    """The sum scale · e^middle · (e^half + ratio e^{-half})."""

    scale: Number
    middle: Sum
    half: Sum
    ratio: Number

    @property
    def centred(self) -> Sum:
        """e^half + ratio e^{-half}."""
        return apply("exp", self.half) + apply("exp", -self.half) * self.ratio

    @property
    def is_centred(self) -> bool:
        return self.scale == 1 and self.middle.is_zero

    @property
    def reciprocal(self) -> Sum:
        """N."""
        return from_atom(Atom.get("base", self.centred), -1)

    @property
    def tanh(self) -> Sum:
        """T."""
        return apply("tanh", self.half - logarithm(constant(self.ratio)) * Fraction(1, 2))


def two_exponentials(u: Sum) -> TwoExponentials | None:
    """u taken apart, where it is c e^a + d e^b with numbers c, d > 0 and a - b not constant; None for any other sum.

    >>> from steinlab.theory.links.ring import variable
    >>> parts = two_exponentials(apply("exp", variable(0)) * 5 + 2)
    >>> str(parts.scale), str(parts.middle), str(parts.half), str(parts.ratio)
    ('5', '1/2*z1', '1/2*z1', '2/5')
    """
    if len(u.terms) != 2 or any(len(p) > 1 or (p and p[0][0].name != "exp") or c.sign() < 0 for p, c in u.terms.items()):
        return None
    (a, c), (b, d) = ((p[0][0].argument if p else constant(0), c) for p, c in u.terms.items())
    half = (a - b) * Fraction(1, 2)
    if not half.variables:
        return None
    if half.terms[leading_product(half)].sign() < 0:
        half, c, d = -half, d, c
    return TwoExponentials(c, (a + b) * Fraction(1, 2), half, d / c) if _is_plain(half) else None


def factored(u: Sum) -> tuple[Number, Sum, Sum, int] | None:
    """(c, m, w, side) with u = c e^m w^side, w = e^h + r e^{-h}: for two exponentials, and for c (1 ± T) = 2c (e^h, r e^{-h}) N.

    None for any other sum. Kind: exact.

    >>> from steinlab.theory.links.ring import sigmoid, variable
    >>> [str(x) for x in factored(1 - sigmoid(variable(0)))]
    ['1', '-1/2*z1', 'exp(-1/2*z1) + exp(1/2*z1)', '-1']
    """
    parts = two_exponentials(u)
    if parts is not None:
        return parts.scale, parts.middle, parts.centred, 1
    c = u.terms.get(())
    if c is None or len(u.terms) != 2:
        return None
    ((product, d),) = ((p, d) for p, d in u.terms.items() if p)
    if len(product) != 1 or product[0][0].name != "tanh" or product[0][1] != 1 or (d != c and d != -c):
        return None
    parts = _of_tanh(product[0][0].argument)
    if parts is None:
        return None
    side = 1 if d == c else -1
    return c * 2 * (parts.ratio if side < 0 else 1), parts.half * side, parts.centred, -1


def negative_power(u: Sum, n: int) -> Sum | None:
    """u^{-n}, n >= 1, in normal form for what `factored` takes apart; None for any other sum. Kind: exact.

    >>> from steinlab.theory.links.ring import variable
    >>> str(negative_power(apply("exp", variable(0)) * 5 + 2, 1))
    '1/4 - 1/4*tanh(1/2*z1 - 1/2*log(2) + 1/2*log(5))'
    """
    found = factored(u)
    if found is None:
        return None
    c, m, w, side = found
    inverse = w if side < 0 else from_atom(Atom.get("base", w), -1)
    return (apply("exp", -m) * inverse * c.inverse()) ** n


def logistic_pair(merged: Mapping[Atom, Fraction]) -> tuple[dict[Atom, int], Sum] | None:
    """Factors of a product, {atom: exponent}, and what the rules make of them; None where none applies."""
    exponential = next((atom for atom in merged if atom.name == "exp"), None)
    for atom, e in merged.items():
        if atom.name == "base" and e <= -1 and e.denominator == 1:
            parts = two_exponentials(atom.argument)
            if parts is None:
                continue
            if not parts.is_centred:
                return {atom: -1}, apply("exp", -parts.middle) * parts.reciprocal * parts.scale.inverse()
            if e <= -2:
                return {atom: -2}, (constant(1) - parts.tanh**2) * (parts.ratio * 4).inverse()
        elif atom.name == "tanh" and exponential is not None:
            parts = _of_tanh(atom.argument)
            if parts is None:
                continue
        else:
            continue
        side = 0 if exponential is None else _multiple(exponential.argument, parts.half)
        if exponential is None or not side:
            continue
        left = apply("exp", exponential.argument - parts.half * side)
        if atom.name == "base":
            weight = Number.of(1) if side == 1 else parts.ratio.inverse()
            return {exponential: 1, atom: -1}, left * (parts.tanh * side + 1) * (weight * Fraction(1, 2))
        weight = parts.ratio if side == 1 else Number.of(1)
        return {exponential: 1, atom: 1}, (from_atom(exponential) - left * parts.reciprocal * (weight * 2)) * side
    return None


def _of_tanh(v: Sum) -> TwoExponentials | None:
    """e^h + r e^{-h} with v = h - log(r)/2: the logarithms of numbers in v make r."""
    logarithms = Sum({p: c for p, c in v.terms.items() if len(p) == 1 and p[0][0].name == "log" and not p[0][0].variables})
    ratio = apply("exp", logarithms * -2).number
    half, ratio = (v, Number.of(1)) if ratio is None else (v - logarithms, ratio)
    return TwoExponentials(Number.of(1), constant(0), half, ratio) if half.variables and _is_plain(half) else None


def _is_plain(half: Sum) -> bool:
    """Whether e^half and e^{-half} have no simpler form."""
    return all(apply("exp", h) == from_atom(Atom.get("exp", h)) for h in (half, -half))


def _multiple(w: Sum, half: Sum) -> int:
    """±1 where w is q·half and something in fewer variables, 1 <= ±q <= MAX_MULTIPLE; 0 otherwise."""
    lead: Product = leading_product(half)
    if lead not in w.terms:
        return 0
    q = w.terms[lead] / half.terms[lead]
    if not 1 <= abs(q) <= MAX_MULTIPLE or not (w - half * q).variables < w.variables:
        return 0
    return q.sign()
