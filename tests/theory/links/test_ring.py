"""Products and powers in normal form, against their values at points."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from flint import arb

from steinlab.theory.links.balls import real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import apply, power, variable

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
