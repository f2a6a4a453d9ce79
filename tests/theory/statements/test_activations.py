"""ReLU's Hermite coefficients against half-line moments and quadrature; constants of activations against mpmath."""

import re
from fractions import Fraction
from functools import partial

import mpmath
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.claims import oracles
from steinlab.theory.budget import attempt
from steinlab.theory.errors import InputError
from steinlab.theory.exact.gaussian_numbers import GaussianNumber
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.links.enclosures import compile_sum, real_value
from steinlab.theory.links.ring import variable
from steinlab.theory.shape.suprema import suprema
from steinlab.theory.statements.activations import (
    Activation,
    declared_bound,
    lipschitz_constants,
    relu_coefficient,
    smooth_with_nonzero_moments,
)
from steinlab.theory.verdicts import Evidence, Verdict


@pytest.mark.parametrize("k", range(14))
def test_coefficients_are_half_line_moments(k):
    """E[σ(Z) He_k(Z)] = Σ_l h_kl E[Z^{l+1} 1{Z >= 0}]."""
    a = b = Fraction(0)
    for (power,), h in oracles.hermite(k).items():
        half = oracles.half_line_moment(power + 1)
        a, b = a + h * half[0], b + h * half[1]
    assert relu_coefficient(k) == GaussianNumber(Number.of(a), Number.of(b))


@pytest.mark.parametrize("k", range(7))
def test_coefficients_agree_with_quadrature(k):
    def integrand(z):
        hermite = sum(int(c) * z**power for (power,), c in oracles.hermite(k).items())
        return z * hermite * mpmath.npdf(z)

    assert float(relu_coefficient(k)) == pytest.approx(float(mpmath.quad(integrand, [0, 2, 5, 12])), abs=1e-12)


def test_the_expansion_converges_to_relu():
    """Σ c_k²/k! = E σ(Z)² = 1/2, from below."""
    total, factor = 0.0, 1
    for k in range(60):
        factor *= max(k, 1)
        total += float(relu_coefficient(k)) ** 2 / factor
    assert 0.4995 < total < 0.5


def test_negative_orders_are_refused():
    with pytest.raises(ValueError, match="k is -1"):
        relu_coefficient(-1)


# -- activations as values

ORACLE = {
    "relu": lambda z: max(z, 0),
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
}
CRITICAL = {  # where |σ|, |σ'|, |σ''| are largest, from a search by an independent program
    "tanh": (40, 0, -0.658478948462408354),
    "erf": (40, 0, 0.707106781186547524),
    "sigmoid": (80, 0, 1.31695789692481671),
    "softplus": (None, 80, 0),
    "relu": (None, 1, None),
}


@pytest.mark.parametrize("name", ORACLE)
def test_constants_are_the_derivatives_at_their_largest(name):
    activation = Activation.of(name)
    with mpmath.workdps(30):
        for order, (bound, z) in enumerate(
            zip((activation.beta0, activation.beta1, activation.beta2), CRITICAL[name], strict=True)
        ):
            if z is None:
                assert (str(bound), bound.finite, bound.evidence) == ("infinite", Verdict.FAILS, Evidence.EXACT)
                continue
            assert float(bound) == pytest.approx(float(abs(mpmath.diff(ORACLE[name], mpmath.mpf(z), order))), rel=1e-13)
            assert bound.finite is Verdict.HOLDS
            assert bound.tight
            assert bound.evidence is Evidence.EXACT


@pytest.mark.parametrize("name", ORACLE)
@given(z=st.floats(-12, 12).filter(lambda z: abs(z) > 1e-3))
def test_constants_bound_the_derivatives_everywhere(name, z):
    activation = Activation.of(name)
    for order, bound in enumerate((activation.beta0, activation.beta1, activation.beta2)):
        if bound.value is not None:
            assert abs(mpmath.diff(ORACLE[name], z, order)) <= float(bound) * (1 + 1e-9) + 1e-6


@pytest.mark.parametrize("name", ORACLE)
def test_a_shift_moves_the_function_and_keeps_the_constants(name):
    plain, moved = Activation.of(name), Activation.of(name).shifted("1/2").shifted(Fraction(-3, 2))
    assert (plain.beta0, plain.beta1, plain.beta2) == (moved.beta0, moved.beta1, moved.beta2)
    assert moved.shift == -1
    assert moved.name == f"{name}(z1 + 1)"
    assert moved.kink == (-1 if name == "relu" else None)
    assert moved.function == plain.function.substitute({0: variable(0) + 1})
    with working_precision(80):
        value = real_value(compile_sum(moved.function), [arb(3) / 10])
    assert float(value) == pytest.approx(float(ORACLE[name](mpmath.mpf("1.3"))), abs=1e-14)


def test_activations_are_told_apart_by_what_they_are():
    kinds = {name: (Activation.of(name).is_smooth, Activation.of(name).is_relu) for name in ORACLE}
    smooth = (True, False)
    assert kinds == {"relu": (False, True), "tanh": smooth, "erf": smooth, "sigmoid": smooth, "softplus": smooth}
    assert Activation.of("relu(z1 - 1/3)").kink == Fraction(1, 3)
    assert Activation.of("2*relu(z1)").kink is None
    assert Activation.of("abs(z1)").kink is None
    same = Activation.of("tanh")
    assert Activation.of(same) is same


@pytest.mark.parametrize("text", list(ORACLE))
def test_certified_bounds_enclose_the_closed_forms(text):
    """The named constants, in closed form, against branch and bound on the function."""
    activation = Activation.of(text)
    for exact, certified in zip(
        (activation.beta0, activation.beta1, activation.beta2), suprema(activation.function), strict=True
    ):
        if exact.value is None:
            assert certified.value is None
        else:
            assert float(exact) <= float(certified) <= float(exact) * (1 + 1e-8)


@pytest.mark.parametrize("bad", ["tanhh", "z2", "3", "log(z1)", "tanh(z1", "", 7, None])
def test_what_is_no_activation_is_refused(bad):
    with pytest.raises(InputError, match="activation"):
        Activation.of(bad)


def test_floats_are_no_exact_shifts():
    with pytest.raises(InputError, match="the shift"):
        Activation.of("tanh").shifted(0.5)


def test_declared_constants_are_marked_and_checked_for_sense():
    mine = Activation.declared("mine", None, 2, Fraction(1, 3))
    assert (str(mine.beta0), str(mine.beta1), str(mine.beta2)) == ("infinite", "2", "1/3")
    assert mine.beta1.declared
    assert mine.is_smooth
    for bad in (-1, 0.5):
        with pytest.raises(InputError, match="mine"):
            Activation.declared("mine", bad, 1, 1)


@pytest.mark.parametrize(
    ("activation", "degree", "verdict", "why"),
    [
        ("sigmoid(u + 1/2)", 5, "holds", "bounded for k <= 8, and μ_k is not zero for k <= 5"),
        ("tanh(u + 1)", 4, "holds", "bounded for k <= 7"),
        ("sigmoid", 1, "holds", "k <= 4, and μ_k is not zero for k <= 1"),
        ("sigmoid", 2, "fails", "μ_2 = E[σ He_2] is proved zero"),
        ("tanh", 2, "fails", "μ_0"),
        ("erf", 2, "fails", "μ_0"),
        ("exp(-u**2)", 2, "fails", "μ_1"),
        ("softplus", 2, "fails", "sup|σ^(0)| is infinite"),
        ("relu", 2, "fails", "sup|σ^(0)| is infinite"),
        ("exp(-u**2)*abs(u)**5 + sin(u + 1)", 3, "fails", "sup|σ^(6)| is infinite: g^(5) jumps"),
        ("exp(-u**2)*abs(u)**5 + sin(u + 1)", 2, "undecided", "sup|σ^(6)|"),
        ("1/u", 2, "undecided", "singular"),
        ("arctan(u + 1)", 2, "undecided", "unknown"),
    ],
)
def test_assumption_7_of_abbe_et_al(activation, degree, verdict, why):
    found = smooth_with_nonzero_moments(Activation.of(activation), degree)
    assert found.verdict.value == verdict
    assert why in found.reason


@pytest.mark.parametrize(
    ("activation", "verdict", "why"),
    [
        ("tanh(tanh(u + 1))", "undecided", "more than 5000 steps of work are needed"),
        ("tanh(tanh(u))", "fails", "μ_0"),  # the moments are asked though the bounds took too much
        ("sin(u + 1)", "holds", "μ_k is not zero for k <= 2"),
    ],
)
def test_bounds_beyond_the_budget_are_undecided_and_moments_may_still_fail(monkeypatch, activation, verdict, why):
    monkeypatch.setattr("steinlab.theory.statements.activations.attempt", partial(attempt, steps=5_000))
    found = smooth_with_nonzero_moments(Activation.of(activation), 2)
    assert (found.verdict.value, why in found.reason) == (verdict, True), found.reason


def test_what_is_asked_for_beyond_d_only_is_undecided_where_it_fails():
    shifted = Activation.of("1 + u*exp(-u**2)")  # μ_0 and μ_1 alone are asked for; μ_2 = 0
    assert smooth_with_nonzero_moments(shifted, 1).verdict is Verdict.HOLDS
    assert smooth_with_nonzero_moments(shifted, 1, 3).verdict is Verdict.UNDECIDED
    assert smooth_with_nonzero_moments(shifted, 2, 3).verdict is Verdict.FAILS


@pytest.mark.parametrize("k", range(6))
def test_moments_of_the_shifted_sigmoid_are_not_zero(k):
    """The oracle behind `holds`: quadrature by mpmath of σ(G) He_k(G)."""
    hermite = oracles.hermite(k)
    value = mpmath.quad(
        lambda z: sum(int(c) * z**power for (power,), c in hermite.items()) * mpmath.npdf(z) / (1 + mpmath.exp(-z - 0.5)),
        [-12, -4, 0, 4, 12],
    )
    assert abs(value) > 1e-4


def test_u_is_the_variable_and_a_declared_activation_is_not_checked():
    assert Activation.of("tanh(u/2)").function == Activation.of("tanh(z1/2)").function
    declared = Activation.declared("mine", 1, 1, 1)
    assert smooth_with_nonzero_moments(declared, 2).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("tanh(u", "'tanh(u': '(' was never closed at character 5"),
        ("u + tanh(u", "'u + tanh(u': '(' was never closed at character 9"),
        ("gelu(u) + log(u - 2)", "'log(u - 2)'"),
        ("u^2 + sqrt(u)", "'sqrt(u)'"),
        ("softplus(u)*foo(u)", "'foo(u)'"),
    ],
)
def test_a_refusal_quotes_the_argument_that_was_typed(text, quoted):
    with pytest.raises(InputError) as refused:
        Activation.from_expression(text)
    assert quoted in str(refused.value).split("expression in u: ")[1]


@pytest.mark.parametrize("text", ["gelu(u)", "u^2*tanh(u) + leaky_relu(u, 1/5)", "u", "exp(-u**2) + sqrt(1 + u**2)"])
def test_an_expression_in_u_is_the_one_in_z1(text):
    renamed = re.sub(r"\bu\b", "z1", text)
    assert Activation.from_expression(text).function == Activation.from_expression(renamed).function


@pytest.mark.parametrize(("text", "used"), [("u + z2", "z1, z2"), ("tanh(z3)", "z3"), ("3", "no variable")])
def test_functions_of_other_variables_are_refused_by_name(text, used):
    with pytest.raises(InputError, match=f"it depends on {used}: write a function of u alone"):
        lipschitz_constants(text)


def test_a_declared_constant_may_be_zero():
    assert float(declared_bound("mine", 0)) == 0
    with pytest.raises(InputError, match="a constant of mine is -1/2: a supremum of absolute values is not negative"):
        declared_bound("mine", "-1/2")
