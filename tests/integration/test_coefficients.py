"""Hermite coefficients against mpmath's quadrature at 30 digits, which shares no code with the balls."""

import math
from dataclasses import replace

import mpmath
import pytest

from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.verdicts import Evidence, Verdict

ONE_VARIABLE = {
    "relu(z1)": (lambda z: max(z, 0), [0]),
    "relu(z1-1/2)": (lambda z: max(z - mpmath.mpf(1) / 2, 0), [0.5]),
    "relu(3-2*z1)/7": (lambda z: max(3 - 2 * z, 0) / 7, [1.5]),
    "abs(z1)": (abs, [0]),
    "sign(z1)": (mpmath.sign, [0]),
    "sign(z1-1)*z1**2": (lambda z: mpmath.sign(z - 1) * z**2, [1]),
    "tanh(z1)": (mpmath.tanh, []),
    "tanh(z1+1)": (lambda z: mpmath.tanh(z + 1), []),
    "tanh(abs(z1)-1)": (lambda z: mpmath.tanh(abs(z) - 1), [0]),
    "erf(z1)": (mpmath.erf, []),
    "erf(2*z1-1)**2": (lambda z: mpmath.erf(2 * z - 1) ** 2, []),
    "sigmoid(z1)": (lambda z: 1 / (1 + mpmath.exp(-z)), []),
    "exp(z1)": (mpmath.exp, []),
    "exp(-z1**2)": (lambda z: mpmath.exp(-(z**2)), []),
    "exp(z1**2/8+z1/3)": (lambda z: mpmath.exp(z**2 / 8 + z / 3), []),
    "exp(-abs(z1))": (lambda z: mpmath.exp(-abs(z)), [0]),
    "sin(z1)": (mpmath.sin, []),
    "cos(z1)": (mpmath.cos, []),
    "exp(-z1**2)*sin(2*z1+1)*z1": (lambda z: mpmath.exp(-(z**2)) * mpmath.sin(2 * z + 1) * z, []),
    "z1**2*exp(-z1**2)": (lambda z: z**2 * mpmath.exp(-(z**2)), []),
    "log(1+z1**2)": (lambda z: mpmath.log(1 + z**2), []),
    "log(1+exp(z1))": (lambda z: mpmath.log(1 + mpmath.exp(z)), []),
    "log(abs(z1))": (lambda z: mpmath.log(abs(z)), [0]),
    "sqrt(1+z1**2)": (lambda z: mpmath.sqrt(1 + z**2), []),
    "sqrt(abs(z1-1))": (lambda z: mpmath.sqrt(abs(z - 1)), [1]),
    "1/(1+z1**2)": (lambda z: 1 / (1 + z**2), []),
    "Max(0,Min(1,z1))": (lambda z: max(0, min(1, z)), [0, 1]),
    "sign(z1)*erf(z1)": (lambda z: mpmath.sign(z) * mpmath.erf(z), [0]),
    "sign(z1-tanh(z1))*cos(z1)": (lambda z: mpmath.sign(z) * mpmath.cos(z), [0]),
    "abs(z1)**(1/3)": (lambda z: abs(z) ** (mpmath.mpf(1) / 3), [0]),
    "relu(z1-1)**(1/2)": (lambda z: mpmath.sqrt(max(z - 1, 0)), [1]),
    "exp(-1/z1**2)": (lambda z: mpmath.exp(-1 / z**2) if z else 0, [0]),
    "exp(-(z1**2-1)**2)": (lambda z: mpmath.exp(-((z**2 - 1) ** 2)), []),
    "Piecewise((-1, z1 < -1), (z1**3, z1 <= 1/2), (exp(-z1), True))": (
        lambda z: -1 if z < -1 else z**3 if z <= 0.5 else mpmath.exp(-z),
        [-1, 0.5],
    ),
    "2**z1": (lambda z: mpmath.mpf(2) ** z, []),
}
SINGULAR = ("log(abs(z1))", "sqrt(abs(z1-1))", "abs(z1)**(1/3)", "relu(z1-1)**(1/2)")
TWO_VARIABLES = {
    "sin(z1)*cos(z2)": lambda x, y: math.sin(x) * math.cos(y),
    "z1*tanh(z2)": lambda x, y: x * math.tanh(y),
    "relu(z1)*relu(z2)": lambda x, y: max(x, 0) * max(y, 0),
    "tanh(z1+z2)": lambda x, y: math.tanh(x + y),
    "relu(z1+z2)-relu(z1-z2)": lambda x, y: max(x + y, 0) - max(x - y, 0),
    "Max(z1,z2)": max,
    "abs(z1)*abs(z2)": lambda x, y: abs(x * y),
    "exp(-(z1**2+z2**2))": lambda x, y: math.exp(-(x * x) - y * y),
    "tanh(z1*z2)": lambda x, y: math.tanh(x * y),
    "relu(z1)*tanh(z1+z2)": lambda x, y: max(x, 0) * math.tanh(x + y),
    "relu(z1)*relu(z1+2*z2)": lambda x, y: max(x, 0) * max(x + 2 * y, 0),
    "Max(tanh(z1),tanh(z2))": lambda x, y: max(math.tanh(x), math.tanh(y)),
    "exp(z1*z2/4)": lambda x, y: math.exp(x * y / 4),
    "sqrt(1+z1**2+z2**2)": lambda x, y: math.sqrt(1 + x * x + y * y),
    "sign(z1-2*z2+1/3)*cos(z1+z2)": lambda x, y: math.copysign(1, x - 2 * y + 1 / 3) * math.cos(x + y),
}


@pytest.fixture(autouse=True)
def thirty_digits():
    with mpmath.workdps(30):
        yield


def hermite(k, z):
    previous, current = 0, 1
    for j in range(k):
        previous, current = current, z * current - j * previous
    return current


def gaussian_mean(f, kinks):
    """E f(Z) at 30 digits."""
    points = sorted([-16, *range(-10, 11, 2), 16, *kinks])
    weight = mpmath.sqrt(2 * mpmath.pi)
    return mpmath.quad(lambda z: f(z) * mpmath.exp(-(z**2) / 2) / weight, points, maxdegree=9)


@pytest.mark.parametrize("text", ONE_VARIABLE)
@pytest.mark.parametrize("k", [0, 1, 2, 5])
def test_one_variable_against_quadrature(text, k):
    f, kinks = ONE_VARIABLE[text]
    c = LinkExpansion.from_expression(text).coefficient((k,))
    expected = gaussian_mean(lambda z: f(z) * hermite(k, z), kinks)
    ball = c.ball(80)
    assert ball.is_finite()
    assert ball.rad() < 1e-20
    tolerance = 1e-11 if text in SINGULAR else 1e-20  # singular endpoints limit the oracle
    assert abs(mpmath.mpf(ball.mid().str(40, radius=False)) - expected) < tolerance * (1 + abs(expected))
    if c.sign == 0:
        assert abs(expected) < tolerance
    else:
        assert c.sign == mpmath.sign(expected)


def test_a_kink_at_every_zero_of_a_cosine():
    kinks = [((k + mpmath.mpf(1) / 2) * mpmath.pi - 1) / 2 for k in range(-8, 9)]
    c = LinkExpansion.from_expression("sign(cos(2*z1+1))").coefficient((1,))
    expected = gaussian_mean(lambda z: mpmath.sign(mpmath.cos(2 * z + 1)) * z, kinks)
    assert c.ball().rad() < 1e-14
    assert abs(float(c) - expected) < 1e-14


@pytest.mark.parametrize("text", TWO_VARIABLES)
def test_two_variables_against_a_grid(text):
    f = TWO_VARIABLES[text]
    e = LinkExpansion.from_expression(text)
    step = 0.05
    grid = [step * (i + 0.5) for i in range(-140, 140)]
    weights = [math.exp(-x * x / 2) * step / math.sqrt(2 * math.pi) for x in grid]
    values = [[f(x, y) for y in grid] for x in grid]
    for alpha in [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (1, 2)]:
        left = [w * hermite(alpha[0], x) for w, x in zip(weights, grid, strict=True)]
        right = [w * hermite(alpha[1], y) for w, y in zip(weights, grid, strict=True)]
        expected = sum(a * sum(b * v for b, v in zip(right, row, strict=True)) for a, row in zip(left, values, strict=True))
        c = e.coefficient(alpha)
        ball = c.ball()
        assert ball.is_finite()
        assert ball.rad() < 1e-12
        assert abs(float(ball.mid()) - expected) < 4e-3  # kinks cost the grid its accuracy
        if c.sign == 0:
            assert abs(expected) < 4e-3


@pytest.mark.parametrize(
    ("text", "alpha", "exact"),
    [
        ("relu(z1)", (2,), "sqrt(2)/2*pi**(-1/2)"),
        ("relu(z1)", (1,), "1/2"),
        ("relu(z1-1/2)", (2,), "sqrt(2)/2*exp(-1/8)*pi**(-1/2)"),
        ("abs(z1)", (0,), "sqrt(2)*pi**(-1/2)"),
        ("sign(z1)", (3,), "-sqrt(2)*pi**(-1/2)"),
        ("erf(z1)", (1,), "2*sqrt(3)/3*pi**(-1/2)"),
        ("exp(z1)", (7,), "exp(1/2)"),
        ("sin(z1)", (3,), "-exp(-1/2)"),
        ("cos(2*z1)", (2,), "-4*exp(-2)"),
        ("exp(-z1**2)", (2,), "-2*sqrt(3)/9"),
        ("Max(z1,z2)", (1, 1), "-1/2*pi**(-1/2)"),
        ("Max(z1,z2,z3)", (0, 1, 0), "1/3"),
        ("sign(z1)*sign(z1+z2)", (0, 0), "1/2"),
        ("relu(z1)*relu(z1+z2)", (1, 1), "3/8 + 1/4*pi**(-1)"),
    ],
)
def test_closed_forms_come_out_exactly(text, alpha, exact):
    c = LinkExpansion.from_expression(text).coefficient(alpha)
    assert str(c.form) == exact
    assert c.evidence is Evidence.EXACT


@pytest.mark.parametrize(
    ("text", "alpha", "words"),
    [
        ("tanh(z1)", (2,), "odd under z1 -> -z1"),
        ("tanh(z1)*sin(z2)", (1, 0), "odd under z2 -> -z2"),
        ("tanh(z1*z2)", (1, 0), "odd under"),
        ("tanh(z1)-tanh(z2)", (1, 1), "odd under"),
        ("sqrt(1+z1**2+2*z2**2) - sqrt(1+2*z1**2+z2**2)", (0, 0), "antisymmetric under z1 <-> z2"),
        ("exp(z1)", (0, 1), "odd under z2 -> -z2"),
        ("exp(z1)", (0, 2), "does not depend on z2"),
        ("z1**2*exp(-z1**2)", (2,), "vanish or cancel"),
        ("relu(z1) - relu(-z1)", (3,), "vanish or cancel"),
        ("log(1+exp(z1))", (3,), "vanish or cancel"),
        ("tanh(z1)*z1 + tanh(z1)**2", (0,), None),
        ("tanh(z1)*z1 + tanh(z1)**2 - 1", (0,), "vanish or cancel"),
    ],
)
def test_zeros_are_proved_with_a_reason(text, alpha, words):
    e = LinkExpansion(read(parse(text)), variables=len(alpha))
    c = e.coefficient(alpha)
    if words is None:
        assert c.is_zero is Verdict.FAILS
    else:
        assert c.is_zero is Verdict.HOLDS
        assert words in c.reason


@pytest.mark.parametrize("size", ["1e-12", "1e-20", "1e-30"])
@pytest.mark.parametrize("odd", ["tanh(z1)", "sin(z1)", "erf(z1)*z1**2"])
def test_tiny_coefficients_are_never_called_zero(size, odd):
    c = LinkExpansion.from_expression(f"{odd} + {size}*He(2, z1)").coefficient((2,))
    assert c.sign == 1
    assert abs(float(c) / (2 * float(size)) - 1) < 1e-9


@pytest.mark.parametrize("shift", ["1e-9", "1e-18"])
def test_tiny_differences_of_integrals_are_not_zero(shift):
    c = LinkExpansion.from_expression(f"tanh(z1*(1+{shift})) - tanh(z1)").coefficient((1,))
    assert c.sign == 1


def test_an_identity_that_the_normal_form_misses_is_undecided():
    c = LinkExpansion.from_expression("tanh(2*z1) - 2*tanh(z1)/(1+tanh(z1)**2)").coefficient((1,))
    assert c.sign is None
    assert c.is_zero is Verdict.UNDECIDED
    assert c.ball().is_finite()
    assert c.ball().contains(0)
    assert "undecided: the enclosure" in c.reason


def test_a_singular_factor_in_the_plane_is_undecided_and_shown_without_a_ball():
    c = LinkExpansion.from_expression("log(abs(z1))*tanh(z1**2 + z2)").mean
    assert c.sign is None
    assert c.evidence is Evidence.NUMERICAL
    assert math.isnan(float(c))


def test_an_exhausted_budget_leaves_the_coefficient_undecided_with_its_ball(monkeypatch):
    from steinlab.theory.integrals import quadrature

    few = {size: tuple(replace(e, evaluations=100) for e in efforts) for size, efforts in quadrature.EFFORTS.items()}
    monkeypatch.setattr(quadrature, "EFFORTS", few)
    monkeypatch.setattr(quadrature, "ROUGH_EVALUATIONS", 100)
    c = LinkExpansion.from_expression("tanh(z1*z2 + z1**2/97)").mean
    assert c.is_zero is Verdict.UNDECIDED
    assert c.ball().is_finite()
    assert c.ball().contains(0)
