"""Results quoted beside those of the papers."""

from steinlab.checks.papers.quoted import PAPER
from steinlab.theory.statements.predictions import Exponents


def test_the_rows_in_full():
    several = [row.of(Exponents(2, 4, None, 2, 3, None), frozenset()).value for row in PAPER.predictions]
    one = [row.of(Exponents(1, 4, None, 2, 2, 2), frozenset()).value for row in PAPER.predictions]
    assert (one, several) == (["d", "d log d"], [None, None])
    assert [row.status for row in PAPER.predictions] == ["proved", "proved"]
    assert not PAPER.theorems
