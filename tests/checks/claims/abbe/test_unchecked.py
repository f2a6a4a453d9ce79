"""Statements without a check: each with its reason, and none that a claim checks."""

from steinlab.checks.claims.abbe.unchecked import ROWS
from steinlab.checks.claims.registry import LEDGER, without_check
from steinlab.checks.papers.abbe_2023 import PAPER


def test_each_row_says_why_and_no_claim_has_its_id():
    assert all(row.statement and row.why and row.source.printed for row in ROWS)
    assert len({row.id for row in ROWS}) == len(ROWS)
    assert not {row.id for row in ROWS} & {claim.id for claim in LEDGER}


def test_every_theorem_of_the_paper_that_no_claim_checks_is_a_row_or_a_corollary_of_one():
    told = {row.id for row in ROWS}
    assert {theorem.id for theorem in PAPER.theorems if "corollary" not in theorem.id} <= told


def test_rows_are_chosen_by_globs():
    assert [row.id for row in without_check(["abbe.proposition3*"])] == ["abbe.proposition30", "abbe.proposition31"]
    assert without_check([]) == ROWS
    assert without_check(["damian.*"]) == ()
