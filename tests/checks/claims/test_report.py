"""What is said of results: missed faults before anything else, no times in the text, failures with their case."""

from dataclasses import replace

import pytest

from steinlab.checks.claims.claim import Fault, failed
from steinlab.checks.claims.registry import select
from steinlab.checks.claims.report import catalogue, description, record, status, table
from steinlab.checks.claims.runner import run_claim

(CLAIM,) = select(["damian.lemma25"])


def run(**changes):
    return run_claim(replace(CLAIM, **changes), max_examples=5, seed=0)


def test_a_confirmed_claim():
    result = run()
    assert status(result) == "holds"
    assert record(result)["control"] == {"mutation": CLAIM.faults[0].mutation, "rejected": True}
    assert description(CLAIM).items() <= record(result).items()
    assert table([result]).endswith("1 of 1 claims confirmed: held on every case drawn, every planted fault rejected.")
    assert table([result]) == table([replace(result, seconds=99.0)])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"faults": ()}, "no fault is planted, so nothing shows that the check can fail"),
        ({"faults": (Fault("nothing changed", CLAIM.subject),)}, "not rejected: nothing changed"),
        ({"check": lambda subject, case: failed("it is wrong")}, "it is wrong"),
    ],
)
def test_what_is_wrong_stands_below_the_table(changes, said):
    result = run(**changes)
    text = table([result])
    assert said in text
    assert CLAIM.statement in text
    assert "0 of 1 claims confirmed" in text


def test_a_missed_fault_is_named_in_the_record():
    result = run(faults=(*CLAIM.faults, Fault("nothing changed", CLAIM.subject)))
    assert status(result) == "holds, but 1 planted fault(s) not rejected"
    assert record(result)["control"] == {"mutation": "nothing changed", "rejected": False}


def test_the_catalogue_names_id_statement_and_source():
    assert catalogue([CLAIM]).splitlines()[0] == "damian.lemma25"
    assert CLAIM.statement in catalogue([CLAIM])
    assert str(CLAIM.source) in catalogue([CLAIM])
