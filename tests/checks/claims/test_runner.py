"""The runner on claims that are wrong on purpose: each must end in anything but a pass."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from steinlab.checks.claims.claim import (
    HOLDS,
    Claim,
    Fault,
    Source,
    equal,
    every,
    failed,
    undecided,
)
from steinlab.checks.claims.runner import run_claim, show
from steinlab.theory.verdicts import Evidence, Verdict

SQUARE = Claim(
    id="test.square",
    statement="n · n = n²",
    hypotheses="n an integer",
    source=Source("this test", "line 1"),
    direction="identity",
    method="integers",
    evidence=Evidence.EXACT,
    subject=lambda n: n * n,
    cases=lambda: st.integers(0, 1000),
    check=lambda subject, n: equal("n²", subject(n), n**2),
    faults=(Fault("2n", lambda n: 2 * n),),
)


def run(**changes):
    return run_claim(replace(SQUARE, **changes), max_examples=100, seed=0)


def test_a_true_claim_is_confirmed():
    result = run()
    assert result.trial.verdict is Verdict.HOLDS
    assert result.trial.examples == result.trial.decided == 100
    assert [c.rejected for c in result.controls] == [True]
    assert result.confirmed


def test_a_false_claim_fails_with_the_smallest_case():
    result = run(subject=lambda n: n * n if n < 10 else 0)
    assert result.trial.verdict is Verdict.FAILS
    assert result.trial.counterexample == "10"
    assert "expected 100" in result.trial.reason
    assert not result.confirmed


@pytest.mark.parametrize(
    "changes",
    [
        {"check": lambda subject, n: undecided("too wide")},
        {"check": lambda subject, n: undecided("too wide") if n > 500 else HOLDS},
        {"check": lambda subject, n: every([])},
        {"check": lambda subject, n: 1 / 0},
        {"check": lambda subject, n: equal("n²", float(subject(n)), n**2)},
        {"cases": st.nothing},
        {"cases": lambda: st.integers().filter(lambda n: False)},
        {"check": lambda subject, n: assume(False)},
        {"cases": lambda: 1 / 0},
    ],
    ids=["undecided", "sometimes", "empty", "crash", "float", "nothing", "filtered", "assumed", "no-strategy"],
)
def test_whatever_is_not_decided_is_undecided(changes):
    result = run(**changes)
    assert result.trial.verdict is Verdict.UNDECIDED
    assert result.trial.reason
    assert not result.confirmed


def test_undecided_cases_are_counted_and_shown():
    result = run(check=lambda subject, n: undecided("too wide") if n % 2 else HOLDS)
    assert 0 < result.trial.decided < result.trial.examples == 100
    assert int(result.trial.counterexample) % 2 == 1


def test_a_failure_outweighs_an_undecided_case():
    result = run(check=lambda subject, n: undecided("too wide") if n < 500 else failed("wrong"))
    assert result.trial.verdict is Verdict.FAILS


def test_a_fault_that_passes_is_reported():
    result = run(faults=(Fault("nothing changed", lambda n: n * n), Fault("2n", lambda n: 2 * n)))
    assert [c.rejected for c in result.controls] == [False, True]
    assert not result.confirmed


def test_a_fault_that_crashes_is_not_rejected():
    result = run(faults=(Fault("raises", lambda n: 1 // 0),))
    assert not result.controls[0].rejected
    assert not result.confirmed


def test_a_claim_without_faults_is_not_confirmed():
    assert not run(faults=()).confirmed


def test_cases_are_a_function_of_id_and_seed():
    def drawn(seed, claim_id="test.square"):
        seen = []
        recording = replace(SQUARE, id=claim_id, check=lambda subject, n: seen.append(n) or HOLDS)
        run_claim(replace(recording, faults=()), max_examples=50, seed=seed)
        return seen

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)
    assert drawn(0) != drawn(0, "test.other")


def test_cases_are_shown_on_one_short_line():
    assert show({(1, 0): Fraction(1, 2)}) == "{(1, 0): 1/2}"
    assert show([Fraction(3), (1,)]) == "(3, (1,))"
    assert len(show(list(range(10_000)))) <= 400


def test_a_fault_that_one_case_in_hundreds_shows_is_found_with_one_example():
    rare = Fault("wrong at multiples of 97", lambda n: n * n + (n % 97 == 0 < n))
    for seed in range(5):
        result = run_claim(replace(SQUARE, faults=(rare,)), max_examples=1, seed=seed)
        assert result.trial.examples == 1
        assert result.controls[0].rejected


def test_an_extremal_case_rejects_what_no_draw_meets():
    never = Fault("wrong at a million", lambda n: n * n + (n == 10**6))
    assert not run(faults=(never,)).controls[0].rejected
    assert run(faults=(never,), extremal=lambda: (10**6,)).controls[0].rejected
    result = run(subject=never.subject, extremal=lambda: (10**6,))
    assert result.trial.verdict is Verdict.FAILS
    assert (result.trial.counterexample, result.trial.examples) == ("1000000", 1)
