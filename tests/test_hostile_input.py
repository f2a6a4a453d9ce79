"""Whatever is typed or stands in a file: an answer, or exit 2 with one printable line, nothing on standard output or disk."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from steinlab.checks import cli
from steinlab.checks.studies.reading.load import load_study

ENDLESS = "9" * 5000
NUMBERS = [
    "nan",
    "inf",
    "-1",
    "0",
    "1e18",
    "1e308",
    "1e309",
    "1e400",
    "-1e400",
    "1e-400",
    "1e999999999",
    ENDLESS,
    "",
    " ",
    "x",
    "٣",
    "1_0",
    "\x00",
]


def run(*argv):
    """(status, standard output, standard error) of a command in this process; whatever else is raised is a failure."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = cli.main(list(argv))
        except SystemExit as stop:
            status = stop.code
    return status, out.getvalue(), err.getvalue()


def refused(*argv):
    """The line of a refusal; every file in the working directory is as it was."""
    before = sorted(os.listdir())
    start = time.process_time()
    status, out, err = run(*argv)
    assert (status, out) == (2, ""), (argv, out[:200], err[:200])
    assert err.count("\n") == 1
    assert err[:-1].isprintable()
    assert len(err) <= cli.MAX_MESSAGE + 1
    assert time.process_time() - start < 20
    assert sorted(os.listdir()) == before
    return err


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    """An empty working directory; and a sweep that starts is a failure, before it starts a process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("steinlab.checks.studies.running.sweep", lambda *_, **__: pytest.fail("a sweep was started"))


@pytest.mark.parametrize("workers", ["1e18", "1e308", "100000", "0", "-1"])
def test_workers_are_bounded_before_the_work_starts(workers):
    assert "--workers" in refused("rates", "damian-authors-code", "--workers", workers)


# -- the command line

COMMANDS = {
    ("check", "tanh(z1)", "--theorem", "mousavi.subspace_convergence"): {
        "-d": [], "-m": [], "--tolerance": ["1"], "--gamma": [], "--weight-decay": [],
        "--loss": ["huber(0)", "huber(nan)", f"huber({ENDLESS})", "huber(1e400)"],
        "--biases": ["uniform(1, 0)", "uniform(nan, 1)", f"uniform({ENDLESS}, 1)", "±"],
        "--activation": ["z2", "(" * 5000, "exp(z1)"],
    },
    ("train", "z1", "-n", "20", "-d", "2", "-m", "2", "--holdout", "10", "--test", "10"): {
        "-n": [], "-d": ["1e9"], "-m": ["1", "1e9"], "--seed": [], "--noise": [], "--holdout": [], "--test": [],
        "--set": ["a", "=", "x=1", f"center={ENDLESS}", "step_size=nan", "step_size=1e400", f"step_size={ENDLESS}", "ridge=-1"],
        "--transfer": ["z99", "1e78*z1)"], "--transfer-samples": ["5"],
    },
    ("train", "z1", "--method", "online-sgd", "-n", "20", "-d", "2", "-m", "2", "--test", "10"): {
        "-n": [], "-d": [], "-m": [], "--test": [], "--set": ["gamma=nan", "gamma=-1", f"gamma={ENDLESS}", "t_star=1e400"],
    },
    ("csq", "--degree", "4", "-d", "16"): {
        "-d": ["1e100"], "--degree": ["101"], "--queries": ["1e101"], "--seed": [],
        "--tolerance": ["1/2", "0.1"], "--vectors": ["5"], "--code-degree": ["2"], "-m": ["3"],
    },
    ("csq", "--degree", "4", "-d", "16", "--adversary"): {
        "--tolerance": ["1"], "-m": [], "--code-degree": ["2"], "--vectors": ["9"],
    },
    ("csq", "--degree", "4", "-d", "16", "--construction", "random"): {"--vectors": ["1"], "--tolerance": ["0.1"]},
    ("csq", "--degree", "4", "-d", "16", "--construction", "devore"): {"--code-degree": []},
    ("verify", "damian.lemma*", "--list"): {"--max-examples": ["1e6"], "--seed": []},
    ("rates", "damian-authors-code"): {"--workers": [], "--seed": []},
}  # fmt: skip
FINE = {
    "--seed": {"-1", "0", "1e18", "1e308", "1_0"},
    "--noise": {"0"},
    "--weight-decay": {"0", "1e309", "1e400"},
    "-n": {"1_0"},
    "-d": {"1_0"},
    "--test": {"1_0"},
}
CASES = [
    ([*command, flag, value], value in FINE.get(flag, ()))
    for command, flags in COMMANDS.items()
    for flag, values in flags.items()
    for value in dict.fromkeys([*values, *NUMBERS])
]
"""Bad values of every option that takes a number, and whether this one is not bad at all."""


@pytest.mark.parametrize(("argv", "fine"), CASES, ids=[ascii(" ".join(argv))[1:-1][-60:] for argv, _ in CASES])
def test_a_number_that_makes_no_sense_is_refused_or_answered(argv, fine):
    if argv[0] == "rates":  # no study is run here, whatever the number
        refused(*argv, "--set", "seeds=0")
        return
    status, out, err = run(*argv)
    if status == 2:
        assert not fine
        assert err[:-1].isprintable()
        assert out == ""
        assert err.count("\n") == 1
        assert len(err) <= cli.MAX_MESSAGE + 1
    else:
        assert status in (0, 1)
        assert fine or argv[-1] not in {"nan", "inf", "1e309", "1e400", "-1e400", "1e999999999", ENDLESS, "x", "\x00"}, argv


TARGETS = [
    "", " ", "\x00", "z1\x00", "\udcff", "z1\udcff", "(" * 5000 + "z1" + ")" * 5000, "[" * 5000, "-" * 30_000 + "z1",
    "z1" * 100_000,
    f"{ENDLESS}*z1", f"z{ENDLESS}", f"z1**{ENDLESS}", "1e1001*z1", "1e999999999*z1", "z1**1e18", "He(1e18, z1)", "z1\n;import os",
    "__import__('os').system('touch pwned')", "z1.__class__", "z1 if z1 else z1", "\x1b[2Jz1", "'" * 3, "\\", "z1\u202e",
    "missing.toml",
    ".toml", "~/.toml", "x\x00.toml", "z1" + "+z1" * 9000, "[z1 for z1 in z1]", "lambda: z1", "0*z1", "1e-400*z1", "1e151*z1",
]  # fmt: skip


@pytest.mark.parametrize("command", [("check",), ("train", "-n", "10"), ("csq", "-d", "10")], ids=" ".join)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: ascii(target)[1:25])
def test_a_hostile_target_is_refused(command, target):
    refused(command[0], target, *command[1:])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec=None), max_size=20))
@example("--\x00")
@example("-\ud800")
def test_any_text_for_a_target_is_answered_or_refused(text):
    status, out, err = run("check", text)
    assert status in (0, 1, 2)
    if status == 2:
        assert out == ""
        assert err[:-1].isprintable()
        assert err.count("\n") == 1


WORDS = st.sampled_from(
    ["check", "train", "csq", "rates", "verify", "z1", "-z1", "--json", "--", "-d", "-n", "2", "1e400", "nan",
     "--set", "x=", "a.b=1",
     "--theorem", "damian.theorem3", "--list", "--certificate", "nowhere/x", "--out", "", "--seed", "-1",
     "--degree", "\udcff", "--help"]
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WORDS, max_size=6).filter(lambda words: not {"rates", "verify"} & {*words} or "--list" in words))
@example(["rates", "--set"])
@example(["csq", "z1", "-d", ""])
def test_any_words_on_the_command_line_are_answered_or_refused(words):
    words = [*words, "-n", "2", "-m", "2", "--test", "2", "--holdout", "2"] if words[:1] == ["train"] else words
    status, out, err = run(*words)
    assert status in (0, 1, 2)
    if status == 2:
        assert out == ""
        assert err.count("\n") == 1


# -- files

FILES = {
    "empty": b"",
    "null byte": b'link = "z1\0"\n',
    "null escape": b'link = "z1\\u0000"\n',
    "terminal escapes": b'link = "z1\\u001b[2J"\n',
    "not UTF-8": b'link = "z1" # \xe9\n',
    "UTF-16": 'link = "z1"\n'.encode("utf-16"),
    "an endless integer": f'link = "z1"\ndirections = [[{ENDLESS}]]\n'.encode(),
    "an endless hexadecimal": f'link = "z1"\ndirections = [[0x{"f" * 20_000}]]\n'.encode(),
    "an endless exponent": f'link = "z1"\n[noise]\nscale = 1e{ENDLESS}\n'.encode(),
    "nested lists": b'link = "z1"\ndirections = ' + b"[" * 5000 + b"]" * 5000,
    "nested tables": b'link = "z1"\n' + b".".join([b"a"] * 3000) + b" = 1\n",
    "a nested link": b"link." + b".".join([b"a"] * 3000) + b" = 1\n",
    "a link that is a date": b"link = 1979-05-27\n",
    "a date that is none": b"link = 1979-02-31\n",
    "a link that is a number": b"link = 1e400\n",
    "a list for a link": b'link = ["z1"]\n',
    "nan directions": b'link = "z1"\ndirections = [[nan]]\n',
    "infinite noise": b'link = "z1"\n[noise]\nscale = inf\n',
    "a boolean direction": b'link = "z1"\ndirections = [[true]]\n',
    "ragged directions": b'link = "z1*z2"\ndirections = [[1], [1, 2]]\n',
    "no directions": b'link = "z1"\ndirections = []\n',
    "a table of directions": b'link = "z1"\n[directions]\nx = 1\n',
    "an unknown key": b'link = "z1"\n"\\u001b[2J" = 1\n',
    "an unknown law": b'link = "z1"\n[noise]\nkind = "\\u0000"\n',
    "noise that is a number": b'link = "z1"\nnoise = 1\n',
    "a name that is a list": b'link = "z1"\nname = [[[]]]\n',
    "two links": b'link = "z1"\nlink = "z2"\n',
    "code": b"link = \"__import__('os').system('touch pwned')\"\n",
    "large": b'link = "z1"\n' + b"#" * 1_000_001,
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
@pytest.mark.parametrize("command", [("check",), ("train", "-n", "10", "-d", "1e18"), ("csq", "-d", "10")], ids=lambda c: c[0])
def test_a_hostile_target_file_is_refused(content, command):
    Path("target.toml").write_bytes(content)
    refused(command[0], "target.toml", *command[1:])


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_hostile_study_file_is_refused(content):
    Path("study.toml").write_bytes(content)
    refused("rates", "study.toml", "--out", "out")


@pytest.mark.parametrize(
    "content", [b'\xef\xbb\xbflink = "z1"\n', b'link = "z1"\r\nname = "a"\r\n', b'link = """\r\nz1\r\n"""\r\n']
)
def test_byte_order_marks_and_line_ends_of_other_systems_are_read(content):
    Path("target.toml").write_bytes(content)
    status, out, err = run("check", "target.toml", "--json")
    assert (status, err) == (1, "")
    assert json.loads(out)["target"]["link"] == "z1"


def test_what_is_no_file_is_refused():
    Path("folder.toml").mkdir()
    os.mkfifo("pipe.toml")
    for name in ("folder.toml", "pipe.toml", "/dev/null/x.toml", "a" * 5000 + ".toml"):
        refused("check", name)
    for name in ("folder.toml", "pipe.toml", ".", "/dev/null", "a" * 5000 + ".toml", "nothing/here.toml"):
        refused("rates", name)


def test_a_file_that_may_not_be_read_is_refused():
    path = Path("target.toml")
    path.write_text('link = "z1"')
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    refused("check", str(path))
    refused("rates", str(path))


@pytest.mark.parametrize("directions", ["", "directions = [[1, 1], [0, 1]]\n"])
@pytest.mark.parametrize("method", ["one-step", "random-features", "tangent-kernel", "online-sgd", "single-index-sgd"])
@pytest.mark.parametrize("flag", ["-d", "-m", "-n", "--test"])
def test_sizes_are_bounded_before_the_work_starts(directions, method, flag):
    Path("target.toml").write_text(f'link = "z1*z2"\n{directions}[noise]\nscale = 1\n')
    line = refused("train", "target.toml", "--method", method, "-n", "10", flag, "1e18")
    assert "limit" in line


@pytest.mark.parametrize("place", ["nowhere/certificate.json", "/proc/nothing", "."])
def test_a_certificate_that_cannot_be_written_is_one_line(place):
    refused("check", "z1*z2", "--certificate", place)


def test_a_folder_that_cannot_be_written_is_one_line():
    Path("file").write_text("")
    for place in ("file", "file/inside", "/proc/nothing", ""):
        refused("rates", "damian-authors-code", "--out", place)


# -- studies

STUDY = json.loads(load_study("damian-authors-code", quick=True).document)
WRONG = [
    None,
    True,
    -1,
    0,
    1.5,
    "nan",
    float("nan"),
    float("inf"),
    10**18,
    10**400,
    "",
    "\x00",
    [],
    {},
    [[]],
    {"x": {}},
    [1, "x"],
    "x" * 9999,
]


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))


PLACES = [path for path in places(STUDY) if path]


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value).lower() if isinstance(value, float | bool) else json.dumps(value)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PLACES), st.sampled_from(WRONG), st.booleans())
def test_every_key_of_a_study_is_checked(path, wrong, remove):
    """A wrong value, or none, at any place: refused, or a study that still can be read."""
    document = json.loads(json.dumps(STUDY))
    inside = document
    for key in path[:-1]:
        inside = inside[key]
    if remove or wrong is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = wrong
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "study.toml")
        file.write_text("".join(f"{key} = {toml(value)}\n" for key, value in document.items()))
        out = Path(folder, "out")
        status, printed, err = run("rates", str(file), "--out", str(out), "--workers", "0")  # the last check before any work
        assert (status, printed) == (2, "")
        assert err.count("\n") == 1
        assert err[:-1].isprintable()
        assert not out.exists()


@pytest.mark.parametrize(
    "override",
    [
        f"seeds={ENDLESS}", f"seeds=0x{'f' * 9000}", "seeds=" + "[" * 5000, "seeds=1e18", "seeds=nan", "seeds=-1",
        "seeds=1000000000000",
        "=1", "seeds", ".".join(["a"] * 5000) + "=1", "a..b=1", "schema=1", "quick=1", "seeds=1\nname='x'", "name=\x1b[2J",
        "name=",
        "defaults.fixed.m=1000000000000000000", "defaults.fixed.d=1000000000000000000", "defaults.x=[1000000000000000000]",
        "targets.degree-2.link=1e78*z1", "targets.degree-2.link=1e151*z1", "targets.degree-2.link=" + "(" * 5000,
        "defaults.x=[2,1]",
    ],
    ids=lambda text: ascii(text)[1:40],
)  # fmt: skip
def test_a_hostile_override_is_refused_before_the_sweep(override):
    refused("rates", "damian-authors-code", "--quick", "--out", "out", "--set", override)


# -- the process itself


def test_a_reader_that_goes_away_is_no_traceback():
    for argv in (["check", "--json", "z1*z2"], ["csq", "--degree", "3", "-d", "10"], ["verify", "--list"], ["rates", "--list"]):
        read, write = os.pipe()
        os.close(read)
        try:
            done = subprocess.run([sys.executable, "-m", "steinlab", *argv], stdout=write, stderr=subprocess.PIPE, timeout=120)
        finally:
            os.close(write)
        assert (done.returncode, done.stderr) == (1, b""), argv
