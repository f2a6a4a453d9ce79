"""The text of reports: the short one keeps to its lines and columns, whatever is asked; the full one leaves nothing out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.text import SHORT_LINES, SHORT_WIDTH
from steinlab.checks.papers import THEOREMS
from steinlab.theory.targets.target import Noise, Target

LINKS = (
    "z1",
    "He(2,z1)/2 + He(4,z1)/sqrt(48)",
    "z1*z2 + He(3,z3)",
    "z1*z2*z3*z4*z5 + He(6,z6)",
    "sqrt(2)*z1**2 - sqrt(3)*z2**2 + (z1+z2+z3)**5/7",
    "tanh(z1)*z2 + abs(z1)",
    "z1**2*exp(-z1**2)",
    "gelu(z1) - silu(z2 - 1/2) + softplus(z3)",
    "log(abs(z1))",
    "sin(1/z1)",
)


@pytest.mark.parametrize("theorem", THEOREMS)
@pytest.mark.parametrize("link", LINKS)
def test_the_short_report_fits_a_screen(link, theorem):
    text = check(link, theorem).to_text()
    assert text.count("\n") < SHORT_LINES == 30
    assert max(map(len, text.split("\n"))) <= SHORT_WIDTH == 100


@settings(max_examples=15)
@given(st.integers(1, 9), st.lists(st.integers(-3, 3), min_size=2, max_size=9), st.text("abc π", max_size=300))
def test_long_names_and_many_directions_fit_too(d, weights, name):
    rows = [[int(j == i % d) + w for j in range(d)] for i, w in enumerate(weights)]
    link = " + ".join(f"He({i % 3 + 1}, z{i + 1})*{10**40 + i}" for i in range(len(rows)))
    try:
        target = Target.from_expression(link, rows, Noise("gaussian", "0.1"), name or None)
    except ValueError:  # the directions make it constant
        return
    text = check(target).to_text()
    assert text.count("\n") < SHORT_LINES
    assert max(map(len, text.split("\n"))) <= SHORT_WIDTH


@pytest.mark.parametrize("link", LINKS)
def test_both_tell_the_verdict_and_every_assumption_that_is_asked_for(link):
    report = check(link)
    for text in (report.to_text(), report.to_text(full=True)):
        assert all(finding.id in text for finding in report.required)
    assert all(finding.id in report.to_text(full=True) for finding in report.findings)
    assert all(cost.source.split(",")[0] in report.to_text(full=True) for cost in report.predictions if cost.applies)


def test_reasons_are_whole_where_there_is_room():
    report = check("z1*z2 + He(3,z3)")
    words = " ".join(report.to_text().split())
    assert "why damian.polynomial holds exact f* is a polynomial of degree 3 damian.assumption1" in words
    assert "..." not in report.to_text()
    assert "..." in report.to_text(room=12)
