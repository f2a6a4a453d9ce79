"""Tensors against Hermite coefficients and evaluation."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.claims import cases, oracles

polynomials = cases.polynomials(2, 4)


@given(polynomials, st.integers(0, 4))
def test_moment_tensors_are_hermite_coefficients(f, k):
    """E ∂^α f = E[f He_α], Π He in each coordinate."""
    tensors = oracles.moment_tensors(f, 2, k)
    for ones in range(k + 1):
        index = (0,) * (k - ones) + (1,) * ones
        first = oracles.substitute(oracles.hermite(k - ones), [(1, 0)], 2)
        second = oracles.substitute(oracles.hermite(ones), [(0, 1)], 2)
        expected = oracles.expectation(oracles.multiply(f, oracles.multiply(first, second)))
        assert tensors.get(index, 0) == expected


@given(cases.tensors(2, 3), cases.vectors(2))
def test_contraction_of_every_slot_is_the_form(entries, w):
    (form,) = oracles.contraction(entries, 2, 3, 3)
    full = {(3, 0): (0, 0, 0), (2, 1): (0, 0, 1), (1, 2): (0, 1, 1), (0, 3): (1, 1, 1)}
    binomial = {(3, 0): 1, (2, 1): 3, (1, 2): 3, (0, 3): 1}
    expected = {alpha: binomial[alpha] * entries.get(index, Fraction(0)) for alpha, index in full.items()}
    assert oracles.evaluate(form, w) == oracles.evaluate(expected, w)
    assert oracles.norm_squared(entries, 2, 3) == sum(binomial[a] * entries.get(i, 0) ** 2 for a, i in full.items())
    assert len(oracles.contraction(entries, 2, 3, 1)) == 4
