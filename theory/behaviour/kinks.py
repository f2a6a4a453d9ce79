"""A link on the two sides of a kink, its signs settled inside functions too: what continuity, slopes and suprema rest on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from itertools import product as cartesian

from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.cases import breakpoints, settle
from steinlab.theory.links.factors import quotient
from steinlab.theory.links.functions import FUNCTIONS
from steinlab.theory.links.ranges import may_be_singular
from steinlab.theory.links.ring import Atom, Sum, constant, sign_atoms
from steinlab.theory.links.tails import beside
from steinlab.theory.links.zero_sets import is_nonzero

MAX_KINKS = 4
"""Most kinks of which every choice of signs is looked at."""


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
    """(left, right): the limits of g where the argument of a kink rises to 0 and falls to 0, as functions on that surface.

    None where the argument is affine in no variable, or where something in g is not known to be continuous up to the surface: a
    logarithm or negative power that is not bounded, or another sign whose argument may vanish on it. Kind: exact.

    >>> from steinlab.theory.links.ring import apply, variable
    >>> z1, z2 = variable(0), variable(1)
    >>> kink, = sign_atoms(apply("sign", z1))
    >>> [str(side) for side in sides(z2 * apply("exp", z1 + 3 * apply("sign", z1)), kink)]
    ['z2*exp(-3)', 'z2*exp(3)']
    """
    if any(may_be_singular(product) for product in g.terms):
        return None
    root = next((root for i in sorted(kink.argument.variables) if (root := _solved(kink.argument, i)) is not None), None)
    if root is None:
        return None
    left, right = settle(g, {kink: -1}), settle(g, {kink: 1})
    for other in dict.fromkeys([*sign_atoms(left), *sign_atoms(right)]):
        # the kink itself is left as |·|, whose limits agree
        if other is not kink and not is_nonzero(other.argument.substitute(root)):
            return None
    return left.substitute(root), right.substitute(root)


def _solved(v: Sum, i: int) -> dict[int, Sum] | None:
    """{i: the z_{i+1} at which v is zero} for v = a z_{i+1} + w with a number a and w in the other variables."""
    parts = v.coefficients_in(i)
    slope = parts[1].number if parts is not None and 1 in parts and parts.keys() <= {0, 1} else None
    return None if parts is None or slope is None else {i: -parts.get(0, constant(0)) * slope.inverse()}


def divides_its_jump(g: Sum, kink: Atom) -> bool:
    """Whether the jump of g across a kink vanishes with the argument of that: its terms are multiples of it, or at most as large.

    That of f sign(f) is 2f, and that of tanh|f| is 2 tanh f: where the zeros of f are not known exactly, the division is. The
    quotients are bounded where g has no singular point.
    """
    jump = settle(g, {kink: 1}) - settle(g, {kink: -1})
    rest = Sum({p: c for p, c in jump.terms.items() if not any(_is_as_small(atom, kink.argument) for atom, _ in p)})
    return rest.is_zero or quotient(rest, kink.argument) is not None


def _is_as_small(atom: Atom, v: Sum) -> bool:
    """Whether |f(u)| <= c |u| for the function f, and u is a multiple of v."""
    row = FUNCTIONS.get(atom.name)
    return row is not None and row.near_zero is not None and (atom.argument == v or quotient(atom.argument, v) is not None)


def branches(g: Sum) -> list[Sum] | None:
    """Analytic functions of one variable of which a continuous g is one next to every point but isolated ones.

    One for each choice of the signs of its kinks, wherever these lie, and whether it occurs or not. None where g is not known to
    be continuous, or one of these to be analytic. Kind: exact.

    >>> from steinlab.theory.links.ring import apply, relu, variable
    >>> z = variable(0)
    >>> [str(h) for h in branches(relu(z + apply("exp", z)))]
    ['z1 + exp(z1)', '0']
    """
    kinks = sign_atoms(g)
    if len(kinks) > MAX_KINKS or not all(divides_its_jump(g, kink) for kink in kinks):
        return None
    found = [settle(g, dict(zip(kinks, choice, strict=True))) for choice in cartesian((1, -1), repeat=len(kinks))]
    smooth = not any(sign_atoms(h) or any(may_be_singular(product, roots=True) for product in h.terms) for h in found)
    return found if smooth else None


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
