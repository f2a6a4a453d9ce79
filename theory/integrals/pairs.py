"""Energies of sums of ridge functions as sums over pairs of lines, by Mehler's formula, with a proved tail.

For unit vectors u and v, ρ = <u, v>, E[φ(<u, z>) ψ(<v, z>)] = Σ_k a_k b_k ρ^k, a_k = E[φ He_k]/sqrt(k!). What is left from degree
K on is at most |ρ|^K sqrt(A B), A = E φ² - Σ_{k < K} a_k². A correlation is a ball: no number field holds the lengths of many
directions, and no form the products of their coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement, repeat
from math import factorial, prod

from flint import arb, arb_mat

from steinlab.theory.budget import charge, priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.reals import GUARD
from steinlab.theory.integrals.expectations import expectation
from steinlab.theory.integrals.hermite_series import normalised_coefficients
from steinlab.theory.integrals.integrability import terms_integrable
from steinlab.theory.integrals.quadrature import UNKNOWN, enclosure
from steinlab.theory.integrals.ridges import Ridge, Ridges, on_plane, taken_apart
from steinlab.theory.links.ring import ENERGY, Atom, Sum, from_atom

AIM = 36
"""The accuracy in bits, of the variance, that is aimed at where more is asked for."""
COUNTS = (16, 48, 128)
"""Numbers of coefficients that are tried, one after the other."""
TERM_STEPS = 0.03
"""Steps of work for a term of a sum over pairs and degrees."""
MAX_SLOW = 200
"""Most pairs of lines so close to each other that they are integrated over their plane."""
SLOW_STEPS = 400
"""Steps of work for the coordinates in such a plane."""


def energy_atom(g: Sum, k: int | None = None) -> Sum:
    """The energy ‖C_k‖²/k! of g as a symbol, or Var g, that of all degrees above 0."""
    return from_atom(Atom.get(ENERGY, g, -1 if k is None else k))


def energy_enclosure(atom: Atom, bits: int) -> arb:
    """A ball that holds the number of an energy atom; not finite where none is known. Kind: certified.

    Hypothesis: the function is a sum of ridge functions and a polynomial, and square integrable.
    """
    g = atom.argument
    return _variance(g, min(bits, AIM)) if atom.index < 0 else _energy(g, atom.index, bits)


def has_energies(ridges: Ridges) -> bool:
    """Whether balls for all energies and the variance can be had."""
    if not ridges.is_complete:
        return False
    return all(normalised_coefficients(ridge.profile, COUNTS[0], 1) is not None for ridge in ridges.ridges)


@priced(2_000)
def _energy(g: Sum, k: int, bits: int) -> arb:
    """‖C_k‖²/k! = Σ_ij E[φ_i He_k] E[φ_j He_k] <u_i, u_j>^k/k!, and the share of the polynomial rest."""
    ridges = taken_apart(g, max(g.variables) + 1)
    with working_precision(bits + GUARD):
        means = [enclosure(ridge.mean(k), bits) for ridge in ridges.ridges]
        charge(TERM_STEPS * len(means) ** 2)
        total = sum((x * x for x in means), arb(0))
        for (x, y), rho in zip(combinations(means, 2), _correlations(ridges), strict=True):
            total += prod(repeat(rho, k), start=2 * x * y)  # whole powers of balls around zero are no powers to FLINT
        return total / factorial(k) + _share_of_rest(ridges, k, bits)


@priced(200)
def _variance(g: Sum, bits: int) -> arb:
    ridges = taken_apart(g, max(g.variables) + 1)
    fine = 2 * bits + GUARD // 2  # the root of what is left of E φ² takes half of the digits
    with working_precision(fine + GUARD):
        rest = sum((_share_of_rest(ridges, k, fine) for k in range(1, ridges.rest.degree + 1)), arb(0))
        correlations = _correlations(ridges)
        squares = [enclosure(expectation(ridge.profile * ridge.profile), fine) for ridge in ridges.ridges]
        total = UNKNOWN
        for count in COUNTS:
            found = [normalised_coefficients(ridge.profile, count, fine) for ridge in ridges.ridges]
            series = [a for a in found if a is not None]
            if len(series) < len(found):
                return UNKNOWN
            own = sum((square - a[0] ** 2 for square, a in zip(squares, series, strict=True)), arb(0))
            left = [
                (square - sum((x * x for x in a), arb(0))).upper().max(arb(0)).sqrt()
                for square, a in zip(squares, series, strict=True)
            ]
            charge(TERM_STEPS * count * len(correlations))
            pairs = [
                _mehler(a, b, rho) + arb(0, (r * s * rho.abs_upper() ** count).upper())
                for ((a, r), (b, s)), rho in zip(combinations(zip(series, left, strict=True), 2), correlations, strict=True)
            ]
            total = own + 2 * sum(pairs, arb(0)) + rest
            if total.rel_accuracy_bits() >= bits:
                return total
        return own + 2 * sum(_narrowed(ridges, pairs, series, total, bits), arb(0)) + rest


def _correlations(ridges: Ridges) -> list[arb]:
    """<u_i, u_j> for i < j."""
    charge(TERM_STEPS * ridges.size * len(ridges.ridges) ** 2)
    units = arb_mat([[x.ball() for x in ridge.unit] for ridge in ridges.ridges])
    products = units * units.transpose()
    return [products[i, j] for i, j in combinations(range(len(ridges.ridges)), 2)]


def _share_of_rest(ridges: Ridges, k: int, bits: int) -> arb:
    """E[(p + Σφ_j)²] - E[(Σφ_j)²] in degree k, p the polynomial rest."""
    alone, total = Ridges((), ridges.rest, ridges.size), arb(0)
    if ridges.rest.degree >= k:
        for index in combinations_with_replacement(range(ridges.size), k):
            alpha = tuple(index.count(i) for i in range(ridges.size))
            own = enclosure(alone.coefficient(alpha), bits)
            if not own.is_zero():
                others = arb(0)
                for ridge in ridges.ridges:
                    weight = prod((ridge.unit[i].ball() for i in index), start=arb(1))
                    others += weight * enclosure(ridge.mean(k), bits)
                total += own * (own + 2 * others) / prod(map(factorial, alpha))
    return total


def _mehler(a: Sequence[arb], b: Sequence[arb], rho: arb) -> arb:
    """Σ_{k >= 1} a_k b_k ρ^k."""
    total = arb(0)
    for x, y in zip(reversed(a[1:]), reversed(b[1:]), strict=True):
        total = (total + x * y) * rho
    return total


def _narrowed(ridges: Ridges, pairs: Sequence[arb], series: Sequence[Sequence[arb]], total: arb, bits: int) -> list[arb]:
    """The covariances, those of lines close to each other worked out as integrals over their plane."""
    goal = float(total.abs_upper()) * 2.0**-bits / max(len(pairs), 1)
    wide = [i for i, ball in enumerate(pairs) if not float(ball.rad()) < goal]
    out = list(pairs)
    couples = list(combinations(zip(ridges.ridges, series, strict=True), 2))
    for i in sorted(wide, key=lambda i: -float(pairs[i].rad()))[:MAX_SLOW]:
        (first, a), (second, b) = couples[i]
        charge(SLOW_STEPS)
        found = _over_plane(first, second, bits) - a[0] * b[0]
        if found.is_finite() and found.rad() < out[i].rad():
            out[i] = found
    return out


def _over_plane(first: Ridge, second: Ridge, bits: int) -> arb:
    """E[φ ψ] as an integral in two coordinates, where a field holds the sine of the angle between the lines."""
    try:
        product = on_plane(first, second)
    except InputError:  # no supported field holds it
        return UNKNOWN
    return enclosure(expectation(product), bits) if terms_integrable(product, 1) else UNKNOWN
