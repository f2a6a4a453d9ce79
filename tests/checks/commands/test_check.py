"""`steinlab check` at the command line: the JSON field by field, the text, exit statuses and bad input."""

import json
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from steinlab.checks.assumptions.polynomial_answers import short
from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import polynomials
from steinlab.checks.cli import main
from steinlab.checks.papers import PAPERS, THEOREMS
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.language.polynomial_reader import number
from steinlab.theory.targets.exponents import subspace_leap
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Verdict


def run(capsys, *argv):
    """(exit status, standard output, standard error)."""
    try:
        status = main(["check", *argv])
    except SystemExit as stop:  # argparse's own refusals
        status = stop.code
    out, err = capsys.readouterr()
    return status, out, err


def refuse_constant(name):
    raise AssertionError(f"{name} is not JSON")


def read(capsys, *argv):
    status, out, err = run(capsys, "--json", *argv)
    assert err == ""
    return status, json.loads(out, parse_constant=refuse_constant)


def test_json_field_by_field(capsys):
    status, got = read(capsys, "He(2,z1)/2 + He(4,z1)/sqrt(48)")
    assert status == 0
    assert got["schema"] == "steinlab/check/1"
    assert got["theorem"] == "damian.theorem1"
    assert got["verdict"] == "holds"
    assert got["target"] == {
        "link": "He(2,z1)/2 + He(4,z1)/sqrt(48)",
        "name": None,
        "latent_dimension": 1,
        "effective_dimension": 1,
        "effective_dimension_bounds": [1, 1],
        "effective_dimension_reason": "the rank of the coefficients of the gradient",
        "degree": 4,
        "degree_bounds": [4, 4],
        "noise": {"kind": "none"},
    }
    assert (got["mean"], got["variance"], got["degree_energy"]) == ("0", "1", {"2": "1/2", "4": "1/2"})
    hessian = got["expected_hessian"]
    assert (hessian["matrix"], hessian["rank"], hessian["eigenvalues"], hessian["kappa"]) == ([["1"]], 1, [1.0], 1.0)
    assert (hessian["eigenvalues_exact"], hessian["kappa_exact"], hessian["range"], hessian["invisible"]) == (
        ["1"],
        "1",
        ["u1"],
        [],
    )
    for name in ("information_exponent", "subspace_leap", "coordinate_leap", "generative_exponent"):
        assert {key: got[name][key] for key in ("value", "evidence", "lower", "upper")} == {
            "value": 2,
            "evidence": "exact",
            "lower": 2,
            "upper": 2,
        }
        assert got[name]["reason"]
    assert got["subspace_leap"]["steps"] == [{"degree": 2, "gained": 1, "directions": ["u1"]}]
    assert got["advice"] == []
    assert got["principal_subspace"] == [["1"]]
    assert [a["id"] for a in got["assumptions"]] == [a.id for paper in PAPERS for a in paper.assumptions]
    for a in got["assumptions"]:
        assert set(a) >= {"id", "verdict", "evidence", "reason"}
        assert a["verdict"] in ("holds", "fails", "undecided")
        assert a["evidence"] in ("exact", "certified", "numerical")
        assert a["required"] == a["id"].startswith("damian.")
    for p in got["predictions"]:
        assert set(p) >= {"method", "exponent_d", "rate", "direction", "source"}
        assert p["direction"] in ("upper", "lower", "tight", "conjecture")
    assert {p["method"]: p["exponent_d"] for p in got["predictions"] if p["applies"]} == {
        "one-step": 2,
        "one-step, fresh data for the head": 2,
        "transfer, target samples": 0,
        "kernels": 4,
        "correlational statistical queries": 1,
        "statistical queries and low-degree polynomials": 1,
        "online SGD, one direction": 1,
        "linear methods": 4,
        "correlational queries over τ²": 1,
    }


def test_json_of_a_failing_target_in_a_file(capsys, tmp_path):
    path = tmp_path / "t.toml"
    path.write_text(
        'link = "z1*z2 + He(3,z3)"\nname = "three"\ndirections = [[1, 1, 0], [1, -1, 0], [0, 0, "sqrt(2)/sqrt(2)"]]\n'
        '[noise]\nkind = "gaussian"\nscale = 0.5\n'
    )
    status, got = read(capsys, str(path), "--theorem", "damian.theorem3")
    assert status == 1
    assert got["verdict"] == "fails"
    assert got["target"]["name"] == "three"
    assert got["target"]["directions"] == [["1", "1", "0"], ["1", "-1", "0"], ["0", "0", "1"]]
    assert got["target"]["noise"] == {"kind": "gaussian", "scale": "1/2"}
    hessian = got["expected_hessian"]
    # f = x1² - x2² + He_3(x3)
    assert hessian["matrix"] == [["0", "1", "0"], ["1", "0", "0"], ["0", "0", "0"]]
    assert (hessian["rank"], hessian["kappa"], hessian["kappa_exact"]) == (2, None, None)
    assert hessian["eigenvalues"] == [-2.0, 0.0, 2.0]
    assert hessian["invisible"] == [{"direction": "u3", "leap": 3}]
    assert got["coordinate_leap"]["value"] is None
    assert got["coordinate_leap"]["evidence"] == "exact"
    assert "orthonormal" in got["coordinate_leap"]["reason"]
    assert got["generative_exponent"]["value"] is None
    assert got["subspace_leap"]["value"] == 3
    assert [(s["degree"], s["gained"]) for s in got["subspace_leap"]["steps"]] == [(2, 2), (3, 1)]
    assert got["degree_energy"] == {"2": "4", "3": "6"}
    assert got["principal_subspace"] == [["1", "1", "0"], ["1", "-1", "0"], ["0", "0", "1"]]
    assert any("y^2" in tip for tip in got["advice"])
    applying = {p["method"] for p in got["predictions"] if p["exponent_d"] is not None}
    assert applying == {"kernels", "SGD, several directions", "linear methods", "correlational queries over τ²"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(link=polynomials(2, 4))
def test_json_repeats_the_exact_facts(capsys, link):
    assume(oracles.degree(link) > 0)
    text = str(Polynomial.from_terms(link))
    status, got = read(capsys, "--", text)
    target = Target.from_expression(text)
    e, h = target.expansion, ExpectedHessian(target.expansion)
    mean = oracles.expectation(link)
    assert Fraction(got["mean"]) == mean
    assert Fraction(got["variance"]) == oracles.expectation(oracles.multiply(link, link)) - mean**2
    assert {int(k): Fraction(v) for k, v in got["degree_energy"].items()} == e.degree_energies
    assert status == (0 if h.nondegenerate is Verdict.HOLDS else 1)
    assert got["expected_hessian"]["kappa"] == (None if h.kappa is None else float(h.kappa))
    assert got["expected_hessian"]["eigenvalues"] == sorted(map(float, h.eigenvalues))
    assert got["subspace_leap"]["value"] == subspace_leap(e).value.value
    assert [[number(x) for x in row] for row in got["principal_subspace"]] == [list(row) for row in target.principal_subspace()]
    assert Target.from_mapping({k: got["target"][k] for k in ("link", "noise")}) == target


@pytest.mark.parametrize(
    ("target", "theorem", "status"),
    [
        ("z1*z2", "damian.theorem1", 0),
        ("z1 + z2**2", "damian.theorem1", 1),
        ("z1 + z2**2", "damian.theorem3", 1),
        ("z1**3", "mousavi.single_index", 0),
        ("z1**3", "damian.theorem1", 1),
        ("z1**2", "mousavi.single_index", 1),
        ("z1**2", "damian.theorem3", 0),
    ],
)
def test_exit_status(capsys, target, theorem, status):
    assert run(capsys, target, "--theorem", theorem)[0] == status
    assert read(capsys, target, "--theorem", theorem)[0] == status


def test_text_tells_what_fails_why_and_what_to_try(capsys):
    status, out, err = run(capsys, "He(2,z1) + He(3,z2)", "--full")
    assert (status, err) == (1, "")
    for part in (
        "f*(x) = He(2,z1) + He(3,z2)",
        "damian.theorem1: its assumptions on the target FAIL",
        "rank H = 1 < 2 = dim S*",
        "H does not see u2 (learned at",
        "(mousavi.monotone_link)",
        "rank H 1 of 2 (exact); H sees u1, not u2 (learned at leap 3)",
        "undefined (Assumption 2 fails)",
        "degree 2 finds u1; degree 3 finds u2",
        "What to try, since Assumption 2 fails",
        "No prediction for: one-step (needs: a polynomial target, Assumptions 1 and 2)",
    ):
        assert part in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 112
    assert not any(line.endswith(" ") for line in out.splitlines())


def test_text_of_a_target_that_holds(capsys, tmp_path):
    path = tmp_path / "t.toml"
    path.write_text('link = "z1*z2"\nname = "saddle"\ndirections = [[1, 1], [1, "-sqrt(2)"]]\n[noise]\nscale = 1\n')
    status, out, _ = run(capsys, str(path), "--full")
    assert status == 0
    assert out.startswith("saddle: f*(x) = z1*z2\n  u1 = (1, 1)\n  u2 = (1, -sqrt(2))\n")
    assert "its assumptions on the target HOLD" in out
    assert "rademacher noise of scale 1" in out
    assert "defined for orthonormal directions only" in " ".join(out.split())
    assert "What to try" not in out


def test_every_target_has_text_as_well_as_json(capsys):
    for target in ("z1**40", "z1**60 + z2", "10**100*He(2,z1)", "z1/(1 + sqrt(2) + sqrt(3))", "2**(1/3)*z1*z2 + z2**3"):
        status, out, err = run(capsys, target)
        assert status in (0, 1)
        assert out
        assert err == ""
        assert read(capsys, target)[0] == status


# -- bad input: exit 2, one line on standard error, nothing on standard output

REFUSED = [
    ["z1 +"],
    ["z1 z2"],
    ["foo(z1)"],
    ["x + y"],
    ["z1.real"],
    ["__import__('os')"],
    ["z0"],
    ["z01"],
    ["z999"],
    ["3"],
    ["sqrt(2)"],
    ["z1 - z1"],
    ["0*z1"],
    ["z1**1000"],
    ["z1**(10**100)"],
    ["He(201, z1)"],
    ["(z1+z2+z3+z4+z5+z6)**50"],
    ["2**99999*z1"],
    ["1/z1"],
    ["z1**-2"],
    ["z1**0.5"],
    ["z1**z2"],
    ["z1/0"],
    ["nan*z1"],
    ["inf*z1"],
    ["1e999999*z1"],
    ["1e400*z1"],
    ["log(z1)"],
    ["exp(z1**2)"],
    ["sqrt(-1)*z1"],
    ["z1\n# comment\n+ z2"],
    ["z1 ; z2"],
    ["'unterminated"],
    ["\ud800"],
    ["(" * 5000 + "z1"],
    [""],
    ["missing.toml"],
    ["z1", "--theorem", "fermat"],
    ["z1", "--colour"],
    ["z1", "extra\nline"],
    ["--json"],
    [],
]


def check_refusal(status, out, err):
    assert status == 2
    assert out == ""
    assert err.startswith("steinlab")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert len(err) < 700
    assert "Traceback" not in err


@pytest.mark.parametrize("argv", REFUSED, ids=lambda argv: ascii(" ".join(argv))[:40])
@pytest.mark.parametrize("json_flag", [[], ["--json"]], ids=["text", "json"])
def test_bad_input(capsys, argv, json_flag):
    check_refusal(*run(capsys, *argv, *json_flag))


@pytest.mark.parametrize(
    ("argv", "names"),
    [
        (["z1**1000"], "the bound is 200"),
        (["(z1+z2+z3+z4+z5+z6)**50"], "the bound is 100000"),
        (["2**6000*3**6000*5**6000*z1"], "the bound is 20000"),
        (["z999"], "go up to z64"),
        (["1/z1"], "infinite variance"),
        (["missing.toml"], "missing.toml: No such file"),
        (["z1", "--theorem", "fermat"], "damian.theorem1"),
        (["-x1"], "write z1"),
        (["--json"], "TARGET"),
    ],
)
def test_refusals_name_the_bound_or_the_remedy(capsys, argv, names):
    err = run(capsys, *argv)[2]
    assert names in err


BAD_FILES = [
    b"link = ",
    b"link = 'z1",
    b"\x00\x01\x02\xff",
    b"\xff\xfel\x00i\x00n\x00k\x00",
    b"",
    b"link = 3",
    b"link = 'z1'\nunknown = 1",
    b"link = 'z1'\n[noise]\nkind = 'cauchy'",
    b"link = 'z1'\n[noise]\nscale = nan",
    b"link = 'z1'\n[noise]\nscale = -1",
    b"link = 'z1'\n[noise]\nvariance = 1",
    b"link = 'z1'\ndirections = [[inf]]",
    b"link = 'z1'\ndirections = [[1, 2], [3]]",
    b"link = 'z1 + z2'\ndirections = [[1, 2], [3]]",
    b"link = 'z1 + z2'\ndirections = [[1, 2]]",
    b"link = 'z1'\ndirections = []",
    b"link = 'z1'\ndirections = [[]]",
    b"link = 'z1'\ndirections = [[0, 0, 0]]",
    b"link = 'z1 - z2'\ndirections = [[1], [1]]",
    b"link = 'z1'\ndirections = 'e1'",
    b"link = 'nan*z1'",
    b"link = '''z1 # a\n + z2'''",
    b"link = 'z1'\n[noise]\nscale = " + b"1" * 5000,
]


@pytest.mark.parametrize("data", BAD_FILES, ids=[ascii(data)[:50] for data in BAD_FILES])
def test_bad_files(capsys, tmp_path, data):
    path = tmp_path / "t.toml"
    path.write_bytes(data)
    status, out, err = run(capsys, str(path))
    check_refusal(status, out, err)
    assert "t.toml" in err


def test_a_directory_for_a_file(capsys, tmp_path):
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    status, out, err = run(capsys, str(folder))
    check_refusal(status, out, err)
    assert "directory" in err


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=20).filter(lambda t: not t.startswith("-") and "\0" not in t))
def test_any_argument_gives_a_report_or_one_line(capsys, text):
    status, out, err = run(capsys, text)
    if status == 2:
        check_refusal(status, out, err)
    else:
        assert status in (0, 1)
        assert out
        assert not err


def test_the_installed_command_in_a_process_of_its_own():
    done = subprocess.run([sys.executable, "-m", "steinlab", "check", "z1 +"], capture_output=True, text=True, timeout=60)
    check_refusal(done.returncode, done.stdout, done.stderr)
    done = subprocess.run([sys.executable, "-m", "steinlab", "check", "--json", "--", "-z1**2"], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["degree_energy"] == {"0": "1", "2": "2"}


# -- the pieces of the text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1/3", "1/3"), ("sqrt(2)", "sqrt(2) ≈ 1.41421"), ("1/3**50", "1/717897987691852588770249"), ("7**60", "≈ 5.08022e+50")],
)
def test_short_numbers(text, shown):
    assert short(number(text)) == shown


@pytest.mark.parametrize(("text", "told"), [("z1^2", ["  read as z1**2"]), ("z1**2 +\n z2", []), ("He(2,z1)", [])])
def test_another_spelling_is_told_once(capsys, text, told):
    main(["check", text, "--full"])
    assert [line for line in capsys.readouterr().out.splitlines() if "read as" in line] == told


def test_the_theorems_are_listed_with_their_assumptions(capsys):
    assert main(["check", "--list-theorems"]) == 0
    out = capsys.readouterr().out
    for theorem in THEOREMS.values():
        block = out[out.index(f"{theorem.id}: {theorem.statement.split()[0]}") :].split("\n\n")[0]
        assert all(f"\n  {assumption.id} " in block for assumption in theorem.assumptions)
    assert max(map(len, out.split("\n"))) <= 110


def test_a_fact_is_explained_at_the_command_line(capsys):
    assert main(["check", "z1*z2", "--explain", "information_exponent"]) == 0
    assert capsys.readouterr().out.startswith("information_exponent of z1*z2\n  1. degree 1: ")
    assert main(["check", "z1*z2", "--explain", "exponent"]) == 2
    assert "there is no fact 'exponent': use one of" in capsys.readouterr().err
