"""The findings of a report: what holds, what fails and why, for targets whose answers are known by hand or by another route."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.report import Report
from steinlab.checks.assumptions.words import direction_text
from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import matrices, polynomials
from steinlab.checks.papers import PAPERS, THEOREMS
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.targets.target import Noise, Target
from steinlab.theory.verdicts import Evidence, Verdict


def verdicts(target, theorem="damian.theorem1"):
    return {f.id: f.verdict.value for f in check(target, theorem).assumptions}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He(2,z1)/2 + He(4,z1)/sqrt(48)", "holds holds holds holds fails holds holds"),
        ("z1", "holds holds fails holds holds holds holds"),
        ("z1**3", "holds holds fails holds holds holds holds"),
        ("z1**3/3 + z1**2 + z1", "holds holds holds holds holds holds holds"),  # derivative (z + 1)²
        ("z1**3/3 + z1**2 + 1.0000000001*z1", "holds holds holds holds holds holds holds"),
        ("z1**3/3 + z1**2 + 0.9999999999*z1", "holds holds holds holds fails holds holds"),
        ("He(3,z1)", "holds holds fails holds fails holds holds"),
        ("-(z1 + 2*z2)**3", "holds holds fails holds holds holds holds"),
        ("(z1 + sqrt(2)*z2)**3 + (sqrt(2)*z1 + 2*z2)**5", "holds holds fails holds holds holds holds"),
        ("z1*z2", "holds holds holds fails fails holds holds"),
        ("z1 + z2**3", "holds holds fails fails fails holds holds"),
    ],
)
def test_verdicts(text, expected):
    found = verdicts(text)
    nested = found.pop("abbe.nested_products")
    assert list(found.values()) == expected.split()
    assert nested == ("holds" if text in ("He(3,z1)", "z1*z2") else "fails")
    assert [*found, "abbe.nested_products"] == [a.id for paper in PAPERS for a in paper.assumptions]


def test_every_finding_on_a_polynomial_is_exact_and_says_why():
    for finding in check("z1 + He(3,z2)").assumptions:
        assert finding.evidence is Evidence.EXACT
        assert len(finding.reason) > 10
        assert "\n" not in finding.reason


@given(polynomials(1, 5), st.sampled_from([Fraction(1), Fraction(-2)]))
def test_monotone_agrees_with_sampling(link, slope):
    """The link along its direction, z1 = slope·x: on a fine grid its differences have one sign exactly when it is monotone."""
    assume(oracles.degree(link) > 0)
    target = Target.from_polynomial(Polynomial.from_terms(link), [[slope]])
    grid = np.linspace(-40, 40, 160_001)
    values = np.polynomial.polynomial.polyval(
        grid, np.polynomial.polynomial.polyder([float(link.get((i,), 0)) for i in range(oracles.degree(link) + 1)])
    )
    scale = abs(values).max()
    rises, falls = (values > 1e-9 * scale).any(), (values < -1e-9 * scale).any()
    near = abs(values).min() < 1e-6 * scale
    verdict = verdicts(target)["mousavi.monotone_link"]
    if rises and falls:
        assert verdict == "fails"
    elif not near:
        assert verdict == "holds"


@given(
    polynomials(2, 3), matrices(2, 3), st.sampled_from(sorted(id for id, theorem in THEOREMS.items() if theorem.training is None))
)
def test_the_report_follows_from_its_parts(link, rows, theorem):
    assume(oracles.degree(oracles.substitute(link, rows, 3)) > 0)
    assume(oracles.degree(link) > 0)
    target = Target.from_polynomial(Polynomial.from_terms(link), rows)
    report = check(target, theorem)
    assert [f.id for f in report.required] == [a.id for a in THEOREMS[theorem].assumptions]
    required = [f.verdict for f in report.required]
    assert report.verdict is (Verdict.HOLDS if all(v is Verdict.HOLDS for v in required) else Verdict.FAILS)
    found = {f.id: f.verdict is Verdict.HOLDS for f in report.assumptions}
    assert found["damian.assumption1"]
    assert found["damian.assumption2"] == (report.hessian.rank.value == target.effective_dimension.value)
    assert found["mousavi.single_index"] == (target.effective_dimension.value == 1)
    assert found["mousavi.polynomial_growth"]
    applies = {p.method: p.applies for p in report.predictions}
    assert applies["one-step"] == found["damian.assumption2"]
    assert applies["SGD with weight decay, ReLU"] == (found["mousavi.single_index"] and found["mousavi.monotone_link"])
    assert applies["SGD, several directions"] == (target.effective_dimension.value > 1)
    exponents = {p.method: p.exponent_d for p in report.predictions}
    assert exponents["kernels"] == target.degree
    if target.effective_dimension.value == 1:
        assert exponents["correlational statistical queries"] == Fraction(report.information_exponent.value, 2)
        assert exponents["online SGD, one direction"] == max(1, report.information_exponent.value - 1)
        assert exponents["statistical queries and low-degree polynomials"] == 1
    else:
        assert exponents["SGD, several directions"] == max(1, report.subspace_leap.value.value - 1)
    assert bool(report.advice) == (not found["damian.assumption2"])


def test_an_undecided_assumption_is_not_a_pass():
    class Hand(Report):
        @property
        def assumptions(self):
            return tuple(dataclasses.replace(f, verdict=self.given.get(f.id, f.verdict)) for f in check(self.target).assumptions)

        @property
        def findings(self):
            return self.assumptions

    report = Hand(check("z1*z2").answers)
    for changed, expected in (
        ({}, Verdict.HOLDS),
        ({"damian.assumption2": Verdict.UNDECIDED}, Verdict.UNDECIDED),
        ({"damian.assumption1": Verdict.UNDECIDED, "damian.assumption2": Verdict.FAILS}, Verdict.FAILS),
        ({"mousavi.single_index": Verdict.UNDECIDED}, Verdict.HOLDS),
    ):
        Hand.given = changed
        assert report.verdict is expected


def test_a_finding_has_no_truth_value():
    with pytest.raises(TypeError, match="three values"):
        bool(check("z1").assumptions[0])


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("z1 + z2**2", "rank H = 1 < 2 = dim S*: H does not see u1 (learned at leap 1)"),
        ("z1**2 + He(3,z2)", "rank H = 1 < 2 = dim S*: H does not see u2 (learned at leap 3)"),
        ("z1**3 + z2", "rank H = 0 < 2 = dim S*"),
        ("He(3,z1)", "H does not see u1 (learned at leap 3)"),
        ("z1*z2*z3 + z1**2", "H does not see u2 (learned at leap 2); u3 (learned at leap 2)"),
        ("z1**2 + z1*z2*z3*2 + z2", "H does not see u2 (learned at leap 1); u3 (learned at leap 2)"),
    ],
)
def test_what_h_does_not_see_is_named_with_its_leap(text, lost):
    reasons = {f.id: f.reason for f in check(text).assumptions}
    assert lost in reasons["damian.assumption2"]


def test_redundant_latents_are_named():
    reasons = {f.id: f.reason for f in check("(z1+z2)**2").assumptions}
    assert "of degree 2 of 1 linearly independent direction;" in reasons["damian.assumption1"]
    assert "2 latent variables are written, 1 of them redundant: it depends on u1 + u2 only" in reasons["damian.assumption1"]
    plain = {f.id: f.reason for f in check("z1*z2").assumptions}
    assert plain["damian.assumption1"] == "f* is a polynomial of degree 2 of 2 linearly independent directions"
    assert plain["damian.assumption2"] == "rank H = 2 = dim S*"


def test_directions_in_words():
    report = check("z1*z2*z3")
    vector = tuple(Number.of(c) for c in (1, 0, -2))
    assert direction_text(report.answers, vector) == "u1 - 2*u3"
    assert direction_text(report.answers, (Number.of(0), Number.of(2).root(2), Number.of(0))) == "sqrt(2)*u2"


NEEDS_A_CUBE = "(He(2,z1) - He(4,z1)/3)*(z2**2 - 3)"
"""With p the first factor and q the second: E p = 0 and E[He_2 q²] = 0, so H and the Hessian of E[y² | x] do not see u2."""


@pytest.mark.parametrize("text", ["He(3,z1)", "z1", "z1 + z2**2", "z1*z2*z3", "He(2,z1) + He(3,z2) + 0*z3", NEEDS_A_CUBE])
def test_the_transformation_advised_is_the_first_that_restores_assumption_2(text):
    report = check(text)
    r, f = report.target.effective_dimension.value, report.target.polynomial
    ranks = {power: check(Target.from_polynomial(f**power)).hessian.rank.value for power in (2, 3)}
    first = min(power for power, rank in ranks.items() if rank == r)
    assert f"E[y^{first} | x]] has rank {r}" in report.advice[0]
    assert len(report.advice) == 3


def test_noise_enters_the_mean_of_the_cubed_label():
    """E[y³ | x] = f³ + 3 Var(e) f. In the direction u1 its Hessian is that of f³ plus 3 Var(e) H = 0 exactly at Var(e) = 404."""
    cubes = [
        check(Target.from_expression(NEEDS_A_CUBE, noise=noise)).advice[0]
        for noise in (None, Noise("gaussian", 20), Noise("gaussian", "sqrt(404)"), Noise("rademacher", "sqrt(405)"))
    ]
    assert ["y^3" in tip for tip in cubes] == [True, True, False, True]
    assert cubes[2].startswith("Transfer")


@pytest.mark.parametrize("text", ["z1**70*z2**70*z3", "(z1+z2+z3)**24 + (sqrt(2)+sqrt(3)+sqrt(5))*z1"])
def test_a_power_that_is_too_large_to_expand_is_not_tried(text):
    """Advice must not turn a target that can be checked into bad input."""
    report = check(text)
    assert "Theorem 3" in report.advice[0]
    assert len(report.advice) == 2


def test_advice_ends_with_transfer_and_many_steps():
    advice = check("He(3,z1) + He(2,z2)").advice
    assert len(advice) == 3
    assert "Theorem 3" in advice[1]
    assert "subspace leap 3" in advice[2]
    assert "d^2 samples" in advice[2]
    assert check("z1*z2").advice == ()


def test_leap_at_which_a_direction_is_learned():
    report = check("z1 + He(2,z2) + He(3,z3)")
    unit = [tuple(Number.of(int(i == j)) for j in range(3)) for i in range(3)]
    assert [report.learned_at(v) for v in unit] == [1, 2, 3]
    assert report.learned_at(tuple(map(Number.of, (1, 1, 0)))) == 2
    falling = check("He(2,z1) + He(3,z1)*z2")  # u2 takes a step of degree 1, but only after u1 took one of degree 2
    assert [step.degree for step in falling.subspace_leap.steps] == [2, 1]
    assert falling.learned_at((Number.of(0), Number.of(1))) == 2
    assert check("z1 + z3**2").learned_at(unit[1]) is None


def test_bad_arguments():
    with pytest.raises(InputError, match=r"theorem 'fermat' is unknown: use one of damian\.theorem1, damian\.theorem3"):
        check("z1", "fermat")
    with pytest.raises(InputError, match="does not depend on x"):
        check("1")
    with pytest.raises(InputError, match="the target is 3: expected a Target or an expression"):
        check(3)


def test_display():
    report = check(Target.from_expression("z1*z2", name="<b>"))
    assert repr(report) == "Report('z1*z2', damian.theorem1: holds)"
    html = report._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>:" not in html
    assert "damian.assumption2" in html


def test_a_report_is_a_value():
    assert check("z1*z2") == check("z1*z2")
    assert check("z1*z2") != check("z1*z2", "damian.theorem3")
    with pytest.raises(TypeError, match="three values"):
        bool(check("z1*z2"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        check("z1").theorem = "x"
