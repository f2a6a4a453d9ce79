"""A user's columns: checked with the value that is wrong, grouped whatever the order of the rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.rates.samples import Sample
from steinlab.checks.rates.tables import chosen, column, grouped, same_length, whole_family
from steinlab.theory.errors import InputError


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: column("x", ["a"]), "x: expected a sequence of numbers"),
        (lambda: column("x", [[1.0]]), "x has 2 axes"),
        (lambda: column("x", 3.0), "x has 0 axes"),
        (lambda: column("values", [1, np.nan]), "values contains nan"),
        (lambda: column("x", [1, 0], positive=True), "x contains 0: expected positive"),
        (lambda: column("x", [1, np.inf], positive=True), "x contains inf"),
        (lambda: same_length(x=[1, 2], values=[1]), "x has 2, values has 1 entries"),
        (lambda: same_length(x=[], values=[]), "no runs"),
        (lambda: grouped(np.ones(2), np.ones(2), [4, 4]), "seed 4 stands twice at 1"),
        (lambda: grouped(np.ones(2), np.ones(2), [4]), "seeds has 1"),
        (lambda: chosen("direction", "up", ("upper", "lower")), "direction is 'up': expected one of 'upper', 'lower'"),
        (lambda: whole_family(0), "family is 0"),
        (lambda: whole_family(2.0), r"family is 2\.0"),
        (lambda: whole_family(True), "family is True"),
    ],
)
def test_what_is_wrong_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_values_may_be_negative_and_sizes_any_positive_number():
    assert column("values", [-1, 0.5]).tolist() == [-1, 0.5]
    assert column("x", (1, 2.5), positive=True).tolist() == [1, 2.5]
    assert whole_family(3) == 3


def test_runs_are_grouped_by_size():
    found = grouped(np.array([2.0, 1, 2, 1]), np.array([5.0, 6, 7, 8]), ["b", "a", "a", "b"])
    assert found == [Sample(1.0, (6.0, 8.0), labels=("a", "b")), Sample(2.0, (5.0, 7.0), labels=("b", "a"))]
    assert grouped(np.array([1.0]), np.array([5.0]), None) == [Sample(1.0, (5.0,))]
    assert grouped(np.array([1.0]), np.array([5.0]), np.array([3]))[0].labels == (3,)


@given(st.permutations(range(12)))
def test_the_order_of_the_rows_does_not_matter_to_the_verdict(order):
    from steinlab import judge_rate

    x, seeds = np.repeat([1.0, 10, 100], 4), np.tile(range(4), 3)
    y = x**-0.5 * np.tile([1.0, 1.1, 0.9, 1.05, 0.97], 3)[:12]
    order = list(order)
    first = judge_rate(x, y, seeds, predicted=-0.5, rivals=(0,))
    second = judge_rate(x[order], y[order], seeds[order], predicted=-0.5, rivals=(0,))
    assert (first.verdict, first.reason) == (second.verdict, second.reason)
    assert first.interval == pytest.approx(second.interval, rel=1e-9)
