"""The numbers in the words of a study are those that it runs."""

from steinlab.checks.studies.reading.load import load_study
from steinlab.checks.studies.reading.words import spaced, with_window, worded


def test_words_follow_overrides_and_other_braces_stay():
    study = load_study("damian-figure-1", overrides=["defaults.fixed.m=50", "title=m = {defaults.fixed.m}, x_{n}, {no.such.key}"])
    assert study.title == "m = 50, x_{n}, {no.such.key}"


def test_the_words_of_a_claim_follow_its_window():
    full, quick = (load_study("mousavi-figure-1", quick=quick).levels[0].statement for quick in (False, True))
    assert full == "After 100\N{NARROW NO-BREAK SPACE}000 steps, 99% of ‖W‖² lies along the teacher."
    assert quick == full.replace("100", "10", 1)
    (moved, _) = load_study("mousavi-figure-1", overrides=["levels.onto-the-line.window=[1000, 1000]"]).levels
    assert moved.statement.startswith("After 1\N{NARROW NO-BREAK SPACE}000 steps")


def test_a_number_is_named_by_its_path_through_tables_and_lists():
    document = {"a": "{b.c}, {b.d.1}, {b.e}, {b.d.7}, {b.c.f}", "b": {"c": 1e5, "d": [1, 2], "e": "text"}}
    assert worded(document)["a"] == f"{spaced(100_000)}, 2, {{b.e}}, {{b.d.7}}, {{b.c.f}}"
    assert with_window("{from} to {to} of {other}", (0.5, 1000)) == f"0.5 to {spaced(1000)} of {{other}}"
