"""Monotone polynomials of one direction, whichever directions are written."""

import pytest

from steinlab.theory.shape.polynomials import monotone_link, polynomial_growth
from steinlab.theory.targets.target import Target


@pytest.mark.parametrize(
    ("link", "directions", "verdict"),
    [
        ("z1**3", None, "holds"),
        ("z1**3/3 + z1**2 + z1", None, "holds"),  # derivative (z + 1)²
        ("z1**3/3 + z1**2 + 0.9999999999*z1", None, "fails"),
        ("(z1 + z2)**3", [[1, 1], [1, -1]], "holds"),
        ("z1*z2**2", [[1, 1], [2, 2]], "holds"),
        ("z1*z2", [[1, 1], [2, 2]], "fails"),
        ("z1*z2", None, "fails"),
    ],
)
def test_monotone(link, directions, verdict):
    target = Target.from_expression(link, directions)
    assert monotone_link(target).verdict.value == verdict
    assert polynomial_growth(target).verdict.value == "holds"
