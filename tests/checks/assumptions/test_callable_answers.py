"""Reports on functions without a formula: beside those on the same function with one, numerical and one-sided."""

import json

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor

from steinlab.checks.assumptions.check import check
from steinlab.checks.certificates.certificate import certificate
from steinlab.checks.csq.problem import of_target
from steinlab.checks.papers import THEOREMS
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target
from steinlab.theory.verdicts import Evidence, Verdict

PAIRS = [
    ("tanh(z1)", 1, lambda z: np.tanh(z[:, 0])),
    ("He(2, z1)/2 + He(4, z1)/sqrt(48)", 1, lambda z: (z[:, 0] ** 2 - 1) / 2 + (z[:, 0] ** 4 - 6 * z[:, 0] ** 2 + 3) / 48**0.5),
    ("z1*z2 + He(3, z3)", 3, lambda z: z[:, 0] * z[:, 1] + z[:, 2] ** 3 - 3 * z[:, 2]),
    ("relu(z1) + relu(z2)", 2, lambda z: np.maximum(z, 0).sum(axis=1)),
]


@pytest.mark.parametrize(("link", "size", "f"), PAIRS)
def test_a_report_never_contradicts_the_exact_one_and_proves_nothing(link, size, f):
    exact, seen = check(link), check(Target.from_callable(f, latent_dimension=size))
    verdicts = {finding.id: finding.verdict for finding in exact.assumptions}
    for finding in seen.assumptions:
        assert finding.evidence is Evidence.NUMERICAL, finding
        assert finding.verdict in (verdicts[finding.id], Verdict.UNDECIDED)
    for name in ("effective_dimension", "information_exponent"):
        bound, known = getattr(seen, name), getattr(exact, name).value
        assert bound.evidence is Evidence.NUMERICAL
        assert bound.lower <= known
        assert bound.upper is None or known <= bound.upper
    assert seen.hessian.rank.lower == exact.hessian.rank.value
    for ours, theirs in zip(seen.hessian.eigenvalues, exact.hessian.eigenvalues, strict=True):
        low, high = ours.interval
        assert low - 1e-9 <= float(theirs.nearest or 0) <= high + 1e-9
    assert "Facts: numerical, from intervals, or undecided" in seen.to_text(full=True)


@pytest.mark.parametrize(("link", "size", "f"), PAIRS)
def test_json_has_the_same_keys_and_intervals_that_hold(link, size, f):
    exact, seen = (report.to_dict() for report in (check(link), check(Target.from_callable(f, latent_dimension=size))))
    assert set(exact) == set(seen)
    assert json.loads(report_text := json.dumps(seen, allow_nan=False))["target"]["callable"] is True
    assert '"certified"' not in report_text
    assert '"exact"' not in json.dumps({key: seen[key] for key in ("assumptions", "information_exponent", "subspace_leap")})
    assert seen["target"]["link"] == f"f({', '.join(f'z{i + 1}' for i in range(size))})"
    assert seen["target"]["degree"] is None


def test_a_regressor_is_a_target():
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((300, 2))
    model = GradientBoostingRegressor(n_estimators=20, random_state=0).fit(Z, Z[:, 0] * Z[:, 1])
    report = check(Target.from_callable(model, latent_dimension=2))
    assert report.hessian.rank.lower >= 1
    assert report.target.link == "GradientBoostingRegressor(z1, z2)"
    assert {finding.verdict for finding in report.required} <= {Verdict.HOLDS, Verdict.UNDECIDED}


def test_assumption_2_can_hold_numerically_and_monotone_links_be_refuted():
    report = check(Target.from_callable(lambda z: z[:, 0] * z[:, 1], latent_dimension=2))
    found = {finding.id: finding.verdict for finding in report.assumptions}
    assert found["damian.assumption2"] is Verdict.HOLDS
    assert found["mousavi.monotone_link"] is Verdict.FAILS
    assert found["damian.polynomial"] is Verdict.UNDECIDED
    assert report.hessian.kappa == pytest.approx(0.5**0.5)


def test_every_fact_is_explained_and_effort_buys_points():
    report = check(Target.from_callable(lambda z: np.abs(z[:, 0] - 1), latent_dimension=1), effort=4)
    assert "order 1024" in report.to_json()
    for fact in ("information_exponent", "subspace_leap", "expected_hessian", "degree_energy", "damian.assumption2"):
        assert report.explain(fact)


def test_advice_stands_on_powers_of_the_label():
    target = Target.from_callable(lambda z: z[:, 0] ** 3 - 3 * z[:, 0], latent_dimension=1, noise=Noise("gaussian", 1))
    report = check(target)
    assert any("y^2" in tip for tip in report.advice)
    square = report.answers.mean_label(2)
    assert float(square.mean) == pytest.approx(6 + 1)
    cube = report.answers.mean_label(3)
    assert float(cube.coefficient((3,))) == pytest.approx(93 * 36 + 3 * 6)


@pytest.mark.parametrize("theorem", [id for id, theorem in THEOREMS.items() if theorem.training is None])
def test_every_theorem_without_a_training_can_be_asked_about(theorem):
    assert check(Target.from_callable(lambda z: z[:, 0], latent_dimension=1), theorem).verdict in set(Verdict)


def test_what_needs_a_formula_says_so():
    target = Target.from_callable(lambda z: z[:, 0], latent_dimension=1)
    with pytest.raises(InputError, match="no certificate for f\\(z1\\)"):
        certificate(check(target))
    with pytest.raises(InputError, match="bounds need a target with a formula"):
        of_target(target)
    with pytest.raises(InputError, match="has none: check an expression"):
        check(target, "mousavi.subspace_convergence")


def test_a_function_of_one_direction_in_two_variables_is_not_denied_a_generative_exponent():
    found = check(Target.from_callable(lambda Z: np.tanh(Z[:, 0] + Z[:, 1]), latent_dimension=2)).to_dict()
    assert found["generative_exponent"]["value"] is None
    assert "exact" not in {found[fact]["evidence"] for fact in ("generative_exponent", "coordinate_leap", "subspace_leap")}
