"""Numbers that stand beside their own reciprocals, and the leap of one coordinate, are decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab import check
from steinlab.theory.targets.target import Target

NUMBERS = ("log(2)", "sin(1)", "cos(2)", "erf(1)", "tanh(3)", "log(log(3))", "sin(sqrt(2))", "erf(pi/7)")
"""Transcendental numbers of either sign, none of them of absolute value one."""


@given(st.sampled_from(NUMBERS), st.integers(1, 9), st.sampled_from(["", "-"]))
def test_a_number_times_its_reciprocal_is_one(c: str, q: int, side: str) -> None:
    report = check(Target.from_expression(f"({side}{c}*{q}/({q}*{c}) - ({side}1))*z1**3 + z1"))
    assert report.target.degree == 1
    assert report.exponents.information == 1


@given(st.sampled_from(NUMBERS), st.integers(1, 9))
def test_a_number_times_another_reciprocal_is_not_one(c: str, q: int) -> None:
    assert check(Target.from_expression(f"({c}/({c} + 1/{q}) - 1)*z1**3 + z1")).target.degree == 3


@given(st.sampled_from([*NUMBERS, "exp(pi*sqrt(163)) - 262537412640768744", "log(3)/log(2) - 8/5"]))
def test_the_sign_of_a_number_is_a_number(c: str) -> None:
    report = check(Target.from_expression(f"abs({c})*z1**3 - sign({c})*({c})*z1**3 + He(2, z1)"))
    assert report.target.degree == 2


@pytest.mark.parametrize(
    ("link", "k"),
    [
        ("sin(z1) - exp(-1/2)*z1", 3),
        ("abs(z1) - sqrt(2/pi)*He(2, z1)/2", 4),
        ("sin(z2) - exp(-1/2)*z2", 3),
        ("tanh(z1)**2", 2),
        ("sin(z1 + z2) - exp(-1)*(z1 + z2)", 3),
    ],
)
def test_coefficients_that_cancel_count_as_zero_in_the_coordinate_leap(link: str, k: int) -> None:
    report = check(Target.from_expression(link))
    leap = report.coordinate_leap
    assert leap is not None
    assert leap.value == report.information_exponent.value == report.subspace_leap.value.value == k
