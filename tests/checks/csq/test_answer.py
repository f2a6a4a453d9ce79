"""The answer as a JSON object: every bound rounded up, so that it still holds."""

import json
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.csq.answer import LIMITS, Answer, float_up, frame_record
from steinlab.checks.csq.bounds import bounds_of_set, tolerance_bounds
from steinlab.checks.csq.problem import of_degree
from steinlab.theory.statements.line_sets import kerdock, paley


@given(st.fractions(0, 10))
def test_rounding_up_is_by_less_than_one_float(x):
    assert 0 <= Fraction(float_up(x)) - x <= max(x, Fraction(1, 10**300)) / 2**51


def test_the_record_follows_its_schema_and_the_best_bound_is_the_least():
    problem, frame = of_degree(3), kerdock(16)
    answer = Answer(problem, 16, 5, 0, tolerance_bounds(problem, 16, 5), 0.1, frame, bounds_of_set(problem, frame, 5), [])
    record = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert record["schema"] == "steinlab/csq/1"
    assert record["adversary"] is None
    assert record["limits"] == list(LIMITS)
    assert record["theorem2_printed"] == {"tolerance_squared_order": 0.1, "evidence": "numerical"}
    rows = record["bounds"] + record["construction"]["bounds"]
    assert float_up(answer.best.tolerance_squared) == min(row["tolerance_squared"] for row in rows)


def test_sets_that_meet_levenshteins_bound_have_all_of_it():
    for frame in (kerdock(16), paley(51)):
        record = frame_record(frame)
        assert record["share_of_levenshtein_size"] == 1
        assert record["welch_coherence"] <= record["levenshtein_coherence"] + 1e-12 <= record["coherence"] + 1e-6
        assert record["random_guarantee"] is None
