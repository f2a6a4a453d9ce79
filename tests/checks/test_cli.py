"""The dispatcher: help, version, one line for every error, and nothing loaded that is not needed."""

import json
import os
import subprocess
import sys

import pytest

import steinlab
from steinlab.checks import cli
from steinlab.theory.errors import InputError


def run(capsys, *argv):
    try:
        status = cli.main(list(argv))
    except SystemExit as stop:
        status = stop.code
    out, err = capsys.readouterr()
    return status, out, err


def test_version_and_help(capsys):
    assert run(capsys, "--version") == (0, f"steinlab {steinlab.__version__}\n", "")
    status, out, err = run(capsys, "--help")
    assert (status, err) == (0, "")
    for command in cli.COMMANDS:
        assert command in out
    assert 'example: steinlab check "' in out


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help_with_an_example_of_itself(capsys, command):
    status, out, err = run(capsys, command, "--help")
    assert (status, err) == (0, "")
    example = " ".join(out.split()).partition("example: ")[2]
    assert example.startswith(f"steinlab {command} ")
    assert out.startswith(f"usage: steinlab {command}")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "COMMAND"),
        (["chek", "z1"], "invalid choice: 'chek'"),
        (["check"], "required: TARGET"),
        (["check", "z1", "--nope"], "unrecognized arguments: --nope"),
        (["train", "tanh(z1)", "--m", "50"], "unrecognized arguments: --m 50"),
        (["check", "z1", "two\nlines"], "unrecognized arguments: two lines"),
        (["--nope"], "COMMAND"),
    ],
)
def test_usage_errors_are_one_line(capsys, argv, said):
    status, out, err = run(capsys, *argv)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert "--help" in err


NEGATIVE = [
    "-z1",
    "-z1**2+z2",
    "-z1**2 + z2",
    "--z1",
    "- z1",
    "-(z1+z2)",
    "-1/2*z1",
    "-.5*z1",
    "-max(z1,z2)",
    "-max(z1, z2)",
    "-pi*z1",
    "-gelu(z1)",
]


@pytest.mark.parametrize("target", NEGATIVE)
def test_a_target_may_start_with_a_minus_sign(capsys, target):
    expected = run(capsys, "check", "--json", f"({target})")
    for argv in (
        [target, "--json"],
        ["--json", target],
        ["--json", "--", target],
        ["--theorem", "damian.theorem1", target, "--json"],
    ):
        status, out, err = run(capsys, "check", *argv)
        assert (status, err) == (expected[0], "")
        read, wanted = json.loads(out), json.loads(expected[1])
        assert read["target"].pop("link") == target
        assert wanted["target"].pop("link") == f"({target})"
        assert read == wanted


@pytest.mark.parametrize(
    "argv",
    [
        ["train", "-z1", "-n", "100", "-d", "3", "-m", "4", "--holdout", "50", "--test", "50"],
        ["train", "-n100", "-d3", "-m4", "--holdout", "50", "--test=50", "-min(z1,z2)"],
        ["train", "z1", "--transfer", "-z1", "-n", "100", "-d", "3", "-m", "4", "--holdout", "50", "--test", "50"],
        ["csq", "-z1", "-d", "10"],
        ["csq", "-d", "10", "-He(3,z1)"],
    ],
)
def test_also_for_the_other_commands(capsys, argv):
    status, _, err = run(capsys, *argv)
    assert (status, err) == (0, "")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["check", "-x1"], "write z1"),
        (["check", "-e**z1"], "write exp(u)"),
        (["check", "-1"], "'-1' does not depend on x"),
        (["check", "-foo(z1)"], "unknown function 'foo'"),
        (["check", "--theorem", "-z1"], "expected one argument"),
        (["train", "z1", "-n", "-5"], "n = -5"),
        (["train", "z1", "--noise", "-z1"], "expected one argument"),
        (["csq", "--degree", "-2", "-d", "10"], "--degree -2"),
        (["rates", "-1"], "no study was named|unrecognized|required|cannot read"),
    ],
)
def test_what_else_starts_with_a_minus_sign_is_refused_on_one_line(capsys, argv, said):
    status, out, err = run(capsys, *argv)
    assert (status, out) == (2, "")
    assert any(part in err for part in said.split("|"))
    assert err.count("\n") == 1


@pytest.fixture
def failing(monkeypatch):
    """Make `steinlab check` raise what it is told to."""

    def plant(error):
        def run(_args):
            raise error

        monkeypatch.setattr("steinlab.checks.commands.check.run", run)

    return plant


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (InputError("a\nb  c"), 2, "steinlab check: a b c\n"),
        (KeyboardInterrupt(), 130, "steinlab: interrupted\n"),
        (OSError(28, "No space left on device", "out\nput.db"), 2, "steinlab check: No space left on device: out put.db\n"),
        (OSError("odd"), 2, "steinlab check: odd\n"),
        (MemoryError(), 2, "steinlab check: out of memory: use smaller sizes\n"),
    ],
)
def test_errors_become_one_line_and_a_status(capsys, failing, error, status, line):
    failing(error)
    assert run(capsys, "check", "z1") == (status, "", line)


def test_a_bug_is_not_hidden(failing):
    failing(ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        cli.main(["check", "z1"])


def test_a_reader_that_goes_away_is_no_error():
    """`steinlab check ... | head -1`: no traceback, nothing on standard error."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "steinlab", "check", "--json", "z1*z2"], stdout=write, stderr=subprocess.PIPE, timeout=60
        )
    finally:
        os.close(write)
    assert done.stderr == b""
    assert done.returncode != 0


def test_a_full_disk_is_one_line():
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this system")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "steinlab", "check", "z1*z2"], stdout=full, stderr=subprocess.PIPE, timeout=60, text=True
        )
    assert done.returncode == 2
    assert done.stderr == "steinlab check: No space left on device\n"


HEAVY = ("numpy", "scipy", "sympy", "matplotlib", "hypothesis", "jinja2", "mpmath", "sklearn", "pandas", "tqdm", "threadpoolctl")
SPY = """
import json, sys
from steinlab.checks.cli import main
try:
    status = main(sys.argv[1:])
except SystemExit as stop:
    status = stop.code
sys.stderr.write(json.dumps([status, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.mark.parametrize(
    ("argv", "status"),
    [
        (["check", "He(2,z1)/2 + He(4,z1)/24 + z2"], 1),
        (["check", "--json", "He(2,z1)/2 + He(4,z1)/sqrt(48)"], 0),
        (["check", "z1*z2 + z3*z1/3 + z2**2"], 0),
        (["--help"], 0),
        (["check", "--help"], 0),
    ],
)
def test_nothing_heavy_is_imported(argv, status):
    done = subprocess.run([sys.executable, "-c", SPY, *argv], capture_output=True, text=True, timeout=60, check=True)
    got, modules = json.loads(done.stderr)
    assert got == status
    assert set(modules) & set(HEAVY) == set()
    assert "steinlab" in modules


def test_import_steinlab_is_light():
    code = "import sys, steinlab; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert set(done.stdout.split()) & set(HEAVY) == set()
