"""The generative exponent of polynomials against its definition, by roots at drawn levels."""

import numpy as np
import pytest
from hypothesis import assume, given
from numpy.polynomial import hermite_e

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import polynomials
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.generative import Witness, of_polynomial
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import number, polynomial
from steinlab.theory.verdicts import Evidence


def expand(text, directions=None):
    return HermiteExpansion(polynomial(parse(text)), directions and tuple(tuple(number(c) for c in row) for row in directions))


@pytest.mark.parametrize(
    ("text", "directions", "exponent"),
    [
        ("He(4,z1)", None, 2),
        ("He(3,z1)", None, 1),
        ("He(4,z1) + 7", None, 2),
        ("He(4,z1) + He(3,z1)/10**9", None, 1),
        ("(z1 - 2*z2)**4", None, 2),
        ("(z1 - 2*z2)**4 + 3*(z1 - 2*z2)", None, 1),
        ("z1*z2", [["1", "2"], ["2", "4"]], 2),
        ("(z1 + 1)**2", None, 1),
        ("z1*z2", None, None),
    ],
)
def test_generative_exponent(text, directions, exponent):
    found = expand(text, directions).generative_exponent()
    assert (found and found.value.value) == exponent


@given(polynomials(1, 6))
def test_generative_exponent_by_its_definition(link):
    """E[He_k(Z) | Y = y] by the roots of g - y: the least k for which it is not zero at some levels y."""
    assume(oracles.degree(link) > 0)
    g = [float(link.get((i,), 0)) for i in range(oracles.degree(link) + 1)]
    exponent = HermiteExpansion(Polynomial.from_terms(link)).generative_exponent().value.value
    levels = [np.polynomial.polynomial.polyval(z, g) for z in (0.3, 0.9, 1.7, 2.6)]
    first = None
    for k in range(1, 3):
        for y in levels:
            roots = np.polynomial.polynomial.polyroots([g[0] - y, *g[1:]])
            real = roots[abs(roots.imag) < 1e-7].real
            slopes = abs(np.polynomial.polynomial.polyval(real, np.polynomial.polynomial.polyder(g)))
            if len(real) == 0 or min(slopes) < 1e-3:
                continue
            weights = np.exp(-(real**2) / 2) / slopes
            mean = weights @ hermite_e.hermeval(real, [0] * k + [1]) / weights.sum()
            if abs(mean) > 1e-5 and first is None:
                first = k
    assume(first is not None)
    assert exponent == first


@pytest.mark.parametrize("evidence", [Evidence.EXACT, Evidence.CERTIFIED])
@pytest.mark.parametrize(("even", "exponent"), [(True, 2), (False, 1)])
def test_the_exponent_says_what_it_rests_on(even, exponent, evidence):
    witness = Witness(exponent, "Y", Number.of(3))
    found = of_polynomial(even, evidence, witness)
    assert (found.value.value, found.value.lower, found.value.upper) == (exponent,) * 3
    assert (found.value.evidence, found.witness) == (evidence, witness)
    assert [line.split(":")[0] for line in found.vanishing] == [f"k = {k}" for k in range(1, exponent)]
    assert of_polynomial(even, evidence).witness is None
