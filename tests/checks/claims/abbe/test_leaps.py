"""Each claim of abbe/leaps holds, and its check rejects every planted fault."""

from ledger import confirm, find_faults, section

from steinlab.checks.claims.abbe.leaps import CLAIMS


@section(CLAIMS)
def test_a_claim_holds_and_its_faults_are_rejected(claim):
    confirm(claim)


@section(CLAIMS)
def test_faults_are_found_whatever_the_seed_and_the_examples(claim):
    find_faults(claim)
