"""Verdicts have three values: none of them is a truth value."""

import pytest

from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict


def test_a_finding_has_no_truth_value():
    finding = Finding("a.b", Verdict.HOLDS, Evidence.EXACT, "1 < 2")
    with pytest.raises(TypeError, match=r"a\.b: a finding has three values"):
        bool(finding)
    assert "1 &lt; 2" in finding._repr_html_()


def test_an_exact_number_is_its_own_bounds():
    decided = Decided.exact(3, "by hand")
    assert (decided.value, decided.lower, decided.upper, decided.evidence) == (3, 3, 3, Evidence.EXACT)


def test_words_are_those_of_the_json():
    assert [str(verdict) for verdict in Verdict] == ["holds", "fails", "undecided"]
    assert [str(evidence) for evidence in Evidence] == ["exact", "certified", "numerical"]
