"""A ridge is one function, seen by the theory and by the oracles."""

from fractions import Fraction

from hypothesis import given

from steinlab.checks.claims import cases, oracles
from steinlab.checks.claims.ridge import Ridge


def test_without_directions_the_axes_are_meant():
    f = Ridge({(2, 1): Fraction(3)})
    assert (f.r, f.d, f.ambient) == (2, 2, {(2, 1): 3})


@given(cases.ridges(3))
def test_theory_and_oracle_see_the_same_function(f):
    assert (
        f.expansion.variance == oracles.expectation(oracles.multiply(f.ambient, f.ambient)) - oracles.expectation(f.ambient) ** 2
    )
