"""The ledger: ids, words, and its selection by glob; importing it is cheap."""

import re
import subprocess
import sys

import pytest
from ledger import section

from steinlab.checks.claims.registry import LEDGER, select
from steinlab.theory.errors import InputError

REQUIRED = """
damian.lemma5 damian.lemma9 damian.lemma21 damian.lemma22 damian.lemma23 damian.lemma25 damian.lemma26 damian.corollary3
damian.corollary10 damian.corollary11 damian.gradient_expansion damian.hermite_correlation damian.kappa
"""


def test_ids_are_unique_and_well_formed():
    ids = [claim.id for claim in LEDGER]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if not re.fullmatch(r"[a-z]+\.[a-z0-9_]+", i)] == []
    assert set(REQUIRED.split()) <= set(ids)


@section(LEDGER)
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
