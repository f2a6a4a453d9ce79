"""The gradient learner is defeated where Lemma 2 is silent about it, and wins on the control."""

from fractions import Fraction

from steinlab.checks.csq.fights import fights
from steinlab.checks.csq.problem import of_degree
from steinlab.theory.statements.line_sets import kerdock


def test_odd_degrees_defeat_it_and_the_control_does_not():
    fight, control = fights(of_degree(3), kerdock(16), Fraction(1, 32), 8, 0)
    assert (fight.outcome.won, control.outcome.won) == (False, True)
    assert fight.outcome.survivors == fight.outcome.size == 144
    assert control.text.startswith("control: He_2")
    assert fight.promise.startswith("silent: τ² = 0.000977")


def test_what_lemma_2_promises_is_a_number_of_queries():
    """|F| (τ² - ε)/2 with |F| = 144, τ = 1/2, ε = 1/64."""
    fight = next(fights(of_degree(3), kerdock(16), Fraction(1, 2), 1, 0))
    assert fight.promise == f"{144 * (1 / 4 - 1 / 64) / 2:.6g} queries needed"
