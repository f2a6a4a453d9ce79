"""`steinlab csq` at the command line: the JSON against the library and by hand, the text, and bad input."""

import json
import subprocess
import sys
from fractions import Fraction
from math import sqrt

import pytest

from steinlab.checks.cli import main
from steinlab.theory.statements import line_sets as frames
from steinlab.theory.statements.csq import largest_class_bound, random_class_bound, theorem2_printed, theorem2_quarter


def run(capsys, *argv):
    try:
        status = main(["csq", *argv])
    except SystemExit as stop:
        status = stop.code
    out, err = capsys.readouterr()
    return status, out, err


def read(capsys, *argv):
    status, out, _ = run(capsys, "--json", *argv)
    assert status == 0
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_json_of_a_degree(capsys):
    got = read(capsys, "--degree", "4", "-d", "100", "--queries", "1e6")
    assert (got["schema"], got["d"], got["queries"]) == ("steinlab/csq/1", 100, 10**6)
    assert got["class"]["energies"] == {"4": 1.0}
    assert got["class"]["information_exponent"] == {"value": 4, "lower": 4, "evidence": "exact"}
    expected = [
        largest_class_bound(100, {4: Fraction(1)}, 10**6),
        random_class_bound(100, 4, 10**6),
        theorem2_quarter(100, 4, 10**6),
    ]
    for row, bound in zip(got["bounds"], expected, strict=True):
        # rounded up, by at most one float
        assert bound.tolerance_squared <= Fraction(row["tolerance_squared"]) <= bound.tolerance_squared * (1 + Fraction(1, 2**51))
        assert (row["samples"], row["size"], row["vacuous"]) == (bound.samples, bound.size, False)
        assert (row["evidence"], row["direction"]) == ("certified", "upper")
    assert got["theorem2_printed"]["tolerance_squared_order"] == theorem2_printed(100, 4, 10**6)
    assert got["construction"] is None
    assert got["adversary"] is None
    limits = " ".join(got["limits"])
    for word in ("heuristic", "Worst case", "unit norm"):
        assert word in limits


def test_json_of_a_target(capsys):
    """He_3/2 + He_4 has energies 6/4 and 24, so shares 1/17 and 16/17, and information exponent 3."""
    got = read(capsys, "He(3,z1)/2 + He(4,z1) + 7", "-d", "200", "--queries", "1000")
    assert got["class"]["energies"] == {"3": pytest.approx(1 / 17), "4": pytest.approx(16 / 17)}
    assert got["class"]["information_exponent"]["value"] == 3
    own = largest_class_bound(200, {3: Fraction(1, 17), 4: Fraction(16, 17)}, 1000)
    assert got["bounds"][0]["tolerance_squared"] == pytest.approx(float(own.tolerance_squared), rel=1e-12)
    assert got["bounds"][1]["samples"] == random_class_bound(200, 3, 1000).samples


def test_rational_shares_are_rounded_up(capsys):
    """1/3 and 2/3: the nearest floats are below both."""
    energies = read(capsys, "z1 + He(2,z1)", "-d", "50")["class"]["energies"]
    assert 0 <= Fraction(energies["1"]) - Fraction(1, 3) < Fraction(1, 2**53)
    assert 0 <= Fraction(energies["2"]) - Fraction(2, 3) < Fraction(1, 2**52)


def test_irrational_shares_are_rounded_up(capsys):
    got = read(capsys, "sqrt(2)*He(3,z1) + (1 + sqrt(2))*He(4,z1)", "-d", "50")
    total = 12 + 24 * (1 + sqrt(2)) ** 2
    assert got["class"]["energies"] == {"3": pytest.approx(12 / total), "4": pytest.approx(1 - 12 / total)}
    assert sum(map(Fraction, got["class"]["energies"].values())) >= 1


def test_several_directions(capsys):
    got = read(capsys, "z1*z2*z3", "-d", "1000", "--queries", "10")
    assert (got["class"]["directions"], len(got["bounds"]), got["theorem2_printed"]) == (3, 1, None)
    assert got["bounds"][0]["samples"] == largest_class_bound(1000, {3: Fraction(1)}, 10, 3).samples > 1


def test_a_general_link(capsys):
    got = read(capsys, "z1**2*exp(-z1**2)", "-d", "1000", "--queries", "100")
    assert got["class"]["information_exponent"]["value"] == 4
    assert got["bounds"][0]["samples"] == largest_class_bound(1000, {4: Fraction(1)}, 100).samples


def test_a_target_file(capsys, tmp_path):
    path = tmp_path / "t.toml"
    path.write_text('link = "He(3,z1)"\n')
    assert read(capsys, str(path), "-d", "50")["bounds"] == read(capsys, "--degree", "3", "-d", "50")["bounds"]


@pytest.mark.parametrize(
    ("name", "d", "options", "made"),
    [
        ("kerdock", 64, [], lambda: frames.kerdock(64)),
        ("mub", 26, [], lambda: frames.complex_bases(26)),
        ("devore", 49, ["--code-degree", "3"], lambda: frames.devore(49, 3)),
        ("paley", 51, [], lambda: frames.paley(51)),
    ],
)
def test_constructions(capsys, name, d, options, made):
    got = read(capsys, "--degree", "4", "-d", str(d), "--queries", "10", "--construction", name, *options)["construction"]
    frame = made()
    assert (got["name"], got["dimension"], got["size"]) == (name, d, frame.size)
    assert (got["coherence_exact"], got["coherence_squared"]) == (str(frame.coherence), str(frame.coherence_squared))
    assert got["welch_coherence"] <= got["levenshtein_coherence"] + 1e-12 <= got["coherence"] + 1e-6
    assert got["share_of_levenshtein_size"] <= 1
    assert (got["share_of_levenshtein_size"] == 1) == (name in ("kerdock", "paley"))
    epsilon = float(frame.coherence_squared) ** 2
    sharp, printed = (row["tolerance_squared"] for row in got["bounds"])
    assert sharp == pytest.approx(epsilon + 10 * (1 - epsilon) / (frame.size - 1))
    assert printed == pytest.approx(epsilon + 20 / frame.size)
    assert got["random_guarantee"] is None


def test_odd_degrees_round_irrational_coherence_up(capsys):
    """mub in dimension 26: ε = 13^{-3/2}."""
    row = read(capsys, "--degree", "3", "-d", "26", "--queries", "1", "--construction", "mub")["construction"]["bounds"][1]
    assert row["correlation"] == pytest.approx(13**-1.5)
    assert Fraction(row["correlation"]) ** 2 * 13**3 >= 1


def test_random_construction_and_its_promise(capsys):
    arguments = ["--degree", "4", "-d", "200", "--construction", "random", "--vectors", "300", "--seed"]
    once, again, other = (read(capsys, *arguments, seed) for seed in ("5", "5", "6"))
    assert once == again
    assert once["construction"]["coherence"] != other["construction"]["coherence"]
    for got in (once, other):
        made = got["construction"]
        assert made["size"] == 300
        assert 0.2 < made["coherence"] <= made["random_guarantee"]["coherence"] < 0.5


def test_adversary(capsys):
    got = read(capsys, "--degree", "4", "-d", "64", "--adversary")
    fight, control = got["adversary"]
    assert got["construction"]["name"] == "kerdock"
    assert (fight["won"], control["won"]) == (False, True)
    assert fight["tolerance"] == control["tolerance"] == 1 / 128
    assert fight["queries"] == control["queries"] == 32 * 64
    assert fight["survivors"] > 2000
    assert control["survivors"] == 1
    assert fight["lemma2"].startswith("silent")


def test_adversary_with_a_tolerance_that_lemma_2_covers(capsys):
    """|F| (τ² - ε)/2 with |F| = 2112, τ = 1/5, ε = 1/4096."""
    fight = read(capsys, "He(4,z1)", "-d", "64", "--adversary", "--tolerance", "0.2", "-m", "2")["adversary"][0]
    assert fight["lemma2"] == f"{2112 * (0.04 - 1 / 4096) / 2:.6g} queries needed"
    assert fight["survivors"] == 2112


def test_text(capsys):
    status, out, err = run(capsys, "--degree", "3", "-d", "16", "--queries", "5", "--adversary")
    assert status == 0
    for said in (
        "He_3(v·x)/sqrt(3!)",
        "n of order d^(3/2) or more",
        "exact law, largest set",
        "Theorem 2 prints the order",
        "kerdock: 144 vectors of dimension 16",
        "at most 144 vectors at this coherence; the set has 100% of them",
        "learner defeated",
        "learner wins",
        "sees nothing at any tolerance",
        "What this does not imply",
    ):
        assert said in out
    assert err.count("\n") == 2
    assert max(map(len, out.splitlines())) <= 125


def test_text_of_large_numbers_and_vacuous_bounds(capsys):
    out = run(capsys, "--degree", "2", "-d", "3", "--queries", "1e100")[1]
    assert "no bound" in out
    out = run(capsys, "--degree", "8", "-d", "1e6", "--queries", "1e100")[1]
    assert "e1" in out
    assert run(capsys, "tanh(z1)**2", "-d", "1000")[0] == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["-d", "10"], "either a TARGET or --degree"),
        (["z1", "--degree", "3", "-d", "10"], "either a TARGET or --degree"),
        (["--degree", "3"], "required: -d"),
        (["--degree", "x", "-d", "10"], "--degree is 'x'"),
        (["--degree", "0", "-d", "10"], "from 1 to 100"),
        (["--degree", "101", "-d", "10"], "from 1 to 100"),
        (["--degree", "3", "-d", "1"], "give 1 < d"),
        (["--degree", "3", "-d", "1e10"], "1000000000"),
        (["--degree", "3", "-d", "ten"], "whole number"),
        (["--degree", "3", "-d", "10", "--queries", "0"], "from 1 to 1e100"),
        (["--degree", "3", "-d", "10", "--queries", "1e101"], "from 1 to 1e100"),
        (["--degree", "3", "-d", "10", "--queries", "1.5"], "whole number"),
        (["--degree", "3", "-d", "8", "--construction", "kerdock"], "powers of 4"),
        (["--degree", "3", "-d", "9", "--construction", "hadamard"], "invalid choice"),
        (["--degree", "3", "-d", "9", "--construction", "random", "--vectors", "1"], "at least 2 vectors"),
        (["--degree", "3", "-d", "9", "--construction", "random", "--vectors", "1e9"], "fewer vectors"),
        (["--degree", "3", "-d", "16", "--adversary", "--tolerance", "2"], "between 0 and 1"),
        (["--degree", "3", "-d", "16", "--adversary", "--tolerance", "wide"], "between 0 and 1"),
        (["--degree", "3", "-d", "16", "--adversary", "-m", "0"], "at least 1"),
        (["--degree", "3", "-d", "4096", "--adversary", "--construction", "kerdock"], "smaller dimension"),
        (["z1*z2", "-d", "16", "--adversary"], "for one"),
        (["tanh(z1)", "-d", "16", "--adversary"], "polynomial TARGET"),
        (["7", "-d", "16"], "z1"),
        (["exp(z1**2)", "-d", "16"], "variance"),
        (["missing.toml", "-d", "16"], "missing.toml"),
    ],
)
def test_bad_input_is_one_line(capsys, argv, said):
    status, out, err = run(capsys, *argv)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_help_is_light():
    code = "import sys; from steinlab.checks.commands import csq; print(*{'numpy', 'scipy', 'sympy', 'flint'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []
