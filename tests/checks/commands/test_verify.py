"""`steinlab verify`: exit statuses, the JSON record, and what goes to which stream."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import strategies as st

from steinlab.checks import cli
from steinlab.checks.claims import registry
from steinlab.checks.claims.claim import Fault, failed, undecided
from steinlab.theory.statements.tensors import chi_moment

FAST = ["damian.corollary11", "damian.lemma25"]


def verify(capsys, *arguments):
    status = cli.main(["verify", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def without_times(text):
    record = json.loads(text)
    for claim in record["claims"]:
        assert claim.pop("seconds") >= 0
    return record


def test_text_for_people(capsys):
    status, out, err = verify(capsys, *FAST)
    assert status == 0
    assert [line.split()[:2] for line in out.splitlines()[2:4]] == [["damian.lemma25", "holds"], ["damian.corollary11", "holds"]]
    assert "2 of 2 claims confirmed" in out
    assert "[1/2] damian.lemma25 holds" in err
    assert "[" not in out


def test_json_record(capsys):
    status, out, _ = verify(capsys, "--json", "--max-examples", "30", "--seed", "7", *FAST)
    record = json.loads(out)
    assert status == 0
    assert (record["schema"], record["seed"], record["max_examples"]) == ("steinlab/ledger/1", 7, 30)
    assert [claim["id"] for claim in record["claims"]] == ["damian.lemma25", "damian.corollary11"]
    for claim in record["claims"]:
        assert {"statement", "source", "method", "verdict", "evidence", "control", "seconds"} <= claim.keys()
        assert claim["verdict"] == "holds"
        assert claim["evidence"] == "exact"
        assert claim["control"]["rejected"] is True
        assert claim["control"]["mutation"] == claim["controls"][0]["mutation"]
        assert claim["examples"] == claim["decided"] > 0


def test_same_seed_same_output(capsys):
    once = verify(capsys, "--json", "--max-examples", "30", "--seed", "3", "damian.lemma23")[1]
    again = verify(capsys, "--json", "--max-examples", "30", "--seed", "3", "damian.lemma23")[1]
    other = verify(capsys, "--json", "--max-examples", "30", "--seed", "4", "damian.lemma23")[1]
    assert without_times(once) == without_times(again)
    assert without_times(once) != without_times(other)  # the faults fail on other cases
    assert verify(capsys, *FAST)[1] == verify(capsys, *FAST)[1]


def test_list_runs_nothing(capsys):
    status, out, err = verify(capsys, "--list", "damian.*")
    assert (status, err) == (0, "")
    assert "damian.gradient_expansion" in out
    assert "printed" in out
    assert "gaussian.heat_operator" not in out
    status, out, _ = verify(capsys, "--list", "--json")
    record = json.loads(out)
    assert status == 0
    assert [claim["id"] for claim in record["claims"]] == [claim.id for claim in registry.LEDGER]


@pytest.mark.parametrize(
    "arguments",
    [["nothing.like.it"], ["damian.lemma5", "nothing"], ["--max-examples", "0"], ["--list", "nothing"]],
)
def test_bad_input_is_one_line_and_status_2(capsys, arguments):
    status, out, err = verify(capsys, *arguments)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"check": lambda subject, case: failed("wrong on purpose")}, "wrong on purpose"),
        ({"check": lambda subject, case: undecided("too wide on purpose")}, "too wide on purpose"),
        ({"cases": st.nothing}, "no case was run"),
        ({"cases": lambda: st.integers().filter(lambda n: False)}, "no case was run"),
        ({"faults": (Fault("changes nothing", chi_moment),)}, "not rejected: changes nothing"),
        ({"faults": ()}, "no fault is planted"),
    ],
    ids=["fails", "undecided", "empty", "vacuous", "control", "no-control"],
)
def test_anything_unconfirmed_is_status_1_and_explained(capsys, monkeypatch, changes, expected):
    (good,) = registry.select(["damian.lemma25"])
    bad = replace(good, id="test.bad", **changes)
    monkeypatch.setattr(registry, "LEDGER", (good, bad))
    status, out, _ = verify(capsys)
    assert status == 1
    assert expected in out
    assert "1 of 2 claims confirmed" in out
    status, out, _ = verify(capsys, "--json")
    record = {claim["id"]: claim for claim in json.loads(out)["claims"]}["test.bad"]
    assert status == 1
    assert record["verdict"] != "holds" or record["control"]["rejected"] is False


def test_the_default_run_leaves_nothing_in_the_working_directory(tmp_path):
    command = [sys.executable, "-m", "steinlab", "verify", "--max-examples", "5", "damian.lemma25"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert list(tmp_path.iterdir()) == []
