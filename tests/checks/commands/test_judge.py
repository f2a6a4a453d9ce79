"""`steinlab judge`: verdict, exit status, JSON, page, and bad input in one line."""

import json

import numpy as np
import pytest

from steinlab import judge_rate, judge_threshold
from steinlab.checks import cli
from steinlab.checks.commands import judge as command

SIZES = np.repeat([100.0, 200, 400, 800, 1600], 6)
SEEDS = np.tile(np.arange(6), 5)
VALUES = SIZES**-0.5 * np.exp(0.1 * np.random.default_rng(3).standard_normal(30))


@pytest.fixture
def runs(tmp_path):
    path = tmp_path / "runs.csv"
    rows = [f"{seed},{value!r},{size}" for seed, value, size in zip(SEEDS, VALUES.tolist(), SIZES, strict=True)]
    path.write_text("\n".join(["seed,value,x", *rows]))
    return str(path)


def answer(capsys, *arguments):
    status = cli.main(["judge", *map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    assert err == ""
    return status, json.loads(out)


def test_the_command_says_what_the_library_says(runs, capsys):
    flags = (
        "--predicted",
        "-1/2",
        "--rival",
        "-1",
        "--rival",
        "0",
        "--window",
        100,
        800,
        "--family",
        3,
        "--estimand",
        "geometric",
    )
    status, record = answer(capsys, runs, *flags)
    found = judge_rate(SIZES, VALUES, SEEDS, predicted=-0.5, rivals=(-1, 0), window=(100, 800), family=3, estimand="geometric")
    assert (status, record["verdict"], record["estimand"]) == (0, "holds", "geometric")
    assert (record["measured"], record["reason"]) == (found.measured, found.reason)
    assert tuple(record["interval"]) == found.interval


@pytest.mark.parametrize(
    ("flags", "status", "verdict"),
    [
        (("--predicted", "-0.5", "--rival=-1", "--rival=0"), 0, "holds"),
        (("--predicted=-1", "--direction", "upper"), 1, "fails"),
        (("--predicted", "-1", "--direction", "lower"), 0, "holds"),
        (
            (
                "--predicted",
                "-5e-1",
            ),
            1,
            "undecided",
        ),
    ],
)
def test_the_exit_status_is_the_verdict(runs, capsys, flags, status, verdict):
    found, record = answer(capsys, runs, *flags)
    assert (found, record["verdict"]) == (status, verdict)


def test_a_hidden_logarithm_is_asked_for(tmp_path, capsys):
    path = tmp_path / "log.csv"
    bent = VALUES * np.log(SIZES)
    path.write_text("x,seed,value\n" + "\n".join(f"{x},{s},{v}" for x, s, v in zip(SIZES, SEEDS, bent, strict=True)))
    flags = ("--predicted", "-1/2", "--direction", "upper", "--rival", "0")
    reasons = [answer(capsys, path, *flags, *more)[1]["reason"] for more in ((), ("--log",))]
    assert "log x" not in reasons[0]
    assert "log x" in reasons[1]


def test_thresholds(tmp_path, capsys):
    d, n = (axis.ravel() for axis in np.meshgrid([8.0, 16, 32, 64], [1.0, 2, 4, 8, 16]))
    d, n, seeds = np.tile(d, 4), np.tile(n * d, 4), np.repeat(np.arange(4), 20)
    y = d / n * np.exp(0.1 * np.random.default_rng(0).standard_normal(80))
    path = tmp_path / "t.csv"
    path.write_text(
        "n,d,value,seed\n" + "\n".join(f"{b},{a},{v!r},{s}" for a, b, v, s in zip(d, n, y.tolist(), seeds, strict=True))
    )
    status, record = answer(capsys, path, "--threshold", "1/4", "--predicted", 1, "--direction", "upper", "--rival", "3/2")
    found = judge_threshold(d, n, y, seeds, level=0.25, predicted=1, direction="upper", rivals=(1.5,))
    assert (status, record["verdict"], record["level"]) == (0, "holds", 0.25)
    assert tuple(record["interval"]) == pytest.approx(found.interval)


def test_text_and_page(runs, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert cli.main(["judge", runs, "--predicted", "-1/2", "--rival", "0", "--html", str(page)]) == 0
    assert "verdict         holds" in capsys.readouterr().out
    assert "<svg" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((), "--predicted"),
        (("--predicted", "x"), "--predicted"),
        (("--predicted", "-1/2", "--rival", "-1/2"), "rivals contains the prediction"),
        (("--predicted", "0", "--direction", "up"), "--direction"),
        (("--predicted", "0", "--window", "9", "3"), "window is 9 to 3"),
        (("--predicted", "0", "--family", "0"), "family is 0"),
        (("--predicted", "0", "--threshold", "1"), "expected a header with d, n, seed, value"),
        (("--predicted", "0", "--html", ""), "--html is empty"),
    ],
)
def test_bad_input_is_one_line(runs, capsys, flags, words):
    try:
        status = cli.main(["judge", runs, *flags])
    except SystemExit as ended:
        status = ended.code
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert cli.main(["judge", str(tmp_path / "no.csv"), "--predicted", "1"]) == 2
    assert "no.csv" in capsys.readouterr().err


def test_the_example_is_a_command():
    assert command.EXAMPLE.startswith("steinlab judge")
