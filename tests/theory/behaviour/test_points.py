"""Zeros and singular points of functions of one variable."""

import pytest

from steinlab.theory.behaviour.points import singular_points, zeros
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse


@pytest.mark.parametrize(
    ("link", "points"),
    [
        ("z1**3 - 4*z1", {"0", "-2", "2"}),
        ("tanh(z1) - 1/2", {"1/2*log(3)"}),
        ("exp(2*z1) - 3*exp(z1)", {"log(3)"}),
        ("abs(z1 - 1) + (z1 - 1)**2", {"1"}),
        ("pi*z1 - 1", {"pi**(-1)"}),
        ("log(1 + z1**2)", {"0"}),
        ("2 + tanh(z1)", set()),
        ("exp(z1) + 1", set()),
    ],
)
def test_all_zeros_are_found(link, points):
    found = zeros(read(parse(link)))
    assert found.complete
    assert points <= {str(point) for point in found.found}  # of a sum, those of its branches on either side of a kink too


@pytest.mark.parametrize("link", ["sin(z1)", "relu(z1)", "tanh(z1) - z1**2 + 1/10"])
def test_zeros_that_may_be_more_are_not_called_complete(link):
    assert not zeros(read(parse(link))).complete


def test_singular_points_lie_inside_functions_too():
    found = singular_points(read(parse("tanh(1/abs(z1 - 3)) + log(abs(z1**2 - 2))*z1")))
    assert found.complete
    assert {str(point) for point in found.found} == {"3", "sqrt(2)", "-sqrt(2)"}
