"""Dimensions by gradients and jumps at points: never more than that of the forms, and all of it where integrals are too small."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.witnesses import _points, dimension_at_points, nonzero_difference, rises_along
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.verdicts import Evidence

RIDGES = ["tanh({u}-{c})", "relu({u}-{c})", "sign({u}+{c})", "exp(-({u}-{c})**2)", "sin({u})", "({u})**2", "log(1+exp({u}-{c}))"]
forms = st.lists(st.integers(-2, 2), min_size=3, max_size=3).filter(any)


@given(st.lists(st.tuples(forms, st.sampled_from(RIDGES), st.integers(0, 60)), min_size=1, max_size=3), st.sampled_from("+*"))
def test_no_more_than_the_rank_of_the_forms(ridges, joined):
    written = []
    for form, ridge, c in ridges:
        u = "+".join(f"({a})*z{i + 1}" for i, a in enumerate(form))
        written.append(ridge.format(u=u, c=c))
    g = read(parse(joined.join(written)))
    found = dimension_at_points(g, 3, 3)
    assert found <= np.linalg.matrix_rank(np.array([form for form, _, _ in ridges], dtype=float))


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("tanh(z1-100)", 1),
        ("sigmoid(10*z1-3000)", 1),
        ("tanh(z1+z2-100)", 1),
        ("relu(z1)*relu(z2-12)", 2),
        ("relu(z1-30)*sign(z2-50)", 2),
        ("tanh(z1-100)+tanh(z2-100)+relu(z3-20)", 3),
        ("tanh(z1-80)*exp(-(z2-20)**2)", 2),
    ],
)
def test_functions_that_vary_far_out_only(text, dimension):
    found = LinkExpansion.from_expression(text).effective_dimension
    assert (found.value, found.lower, found.upper, found.evidence) == (dimension, dimension, dimension, Evidence.CERTIFIED)


def test_a_constant_that_is_not_recognised_is_not_said_to_vary():
    found = LinkExpansion.from_expression("tanh(2*z1)-2*tanh(z1)/(1+tanh(z1)**2)").effective_dimension
    assert (found.value, found.lower) == (None, 0)


@pytest.mark.parametrize(
    ("text", "size", "forms"),
    [
        ("tanh(z1-100)+relu(2*z2+4)", 2, [lambda x, y: x - 100, lambda x, y: y + 2]),
        ("exp(-(z1-20)**2)", 1, [lambda x: -2 * x + 40]),
        ("tanh(z1+z2)*sign(z1+z2-1)", 2, [lambda x, y: x + y, lambda x, y: x + y - 1]),
        ("log(1+exp(z1-z2))", 2, [lambda x, y: (x - y) / 2, lambda x, y: (y - x) / 2]),
        ("z1*z2", 2, []),
    ],
)
def test_points_lie_beside_the_hyperplanes_and_where_they_meet(text, size, forms):
    """At 1/2 and -3/4 of each form, alone and together, and at a point in general position."""
    found = list(_points(read(parse(text)), size))
    base = (Fraction(1, 3), Fraction(-7, 5))[:size]
    assert found[0] == base
    at = [{form(*point) for form in forms} for point in found[1:]]
    for form in forms:
        assert {form(*point) for point in found[1:]} >= {Fraction(1, 2), Fraction(-3, 4)}
    together = size == len(forms) == 2 and "z2+4" in text
    assert (({Fraction(1, 2)} in at) and ({Fraction(-3, 4)} in at)) is (together or len(forms) == 1)
    assert len(found) == 1 + 2 * len(forms) + 4 * together


RISING = {  # link: the sign of the slope along each axis, 0 where it has both or jumps, None where it may be left open
    "sigmoid(z1 + relu(z2))": (1, None),
    "tanh(z1 + relu(z2))*2 - 3*relu(z1)": (0, None),
    "-relu(z1)*exp(z2)": (-1, None),
    "relu(z1 + z2) - tanh(z2)": (1, 0),
    "z1*z2": (0, 0),
    "sign(z1) + z1 - z2**3": (0, -1),
    "sign(z1)*z2 + 3*z2 + erf(z1)": (0, 1),
    "Max(z1, z2) + sign(z2)": (1, 0),
    "log(1 + exp(z1 - z2)) + atan(z1)": (1, -1),
    "z1**3 - 3*z1 + z2**5": (0, 1),
    "(2 + sin(z2))*erf(z1)": (1, 0),
    "log(abs(z1)) + z2": (0, 0),
}


@pytest.mark.parametrize("text", RISING)
def test_what_rises_along_an_axis_has_a_coefficient_of_that_sign(text):
    """E[g z_i] by Gauss-Hermite quadrature; a slope of both signs, a jump and a singular point are not decided."""
    g = read(parse(text))
    found = [rises_along(g, i) for i in (0, 1)]
    assert all(wanted is None or (side or 0) == wanted for side, wanted in zip(found, RISING[text], strict=True))
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    z = np.meshgrid(nodes, nodes, indexing="ij")
    names = {name: getattr(np, name) for name in ("exp", "sin", "tanh", "sign", "log", "abs")}
    names |= {"atan": np.arctan, "Max": np.maximum}
    names |= {"relu": lambda v: np.maximum(v, 0), "sigmoid": lambda v: 1 / (1 + np.exp(-v)), "erf": scipy.special.erf}
    values = eval(text, {"__builtins__": {}}, names | {"z1": z[0], "z2": z[1]})
    for i, side in enumerate(found):
        assert side is None or np.sign((values * z[i] * np.outer(weights, weights)).sum()) == side


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 5)), min_size=1, max_size=4))
def test_differences_of_a_polynomial_vanish_above_its_degree_and_not_at_it(terms):
    """Of degree n in z1: the differences of order n are not all zero, those of order n + 1 are."""
    g = read(parse(" + ".join(f"{c}*z1**{a}*z2**{b}" for a, b, c in terms) + " + z1*z2*0"))
    degree = max(a for a, _, _ in terms)
    assert nonzero_difference(g, 2, 0, degree) is not None
    assert nonzero_difference(g, 2, 0, degree + 1) is None


@pytest.mark.parametrize(
    "text", ["relu(z1)", "relu(z1 - 30)", "sign(z1 + z2)", "Max(z1, z2, 1)", "tanh(z1)*z2", "sigmoid(z1 + relu(z2))"]
)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_difference_that_is_told_is_one_of_floats(text, order):
    """Σ_k (-1)^{n-k} C(n, k) g(z + k h e_1) from NumPy's values."""
    from steinlab.numerics.samples.expressions import compile_expression

    found = nonzero_difference(read(parse(text)), 2, 0, order)
    assert found is not None
    (first, second), step = found
    places = np.array([[float(first + k * step), float(second)] for k in range(order + 1)]).T
    values = compile_expression(parse(text))(places)
    assert abs(sum((-1) ** (order - k) * comb(order, k) * v for k, v in enumerate(values))) > 1e-12
