"""Every claim of the ledger runs, holds, and has a planted fault that its own check rejects."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from steinlab.checks.claims.claim import Outcome
from steinlab.checks.claims.registry import LEDGER, select
from steinlab.checks.claims.runner import run_claim
from steinlab.theory.errors import InputError
from steinlab.theory.statements import tensors
from steinlab.theory.verdicts import Verdict

REQUIRED = """
damian.lemma5 damian.lemma9 damian.lemma21 damian.lemma22 damian.lemma23 damian.lemma25 damian.lemma26 damian.corollary3
damian.corollary10 damian.corollary11 damian.gradient_expansion damian.hermite_correlation damian.kappa
"""


@pytest.mark.parametrize("claim", LEDGER, ids=lambda claim: claim.id)
def test_claim_holds_and_its_faults_are_rejected(claim):
    result = run_claim(claim, max_examples=60, seed=1)
    assert result.trial.verdict is Verdict.HOLDS, f"{result.trial.reason} at {result.trial.counterexample}"
    assert result.trial.decided == result.trial.examples >= 10
    assert result.controls, f"{claim.id} has no planted fault, so nothing shows that its check can fail"
    for control in result.controls:
        assert control.rejected, f"{claim.id}: the check accepted the fault '{control.mutation}'"


def test_ids_are_unique_and_well_formed():
    ids = [claim.id for claim in LEDGER]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if not re.fullmatch(r"[a-z]+\.[a-z0-9_]+", i)] == []
    assert set(REQUIRED.split()) <= set(ids)


@pytest.mark.parametrize("claim", LEDGER, ids=lambda claim: claim.id)
def test_every_field_says_something(claim):
    fields = [claim.statement, claim.hypotheses, claim.method, claim.source.paper, claim.source.item]
    fields += [fault.mutation for fault in claim.faults]
    assert all(len(field.strip()) >= 2 and "\n" not in field for field in fields)


def test_mutations_are_told_apart():
    for claim in LEDGER:
        assert len({fault.mutation for fault in claim.faults}) == len(claim.faults)
        assert all(fault.subject is not claim.subject for fault in claim.faults)


def test_importing_the_ledger_is_cheap():
    code = "import sys, steinlab.checks.claims.registry; print(*{'hypothesis', 'numpy', 'sympy'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_oracles_import_the_standard_library_only():
    code = (
        "import sys; before = set(sys.modules); import steinlab.checks.claims.oracles;"
        "new = {m.split('.')[0] for m in set(sys.modules) - before}; print(*new - set(sys.stdlib_module_names))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [m for m in found.stdout.split() if not m.startswith("__editable__")] == ["steinlab"]


def test_globs_select_in_ledger_order():
    assert select([]) == LEDGER
    assert [c.id for c in select(["damian.lemma26", "damian.lemma2?"])] == [
        "damian.lemma21",
        "damian.lemma22",
        "damian.lemma23",
        "damian.lemma25",
        "damian.lemma26",
    ]
    with pytest.raises(InputError, match="nothing_like_it"):
        select(["damian.*", "nothing_like_it"])


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


@pytest.mark.parametrize("claim", LEDGER, ids=lambda claim: claim.id)
def test_faults_are_found_whatever_the_seed_and_the_examples(claim):
    """Seeds are cheap where a fault is met at once: a fault that few draws meet belongs among the extremal cases."""
    for seed in range(100, 103):
        result = run_claim(claim, max_examples=1, seed=seed)
        assert result.confirmed, [(c.mutation, c.trial.reason) for c in result.controls if not c.rejected] or result.trial
        assert max(control.trial.examples for control in result.controls) <= 150


def test_extremal_cases_are_run_first_and_count():
    claim = next(claim for claim in LEDGER if claim.id == "damian.kappa")
    seen = []
    recording = replace(claim, check=lambda subject, case: seen.append(case) or claim.check(subject, case), faults=())
    assert run_claim(recording, max_examples=3, seed=0).trial.examples == len(claim.extremal()) + 3
    assert seen[: len(claim.extremal())] == list(claim.extremal())
