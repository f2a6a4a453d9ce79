"""The papers as data: what each entry must have, whichever paper it is in."""

import pytest

from steinlab.checks.assumptions.check import check
from steinlab.checks.papers import PAPERS, THEOREMS
from steinlab.checks.papers.paper import Assumption, Case, Prediction
from steinlab.theory.statements.predictions import Exponents, Samples
from steinlab.theory.verdicts import Verdict

ASSUMPTIONS = [*{a.id: a for t in THEOREMS.values() for a in (*t.assumptions, *t.beside)}.values()]
ON_TARGETS = [a for paper in PAPERS for a in paper.assumptions]


def test_each_id_stands_for_one_thing():
    for things in (ON_TARGETS, [t for paper in PAPERS for t in paper.theorems], [p for x in PAPERS for p in x.predictions]):
        names = [getattr(thing, "id", None) or thing.method for thing in things]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("theorem", THEOREMS.values(), ids=THEOREMS)
def test_a_theorem_says_what_it_states_where_and_what_it_needs(theorem):
    assert theorem.statement
    assert theorem.source
    assert theorem.assumptions
    if theorem.training is None:  # its assumptions are on the target alone
        case = Case(check("z1*z2").answers)
        assert [a.decide(case).id for a in theorem.assumptions] == [a.id for a in theorem.assumptions]
    else:
        assert theorem.training.settings
        assert set(theorem.training.keywords) & {"activation"}


@pytest.mark.parametrize("target", ["z1*z2 + He(3,z3)", "tanh(z1)*z2"])
def test_an_assumption_finds_under_its_own_id_and_rests_on_facts(target):
    answers = check(target).answers
    for assumption in ON_TARGETS:
        assert assumption.statement
        assert assumption.source
        assert assumption.decide(Case(answers)).id == assumption.id


def test_a_training_is_asked_of_the_theorems_that_have_one():
    with pytest.raises(ValueError, match="training"):
        _ = Case(check("z1").answers).trained


def test_a_prediction_applies_where_its_assumptions_are_proved_and_its_exponents_known():
    needed = Assumption("a.b", "it holds", "nowhere", lambda case: None)
    row = Prediction("m", "d^p", "conjecture", "always", "here", lambda e: None if e.p is None else Samples(e.p, "x"), (needed,))
    known, unknown = Exponents(1, 3, None, 1, 1, 1), Exponents(1, None, None, 1, 1, 1)
    assert row.status == "conjectured"
    cost = row.of(known, frozenset({"a.b"}))
    assert (cost.applies, cost.value, cost.exponent_d) == (True, "x", 3)
    for absent in (row.of(known, frozenset()), row.of(unknown, frozenset({"a.b"}))):
        assert (absent.applies, absent.value, absent.exponent_d) == (False, None, None)
        assert "no prediction: needs always" in absent._repr_html_()


def test_verdicts_have_three_values():
    assert {f.verdict for f in check("tanh(z1)").assumptions} <= set(Verdict)
