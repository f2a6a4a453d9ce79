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


@pytest.mark.parametrize(
    ("link", "point"),
    [
        ("sin(2*z1)*exp(z1)", "0"),
        ("cos(z1)", "1/2*pi"),
        ("sin(z1) - 1", "1/2*pi"),
        ("sin(z1) + 1", "-1/2*pi"),
        ("cos(z1) - 1", "0"),
        ("cos(z1) + 1", "-pi"),
    ],
)
def test_of_infinitely_many_zeros_one_is_named(link, point):
    found = zeros(read(parse(link)))
    assert ([str(t) for t in found.found], found.complete) == ([point], False)


def test_singular_points_lie_inside_functions_too():
    found = singular_points(read(parse("tanh(1/abs(z1 - 3)) + log(abs(z1**2 - 2))*z1")))
    assert found.complete
    assert {str(point) for point in found.found} == {"3", "sqrt(2)", "-sqrt(2)"}


@pytest.mark.parametrize(
    ("link", "points", "complete"),
    [
        ("z1**2 + 1", [], True),
        ("z1**3 - z1 - 1", ["1.32472"], True),
        ("z1**3 - 3*z1 + 1", ["-1.87939", "0.347296", "1.53209"], True),
        ("(z1**2 - 2)*(z1**2 + 1)", ["-sqrt(2)", "sqrt(2)"], True),
        ("3*tanh(2*z1) + 1", ["-1/4*log(2)"], True),
        ("tanh(z1) - 1", [], True),
        ("tanh(z1) + 1", [], True),
        ("tanh(z1) - 2", [], True),
        ("erf(z1) - 1/2", [], False),
        ("erf(z1) - 1", [], True),
        ("exp(z1) - 2", ["log(2)"], True),
        ("exp(z1) - exp(2 - z1)", ["1"], True),
        ("2*exp(-z1) - exp(z1)", ["1/2*log(2)"], True),
        ("exp(z1**2) - 2", [], False),
        ("sin(z1)", ["0"], False),
        ("cos(2*z1 - 1)", ["1/2 + 1/4*pi"], False),
        ("sin(z1) - 1", ["1/2*pi"], False),
        ("sin(z1) + 1", ["-1/2*pi"], False),
        ("cos(z1) - 1", ["0"], False),
        ("cos(z1) + 1", ["-pi"], False),
        ("sin(z1) - 2", [], True),
        ("cos(z1) + 2", [], True),
        ("sin(z1) - 1/2", [], False),
        ("atan(z1)", ["0"], True),
        ("atan(z1) - 2", [], True),
        ("log(2 + z1**2)", [], True),
        ("log(abs(z1))", ["1", "-1"], True),
        ("z1*tanh(z1 - 1)*erf(z1 + 2)", ["0", "1", "-2"], True),
        ("-abs(z1 - 1) - (z1 - 1)**2", ["1", "2", "0"], True),
        ("z1**2 + tanh(z1)**2", ["0"], True),
        ("-z1**4 - tanh(z1)**2", ["0"], True),
        ("abs(z1) - 1", ["1", "-1"], True),
        ("pi*z1 + exp(1)", ["-exp(1)*pi**(-1)"], True),
        ("2 - pi*z1", ["2*pi**(-1)"], True),
        ("pi*z1**2 - 1", [], False),
        ("sin(1)*z1", ["0"], True),
        ("sign(z1 - 3)*z1", ["0"], True),
        ("3 + 0*z1", [], True),
        ("0*z1", [], False),
        ("tanh(z1) - z1", [], False),
    ],
)
def test_the_zeros_of_each_kind_of_function(link, points, complete):
    found = zeros(read(parse(link)))
    assert {str(point) for point in found.found} == set(points)
    assert len(found.found) == len(points)
    assert found.complete is complete


@pytest.mark.parametrize(
    ("link", "points", "complete"),
    [
        ("1/(z1**2 - 1)", {"1", "-1"}, True),
        ("log(abs(z1))*z1", {"0"}, True),
        ("sqrt(abs(z1))", set(), True),
        ("exp(log(abs(z1 - 2))*pi)", {"2"}, True),
        ("1/tanh(z1)**2", {"0"}, True),
        ("1/sin(z1)", {"0"}, False),
        ("1/(1 + z1**2)", set(), True),
        ("z1**5 + tanh(z1)", set(), True),
    ],
)
def test_singular_points_are_zeros_of_divisors_and_of_what_stands_in_logarithms(link, points, complete):
    found = singular_points(read(parse(link)))
    assert ({str(point) for point in found.found}, found.complete) == (points, complete)
