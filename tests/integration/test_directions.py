"""Links whose directions are dependent, repeated or zero: read in the frame, where an argument that vanishes is zero."""

import re
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import identity, multiply, rank, transpose
from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.coordinates import orthonormal_coordinates
from steinlab.theory.targets.exponents import information_exponent
from steinlab.theory.targets.target import LinkTarget, PolynomialTarget, Target

LATENTS = 3
SAMPLES = 100_000


def piecewise(*pieces):
    """Python's own reading: the first condition that holds decides. Pieces are (value, condition) arrays."""
    out = np.zeros(SAMPLES)
    left = np.ones(SAMPLES, dtype=bool)
    for value, condition in pieces:
        here = left & np.broadcast_to(condition, SAMPLES)
        out = np.where(here, value, out)
        left &= ~here
    return out


NAMES = {
    "sign": np.sign,
    "abs": np.abs,
    "relu": lambda u: np.maximum(u, 0),
    "tanh": np.tanh,
    "Max": lambda *u: reduce(np.maximum, u),
    "Min": lambda *u: reduce(np.minimum, u),
    "Piecewise": piecewise,
}


def evaluate(text, z):
    """The text as Python reads it, at the rows of z."""
    names = NAMES | {f"z{i + 1}": z[:, i] for i in range(z.shape[1])}
    return eval(text, {"__builtins__": {}}, names) + np.zeros(len(z))


small = st.integers(-2, 2)
forms = st.one_of(
    st.sampled_from(
        ["z1", "z2", "z3", "-z1", "z1 - z2", "z2 - z1", "z1 + z2", "z3 - z1", "2*z1 - z3", "z1 - z2 - z3", "z3 - z2"]
    ),
)


@st.composite
def terms(draw):
    u, v, w, x = (f"({draw(forms)})" for _ in range(4))
    compare = draw(st.sampled_from(["<", "<=", ">", ">="]))
    return draw(
        st.sampled_from(
            [
                f"sign{u}",
                f"abs{u}",
                f"relu{u}",
                f"tanh{u}",
                f"sign{u}**2*{v}",
                f"sign{u}*sign(-{u})*{v}",
                f"(1 - sign{u}**2)*tanh{v}",
                f"Max({u}, {v})",
                f"Max({u}, {v}, {w})",
                f"Min({u}, {v}, 0)",
                f"abs{u}*sign{v}",
                f"relu({u} - abs{v})",
                f"Piecewise(({u}, {v} {compare} {w}), ({x}, True))",
                f"Piecewise((1, {u} {compare} {v}), ({x}, {u} >= {w}), (2, True))",
            ]
        )
    )


links = st.lists(terms(), min_size=1, max_size=2).map(" + ".join)


@st.composite
def frames(draw):
    """Three rows in R^1 or R^2, the third or more of them a combination of others, often equal or zero."""
    d = draw(st.integers(1, 2))
    row = st.lists(small, min_size=d, max_size=d)
    rows = [draw(row) for _ in range(LATENTS)]
    for i in range(1, LATENTS):
        how = draw(st.sampled_from(["free", "equal", "opposite", "zero", "sum"]))
        if how != "free":
            other = rows[draw(st.integers(0, i - 1))]
            rows[i] = [x * {"equal": 1, "opposite": -1, "zero": 0, "sum": 1}[how] for x in other]
        if how == "sum":
            rows[i] = [x + y for x, y in zip(rows[i], rows[0], strict=True)]
    return rows


def sample(d, seed):
    """Normal points on a grid of width 2^-36: linear forms of them are floats without error, and ties are ties."""
    return np.round(np.random.default_rng(seed).standard_normal((SAMPLES, d)) * 2**36) / 2**36


def mean_in(value: Constant, samples) -> bool:
    """Whether a certified constant is the mean of what was sampled, to seven standard errors."""
    ball = value.ball()
    slack = 7 * samples.std() / SAMPLES**0.5 + 2e-3 * (1 + np.abs(samples).max())
    return not ball.is_finite() or abs(float(ball.mid()) - samples.mean()) <= slack + float(ball.rad())


@given(link=links, rows=frames(), seed=st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_mean_energy_and_slope_are_those_of_the_function_of_x(link, rows, seed):
    x = sample(len(rows[0]), seed)
    values = evaluate(link, x @ np.array(rows, dtype=float).T)
    if np.ptp(values) < 1e-12:
        with pytest.raises(InputError, match=f"it equals {round(values[0])} almost surely"):
            Target.from_expression(link + " + 0*z3", rows)
        return
    target = Target.from_expression(link + " + 0*z3", rows)
    if isinstance(target, PolynomialTarget):
        assert abs(float(target.expansion.mean) - values.mean()) <= 7 * values.std() / SAMPLES**0.5 + 1e-2
        assert abs(float(target.expansion.second_moment) - (values**2).mean()) <= 7 * (values**2).std() / SAMPLES**0.5 + 1e-2
        return
    expansion = target.expansion
    assert mean_in(expansion.mean, values)
    assert mean_in(expansion.second_moment, values**2)
    for a, unit in enumerate(expansion.coordinates):
        t = x @ np.array([float(c) for c in unit])
        slope = expansion.coefficient(tuple(int(b == a) for b in range(expansion.size)))
        assert mean_in(slope, values * t)


@given(link=links, weights=st.lists(small, min_size=2, max_size=2))
@settings(max_examples=150, deadline=None)
def test_a_dependent_row_reads_as_the_combination_that_it_is(link, weights):
    a, b = weights
    rows = [[1, 0], [1, 1], [a + b, b]]
    exact = tuple(tuple(map(Number.of, row)) for row in rows)
    by_hand = link.replace("z3", f"({a}*z1 + {b}*z2)") + " + 0*z2"
    assert read(parse(link + " + 0*z3"), exact) == read(parse(by_hand))


@pytest.mark.parametrize(
    ("link", "rows", "same_as"),
    [
        ("Max(z1,z2,z3)", [[1, 0], [1, 0], [0, 1]], "Max(z1,z3)"),
        ("sign(z1-z2)*sign(z2-z1)*z1+abs(z1)", [[1], [1]], "abs(z1)"),
        ("(1-sign(z1-z2)**2)*z1**2+tanh(z2)", [[1], [1]], "z1**2+tanh(z1)"),
        ("Max(z1, z2, z3)*tanh(z1)", [[1], [1], [1]], "z1*tanh(z1)"),
        ("exp(-relu(z1 + z2)) + tanh(z1)", [[1], [-1]], "1 + tanh(z1)"),
        ("tanh(z1)*sign(z2)**2 + abs(z1)", [[1], [0]], "abs(z1)"),
    ],
)
def test_known_contractions(link, rows, same_as):
    target = Target.from_expression(link, rows)
    assert isinstance(target, LinkTarget)
    assert target.expansion.link == read(parse(same_as))


def test_repeated_rows_give_the_exponent_of_what_is_left():
    target = Target.from_expression("sign(z1-z2)*sign(z2-z1)*z1+abs(z1)", [[1], [1]])
    assert information_exponent(target.expansion).value == 2


@pytest.mark.parametrize(
    ("link", "rows", "polynomial"),
    [
        ("Piecewise((1,z1>z2),(z1,True))", [[1], [1]], "z1 + 0*z2"),
        ("Piecewise((1,z1>=z2),(z1,True)) + z1", [[1], [1]], "1 + z1 + 0*z2"),
        ("Piecewise((z2**3,z1>=0),(z2,True))", [[0], [1]], "0*z1 + z2**3"),
        ("Max(z1, z2)", [[1, 1], [1, 1]], "z1 + 0*z2"),
        ("relu(z1) + relu(z2)*-1", [[1], [-1]], "z1 + 0*z2"),
        ("relu(z1) - relu(-z1)", [[1, 2, 3]], "z1"),
        ("Piecewise((log(z1-z2),z1>z2),(z1,True))", [[1], [1]], "z1 + 0*z2"),
    ],
)
def test_a_link_that_is_a_polynomial_in_its_frame_becomes_one(link, rows, polynomial):
    target = Target.from_expression(link, rows)
    assert isinstance(target, PolynomialTarget)
    assert target.polynomial == Target.from_expression(polynomial, rows).polynomial


@pytest.mark.parametrize(
    ("link", "rows", "value"),
    [
        ("Max(z1,z2)-z1", [[1, 2], [1, 2]], "0"),
        ("tanh(z1)", [[0, 0]], "0"),
        ("exp(z1) + z2", [[0], [0]], "1"),
        ("z1-z2", [[1], [1]], "0"),
        ("Piecewise((3,z1>=z2),(z1,True))", [[1], [1]], "3"),
        ("tanh(1)", None, "tanh(1)"),
        ("2 + z1 - z1", None, "2"),
        ("5", [[1]], "5"),
    ],
)
def test_a_constant_target_is_told_what_it_equals(link, rows, value):
    with pytest.raises(InputError, match=re.escape(f"does not depend on x, it equals {value} almost surely")):
        Target.from_expression(link, rows)


# -- coordinates


@given(rows=st.integers(1, 3).flatmap(lambda d: st.lists(st.lists(small, min_size=d, max_size=d), min_size=1, max_size=d)))
def test_coordinates_are_orthonormal_and_span_the_rows(rows):
    exact = tuple(tuple(map(Number.of, row)) for row in rows)
    if rank(exact) < len(exact):
        return
    found = orthonormal_coordinates(exact)
    assert multiply(found, transpose(found, len(rows[0]))) == identity(len(rows))
    assert rank((*exact, *found)) == len(rows)


@pytest.mark.parametrize(
    ("rows", "roots"),
    [
        ([[1, 2, 3], [1, -1, 5], [7, 1, -1]], 0),  # all of R^3: the axes
        ([[1, 1, 0, 0], [1, -1, 1, 0], [0, 1, 3, 0]], 0),  # the span of three axes
        ([[1, 1], [1, -1]], 1),  # orthogonal rows stay: the latents are independent
        ([[5, 6, 2], [1, 2, 2]], 0),  # the second has length 3 and leaves 4 of the first; the first has √65
        ([[1, 1, 1], [1, -1, 1]], 1),  # the span holds an axis; the Gram determinant 8 asks for √2
    ],
)
def test_coordinates_need_few_square_roots(rows, roots):
    found = orthonormal_coordinates(tuple(tuple(map(Number.of, row)) for row in rows))
    assert len({r for row in found for x in row for r in x.field.radicals}) == roots


def test_where_the_square_roots_fit_no_field_the_axes_stand_in():
    row = (Number.of(2).root(5), Number.of(3).root(7), Number.of(1))
    expansion = LinkExpansion.from_expression("tanh(z1)", (row,))
    assert expansion.coordinates == identity(3)
    assert expansion.reduced is expansion
    assert expansion.effective_dimension.upper == 1
