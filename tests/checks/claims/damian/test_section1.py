"""Each claim of damian/section1 holds, and its check rejects every planted fault."""

from dataclasses import replace

from ledger import confirm, find_faults, section

from steinlab.checks.claims.damian.section1 import CLAIMS
from steinlab.checks.claims.runner import run_claim


@section(CLAIMS)
def test_a_claim_holds_and_its_faults_are_rejected(claim):
    confirm(claim)


@section(CLAIMS)
def test_faults_are_found_whatever_the_seed_and_the_examples(claim):
    find_faults(claim)


def test_extremal_cases_are_run_first_and_count():
    (claim,) = CLAIMS
    seen = []
    recording = replace(claim, check=lambda subject, case: seen.append(case) or claim.check(subject, case), faults=())
    assert run_claim(recording, max_examples=3, seed=0).trial.examples == len(claim.extremal()) + 3
    assert seen[: len(claim.extremal())] == list(claim.extremal())
