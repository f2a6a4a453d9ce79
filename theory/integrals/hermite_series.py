"""Hermite coefficients of functions of one variable, many at once: closed forms of kinks and jumps, else Gauss-Legendre rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, pairwise
from math import ceil, comb, factorial, inf, log
from typing import NamedTuple

from flint import acb, arb, arb_mat

from steinlab.theory.behaviour.growth import Growth, growth, tail
from steinlab.theory.behaviour.points import singular_points
from steinlab.theory.budget import charge
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import exact_fraction, kept_balls, working_precision
from steinlab.theory.exact.reals import GUARD
from steinlab.theory.integrals.expectations import expectation, times_hermite
from steinlab.theory.integrals.quadrature import enclosure
from steinlab.theory.links.balls import Function, certain_sign, fraction_ball, interval, real_value
from steinlab.theory.links.enclosures import ACTUAL_STEPS, EVALUATION_STEPS, compile_sum
from steinlab.theory.links.ring import Atom, Sum, sign_atoms

MAX_RADIUS = 60
"""Largest |z| up to which a coefficient is integrated; beyond lies the proved tail."""
MAX_HALVINGS = 12
"""So often an interval of length one is halved at most."""
_SHARED = 4
"""Numbers of nodes are multiples of it, so that functions share rules."""
MAX_NODES = 48
"""Most nodes on an interval: one that needs more is halved."""
RECURSION_STEPS = 0.003
"""Steps of work for a Hermite polynomial at a node."""
_CRAMER = arb("1.0865")
"""|He_k(x)| <= 1.0865 sqrt(k!) exp(x²/4) (Abramowitz and Stegun 1964, 22.14.17)."""
_RHO = (Fraction(6, 5), Fraction(7, 5), Fraction(9, 5), Fraction(7, 3), Fraction(3), Fraction(4), Fraction(6))
"""Parameters of the ellipses on which an integrand is bounded."""


def normalised_coefficients(u: Sum, count: int, bits: int) -> list[arb] | None:
    """E[u He_k]/sqrt(k!) for k < count, each to about 2^-bits; None where no rule is known. Kind: certified.

    u is a function of z1 of finite variance. Sums of polynomials, and of such times the sign of an affine function, have closed
    forms. Other functions are integrated by Gauss and Legendre's rule between kinks of affine functions, all coefficients with
    one set of values.

    >>> from steinlab.theory.links.ring import relu, variable
    >>> [c.str(4, radius=False) for c in normalised_coefficients(relu(variable(0)), 5, 53)]
    ['0.3989', '0.5000', '0.2821', '0', '-0.08143']
    """
    # a recursion on balls loses some digits for each degree
    with working_precision(bits + GUARD + count):
        jumps = _jumps(u)
        return _by_quadrature(u, count, bits) if jumps is None else _by_jumps(u, jumps, count, bits)


# -- polynomials and signs


def _jumps(u: Sum) -> list[tuple[Sum, arb, int]] | None:
    """(p, t, side) with u = Σ p(z) side sign(z - t) + a polynomial; None where u is no such sum."""
    groups: dict[Atom | None, Sum] = {}
    for product, c in u.terms.items():
        kinks = [atom for atom, _ in product if not atom.is_variable]
        if len(kinks) > 1 or any(atom.name != "sign" for atom in kinks):
            return None
        kink = kinks[0] if kinks else None
        rest = Sum({tuple((atom, e) for atom, e in product if atom.is_variable): c})
        groups[kink] = groups[kink] + rest if kink in groups else rest
    out = []
    for kink, polynomial in groups.items():
        if kink is not None:
            root = _root(kink.argument)
            if root is None:
                return None
            out.append((polynomial, root[0].ball(), root[1]))
    return out


def _root(v: Sum) -> tuple[Number, int] | None:
    """The zero of an affine function of z1, and the sign of its slope; None for other functions."""
    if not v.is_affine or v.variables != {0}:
        return None
    offset, slope = v.univariate
    return -offset / slope, slope.sign()


def _by_jumps(u: Sum, jumps: Sequence[tuple[Sum, arb, int]], count: int, bits: int) -> list[arb]:
    """Low degrees by closed forms; E[p(z) sign(z - t) He_k] = 2 φ(t) Σ_i p^{(i)}(t) He_{k-1-i}(t) above the degree of p."""
    charge(RECURSION_STEPS * count * (len(jumps) + 1))
    low = max([u.degree, *(p.degree for p, _, _ in jumps)]) + 1
    out = [
        enclosure(expectation(times_hermite(u, (k,))), bits) / arb(factorial(k)).sqrt() if k < low else arb(0)
        for k in range(count)
    ]
    for p, t, side in jumps:
        hermite = _normalised(t, count)
        derivatives = [p]
        while not derivatives[-1].is_zero:
            derivatives.append(derivatives[-1].derivative(0))
        slopes = [real_value(compile_sum(slope), [t]) for slope in derivatives[:-1]]
        weight = 2 * side * (-t * t / 2).exp() / (2 * arb.pi()).sqrt()
        for k in range(low, count):
            shrink = arb(1)
            for i, slope in enumerate(slopes):
                shrink /= arb(k - i).sqrt()  # sqrt((k-1-i)!/k!)
                out[k] += weight * slope * hermite[k - 1 - i] * shrink
    return out


def _normalised(x: arb, count: int) -> list[arb]:
    """He_k(x)/sqrt(k!), k < count."""
    out = [arb(1), x]
    for k, (root, before) in enumerate(_roots(count), 2):
        out.append((x * out[k - 1] - before * out[k - 2]) * root)
    return out[:count]


@kept_balls(20)
def _roots(count: int) -> tuple[tuple[arb, arb], ...]:
    """(1/sqrt(k), sqrt(k-1)) for 2 <= k < count."""
    return tuple((1 / arb(k).sqrt(), arb(k - 1).sqrt()) for k in range(2, count))


# -- quadrature


def _by_quadrature(u: Sum, count: int, bits: int) -> list[arb] | None:
    singular = singular_points(u)
    try:
        bound = growth(u)
    except InputError:  # no bound is known
        return None
    bound = replace(bound, square={0: bound.square.get(0, arb(0)) + arb(1) / 4})
    radius = next((r for r in range(6, MAX_RADIUS) if _outside(bound, r) < arb(2) ** -(bits + 2)), None)
    kinks = sign_atoms(u)
    roots = [_root(kink.argument) for kink in kinks]
    if singular.found or not singular.complete or radius is None or None in roots:
        return None
    edges = _edges({root[0] for root in roots if root is not None}, radius)
    if edges is None:
        return None
    total = [arb(0, _outside(bound, radius))] * count
    goal = 2.0**-bits / (8 * radius)
    for a, b in pairwise(edges):
        signs = {kink: certain_sign(real_value(compile_sum(kink.argument), [arb(((a + b) / 2).mid())])) for kink in kinks}
        if not all(signs.values()):
            return None
        part = _panel(compile_sum(u, {kink: side for kink, side in signs.items() if side}), a, b, count, goal, MAX_HALVINGS)
        if part is None:
            return None
        total = [x + y for x, y in zip(total, part, strict=True)]
    return total


def _outside(bound: Growth, radius: int) -> arb:
    """A bound on ∫ |u He_k|/sqrt(k!) φ where |z| > radius, from one on |u| exp(z²/4)."""
    if any(radius < least for least in bound.beyond.values()):
        return arb("nan")
    return (2 * _CRAMER * bound.constant * tail(bound, 0, Fraction(radius))).upper()


def _edges(kinks: set[Number], radius: int) -> list[arb] | None:
    """Whole numbers and kinks in [-radius, radius], rising; None where balls of two kinks meet."""
    inside = [t.ball() for t in kinks if -radius < t < radius]
    if any(s.overlaps(t) for s, t in combinations(inside, 2)):
        return None
    whole = [arb(n) for n in range(-radius, radius + 1) if not any(t.overlaps(arb(n)) for t in inside)]
    return sorted([*whole, *inside], key=lambda x: exact_fraction(arb(x.mid())))


def _panel(f: Function, a: arb, b: arb, count: int, goal: float, halvings: int) -> list[arb] | None:
    """∫_a^b f He_k/sqrt(k!) φ for k < count, the error of each rule at most about `goal` times its length.

    With |f| <= F on the ellipse of parameter ρ around [a, b], and |y| and |x| there at most y and at least x, the integrand is at
    most M = F C exp((y² - x²)/2 + x²/4) Σ_j sqrt(binom(k, j)/j!) y^j/sqrt(2π), by He_k(x + iy) = Σ_j binom(k, j) (iy)^j
    He_{k-j}(x) and Cramér's inequality, and the rule with n nodes errs by at most (64/15) h M ρ^{-2n}/(1 - ρ^{-2}), 2h = b - a.
    """
    middle, half = (a + b) / 2, (b - a) / 2
    best: tuple[int, arb] | None = None
    for rho in _RHO:
        wide, high = half * fraction_ball((rho + 1 / rho) / 2), half * fraction_ball((rho - 1 / rho) / 2)
        x, y = interval(middle - wide, middle + wide), high.upper()
        value = f([acb(x, interval(-y, y))], True)
        charge(EVALUATION_STEPS, ACTUAL_STEPS)
        if not value.is_finite():
            break
        nearest = x.abs_lower()
        size = value.abs_upper() * _CRAMER * (y * y / 2 - nearest * nearest / 4).exp() * _rise(y, count)
        error = (half * size * arb(64) / 15 / (1 - fraction_ball(rho) ** -2)).upper()
        ratio = float(error) / goal
        n = _SHARED * max(1, ceil(log(max(ratio, 1.0)) / (2 * _SHARED * log(rho)))) if ratio < inf else MAX_NODES + 1
        if best is None or n < best[0]:
            best = n, (error * fraction_ball(rho) ** (-2 * n)).upper()
    if best is None or best[0] > MAX_NODES:
        if not halvings:
            return None
        middle = arb(middle.mid())
        parts = [_panel(f, *ends, count, goal / 2, halvings - 1) for ends in ((a, middle), (middle, b))]
        left, right = parts
        return None if left is None or right is None else [x + y for x, y in zip(left, right, strict=True)]
    total = [arb(0, best[1])] * count
    charge(best[0] * (EVALUATION_STEPS + RECURSION_STEPS * count), best[0] * (ACTUAL_STEPS + RECURSION_STEPS * count))
    exact = a.is_exact() and b.is_exact()
    rule = _kept_rule(exact_fraction(a), exact_fraction(b), best[0], count) if exact else _rule(a, b, best[0], count)
    values = arb_mat([[f([acb(x)], False).real for x in rule.nodes]]) * rule.weights
    return [t + values[0, k] for k, t in enumerate(total)]


class _Rule(NamedTuple):
    """∫_a^b f He_k/sqrt(k!) φ is about the k-th of f(nodes) times the weights, a matrix."""

    nodes: list[arb]
    weights: arb_mat


def _rule(a: arb, b: arb, n: int, count: int) -> _Rule:
    middle, half = (a + b) / 2, (b - a) / 2
    nodes, rows = [], []
    for node, weight in _legendre(n):
        x = middle + half * node
        mass = half * weight * (-x * x / 2).exp() / (2 * arb.pi()).sqrt()
        nodes.append(x)
        rows.append([mass * h for h in _normalised(x, count)])
    return _Rule(nodes, arb_mat(rows))


@kept_balls(200)
def _kept_rule(a: Fraction, b: Fraction, n: int, count: int) -> _Rule:
    """The rule on an interval between dyadic numbers: functions share it."""
    return _rule(fraction_ball(a), fraction_ball(b), n, count)


def _rise(y: arb, count: int) -> arb:
    """Σ_j sqrt(binom(k, j)/j!) y^j for the largest k."""
    k = count - 1
    return sum(((arb(comb(k, j)) / factorial(j)).sqrt() * y**j for j in range(k + 1)), arb(0))


@kept_balls(200)
def _legendre(n: int) -> tuple[tuple[arb, arb], ...]:
    return tuple(arb.legendre_p_root(n, k, weight=True) for k in range(n))
