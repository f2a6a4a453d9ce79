"""Damian et al. 2022: Assumptions 1 and 2, and the rows of its predictions."""

import pytest

from steinlab.checks.assumptions.check import check
from steinlab.checks.papers.damian_2022 import ASSUMPTION_2, PAPER
from steinlab.theory.statements.predictions import Exponents
from steinlab.theory.verdicts import Decided, Evidence, Verdict


def test_the_predictions_in_full():
    e = Exponents(r=1, p=4, kappa=1.0, information=2, leap=2, generative=2)
    found = [(row.of(e, frozenset()).value, row.rate, row.direction, row.status) for row in PAPER.predictions]
    assert found == [
        ("1 d^2 + 1 d", "d^2 r κ^2 + d r^p κ^(2p)", "upper", "proved"),
        ("1 d^2 + 1", "d^2 r κ^2 + r^p κ^(2p)", "upper", "proved"),
        ("1", "r^p κ^(2p)", "upper", "proved"),
        ("d^4", "d^p", "lower", "proved"),
        ("d", "d^(k/2)", "lower", "proved"),
    ]


@pytest.mark.parametrize(
    ("target", "verdict", "evidence", "reason"),
    [
        ("z1*z2", Verdict.HOLDS, Evidence.EXACT, "rank H = 2 = dim S*"),
        ("He(3,z1)", Verdict.FAILS, Evidence.EXACT, "rank H = 0 < 1 = dim S*: H does not see u1 (learned at leap 3)"),
        (
            "He(3,z1) + tanh(z2)*z2",
            Verdict.FAILS,
            Evidence.CERTIFIED,
            "rank H = 1 < 2 = dim S*: H does not see u1 (learned at leap 3)",
        ),
    ],
)
def test_assumption_2(target, verdict, evidence, reason):
    found = check(target).finding(ASSUMPTION_2.id)
    assert (found.verdict, found.evidence, found.reason) == (verdict, evidence, reason)


def test_bounds_alone_can_refute_assumption_2():
    report = check("abs(z1) + z2")
    report.answers.__dict__["rank"] = Decided(None, Evidence.NUMERICAL, "planted", 0, 1)
    report.answers.__dict__["invisible"] = None
    assert report.finding(ASSUMPTION_2.id).reason == "rank H <= 1 < 2 <= dim S*"
