"""The decaying schedule telescopes; bad sizes are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.online.schedules import ConstantSteps, DecayingSteps
from steinlab.theory.errors import InputError


@given(gamma=st.floats(0.01, 10), t=st.integers(0, 10**5), t_star=st.integers(0, 1000), m=st.integers(1, 1000))
def test_the_decaying_schedule_telescopes(gamma, t, t_star, m):
    eta = DecayingSteps(m / gamma, t_star).sizes(t, t + 1)[0]
    s = t + t_star
    np.testing.assert_allclose(1 - eta * gamma / m, (s / (s + 1)) ** 2, rtol=1e-12, atol=1e-12)


@given(start=st.integers(0, 100), rows=st.integers(0, 50), t_star=st.integers(0, 9))
def test_sizes_are_a_slice_of_one_sequence(start, rows, t_star):
    steps = DecayingSteps(2.0, t_star)
    np.testing.assert_array_equal(steps.sizes(start, start + rows), steps.sizes(0, start + rows)[start:])
    assert ConstantSteps(0.5).sizes(start, start + rows).tolist() == [0.5] * rows


@pytest.mark.parametrize(
    "call",
    [lambda: ConstantSteps(0.0), lambda: DecayingSteps(1.0, -1), lambda: DecayingSteps(0.0), lambda: DecayingSteps(1.0, 0.5)],
)
def test_bad_sizes_are_refused(call):
    with pytest.raises(InputError):
        call()
