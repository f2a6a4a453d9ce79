"""Stein's identity as a reduction: E[z^k F(z)] through lower powers of z, so that related integrals become the same ones."""

from __future__ import annotations

from fractions import Fraction

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.functions import bound_of
from steinlab.theory.links.ring import Atom, Product, Sum, apply, constant, from_atom, pi, substitute, variable

_ANGLES = {
    Fraction(0): Fraction(0),
    Fraction(1, 4): Fraction(1, 6),
    Fraction(1, 2): Fraction(1, 4),
    Fraction(3, 4): Fraction(1, 3),
    Fraction(1): Fraction(1, 2),
}
"""{sin² of an angle: the angle over π}."""


def integrate_by_parts(product: Product, i: int) -> Sum | None:
    """A Sum with the same Gaussian expectation as the product and lower powers of z_{i+1}; None where it does not apply.

    For a product z^k e^Q F in one variable, k >= 1, Q = A z² + B z + C and F made of bounded functions, such as tanh, of affine
    ones: (1 - 2A) E[z^k e^Q F] = (k-1) E[z^{k-2} e^Q F] + B E[z^{k-1} e^Q F] + E[z^{k-1} e^Q F'], where the derivative of
    sign(z - t) is twice the point mass at t. Kind: exact. Source: Stein's lemma.
    """
    powers = dict(product)
    z = next((atom for atom in powers if atom.is_variable), None)
    functions = [atom for atom in powers if not atom.is_variable]
    if z is None or not all(_is_simple(atom) for atom in functions):
        return None
    exponent = next((atom.argument for atom in functions if atom.name == "exp"), constant(0))
    parts = exponent.coefficients_in(i)
    if parts is None:
        return None
    square = parts.get(2, constant(0)).number
    if square is None or not square < Fraction(1, 2):
        return None
    k = int(powers[z])
    rest = Sum({tuple((atom, e) for atom, e in product if atom is not z): Number.of(1)})
    lowered = variable(i) ** (k - 1)
    out = lowered * (_smooth_derivative(rest, i) + rest * parts.get(1, constant(0)))
    if k >= 2:
        out = out + variable(i) ** (k - 2) * rest * (k - 1)
    for kink in functions:
        if kink.name == "sign":
            jump = _jump(
                tuple((atom, e - (atom is z)) for atom, e in product if atom is not kink and (atom is not z or e > 1)), kink, i
            )
            if jump is None:
                return None
            out = out + jump
    return out * (1 - 2 * square).inverse()


def arcsine_law(product: Product, i: int) -> Sum | None:
    """E[e^{Az²} f(z) h(z)] = √S (2/π) arcsin(ρ_f ρ_h) for f, h each sign(z) or erf(az), S = 1/(1 - 2A); None for other products.

    ρ = 1 for sign and √2 a √S/√(1 + 2a²S) for erf(az): erf(az) is the mean of sign(z + w) over an independent Gaussian w, and the
    law is Sheppard's for two signs of correlation ρ_f ρ_h. Kind: exact.
    """
    variance, correlation = Number.of(1), Number.of(1)
    count = 0
    slopes: list[tuple[Number, int]] = []
    for atom, e in product:
        parts = atom.argument.coefficients_in(i) or {}
        if atom.name == "exp" and set(parts) == {2} and parts[2].number is not None and parts[2].number < Fraction(1, 2):
            variance = (1 - 2 * parts[2].number).inverse()
        elif atom.name in ("sign", "erf") and set(parts) == {1} and parts[1].number is not None:
            count += int(e)
            if atom.name == "erf":
                slopes.append((parts[1].number, int(e)))
        else:
            return None
    if count != 2:
        return None
    try:
        for slope, times in slopes:
            square = 2 * slope * slope * variance
            correlation = correlation * ((square / (1 + square)).root(2) * slope.sign()) ** times
        return arcsine(correlation) * pi(-1) * (2 * variance.root(2))
    except InputError:  # square roots outside the fields that are supported
        return None


def arcsine(x: Number) -> Sum:
    """arcsin x for 0 <= |x| <= 1; a rational multiple of π at 0, 1/2, 1/√2, √3/2 and 1."""
    square = x * x
    if square.is_rational and square.fraction in _ANGLES:
        return pi() * (_ANGLES[square.fraction] * x.sign())
    return apply("asin", constant(x))


def _is_simple(atom: Atom) -> bool:
    if atom.name == "exp":
        return atom.argument.is_polynomial and atom.argument.degree <= 2
    return bound_of(atom.name) is not None and atom.argument.is_affine


def _smooth_derivative(rest: Sum, i: int) -> Sum:
    """The derivative of everything but the exponential, whose share is accounted for by A and B, and the signs."""
    out = constant(0)
    ((product, c),) = rest.terms.items()
    for position, (atom, e) in enumerate(product):
        if atom.name in ("exp", "sign"):
            continue
        others = product[:position] + (((atom, e - 1),) if e > 1 else ()) + product[position + 1 :]
        out = out + Sum({others: c * e}) * from_atom(atom).derivative(i)
    return out


def _jump(others: Product, kink: Atom, i: int) -> Sum | None:
    """2 φ(t) h(t) sign(slope): the point mass of the derivative of sign(u), u(t) = 0, against the rest h of the product."""
    parts = kink.argument.coefficients_in(i)
    if parts is None or parts[1].number is None:
        return None
    slope = parts[1].number
    t = parts.get(0, constant(0)) * -slope.inverse()
    density = apply("exp", t * t * Fraction(-1, 2)) * pi(Fraction(-1, 2)) * Number.of(2).root(2)
    return substitute(others, {i: t}) * density * slope.sign()
