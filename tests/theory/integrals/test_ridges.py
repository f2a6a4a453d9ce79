"""Ridge functions: tensors, energies and moments against brute-force quadrature, and leaps that are known by hand."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.expectations import symmetrised
from steinlab.theory.integrals.ridges import Ridges, _projection, about
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import number
from steinlab.theory.links.ring import constant, variable
from steinlab.theory.targets.exponents import coordinate_leap, subspace_leap
from steinlab.theory.targets.hessian import ExpectedHessian

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(220)
WEIGHTS = WEIGHTS / WEIGHTS.sum()

LINKS = {  # each with the same function in NumPy, smooth so that a rule of 220 nodes is accurate
    "tanh(z1 + 2*z2) - 3*tanh(z2/2) + z1*z2": lambda x, y: np.tanh(x + 2 * y) - 3 * np.tanh(y / 2) + x * y,
    "sin(z1 - z2) + cos(z1 + z2) + z2**2*exp(-z2**2)": lambda x, y: np.sin(x - y) + np.cos(x + y) + y**2 * np.exp(-(y**2)),
    "sigmoid(2*z1 - z2) + z1*tanh(z2) + z1**3": lambda x, y: 1 / (1 + np.exp(y - 2 * x)) + x * np.tanh(y) + x**3,
}


def hermite(k, x):
    return np.polynomial.hermite_e.hermeval(x, [0] * k + [1])


@pytest.mark.parametrize("link", LINKS)
def test_coefficients_energies_and_moments_agree_with_a_product_rule(link):
    e = LinkExpansion.from_expression(link)
    x, y = np.meshgrid(NODES, NODES, indexing="ij")
    w = np.outer(WEIGHTS, WEIGHTS)
    values = LINKS[link](x, y)
    assert float(e.second_moment) == pytest.approx((w * values**2).sum(), rel=1e-6)
    for k in range(5):
        energy = 0.0
        for a in range(k + 1):
            expected = (w * values * hermite(a, x) * hermite(k - a, y)).sum()
            found = e.coefficient((a, k - a))
            assert float(found.ball().mid()) == pytest.approx(expected, abs=1e-5)
            energy += expected**2 / (math.factorial(a) * math.factorial(k - a))
        assert float(e.energy(k).ball().mid()) == pytest.approx(energy, abs=1e-5)


@pytest.mark.parametrize(("n", "activation"), [(2, "relu"), (5, "relu"), (3, "tanh"), (6, "tanh")])
def test_neurons_on_the_axes(n, activation):
    """The sum is seen at degree 1; the differences at the next degree with a nonzero coefficient, 2 given the sum."""
    link = " + ".join(f"{activation}(z{i + 1})" for i in range(n))
    e = LinkExpansion.from_expression(link)
    leap = subspace_leap(e)
    assert leap.value.value == 2
    assert [(step.degree, step.gained) for step in leap.steps] == [(1, 1), (2, n - 1)]
    assert coordinate_leap(e).value == 1
    assert e.effective_dimension.value == n


@pytest.mark.parametrize("activation", ["relu", "tanh", "sin"])
def test_the_steps_of_a_leap_are_those_of_a_turned_target(activation):
    """A rotation of the inputs changes no leap, no energy and no eigenvalue of H."""
    links = {
        "axes": f"{activation}(z1) + 2*{activation}(z2) - {activation}(z1)**2",
        "turned": f"{activation}(3/5*z1 + 4/5*z2) + 2*{activation}(4/5*z1 - 3/5*z2) - {activation}(3/5*z1 + 4/5*z2)**2",
    }
    straight, turned = (LinkExpansion.from_expression(link) for link in links.values())
    assert subspace_leap(straight).value == subspace_leap(turned).value
    for k in range(4):
        assert straight.energy(k).ball().overlaps(turned.energy(k).ball())
        assert float(straight.energy(k)) == pytest.approx(float(turned.energy(k)))
    for a, b in zip(ExpectedHessian(straight).eigenvalues, ExpectedHessian(turned).eigenvalues, strict=True):
        assert a.enclosure.overlaps(b.enclosure)


def test_neurons_that_cancel_given_the_seen_directions_gain_nothing():
    # relu(z1 + z2) + relu(z1 - z2): given z1 it is even in z2, so that z2 is found at degree 2 and not at 1
    e = LinkExpansion.from_expression("relu(z1 + z2) + relu(z1 - z2)")
    assert [(s.degree, s.gained) for s in subspace_leap(e).steps] == [(1, 1), (2, 1)]
    # weights that differ break the symmetry: C_1 alone sees one direction, the sizes of the steps tell the rest
    e = LinkExpansion.from_expression("relu(z1 + z2) + relu(z1 - 2*z2)")
    assert subspace_leap(e).value.value == 1


def test_a_network_is_answered_whatever_radicals_its_weights_bring():
    rng = np.random.default_rng(7)
    for _ in range(3):
        rows = rng.integers(-7, 8, (4, 3))
        link = " + ".join(f"relu({'+'.join(f'({w})*z{i + 1}' for i, w in enumerate(row))})" for row in rows.tolist())
        e = LinkExpansion.from_expression(link)
        z = rng.standard_normal((200_000, 3))
        f = np.maximum(z @ rows.T, 0).sum(axis=1)
        assert float(e.mean) == pytest.approx(f.mean(), rel=0.03)
        assert float(e.second_moment) == pytest.approx((f**2).mean(), rel=0.05)
        hessian = sum(np.outer(row, row) / np.linalg.norm(row) for row in rows if row.any()) / math.sqrt(2 * math.pi)
        for i, j in itertools.product(range(3), repeat=2):
            assert float(ExpectedHessian(e).matrix[i][j].ball().mid()) == pytest.approx(hessian[i, j], abs=1e-9)
        assert ExpectedHessian(e).rank.value == np.linalg.matrix_rank(hessian)


def test_parallel_neurons_share_a_line():
    found = Ridges.of(read(parse("relu(z1 + z2) + 3*relu(-2*z1 - 2*z2) + tanh(3*z1 + 3*z2) + z1")), 2)
    assert [tuple(map(str, r.unit)) for r in found.ridges] == [("sqrt(2)/2", "sqrt(2)/2")]
    assert found.ridges[0].unit[0] == number("1/sqrt(2)")
    assert found.rest.degree == 1
    assert sum((x * x for x in found.ridges[0].unit), Number.of(0)) == 1


@pytest.mark.parametrize(
    "link", ["z1*z2**2*tanh(z1 + z3)", "relu(z1)*z3**2 + z2*exp(-z3**2/2)*sign(z1)", "abs(z1 - z2 + 2*z3)*z2"]
)
def test_the_mean_over_signed_permutations_is_that_of_all_images(link):
    g = read(parse(link))
    total = constant(0)
    for signs in itertools.product((1, -1), repeat=3):
        for order in itertools.permutations(range(3)):
            total = total + g.substitute({i: variable(j) * s for i, j, s in zip(range(3), order, signs, strict=True)})
    assert symmetrised(g, range(3)) == total * Fraction(1, 48)


@pytest.mark.parametrize("sign", ["-", "+"])
@pytest.mark.parametrize("f", ["tanh({})", "erf({})", "tanh({0})+{0}*exp(-{0}**2)"])
def test_a_difference_of_odd_functions_leaps_as_their_sum_does(f, sign):
    """Both are even across the gradient: nothing is gained at degree 1 once that is seen, but at degree 2 by C_3."""
    leap = subspace_leap(LinkExpansion.from_expression(f"{f.format('z1')} {sign} ({f.format('z2')})"))
    assert (leap.value.value, [(step.degree, step.gained) for step in leap.steps]) == (2, [(1, 1), (2, 1)])


def test_projections_on_spans():
    rows = ((Number.of(1), Number.of(2), Number.of(0)), (Number.of(0), Number.of(1), Number.of(-1)))
    a = np.array(rows, dtype=float)
    found = np.array(_projection(rows, 3), dtype=float)
    assert np.allclose(found, a.T @ np.linalg.inv(a @ a.T) @ a)
    assert not np.array(_projection((), 3), dtype=float).any()


def test_only_terms_with_every_variable_count():
    g = read(parse("z1*tanh(z2) + z1*z3 + exp(z1*z2*z3) + z2"))
    assert about(g, (1, 1, 0)) == read(parse("z1*tanh(z2) + exp(z1*z2*z3)"))
    assert about(g, (0, 0, 0)) == g
    assert about(g, (0, 0, 2)) == read(parse("z1*z3 + exp(z1*z2*z3)"))


def test_contractions_are_those_of_the_full_tensor():
    """C_3 of a polynomial, from its third derivatives, against vectors in one or two arguments."""
    polynomial = Ridges.of(read(parse("z1**3 + 2*z1*z2**2 - z2**3 + z1**2*z2")), 2)
    tensor = np.zeros((2, 2, 2))
    for (a, b), c in {(3, 0): 6, (1, 2): 4, (0, 3): -6, (2, 1): 2}.items():
        for index in set(itertools.permutations([0] * a + [1] * b)):
            tensor[index] = c
    u, v = (Number.of(2), Number.of(-1)), (Number.of(0), Number.of(3))
    x, y = np.array(u, dtype=float), np.array(v, dtype=float)
    for i, j in itertools.product(range(2), repeat=2):
        assert float(polynomial.contracted((i, j), [u]).number) == pytest.approx(tensor[i, j] @ x)
    for i in range(2):
        assert float(polynomial.contracted((i,), [u, v]).number) == pytest.approx(np.einsum("jk,j,k", tensor[i], x, y))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("relu(z1) + z2**2", {0: False, 1: False, 2: False, 3: True, 4: True}),
        ("relu(z1 + z2)", {0: False, 1: False, 2: True, 5: True}),
        ("relu(z1) + tanh(z1*z2)", {2: False, 5: False}),
    ],
)
def test_energies_are_read_off_where_the_rest_has_no_part(text, known):
    found = Ridges.of(read(parse(text)), 2)
    assert {k: found.energy(k) is not None for k in known} == known
    assert found.is_complete is ("tanh" not in text)


def test_a_long_rest_has_no_second_moment_by_pairs(monkeypatch):
    """Its coefficients are taken one by one: in two variables there are 10 up to degree 3, and 15 up to degree 4."""
    monkeypatch.setattr("steinlab.theory.integrals.ridges.MAX_REST", 10)
    for power, known in ((3, True), (4, False)):
        assert (Ridges.of(read(parse(f"relu(z1) + z2**{power}")), 2).second_moment() is not None) is known
