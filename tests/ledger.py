"""What every claim of the ledger must stand, whatever it states: shared by the tests of its sections."""

import pytest

from steinlab.checks.claims.runner import run_claim
from steinlab.theory.verdicts import Verdict


def section(claims):
    """Run a test once for each claim of a section."""
    return pytest.mark.parametrize("claim", claims, ids=lambda claim: claim.id)


def confirm(claim):
    """The claim holds on every case drawn, and its own check rejects each of its planted faults."""
    result = run_claim(claim, max_examples=60, seed=1)
    assert result.trial.verdict is Verdict.HOLDS, f"{result.trial.reason} at {result.trial.counterexample}"
    assert result.trial.decided == result.trial.examples >= 10
    assert result.controls, f"{claim.id} has no planted fault, so nothing shows that its check can fail"
    for control in result.controls:
        assert control.rejected, f"{claim.id}: the check accepted the fault '{control.mutation}'"


def find_faults(claim):
    """Seeds are cheap where a fault is met at once: a fault that few draws meet belongs among the extremal cases."""
    for seed in range(100, 103):
        result = run_claim(claim, max_examples=1, seed=seed)
        assert result.confirmed, [(c.mutation, c.trial.reason) for c in result.controls if not c.rejected] or result.trial
        assert max(control.trial.examples for control in result.controls) <= 150
