"""Comparisons that decide: exact numbers only, entry by entry, and the worst outcome wins."""

from fractions import Fraction

import pytest

from steinlab.checks.claims.claim import HOLDS, at_most, equal, equal_entries, every, failed, undecided
from steinlab.theory.exact.numbers import Number
from steinlab.theory.verdicts import Verdict


def test_exact_comparisons_accept_exact_numbers_only():
    assert equal("x", Number.of(2).root(2) ** 2, 2) is HOLDS
    assert equal("x", Fraction(1, 3), Fraction(1, 2)).verdict is Verdict.FAILS
    assert at_most("x", Fraction(1, 3), Fraction(1, 2)) is HOLDS
    assert at_most("x", Fraction(1, 2), Fraction(1, 3)).verdict is Verdict.FAILS
    for bad in (0.5, complex(1), float("nan"), "1"):
        with pytest.raises(TypeError):
            equal("x", bad, bad)
        with pytest.raises(TypeError):
            at_most("x", 0, bad)


def test_tables_compare_entry_by_entry():
    assert equal_entries("t", {(0,): Fraction(0)}, {}) is HOLDS
    outcome = equal_entries("t", {(0,): 1}, {(1,): 2})
    assert outcome.verdict is Verdict.FAILS
    assert outcome.reason == "t at (0,) is 1, expected 0"


def test_the_worst_outcome_wins():
    assert every([HOLDS, undecided("a"), failed("b")]).reason == "b"
    assert every([HOLDS, undecided("a"), HOLDS]).reason == "a"
    assert every([HOLDS, HOLDS]) is HOLDS
