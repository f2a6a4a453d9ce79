"""Bounds: which apply to how many directions, and Lemma 2 on a set by hand."""

from fractions import Fraction

from steinlab.checks.csq.bounds import bounds_of_set, tolerance_bounds
from steinlab.checks.csq.problem import of_degree, of_target
from steinlab.theory.statements.line_sets import kerdock
from steinlab.theory.targets.target import Target


def test_theorem_2_is_about_one_direction():
    assert len(tolerance_bounds(of_degree(3), 100, 10)) == 3
    assert len(tolerance_bounds(of_target(Target.from_expression("z1*z2")), 100, 10)) == 1


def test_lemma_2_on_the_kerdock_set():
    frame = kerdock(16)
    sharp, printed = bounds_of_set(of_degree(4), frame, 10)
    epsilon = Fraction(1, 4**4)
    assert sharp.tolerance_squared == epsilon + 10 * (1 - epsilon) / (frame.size - 1)
    assert printed.tolerance_squared == epsilon + Fraction(20, frame.size)
    assert (sharp.source, printed.source, sharp.size) == ("derived", "Lemma 2", 144)
