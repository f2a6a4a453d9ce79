"""Ranges and floors are bounds, and the least values where they are exact: a little more would be false."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import certain_sign, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ranges import polynomial_floor, quadratic_minimum, value_range
from steinlab.theory.links.ring import Atom, apply, constant, from_atom, variable
from steinlab.theory.links.signs import _certain_side, _comparison, _scaled, sign

Z1, Z2, Z3 = variable(0), variable(1), variable(2)
EPSILON = Fraction(1, 10**12)
small = st.fractions(-3, 3, max_denominator=4)


@given(st.lists(small, min_size=9, max_size=9), st.lists(small, min_size=3, max_size=3), small)
def test_quadratic_minimum_is_the_least_value(entries, slopes, offset):
    """(A z)ᵀ(A z) + bᵀz + c, by NumPy: c - bᵀ(AᵀA)^{-1} b/4 where AᵀA is invertible."""
    rows = [entries[i : i + 3] for i in (0, 3, 6)]
    q = constant(offset)
    for row in rows:
        form = Z1 * row[0] + Z2 * row[1] + Z3 * row[2]
        q = q + form * form
    for z, b in zip((Z1, Z2, Z3), slopes, strict=True):
        q = q + z * b
    a = np.array(rows, dtype=float)
    found = quadratic_minimum(q)
    if abs(np.linalg.det(a)) > 1e-3:
        b = np.array(slopes, dtype=float)
        assert float(found) == pytest.approx(float(offset) - b @ np.linalg.solve(a.T @ a, b) / 4, rel=1e-8, abs=1e-8)
    elif found is not None:  # bounded below all the same: no random point lies lower
        points = np.random.default_rng(0).normal(size=(300, 3)) * 3
        values = ((points @ a.T) ** 2).sum(axis=1) + points @ np.array(slopes, dtype=float) + float(offset)
        assert values.min() >= float(found) - 1e-9


@pytest.mark.parametrize(
    ("u", "least"),
    [
        (Z1**2 + Z1, Fraction(-1, 4)),
        (3 * Z1**2 - 2 * Z1 * Z2 + 2 * Z2**2 + Z2, Fraction(-3, 20)),
        ((Z1 * Z2 + Z3) ** 2 + Z1 * Z2 + Z3, Fraction(-1, 4)),
        ((Z1 * Z2 - Z3) ** 2 + Z3 - Z1 * Z2 + Z1**4, Fraction(-1, 4)),
    ],
    ids=str,
)
def test_a_sign_is_proved_up_to_the_least_value_and_no_further(u, least):
    assert value_range(u).low == Number.of(least)
    assert sign(u - least).number == 1
    assert sign(u - least + EPSILON).number == 1
    beyond = sign(u - least - EPSILON)
    assert beyond.number is None


@given(st.lists(small, min_size=5, max_size=5))
def test_a_floor_of_a_quartic_is_below_it_and_close(coefficients):
    p = sum((Z1**k * c for k, c in enumerate(coefficients)), constant(0)) + Z1**4 * 4
    values = (
        np.polynomial.Polynomial([float(c) for c in coefficients])(np.linspace(-9, 9, 200_001))
        + 4 * np.linspace(-9, 9, 200_001) ** 4
    )
    floor = polynomial_floor(p)
    assert floor is not None
    assert float(floor) <= values.min() + 1e-12
    assert float(floor) >= values.min() - 1.1 * max(1.0, abs(values.min()))


@given(st.lists(st.integers(2, 40), min_size=1, max_size=3), st.integers(8, 40), st.sampled_from(["root", "logarithm"]))
def test_bounds_rest_on_numbers_that_are_hardly_told_from_zero(radicands, digits, way):
    with mpmath.workdps(80):
        size = sum(mpmath.sqrt(n) for n in radicands)
        near = Fraction(int(mpmath.floor(size * 10**digits)), 10**digits)
        gap = size - mpmath.mpf(near.numerator) / near.denominator
        exact = sum((Number.of(n).root(2) for n in radicands), Number.of(-near))
        assume(exact.sign() > 0)
        z = variable(0)
        u = apply("exp", z) + apply("exp", -z) * exact if way == "root" else from_atom(Atom.get("log", z * z + exact))
        least = 2 * mpmath.sqrt(gap) if way == "root" else mpmath.log(gap)
        with working_precision(30):  # whatever the precision around it
            low = value_range(u).low
        assert low is not None
        found = mpmath.mpf(low.fraction.numerator) / low.fraction.denominator
        assert least - abs(least) / 10**9 <= found <= least


def test_a_range_does_not_depend_on_the_precision_of_the_work_around_it():
    z = variable(0)
    u = apply("exp", z) * 3 + apply("exp", -z) * Number.of(2).root(2)
    lows = []
    for bits in (24, 53, 300):
        with working_precision(bits):
            lows.append(value_range(u).low)
    assert len(set(lows)) == 1


SIGNED = {
    "z1 - tanh(z1)": "z1",
    "tanh(z1) - z1": "-z1",
    "sin(z1) - z1": "-z1",
    "z1 - 1 - tanh(z1 - 1)": "z1 - 1",
    "exp(z1) - 1 - z1": "1",
    "1 - z1**2/2 - cos(z1)": "-1",
    "exp(z1) - 1 - z1 - z1**2/2": "z1",
    "z1 - z2 - tanh(z1 - z2)": "z1 - z2",
    "pi*z1 - 1": "z1 - 1/pi",
    "z1*exp(1) + 2": "z1 + 2*exp(-1)",
    "log(1 + z1**2) - z1**2": "-1",
    "exp(z1) - 3*exp(-z1)": "z1 - log(3)/2",
}


@pytest.mark.parametrize("text", SIGNED)
def test_slopes_decide_signs(text):
    assert read(parse(f"sign({text})*z1")) == read(parse(f"sign({SIGNED[text]})*z1"))


@pytest.mark.parametrize("text", ["z1 - erf(z1)", "z1 - 2*tanh(z1)", "z1 - sin(2*z1)", "exp(z1) - 1 - z1 - z1**2"])
def test_signs_that_change_more_often_are_not_simplified(text):
    found = sign(read(parse(text)))
    assert found != sign(read(parse("z1")))
    assert found.number is None


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("3*exp(z1) - 2*exp(z2)", "z1 - z2 - log(2) + log(3)"),
        ("exp(z1) - 5", "z1 - log(5)"),
        ("4*exp(2*z2) - exp(z1)", "2*z2 - z1 + 2*log(2)"),
        ("1 - 2*tanh(z1)", "log(3)/2 - z1"),
        ("tanh(z1) - tanh(z2)", "z1 - z2"),
        ("-3*tanh(z1) - 3*tanh(z2)", "-z1 - z2"),
        ("erf(z1) + erf(z2)", "z1 + z2"),
        ("atan(z1) - atan(z2)", "z1 - z2"),
        ("2*exp(z1) + 3", None),
        ("exp(z1) + exp(z2)", None),
        ("tanh(z1) - 2", None),
        ("2*tanh(z1) + tanh(z2)", None),
        ("tanh(z1) - 2*tanh(z2)", None),
        ("erf(z1) - 1/2", None),
        ("exp(z1) - tanh(z1)", None),
        ("sin(z1) - sin(z2)", None),
        ("tanh(z1)**2 - tanh(z2)**2", None),
        ("tanh(z1) - tanh(z2) + 1", None),
        ("tanh(z1)*z1 - 1", None),
    ],
)
def test_values_of_an_increasing_function_are_compared_by_their_arguments(text, same):
    found = _comparison(read(parse(text)))
    assert found == (None if same is None else read(parse(same)))
    if same is not None:
        f, g = (compile_sum(read(parse(t))) for t in (text, same))
        for point in np.random.default_rng(2).uniform(-2, 2, (30, 2)):
            assert certain_sign(real_value(f, [arb(x) for x in point])) == certain_sign(real_value(g, [arb(x) for x in point]))


@pytest.mark.parametrize(
    ("text", "side", "root"),
    [
        ("pi*z1 - 1", 1, "z1 - 1/pi"),
        ("1 - pi*z1", -1, "z1 - 1/pi"),
        ("exp(1)*z2", 1, "z2"),
        ("(pi - 3)*z1 + 2", 1, "z1 + 2/(pi - 3)"),
        ("(3 - pi)*z1 + 2", -1, "z1 - 2/(pi - 3)"),
        ("-sin(1)*z1 - 3", -1, "z1 + 3/sin(1)"),
        ("z1 - 1", None, None),
        ("pi*z1*z2", None, None),
        ("pi*z1**2", None, None),
        ("pi + 0*z1", None, None),
        ("pi*z1 + tanh(z1)", None, None),
    ],
)
def test_constants_are_divided_out(text, side, root):
    found = _scaled(read(parse(text)))
    assert found == (None if side is None else read(parse(f"sign({root})")) * side)


@pytest.mark.parametrize(
    ("text", "side"),
    [("tanh(z1)**2", 1), ("-1 - z1**2", -1), ("1 - tanh(z1)", 1), ("tanh(z1) - 1", -1), ("z1", None), ("tanh(z1)", None)],
)
def test_what_is_nowhere_negative_or_nowhere_positive(text, side):
    assert _certain_side(read(parse(text))) == side


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("z1**3*z2**2*(1 + z1**2)", "sign(z1)"),
        ("-2*z1*tanh(z2)*exp(z3)", "-sign(z1)*sign(z2)"),
        ("(z1 - 1)**3*(z1 + 2)", "sign(z1 - 1)*sign(z1 + 2)"),
        ("z1**4 - 1", "sign(z1 - 1)*sign(z1 + 1)"),
        ("1 - z1**3", "-sign(z1 - 1)"),
        ("-z1**2 + 2", "-sign(z1 - sqrt(2))*sign(z1 + sqrt(2))"),
        ("(z1 - z2)**2*z1", "sign(z1)"),
        ("0*z1", "0*z1"),
        ("1 - erf(20) + 0*z1", "1 + 0*z1"),
        ("z1*log(2) - z1*log(3)", "-sign(z1)"),
    ],
)
def test_signs_of_products_and_polynomials(text, form):
    assert sign(read(parse(text))) == read(parse(form))


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("1 + abs(exp(z1)-2)", 1), ("1/1000 + abs(z1**3-z1)", 1), ("-1 - abs(z1-1/3)*exp(z1)", -1), ("1 + abs(tanh(z1)-1/3)", 1),
        ("2 + z1*sigmoid(z1)", 1), ("z1*sigmoid(z1) - 1/5 - z1**2", -1), ("abs(z1**3-z1) - 1/1000", None),
        ("abs(exp(z1)-2) - 1/9", None), ("relu(z1-1)*exp(z1) + relu(-z1) + 1/50", 1), ("relu(z1-1) - relu(-z1)/30 + 1/2", None),
        ("1/4 + z1*exp(-z1**2/2)*(1/10+abs(z1-1)/10)", 1), ("1/40 + z1*exp(-z1**2/2)*(1/10+abs(z1-1)/10)", None),
    ],
)  # fmt: skip
def test_functions_of_one_sign_on_all_their_pieces(text, side):
    """Against values on a grid: a sign is told where all have it, and there alone."""
    names = {"abs": np.abs, "exp": np.exp, "tanh": np.tanh, "relu": lambda v: np.maximum(v, 0)}
    names["sigmoid"] = lambda v: 1 / (1 + np.exp(-v))
    values = eval(text, {"__builtins__": {}}, names | {"z1": np.linspace(-40, 40, 80_001)})
    assert (side is None) == (values.min() < 0 < values.max())
    found = sign(read(parse(text)))
    assert found == constant(side) if side else found.variables


@given(
    st.dictionaries(st.integers(-4, 4), st.integers(-5, 5).filter(bool), min_size=2, max_size=4),
    st.sampled_from(["z1", "z1 - 1", "2*z1 + z2"]),
)
def test_the_sign_of_a_sum_of_exponentials_is_read_off_its_roots(weights, h):
    """Against NumPy at points away from the zeros; and a sum that is even has an even form."""
    text = " + ".join(f"({c})*exp(({k})*({h}))" for k, c in weights.items())
    form = read(parse(f"sign({text})"))
    points = np.random.default_rng(1).normal(size=(40, 2)) * 2
    exponent = {"z1": points[:, 0], "z1 - 1": points[:, 0] - 1, "2*z1 + z2": 2 * points[:, 0] + points[:, 1]}[h]
    values = sum(c * np.exp(k * exponent) for k, c in weights.items())
    with working_precision(64):
        f = compile_sum(form)
        for point, value in zip(points, values, strict=True):
            if abs(value) > 1e-6 * sum(abs(c) for c in weights.values()):
                assert float(real_value(f, [arb(x) for x in point])) == np.sign(value)
    if h == "z1" and all(weights.get(-k) == c for k, c in weights.items()):
        assert form.substitute({0: -Z1}) == form


@pytest.mark.parametrize(
    "text", ["cosh(z1) - 2", "cosh(2*z1) - cosh(z1) - 3", "4 - exp(3*z1) - exp(-3*z1)", "cosh(z1) + cosh(2*z1) - 5"]
)
def test_the_sign_of_an_even_sum_of_exponentials_is_even(text):
    form = read(parse(f"sign({text})"))
    assert form.number is None
    assert form.substitute({0: -Z1}) == form


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-2, 2)), min_size=2, max_size=3))
def test_the_sign_of_a_product_of_polynomials_in_several_variables_is_that_of_its_factors(factors):
    product, signs = constant(1), constant(1)
    for a, b, c in factors:
        factor = Z1 * a + Z2**2 * b + Z3 * Z1 * c + 1
        product, signs = product * factor, signs * sign(factor)
    assert sign(product) == signs
