"""The generative exponent of a general link: decided with proof, or bounded."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from flint import fmpq, fmpq_poly

from steinlab.theory.exact.hermite import hermite_coefficients
from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.degree import coefficients
from steinlab.theory.expansions.generative import GenerativeExponent, Witness, of_polynomial
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.integrals.expectations import expectation, times_hermite
from steinlab.theory.integrals.integrability import terms_integrable
from steinlab.theory.links.balls import number_side
from steinlab.theory.links.cases import settle
from steinlab.theory.links.functions import FUNCTIONS
from steinlab.theory.links.ring import Atom, Product, Sum, absolute, apply, constant, is_polynomial_form, sign_atoms, variable
from steinlab.theory.verdicts import Decided, Evidence, Verdict

LABEL_POWERS = 4
"""Highest power of the label tried as a transformation of it."""


def generative_exponent(g: Sum, highest: int) -> GenerativeExponent:
    """The generative exponent of a link of one direction, looked for up to the degree `highest`.

    Upper bound: a label transformation T and a certified E[He_k(Z) T(g(Z))] != 0. Lower bounds: g even kills every odd k; for g =
    c |z|^m e^{az²}, bounded, E[He_k g^j] is a rational function of j with positive factors, and where it vanishes identically
    so does E[He_k | Y], powers being dense among continuous functions of a bounded label. Where g is a one-to-one function of
    such a u, or of a polynomial, u is asked: E[He_k | g] = E[He_k | u]. Kind: certified.
    Source: definition of Damian, Pillaud-Vivien, Lee, Bruna 2024; the criteria are derived.

    >>> from steinlab.theory.expansions.link_expansion import LinkExpansion
    >>> found = LinkExpansion.from_expression("z1**2*exp(-z1**2)").generative_exponent()
    >>> found.value.value, found.witness.label
    (4, 'Y')
    >>> found.vanishing[1]
    'k = 2: E[He_2 Y^j] = 0 for every j >= 0, identically in j'
    >>> links = ("pi*z1**2*exp(-z1**2) + 1", "z1**2*exp(-pi*z1**2)", "tanh(z1**2*exp(-z1**2) + 3)")
    >>> [LinkExpansion.from_expression(link).generative_exponent().value.value for link in links]
    [4, 2, 4]
    """
    polynomial = _of_polynomial(g)
    if polynomial is not None:
        return polynomial
    core = _core(g)
    even = core.substitute({0: -variable(0)}) == core
    monomial = _gaussian_monomial(core)
    label = "Y" if core == g else "U"
    of_label = "" if core == g else f", and Y is a one-to-one function of U = {core}"
    vanishing: list[str] = []
    gap = None
    for k in range(1, highest + 1):
        if even and k % 2:
            vanishing.append(f"k = {k}: g is even and He_{k} is odd")
            continue
        if monomial is not None and _vanishes_for_every_power(*monomial, k):
            vanishing.append(f"k = {k}: E[He_{k} {label}^j] = 0 for every j >= 0, identically in j{of_label}")
            continue
        witness = _witness(g, k)
        if witness is not None:
            reason = f"E[He_{k}(Z) {witness.label}] = {witness.value} is not zero"
            if gap is None:
                return GenerativeExponent(Decided(k, Evidence.CERTIFIED, reason, k, k), witness, tuple(vanishing))
            reason += f"; no proof that E[He_{gap} | Y] vanishes"
            return GenerativeExponent(Decided(None, Evidence.NUMERICAL, reason, gap, k), witness, tuple(vanishing))
        polynomial = _of_polynomial(core) if gap is None else None
        if polynomial is not None:
            value = replace(polynomial.value, reason=polynomial.value.reason + of_label)
            return replace(polynomial, value=value, witness=None)  # that one is of U
        gap = k if gap is None else gap
    reason = f"no label transformation tried has a certified correlation up to degree {highest}"
    return GenerativeExponent(Decided(None, Evidence.NUMERICAL, reason, gap or highest + 1, None), None, tuple(vanishing))


def _core(g: Sum) -> Sum:
    """u with g a one-to-one function of u, on the values that u takes: increasing functions and powers are taken off.

    c f(u) + d for a number c that is not zero, a constant d and an increasing f; log u; and u^e, where u is nowhere negative. An
    even function is one of |z|, for which its form at z > 0 counts.
    """
    kink = Atom.get("sign", variable(0))
    positive = settle(g, {kink: 1})
    if kink in sign_atoms(g) and kink not in sign_atoms(positive) and g.substitute({0: -variable(0)}) == g:
        return _core(positive).substitute({0: absolute(variable(0))})
    varying = Sum({product: c for product, c in g.terms.items() if any(atom.variables for atom, _ in product)})
    if len(varying.terms) != 1:
        return g
    ((product, _),) = varying.terms.items()
    outer = [(atom, e) for atom, e in product if atom.variables]
    if len(outer) != 1 or not _is_nonzero_number(product):
        return g
    ((atom, e),) = outer
    row = FUNCTIONS.get(atom.name)
    one_to_one = atom.name in ("base", "log") or (row is not None and row.increasing)
    nonnegative = atom.name == "base" or (row is not None and row.positive) or e % 2 == 1
    return _core(atom.argument) if one_to_one and nonnegative else g


def _is_nonzero_number(product: Product) -> bool:
    """Whether the constants in a product are certainly not zero together."""
    return number_side(Sum({tuple(factor for factor in product if not factor[0].variables): Number.of(1)})) is not None


def _of_polynomial(g: Sum) -> GenerativeExponent | None:
    """The exponent of a polynomial with coefficients in closed form; None for other links, and where one of them may vanish."""
    if not is_polynomial_form(g):
        return None
    signs = {int(monomial[0][1]): c.sign for monomial, c in coefficients(g).items() if monomial}
    odd = any(side for k, side in signs.items() if k % 2)
    even = all(side == 0 for k, side in signs.items() if k % 2) and any(signs.values())
    if not (odd or even):
        return None
    return of_polynomial(even, Evidence.EXACT if g.is_polynomial else Evidence.CERTIFIED, _witness(g, 2 if even else 1))


def _witness(g: Sum, k: int) -> Witness | None:
    """A label transformation with a certified correlation with He_k: powers where they are integrable, then bounded functions."""
    weight = times_hermite(constant(1), (k,))
    power = constant(1)
    for j in range(1, LABEL_POWERS + 1):
        power = power * g
        if not terms_integrable(power * weight, 1):
            break
        value = Constant(expectation(power * weight))
        if value.is_zero is Verdict.FAILS:
            return Witness(k, "Y" if j == 1 else f"Y^{j}", value)
    for name in ("tanh", "sin", "cos"):
        value = Constant(expectation(apply(name, g) * weight))
        if value.is_zero is Verdict.FAILS:
            return Witness(k, f"{name}(Y)", value)
    return None


def _gaussian_monomial(g: Sum) -> tuple[int, Fraction] | None:
    """(m, a) when g = c |z|^m e^{az²} + b for constants c and b, even, bounded and a rational; None otherwise.

    c and b are whatever stands there without a variable: functions of the label are functions of |z|^m e^{az²} for any c and b.
    """
    found = {_monomial(product) for product in g.terms if any(atom.variables for atom, _ in product)}
    return found.pop() if len(found) == 1 else None


def _monomial(product: Product) -> tuple[int, Fraction] | None:
    """(m, a) for a constant times |z|^m e^{az²}, as above."""
    power, square, kink = 0, Number.of(0), False
    for atom, e in product:
        parts = atom.argument.coefficients_in(0) if atom.name == "exp" and atom.variables else None
        if atom.is_variable:
            power = int(e)
        elif atom.name == "sign" and atom.argument == variable(0):
            kink = True
        elif parts is not None and set(parts) <= {0, 2} and (whole := parts[2].number) is not None:
            square = whole
        elif atom.variables:
            return None
    bounded = square.sign() < 0
    even = power % 2 == (1 if kink else 0)
    return (power, square.fraction) if bounded and even and square.is_rational else None


def _vanishes_for_every_power(m: int, a: Fraction, k: int) -> bool:
    """Whether E[He_k(Z) (|Z|^m e^{aZ²})^j] = 0 identically in j.

    With q = mj and s = 1 - 2aj > 0, E[|Z|^{q+2i} e^{ajZ²}] = E[|Z|^q e^{ajZ²}] Π_{l<i} (q + 1 + 2l)/s, so for even k the
    coefficient is a positive factor times Σ_l h_{kl} Π_{i<l/2} (mj + 1 + 2i) s^{(k-l)/2}: a polynomial in j, tested for zero.
    """
    if k % 2:
        return True
    s = fmpq_poly([1, fmpq(-2 * a.numerator, a.denominator)])
    total = fmpq_poly([0])
    for degree, h in enumerate(hermite_coefficients(k)):
        if degree % 2 == 0 and h:
            term = fmpq_poly([h])
            for i in range(degree // 2):
                term *= fmpq_poly([1 + 2 * i, m])
            total += term * s ** (k // 2 - degree // 2)
    return total == fmpq_poly([0])
