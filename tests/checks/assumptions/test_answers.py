"""What is asked of a target, whichever engine answers it."""

import inspect

import pytest

from steinlab.checks.assumptions.answers import Answers, learned_at
from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.link_answers import LinkAnswers
from steinlab.checks.assumptions.polynomial_answers import PolynomialAnswers
from steinlab.theory.exact.numbers import Number
from steinlab.theory.targets.exponents import LeapStep, SubspaceLeap
from steinlab.theory.verdicts import Decided, Verdict


def e(*entries):
    return tuple(map(Number.of, (*entries, *[0] * (4 - len(entries)))))


@pytest.mark.parametrize(
    ("sought", "leap"),
    [
        (e(1, 0, 0), 3),
        (e(0, 2, 0), 3),  # found at degree 1, after the leap of 3
        (e(1, 1, 0), 3),
        (e(0, 0, 1), 5),
        (e(1, 1, 1), 5),
        (e(0, 0, 0, 1), None),
    ],
)
def test_a_direction_is_learned_at_the_largest_leap_before_it(sought, leap):
    steps = (LeapStep(3, 1, (e(1, 0, 0),)), LeapStep(1, 1, (e(1, 1, 0),)), LeapStep(5, 1, (e(0, 0, 1),)))
    assert learned_at(SubspaceLeap(Decided.exact(5, "three steps"), steps), sought) == leap


@pytest.mark.parametrize("engine", [PolynomialAnswers, LinkAnswers])
def test_every_engine_answers_every_question(engine):
    asked = {name for name in vars(Answers) if not name.startswith("_")} | set(inspect.get_annotations(Answers))
    assert sorted(name for name in asked if not hasattr(engine, name) and name not in inspect.get_annotations(engine)) == []


@pytest.mark.parametrize("text", ["He(3,z1) + z1*z2", "He(3,z1) + z1*z2 + tanh(z3)**2"])
def test_both_tell_the_same_words_of_the_same_number(text):
    """E[g He_3(z1)] = E[He_3²] = 3!, and the others of degree 3 are zero, told last."""
    first, *others = check(text).answers.coefficients(3)
    assert (first.value, first.zero) == ("6", Verdict.FAILS)
    assert first.why == f"{first.name} = 6 is not zero"
    assert {(c.value, c.zero) for c in others} == {("0", Verdict.HOLDS)}
