"""The steps of leaps of general links: what each gains, and how far the seen directions are searched for it."""

import numpy as np
import pytest
from flint import arb

from steinlab.theory.budget import attempt
from steinlab.theory.exact.linear_algebra import identity
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.link_steps import WITNESS_DEGREE, _columns, _symmetries
from steinlab.theory.integrals.ridges import Ridges
from steinlab.theory.links.ring import variable
from steinlab.theory.targets.exponents import coordinate_leap, subspace_leap
from steinlab.theory.targets.target import Target

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


POLYNOMIALS = ["He(2,z1)/2 + He(3,z2)", "z1*z2", "z1 + z2 + z1*z2", "He(4,z1)", "(z1+z2)**2 + z1", "He(3,z1)*He(2,z2) + z1"]


def expansion(text):
    return LinkExpansion.from_expression(text)


@pytest.mark.parametrize(
    ("text", "steps", "coordinate"),
    [
        ("z1*tanh(z2) + tanh(z1)", [(1, 1), (1, 1)], 1),
        ("sin(z1)*cos(z2)", [(1, 1), (2, 1)], 2),
        ("Max(z1,z2)", [(1, 1), (2, 1)], 1),
        ("relu(z1)+relu(z2)+relu(z3)", [(1, 1), (2, 2)], 1),
        ("abs(z1)*abs(z2)", [(2, 2)], 2),
        ("relu(z1+z2)-relu(z1-z2)", [(1, 1), (1, 1)], 1),
        ("tanh(z1)*z2**2*z3", [(2, 2), (2, 1)], 2),
    ],
)
def test_leaps(text, steps, coordinate):
    e = expansion(text)
    leap = subspace_leap(e)
    assert [(s.degree, s.gained) for s in leap.steps] == steps
    assert leap.value.value == max(k for k, _ in steps)
    assert coordinate_leap(e).value == coordinate


@pytest.mark.parametrize(
    ("text", "leap"),
    [
        ("tanh(z1 + 1) + 3*tanh(z2 + 1/2)", 1),
        ("relu(3/2*z1 + 1/2) - Min(3/2*z2 - 1, 1)", 1),
        ("relu(1/2*z1)*tanh(z2 - 1) + tanh(-z3 + 1/2)", 1),
        ("tanh(z1)*z1 + 2*erf(z2)*z2 + z1*z2", 2),
        ("z1*tanh(z1)*z3 + tanh(z3)*cos(z2)*exp(z2)", 2),  # z1 is even
    ],
)
def test_the_leap_is_decided_where_what_a_step_gains_has_no_exact_form(text, leap):
    found = subspace_leap(expansion(text)).value
    assert (found.value, found.lower, found.upper) == (leap, leap, leap)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("tanh(z1) + 2*erf(z2) + z3*tanh(z3)", (1, 2)),  # z3 is even: no step of degree 1 reaches it
        ("tanh(z1) + 2*erf(z2) + He(3,z3)*tanh(z1 + z2)**2", (1, None)),
    ],
)
def test_a_leap_that_is_not_decided_has_its_bounds(text, bounds):
    found = subspace_leap(expansion(text)).value
    assert found.value is None
    assert (found.lower, found.upper) == bounds


@pytest.mark.parametrize(
    "text", [*POLYNOMIALS, "z1 + z2 + He(2,z3)*z2", "z1*z2*z3 + z1**2", "z1 + He(2,z2)*z1 + He(3,z3)*He(2,z2)"]
)
def test_steps_of_a_degree_reach_every_direction_exactly_from_the_leap_on(text):
    e = expansion(text).reduced
    leap = subspace_leap(Target.from_expression(text).expansion).value.value
    assert [e.reached(highest, e.size) == e.size for highest in range(1, leap + 2)] == [
        highest >= leap for highest in range(1, leap + 2)
    ]


@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("degree", [0, 1, 3])
def test_columns_of_ridges_are_those_of_the_coefficients(monkeypatch, k, degree):
    """C_{k + degree} with vectors as arguments: from one integral a ridge, and from every coefficient of the tensor."""
    expansion = LinkExpansion.from_expression("tanh(z1 + 2*z2 + 1) - erf(z1 - z3 - 1/2) + (He(2,z2) + z2**3)*z1 + exp(z3/4)")
    vectors = [[arb(1), arb(-2), arb(1) / 2], [arb(0), arb(1), arb(3)]]
    with working_precision(80):
        quick = list(_columns(expansion, k, vectors, degree, 53))
        monkeypatch.setattr(Ridges, "is_complete", False)
        slow = list(_columns(expansion, k, vectors, degree, 53))
    assert len(quick) == len(slow) > 0
    for one, other in zip(quick, slow, strict=True):
        assert all(abs(x - y) < 1e-9 for x, y in zip(one, other, strict=True))


def test_the_leap_of_a_network_takes_an_integral_for_each_neuron():
    """C_1, C_2 c, C_3 (c, c), ... of ten neurons in six dimensions span everything, within the budget of one fact."""
    rows = [[(3 * i * i + 5 * j + i * j) % 7 - 3 for j in range(6)] for i in range(10)]
    link = " + ".join(
        f"tanh({'+'.join(f'({w})*z{j + 1}/3' for j, w in enumerate(row))} + 1/{i + 2})" for i, row in enumerate(rows)
    )
    expansion = LinkExpansion.from_expression(link)
    assert subspace_leap(expansion).value.value == 1


@pytest.mark.parametrize("text", ["sigmoid(2*z1+z2)*sigmoid(z2)", "tanh(z1+z2+1)*tanh(-z1+1)", "relu(z1+1)*tanh(2*z2+z1-1)"])
def test_the_leap_of_a_product_of_two_neurons_takes_no_more_than_a_fact_may(text):
    """Both directions are reached by degree 1: rough balls of C_1 and C_2 show it, and no more of them are asked for."""
    found = attempt(lambda: subspace_leap(expansion(text)).value, lambda reason: reason)
    assert (found.value, found.lower, found.upper) == (1, 1, 1)


def test_no_coefficient_is_asked_for_when_all_is_reached(monkeypatch):
    asked = []
    e = expansion("tanh(z1+z2+1)*tanh(-z1+1)").reduced
    coefficient = e.coefficient
    monkeypatch.setattr(e, "coefficient", lambda alpha: asked.append(sum(alpha)) or coefficient(alpha))
    assert e.reached(1, 2) == 2
    assert max(asked) == 2
    asked.clear()
    assert e.gained_for_certain([], 1, 2) == 1
    assert len(asked) == 2  # C_1 is one vector: finer balls show no more


@pytest.mark.parametrize(
    ("text", "seen", "sides"),
    [
        ("tanh(z1*z2)", 0, {1: 4, -1: 4}),  # ± by the product of both signs, in either order
        ("z1*tanh(z1*z2)", 0, {1: 2, -1: 2}),  # ± by the sign of z2, in this order alone
        ("tanh(z1*z2)", 1, {1: 1, -1: 1}),  # with the first axis fixed the second is kept or turned
        ("tanh(z1*z2) + z1", 0, {1: 1, -1: 1}),  # all of it turns with z1
        ("tanh(z1*z2) + z1", 1, {1: 1}),
        ("z1**2*tanh(z1*z2)**2", 0, {1: 4}),
    ],
)
def test_signed_permutations_that_keep_a_function_up_to_its_sign(text, seen, sides):
    g = LinkExpansion.from_expression(text).function
    found = _symmetries(g, identity(2), seen)
    assert {side: sum(s == side for _, s in found) for side in {s for _, s in found}} == sides
    for images, _ in found:
        assert set(images) == set(range(seen, 2))
    if seen == 1 and text == "tanh(z1*z2)":
        assert [(images[1] == variable(1), side) for images, side in found] == [(True, 1), (False, -1)]
        assert found[1][0][1] == -variable(1)


def test_many_directions_are_reached_by_rough_balls():
    """Twenty neurons in sixteen dimensions: a chain C_2 v, C_2 C_2 v, ... of that length would lose all digits."""
    g = np.random.default_rng(1)
    e = Target.from_network(g.standard_normal((20, 16)), g.standard_normal(20), g.standard_normal(20)).expansion
    assert e.ridges.is_complete
    assert attempt(lambda: e.reached(1, 16), lambda reason: reason, 20_000) == 16
