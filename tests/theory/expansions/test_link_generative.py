"""Generative exponents of links: correlations that vanish for every power of the label, against moments in closed form."""

from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.exact.precision import working_precision
from steinlab.theory.expansions import link_generative
from steinlab.theory.expansions.generative import Witness
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.link_generative import (
    _core,
    _gaussian_monomial,
    _of_polynomial,
    _vanishes_for_every_power,
    _witness,
    generative_exponent,
)
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import constant
from steinlab.theory.targets.exponents import information_exponent
from steinlab.theory.verdicts import Evidence, Verdict


def link(text):
    return read(parse(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("z1**2*exp(-z1**2)", (2, -1)),
        ("3*abs(z1)*exp(-z1**2/2) + 1", (1, Fraction(-1, 2))),
        ("abs(z1)**3*exp(-2*z1**2)", (3, -2)),
        ("exp(-z1**2)", (0, -1)),
        ("pi*z1**2*exp(-z1**2 + 3) - log(2)", (2, -1)),
        ("z1*exp(-z1**2)", None),  # odd
        ("z1**2*exp(-z1**2)*sign(z1)", None),
        ("z1**2*exp(z1**2/9)", None),  # not bounded
        ("z1**2", None),
        ("abs(z1)", None),
        ("z1**2*exp(-pi*z1**2)", None),  # not rational
        ("z1**2*exp(-z1**2 - z1)", None),
        ("z1**2*exp(-z1**2)*sign(z1 - 1)", None),
        ("z1**2*exp(-z1**2) + z1**4*exp(-z1**2)", None),
        ("tanh(z1)", None),
    ],
)
def test_gaussian_monomials(text, found):
    assert _gaussian_monomial(link(text)) == found


def correlation(m, a, k, j):
    """E[He_k(Z) (|Z|^m e^{aZ²})^j] by E|N|^p = 2^{p/2} Γ((p+1)/2)/√π for N of variance 1/(1 - 2aj)."""
    with mpmath.workdps(40):
        s = 1 - 2 * j * mpmath.mpf(a.numerator) / a.denominator

        def moment(p):
            return s ** (-(p + 1) / mpmath.mpf(2)) * 2 ** (p / mpmath.mpf(2)) * mpmath.gamma((p + 1) / mpmath.mpf(2))

        hermite = mpmath.taylor(lambda z: mpmath.hermite(k, z / mpmath.sqrt(2)) / mpmath.sqrt(2) ** k, 0, k)
        terms = [h * moment(m * j + i) for i, h in enumerate(hermite) if i % 2 == 0]
        return sum(terms) / max(abs(t) for t in terms)


@given(st.integers(0, 6), st.sampled_from([Fraction(-n, 2) for n in range(1, 7)] + [Fraction(-1, 4)]), st.sampled_from([2, 4, 6]))
def test_a_correlation_vanishes_for_every_power_where_it_does_for_the_first_seven(m, a, k):
    zero = all(abs(correlation(m, a, k, j)) < 1e-20 for j in range(1, 8))
    assert _vanishes_for_every_power(m, a, k) is zero
    assert zero is (k == 2 and m == -2 * a)
    assert _vanishes_for_every_power(m, a, k + 1)  # odd, and the label is even


@pytest.mark.parametrize(
    ("text", "value", "label", "vanishing"),
    [
        ("z1**2*exp(-z1**2)", 4, "Y", 3),
        ("z1*exp(-z1**2)", 1, "Y", 0),
        ("tanh(z1)", 1, "Y", 0),
        ("abs(z1)", 2, "Y", 1),
        ("exp(z1**2/5)", 2, "Y", 1),
        ("exp(z1**2*0.24)*z1", 1, "Y", 0),
        ("sign(z1 - 1)*sign(z1 + 1)", 2, "Y", 1),
        ("tanh(z1**3 - 3*z1)**2", 2, "Y", 1),
        ("(z1**2 - 1)*sign(z1**2 - 1)*exp(-z1**2/2)", 2, "Y", 1),
    ],
)
def test_the_first_degree_with_a_correlation(text, value, label, vanishing):
    found = generative_exponent(link(text), 12)
    assert (found.value.value, found.value.lower, found.value.upper) == (value, value, value)
    assert (found.witness.k, found.witness.label) == (value, label)
    assert found.value.reason == f"E[He_{value}(Z) {label}] = {found.witness.value} is not zero"
    assert len(found.vanishing) == vanishing
    assert all(reason.startswith(f"k = {k}: ") for k, reason in enumerate(found.vanishing, 1))


@pytest.mark.parametrize(
    ("text", "seen", "lower", "upper", "gap"),
    [
        ("tanh(z1)*exp(z1)", {3}, 1, 3, "; no proof that E[He_1 | Y] vanishes"),
        ("tanh(z1)*exp(z1)", {4}, 1, 4, "; no proof that E[He_1 | Y] vanishes"),
        ("cos(z1)", {4}, 2, 4, "; no proof that E[He_2 | Y] vanishes"),
        ("z1**2*exp(-z1**2)", {5, 6}, 4, 6, "; no proof that E[He_4 | Y] vanishes"),
        ("cos(z1)", {2, 4}, 2, 2, ""),
        ("tanh(z1)*exp(z1)", set(), 1, None, None),
        ("cos(z1)", set(), 2, None, None),
    ],
)
def test_degrees_that_are_passed_over_without_proof_are_lower_bounds(monkeypatch, text, seen, lower, upper, gap):
    """Correlations are planted: those of the degrees in `seen` are found, and no others."""
    monkeypatch.setattr(link_generative, "_witness", lambda g, k: Witness(k, "Y", Constant(constant(k))) if k in seen else None)
    found = generative_exponent(link(text), 6)
    assert (found.value.value, found.value.lower, found.value.upper) == (None if gap != "" else upper, lower, upper)
    assert found.value.evidence is (Evidence.NUMERICAL if gap != "" else Evidence.CERTIFIED)
    nothing = "no label transformation tried has a certified correlation up to degree 6"
    assert found.value.reason == (nothing if gap is None else f"E[He_{upper}(Z) Y] = {upper} is not zero{gap}")
    assert (None if found.witness is None else found.witness.k) == upper


def test_the_search_ends_at_the_highest_degree():
    found = generative_exponent(link("z1**2*exp(-z1**2)"), 3)
    assert (found.value.value, found.value.lower, found.value.upper, found.witness) == (None, 4, None, None)
    assert found.value.reason == "no label transformation tried has a certified correlation up to degree 3"
    assert len(found.vanishing) == 3


@pytest.mark.parametrize(
    ("text", "value", "evidence"),
    [
        ("z1**3", 1, Evidence.EXACT),
        ("z1**4 - z1**2", 2, Evidence.EXACT),
        ("z1**3 - 3*z1 + z1**2", 1, Evidence.EXACT),
        ("pi*z1**3 + z1**2", 1, Evidence.CERTIFIED),
        ("pi*z1**2 + 1", 2, Evidence.CERTIFIED),
        ("z1**2 + log(2)*z1", 1, Evidence.CERTIFIED),
    ],
)
def test_polynomials_have_two_where_they_are_even_and_one_elsewhere(text, value, evidence):
    found = _of_polynomial(link(text))
    assert (found.value.value, found.value.evidence, found.witness.k) == (value, evidence, value)
    assert _of_polynomial(link("tanh(z1)")) is None


@pytest.mark.parametrize(
    ("text", "k", "label"),
    [
        ("z1", 1, "Y"),
        ("z1**3 - 3*z1", 1, "Y^3"),  # He_3: E[Z He_3] = E[Z He_3²] = 0
        ("z1**2 - 1", 4, "Y^2"),
        ("sign(z1)*z1**2 - sqrt(2/pi)*2*z1", 1, "Y^3"),
        ("cos(z1)", 1, None),
    ],
)
def test_the_least_power_of_the_label_that_is_correlated(text, k, label):
    found = _witness(link(text), k)
    assert (None if found is None else found.label) == label
    assert found is None or found.k == k


def expansion(text):
    return LinkExpansion.from_expression(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tanh(z1)", 1),
        ("abs(z1)", 2),
        ("cos(z1)", 2),
        ("sign(z1)", 1),
        ("z1**2*exp(-z1**2)", 4),
        ("3*z1**4*exp(-2*z1**2)", 4),
        ("abs(z1)*exp(-z1**2/2)", 4),
        ("z1**2*exp(-z1**2/2)", 2),
        ("-z1**2*exp(-z1**2)", 4),
        ("He(3,z1)", 1),
        ("He(4,z1)", 2),
        ("exp(z1**2/8)", 2),
        ("tanh(z1+z2)**2", 2),
    ],
)
def test_generative_exponents(text, value):
    found = expansion(text).generative_exponent()
    assert (found.value.value, found.witness.k) == (value, value)
    assert found.witness.value.is_zero is Verdict.FAILS
    assert len(found.vanishing) == value - 1


def test_the_generative_exponent_needs_one_direction_and_stays_below_the_information_exponent():
    assert expansion("tanh(z1)*z2").generative_exponent() is None
    e = expansion("sin(z1) - exp(-1/2)*z1")
    assert e.generative_exponent().value.value == 1 < information_exponent(e).value


@pytest.mark.parametrize("j", [1, 2, 5])
def test_the_identity_behind_exponent_four_holds_for_single_powers(j):
    power = expansion(f"z1**{2 * j}*exp(-{j}*z1**2)")
    assert power.coefficient((2,)).is_zero is Verdict.HOLDS
    assert power.coefficient((4,)).is_zero is Verdict.FAILS


def test_a_coefficient_that_may_vanish_leaves_the_polynomial_to_witnesses():
    """tanh(log(2)) = 3/5, which no form shows: an odd part of coefficient zero, so that the exponent is 2."""
    found = expansion("(tanh(log(2)) - 3/5)*z1 + He(2,z1)").generative_exponent()
    assert found.value.value in (None, 2)
    assert (found.value.lower, found.value.upper) in ((1, 2), (2, 2))


def test_a_label_without_a_second_moment_is_seen_through_a_bounded_function_of_it():
    found = expansion("sign(z1)*exp(z1**2/5)").generative_exponent()
    assert (found.value.value, found.witness.k) == (1, 1)
    assert expansion("exp(z1**2/5)").generative_exponent().witness.label == "Y"
    power = expansion("exp(z1**2/5) - z1**2*exp(z1**2/5)/3").generative_exponent()
    assert power.witness.k == power.value.upper


@pytest.mark.parametrize(("inner", "value"), [("z1**2*exp(-z1**2)", 4), ("abs(z1)*exp(-z1**2/2)", 4), ("z1**4 - z1**2", 2)])
@pytest.mark.parametrize("outer", ["tanh({} - 1)", "exp(-2*{})", "1/(2 + {})", "sigmoid(erf({}))*pi - 2"])
def test_a_one_to_one_function_of_the_label_does_not_change_the_exponent(inner, value, outer):
    found = generative_exponent(link(outer.format(f"({inner})")), 4)
    assert found.value.value == value
    assert found.vanishing[0] == "k = 1: g is even and He_1 is odd"


@pytest.mark.parametrize(
    "text",
    ["tanh(z1)**2", "cos(z1)", "tanh(z1)*exp(z1/9)", "tanh(z1) + erf(z1)", "abs(z1)", "sin(z1**2)**3", "z1*abs(z1)"],
)
def test_what_is_not_one_to_one_stays(text):
    assert _core(link(text)) == link(text)


@pytest.mark.parametrize("text", ["abs(z1)**(-2/5)", "log(abs(z1))", "log(1 + 1/abs(z1))", "abs(tanh(z1))**(-49/100)"])
def test_the_core_of_what_is_singular_is_the_distance(text):
    assert _core(link(text)) == link("abs(z1)")
    found = generative_exponent(link(text), 3)
    assert (found.value.value, found.witness.k) == (2, 2)


LAYERS = ["tanh({} - 1)", "exp(-{}/3)", "log(99 + {})", "1/(99 + {})", "sqrt(99 + {})", "asinh({})**3", "erf({})", "3 - pi*{}"]


@given(st.sampled_from(["sin(z1)*tanh(z1)", "abs(z1)*exp(-z1**2/2)"]), st.lists(st.sampled_from(LAYERS), max_size=2))
@settings(max_examples=40)
def test_the_link_is_strictly_monotone_in_its_core(text, layers):
    for layer in layers:
        text = layer.format(f"({text})")
    points = [arb(k) / 7 for k in (*range(-15, 0), *range(1, 15))]
    with working_precision(128):
        f, u = (compile_sum(s) for s in (link(text), _core(link(text))))
        pairs = sorted((float(real_value(u, [x])), float(real_value(f, [x]) * arb(2) ** 20)) for x in points)
    steps = {(b[1] > a[1]) - (b[1] < a[1]) for a, b in pairwise(pairs) if b[0] - a[0] > 1e-6}
    assert len(steps) == 1
    assert 0 not in steps
