"""The Stein decomposition against differentiation of the risk: symbolically, and by finite differences of sampled moments."""

import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.checks.claims import cases, oracles
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import rank
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import polynomial
from steinlab.theory.statements.population_gradient import stationary_point, stein_decomposition, symbolic_stein_decomposition

Z = Polynomial.variable(0, 1)


def link(text):
    return polynomial(parse(text))


@pytest.mark.parametrize(
    ("g", "sigma", "m", "directions"),
    [
        ("z1**2 + z1", Z**2 + Z, 2, [[1, 0, 0]]),
        ("z1*z2", Z**3, 1, [[1, 0, 0], [1, 1, 0]]),
        ("z1**3 - z1", Z**2, 2, [[Fraction(3, 5), Fraction(4, 5)]]),
        ("z1", Z, 3, [[1, 1]]),
    ],
)
def test_the_identity_holds_in_symbols(g, sigma, m, directions):
    at = symbolic_stein_decomposition(link(g), sigma, m, directions)
    assert at.residual == sympy.zeros(m, len(directions[0]))
    d, u = len(directions[0]), at.directions
    projector = sympy.eye(d) - u.T * (u * u.T).inv() * u
    assert at.perpendicular(projector) == sympy.zeros(m, d)


def test_a_wrong_symbolic_decomposition_leaves_a_residual():
    from dataclasses import replace

    at = symbolic_stein_decomposition(link("z1**2"), Z**2 + Z, 1, [[1, 0]])
    for part in ("coupling", "drift"):
        assert replace(at, **{part: getattr(at, part) * 2}).residual != sympy.zeros(1, 2)


@settings(max_examples=5)
@given(cases.matrices(2, 2), cases.vectors(2), cases.vectors(2))
def test_symbols_and_numbers_agree(weights, heads, biases):
    g, sigma, directions = link("z1**2*z2 + z2"), Z**3 - Z, [[1, 0], [1, 2]]
    exact = stein_decomposition(g, sigma, weights, heads, biases, directions)
    symbolic = symbolic_stein_decomposition(g, sigma, 2, directions)
    values = {f"w{j + 1}{i + 1}": weights[j][i] for j in range(2) for i in range(2)}
    values |= {f"a{j + 1}": heads[j] for j in range(2)} | {f"b{j + 1}": biases[j] for j in range(2)}
    values = {name: sympy.Rational(v.numerator, v.denominator) for name, v in values.items()}
    for table, expected in (
        (exact.coupling, symbolic.coupling),
        (exact.drift, symbolic.drift),
        (exact.gradient, symbolic.gradient),
    ):
        for j, row in enumerate(table):
            for i, entry in enumerate(row):
                value = sympy.Rational(expected[j, i].subs(values))
                assert entry == Fraction(int(value.p), int(value.q))


@settings(max_examples=20)
@given(cases.matrices(2, 3), cases.vectors(2), cases.vectors(2))
def test_the_gradient_is_the_slope_of_the_risk(weights, heads, biases):
    """R(W + h E) is a polynomial in h of degree 6: its derivative at 0 from seven exact values."""
    g, sigma = {(2,): Fraction(1), (1,): Fraction(1, 2)}, {(3,): Fraction(1), (1,): Fraction(-1)}
    directions = ((Fraction(1), Fraction(1), Fraction(0)),)
    at = stein_decomposition(Polynomial.from_terms(g), Polynomial.from_terms(sigma), weights, heads, biases, directions)

    def risk(w):
        out = oracles.scale(-1, oracles.substitute(g, directions, 3))
        for row, a, b in zip(w, heads, biases, strict=True):
            inner = oracles.add(oracles.linear(row), oracles.constant(b, 3))
            for (power,), c in sigma.items():
                out = oracles.add(out, oracles.scale(a * c, oracles.power(inner, power, 3)))
        return oracles.expectation(oracles.multiply(out, out)) / 2

    weights_of = {
        -3: Fraction(-1, 60),
        -2: Fraction(3, 20),
        -1: Fraction(-3, 4),
        1: Fraction(3, 4),
        2: Fraction(-3, 20),
        3: Fraction(1, 60),
    }
    moved = lambda h: ((weights[0][0], weights[0][1] + h, weights[0][2]), weights[1])  # noqa: E731
    assert at.gradient[0][1] == sum((c * risk(moved(h)) for h, c in weights_of.items()), Fraction(0))


@given(cases.matrices(3, 3), cases.matrices(3, 1), st.fractions(1, 5, max_denominator=4))
def test_stationary_points_have_the_rank_of_the_directions(root, drift, weight_decay):
    coupling = [[oracles.dot(p, q) for q in root] for p in root]
    directions = [[1, 2, 0, -1]]
    found = stationary_point(coupling, drift, directions, weight_decay)
    assert rank(found) <= 1
    expected = -np.linalg.solve(
        np.array(coupling, float) + float(weight_decay) * np.eye(3), np.array(drift, float) @ np.array(directions, float)
    )
    assert np.allclose([[float(x) for x in row] for row in found], expected, atol=1e-9)


def test_a_decomposition_solves_for_its_stationary_point():
    at = stein_decomposition(link("z1"), Z, [[1, 1]], [1], [0], [[1, 0]])
    assert at.stationary_point(1) == ((Number.of(Fraction(1, 2)), Number.of(0)),)


def test_bad_shapes_are_refused():
    g = link("z1")
    for arguments in (
        (g, Z, [[1, 1]], [1, 2], [0], [[1, 0]]),
        (g, Z, [[1, 1, 1]], [1], [0], [[1, 0]]),
        (g, Z, [[1, 1]], [1], [0], [[1, 0], [0, 1]]),
        (g, link("z1 + z2"), [[1, 1]], [1], [0], [[1, 0]]),
        (g, Z, [], [], [], [[1, 0]]),
        (g, Z, [[1], [1, 2]], [1, 1], [0, 0], [[1, 0]]),
    ):
        with pytest.raises(InputError):
            stein_decomposition(*arguments)
    for ragged in ([[1], [1, 2]], [[], []], []):
        lengths = [len(row) for row in ragged]
        said = re.escape(f"the weights W has rows of lengths {lengths}: expected rows of one length >= 1")
        with pytest.raises(InputError, match=said):
            stein_decomposition(g, Z, ragged, [1, 1], [0, 0], [[1]])
    with pytest.raises(InputError, match="singular"):
        stationary_point([[0]], [[1]], [[1]], 0)
    with pytest.raises(InputError, match="irrational"):
        symbolic_stein_decomposition(link("sqrt(2)*z1"), Z, 1, [[1]])
    with pytest.raises(InputError, match="m = 0"):
        symbolic_stein_decomposition(g, Z, 0, [[1]])
