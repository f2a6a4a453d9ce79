"""Which functions have a sign, and which stay away from zero."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import constant_bounds, fraction_ball, number_side, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ranges import (
    ceiling,
    is_bounded_away,
    is_positive,
    kept_distance,
    may_be_singular,
    polynomial_floor,
    positive_floor,
    quadratic_minimum,
    value_range,
)
from steinlab.theory.links.ring import Atom, apply, constant, from_atom, pi, variable

Z1, Z2 = variable(0), variable(1)


@pytest.mark.parametrize(
    ("u", "low", "high"),
    [
        (apply("tanh", Z1) ** 2, 0, 1),
        (apply("tanh", Z1) ** 2 * apply("erf", Z2) ** 4 * -3, -3, 0),
        (apply("tanh", Z1) ** 3 * 2, -2, 2),
        (apply("tanh", Z1) ** 3 * apply("erf", Z2) ** 2, -1, 1),
        (apply("sin", Z1) * apply("sign", apply("sin", Z1)), 0, 1),
        (apply("tanh", Z1) ** 2 * apply("sign", Z2), -1, 1),
        (apply("tanh", Z1) ** 2 * Z2**2, 0, None),
        (apply("tanh", Z1) * Z2**2, None, None),
    ],
)
def test_even_powers_of_bounded_functions_have_a_sign_and_odd_ones_none(u, low, high):
    found = value_range(u)
    assert (found.low, found.high) == tuple(None if x is None else Number.of(x) for x in (low, high))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tanh(z1)**2", False),
        ("z1**2 + z2**2", False),
        ("1 - tanh(z1)**2", False),
        ("tanh(z1)**2 - 1/10", False),
        ("tanh(z1)**2 + 1/10", True),
        ("1 + z1**2", True),
        ("exp(z1) + exp(-z2)", True),
    ],
)
def test_what_comes_down_to_zero_is_not_bounded_away_from_it(text, expected):
    assert is_bounded_away(read(parse(text))) is expected


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("(z1*z2+z3)**2 - 5", -5),
        ("(z1**2-1)**2", 0),
        ("(z1+z2)**4 + 1", 1),
        ("z1**4 - 2*z1**2", -1),
        ("z1**2*z2**2 + z1**4 + 2", 2),
        ("(z1*z2-1)**2 + (z2-z1**2)**2", None),
        ("z1**3", None),
        ("z1*z2", None),
    ],
)
def test_floors(text, floor):
    found = polynomial_floor(read(parse(text)))
    assert (found is None) == (floor is None)
    assert found is None or found == floor


def test_the_floor_of_a_quartic_is_close_to_its_minimum():
    # z⁴ - z has its minimum -3/4 · 4^(-1/3) at 4^(-1/3)
    found = float(polynomial_floor(read(parse("z1**4 - z1"))))
    least = -0.75 * 4 ** (-1 / 3)
    assert least - 1e-5 < found < least


NAMES = {name: getattr(np, name) for name in ("tanh", "sin", "cos", "exp", "log", "sqrt", "sign", "abs", "pi")}
NAMES |= {"erf": scipy.special.erf, "atan": np.arctan, "relu": lambda x: np.maximum(x, 0)}
RANGES = [  # (link, low, high); sevens are of π/2 < 11/7
    ("z1**2 + 2*z1", "-1", None),
    ("z1**2 - 4*z1 + z2**2 + 1", "-3", None),
    ("3 - (z1 - z2)**2", None, "3"),
    ("z1**2 + z1*z2 + z2**2 - z2", "-1/3", None),
    ("z1*z2", None, None),
    ("z1 + 1", None, None),
    ("abs(z1)", "0", None),
    ("-3*abs(z1)", None, "0"),
    ("abs(z1) + 2*abs(z2 - 1)", "0", None),
    ("abs(z1) - abs(z2)", None, None),
    ("abs(z1) - z1", "0", None),
    ("relu(z1) + 1", "1", None),
    ("2 - relu(2*z1 - 3*z2 + 1)", None, "2"),
    ("exp(z1)", "0", None),
    ("3 - exp(z1)", None, "3"),
    ("2*exp(-z1**2) - 1", "-1", "1"),
    ("exp(1 - z1**2)", "0", None),
    ("exp(z1) + exp(-z1)", "2", None),
    ("exp(2*z1) + 4*exp(-2*z1) - 1", "-1", None),
    ("1/(1 + z1**2)", "0", "1"),
    ("5/(1 + z1**2)", "0", "5"),
    ("-1/(2 + z1**2)", "-1", "0"),
    ("1/(1/2 + z1**2)", "0", None),
    ("sqrt(1 + z1**2)", "0", None),
    ("log(1 + z1**2)", "0", None),
    ("z1*log(1 + z1**2)", None, None),
    ("log(1 + z1**2)**2", "0", None),
    ("z1**4 - 2*z1**2 + tanh(z1)", "-2", None),
    ("z1**2 - z1**4", None, "1/4"),
    ("z1**6 + z1**3", "-1/4", None),
    ("z1**3", None, None),
    ("tanh(z1)*erf(z1)", "-1", "1"),
    ("2*cos(z1) - 1", "-3", "1"),
    ("sin(z1)*cos(z2) - tanh(z1)**2", "-2", "1"),
    ("tanh(z1)*exp(-z1**2)", "-1", "1"),
    ("sin(z1)*(1 + z1**2)**(-1/2)", "-1", "1"),
    ("atan(z1)", "-11/7", "11/7"),
    ("atan(z1)**2 - 1", "-1", "72/49"),
    ("-2*atan(z1)**3", "-2662/343", "2662/343"),
    ("sign(z1)*z1*z2**2", "0", None),
    ("sign(z1)*tanh(z2)**2", "-1", "1"),
]


@pytest.mark.parametrize(("text", "low", "high"), RANGES)
def test_a_range_holds_all_values_and_is_what_its_rules_give(text, low, high):
    found = value_range(read(parse(text)))
    assert tuple(None if x is None else str(x) for x in found) == (low, high)
    rng = np.random.default_rng(1)
    for scale in (0.3, 1, 3):
        z1, z2 = rng.standard_normal((2, 300)) * scale
        values = eval(text, {"__builtins__": {}}, NAMES | {"z1": z1, "z2": z2})
        assert low is None or np.min(values) >= float(Fraction(low)) - 1e-12
        assert high is None or np.max(values) <= float(Fraction(high)) + 1e-12


@pytest.mark.parametrize(
    ("text", "end", "true"),
    [
        ("2*exp(z1) + 3*exp(-z1)", "low", 2 * 6**0.5),
        ("exp(3*z1)/5 + exp(-3*z1)/2", "low", 2 * 0.1**0.5),
        ("log(1/2 + z1**2)", "low", -float(mpmath.log(2))),
        ("log(2 + z1**2)", "low", float(mpmath.log(2))),
        ("-2*log(3 + z1**2)", "high", -2 * float(mpmath.log(3))),
        ("3*log(1/4 + z1**2) + 1", "low", 1 - 3 * float(mpmath.log(4))),
        ("pi + tanh(z1)", "low", float(mpmath.pi) - 1),
        ("pi + tanh(z1)", "high", float(mpmath.pi) + 1),
        ("z1**2 - exp(1)", "low", -float(mpmath.e)),
    ],
)
def test_ends_that_are_no_fractions_are_bounded_closely(text, end, true):
    found = getattr(value_range(read(parse(text))), end)
    gap = float(found) - true
    assert (gap <= 1e-15) if end == "low" else (gap >= -1e-15)
    assert abs(gap) < 1e-11 * max(1, abs(true))


@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6), st.integers(-5, 5))
def test_quadratic_minima_are_those_of_linear_algebra(entries, c):
    """zᵀAz + b·z + c in three variables, A = MMᵀ: c - bᵀA⁻¹b/4 where that exists."""
    m = np.array([[entries[0], 0, 0], [entries[1], entries[2], 0], [1, entries[3], entries[4]]])
    a, b = m @ m.T, np.array([entries[5], 1, -2])
    z = [variable(i) for i in range(3)]
    p = sum((z[i] * z[j] * int(a[i, j]) for i in range(3) for j in range(3)), constant(c))
    p = p + sum((z[i] * int(b[i]) for i in range(3)), constant(0))
    found = quadratic_minimum(p)
    if abs(np.linalg.det(m)) < 0.5:
        assert found is None or np.linalg.matrix_rank(a) == np.linalg.matrix_rank(np.column_stack([a, b]))
    else:
        assert float(found) == pytest.approx(c - b @ np.linalg.solve(a, b) / 4)
        assert quadratic_minimum(-p) is None


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("z1", None),
        ("-z1**2", None),
        ("z1**2 + 4*z1*z2 + 4*z2**2 + 2", 2),
        ("z1**2 - 2*z1*z2 + z2**2 - z2", None),
        ("z1*z2", None),
    ],
)
def test_degenerate_quadratics(text, least):
    found = quadratic_minimum(read(parse(text)))
    assert (found is None) if least is None else (found == least)


@pytest.mark.parametrize(
    ("text", "singular", "with_roots"),
    [
        ("1/z1", True, True),
        ("1/(1 + z1**2)", False, False),
        ("log(z1**2)", True, True),
        ("log(2 + z1**2)", False, False),
        ("sqrt(z1**2 + z2**2)", False, True),
        ("sqrt(1 + z1**2)", False, False),
        ("sin(1/z1)", True, True),
        ("z2*exp(sqrt(z1**2 + z2**2))", False, True),
        ("z2*tanh(z1)", False, False),
        ("z1/tanh(3)", False, False),
    ],
)
def test_what_may_be_singular(text, singular, with_roots):
    products = read(parse(text)).terms
    assert any(may_be_singular(p) for p in products) is singular
    assert any(may_be_singular(p, roots=True) for p in products) is with_roots


@pytest.mark.parametrize(
    ("text", "positive"),
    [
        ("2*exp(z1)", True),
        ("pi*exp(z1)", True),
        ("1 + exp(-z1)", True),
        ("exp(z1) - 1", False),
        ("exp(z1) + z1", False),
        ("0*z1", False),
    ],
)
def test_positive_sums_of_exponentials(text, positive):
    assert is_positive(read(parse(text))) is is_bounded_away(read(parse(text))) is positive


@pytest.mark.parametrize(
    ("text", "true"), [("pi - 3", mpmath.pi - 3), ("sin(1)", mpmath.sin(1)), ("pi - 355/113", mpmath.pi - mpmath.mpf(355) / 113)]
)
def test_constants_lie_between_close_fractions(text, true):
    low, high = constant_bounds(read(parse(text)))
    assert low <= high < low + Fraction(1, 10**15)
    assert float(low) == pytest.approx(float(true), rel=1e-9)
    assert (low > 0) == (high > 0) == (true > 0)
    assert number_side(read(parse(text))) == mpmath.sign(true)


def test_what_has_no_side():
    unknown = from_atom(Atom.get("E", read(parse("tanh(z1)**2"))))
    assert constant_bounds(unknown) is None
    assert number_side(unknown) is None
    assert number_side(constant(0)) is None
    assert (number_side(constant(-2)), number_side(pi() - 4)) == (-1, -1)


PARTS = {
    "tanh(z1)": lambda x, y: np.tanh(x), "z2": lambda x, y: y, "exp(z1)": lambda x, y: np.exp(x),
    "sin(z2)": lambda x, y: np.sin(y),
    "exp(z1-z2)": lambda x, y: np.exp(x - y), "cos(2*z1-1/2)": lambda x, y: np.cos(2 * x - 0.5), "z1*z2": lambda x, y: x * y,
    "sin(z1+z2)": lambda x, y: np.sin(x + y), "atan(z2)*z1": lambda x, y: np.arctan(y) * x,
    "1": lambda x, y: 1 + 0 * x,
}  # fmt: skip
GRID = np.random.default_rng(3).normal(size=(2, 4000)) * 2
PAIRS = [("tanh(z1)", "z2"), ("exp(z1)", "z2"), ("cos(2*z1-1/2)", "sin(z1+z2)"), ("sin(z2)", "z1*z2"), ("exp(z1)", "sin(z2)*z1")]


@given(
    st.lists(st.tuples(st.sampled_from(list(PARTS)), st.integers(-3, 3)), min_size=1, max_size=3, unique_by=lambda part: part[0]),
    st.integers(-3, 3),
    st.sampled_from(["({})**2", "abs({})", "relu({})", "({})**4", "-({})**2", "({})"]),
)
def test_bounds_are_held_by_all_values(parts, offset, shape):
    """Of squares and magnitudes of sums of functions, which the normal form multiplies out."""
    inner = " + ".join(f"({c})*{name}" for name, c in parts)
    u = read(parse(f"{offset} + {shape.format(inner)}"))
    values = sum(c * PARTS[name](*GRID) for name, c in parts)
    outer = {"({})**2": np.square, "abs({})": np.abs, "relu({})": lambda v: np.maximum(v, 0), "({})**4": lambda v: v**4}
    values = offset + outer.get(shape, lambda v: -(v**2) if "-" in shape else v)(values)
    found = value_range(u)
    slack = 1e-9 * (1 + np.abs(values).max())
    assert found.low is None or float(found.low) <= values.min() + slack
    assert found.high is None or float(found.high) >= values.max() - slack


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("shape", ["(({})-({}))**2", "({}+2*({})-1)**2", "abs(({})-({}))", "relu({}+{})"])
def test_squares_and_magnitudes_of_sums_are_not_negative(pair, shape):
    text = shape.format(*pair)
    assert value_range(read(parse(f"1/7 + {text}"))).low >= Number.of(Fraction(1, 7))
    assert is_bounded_away(read(parse(f"1/7 + {text}")))
    assert not is_bounded_away(read(parse(f"-2 + {text}")))


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("1 + log(1+exp(z1))", 1), ("3 - log(1+exp(-2*z1+1)) + log(exp(2*z1-1)+1) - 2*z1", 2),
        ("log(1+exp(z1)) + 2*log(1+exp(-z2)) + 1/3", 1 / 3), ("z1/2 + log(exp(z1/2)+3*exp(-z1/2))", math.log(3)),
        ("1/10**6 + abs(z1**3-z1)", 1e-6), ("1 + abs(exp(z1)-2)", 1), ("2 + z1*sigmoid(z1)", 1.7215),
        ("1 + abs(log(abs(z1-1)))", 1),
        ("1 + abs(tanh(z1)-1/3)", 1), ("2 + gelu(z1)", 1.83), ("1 + abs(log(1+z1**2)-1)", 1),
    ],
)  # fmt: skip
def test_positive_floors_lie_just_below_the_least_value(text, least):
    floor = positive_floor(read(parse(text)))
    assert floor is not None
    assert least / 4.01 <= float(floor) <= least * (1 + 1e-12)


@pytest.mark.parametrize("text", ["abs(z1)", "abs(z1-1/3) + abs(z1**2-1/9)", "abs(sin(z1)) + z1**2", "relu(z1)"])
def test_what_vanishes_somewhere_has_no_positive_floor(text):
    assert positive_floor(read(parse(text))) is None


@pytest.mark.parametrize(
    ("text", "high"), [("-abs(exp(z1)-2)", 0), ("tanh(z1)-1", 0), ("abs(exp(z1)-2)", None), ("2-abs(exp(z1)-2)", None), ("3", 3)]
)
def test_ceilings(text, high):
    assert ceiling(read(parse(text))) == (None if high is None else Number.of(high))


@given(
    st.sampled_from(["sin(z1)", "tanh(z1)", "erf(z1)", "2*cos(z1)", "3*sin(z1)*tanh(z2)"]), st.fractions(0, 3, max_denominator=7)
)
def test_powers_of_magnitudes_of_bounded_functions_are_bounded(inner, e):
    """|f|^e <= sup|f|^e, and no bound is lost where the exponent is a whole number."""
    size = int(inner[0]) if inner[0].isdigit() else 1
    high = value_range(read(parse(f"abs({inner})**({e})"))).high
    assert high is not None
    assert size ** float(e) <= float(high) * (1 + 1e-12) <= size ** math.ceil(e) * (1 + 1e-12)


def test_a_square_of_exponentials_alone_is_not_negative():
    assert value_range(read(parse("2 + (exp(z1)-exp(2*z2+1))**2 - 3*sin(z1)"))).low == Number.of(-1)
    assert value_range(read(parse("(exp(z1)-3*exp(-z2/2)+exp(z1/3))**2"))).low == Number.of(0)


@given(
    st.lists(st.integers(-2, 2), min_size=4, max_size=4),
    st.fractions(0, 3, max_denominator=3),
    st.integers(0, 2),
    st.integers(1, 3),
)
def test_a_number_beside_a_square_in_several_variables_is_a_floor_and_the_least_value(weights, least, extra, scale):
    """scale v² + extra z3⁴ + least, v = z1² + a z1 z2 + b z2² + c z1 + d z2 vanishing at 0: attained there."""
    a, b, c, d = weights
    v = Z1**2 + Z1 * Z2 * a + Z2**2 * b + Z1 * c + Z2 * d
    p = v**2 * scale + variable(2) ** 4 * extra + least
    floor = polynomial_floor(p)
    assert floor == least
    assert polynomial_floor(p + variable(2) * 5 + variable(2) ** 3 * extra) != least  # not a square and a number


@pytest.mark.parametrize("u", [(Z1**2 - Z2**2) ** 2 - Z2**4, Z1 - (Z1**2 - Z2**2) ** 2, (Z1**2 - Z2**3) ** 2 + Z2 * Z1])
def test_what_is_left_beside_a_square_may_be_unbounded(u):
    assert polynomial_floor(u) is None


@given(
    st.fractions(Fraction(1, 4), 5, max_denominator=4),
    st.integers(-3, 3).filter(bool),
    st.integers(-3, 3),
    st.sampled_from([1, -1]),
    st.fractions(-9, 9, max_denominator=8),
)
def test_the_distance_of_an_error_function_to_its_bound_is_kept(c, slope, offset, side, x):
    f = apply("erf", Z1 * slope + offset)
    found = kept_distance((1 + f * side) * c)
    assert found is not None
    assert is_bounded_away((1 + f * side) * c)
    with mpmath.workdps(600):
        point = mpmath.mpf(x.numerator) / x.denominator
        value = (1 + side * mpmath.erf(slope * point + offset)) * c.numerator / c.denominator
        depth = float(real_value(compile_sum(found[1]), [fraction_ball(x)]))
        assert value >= float(found[0]) * mpmath.exp(-depth) * (1 - mpmath.mpf(10) ** -10)


@pytest.mark.parametrize(
    "u",
    [
        1 - apply("erf", Z1) ** 2,  # tends to zero on both sides: not of this form
        Fraction(9, 10) - apply("erf", Z1),
        apply("erf", Z1) - 1,
        1 - apply("sin", Z1),
        1 - apply("erf", Z1) * apply("erf", Z2),
        1 - apply("atan", Z1),
        constant(2),
    ],
)
def test_no_distance_is_kept_by_other_sums(u):
    assert kept_distance(u if not isinstance(u, Fraction) else constant(u)) is None
