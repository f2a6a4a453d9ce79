"""Functions taken apart by the signs of their kinks: case by case, or piece by piece along a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from steinlab.theory.budget import charge
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.balls import number_side
from steinlab.theory.links.ring import (
    PAIR_STEPS,
    Atom,
    Product,
    Sum,
    accumulate,
    apply,
    constant,
    fix_signs,
    from_atom,
    logarithm,
    multiply,
    power,
)

MAX_SPLITS = 6
"""Most kinks inside the argument of a function that are taken apart case by case."""


MAX_BREAKPOINTS = 128
"""Most kinks on a line that are taken apart piece by piece."""


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
            accumulate(out, product, c)
            continue
        for image, x in (changed * Sum({tuple(kept): Number.of(1)})).terms.items():
            accumulate(out, image, x)
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


def rising(constants: Sequence[Sum]) -> list[Sum] | None:
    """Different constants in rising order; None where a comparison is not proved."""
    out: list[Sum] = []
    for u in constants:
        sides = [number_side(v - u) for v in out]
        if None in sides:
            return None
        out.insert(sum(side == -1 for side in sides), u)
    return out
