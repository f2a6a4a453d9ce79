"""`--explain`: the steps that decided a fact, numbered from 1, and a clear refusal of what is no fact."""

import re
from itertools import pairwise

import pytest

from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.facts import FACTS
from steinlab.theory.errors import InputError

LINKS = ("z1*z2 + He(3,z3)", "tanh(z1)*z2 + abs(z1)", "z1**2*exp(-z1**2)", "sin(1/z1)")


@pytest.mark.parametrize("link", LINKS)
def test_every_fact_and_assumption_is_explained(link):
    report = check(link)
    for name in [*(field for fact in FACTS for field in (fact.name, *fact.also)), *(f.id for f in report.findings)]:
        lines = report.explain(name).split("\n")
        numbers = [int(found.group(1)) for line in lines if (found := re.match(r"  (\d+)\. ", line))]
        assert all(after == before + 1 or after == 1 for before, after in pairwise([0, *numbers]))
        assert numbers or name.startswith("mousavi.")


def test_the_whole_of_one():
    assert check("tanh(z1)*z2 + abs(z1)").explain("information_exponent").split("\n") == [
        "information_exponent of tanh(z1)*z2 + abs(z1)",
        "  1. degree 1: E[g He_(1, 0)] is proved zero: odd under z1 -> -z1, z2 -> -z2",
        "  2. degree 1: E[g He_(0, 1)] is proved zero: odd under z1 -> -z1, z2 -> -z2",
        "  3. degree 2: E[g He_(2, 0)] = sqrt(2)*pi**(-1/2) ≈ 0.797885 is not zero",
        "  4. the information exponent is 2 (exact)",
    ]


def test_an_assumption_comes_with_its_statement_its_source_and_the_facts_it_rests_on():
    text = check("z1*z2 + He(3,z3)").explain("damian.assumption2")
    assert text.startswith(
        "damian.assumption2: H = E[∇²f*(x)] has rank r = dim S*\n  Source: Damian, Lee, Soltanolkotabi 2022, Assumption 2"
    )
    assert "It fails (exact): rank H = 2 < 3 = dim S*" in text
    assert [line for line in text.split("\n") if not line.startswith(" ")][1:] == [
        "expected_hessian:",
        "effective_dimension:",
        "subspace_leap:",
    ]
    assert "with u1, u2 seen, the least degree in the other directions is 3: it finds u3" in text


@pytest.mark.parametrize("name", ["", "kapa", "mousavi.monotone", "rank H"])
def test_what_is_no_fact_is_refused_with_those_that_are(name):
    with pytest.raises(InputError, match=f"there is no fact '{re.escape(name)}': use one of degree, .*damian.assumption2"):
        check("z1").explain(name)
