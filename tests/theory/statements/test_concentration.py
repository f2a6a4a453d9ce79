"""Against SciPy's χ² distribution."""

from fractions import Fraction
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from steinlab.theory.errors import InputError
from steinlab.theory.statements.concentration import chi_square_lower, chi_square_upper

degrees = st.integers(1, 400)
exponents = st.builds(Fraction, st.integers(1, 80), st.integers(1, 8))


@given(degrees, exponents)
def test_upper_tail(d, t):
    assert chi2.sf(float(chi_square_upper(d, t)), d) <= exp(-t) * (1 + 1e-9)


@given(degrees, exponents)
def test_lower_tail(d, t):
    assert chi2.cdf(float(chi_square_lower(d, t)), d) <= exp(-t) * (1 + 1e-9)


def test_values():
    assert chi_square_upper(4, 9) == 4 + 12 + 18
    assert chi_square_lower(4, 1) == 0
    assert chi_square_upper(1, 0) == chi_square_lower(1, 0) == 1


@pytest.mark.parametrize("call", [chi_square_lower, chi_square_upper])
@pytest.mark.parametrize(("d", "t"), [(0, 1), (3, -1)])
def test_arguments_out_of_range_are_refused(call, d, t):
    with pytest.raises(InputError):
        call(d, t)
