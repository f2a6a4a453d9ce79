"""The table of facts: each is in the JSON once, in the text once, can be asked for, and is bounded where it is not known."""

import json
from itertools import chain

import pytest

from steinlab.checks.assumptions import facts
from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.facts import FACTS, MAX_ROWS, because, bounds, decided, degree_bounds, undefined
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Decided, Evidence

LINKS = ("He(2,z1)/2 + z2", "tanh(z1) + z2**2", "z1**3", "log(abs(z1))", "(tanh(1) - (exp(2) - 1)/(exp(2) + 1))*z1**3 + z1")
KNOWN = Decided.exact(4, "by hand")
OPEN = Decided(None, Evidence.CERTIFIED, "too much work", 2, None)


@pytest.mark.parametrize("link", LINKS)
def test_every_field_is_in_the_json_and_belongs_to_one_fact(link):
    report = check(link)
    found = json.loads(json.dumps(report.to_dict()))
    for part in {fact.part for fact in FACTS}:
        names = list(chain.from_iterable(fact.fields(report.answers) for fact in FACTS if fact.part == part))
        assert len(names) == len(set(names))
        place = found[part] if part else found
        assert all(place[name] == json.loads(json.dumps(value)) for name, value in facts.fields(report.answers, part).items())


@pytest.mark.parametrize("link", LINKS)
def test_every_fact_can_be_asked_for_by_each_of_its_names(link):
    report = check(link)
    for fact in FACTS:
        text = report.explain(fact.name)
        assert text
        assert all(report.explain(name) == text for name in fact.also)


def test_names_are_unique_and_others_are_refused():
    names = list(chain.from_iterable((fact.name, *fact.also) for fact in FACTS))
    assert len(names) == len(set(names))
    with pytest.raises(InputError, match="colour"):
        check("z1").explain("colour")


def test_numbers_are_told_with_their_bounds():
    assert decided(KNOWN) == {"value": 4, "evidence": "exact", "reason": "by hand", "lower": 4, "upper": 4}
    assert decided(OPEN) == {"value": None, "evidence": OPEN.evidence.value, "reason": "too much work", "lower": 2, "upper": None}
    assert (bounds(KNOWN), bounds(OPEN)) == ([4, 4], [2, None])
    assert because(KNOWN) == "4 (exact): by hand"
    assert because(OPEN) == "undecided, at least 2: too much work"
    assert because(Decided.exact(4, "")) == "4 (exact)"
    assert undefined("one direction")["reason"] == "defined for one direction, which this target does not have"
    assert undefined("one direction")["value"] is None


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("z1**3", [3, 3]),
        ("pi*He(6,z1) + z1", [6, 6]),
        ("tanh(z1)", None),
        ("(tanh(1) - (exp(2) - 1)/(exp(2) + 1))*z1**3 + z1", [1, 3]),  # the coefficient is 0, which is not seen
    ],
)
def test_bounds_of_the_degree(link, expected):
    assert degree_bounds(check(link).answers) == expected


@pytest.mark.parametrize("r", [MAX_ROWS, MAX_ROWS + 1])
def test_a_large_matrix_is_not_text(r):
    text = check(" + ".join(f"He(2,z{i + 1})" for i in range(r))).to_text(full=True)
    assert (f"{r} x {r}: see --json" in text) == (r > MAX_ROWS)


def test_what_is_not_known_is_told_in_words():
    rows = {name: value for name, value in facts.rows(check("log(abs(z1))*z2 + sin(1/z1)").answers) if name}
    assert "degree p" not in rows
    assert rows["generative exponent"] == "defined for one direction only"
    assert rows["directions"].startswith("2 written; f* varies in ")


def test_the_brief_rows_are_among_the_full_ones():
    for link in LINKS:
        answers = check(link).answers
        names = [name for name, _ in facts.rows(answers)]
        assert [name for name, _ in facts.brief(answers) if name not in names] == []
        assert [name for name, _ in facts.brief(answers)][:3] == ["effective dimension", "rank H", "κ (E f² = 1)"]
