"""The steps behind facts: each coefficient that vanishes is told, unless very many do alike."""

import pytest

from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.steps import MANY


@pytest.mark.parametrize("r", range(1, 8))
def test_each_vanishing_coefficient_is_told_until_there_are_many(r):
    report = check(" + ".join(f"abs(z{i + 1})" for i in range(r)))
    assert report.effective_dimension.value == r
    vanishing = [line for line in report.explain("information_exponent").split("\n") if "degree 1: " in line]
    assert len(vanishing) == (r if r < MANY else 1)
    if r >= MANY:
        assert f"{r} coefficients are zero, among them" in vanishing[0]


def test_the_bounds_of_what_is_undecided_are_told():
    report = check("(cos(2*pi/7)*cos(4*pi/7)*cos(8*pi/7) - 1/8)*z1 + He(2,z1)")  # 0, which no identity shows
    found = report.information_exponent
    assert (found.value, found.lower, found.upper) == (None, 1, 2)
    assert report.explain("information_exponent").endswith(f"undecided, at least 1, at most 2: {found.reason}")
