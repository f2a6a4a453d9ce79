"""Products and powers in normal form, against their values at points."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from flint import arb

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.balls import real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import (
    Atom,
    absolute,
    apply,
    constant,
    fix_signs,
    from_atom,
    is_polynomial_form,
    leading_coefficient,
    logarithm,
    outer_atoms,
    pi,
    polynomial,
    power,
    sign_atoms,
    unknown,
    variable,
)

Z1, Z2 = variable(0), variable(1)
POINTS = np.random.default_rng(3).uniform(-2, 2, (6, 2))


def at(u, point):
    return float(real_value(compile_sum(u), [arb(x) for x in point]))


@pytest.mark.parametrize("names", [("sin", "cos"), ("cos", "sin"), ("sin", "sin"), ("cos", "cos")])
@pytest.mark.parametrize("arguments", list(permutations((Z1, 2 * Z1 + Z2, Z2 - Z1 + Fraction(1, 3)), 2)))
def test_products_of_sines_and_cosines_in_either_order_are_sums(names, arguments):
    """sin u cos v is half of sin(u + v) + sin(u - v), whichever of the two comes first."""
    factors = [apply(name, u) for name, u in zip(names, arguments, strict=True)]
    product = factors[0] * factors[1]
    assert all(len(term) == 1 for term in product.terms)
    for point in POINTS:
        assert at(product, point) == pytest.approx(at(factors[0], point) * at(factors[1], point), abs=1e-12)


@pytest.mark.parametrize(
    ("root", "rest"), [(Z1 - 2, 1), (Z1 - 2, 1 + Z1**2), (Z1 - Z2**2, 1), (Z1 - Z2**2, 4), (Z2 - apply("tanh", Z1), 1)]
)
@pytest.mark.parametrize("exponent", [Fraction(1, 2), Fraction(3, 2), Fraction(-1, 2), Fraction(1, 3), Fraction(-2, 3)])
def test_powers_of_squares_are_powers_of_the_absolute_value(root, rest, exponent):
    """(w v²)^e = w^e |v|^{2e}: no square stays under the power."""
    u = root * root * rest
    found = power(u, exponent)
    assert not any(atom.name == "base" and atom.argument == u for product in found.terms for atom, _ in product)
    for point in POINTS:
        assert at(found, point) == pytest.approx(at(u, point) ** float(exponent), rel=1e-9)


TANH = apply("tanh", Z1)


@pytest.mark.parametrize(
    ("u", "text"),
    [
        (constant(0), "0"),
        (constant(Fraction(-3, 2)), "-3/2"),
        (Z1, "z1"),
        (-Z1, "-z1"),
        (Z1**2 * Fraction(-3, 2), "-3/2*z1**2"),
        (Z1 * Number.of(2).root(2), "sqrt(2)*z1"),
        (Z1 * (Number.of(2).root(2) + 1), "(1 + sqrt(2))*z1"),
        (Z1 - Z2, "z1 - z2"),
        (pi(-1) * Z1, "z1*pi**(-1)"),
        (pi(2), "pi**2"),
        (pi(Fraction(-1, 2)) * TANH**3, "pi**(-1/2)*tanh(z1)**3"),
        (power(1 + Z1**2, Fraction(-1, 2)), "(1 + z1**2)**(-1/2)"),
        (from_atom(Atom.get("E", TANH**2)) - 1, "-1 + E[tanh(z1)**2]"),
        (absolute(Z2) + 2, "2 + z2*sign(z2)"),
        (unknown("?") + Z1, "z1 + ?"),
    ],
)
def test_sums_as_text(u, text):
    assert str(u) == text
    assert repr(u) == f"Sum({text})"


def test_products_of_many_terms_are_refused(monkeypatch):
    monkeypatch.setattr("steinlab.theory.links.ring.MAX_PRODUCTS", 6)
    assert len(((Z1 + 1) * (Z2**2 + Z2 + 1)).terms) == 6
    with pytest.raises(InputError, match="more than 6 products"):
        (Z1**2 + Z1 + 1) * (Z2**2 + Z2 + 1)


def test_what_a_sum_is():
    u = 3 * Z1**2 * TANH - Z2 + 5
    assert (u.variables, u.is_polynomial, u.degree, u.is_affine, u.is_zero, u.number) == ({0, 1}, False, 2, False, False, None)
    assert (Z1 - 2 * Z2 + 1).is_affine
    assert not (Z1 * Z2).is_affine
    assert (constant(7).number, constant(0).number, (u - u).number, (Z1 + 1).number) == (7, 0, 0, None)
    assert (is_polynomial_form(pi() * Z1 + apply("exp", constant(1))), is_polynomial_form(u)) == (True, False)
    assert ((u == 5), hash(u) == hash(5 - Z2 + TANH * Z1 * Z1 * 3)) == (False, True)
    assert 2 - u == -(u - 2)


def test_coefficients_in_one_variable():
    u = 3 * Z1**2 * Z2 - Z1 * apply("tanh", Z2) + Z2 + 5
    assert u.coefficients_in(0) == {2: 3 * Z2, 1: -apply("tanh", Z2), 0: Z2 + 5}
    assert u.coefficients_in(1) is None
    assert constant(0).coefficients_in(0) == {}
    assert (2 * Z2**3 - Z2 + 4).univariate == [4, -1, 0, 2]
    assert polynomial([Number.of(c) for c in (4, -1, 0, 2)], 1) == 2 * Z2**3 - Z2 + 4


@pytest.mark.parametrize(
    ("u", "slope"),
    [
        (Z1**3 * Z2, 3 * Z1**2 * Z2),
        (TANH**2 * Z1, TANH**2 + 2 * Z1 * TANH * (1 - TANH**2)),
        (absolute(Z1) * Z1, 2 * absolute(Z1)),
        (apply("sign", Z1) * Z2, constant(0)),
        (power(1 + Z1**2, Fraction(-1, 2)), -Z1 * power(1 + Z1**2, Fraction(-3, 2))),
        (power(2 + Z1**2, Fraction(1, 2)), Z1 * power(2 + Z1**2, Fraction(-1, 2))),
        (apply("exp", Z1 * Z2) * Z1, apply("exp", Z1 * Z2) * (1 + Z1 * Z2)),
        (logarithm(1 + Z1**2), 2 * Z1 * power(1 + Z1**2, Fraction(-1))),
        (Z2 * apply("sin", 3 * Z2), constant(0)),
    ],
)
def test_derivatives_in_normal_form(u, slope):
    assert u.derivative(0) == slope


def test_atoms_have_an_order_of_their_own():
    """Variables, then functions, then signs; kinks innermost first; leading terms hang on products alone."""
    inner = apply("sign", Z1 - apply("sign", Z2) * Z1)
    u = apply("sign", Z2) + TANH * Z2 + apply("exp", Z1) + apply("tanh", absolute(Z1 - 3) + Z2) * apply("sign", Z1)
    names = [atom.name for atom in outer_atoms(u)]
    assert names == sorted(names, key=lambda name: {"z": 0, "sign": 2}.get(name, 1))
    kinks = [str(kink) for kink in sign_atoms(apply("tanh", Z2 * apply("sign", Z1)) + apply("sign", apply("sin", Z1) - Z2))]
    assert len(kinks) == len(set(kinks)) == 2
    nested = Atom.get("sign", Z1 + apply("exp", Z2 * apply("sign", Z2)))
    assert [str(k) for k in sign_atoms(from_atom(nested))][-1] == str(nested)
    assert leading_coefficient(5 + 3 * Z1 - Z2) == 3
    assert leading_coefficient(constant(-2)) == -2
    assert leading_coefficient(constant(0)) == 0
    assert inner.variables <= {0, 1}


def test_signs_outside_functions_are_fixed():
    kink = Atom.get("sign", Z1)
    u = absolute(Z1) * 3 + Z2 * apply("sign", Z1) + from_atom(Atom.get("tanh", absolute(Z1) * Z2))
    assert fix_signs(u, {kink: -1}) == -3 * Z1 - Z2 + from_atom(Atom.get("tanh", absolute(Z1) * Z2))
    assert fix_signs(absolute(Z1) - Z1, {kink: 1}) == 0 * Z1


def test_a_negative_power_of_a_sum_is_refused_where_it_went_on_without_end():
    for u in (Z1, 1 + Z1 * Z2, constant(2)):
        assert u**0 == constant(1)
        with pytest.raises(ValueError, match="power -1"):
            _ = u**-1
