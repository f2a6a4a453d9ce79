"""The check of a report against itself finds planted contradictions, one for each thing that it compares."""

import copy
from functools import cache

import mpmath
import pytest
from consistency import RULES, contradictions, interval

from steinlab.checks.assumptions.check import check
from steinlab.checks.papers import THEOREMS

LINK, POLYNOMIAL, TWO, EVEN = "tanh(z1) + z1", "He(2,z1)/2 + He(4,z1)/sqrt(48)", "abs(z1) + tanh(z2)*z2", "He(3,z1) + z2**2"
HESSIAN, TARGET = "expected_hessian", "target"


@cache
def report(text):
    return check(text).to_dict()


def finding(id, verdict, evidence="exact"):
    def plant(got):
        for f in got["assumptions"]:
            if f["id"] == id:
                f["verdict"], f["evidence"] = verdict, evidence

    return plant


def at(path, value):
    def plant(got):
        *places, last = path
        for place in places:
            got = got[place]
        got[last] = value

    return plant


def fact(name, value):
    def plant(got):
        got[name]["value"] = value
        got[name] |= {"lower": value, "upper": value} if "lower" in got[name] else {}

    return plant


def prediction(method, **changes):
    def plant(got):
        (row,) = [p for p in got["predictions"] if p["method"] == method]
        row.update(changes)

    return plant


PLANTED = [
    ("finite", LINK, at([HESSIAN, "kappa_interval"], [0.5, float("inf")])),
    ("finite", LINK, at([HESSIAN, "eigenvalues"], [float("nan")])),
    ("evidence", LINK, finding("damian.polynomial", "fails", "numerical")),
    ("evidence", LINK, finding("damian.polynomial", "undecided", "certified")),
    ("evidence", LINK, at(["information_exponent", "evidence"], "numerical")),
    ("evidence", LINK, at(["assumptions", 0, "reason"], "")),
    ("evidence", LINK, fact("subspace_leap", None)),
    ("null_numbers_have_reasons", LINK, at(["mean"], None)),
    ("null_numbers_have_reasons", LINK, at(["degree_energy", "3"], None)),
    ("whole_verdict", LINK, at(["verdict"], "holds")),
    ("whole_verdict", POLYNOMIAL, at(["verdict"], "undecided")),
    ("bounds_hold_the_value", LINK, at([TARGET, "effective_dimension_bounds"], [0, 1])),
    ("bounds_hold_the_value", POLYNOMIAL, at([TARGET, "degree_bounds"], [3, 3])),
    ("bounds_hold_the_value", POLYNOMIAL, at([HESSIAN, "rank"], None)),
    ("bounds_hold_the_value", LINK, at(["information_exponent", "upper"], 2)),
    ("bounds_hold_the_value", LINK, at(["information_exponent", "lower"], 2)),
    ("dimensions", LINK, at([HESSIAN, "rank_bounds"], [2, 2])),
    ("dimensions", LINK, at([TARGET, "effective_dimension_bounds"], [2, 2])),
    ("dimensions", LINK, at([TARGET, "effective_dimension_bounds"], [0, 0])),
    ("dimensions", LINK, at(["principal_subspace"], [])),
    ("dimensions", TWO, at([HESSIAN, "range"], ["u1"])),
    ("dimensions", TWO, at([HESSIAN, "invisible"], [{"direction": "u1", "leap": 1}])),
    ("assumption1", LINK, finding("damian.assumption1", "undecided")),
    ("assumption1", LINK, at([TARGET, "effective_dimension"], None)),
    ("assumption2", TWO, finding("damian.assumption2", "fails")),
    ("assumption2", TWO, finding("damian.assumption2", "undecided")),
    ("assumption2", EVEN, finding("damian.assumption2", "holds")),
    ("assumption2", EVEN, finding("damian.assumption2", "undecided")),
    ("assumption2", TWO, fact("subspace_leap", 3)),
    ("one_direction", LINK, finding("mousavi.single_index", "fails")),
    ("one_direction", LINK, at(["generative_exponent"], {"value": None, "evidence": "exact", "reason": "planted"})),
    ("one_direction", TWO, fact("generative_exponent", 2)),
    ("monotone", LINK, finding("mousavi.single_index", "fails")),
    ("monotone", LINK, fact("information_exponent", 3)),
    ("monotone", LINK, at(["degree_energy", "1"], "0")),
    ("moments", LINK, at(["mean"], "1/2")),
    ("moments", LINK, at(["variance"], "0")),
    ("moments", LINK, at(["variance"], "1/10")),
    ("moments", LINK, at(["second_moment"], "5.00")),
    ("moments", LINK, at(["degree_energy", "3"], "-0.10")),
    ("moments", LINK, at(["degree_energy", "1"], "[7, 8]")),
    ("moments", POLYNOMIAL, at(["degree_energy", "4"], "1/3")),
    ("first_energy", TWO, at(["degree_energy", "1"], "0.10")),
    ("first_energy", TWO, at(["degree_energy", "2"], "0")),
    ("first_energy", POLYNOMIAL, fact("information_exponent", 4)),
    ("first_energy", POLYNOMIAL, fact("information_exponent", 1)),
    ("degree", POLYNOMIAL, finding("damian.polynomial", "fails")),
    ("degree", POLYNOMIAL, at([TARGET, "degree"], 6)),
    ("degree", POLYNOMIAL, at([TARGET, "degree_bounds"], [3, 3])),
    ("degree", POLYNOMIAL, at(["degree_energy", "4"], "0")),
    ("degree", POLYNOMIAL, fact("information_exponent", 5)),
    ("degree", LINK, at([TARGET, "degree_bounds"], [3, 3])),
    ("degree", POLYNOMIAL, finding("mousavi.polynomial_growth", "fails")),
    ("degree", POLYNOMIAL, finding("mousavi.weakly_differentiable", "fails")),
    ("leaps", TWO, fact("subspace_leap", 1)),
    ("leaps", TWO, fact("coordinate_leap", 1)),
    ("leaps", TWO, fact("coordinate_leap", 3)),
    ("leaps", EVEN, at(["subspace_leap", "steps", 0, "gained"], 2)),
    ("leaps", EVEN, at(["subspace_leap", "steps", 1, "degree"], 4)),
    ("leaps", EVEN, at(["subspace_leap", "steps", 0, "degree"], 1)),
    ("leaps", LINK, fact("information_exponent", 2)),
    ("generative", LINK, fact("generative_exponent", 2)),
    ("hessian", TWO, fact("information_exponent", 3)),
    ("hessian", POLYNOMIAL, at([HESSIAN, "rank_bounds"], [0, 0])),
    ("hessian", TWO, at([HESSIAN, "eigenvalues"], [1.0, 0.8])),
    ("hessian", TWO, at([HESSIAN, "rank_bounds"], [1, 1])),
    ("hessian", TWO, at([HESSIAN, "rank_bounds"], [3, 3])),
    ("hessian", TWO, at([HESSIAN, "eigenvalues_interval", 0], [0.1, 0.2])),
    ("hessian", POLYNOMIAL, at([HESSIAN, "eigenvalues"], [1.001])),
    ("kappa", POLYNOMIAL, at([HESSIAN, "kappa"], 0.7)),
    ("kappa", TWO, finding("damian.assumption2", "fails")),
    ("kappa", TWO, at([HESSIAN, "kappa"], 4.0)),
    ("kappa", TWO, at([HESSIAN, "kappa_reason"], "undefined (Assumption 2 is undecided)")),
    ("kappa", EVEN, at([HESSIAN, "kappa_reason"], None)),
    ("predictions", POLYNOMIAL, prediction("kernels", exponent_d=3.0)),
    ("predictions", POLYNOMIAL, prediction("online SGD, one direction", applies=False)),
    ("predictions", LINK, fact("generative_exponent", 3)),
    ("predictions", LINK, finding("mousavi.monotone_link", "undecided")),
    ("predictions", EVEN, prediction("one-step", applies=True, value="4 d^2")),
    ("predictions", LINK, prediction("one-step", value="4 d^2")),
    ("advice", POLYNOMIAL, at(["advice"], ["Transform the labels."])),
]


@pytest.mark.parametrize("text", [LINK, POLYNOMIAL, TWO, EVEN])
@pytest.mark.parametrize("theorem", ["damian.theorem1", "mousavi.single_index"])
def test_reports_do_not_contradict_themselves(text, theorem):
    got = check(text, theorem).to_dict()
    assert contradictions(got, int(got["verdict"] != "holds")) == []


@pytest.mark.parametrize(("name", "text", "plant"), PLANTED, ids=[f"{i}-{name}" for i, (name, *_) in enumerate(PLANTED)])
def test_a_planted_contradiction_is_found(name, text, plant):
    got = copy.deepcopy(report(text))
    plant(got)
    assert name in {found.partition(":")[0] for found in contradictions(got)}


def test_every_rule_is_planted_against_and_every_theorem_has_a_verdict():
    assert {name for name, *_ in PLANTED} == {rule.__name__ for rule in RULES}
    assert "damian.theorem1" in THEOREMS
    assert contradictions(report(LINK), 0)
    assert contradictions(report(POLYNOMIAL), 1)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0.25", 0.24, 0.26),
        ("1e+1", 0, 20),
        ("[-1.5e-3, 2]", -0.0015, 2),
        ("1/4 + sqrt(2)/2*pi**(-1/2)", 0.25 + (2 * mpmath.pi) ** -0.5, 0.25 + (2 * mpmath.pi) ** -0.5),
        ("2**(1/3)*exp(-1/2)", 2 ** (mpmath.mpf(1) / 3) * mpmath.exp(-0.5), 2 ** (mpmath.mpf(1) / 3) * mpmath.exp(-0.5)),
    ],
)
def test_numbers_are_read_as_what_they_claim(text, low, high):
    found = interval(text)
    assert float(found[0]) == pytest.approx(float(low), rel=1e-14)
    assert float(found[1]) == pytest.approx(float(high), rel=1e-14)


def test_a_report_made_in_a_test_is_looked_at(made_reports):
    """The hook of conftest.py sees it, whoever asked."""
    report = check("z1**3")
    assert made_reports == [report]
