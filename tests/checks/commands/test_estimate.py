"""`steinlab estimate`: text, JSON, page, and bad input in one line."""

import io
import json

import numpy as np
import pytest

import steinlab
from steinlab.checks import cli
from steinlab.checks.commands import estimate as command

RNG = np.random.default_rng(1)
X = RNG.standard_normal((500, 4))
Y = X[:, 0] * X[:, 1] + 0.5 * RNG.standard_normal(500)


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, X=X, y=Y)
    return str(path)


def test_json_is_that_of_the_library(data, capsys):
    assert cli.main(["estimate", data, "--json", "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == json.loads(steinlab.estimate(X, Y, seed=3).to_json())
    assert err == ""


def test_text_and_page(data, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert cli.main(["estimate", data, "--html", str(page)]) == 0
    assert capsys.readouterr().out == steinlab.estimate(X, Y).to_text() + "\n"
    assert page.read_text("utf-8") == steinlab.estimate(X, Y).to_html()


def test_a_csv_says_the_same(data, tmp_path, capsys):
    np.savetxt(tmp_path / "data.csv", np.c_[X, Y], delimiter=",", fmt="%.17g", header="a,b,c,d,y", comments="")
    assert cli.main(["estimate", str(tmp_path / "data.csv"), "--json"]) == 0
    first = capsys.readouterr().out
    cli.main(["estimate", data, "--json"])
    assert capsys.readouterr().out == first


def test_whitening_is_asked_for(tmp_path, capsys):
    np.savez(tmp_path / "wide.npz", X=5 * X, y=Y)
    assert cli.main(["estimate", str(tmp_path / "wide.npz")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "clearly not standard normal" in err
    assert "whiten" in err
    assert cli.main(["estimate", str(tmp_path / "wide.npz"), "--whiten"]) == 0
    assert "500 samples in dimension 4, whitened" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.npz"], "No such file"),
        (["data.txt2"], "give an .npz file"),
        (["DATA", "--html", ""], "--html is empty"),
        (["DATA", "--html", "DATA"], "is the data itself"),
        (["DATA", "--seed", "x"], "--seed is 'x'"),
        ([], "FILE"),
    ],
)
def test_bad_input_is_one_line(arguments, words, data, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    try:
        status = cli.main(["estimate", *(data if word == "DATA" else word for word in arguments)])
    except SystemExit as stop:
        status = stop.code
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_progress_is_a_line_for_a_tenth_after_five_seconds(monkeypatch):
    clock, told = [0.0], io.StringIO()
    monkeypatch.setattr(command.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(command.sys, "stderr", told)
    progress = command._Progress()
    for second, share in ((1, 20), (6, 15), (7, 10), (12, 1), (30, 50), (40, 90)):
        clock[0] = second
        progress(share, 100)
    progress.close()
    assert told.getvalue() == "estimating: 30% done\nestimating: 40% done\nestimating: 90% done\n"
