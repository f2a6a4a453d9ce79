"""Mousavi-Hosseini et al. 2022: which theorem asks what, and when its prediction applies."""

import pytest

from steinlab.checks.assumptions.check import check
from steinlab.checks.papers.mousavi_2022 import MONOTONE, PAPER


def test_what_each_theorem_asks():
    asked = {t.id: [a.id.removeprefix("mousavi.") for a in t.assumptions] for t in PAPER.theorems}
    training = ["few_directions", "activation", "loss", "biases", "weight_decay"]
    assert asked == {
        "mousavi.single_index": ["single_index", "monotone_link", "polynomial_growth", "relu_student", *training],
        "mousavi.subspace_convergence": training,
        "mousavi.generalisation": [*training, "lipschitz_loss"],
    }


def test_the_weight_decay_is_asked_for_once_it_is_chosen():
    theorem = "mousavi.subspace_convergence"
    assert "mousavi.weight_decay" not in {f.id for f in check("z1", theorem).required}
    assert "mousavi.weight_decay" in {f.id for f in check("z1", theorem, weight_decay=1, width=10).required}


@pytest.mark.parametrize(("target", "applies"), [("tanh(z1)", True), ("z1**3", True), ("exp(z1)", False), ("z1*z2", False)])
def test_sgd_with_weight_decay_is_predicted_for_monotone_links(target, applies):
    report = check(target)
    assert {p.method: p.applies for p in report.predictions}["SGD with weight decay, ReLU"] is applies
    assert all(report.finding(a.id).verdict.value == "holds" for a in MONOTONE) is applies
