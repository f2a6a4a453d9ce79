"""Energies and variances of sums of ridge functions as balls, against NumPy's sums over a grid and closed forms."""

from math import factorial, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.integrals.pairs import energy_atom, has_energies
from steinlab.theory.integrals.ridges import taken_apart
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse

FUNCTIONS = {"relu": lambda u: np.maximum(u, 0), "tanh": np.tanh, "sigmoid": expit, "abs": np.abs}
AXIS = np.linspace(-8, 8, 801)
MASS = np.exp(-(AXIS**2) / 2) / np.exp(-(AXIS**2) / 2).sum()


def balls(text, *degrees):
    g = read(parse(text))
    return [Constant(energy_atom(g, k)).ball() for k in degrees]


def on_a_grid(f):
    """Var f(X, Y) and ‖C_k‖²/k!, k < 4, of two standard normals."""
    x, y = np.meshgrid(AXIS, AXIS, indexing="ij")
    mass, values = np.outer(MASS, MASS), f(x, y)
    mean = (mass * values).sum()
    hermite = [np.ones_like(AXIS), AXIS, AXIS**2 - 1, AXIS**3 - 3 * AXIS]
    table = [[(mass * values * np.outer(p, q)).sum() for q in hermite] for p in hermite]
    energies = [sum(table[i][k - i] ** 2 / factorial(i) / factorial(k - i) for i in range(k + 1)) for k in range(4)]
    return [(mass * values**2).sum() - mean**2, *energies]


neuron = st.tuples(
    st.sampled_from([1, -2, 0.5]),
    st.sampled_from(sorted(FUNCTIONS)),
    st.tuples(st.integers(-2, 2), st.integers(-2, 2)).filter(any),
    st.sampled_from([0, 1, -0.5]),
)


@settings(max_examples=12)
@given(st.lists(neuron, min_size=1, max_size=4), st.sampled_from(["", " + z1", " - 2*z2 + z1*z2/2", " + 3"]))
def test_sums_over_pairs_are_integrals(neurons, polynomial):
    text = " + ".join(f"({a})*{name}({v}*z1 + ({w})*z2 + ({b}))" for a, name, (v, w), b in neurons) + polynomial
    rest = {"": 0, " + z1": 1, " - 2*z2 + z1*z2/2": 2, " + 3": 3}[polynomial]

    def f(x, y):
        total = sum(a * FUNCTIONS[name](v * x + w * y + b) for a, name, (v, w), b in neurons)
        return total + [0, x, -2 * y + x * y / 2, 3][rest]

    g = read(parse(text))
    if not g.variables:
        return
    assert has_energies(taken_apart(g, max(g.variables) + 1))
    expected = on_a_grid(f)
    for ball, value in zip(balls(text, None, 0, 1, 2, 3), expected, strict=True):
        assert abs(float(ball.mid()) - value) < 2e-3 * (1 + expected[0] + expected[1])
        assert ball.rad() < 1e-6 * (1 + expected[0] + expected[1])


@pytest.mark.parametrize("rho", ["3/5", "-4/5", "99/100", "-1/10"])
def test_two_signs_and_two_kinks_have_closed_forms(rho):
    """Sheppard's E sign sign = (2/π) arcsin ρ, and E|X||Y| = (2/π)(sqrt(1 - ρ²) + ρ arcsin ρ)."""
    r = eval(rho)
    (signs,) = balls(f"sign(z1) + sign(({rho})*z1 + sqrt(1 - ({rho})**2)*z2)", None)
    assert float(signs) == pytest.approx(2 + 4 / np.pi * np.arcsin(r), abs=1e-9)
    (kinks,) = balls(f"abs(z1) + abs(({rho})*z1 + sqrt(1 - ({rho})**2)*z2)", None)
    product = 2 / np.pi * (sqrt(1 - r * r) + r * np.arcsin(r))
    assert float(kinks) == pytest.approx(2 * (1 - 2 / np.pi) + 2 * (product - 2 / np.pi), abs=1e-9)


def test_more_lines_than_have_closed_forms_agree_with_fewer():
    """Orthogonal neurons are independent: thirteen have thirteen times the variance of one."""
    many = LinkExpansion.from_expression(" + ".join(f"relu(z{i} + 1)" for i in range(1, 14)))
    one = LinkExpansion.from_expression("relu(z1 + 1)")
    assert float(many.variance) == pytest.approx(13 * float(one.variance), rel=1e-10)
    assert float(many.second_moment) == pytest.approx(13 * float(one.variance) + 169 * float(one.mean) ** 2, rel=1e-9)
    for k in (1, 2, 3):
        assert float(many.energy(k)) == pytest.approx(13 * float(one.energy(k)), rel=1e-9)


def test_what_is_no_sum_of_lines_has_none():
    for text in ("tanh(z1)*tanh(z2)", "log(abs(z1)) + tanh(z2)"):
        g = read(parse(text))
        assert not has_energies(taken_apart(g, 2))
    assert not balls("log(abs(z1)) + tanh(z2)", None)[0].is_finite()


@pytest.mark.parametrize("k", range(5))
def test_lines_whose_product_is_a_ball_around_zero(k):
    """Orthogonal directions with roots in them: the parts of two neurons add up."""
    u, v = "(z1 + sqrt(2)*z2)", "(sqrt(2)*z1 - z2)"
    both, first, second = (balls(text, k)[0] for text in (f"relu({u}+1) + 2*relu({v})", f"relu({u}+1)", f"2*relu({v})"))
    share = 2 * first.sqrt() * second.sqrt() if k == 0 else 0
    assert float(both) == pytest.approx(float(first + second + share), abs=1e-12)
