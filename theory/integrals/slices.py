"""One variable integrated out between the kinks of a link, the others being fixed: a certified function of the others.

For a product of z^k, exp(A z² + B z + C) and signs of polynomials a z² + b z + c in z = z_{i+1}, where A, B, C, a, b, c depend on
the other variables, the mean over z ~ N(0, 1) is a sum of truncated normal moments at the roots of the polynomials. The roots are
given by the quadratic formula, so kinks along curves are split exactly where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

from flint import acb, arb

from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.precision import kept_balls
from steinlab.theory.links.balls import Function, certain_sign
from steinlab.theory.links.enclosures import compile_product, compile_sum
from steinlab.theory.links.ranges import value_range
from steinlab.theory.links.ring import Atom, Product, Sum, constant

_NOTHING = constant(0)
_UNKNOWN = acb(arb("nan"), arb("nan"))


@dataclass(frozen=True)
class Slice:
    """A product taken apart along one variable: outside · z^power · exp(Σ exponent_l z^l) · Π sign(Σ kink_l z^l)."""

    variable: int
    outside: Product
    power: int
    exponent: tuple[Sum, Sum, Sum]
    kinks: tuple[tuple[Sum, Sum, Sum], ...]


def slice_along(product: Product, i: int) -> Slice | None:
    """The product taken apart along z_{i+1}; None where the mean over that variable has no such form."""
    outside = tuple((atom, e) for atom, e in product if i not in atom.variables)
    power, exponent = 0, (_NOTHING, _NOTHING, _NOTHING)
    kinks = []
    for atom, e in product:
        if i not in atom.variables:
            continue
        if atom.is_variable:
            power = int(e)
            continue
        parts = atom.argument.coefficients_in(i)
        if parts is None or max(parts) > 2 or atom.name not in ("sign", "exp"):
            return None
        quadratic = (parts.get(0, _NOTHING), parts.get(1, _NOTHING), parts.get(2, _NOTHING))
        if atom.name == "sign":
            kinks.append(quadratic)
        else:
            exponent = quadratic
    low = value_range(exponent[2] * -2 + 1).low
    return Slice(i, outside, power, exponent, tuple(kinks)) if low is not None and low.sign() > 0 else None


def compile_slice(part: Slice, signs: Mapping[Atom, int] | None = None) -> Function:
    """The mean over the slice's variable as a function of the others, at the current precision.

    With the flag set the result is finite only where one analytic formula holds on the whole ball: the roots are simple, apart
    from each other and in one order. Without it the result holds every value on the ball, across roots that meet and vanish too.
    Kind: certified.
    """
    outside = compile_product(part.outside, signs)
    c0, c1, c2 = (compile_sum(c, signs) for c in part.exponent)
    kinks = [tuple(compile_sum(c, signs) for c in kink) for kink in part.kinks]
    tilted = any(not c.is_zero for c in part.exponent)
    power = part.power

    def value(x: Sequence[acb], analytic: bool) -> acb:
        deviation, mean, weight = acb(1), acb(0), outside(x, analytic)
        if tilted:
            slope = c1(x, analytic)
            narrow = 1 - 2 * c2(x, analytic)
            deviation = narrow.rsqrt(analytic=analytic)
            mean = slope / narrow
            weight = weight * deviation * (c0(x, analytic) + slope * mean / 2).exp()
        patterns = []
        for a0, a1, a2 in kinks:
            c, b, a = a0(x, analytic), a1(x, analytic), a2(x, analytic)
            if tilted:  # as a polynomial in y, z = mean + deviation·y
                a, b, c = a * deviation * deviation, (b + 2 * a * mean) * deviation, c + (b + a * mean) * mean
            patterns.append(_pattern(a, b, c, analytic))
        if not tilted:
            return weight * _moment(patterns, power, analytic)
        total = acb(0)
        for j in range(power + 1):
            total += mean ** (power - j) * deviation**j * comb(power, j) * _moment(patterns, j, analytic)
        return weight * total

    return value


@dataclass(frozen=True)
class _Pattern:
    """The sign of a polynomial on the line: `left` before the first root, flipping at each; not known where |y| > `known`.

    `left` None: nothing is known.
    """

    left: int | None
    roots: tuple[acb, ...] = ()
    known: arb | None = None


def _pattern(a: acb, b: acb, c: acb, analytic: bool) -> _Pattern:
    """The sign of a y² + b y + c in y, for coefficients that are real on the real points of their balls."""
    if a.is_zero():
        if b.is_zero():
            return _Pattern(_side(c))
        side = _side(b)
        if side is not None:
            return _Pattern(-side, (-c / b,))
        return _Pattern(None) if analytic else _beyond(a.real, b.real, c.real)
    side = _side(a)
    squared = b * b - 4 * a * c
    discriminant = _side(squared)
    if side is not None and discriminant == -1:
        return _Pattern(side)
    if side is not None and discriminant == 1:
        root = squared.sqrt(analytic=analytic)
        slope = _side(b)
        if slope is None:
            low, high = (-b - root * side) / (2 * a), (-b + root * side) / (2 * a)
        else:  # without cancellation: one root from b + sign(b) √D, the other from the product of both
            far = -(b + root * slope) / 2
            first, second = far / a, c / far
            low, high = (first, second) if slope * side == 1 else (second, first)
        return _Pattern(side, (low, high)) if low.is_finite() and high.is_finite() else _Pattern(None)
    if analytic:
        return _Pattern(None)
    return _real_pattern(a.real, b.real, c.real, side, squared.real)


def _real_pattern(a: arb, b: arb, c: arb, side: int | None, squared: arb) -> _Pattern:
    """The same for real balls on which the leading coefficient or the discriminant may change sign."""
    if not squared.is_finite():
        return _Pattern(None)
    if side is not None:  # a discriminant that may be negative: there the roots are taken as equal, and cancel
        root = squared.nonnegative_part().sqrt()
        middle, half = -b / (2 * a), root / (2 * abs(a))
        return _Pattern(side, (acb(middle - half), acb(middle + half)))
    slope = certain_sign(b)
    if slope is not None and certain_sign(squared) == 1:  # one root stays near, the other passes through infinity
        far = -(b + squared.sqrt() * slope) / 2
        known = abs(far).lower() / abs(a).upper()
        return _Pattern(-slope, (acb(c / far),), known.lower())
    return _beyond(a, b, c)


def _beyond(a: arb, b: arb, c: arb) -> _Pattern:
    """No root lies where |a| y² + |b| |y| < |c|."""
    side = certain_sign(c)
    if side is None:
        return _Pattern(None)
    size, quadratic, linear = abs(c).lower() / 2, abs(a).upper(), abs(b).upper()
    radius = arb("inf")
    if quadratic > 0:
        radius = radius.min((size / quadratic).sqrt().lower())
    if linear > 0:
        radius = radius.min((size / linear).lower())
    return _Pattern(side, (), radius)


def _side(x: acb) -> int | None:
    """The sign of the real part, where it has one on the whole ball."""
    return certain_sign(x.real) or None


def _moment(patterns: Sequence[_Pattern], j: int, analytic: bool) -> acb:
    """E[y^j Π signs] for y ~ N(0, 1)."""
    whole = double_factorial(j - 1) if j % 2 == 0 else 0
    if any(p.left is None or (analytic and p.known is not None) for p in patterns):
        return _UNKNOWN if analytic else acb(arb(0, _absolute_moment(j)))
    left = 1
    for p in patterns:
        left *= p.left or 0
    roots = [root for p in patterns for root in p.roots]
    error = arb(0)
    for p in patterns:
        if p.known is not None:
            error += 4 * _tail_moment(j, p.known)
    total = acb(whole * (-1) ** len(roots))
    for sign, cluster in _clusters(patterns, roots, analytic):
        if len(cluster) == 1:
            total += sign * 2 * _below(cluster[0], j)
            continue
        if analytic:
            return _UNKNOWN
        spread = cluster[0].real
        for root in cluster[1:]:
            spread = spread.union(root.real)
        change = _change(spread, j)
        if len(cluster) % 2:
            total += sign * 2 * _below(acb(spread.mid()), j)
            total += acb(arb(0, (2 * change).upper()))
        total += acb(arb(0, (2 * change * (len(cluster) // 2)).upper()))
    value = total * left
    if not analytic:
        bound = arb(0, _absolute_moment(j))
        if not value.is_finite():
            return acb(bound)
        real = value.real + arb(0, error.upper())
        if not real.rad() < bound.rad():
            real = bound
        return acb(real)
    return value


def _clusters(patterns: Sequence[_Pattern], roots: Sequence[acb], analytic: bool) -> list[tuple[int, list[acb]]]:
    """Roots in rising order, those whose order is not certain together, with the sign (-1)^(number of roots before)."""
    if len(patterns) == 1 and len(roots) == 2 and (analytic or not roots[0].real.overlaps(roots[1].real)):
        return [(1, [roots[0]]), (-1, [roots[1]])]
    out: list[tuple[int, list[acb]]] = []
    reach = None
    for before, root in enumerate(sorted(roots, key=lambda r: float(r.real.mid() - r.real.rad()))):
        if reach is None or root.real > reach:
            out.append(((-1) ** before, [root]))
        else:
            out[-1][1].append(root)
        reach = root.real.upper() if reach is None else reach.max(root.real.upper())
    return out


def _below(t: acb, j: int) -> acb:
    """E[y^j 1{y < t}], an entire function of t."""
    root_two = arb(2).sqrt()
    density = (-t * t / 2).exp() / (2 * arb.pi()).sqrt()
    out = (-t / root_two).erfc() / 2 if j % 2 == 0 else -density
    for k in range(2 + j % 2, j + 1, 2):
        out = out * (k - 1) - t ** (k - 1) * density
    return out


def _change(t: arb, j: int) -> arb:
    """A bound on ∫ |y|^j φ over the ball t, and so on the difference of E[y^j 1{y < .}] at two of its points."""
    size, nearest = t.abs_upper(), t.abs_lower()
    height = size**j * (-nearest * nearest / 2).exp() / (2 * arb.pi()).sqrt()
    bound = (2 * t.rad() * height).upper()
    whole = _absolute_moment(j)
    return bound.min(whole) if bound.is_finite() else whole


@kept_balls(200)
def _absolute_moment(j: int) -> arb:
    """E|y|^j, rounded up."""
    value = arb(2) ** (arb(j) / 2) * (arb(j + 1) / 2).gamma() / arb.pi().sqrt()
    return value.upper()


def _tail_moment(j: int, t: arb) -> arb:
    """E[|y|^j 1{|y| > t}], rounded up, t >= 0."""
    if not t.is_finite():
        return arb(0)
    return (2 * abs(_below(acb(-t), j).real)).upper()
