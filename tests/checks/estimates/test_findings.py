"""Assumptions in the light of data: what is refuted, and that HOLDS is said only where nothing is left unseen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.estimates.findings import Seen, findings
from steinlab.checks.papers import PAPERS
from steinlab.theory.verdicts import Decided, Evidence, Verdict


def seen(d=5, dimension=0, rank=0, linear=False, mean=False):
    def at_least(k):
        return Decided(k if k == d else None, Evidence.NUMERICAL, "why", k, d)

    return Seen(d, at_least(dimension), at_least(rank), linear, mean)


def verdicts(**known):
    return {found.id: found.verdict.value for found in findings(seen(**known))}


@given(st.integers(1, 6), st.data())
def test_holds_is_said_only_where_every_direction_was_seen(d, data):
    dimension = data.draw(st.integers(0, d))
    rank = data.draw(st.integers(0, dimension))
    known = seen(d, dimension, rank, data.draw(st.booleans()), data.draw(st.booleans()))
    found = findings(known)
    assert [f.id for f in found] == [a.id for paper in PAPERS for a in paper.assumptions]
    assert all(f.evidence is Evidence.NUMERICAL and f.reason for f in found)
    holding = {f.id for f in found if f.verdict is Verdict.HOLDS}
    expected = {"damian.assumption1"} if dimension == d else set()
    expected |= {"damian.assumption2"} if rank == d else set()
    expected |= {"mousavi.single_index"} if dimension == d == 1 else set()
    assert holding == expected


@pytest.mark.parametrize(
    ("known", "fails"),
    [
        ({}, set()),
        ({"dimension": 1, "rank": 1}, set()),
        ({"dimension": 2}, {"mousavi.single_index", "mousavi.monotone_link"}),
        ({"dimension": 5, "rank": 5}, {"mousavi.single_index", "mousavi.monotone_link"}),
        ({"linear": True}, {"abbe.nested_products"}),
        ({"mean": True}, {"abbe.nested_products"}),
    ],
)
def test_what_data_refute(known, fails):
    assert {id for id, verdict in verdicts(**known).items() if verdict == "fails"} == fails


def test_reasons_name_the_bounds():
    reasons = {found.id: found.reason for found in findings(seen(dimension=3, rank=2))}
    assert "at least 3 and at most 5" in reasons["damian.assumption1"]
    assert "rank H >= 2, dim S* >= 3" in reasons["damian.assumption2"]
    assert "dim S* >= 3" in reasons["mousavi.single_index"]
    assert "E f* ≠ 0" in {f.id: f.reason for f in findings(seen(mean=True, linear=True))}["abbe.nested_products"]
    assert "C_1 ≠ 0" in {f.id: f.reason for f in findings(seen(linear=True))}["abbe.nested_products"]
