"""Each claim of damian/appendix_e_moments holds, and its check rejects every planted fault."""

from dataclasses import replace

from ledger import confirm, find_faults, section

from steinlab.checks.claims.claim import Outcome
from steinlab.checks.claims.damian.appendix_e_moments import CLAIMS
from steinlab.checks.claims.registry import select
from steinlab.checks.claims.runner import run_claim
from steinlab.theory.statements import tensors
from steinlab.theory.verdicts import Verdict


@section(CLAIMS)
def test_a_claim_holds_and_its_faults_are_rejected(claim):
    confirm(claim)


@section(CLAIMS)
def test_faults_are_found_whatever_the_seed_and_the_examples(claim):
    find_faults(claim)


def test_a_broken_subject_is_found():
    (claim,) = select(["damian.lemma23"])
    broken = replace(claim, subject=lambda tensor, k: tensors.contraction_second_moment(tensor, k) + (k == 4))
    assert run_claim(broken, max_examples=100, seed=0).trial.verdict is Verdict.FAILS


class TestForgedCertificates:
    """Corollary 11's certificate, changed in one place: the check must refuse each."""

    def check(self, certificate) -> Outcome:
        (claim,) = select(["damian.corollary11"])
        return claim.check(lambda dimension, k: certificate, (2, 2))

    def genuine(self):
        return tensors.moment_certificate(2, 2)

    def test_the_genuine_one_passes(self):
        assert self.check(self.genuine()).verdict is Verdict.HOLDS

    def test_none(self):
        assert self.check(None).verdict is Verdict.FAILS

    def test_every_changed_number(self):
        good = self.genuine()
        size = len(good.diagonal)
        for i in range(size):
            diagonal = (*good.diagonal[:i], good.diagonal[i] + 1, *good.diagonal[i + 1 :])
            assert self.check(replace(good, diagonal=diagonal)).verdict is Verdict.FAILS
            for j in range(size):
                row = good.lower[i]
                row = (*row[:j], row[j] + 1, *row[j + 1 :])
                lower = (*good.lower[:i], row, *good.lower[i + 1 :])
                changed = self.check(replace(good, lower=lower)).verdict
                # a column of L under a zero of D is free below the diagonal
                assert changed is (Verdict.HOLDS if i > j and good.diagonal[j] == 0 else Verdict.FAILS)

    def test_fewer_monomials(self):
        good = self.genuine()
        part = replace(
            good,
            monomials=good.monomials[:2],
            lower=tuple(row[:2] for row in good.lower[:2]),
            diagonal=good.diagonal[:2],
        )
        assert self.check(part).verdict is Verdict.FAILS

    def test_empty(self):
        assert self.check(replace(self.genuine(), monomials=(), lower=(), diagonal=())).verdict is Verdict.FAILS
