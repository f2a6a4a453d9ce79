"""Rotations by an angle that depends on a third variable, against Gauss-Hermite rules in the plane."""

import numpy as np
import pytest
from flint import arb

from steinlab.theory.integrals.expectations import _turn, turned
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.symbolic import Sum, variable

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
SLOPE = 0.7


@pytest.mark.parametrize(("p", "q"), [(p, q) for p in range(4) for q in range(5)])
def test_powers_beside_a_turned_function_have_the_moments_of_the_plane(p, q):
    """E[z3^p z1^q sin(z3 + z2 z1 + 1)] given z2, through t = (z3 + z2 z1)/ρ alone."""
    ((product, _),) = read(parse(f"z3**{p}*z1**{q}*sin(z3 + z1*z2 + 1)")).terms.items()
    along = _turn(product, 2, 0, variable(1))
    assert along.variables <= {1, 2}
    f = compile_sum(along)
    found = sum(w * float(real_value(f, [arb(0), arb(SLOPE), arb(t)])) for t, w in zip(NODES, WEIGHTS, strict=True))
    third, first = np.meshgrid(NODES, NODES, indexing="ij")
    expected = WEIGHTS @ (third**p * first**q * np.sin(third + SLOPE * first + 1)) @ WEIGHTS
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_functions_of_two_forms_are_not_turned():
    ((product, _),) = read(parse("tanh(z3 + z1*z2)*tanh(z3 - z1)")).terms.items()
    assert turned(product, (0, 1, 2)) is None
    ((product, _),) = read(parse("z3*tanh(z3 + z1*z2)")).terms.items()
    assert isinstance(turned(product, (0, 1, 2)), Sum)
