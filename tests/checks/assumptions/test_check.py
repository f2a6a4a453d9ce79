"""`check` with and without a training: hypotheses on it and recommendations, the exit status, what is refused."""

import json
import math

import pytest

from steinlab.checks.assumptions.check import check
from steinlab.checks.cli import main
from steinlab.checks.papers import THEOREMS
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Verdict


def run(capsys, *argv):
    status = main(["check", *argv])
    out, err = capsys.readouterr()
    return status, out, err


def test_the_assumptions_asked_for_are_those_of_the_theorems():
    for id, theorem in THEOREMS.items():
        if theorem.training is not None:
            asked = [a.id for a in theorem.assumptions if a.id != "mousavi.weight_decay"]
            assert sorted(f.id for f in check("z1*z2", id).required) == sorted(asked)


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        ([], Verdict.HOLDS),
        (["--biases", "0"], Verdict.FAILS),
        (["--biases", "normal"], Verdict.FAILS),
        (["--loss", "squared"], Verdict.FAILS),
        (["--loss", "logistic"], Verdict.HOLDS),  # labels are signs
        (["--activation", "tanh", "--loss", "squared"], Verdict.HOLDS),
        (["--activation", "softplus", "--loss", "squared"], Verdict.FAILS),
        (["--weight-decay", "0.0001"], Verdict.FAILS),
        (["--weight-decay", "0.001"], Verdict.HOLDS),
        (["--weight-decay", "0.001", "-m", "100"], Verdict.FAILS),
    ],
)
def test_the_exit_status_is_that_of_the_hypotheses(capsys, arguments, verdict):
    status, out, err = run(capsys, "tanh(z1)", "--theorem", "mousavi.subspace_convergence", *arguments, "--json")
    assert err == ""
    assert json.loads(out)["verdict"] == verdict.value
    assert status == (0 if verdict is Verdict.HOLDS else 1)


def test_the_recommendation_reaches_the_tolerance_by_the_recursion(capsys):
    """The recursion (s+1)² A' = s² A + 4 C d/γ² per width, iterated by hand from ‖W_⊥‖² = m (d-k)/d."""
    _, out, _ = run(
        *(capsys, "tanh(z1)", "--theorem", "mousavi.subspace_convergence", "--json"),
        *("-d", "30", "-m", "40", "--tolerance", "0.3", "--gamma", "1/2"),
    )
    plan = json.loads(out)["recommendation"]
    assert plan["weight_decay"] * 40 == pytest.approx(plan["gamma_0"] + 0.5, rel=1e-6)
    value, s = 29 / 30, plan["t_star"]
    for _ in range(plan["steps"]):
        value = (s**2 * value + 4 * 29 / 0.5**2) / (s + 1) ** 2
        s += 1
    assert math.sqrt(value) == pytest.approx(0.3, rel=1e-3)
    assert any("derived" in note for note in plan["notes"])
    assert any("unknown" in note for note in plan["notes"])


def test_nothing_is_recommended_where_a_hypothesis_fails(capsys):
    status, out, _ = run(capsys, "z1", "--theorem", "mousavi.generalisation", "--loss", "squared")
    assert status == 1
    assert "no recommendation: mousavi.loss fails" in " ".join(out.split())


def test_text_shows_hypotheses_and_recommendation(capsys):
    status, out, err = run(capsys, "tanh(z1)", "--theorem", "mousavi.generalisation", "--activation", "tanh", "--full")
    assert (status, err) == (0, "")
    for part in ("mousavi.lipschitz_loss", "(mousavi.bounded_loss)", "Recommended for ‖W_⊥‖_F/√m <= 0.1", "t* = "):
        assert part in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["z1", "--activation", "tanh"], "--activation is for --theorem mousavi.single_index"),
        (["z1", "-d", "5"], "-d is for --theorem"),
        (["z1", "--theorem", "mousavi.generalisation", "--activation", "gelu"], "gelu"),
        (["z1", "--theorem", "mousavi.generalisation", "--loss", "hinge"], "hinge"),
        (["z1", "--theorem", "mousavi.generalisation", "--biases", "uniform(2, 1)"], "wrong order"),
        (["z1*z2", "--theorem", "mousavi.generalisation", "-d", "1"], "k = 2 directions in d = 1"),
        (["z1", "--theorem", "mousavi.generalisation", "--tolerance", "0"], "tolerance"),
        (["z1", "--theorem", "mousavi.generalisation", "--tolerance", "x"], "'x'"),
        (["z1", "--theorem", "mousavi.generalisation", "-m", "0"], "width"),
        (["z1", "--theorem", "mousavi.generalisation", "--gamma", "-1"], "γ"),
        (["z1", "--theorem", "mousavi.generalisation", "--weight-decay", "-1"], "weight decay is -1"),
    ],
)
def test_bad_input_is_one_line(capsys, arguments, message):
    status, out, err = run(capsys, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_the_library_refuses_what_the_theorem_does_not_ask_for():
    with pytest.raises(InputError, match="asked for by"):
        check("z1", activation="relu")
    with pytest.raises(InputError, match="no 'colour'"):
        check("z1", "mousavi.generalisation", colour="red")


@pytest.mark.parametrize("arguments", [["--loss", "huber(1e400)"], ["--biases", "1e-400"], ["--gamma", "1e400"]])
def test_numbers_beyond_floats_are_refused_in_one_line(capsys, arguments):
    status, out, err = run(capsys, "z1", "--theorem", "mousavi.subspace_convergence", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "1e308" in err


def test_no_advice_is_given_on_what_was_not_asked_for(capsys):
    assert "What to try" not in run(capsys, "tanh(z1)", "--theorem", "mousavi.single_index", "--full")[1]
    assert "What to try" in run(capsys, "tanh(z1)", "--full")[1]


def test_the_single_index_result_is_for_monotone_targets_and_relu_students(capsys):
    theorem = ["--theorem", "mousavi.single_index"]
    assert run(capsys, "tanh(z1)", *theorem)[0] == 0
    assert run(capsys, "tanh(z1)", *theorem, "--activation", "tanh")[0] == 1
    assert run(capsys, "tanh(z1)", *theorem, "--biases", "0")[0] == 1
    assert run(capsys, "z1**2", *theorem)[0] == 1
    assert "Recommended" in run(capsys, "z1 + z1**3", *theorem)[1]
