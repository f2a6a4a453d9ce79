"""Sums that stand over a divisor of several terms, and are a multiple of it: (z² - 1)/(z - 1) = z + 1 almost everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from steinlab.theory.budget import charge, priced
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.cases import MAX_SPLITS
from steinlab.theory.links.squares import MAX_TERMS, Names, Powers, minus
from steinlab.theory.links.symbolic import PAIR_STEPS, Atom, Sum, constant, fix_signs, from_atom, multiply

MAX_POWER = 8
"""Highest power of a divisor that is tried at once."""
Divisor: TypeAlias = tuple[Atom, Fraction]
"""A divisor and its negative exponent."""


def cancelled(u: Sum, among: Iterable[Divisor]) -> Sum:
    """u with what stands over each of these powers divided by the divisor where that leaves no remainder.

    D^e D = D^{e+1} where D is not 0, and a divisor vanishes on a null set only. Kind: exact.

    >>> from steinlab.theory.links.symbolic import power, variable
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
