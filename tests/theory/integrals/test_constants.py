"""Constants: signs, zeros, evidence and words, against integrals by mpmath."""

import math

import mpmath
import pytest
from flint import arb

from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals import quadrature
from steinlab.theory.integrals.constants import Constant, _common_sign, ball_of
from steinlab.theory.integrals.expectations import expectation
from steinlab.theory.integrals.quadrature import mean_enclosure
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ring import Atom, apply, constant, from_atom, pi, unknown
from steinlab.theory.verdicts import Evidence, Verdict


def coefficient(text, k):
    return LinkExpansion.from_expression(text).coefficient((k,))


@pytest.mark.parametrize(("value", "sign", "verdict"), [(3, 1, Verdict.FAILS), (-2, -1, Verdict.FAILS), (0, 0, Verdict.HOLDS)])
def test_closed_forms_are_exact(value, sign, verdict):
    found = Constant(constant(value))
    assert (found.sign, found.is_zero, found.is_exact, found.evidence) == (sign, verdict, True, Evidence.EXACT)
    assert (str(found), float(found)) == (str(value), value)


def test_the_reason_says_what_the_decision_rests_on():
    assert Constant(constant(0)).reason == "proved zero: its closed form is identically zero"
    assert Constant(constant(0), lambda: "oddness").reason == "proved zero: oddness"
    assert Constant(constant(2)).reason == "closed form, 2"
    assert coefficient("tanh(z1)", 1).reason.startswith("certified integral, 0.60570550")


@pytest.mark.parametrize(
    ("text", "k", "sign"), [("tanh(z1)", 1, 1), ("-tanh(z1)", 1, -1), ("tanh(z1)", 3, -1), ("tanh(z1)**2", 0, 1)]
)
def test_integrals_are_certified_and_enclosed(text, k, sign):
    found = coefficient(text, k)
    he = {0: lambda x: 1, 1: lambda x: x, 3: lambda x: x**3 - 3 * x}[k]
    names = {"tanh": mpmath.tanh}
    expected = mpmath.quad(lambda x: eval(text, names, {"z1": x}) * he(x) * mpmath.npdf(x), [-12, -3, 0, 3, 12])
    assert (found.sign, found.is_exact, found.evidence) == (sign, False, Evidence.CERTIFIED)
    assert float(found) == pytest.approx(float(expected), rel=1e-9)
    assert ball_of(found, 106).rad() < 2.0**-90


def test_a_closed_form_is_shown_as_typed():
    assert float(Constant(read(parse("sqrt(2) + pi")))) == pytest.approx(math.sqrt(2) + math.pi, rel=1e-15)


@pytest.mark.parametrize("small", ["1 - erf(20)", "erf(20) - 1", "1 + tanh(-80)", "(1 - erf(20))**2*(tanh(80) - 1)"])
@pytest.mark.parametrize(("rest", "side"), [("2 - exp(1/2)", 1), ("sin(4)", -1), ("exp(1/3)*erf(20) - 1", 1)])
def test_a_sign_is_that_of_the_factors(small, rest, side):
    """No ball of 212 bits tells the product from zero but by its factors; it has as many digits as these."""
    with mpmath.workdps(900):
        names = {name: getattr(mpmath, name) for name in ("erf", "tanh", "exp", "sin")}
        names["exp"] = lambda x: mpmath.exp(x)
        value = eval(small, {"__builtins__": {}}, names) * eval(rest, {"__builtins__": {}}, names)
        value = mpmath.nstr(value, 20)
    found = Constant(read(parse(f"({small})*({rest})*z1")).derivative(0))
    assert found.sign == side * (-1 if small.startswith(("erf", "(1")) else 1)
    assert found.shown.rel_accuracy_bits() >= 50
    assert abs(found.shown / arb(value) - 1) < 1e-15


def test_no_sign_is_made_of_factors_that_vanish_or_are_not_told_from_zero():
    factor = read(parse("(1 - erf(20))*z1")).derivative(0)
    hidden = read(parse("(tanh(1) - (exp(2)-1)/(exp(2)+1))*z1")).derivative(0)
    assert Constant(factor * hidden).sign is None
    assert Constant(factor - factor).sign == 0


def test_what_is_too_dear_to_be_fine_is_had_roughly(monkeypatch):
    """E[tanh(z1) tanh(z1 + z2)]: where 53 bits exceed the budget of a ball, sixteen are shown."""
    value = Constant(expectation(read(parse("tanh(z1)*tanh(z1+z2)"))))
    fine = value.ball(53)
    monkeypatch.setattr("steinlab.theory.integrals.constants.BALL_STEPS", 2_500)
    mean_enclosure.cache_clear()
    quadrature._boxes.cache_clear()
    rough = value.ball(53)
    assert rough.overlaps(fine)
    assert fine.rad() < 1e-10 < rough.rad() < 1e-2
    monkeypatch.setattr("steinlab.theory.integrals.constants.BALL_STEPS", 10)
    mean_enclosure.cache_clear()
    quadrature._boxes.cache_clear()
    assert not value.ball(53).is_finite()


def mean(text):
    return from_atom(Atom.get("E", read(parse(text))))


NOT_ATTAINED = "an increasing bounded function attains no bound"
NO_ENCLOSURE = "undecided: no enclosure is known, and no symmetry or identity was found"


@pytest.mark.parametrize(
    ("form", "sign", "exact", "evidence", "shown", "reason"),
    [
        (mean("tanh(z1)**2"), 1, False, "certified", "0.3942944904", "certified integral, 0.3942944904"),
        (-mean("tanh(z1)**2"), -1, False, "certified", "-0.3942944904", "certified integral, -0.3942944904"),
        (1 - mean("tanh(z1)**2"), 1, False, "certified", "0.6057055096", "certified integral, 0.6057055096"),
        (mean("abs(z1)**(-2)"), 1, False, "certified", "not enclosed", "certified integral, not enclosed"),
        (mean("tanh(z1*z2*z3*z4)*z1*z2*z3*z4"), None, False, "numerical", "not enclosed", NO_ENCLOSURE),
        (pi() - 3, 1, True, "exact", "-3 + pi", "closed form, -3 + pi"),
        (3 - pi(), -1, True, "exact", "3 - pi", "closed form, 3 - pi"),
        (apply("erf", constant(20)) - 1, -1, True, "exact", "-1 + erf(20)", f"closed form, -1 + erf(20): {NOT_ATTAINED}"),
        (unknown("x"), None, False, "numerical", "not enclosed", "undecided: its closed form is identically zero"),
    ],
)  # fmt: skip
def test_what_is_known_of_a_constant(form, sign, exact, evidence, shown, reason):
    found = Constant(form)
    assert (found.sign, found.is_exact, found.evidence.value, str(found), found.reason) == (sign, exact, evidence, shown, reason)
    assert found.is_zero is (Verdict.UNDECIDED if sign is None else Verdict.FAILS)
    assert found.exact is None


@pytest.mark.parametrize(
    ("form", "sign"),
    [
        (mean("tanh(z1)**2"), 1),
        (mean("-exp(-z1**2)"), -1),
        (mean("tanh(z1)**2") * 3 + mean("exp(-z1**2)*tanh(z1)**2"), 1),
        (mean("tanh(z1)**2") - mean("tanh(z1)**4"), None),
        (mean("-tanh(z1)**2") ** 2, 1),
        (mean("-tanh(z1)**2") ** 3 * pi(-1), -1),
        (mean("tanh(z1)"), None),
        (mean("tanh(z1)**2") + apply("exp", constant(1)), 1),
        (mean("tanh(z1)**2") + apply("sin", constant(1)), None),
        (mean("tanh(z1)**2") - 1, None),
    ],
)
def test_terms_of_one_sign_add_up(form, sign):
    assert _common_sign(form) == sign


@pytest.mark.parametrize(
    ("ball", "value"),
    [
        (arb(1, 2.0**-35), 1.0),  # narrow
        (arb(1000, 0.25), 1000.0),  # ten bits of it
        (arb(1000, 2), None),
        (arb(1, 0.5), None),
        (arb(0, 2.0**-40), 0.0),
        (arb(0, 2.0**-30), None),
        (arb("nan"), None),
    ],
)
def test_the_midpoint_of_a_narrow_ball_is_taken_for_the_value(monkeypatch, ball, value):
    monkeypatch.setattr(Constant, "shown", ball)
    found = float(Constant(pi()))
    assert math.isnan(found) if value is None else found == value


def test_long_forms_are_shown_by_their_digits():
    form = sum((apply("sin", constant(k)) for k in range(1, 9)), constant(0))
    assert len(str(form)) > 60
    assert str(Constant(form)) == f"{sum(map(math.sin, range(1, 9))):.10g}"
    tiny = mean("exp(-z1**2)*tanh(z1)**2") * Number.of(2) ** -200
    assert Constant(tiny).shown.rel_accuracy_bits() >= 34
