"""Integrals over three variables and kinks along curves: against mpmath by other formulas, and against sampling."""

import math
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special
from scipy.special import erf, expit

from steinlab.theory.budget import at_effort
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals import expectations
from steinlab.theory.targets.exponents import coordinate_leap, information_exponent, subspace_leap
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.verdicts import Verdict


def expansion(text, directions: Matrix | None = None):
    return LinkExpansion.from_expression(text, directions)


def holds(ball, value, error=0.0):
    return ball.is_finite() and abs(float(ball.mid()) - float(value)) <= float(ball.rad()) + error


# -- products of Gaussians: the density of z1 z2 is K_0(|x|)/π


def product_mean(f, count):
    """E f(p), p the product of two or three standard Gaussians, f even, at about 8 digits."""

    def mean(g, density, points):
        return sum(integrate.quad(lambda x: 2 * g(x) * density(x), a, b, epsabs=1e-11)[0] for a, b in pairwise(points))

    def third(x):
        return mean(lambda z: f(x * z), lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi), [0, 1, 3, 8])

    return mean(f if count == 2 else third, lambda x: special.k0(x) / math.pi, [0, 1e-3, 0.1, 1, 4, 12, 30])


@pytest.mark.parametrize(
    ("text", "alpha", "f", "count"),
    [
        ("tanh(z1*z2*z3)", (1, 1, 1), lambda p: p * math.tanh(p), 3),
        ("cos(z1*z2*z3)", (0, 0, 0), math.cos, 3),
        ("exp(-(z1*z2*z3)**2)", (0, 0, 0), lambda p: math.exp(-p * p), 3),
        ("tanh(z1*z2)", (1, 1), lambda p: p * math.tanh(p), 2),
        ("erf(z1*z2)", (1, 1), lambda p: p * math.erf(p), 2),
        ("log(1+z1**2*z2**2)", (0, 0), lambda p: math.log(1 + p * p), 2),
    ],
)
def test_products_against_their_density(text, alpha, f, count):
    ball = expansion(text).coefficient(alpha).ball()
    assert ball.rad() < 1e-3
    assert holds(ball, product_mean(f, count), 1e-8)


# -- kinks along curves, one variable integrated out by hand


def normal_mean(f, points=()):
    with mpmath.workdps(25):
        cuts = sorted({-12, -6, -3, -1, 0, 1, 3, 6, 12, *points})
        weight = mpmath.sqrt(2 * mpmath.pi)
        return mpmath.quad(lambda z: f(z) * mpmath.exp(-z * z / 2) / weight, cuts, maxdegree=8)


def phi(t):
    return mpmath.exp(-t * t / 2) / mpmath.sqrt(2 * mpmath.pi)


def folded(a, b):
    """E|a z + b|."""
    if a == 0:
        return abs(b)
    return 2 * abs(a) * phi(b / a) + b * mpmath.erf(b / (abs(a) * mpmath.sqrt(2)))


def between(a, b):
    """P(a < z < b)."""
    return (mpmath.erf(b / mpmath.sqrt(2)) - mpmath.erf(a / mpmath.sqrt(2))) / 2


CURVES = {
    "abs(z1*z2-1)": lambda x: folded(x, -1),
    "relu(z1**2-z2)": lambda x: (x * x + folded(-1, x * x)) / 2,
    "Max(z1*z2,cos(z1))": lambda x: (mpmath.cos(x) + folded(x, -mpmath.cos(x))) / 2,
    "sign(z1**2+2*z2**2-1)": lambda x: (
        1 - 2 * between(-mpmath.sqrt((1 - x * x) / 2), mpmath.sqrt((1 - x * x) / 2)) if abs(x) < 1 else 1
    ),
    "sign(z1**3-z2)": lambda x: mpmath.erf(x**3 / mpmath.sqrt(2)),
    "sign(z1*z2-1)*abs(z1)": lambda x: -abs(x) if x == 0 else -abs(x) * mpmath.erf(1 / (abs(x) * mpmath.sqrt(2))),
    "Piecewise((z1**2, z2 > z1**2), (0, True))": lambda x: x * x * (1 - mpmath.erf(x * x / mpmath.sqrt(2))) / 2,
}


@pytest.mark.parametrize("text", CURVES)
@pytest.mark.parametrize("k", [0, 2])
def test_curved_kinks_against_conditional_means(text, k):
    ball = expansion(text).coefficient((k, 0)).ball()
    expected = normal_mean(lambda x: CURVES[text](x) * (1 if k == 0 else x * x - 1), [-1 / 2, 1 / 2])
    assert ball.rad() < 1e-9
    assert holds(ball, expected, 1e-8 if text.startswith("sign(z1**2") else 1e-12)


def test_a_disc_has_closed_forms():
    e = expansion("sign(z1**2+z2**2-1)")
    assert [str(e.coefficient(alpha).form) for alpha in ((0, 0), (2, 0), (1, 1))] == ["-1 + 2*exp(-1/2)", "exp(-1/2)", "0"]
    # every harmonic is a zero by rotation: E[g (He_4(z1) - 6 He_2(z1) He_2(z2) + He_4(z2))] = 0
    total = e.coefficient((4, 0)).form - e.coefficient((2, 2)).form * 6 + e.coefficient((0, 4)).form
    assert total.is_zero


@pytest.mark.parametrize("size", [2, 3, 4])
def test_radial_moments_are_those_of_the_chi_distribution(size):
    square = "+".join(f"z{i + 1}**2" for i in range(size))
    e = expansion(f"exp(-({square})/2)*sqrt(1+{square})")
    with mpmath.workdps(20):
        scale = 2 ** (1 - mpmath.mpf(size) / 2) / mpmath.gamma(mpmath.mpf(size) / 2)
        points = [0, 1, 2, 4, 8, 12]

        def mean(f):
            h = lambda r: mpmath.exp(-r * r / 2) * mpmath.sqrt(1 + r * r)  # noqa: E731
            return mpmath.quad(lambda r: scale * f(r) * h(r) * r ** (size - 1) * mpmath.exp(-r * r / 2), points)

        zero, rest = [0] * size, [0] * (size - 2)
        assert holds(e.coefficient(zero).ball(), mean(lambda r: 1), 1e-13)
        # E[g (z1² - 1)(z2² - 1)]: E z1² z2² = r⁴/(m (m + 2)), E z1² = r²/m
        both = mean(lambda r: r**4 / (size * (size + 2)) - 2 * r * r / size + 1)
        assert holds(e.coefficient((2, 2, *rest)).ball(), both, 1e-13)
        assert e.coefficient((1, 1, *rest)).sign == 0


# -- sampling

SAMPLED = {
    "tanh(z1*z2+z3)": lambda x, y, z: np.tanh(x * y + z),
    "sigmoid(z1+z2*z3)": lambda x, y, z: expit(x + y * z),
    "abs(z1*z2+z3)": lambda x, y, z: np.abs(x * y + z),
    "Max(z1,z2*z3)": lambda x, y, z: np.maximum(x, y * z),
    "relu(z1+z2)*abs(z3-z1)": lambda x, y, z: np.maximum(x + y, 0) * np.abs(z - x),
    "sign(z1*z2*z3-1)": lambda x, y, z: np.sign(x * y * z - 1),
    "exp(-(z1*z2+z3)**2)": lambda x, y, z: np.exp(-((x * y + z) ** 2)),
    "erf(z1*z2*z3+z1)": lambda x, y, z: erf(x * y * z + x),
    "relu(2-z1**2-z2**2-z3**2)*z1": lambda x, y, z: np.maximum(2 - x * x - y * y - z * z, 0) * x,
    "Piecewise((tanh(z3), z1*z2 > 1), (z1**2, True))": lambda x, y, z: np.where(x * y > 1, np.tanh(z), x**2),
}
HERMITE = [lambda z: 1.0, lambda z: z, lambda z: z * z - 1, lambda z: z**3 - 3 * z]


@pytest.fixture(scope="module")
def sample():
    return np.random.default_rng(20220630).normal(size=(3, 1_000_000))


@pytest.mark.parametrize("text", SAMPLED)
def test_three_variables_against_sampling(text, sample):
    values = SAMPLED[text](*sample)
    e = expansion(text)
    for alpha in [(0, 0, 0), (1, 0, 0), (0, 0, 1), (1, 1, 0), (0, 1, 2), (2, 0, 0)]:
        c = e.coefficient(alpha)
        terms = values * math.prod(HERMITE[k](z) for k, z in zip(alpha, sample, strict=True))
        assert c.sign is not None
        assert c.ball().rad() < 0.02
        assert holds(c.ball(), terms.mean(), 5 * terms.std() / 1000)


@given(st.permutations(range(3)), st.tuples(*[st.sampled_from([1, -1])] * 3), st.sampled_from([(0, 0, 1), (1, 1, 0), (0, 2, 1)]))
@settings(max_examples=8)
def test_coefficients_move_with_permutations_and_sign_changes(order, signs, alpha):
    plain = expansion("tanh(z1*z2+z3)").coefficient(alpha)
    images = [f"({s}*z{j + 1})" for j, s in zip(order, signs, strict=True)]
    moved = expansion("tanh({}*{}+{})".format(*images))
    beta = [0] * 3
    for k, j in zip(alpha, order, strict=True):
        beta[j] = k
    side = math.prod(s**k for s, k in zip(signs, alpha, strict=True))
    assert (moved.coefficient(beta).form - plain.form * side).is_zero


@pytest.mark.parametrize("text", ["sign(z1**2+2*z2**2-1)", "abs(z1*z2-1)", "Max(z1*z2,z2**2)"])
def test_energies_of_curved_kinks_do_not_depend_on_a_rotation(text):
    c, s = Number.of(Fraction(3, 5)), Number.of(Fraction(4, 5))
    turned = expansion(text, ((c, s), (-s, c)))
    for k in range(3):
        assert turned.energy(k).ball().overlaps(expansion(text).energy(k).ball())
        assert turned.energy(k).ball().rad() < 0.02
    assert ExpectedHessian(turned).rank.value == ExpectedHessian(expansion(text)).rank.value


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("tanh(z1*z2+z3)", "1-tanh(z1*z2+z3)**2"),
        ("exp(-(z1*z2+z3)**2)", "-2*(z1*z2+z3)*exp(-(z1*z2+z3)**2)"),
        ("abs(z1*z2+z3-1)", "sign(z1*z2+z3-1)"),
        ("relu(z3**2-z1*z2)", "z3*(1+sign(z3**2-z1*z2))"),
    ],
)
def test_steins_identity_in_the_third_variable(text, slope):
    # E[g z3] = E[∂g/∂z3]
    left, right = expansion(text).coefficient((0, 0, 1)).ball(), expansion(slope).mean.ball()
    assert left.overlaps(right)
    assert left.rad() < 1e-2
    assert right.rad() < 1e-2


@pytest.mark.parametrize("text", ["abs(z1*z2-1)", "sign(z1**2+2*z2**2-1)", "tanh(z1*z2)*abs(z1)", "Max(z1*z2,cos(z1))"])
def test_energies_sum_to_at_most_the_second_moment(text):
    e = expansion(text)
    total = sum(e.energy(k).ball() for k in range(7))
    whole = e.second_moment.ball()
    assert whole.rad() < 1e-6
    assert not total > whole
    assert total > 0.5 * whole


# -- decisions


@pytest.mark.parametrize(
    ("text", "dimension", "rank", "information", "steps", "coordinate"),
    [
        ("tanh(z1*z2*z3)", 3, 0, 3, [(3, 3)], 3),
        ("tanh(z1*z2+z3)", 3, 2, 1, [(1, 1), (2, 2)], 2),
        ("sigmoid(z1+z2*z3)", 3, 2, 1, [(1, 1), (2, 2)], 2),
        ("exp(-(z1*z2*z3)**2)", 3, 3, 2, [(2, 3)], 2),
        ("sin(z1*z2*z3)", 3, 0, 3, [(3, 3)], 3),
        ("abs(z1*z2+z3)", 3, 3, 2, [(2, 3)], 2),
        ("Max(z1,z2,z3)", 3, 2, 1, [(1, 1), (2, 2)], 1),
        ("Min(z1,-z2,z3)", 3, 2, 1, [(1, 1), (2, 2)], 1),
        ("Max(abs(z1),abs(z2),abs(z3))", 3, 3, 2, [(2, 3)], 2),
        ("relu(1-z1**2-z2**2-z3**2)", 3, 3, 2, [(2, 3)], 2),
        ("abs(z1*z2-1)", 2, 2, 2, [(2, 2)], 2),
        ("sign(z1**2+z2**2-1)", 2, 2, 2, [(2, 2)], 2),
        ("relu(z1**2-z2)", 2, 2, 1, [(1, 1), (2, 1)], 2),
        ("Max(z1*z2,cos(z1))", 2, 2, 2, [(2, 2)], 2),
        ("Max(0,z1,z2)", 2, 2, 1, [(1, 1), (2, 1)], 1),
    ],
)
def test_decisions(text, dimension, rank, information, steps, coordinate):
    e = expansion(text)
    assert e.effective_dimension.value == dimension
    h = ExpectedHessian(e)
    assert h.rank.value == rank
    assert h.nondegenerate is (Verdict.HOLDS if rank == dimension else Verdict.FAILS)
    assert information_exponent(e).value == information
    assert [(s.degree, s.gained) for s in subspace_leap(e).steps] == steps
    assert subspace_leap(e).value.value == max(k for k, _ in steps)
    assert coordinate_leap(e).value == coordinate


@pytest.mark.parametrize("alpha", [(0, 0, 1), (1, 1, 0), (2, 2, 1), (1, 3, 0)])
def test_a_turn_by_an_angle_that_varies_changes_no_coefficient(alpha, monkeypatch):
    # without the turn the same number comes from boxes in three variables
    link = "tanh(z1*z2+z3)"
    ball = expansion(link).coefficient(alpha).ball()
    monkeypatch.setattr("steinlab.theory.integrals.expectations.turned", lambda product, variables: None)
    expectations._mean.cache_clear()
    with at_effort(8):
        boxes = expansion(link).coefficient(alpha).ball()
    expectations._mean.cache_clear()
    assert ball.rad() < 1e-7
    assert boxes.rad() < 0.1
    assert ball.overlaps(boxes)


def test_four_variables_that_do_not_factorise_are_undecided_without_a_ball():
    c = expansion("tanh(z1*z2*z3*z4 + z1)").coefficient((1, 0, 0, 0))
    assert not c.ball().is_finite()
    # but where a variable can be integrated out, three are left
    assert expansion("cos(z1*z2*z3*z4)").mean.ball().rad() < 1e-2
    assert expansion("tanh(z1*z2*z3 + z4)").coefficient((0, 0, 0, 1)).sign == 1
