"""Certified suprema against dense grids in floating point, closed forms, and functions that have none."""

from fractions import Fraction
from itertools import islice

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import erf, erfc, expit

from steinlab.theory.behaviour.kinks import pieces
from steinlab.theory.budget import attempt
from steinlab.theory.errors import InputError
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ring import apply, variable
from steinlab.theory.links.tails import term_tail
from steinlab.theory.shape.suprema import _inside, _rounded_up, _tail, derivative_suprema, suprema
from steinlab.theory.statements.activations import lipschitz_constants
from steinlab.theory.verdicts import Evidence, Verdict

GRID = np.linspace(-30, 30, 600_001)
SMOOTH = {
    "z1*sigmoid(z1)": lambda z: z * expit(z),
    "z1*(1 + erf(z1/sqrt(2)))/2": lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
    "tanh(z1)*exp(-z1**2)": lambda z: np.tanh(z) * np.exp(-(z**2)),
    "tanh(3*z1 - 1)**2": lambda z: np.tanh(3 * z - 1) ** 2,
    "sin(2*z1)/3": lambda z: np.sin(2 * z) / 3,
    "exp(-(z1 - 2)**2/2) - erf(z1)": lambda z: np.exp(-((z - 2) ** 2) / 2) - erf(z),
    "(z1**2 - 1)*exp(-z1**2/3)": lambda z: (z**2 - 1) * np.exp(-(z**2) / 3),
}


@pytest.mark.parametrize("text", SMOOTH)
def test_bounds_are_above_a_dense_grid_and_close_to_it(text):
    values = [SMOOTH[text](GRID)]
    for _ in range(2):
        values.append(np.gradient(values[-1], GRID))
    for order, bound in enumerate(lipschitz_constants(text)):
        largest = np.abs(values[order][3:-3]).max()
        if bound.value is None:
            assert bound.finite is Verdict.FAILS
            assert largest > 29
        else:
            assert largest - 1e-6 <= float(bound) <= largest * (1 + 1e-3) + 1e-6


@given(
    st.lists(
        st.tuples(st.sampled_from(["tanh", "erf", "sigmoid", "relu", "abs"]), st.integers(-3, 3), st.integers(-2, 2)),
        min_size=1,
        max_size=3,
    )
)
def test_slopes_never_exceed_the_lipschitz_constant(terms):
    text = " + ".join(["sin(z1)/9", *(f"{c}*{name}({1 + abs(b)}*z1 + {b})" for name, c, b in terms)])
    functions = {"tanh": np.tanh, "erf": erf, "sigmoid": expit, "relu": lambda z: np.maximum(z, 0), "abs": np.abs}
    z = np.linspace(-6, 6, 4001)
    y = np.sin(z) / 9 + sum(c * functions[name]((1 + abs(b)) * z + b) for name, c, b in terms)
    bound = lipschitz_constants(text)[1]
    assert bound.finite is Verdict.HOLDS
    assert np.abs(np.diff(y) / np.diff(z)).max() <= float(bound) + 1e-9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sign(z1)", ("1", "infinite", "infinite")),
        ("relu(z1)**2", ("infinite", "infinite", "2")),
        ("Max(z1, z1/10)", ("infinite", "1", "infinite")),
        ("relu(z1) - relu(z1 - 1)", ("1", "1", "infinite")),
        ("3*z1", ("infinite", "3", "0")),
        ("z1**3 - z1", ("infinite", "infinite", "infinite")),
    ],
)
def test_what_is_infinite_is_told_from_what_is_finite(text, expected):
    found = lipschitz_constants(text)
    assert [(b.finite, round(float(b), 6)) for b in found] == [
        (Verdict.FAILS, float("inf")) if e == "infinite" else (Verdict.HOLDS, float(e)) for e in expected
    ]


@pytest.mark.parametrize("text", ["exp(z1)", "sqrt(abs(z1))", "z1*tanh(log(1 + exp(z1)))", "log(abs(z1))"])
def test_what_cannot_be_bounded_is_unknown_with_a_reason(text):
    for bound in lipschitz_constants(text):
        assert bound.finite is not Verdict.HOLDS
        assert bound.value is None
        assert bound.reason


TAILS = {
    "1 - tanh(z1/50)": lambda z: 1 - np.tanh(z / 50),
    "1 - erf(z1/40)": lambda z: 1 - erf(z / 40),
    "1 - tanh(20 - z1)": lambda z: 1 - np.tanh(20 - z),
    "1 + erf(z1 - 17)/2": lambda z: 1 + erf(z - 17) / 2,
    "z1**2*(1 - tanh(z1/4))": lambda z: z**2 * (1 - np.tanh(z / 4)),
    "exp(-z1**2/20 + z1)": lambda z: np.exp(-(z**2) / 20 + z),
    "z1*exp(-z1**2/100)": lambda z: z * np.exp(-(z**2) / 100),
    "sin(z1)*exp(-z1/9) - 1/3": lambda z: np.sin(z) * np.exp(-z / 9) - 1 / 3,
    "1/(2 + exp(-z1))": lambda z: 1 / (2 + np.exp(-z)),
}


@pytest.mark.parametrize("text", TAILS)
def test_tails_are_bounded_where_they_are_not_yet_small(text):
    bound = _tail(read(parse(text)), 16)
    z = np.linspace(16, 400, 100_001)
    assert np.abs(TAILS[text](z)).max() <= float(bound) + 1e-12


@pytest.mark.parametrize("side", ["-", "+"])
def test_a_supremum_far_out_on_either_side_is_not_missed(side):
    assert float(lipschitz_constants(f"1 {side} tanh(z1/3000)")[0]) == 2


def test_tails_that_still_rise_are_not_bounded():
    assert _tail(read(parse("z1*exp(-z1/20)")), 16) is None
    assert _tail(read(parse("exp(-z1**2/100 + z1)")), 16) is None
    assert _tail(read(parse("z1 + tanh(z1)")), 16) == "infinite"


def test_a_jump_names_its_point():
    bounds = lipschitz_constants("relu(z1 - 1/3) + tanh(z1)")
    assert bounds[2].reason == "g' jumps at z = 1/3"
    assert lipschitz_constants("sign(z1 + 2)")[1].reason == "g jumps at z = -2"


def test_certified_bounds_are_not_called_exact():
    bound = lipschitz_constants("z1*sigmoid(z1)")[1]
    assert bound.evidence is Evidence.CERTIFIED
    assert not bound.tight
    assert bound.value.form.number >= Fraction(10998, 10000)


def test_more_variables_are_refused():
    with pytest.raises(InputError, match="more than one variable"):
        suprema(read(parse("tanh(z1) + z2")))


def test_the_exponential_of_a_cubic_is_not_bounded_by_its_slope_at_a_radius():
    """exp(z³/10⁶) is 1.0041 at z = 16 and without bound further on."""
    for text in ("exp(z1**3/10**6)", "exp(z1**3/10**9 - z1)", "exp(z1**3*pi/10**6)", "exp(z1**5/10**20 - z1**2)"):
        assert all(bound.value is None for bound in suprema(read(parse(text))))


@given(
    st.integers(-3, 4),
    st.fractions(-2, 0, max_denominator=50),
    st.fractions(-3, 3, max_denominator=20),
    st.fractions(-2, 2, max_denominator=9),
    st.sampled_from([16, 64]),
)
def test_the_tail_of_a_product_is_its_value_at_the_radius_where_it_falls(power, square, rate, offset, radius):
    """z^p e^{a z² + b z + c}, a <= 0, on z >= R: bounded by the largest value there, and by no more than the one at R."""
    z = variable(0)
    exponent = z * z * square + z * rate + offset
    factors = tuple((atom, e) for product in apply("exp", exponent).terms for atom, e in product)
    if power:
        (((atom, _),),) = z.terms
        factors = ((atom, Fraction(power)), *factors)
    found = term_tail(factors, radius)
    grid = np.linspace(radius, radius * 12, 200_001)
    logs = power * np.log(grid) + float(square) * grid**2 + float(rate) * grid + float(offset)
    if found is None:
        assert power > 0 or rate > 0  # what falls from the radius on is bounded
        assert max(power, 0) / radius + 2 * float(square) * radius + float(rate) > -1e-12
    else:
        assert logs.max() <= float(found.log()) + 1e-9
        assert float(found.log()) <= logs[0] + 1e-9


@pytest.mark.parametrize(("evaluations", "how"), [(30, "not known to be sharp"), (20_000, "within a relative 2^-29")])
def test_a_search_that_was_cut_short_does_not_call_its_bound_sharp(monkeypatch, evaluations, how):
    monkeypatch.setattr("steinlab.theory.shape.suprema._EVALUATIONS", evaluations)
    bound = suprema(read(parse("(z1**2 - 1)*exp(-z1**2/3)/10000")))[0]
    assert how in bound.reason
    assert float(bound) >= np.abs(SMOOTH["(z1**2 - 1)*exp(-z1**2/3)"](GRID)).max() / 10_000


@pytest.mark.parametrize(("terms", "steps", "enough"), [(1, 110, True), (8, 110, False), (8, 900, True)])
def test_a_search_is_charged_for_the_terms_at_each_of_its_points(terms, steps, enough):
    u = read(parse(" + ".join(f"sin({k}*z1)/7" for k in range(1, terms + 1))))
    found = attempt(lambda: _inside(pieces(u), 16, 100), lambda why: why, steps)
    assert isinstance(found, tuple) is enough


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("1 - tanh(z1)", 1.9 * np.exp(-32), 2 * np.exp(-32)), ("1 - erf(z1)", erfc(16), np.exp(-256))],
)
def test_what_is_left_of_tanh_and_erf_far_out_is_as_small_as_each_is(text, least, most):
    assert least <= float(_tail(read(parse(text)), 16)) <= most * (1 + 1e-12)


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("sigmoid(z1 + 1/2)", lambda z: 1 / (1 + mpmath.exp(-z - 0.5))),
        ("sin(2*z1 + 1)", lambda z: mpmath.sin(2 * z + 1)),
        ("exp(-(z1 - 1)**2)", lambda z: mpmath.exp(-((z - 1) ** 2))),
    ],
)
def test_bounds_of_higher_derivatives_are_above_those_at_points(text, series):
    """Taylor coefficients of mpmath at points; the bounds need not be sharp."""
    bounds = list(islice(derivative_suprema(read(parse(text)), 1_000), 8))
    largest = [mpmath.mpf(0)] * 8
    for i in range(-40, 41):
        for k, c in enumerate(mpmath.taylor(series, mpmath.mpf(i) / 10, 7)):
            largest[k] = max(largest[k], abs(c) * mpmath.factorial(k))
    for bound, reached in zip(bounds, largest, strict=True):
        assert 0.999 * float(reached) <= float(bound) <= 1.5 * float(reached)


def test_after_a_jump_no_derivative_exists_and_unknown_stays_unknown():
    cubic = [bound.finite.value for bound in islice(derivative_suprema(read(parse("exp(-z1**2)*abs(z1)**3")), 200), 7)]
    assert cubic == ["holds"] * 4 + ["fails"] * 3
    assert "g^(3) jumps" in next(islice(derivative_suprema(read(parse("exp(-z1**2)*abs(z1)**3")), 200), 4, 5)).reason
    assert {bound.finite for bound in islice(derivative_suprema(read(parse("1/z1")), 200), 5)} == {Verdict.UNDECIDED}


RANGES, HALF_LINE = "exact ranges of its terms", "no bound was proved on a half-line"
SHARP = "and an exponentially small remainder beyond; within a relative 2^-29 of a value that is taken or approached"
KINK = "a kink is not at a point that is known exactly, or the argument of a root or log may vanish"
REASONS = [
    ("sign(z1)", 0, "1", "constant on each piece"),
    ("relu(z1 - 2000) - relu(z1 - 2001)", 1, "1", "constant on each piece"),
    ("3*sign(z1) - 2*sign(z1 - 1)", 0, "5", "constant on each piece"),
    ("tanh(z1)", 0, "1", RANGES),
    ("1/(2 + sin(z1))", 0, "1", RANGES),
    ("tanh(z1**2/1000 - 50)", 0, "1", RANGES),
    ("2*tanh(z1)**2 - 3", 0, "3", RANGES),
    ("exp(-z1**2)*z1", 0, "0.4288819428", f"balls on |z| <= 16 {SHARP}"),
    ("exp(-z1**2)*z1", 1, "1.000000001", f"balls on |z| <= 16 {SHARP}"),
    ("tanh(z1)", 2, "0.7698003592", f"balls on |z| <= 16 {SHARP}"),
    ("relu(z1 - 20) - relu(z1 - 21)", 0, "1.000000001", f"balls on |z| <= 64 {SHARP}"),
    ("sin(z1)*exp(-(z1 - 60)**2/100)", 1, "0.9991134138", f"balls on |z| <= 256 {SHARP}"),
    ("erf(z1 - 100)", 1, "1.128379169", f"balls on |z| <= 256 {SHARP}"),
    ("sign(z1)", 1, "infinite", "g jumps at z = 0"),
    ("relu(z1 - 20) - relu(z1 - 21)", 2, "infinite", "g' jumps at z = 20"),
    ("exp(-z1)", 0, "infinite", "it grows at least like exp(abs(z)) as z tends to -infinity"),
    ("z1*exp(z1)", 2, "infinite", "it grows at least like abs(z)*exp(abs(z)) as z tends to infinity"),
    ("sqrt(1 + z1**2)", 0, "infinite", "it grows at least like abs(z) as z tends to -infinity"),
    ("z1*tanh(z1)", 0, "infinite", "a power of |z| dominates on a half-line"),
    ("sin(z1**2)", 1, "unknown", HALF_LINE),
    ("relu(z1 - 2000) - relu(z1 - 2001)", 0, "unknown", HALF_LINE),
    ("abs(z1 - pi)", 1, "unknown", KINK),
    ("log(abs(z1))", 1, "unknown", "the link may be singular at a point"),
]


@pytest.mark.parametrize(("text", "order", "value", "reason"), REASONS)
def test_bounds_and_their_reasons(text, order, value, reason):
    """The suprema are 1/√(2e) for z e^{-z²}, 4/(3√3) for tanh'' and 2/√π for erf'."""
    bound = next(islice(derivative_suprema(read(parse(text)), 20_000), order, None))
    shown = str(bound) if bound.value is None else f"{float(bound.value):.10g}"
    assert (shown, bound.reason) == (value, reason)


@pytest.mark.parametrize(
    ("x", "up"), [("1", "1"), ("0.12345678901", "0.1234567891"), ("123456.78901234", "123456.7891"), ("2/3", "0.6666666667")]
)
def test_numbers_are_rounded_up_to_ten_digits(x, up):
    with working_precision(200):
        assert _rounded_up(arb(Fraction(x).numerator) / Fraction(x).denominator) == Fraction(up)
