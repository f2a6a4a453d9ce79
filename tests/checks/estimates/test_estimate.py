"""The answer: names that other programs rely on, and JSON."""

import json

import numpy as np
import pytest

import steinlab
from steinlab.checks.estimates.estimate import Estimate, estimate
from steinlab.numerics.estimation.energies import Energy
from steinlab.numerics.estimation.facts import measure
from steinlab.theory.verdicts import Evidence

RNG = np.random.default_rng(1)
X = RNG.standard_normal((1500, 6))
FOUND = estimate(X, X[:, 0] * X[:, 1] + RNG.standard_normal(1500))


def test_names():
    assert steinlab.estimate is estimate
    assert (FOUND.n, FOUND.d) == (1500, 6)
    assert (FOUND.rank.lower, FOUND.rank.upper, FOUND.rank.value) == (2, 6, None)
    assert (FOUND.dimension.lower, FOUND.dimension.upper) == (2, 6)
    assert FOUND.information_exponent.upper == 2
    assert FOUND.information_exponent.value is None
    assert FOUND.rank.evidence is FOUND.dimension.evidence is FOUND.information_exponent.evidence is Evidence.NUMERICAL
    for found, truth in ((FOUND.variance, 2.0), (FOUND.energies[2], 1.0), (FOUND.mean, 0.0)):
        assert found.interval[0] < truth < found.interval[1]
        assert found.interval[0] <= found.value <= found.interval[1]
    assert FOUND.warnings == ()
    assert FOUND.subspace.basis.shape == (2, 6)
    assert np.sum(FOUND.subspace.basis[:, :2] ** 2) == pytest.approx(2 * FOUND.subspace.test.alignment, abs=0.1)


def test_an_estimate_has_no_truth_value():
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(FOUND)


def test_the_json_says_all_of_it():
    said = json.loads(FOUND.to_json())
    assert said["schema"] == "steinlab/estimate/1"
    assert (said["n"], said["d"], said["seed"], said["whitened"], said["confidence"]) == (1500, 6, 0, False, 0.95)
    assert {f["id"] for f in said["normality"]} == {"mean", "covariance", "skewness", "kurtosis", "radius"}
    assert said["energies"]["2"]["nonzero"] == "holds"
    assert said["energies"]["3"]["interval"] == list(FOUND.energies[3].interval)
    assert said["rank"]["lower"] == 2
    assert said["rank"]["values"][:2] == pytest.approx(list(FOUND.facts.rank.values[:2]))
    assert said["rank"]["further"] > 0
    assert said["dimension"]["further"] is None
    assert np.array(said["rank"]["directions"]).shape == (2, 6)
    assert said["information_exponent"] == {
        "value": None,
        "lower": 1,
        "upper": 2,
        "evidence": "numerical",
        "reason": FOUND.information_exponent.reason,
    }
    assert {f["evidence"] for f in said["assumptions"]} == {"numerical"}
    assert said["needed"] == [{"fact": fact, "effect": effect, "n": n} for fact, effect, _, n in FOUND.outlook]
    assert said["variance"]["kurtosis"] == FOUND.facts.kurtosis


def test_a_large_value_of_the_score_is_written():
    facts = measure(X, RNG.standard_normal(1500))
    facts.energies[1] = Energy(1.0, (1.0, 1.0), 1, 0.0)
    assert "inf standard errors" in Estimate(facts).information_exponent.reason
    json.loads(Estimate(facts).to_json())
