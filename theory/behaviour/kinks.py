"""A link on the two sides of a kink, its signs settled inside functions too: what continuity, slopes and suprema rest on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.cases import breakpoints, settle
from steinlab.theory.links.ranges import may_be_singular
from steinlab.theory.links.ring import Atom, Sum, constant, sign_atoms
from steinlab.theory.links.tails import beside
from steinlab.theory.links.zero_sets import is_nonzero


@dataclass(frozen=True)
class Piece:
    """A link of one variable on (low, high), analytic there and at finite ends; None for an infinite end.

    `start` and `end` are the ends themselves: where one is a number in closed form such as log(2), low or high lies a little
    outside of it.
    """

    low: Number | None
    high: Number | None
    form: Sum
    start: Sum | None = None
    end: Sum | None = None


def sides(g: Sum, kink: Atom) -> tuple[Sum, Sum] | None:
    """(left, right): the limits of g where the argument of a kink rises to 0 and falls to 0, as functions on that hyperplane.

    None where the kink is not affine, or where something in g is not known to be continuous up to the hyperplane: a logarithm or
    negative power that is not bounded, or another sign whose argument may vanish on it. Kind: exact.

    >>> from steinlab.theory.links.ring import apply, variable
    >>> z1, z2 = variable(0), variable(1)
    >>> kink, = sign_atoms(apply("sign", z1))
    >>> [str(side) for side in sides(z2 * apply("exp", z1 + 3 * apply("sign", z1)), kink)]
    ['z2*exp(-3)', 'z2*exp(3)']
    """
    if any(may_be_singular(product) for product in g.terms):
        return None
    solved = min(kink.argument.variables)
    parts = kink.argument.coefficients_in(solved)
    slope = parts[1].number if parts is not None and 1 in parts and parts.keys() <= {0, 1} else None
    if parts is None or slope is None:
        return None
    root = {solved: -parts.get(0, constant(0)) * slope.inverse()}
    left, right = settle(g, {kink: -1}), settle(g, {kink: 1})
    for other in dict.fromkeys([*sign_atoms(left), *sign_atoms(right)]):
        # the kink itself is left as |·|, whose limits agree
        if other is not kink and not is_nonzero(other.argument.substitute(root)):
            return None
    return left.substitute(root), right.substitute(root)


def pieces(g: Sum) -> list[Piece] | None:
    """A link of one variable between its kinks. None where one has no known root or a root or logarithm may be singular.

    Kind: exact.

    >>> from steinlab.theory.links.ring import apply, logarithm, variable
    >>> z = variable(0)
    >>> [str(piece.form) for piece in pieces(logarithm(3 + apply("sign", z) + z**2))]
    ['log(2 + z1**2)', 'log(4 + z1**2)']
    """
    if any(may_be_singular(product, roots=True) for product in g.terms):
        return None
    ordered = breakpoints(sign_atoms(g), g.variables)
    if ordered is None:
        return None
    found = []
    for i, (low, high) in enumerate(pairwise([None, *ordered, None])):
        signs = {kink: 1 if j < i else -1 for j, kink in enumerate(ordered.values())}
        outside = (None if low is None else beside(low, -1)), (None if high is None else beside(high, 1))
        found.append(Piece(*outside, settle(g, signs), low, high))
    return None if any(sign_atoms(piece.form) for piece in found) else found


def jumps(found: list[Piece]) -> Iterator[tuple[Sum, Sum]]:
    """(t, right limit - left limit) at each kink t."""
    for left, right in pairwise(found):
        assert left.end is not None, "an inner end is finite"
        yield left.end, (right.form - left.form).substitute({0: left.end})
