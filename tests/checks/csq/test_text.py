"""The text for people: narrow, and its last line says what the bounds mean."""

from steinlab.checks.csq.answer import Answer
from steinlab.checks.csq.bounds import tolerance_bounds
from steinlab.checks.csq.problem import of_degree
from steinlab.checks.csq.text import to_text


def text(k, d, queries):
    problem = of_degree(k)
    return to_text(Answer(problem, d, queries, 0, tolerance_bounds(problem, d, queries), None, None, [], []))


def test_the_last_line_names_the_least_bound():
    last = text(4, 100, 10**6).splitlines()[-1]
    assert last.startswith("In short: success with 1000000 queries needs τ² <= 0.0895 (certified), some 11 samples")
    assert len(last) <= 110


def test_bounds_that_exclude_nothing_say_so():
    assert text(2, 3, 10**100).endswith("these bounds exclude no learner of 1.000e100 queries.")
