import json
import math
import subprocess
import sys

import pytest

from steinlab.checks.cli import main
from steinlab.checks.commands import train as command
from steinlab.numerics import registry
from steinlab.numerics.population import loss_risk

METHODS = registry.methods(online=False)
ONLINE_METHODS = registry.methods(online=True)
TARGET = "He(2,z1)/2 + He(4,z1)/sqrt(48)"
QUICK_ONLINE = ["-n", "200", "-d", "4", "-m", "8", "--test", "1000"]
QUICK = [*QUICK_ONLINE, "--holdout", "300"]


def run(capsys, *arguments):
    status = main(["train", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_methods_offered_are_those_that_exist():
    assert command.METHODS is registry.METHODS
    assert set(METHODS + ONLINE_METHODS) == set(registry.METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_json_has_the_fields_that_programs_rely_on(capsys, method):
    status, out, err = run(capsys, TARGET, "--method", method, *QUICK, "--noise", "0.5", "--seed", "3", "--json")
    assert (status, err) == (0, "")
    result = json.loads(out)
    assert result["schema"] == "steinlab/train/1"
    assert (result["method"], result["n"], result["d"], result["m"], result["seed"]) == (method, 200, 4, 8, 3)
    assert 0 < result["excess_risk"] < 5
    assert 0 < result["alignment"] <= 1
    assert result["seconds"] > 0
    assert 20 < result["peak_memory_mb"] < 10_000
    assert result["settings"]["noise_scale"] == "1/2"
    assert (result["excess_risk_method"], result["excess_risk_standard_error"]) == ("closed form", 0)
    assert 0 < result["excess_risk_rounding_error"] < 1e-11


@pytest.mark.parametrize("method", ONLINE_METHODS)
def test_online_methods_have_them_too(capsys, method):
    status, out, err = run(capsys, "tanh(z1)", "--method", method, *QUICK_ONLINE, "--noise", "0.5", "--seed", "3", "--json")
    assert (status, err) == (0, "")
    result = json.loads(out)
    assert (result["schema"], result["method"], result["n"], result["seed"]) == ("steinlab/train/1", method, 200, 3)
    for name in ("excess_risk", "excess_loss", "alignment", "perpendicular", "norm", "seconds", "peak_memory_mb"):
        assert result[name] > 0
    assert result["settings"]["noise_scale"] == "1/2"
    assert result["settings"]["weight_decay"] > result["settings"]["gamma_0"] / 8


def test_a_lost_guarantee_is_a_warning_and_not_an_error(capsys):
    arguments = ["z1", "--method", "online-sgd", *QUICK_ONLINE, "--set", "weight_decay=0"]
    status, out, err = run(capsys, *arguments)
    assert status == 0
    assert "‖W_⊥‖_F/√m" in out
    assert err.startswith("warning: λ = 0 is not above the threshold")
    assert json.loads(run(capsys, *arguments, "--json")[1])["warnings"]


def test_text_of_online_sgd_names_what_was_measured(capsys):
    _, out, err = run(
        capsys, "z1", "--method", "online-sgd", *QUICK_ONLINE, "--set", "schedule=constant", "--set", "loss=logistic"
    )
    assert "constant step" in out
    assert "excess loss" not in out
    assert "the step size is constant" in err


@pytest.mark.parametrize("method", ["one-step", "single-index-sgd"])
def test_the_same_command_gives_the_same_result(capsys, method):
    first, again = (
        json.loads(run(capsys, TARGET, *(QUICK if method in METHODS else QUICK_ONLINE), "--method", method, "--json")[1])
        for _ in range(2)
    )
    for result in (first, again):
        del result["seconds"], result["peak_memory_mb"]
    assert first == again


def test_text_names_what_was_measured(capsys):
    status, out, _ = run(capsys, TARGET, *QUICK, "--noise", "1")
    assert status == 0
    for words in ("one-step on f*(x) = He(2,z1)/2", "n = 200, d = 4, m = 8, seed 0", "rademacher noise of scale 1"):
        assert words in out
    for words in ("excess squared risk", "excess absolute risk", "alignment", "chosen on 300 held-out samples"):
        assert words in out


@pytest.mark.parametrize(("widest", "how"), [(10_000, "closed form, rounding error about"), (4, "Monte Carlo")])
@pytest.mark.parametrize("method", METHODS)
def test_text_says_how_the_risk_was_computed(capsys, monkeypatch, method, widest, how):
    monkeypatch.setattr(loss_risk, "CLOSED_FORM_WIDTH", widest)
    _, out, _ = run(capsys, TARGET, *QUICK, "--method", method)
    squared, absolute = (next(line for line in out.splitlines() if word in line) for word in ("squared risk", "absolute risk"))
    assert how in squared
    assert (" ± " in squared) == (how == "Monte Carlo")
    assert " ± " in absolute


def test_settings_reach_the_method(capsys):
    settings = ["--set", "center=false", "--set", "step-size=2.5", "--set", "ridge=0.1", "--set", "head=gradient-descent"]
    result = json.loads(run(capsys, TARGET, *QUICK, *settings, "--json")[1])
    found = result["settings"]
    assert (found["center"], found["step_size"], found["ridge"], found["head"]) == (False, 2.5, 0.1, "gradient-descent")
    assert found["ridge_rule"] == "fixed"


def test_transfer_measures_the_second_target(capsys):
    status, out, _ = run(capsys, TARGET, *QUICK, "--transfer", "He(3,z1)", "--transfer-samples", "1e2")
    assert status == 0
    assert "head retrained on 100 samples of He(3,z1)" in out


def test_a_target_file_brings_its_noise_and_dimension(capsys, tmp_path):
    file = tmp_path / "target.toml"
    file.write_text('link = "z1**2"\ndirections = [[0,0,0,0,0,0,0,0,0,0,0,1]]\n[noise]\nkind = "gaussian"\nscale = 0.1\n')
    status, out, _ = run(capsys, str(file), "-n", "50", "--holdout", "50", "--test", "50", "--json")
    result = json.loads(out)
    assert (status, result["d"]) == (0, 12)
    assert (result["settings"]["noise_kind"], result["settings"]["noise_scale"]) == ("gaussian", "1/10")


def test_settings_are_listed_without_a_target(capsys):
    status, out, _ = run(capsys, "--method", "tangent-kernel", "--list-settings")
    assert status == 0
    assert "  include_head = true\n" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "TARGET is missing"),
        (["1"], "does not depend on x"),
        (["z1 +"], ""),
        (["z1", "-n", "0"], "n = 0"),
        (["z1", "--method", "online-sgd", "-n", "0"], "T = 0"),
        (["z1", "--method", "online-sgd", "--transfer", "z1"], "--transfer is for one-step"),
        (["z1", "--method", "online-sgd", "--holdout", "30"], "--holdout 30 chooses a penalty"),
        (["z1", "--method", "online-sgd", "--set", "biases=zero"], "ReLU bias"),
        (["z1*z2", "--method", "online-sgd", "-d", "1"], "d = 1 is too small"),
        (["z1", "-n", "-5"], "n = -5"),
        (["z1", "-n", "many"], "-n is 'many'"),
        (["z1", "-n", "1.5"], "-n is '1.5'"),
        (["z1", "-n", "inf"], "-n is 'inf'"),
        (["z1", "-n", "1e300"], "floating-point operations"),
        (["z1", "-m", "101"], "m = 101 is odd"),
        (["z1", "-m", "1e12"], "GiB of memory"),
        (["z5", "-d", "3"], "d = 3 is too small"),
        (["z1", "-d", "1e15"], "GiB of memory"),
        (["z1", "--noise", "-1"], "noise scale is -1"),
        (["z1", "--noise", "inf"], "noise scale"),
        (["z1", "--seed", "x"], "--seed is 'x'"),
        (["z1", "--method", "adam"], "invalid choice"),
        (["z1", "--set", "center"], "write KEY=VALUE"),
        (["z1", "--set", "center=maybe"], "center = 'maybe' is not a switch"),
        (["z1", "--set", "colour=red"], "no setting 'colour'"),
        (["z1", "--set", "ridge=1", "--set", "ridge=2"], "ridge twice"),
        (["z1", "--set", "ridge=nan"], "ridge = nan is out of range"),
        (["z1", "--transfer-samples", "5"], "without --transfer"),
        (["z1", "--transfer", "z2", "--method", "random-features"], "learns no features"),
        (["missing.toml"], "missing.toml"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, arguments, message):
    try:
        status, out, err = run(capsys, *arguments)
    except SystemExit as stop:  # argparse's own errors
        captured = capsys.readouterr()
        status, out, err = stop.code, captured.out, captured.err
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_memory_is_none_or_positive_and_numbers_are_read():
    assert command.peak_memory_mb() > 0
    assert command.whole_number("-n", "12_000") == 12_000
    assert command.parse_settings(["ridge = none", "biases=kept"]) == {"ridge": None, "biases": "kept"}
    assert math.isclose(command.parse_settings(["ridge=1e-3"])["ridge"], 1e-3)


def test_help_loads_no_numpy():
    code = (
        "import sys; from steinlab.checks.commands import train; import argparse;"
        "train.add_arguments(argparse.ArgumentParser()); print('numpy' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_a_network_is_named_by_its_neurons(capsys, tmp_path):
    path = tmp_path / "teacher.toml"
    path.write_text("[network]\nweights = [[1, 2], [1, -1]]\n", encoding="utf-8")
    assert main(["train", str(path), "-n", "200", "-d", "4", "-m", "10", "--test", "500", "--set", "ridge=1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("one-step on f*(x) = the sum of 2 neurons relu of 2 latent variables\n")
    assert "closed form" in out
