"""Problems: energies by hand, exponents, and what cannot be asked."""

from fractions import Fraction

import pytest

from steinlab.checks.csq.problem import MAX_DEGREE, of_degree, of_target
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Evidence


def test_a_polynomial_has_exact_shares_and_coefficients():
    """He_3/2 + He_4 has energies 6/4 and 24, so shares 1/17 and 16/17, and information exponent 3."""
    problem = of_target(Target.from_expression("He(3,z1)/2 + He(4,z1) + 7"))
    assert problem.energies == {3: Fraction(1, 17), 4: Fraction(16, 17)}
    assert (problem.exponent, problem.directions, problem.evidence, problem.decided) == (3, 1, Evidence.EXACT, True)
    squares = {k: c**2 for k, c in problem.coefficients.items()}
    assert squares[4] / squares[3] == pytest.approx(16)


def test_irrational_shares_are_rounded_up():
    energies = of_target(Target.from_expression("sqrt(2)*He(3,z1) + (1 + sqrt(2))*He(4,z1)")).energies
    assert 1 <= sum(energies.values()) <= 1 + Fraction(1, 2**60)


def test_a_general_link_may_have_all_its_energy_in_its_lowest_degree():
    problem = of_target(Target.from_expression("z1**2*exp(-z1**2)"))
    assert (problem.energies, problem.exponent, problem.coefficients) == ({4: 1}, 4, None)
    assert problem.evidence is Evidence.CERTIFIED


def test_several_directions_have_no_coefficients():
    problem = of_target(Target.from_expression("z1*z2*z3"))
    assert (problem.directions, problem.coefficients) == (3, None)


@pytest.mark.parametrize("k", [0, -1, MAX_DEGREE + 1])
def test_degrees_are_bounded(k):
    with pytest.raises(InputError, match=f"--degree {k}: give a degree from 1 to 100"):
        of_degree(k)
