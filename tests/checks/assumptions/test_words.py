"""Facts in words."""

import pytest

from steinlab.checks.assumptions.polynomial_answers import PolynomialAnswers
from steinlab.checks.assumptions.words import MARKS, SUMMARY, count, direction_text, invisible_text, seen_text, span_text, whole
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Decided, Verdict


def answers(text):
    return PolynomialAnswers(Target.from_expression(text))


def test_every_verdict_has_its_words():
    assert {v: (MARKS[v], SUMMARY[v]) for v in Verdict} == {
        Verdict.HOLDS: ("holds", "HOLD"),
        Verdict.FAILS: ("FAILS", "FAIL"),
        Verdict.UNDECIDED: ("undecided", "ARE UNDECIDED"),
    }


@pytest.mark.parametrize(("n", "text"), [(0, "0 steps"), (1, "1 step"), (2, "2 steps"), (-1, "-1 steps")])
def test_one_is_singular(n, text):
    assert count(n, "step") == text


def test_numbers_carry_their_evidence():
    assert whole(Decided.exact(0, "")) == "0 (exact)"
    assert whole(Decided.exact(2, ""), " of 3") == "2 of 3 (exact)"


def test_what_h_sees_and_what_it_does_not():
    a = answers("He(3,z1) + He(2,z2)")
    assert seen_text(a) == "H sees u2, not u1 (learned at leap 3)"
    assert [invisible_text(a, v) for v in a.invisible] == ["u1 (learned at leap 3)"]
    assert span_text(a, a.visible) == direction_text(a, a.visible[0]) == "u2"
    assert seen_text(answers("He(3,z1)")).startswith("H sees nothing, not u1")
    assert seen_text(answers("He(2,z1)")) == "H sees u1"
