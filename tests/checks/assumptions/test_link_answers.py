"""`check` on general links: three-valued findings, certified facts, JSON and text."""

import json

import pytest

from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.link_answers import LinkAnswers
from steinlab.checks.assumptions.polynomial_answers import PolynomialAnswers
from steinlab.checks.cli import main
from steinlab.checks.papers import PAPERS, THEOREMS
from steinlab.theory.errors import InputError
from steinlab.theory.exact.reals import Enclosed
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.ranks import CertifiedMap
from steinlab.theory.shape import regularity
from steinlab.theory.targets import exponents
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Decided, Evidence, Verdict

ON_TARGETS = [assumption.id for paper in PAPERS for assumption in paper.assumptions]


def verdicts(target, theorem="damian.theorem1"):
    return {f.id: f.verdict.value for f in check(target, theorem).assumptions}


@pytest.mark.parametrize(
    ("text", "expected"),
    # polynomial, assumption 1, assumption 2, single index, monotone, polynomial growth, weakly differentiable, nested products
    [
        ("tanh(z1)", "fails holds fails holds holds holds holds fails"),
        ("relu(z1)", "fails holds holds holds holds holds holds fails"),
        ("abs(z1)", "fails holds holds holds fails holds holds fails"),
        ("sign(z1)", "fails holds fails holds holds holds fails fails"),
        ("exp(z1)", "fails holds holds holds holds fails holds fails"),
        ("relu(z1)*relu(z2)", "fails holds holds fails fails holds holds fails"),
        ("tanh(z1)*z2", "fails holds holds fails fails holds holds fails"),
        ("He(3,z1) + cos(z2)", "fails holds fails fails fails holds holds fails"),
        ("z1**2*exp(-z1**2)", "fails holds fails holds fails holds holds fails"),
    ],
)
def test_verdicts(text, expected):
    assert list(verdicts(text).values()) == expected.split()
    assert list(verdicts(text)) == ON_TARGETS


def test_both_kinds_of_report_answer_the_same_assumptions():
    for theorem in (theorem for theorem in THEOREMS.values() if theorem.training is None):
        for text in ("He(2,z1)", "tanh(z1)"):
            assert {f.id for f in check(text, theorem.id).required} == {a.id for a in theorem.assumptions}
    assert isinstance(check("tanh(z1)").answers, LinkAnswers)
    assert isinstance(check("relu(z1) - relu(-z1)").answers, PolynomialAnswers)
    assert list(check("z1").to_dict()) == list(check("tanh(z1)").to_dict())


def test_theorem_1_is_for_polynomials_and_the_report_says_so():
    report = check("relu(z1)")
    assert report.verdict is Verdict.FAILS
    assert [f.id for f in report.required if f.verdict is Verdict.FAILS] == ["damian.polynomial"]
    assert all(not p.applies for p in report.predictions if "one-step" in p.method or p.method == "kernels")


def test_a_monotone_link_of_one_direction_meets_the_second_papers_assumptions():
    report = check("tanh(z1 - 2*z2)", "mousavi.single_index")
    assert report.verdict is Verdict.HOLDS
    applying = {p.method: p.exponent_d for p in report.predictions if p.applies}
    assert applying["SGD with weight decay, ReLU"] == 1
    assert check("tanh(z1)*z2", "mousavi.single_index").verdict is Verdict.FAILS


def test_what_is_not_decided_is_never_a_pass(monkeypatch):
    """A planted fault: coefficients whose balls hold zero, without a proof of zero."""
    from flint import arb

    from steinlab.theory.integrals.constants import Constant

    assert verdicts("tanh(z1)**2 + abs(z2)")["damian.assumption2"] == "holds"
    monkeypatch.setattr(Constant, "sign", None)
    monkeypatch.setattr(Constant, "ball", lambda self, bits=53: arb(0, 1))
    monkeypatch.setattr(regularity, "nonzero_difference", lambda *_: None)
    report = check("tanh(z1)**2 + abs(z2)")
    assert report.verdict is Verdict.UNDECIDED
    undecided = {f.id for f in report.assumptions if f.verdict is Verdict.UNDECIDED}
    assert {"damian.polynomial", "damian.assumption2"} <= undecided
    assert all(f.evidence is Evidence.NUMERICAL for f in report.assumptions if f.verdict is Verdict.UNDECIDED)
    assert report.information_exponent.value is None


def run(capsys, *argv):
    status = main(["check", *argv])
    out, err = capsys.readouterr()
    return status, out, err


def test_json(capsys):
    status, out, err = run(capsys, "z1**2*exp(-z1**2)", "--json")
    got = json.loads(out)
    assert (status, err, got["schema"]) == (1, "", "steinlab/check/1")
    assert got["target"]["degree"] is None
    assert got["target"]["effective_dimension"] == 1
    assert got["mean"] == "sqrt(3)/9"
    assert got["degree_energy"]["2"] == "0"
    assert got["degree_energy"]["4"] == "2/729"
    assert got["expected_hessian"]["matrix"] == [["0"]]
    assert (got["expected_hessian"]["rank"], got["expected_hessian"]["kappa"]) == (0, None)
    assert got["expected_hessian"]["invisible"] == [{"direction": "u1", "leap": 4}]
    assert got["information_exponent"]["value"] == got["generative_exponent"]["value"] == 4
    assert got["generative_exponent"]["evidence"] == "certified"
    assert got["subspace_leap"]["steps"] == [{"degree": 4, "gained": 1, "directions": ["u1"]}]
    for key in ("information_exponent", "subspace_leap", "coordinate_leap", "generative_exponent"):
        assert got[key]["evidence"] in ("exact", "certified", "numerical")


def test_kappa_is_an_interval_around_its_closed_form(capsys):
    """relu: H = 1/sqrt(2π) and E f² = 1/2, so κ = sqrt(π)."""
    _, out, _ = run(capsys, "relu(z1)", "--json")
    hessian = json.loads(out)["expected_hessian"]
    low, high = hessian["kappa_interval"]
    assert low <= 3.141592653589793**0.5 <= high <= low + 1e-8
    assert low <= hessian["kappa"] <= high


def test_the_hessian_is_in_the_latent_variables_for_oblique_directions(capsys, tmp_path):
    """f = |x1| + |x1 + x2|: E[∇²g] is diagonal in z with entries sqrt(2/π)/s, s the length of the direction."""
    path = tmp_path / "oblique.toml"
    path.write_text('link = "abs(z1) + abs(z2)"\ndirections = [[1, 0], [1, 1]]\n')
    _, out, _ = run(capsys, str(path), "--json")
    hessian = json.loads(out)["expected_hessian"]
    assert hessian["coordinates"] == "latent variables"
    assert [hessian["matrix"][0][1], hessian["matrix"][1][0]] == ["0", "0"]
    assert hessian["matrix"][0][0] == "sqrt(2)*pi**(-1/2)"
    assert hessian["matrix"][1][1] == "pi**(-1/2)"


def test_text_of_a_link(capsys):
    status, out, err = run(capsys, "He(3,z1) + tanh(z2)*z2", "--full")
    assert (status, err) == (1, "")
    for part in ("H sees u2, not u1 (learned at leap 3)", "information exponent", "2 (certified)", "[0.84781564", "What to try"):
        assert part in out
    assert max(map(len, out.splitlines())) <= 112


def test_dependent_directions_are_told_in_ambient_coordinates():
    report = check(Target.from_expression("tanh(z1) + relu(z2)**3", directions=[[1, 1], [2, 2]]))
    assert report.effective_dimension.value == 1
    (first,) = [f for f in report.assumptions if f.id == "damian.assumption1"]
    assert "x1 + x2" in first.reason or "sqrt" in first.reason


@pytest.mark.parametrize("text", ["tanh(z1) + z2**2", "relu(z1) - relu(-z1) + z2**2"])
def test_a_certificate_of_either_kind_is_written_and_accepted(capsys, tmp_path, text):
    from steinlab.checks.verify_certificate import Refused, verify

    path = tmp_path / "proof.json"
    run(capsys, text, "--certificate", str(path))
    document = json.loads(path.read_text())
    assert verify(document)
    document["target"]["link"] += " + z1"
    with pytest.raises(Refused):
        verify(document)


def test_no_certificate_is_written_where_the_checker_cannot_follow(capsys, tmp_path):
    path = tmp_path / "proof.json"
    status, out, err = run(capsys, "log(abs(z1))", "--certificate", str(path))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert not path.exists()


def test_a_whole_space_is_named_by_its_directions(capsys, tmp_path):
    path = tmp_path / "oblique.toml"
    path.write_text('link = "abs(z1) + z2**2"\ndirections = [[1, 1, 3], ["1/2", 2, 1]]\n')
    out = " ".join(run(capsys, str(path), "--full")[1].split())
    assert "in span(u1, u2)" in out
    assert "H sees u1, u2" in out
    assert "degree 2 finds u1, u2" in out


def test_a_number_without_an_enclosure_is_null_with_its_reason():
    from types import SimpleNamespace

    from flint import arb

    from steinlab.checks.assumptions.link_answers import NOT_ENCLOSED, shown
    from steinlab.theory.links.ring import constant

    found = shown(lambda: SimpleNamespace(is_exact=False, shown=arb("nan"), form=constant(1)))
    assert (found.text, found.reason) == (None, NOT_ENCLOSED)
    assert NOT_ENCLOSED in found.words


@pytest.mark.parametrize(
    ("text", "expected"),
    [("tanh(1000*z1)", ["0", "0.6366192488", "0", "0.1061030336", "0"]), ("tanh(10**5*z1)", ["0", "0.63661977"])],
)
def test_energies_of_steep_functions_are_shown_with_proved_digits(text, expected):
    """As c grows, tanh(c z) tends to sign(z), whose energies are 2/π and 1/(3π)."""
    energies = check(text).to_dict()["degree_energy"]
    for k, start in enumerate(expected):
        assert energies[str(k)].startswith(start)


@pytest.mark.parametrize(
    ("text", "shown", "words"),
    [
        ("pi*He(6,z1) + z1", 6, "all of a polynomial"),
        ("pi*z1**2*z2", 3, "all of a polynomial"),
        ("tanh(z1)", 4, "infinitely many"),
        ("pi*z1**12*z2*z3*z4", 4, "degrees 0 to 4 of 15"),
    ],
)
def test_all_energies_of_a_polynomial_are_shown_and_infinitely_many_only_where_proved(text, shown, words):
    got = check(text).to_dict()
    assert list(got["degree_energy"]) == [str(k) for k in range(shown + 1)]
    assert words in got["degree_energy_shown"]


@pytest.mark.parametrize(
    ("text", "degree", "bounds"), [("tanh(z1)", None, None), ("pi*z1**3", 3, [3, 3]), ("z1**3 + z2", 3, [3, 3])]
)
def test_whole_numbers_stand_beside_their_bounds(text, degree, bounds):
    got = check(text).to_dict()
    assert (got["target"]["degree"], got["target"]["degree_bounds"]) == (degree, bounds)
    for part, name in ((got["target"], "effective_dimension"), (got["expected_hessian"], "rank")):
        low, high = part[f"{name}_bounds"]
        assert part[name] == low == high


HIDDEN_ZERO = "(tanh(2*z1)*(1+tanh(z1)**2)-2*tanh(z1))"


@pytest.mark.parametrize("factor", ["z1", "z1**3", "exp(z1/9)"])
def test_what_may_be_constant_has_bounds_that_a_constant_meets(factor):
    got = check(f"{HIDDEN_ZERO}*{factor}").to_dict()
    assert got["target"]["degree_bounds"][0] == 0
    assert got["target"]["effective_dimension_bounds"][0] == 0
    assert got["information_exponent"]["value"] is None


@pytest.mark.parametrize("factor", ["z2", "z2**3", "exp(z2/9)"])
def test_the_rank_of_the_first_degrees_stands_where_later_ones_exceed_the_budget(factor):
    got = check(f"{HIDDEN_ZERO}*{factor} + z1").to_dict()
    assert got["information_exponent"]["value"] == 1
    assert got["target"]["effective_dimension_bounds"] == [1, 2]


@pytest.mark.parametrize("fact", ["information_exponent", "subspace_leap", "coordinate_leap", "generative_exponent"])
def test_a_fact_that_cannot_be_computed_is_undecided_with_its_reason(monkeypatch, fact):
    def refuse(_):
        raise InputError("planted")

    home = LinkExpansion if fact == "generative_exponent" else exponents
    monkeypatch.setattr(home, fact, refuse)
    got = check("tanh(z1)").to_dict()
    assert got[fact]["value"] is None
    assert got[fact]["evidence"] == "numerical"
    assert got[fact]["reason"] == "planted"
    assert "planted" in check("tanh(z1)").to_text(full=True)


def test_a_coefficient_that_cannot_be_computed_leaves_a_report(monkeypatch):
    def refuse(*_):
        raise InputError("planted")

    monkeypatch.setattr(LinkExpansion, "coefficient", refuse)
    monkeypatch.setattr(regularity, "nonzero_difference", lambda *_: None)
    report = check("tanh(z1) + z2**3")
    got = report.to_dict()
    assert report.verdict is Verdict.UNDECIDED
    assert got["mean"] is None
    assert got["reasons"]["mean"] == "planted"
    assert got["expected_hessian"]["rank"] is None
    assert got["expected_hessian"]["rank_bounds"] == [0, 2]
    assert "planted" in report.to_text(full=True)


def test_eigenvalues_proved_zero_are_zero_and_doubtful_ones_are_null(monkeypatch):
    """H of (z1 + z2)² + tanh(z3) + pi*z3 has eigenvalues 0, 0 and 4."""
    from flint import arb

    hessian = check("(z1 + z2)**2 + tanh(z3) + pi*z3").to_dict()["expected_hessian"]
    assert hessian["eigenvalues"] == [0.0, 0.0, pytest.approx(4, rel=1e-9)]
    balls = [arb(0, 1e-9), arb(0, 1e-9), arb(4)]
    monkeypatch.setattr(CertifiedMap, "eigenvalues", lambda self, bits: tuple(map(Enclosed, balls)))
    monkeypatch.setattr(CertifiedMap, "rank", Decided(None, Evidence.NUMERICAL, "planted", 1, 3))
    hessian = check("(z1 + z2)**2 + tanh(z3)").to_dict()["expected_hessian"]
    assert hessian["eigenvalues"] == [None, None, 4.0]
    low, high = hessian["eigenvalues_interval"][0]
    assert -1.1e-9 < low <= -1e-9 < 1e-9 <= high < 1.1e-9


def test_kappa_is_never_said_to_be_undefined_where_assumption_2_holds(monkeypatch):
    monkeypatch.setattr(ExpectedHessian, "kappa", None)
    report = check("abs(z1)")
    assert verdicts("abs(z1)")["damian.assumption2"] == "holds"
    words = report.to_dict()["expected_hessian"]["kappa_reason"]
    assert "undecided" in words
    assert "Assumption 2" not in words
    assert words in " ".join(report.to_text(full=True).split())


@pytest.mark.parametrize("text", ["exp(z1**2/4)*sin(z1)", "abs(z1*z2-1)**(-0.3)"])
def test_without_a_proof_of_a_finite_variance_no_integral_is_told(capsys, text):
    status, out, _ = run(capsys, text, "--json")
    got = json.loads(out)
    assert status == 1
    assert got["verdict"] != "holds"
    assert got["square_integrable"]["verdict"] == "undecided"
    assert [got["mean"], got["variance"], got["expected_hessian"]["kappa"]] == [None] * 3
    assert set(got["degree_energy"].values()) == {None}
    assert got["square_integrable"]["reason"] in got["reasons"]["mean"]
    assert got["information_exponent"]["value"] is None
    assert "no integral is known" in " ".join(run(capsys, text, "--full")[1].split())


def test_an_undecided_degree_prints_no_cost(capsys):
    """tanh(2)(1 + tanh(1)²) = 2 tanh(1), which no rule of the normal form shows."""
    text = "(tanh(2)*(1+tanh(1)**2)-2*tanh(1))*z1**3 + z1"
    got = check(text).to_dict()
    assert (got["target"]["degree"], got["target"]["degree_bounds"]) == (None, [1, 3])
    assert [p["value"] for p in got["predictions"] if p["method"] in ("kernels", "one-step")] == [None, None]
    out = " ".join(run(capsys, text, "--full")[1].split())
    assert "degree p undecided, at least 1, at most 3" in out
    assert "no cost that hangs on it is told" in out


FAR = [
    "exp(100*z1)", "exp(1000*z1)", "cos(50*z1)", "tanh(z1-100)", "relu(z1-50)", "1e200*tanh(z1)", "1e-200*tanh(z1)",
    "exp(50*z1)*z2", "tanh(10**6*z1)", "exp(-10**6*z1**2)", "z1**3*exp(40*z1)", "log(abs(z1))", "relu(z1-9)*z2",
]  # fmt: skip


@pytest.mark.parametrize("text", FAR)
def test_sizes_beyond_floats_and_beyond_digits_leave_strict_json(text):
    report = check(text)
    got = report.to_dict()
    assert json.loads(json.dumps(got, allow_nan=False)) == json.loads(json.dumps(got))
    assert not {"nan", "inf", "-inf", "0e"} & set(report.to_text(full=True).replace(",", " ").replace(";", " ").split())
    h = got["expected_hessian"]
    assert h["kappa"] is not None or h["kappa_reason"]


@pytest.mark.parametrize(
    "zero",
    [
        "log(3+2*sqrt(2)) - 2*log(1+sqrt(2))",
        "tanh(1) - (exp(2)-1)/(exp(2)+1)",
        "atan(1/2) + atan(1/3) - pi/4",
        "4*atan(1/5) - atan(1/239) - pi/4",
        "sin(pi/7)*sin(2*pi/7)*sin(3*pi/7) - sqrt(7)/8",
    ],
)
@pytest.mark.parametrize("link", ["({})*z2 + z1", "tanh(({})*z2 + z1)", "({})*z2**3 + relu(z1)", "z1**2 + ({})*z2"])
def test_what_may_depend_on_one_direction_is_not_denied_a_generative_exponent(zero, link):
    """Each is a function of z1 by an identity that may go unseen: then neither the dimension nor the exponent is decided."""
    found = check(link.format(zero)).to_dict()
    generative = found["generative_exponent"]
    assert found["target"]["effective_dimension"] in (None, 1)
    assert generative["value"] in (None, 2 if link.startswith("z1**2") else 1)
    assert generative["evidence"] != "exact" or generative["value"] is not None
