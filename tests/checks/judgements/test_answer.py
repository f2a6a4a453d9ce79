"""The answer of a verdict: the same numbers in JSON and in words."""

import json

import numpy as np
import pytest

from steinlab.checks.judgements.answer import Answer, Question
from steinlab.checks.judgements.reading import Runs
from steinlab.checks.rates.own_numbers import judge_rate, judge_threshold


def answer(exponent=-0.5, noise=0.1, sizes=(100, 200, 400, 800), curve=None, seeds=6, **asked):
    x = np.repeat(np.array(sizes, dtype=float), seeds)
    labels = [str(i) for i in np.tile(np.arange(seeds), len(sizes))]
    law = (lambda x: x**exponent) if curve is None else curve
    y = law(x) * np.exp(noise * np.random.default_rng(3).standard_normal(len(x)))
    made = {"predicted": -0.5, "direction": "tight", "rivals": (), "log": False, "window": None, "family": 1} | asked
    question = Question(made["predicted"], made["direction"], made["rivals"], made["log"], None, made["window"], made["family"])
    judgement = judge_rate(x, y, labels, **made)
    return Answer(question, Runs({"x": x.tolist()}, y.tolist(), labels), judgement)


def threshold(seeds=5, level=0.25):
    rng = np.random.default_rng(2)
    d, n = (axis.ravel() for axis in np.meshgrid([8.0, 16, 32, 64], [1.0, 2, 4, 8, 16]))
    d, n = np.tile(d, seeds), np.tile(n * d, seeds)
    y = d / n * np.exp(0.2 * rng.standard_normal(len(d)))
    judgement = judge_threshold(d, n, y, level=level, predicted=1, direction="upper", rivals=(1.5,))
    runs = Runs({"d": d.tolist(), "n": n.tolist()}, y.tolist(), None)
    return Answer(Question(1.0, "upper", (1.5,), False, level, None, 1), runs, judgement)


def test_the_json_has_its_keys_and_the_numbers_of_the_judgement():
    found = answer(rivals=(-1.0, 0.0))
    record = json.loads(found.to_json())
    assert {"schema", "measured", "interval", "verdict", "reason", "estimand", "points", "needed"} <= set(record)
    assert record["schema"] == "steinlab/judge/1"
    assert (record["measured"], tuple(record["interval"])) == (found.judgement.measured, found.judgement.interval)
    assert (record["verdict"], record["estimand"], record["needed"]) == ("holds", "mean", None)
    here = np.array(found.runs.values)[np.array(found.runs.sizes["x"]) == 200]
    assert record["points"][1] == {
        "x": 200,
        "mean": pytest.approx(here.mean()),
        "std": pytest.approx(np.std(here, ddof=1)),
        "seeds": 6,
    }


def test_what_is_needed_stands_in_both():
    found = answer(noise=0.5, rivals=(-0.45,))
    record = json.loads(found.to_json())
    assert set(record["needed"]) == {"sizes", "seeds", "runs"}
    assert record["needed"]["runs"] == record["needed"]["seeds"] * len(record["needed"]["sizes"])
    assert "would decide it" in found.to_text()
    assert f"{record['needed']['seeds']} seeds at each of 100" in found.to_text()


def test_numbers_that_cannot_be_fitted_are_null():
    record = json.loads(answer(seeds=2).to_json())
    assert (record["measured"], record["interval"], record["verdict"], record["fit"]) == (None, None, "undecided", None)
    single = answer(seeds=1)
    assert single.points()[0]["std"] is None
    assert "measured" not in single.to_text()


@pytest.mark.parametrize(
    ("asked", "law"),
    [
        ({"direction": "upper"}, "y ∝ x^b, b at most -0.5"),
        ({"direction": "lower"}, "y ∝ x^b, b at least -0.5"),
        ({"log": True}, "y ∝ x^b, b exactly -0.5, up to logarithms"),
    ],
)
def test_the_claim_in_words(asked, law):
    assert answer(**asked).to_text().splitlines()[0] == law


@pytest.mark.parametrize(
    ("noise", "curve", "words"),
    [
        (0.1, None, "these sizes cannot tell x^b from x^b log x"),
        (0.002, None, "excluded: x^b alone fits"),
        (0.002, lambda x: x**-0.5 * np.log(x), "needed: x^b log x fits"),
        (0.002, lambda x: x**-0.5 + 1, "neither fits: the points bend"),
    ],
)
def test_a_factor_log_in_words(noise, curve, words):
    assert words in " ".join(answer(noise=noise, curve=curve).to_text().split())


def test_a_threshold_is_asked_along_d_and_says_whether_seeds_were_given():
    found = threshold()
    assert found.to_text().startswith("n*(d) ∝ d^b, where y comes down to 0.25, b at most 1\n")
    assert "no column seed" in found.to_text()
    assert {"d", "n", "mean", "std", "seeds"} == set(found.to_dict()["points"][0])
    assert len(found.points()) == 20
    assert "may depend" in answer().to_text()


def test_failing_stands_out():
    assert "FAILS" in answer(predicted=-2).to_text()
