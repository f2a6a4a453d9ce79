"""Symmetries, rotations and radial functions, against Gauss-Hermite rules and moments that factorise."""

from itertools import permutations, product

import numpy as np
import pytest
from flint import arb
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.expectations import (
    _standard,
    _turn,
    conditional_expectation,
    expectation,
    independent,
    orthonormal,
    radial,
    rotation,
    symmetrised,
    times_hermite,
    turned,
)
from steinlab.theory.integrals.quadrature import enclosure
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import Sum, variable

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
SLOPE = 0.7


@pytest.mark.parametrize(("p", "q"), [(p, q) for p in range(4) for q in range(5)])
def test_powers_beside_a_turned_function_have_the_moments_of_the_plane(p, q):
    """E[z3^p z1^q sin(z3 + z2 z1 + 1)] given z2, through t = (z3 + z2 z1)/ρ alone."""
    ((factors, _),) = read(parse(f"z3**{p}*z1**{q}*sin(z3 + z1*z2 + 1)")).terms.items()
    along = _turn(factors, 2, 0, variable(1))
    assert along.variables <= {1, 2}
    f = compile_sum(along)
    found = sum(w * float(real_value(f, [arb(0), arb(SLOPE), arb(t)])) for t, w in zip(NODES, WEIGHTS, strict=True))
    third, first = np.meshgrid(NODES, NODES, indexing="ij")
    expected = WEIGHTS @ (third**p * first**q * np.sin(third + SLOPE * first + 1)) @ WEIGHTS
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_functions_of_two_forms_are_not_turned():
    ((factors, _),) = read(parse("tanh(z3 + z1*z2)*tanh(z3 - z1)")).terms.items()
    assert turned(factors, (0, 1, 2)) is None
    ((factors, _),) = read(parse("z3*tanh(z3 + z1*z2)")).terms.items()
    assert isinstance(turned(factors, (0, 1, 2)), Sum)


def point_value(u, at):
    return float(real_value(compile_sum(u), [arb(x) for x in at]))


def over_the_group(f, size):
    """The mean of f over all sign changes and permutations of its arguments."""
    images = [
        lambda at, order=order, signs=signs: f([signs[i] * at[order[i]] for i in range(size)])
        for order in permutations(range(size))
        for signs in product((1, -1), repeat=size)
    ]
    return lambda at: sum(image(at) for image in images) / len(images)


@pytest.mark.parametrize(
    ("text", "over"),
    [("z1**2*cos(z1 + 2*z2) + z2", (0, 1)), ("z1*z2**2*sin(z1*z3) + z3**4*z1**2", (0, 1, 2)), ("exp(z1/2)*z2", (0,))],
)
def test_a_mean_over_sign_changes_and_permutations_is_that_of_the_group(text, over):
    u = read(parse(text))
    at = [0.3, -1.1, 0.7]
    others = at[len(over) :]
    expected = over_the_group(lambda first: point_value(u, [*first, *others]), len(over))(at[: len(over)])
    assert point_value(symmetrised(u, over), at) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "f"),
    [
        ("z1**2*z2*cos(z1 + z2)", lambda x, y: x**2 * y * np.cos(x + y)),
        ("exp(z1*z2/2)*z1 + z2**3", lambda x, y: np.exp(x * y / 2) * x + y**3),
        ("sin(z2)*z1 + z1**4", lambda x, y: np.sin(y) * x + x**4),
    ],
)
def test_a_conditional_mean_is_that_over_the_first_variable(text, f):
    found = conditional_expectation(read(parse(text)), [0])
    assert found.variables <= {1}
    for y in (-0.8, 0.45):
        assert point_value(found, [0, y]) == pytest.approx(float(WEIGHTS @ f(NODES, y)), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("alpha", [(3,), (0, 2), (2, 0, 1), (4, 3)])
def test_hermite_polynomials_are_multiplied_on(alpha):
    g = read(parse("cos(z1) + z2"))
    at = [0.4, -1.3, 2.2]
    expected = (np.cos(0.4) - 1.3) * np.prod(
        [np.polynomial.hermite_e.hermeval(x, [0] * k + [1]) for x, k in zip(at, alpha, strict=False)]
    )
    assert point_value(times_hermite(g, alpha), at) == pytest.approx(expected)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=3))
def test_bases_are_orthonormal_and_span_the_same(rows):
    assume(np.linalg.matrix_rank(rows) == len(rows))
    basis = orthonormal([tuple(map(Number.of, row)) for row in rows])
    for i, a in enumerate(basis):
        for j, b in enumerate(basis):
            assert sum((x * y for x, y in zip(a, b, strict=True)), Number.of(0)) == (i == j)
    for k in range(1, len(rows) + 1):
        both = np.array([*rows[:k], *([float(x) for x in row] for row in basis[:k])])
        assert np.linalg.matrix_rank(both, tol=1e-9) == k
    turned_basis = rotation(tuple(tuple(map(Number.of, row)) for row in rows), 3)
    assert len(turned_basis) == 3
    assert np.allclose(np.array(turned_basis, dtype=float) @ np.array(turned_basis, dtype=float).T, np.eye(3))


@pytest.mark.parametrize("powers", [(0, 0), (2, 4), (0, 0, 0), (2, 0, 4), (0, 0, 0, 0), (2, 2, 0, 4), (6, 0, 0, 0, 2)])
def test_a_radial_mean_is_the_product_of_its_moments(powers):
    """E Π z_i^{a_i} e^{-z_i²/3} = Π (a_i - 1)!! (5/3)^{-(a_i+1)/2}, through one variable alone."""
    size = len(powers)
    square = " + ".join(f"z{i + 1}**2" for i in range(size))
    ((factors, c),) = read(
        parse("*".join([f"exp(-({square})/3)", *(f"z{i + 1}**{a}" for i, a in enumerate(powers) if a)]))
    ).terms.items()
    found = radial(factors, range(size))
    assert found is not None
    assert len(found.variables) == 1
    f = compile_sum(found.substitute({i: variable(0) for i in found.variables}))
    nodes, weights = np.polynomial.legendre.leggauss(200)
    x = 6 * (nodes + 1)
    mean = 2 * sum(  # even, so that the half line is enough
        6 * w * float(real_value(f, [arb(float(t))])) * np.exp(-t * t / 2) / np.sqrt(2 * np.pi)
        for t, w in zip(x, weights, strict=True)
    )
    expected = np.prod([float(double_factorial(a - 1)) * (5 / 3) ** (-(a + 1) / 2) for a in powers])
    assert mean * float(c) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "variables", "found"),
    [
        ("z1*exp(-z1**2 - z2**2)", 2, "0"),
        ("z1**2*z2*tanh(z1**2 + z2**2)", 2, "0"),
        ("tanh(z1*z2)", 2, None),
        ("tanh(z1**2 + 2*z2**2)", 2, None),
        ("tanh(z1**2)", 1, None),
        ("abs(z1**2 + z2**2 - 1)*tanh(z1)", 2, None),
    ],
)
def test_what_is_radial(text, variables, found):
    factors = next(iter(read(parse(text)).terms))
    result = radial(factors, range(variables))
    assert (None if result is None else str(result)) == found


def test_the_radius_of_a_kink_counts():
    (factors,) = read(parse("sign(z1**2 + z2**2 - 1)*z3")).terms
    along = radial(factors, range(3))
    assert along is not None
    assert along.variables == {0, 2}


IMAGES = ["z1**2*z2*tanh(z1*z2 + z3)", "z3**2*z1*tanh(z3*z1 + z2)", "-z1**2*z2*tanh(-z1*z2 - z3)", "-z3**2*z2*tanh(z3*z2 - z1)"]


def test_images_under_the_group_are_one_integral():
    """z2 → -z2 turns the sign of the last, z1 ↔ z3 and the like only rename."""
    atoms = set()
    for text, side in zip(IMAGES, (1, 1, 1, -1), strict=True):
        ((factors, c),) = read(parse(text)).terms.items()
        form = _standard(factors, [0, 1, 2]) * c * side
        atoms.add(str(form).lstrip("-"))
    assert len(atoms) == 1
    (factors,) = read(parse("z1*tanh(z1*z2)")).terms
    assert _standard(factors, [0, 1]).is_zero  # odd in z2
    (factors,) = read(parse("tanh(z1*z2)*tanh(z2*z3)*tanh(z3*z4)*z4*z1")).terms
    assert not _standard(factors, [0, 1, 2, 3]).is_zero
    (factors,) = read(parse("z1*tanh(z1*z2*z3*z4*z5)")).terms
    assert not _standard(factors, [0, 1, 2, 3, 4]).is_zero  # five variables are left as they are


def test_factors_are_grouped_by_the_variables_they_share():
    (factors,) = read(parse("z1*tanh(z1 + z2)*sin(z3)*z4*erf(z4*z5)*exp(3)")).terms
    groups = [sorted({i for atom, _ in group for i in atom.variables}) for group in independent(factors)]
    assert sorted(groups) == [[], [0, 1], [2], [3, 4]]
    assert sorted(len(group) for group in independent(factors)) == [1, 1, 2, 2]
    (factors,) = read(parse("z1*z2*sin(z1*z3)*cos(z2*z3)")).terms
    assert len(independent(factors)) == 1


@pytest.mark.parametrize(
    ("text", "f"),
    [
        ("tanh(z1 + 2*z2)*z1*z2**2", lambda x, y: np.tanh(x + 2 * y) * x * y**2),
        ("tanh(z1 - z2)**2*z1*z2", lambda x, y: np.tanh(x - y) ** 2 * x * y),
        ("sign(z1 + z2)*tanh(z1 - z2)*z1", lambda x, y: np.sign(x + y) * np.tanh(x - y) * x),
    ],
)
def test_functions_of_fewer_forms_than_variables_are_rotated(text, f):
    """One variable is left in each integral; against a rule in the plane, or along the rotated axes."""
    found = expectation(read(parse(text)))
    assert all(len(atom.argument.variables) == 1 for p in found.terms for atom, _ in p if atom.name == "E")
    nodes, weights = np.polynomial.legendre.leggauss(160)
    half = np.concatenate([4.5 * (nodes - 1), 4.5 * (nodes + 1)])
    s, t = np.meshgrid(half, half, indexing="ij")
    density = np.outer(*[np.concatenate([weights, weights]) * 4.5 * np.exp(-half * half / 2) / np.sqrt(2 * np.pi)] * 2)
    values = f((s + t) / np.sqrt(2), (s - t) / np.sqrt(2))
    expected = float((density * values).sum())
    assert float(enclosure(found, 53)) == pytest.approx(expected, rel=1e-6, abs=1e-8)
