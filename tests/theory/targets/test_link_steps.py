"""What is gained beside seen directions: coefficients of low degree in the seen ones are searched, and no others."""

import pytest

from steinlab.theory.exact.numbers import Number
from steinlab.theory.targets.exponents import coordinate_leap
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.link_steps import WITNESS_DEGREE

FIRST = (Number.of(1), Number.of(0))


@pytest.mark.parametrize("degree", range(WITNESS_DEGREE + 2))
@pytest.mark.parametrize("function", ["z2", "tanh(z2)"])
def test_a_direction_is_gained_through_any_degree_up_to_the_fourth_in_the_seen_ones(degree, function):
    """Of z1 + He_k(z1) h(z2) only E[g He_k(z1) z2] sees the second direction."""
    expansion = LinkExpansion.from_expression(f"z1 + He({degree},z1)*{function}")
    assert expansion.gained_for_certain([FIRST], 1, 1) == (degree <= 4)


@pytest.mark.parametrize("degree", range(WITNESS_DEGREE + 2))
def test_a_coordinate_is_gained_so_too(degree):
    found = coordinate_leap(LinkExpansion.from_expression(f"z1 + He({degree},z1)*tanh(z2)"))
    assert found.value == (1 if degree <= 4 else None)
