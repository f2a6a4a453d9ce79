"""Abbe et al. 2023: what each theorem asks of targets and activations, and its predictions beside those of the other papers."""

import pytest

from steinlab.checks.assumptions.check import check
from steinlab.checks.cli import main
from steinlab.checks.papers.abbe_2023 import PAPER
from steinlab.theory.statements.predictions import Exponents
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Evidence, Verdict

H, F, U = "holds", "fails", "undecided"


def verdicts(target, **training):
    out = {}
    for theorem in PAPER.theorems:
        out[theorem.id.removeprefix("abbe.")] = check(
            target, theorem.id, **(training if theorem.training is not None else {})
        ).verdict.value
    return out


@pytest.mark.parametrize(
    ("target", "theorem8", "corollary9", "theorem10", "corollary11", "theorem19", "proposition28"),
    [
        ("z1*z2*z3", H, H, H, H, H, H),
        ("He(4,z1)", H, H, H, F, H, H),
        ("He(2,z1)*z2", H, F, H, F, H, H),
        ("z1*z2 + z1*z2*z3*z4*z5", F, F, H, H, H, H),
        ("z1*z2*z3 + z1*z2*z3*z4*z5", F, F, H, H, F, H),
        ("z1*z2 + z1*z2*z3*z4", F, F, H, H, U, H),  # equal degrees
        ("z1*z2 + z1*z2*z3", F, F, F, F, F, H),  # D_2 = 1
        ("z1", F, F, F, F, F, H),
        ("z1**2", F, F, F, F, F, H),  # its mean is not 0
        ("z1*z2 + z3*z4", F, F, F, F, F, H),
        ("tanh(z1)", F, F, F, F, F, F),
        ("pi*z1*z2", U, U, U, U, U, H),
        ("pi*He(4,z1)", H, H, H, F, H, H),
        ("pi*He(6,z1) + z1", F, F, F, F, F, H),
        ("exp(1)*z1**2", F, F, F, F, F, H),
        ("pi*(He(2,z1) + z2*z3)", F, F, F, F, F, H),
    ],
)
def test_the_theorems_that_a_target_meets(target, theorem8, corollary9, theorem10, corollary11, theorem19, proposition28):
    assert verdicts(target) == {
        "conjecture2": H,
        "theorem8": theorem8,
        "corollary9": corollary9,
        "theorem10": theorem10,
        "corollary11": corollary11,
        "theorem19": theorem19,
        "proposition28": proposition28,
        "proposition31": H,
    }


@pytest.mark.parametrize(
    ("activation", "verdict"),
    [(None, H), ("tanh(u - 1/3)", H), ("tanh", F), ("softplus", F), ("relu", F), ("1/(1 + u**2)", F), ("1/(1 + (u - 1)**2)", U)],
)
def test_the_activation_is_asked_for_by_assumption_7(activation, verdict):
    report = check("z1*z2", "abbe.theorem10", activation=activation)
    assert report.finding("abbe.assumption7").verdict.value == verdict
    assert report.verdict.value == verdict


def test_moments_beyond_d_are_not_asked_for_by_what_is_printed():
    """E[(3 + 2u²) e^{-u²/2} He_4(u)] = 0 by the moments 1, 1/2, 3/4, 15/8 of N(0, 1/2): μ_4 = 0, and no other up to 4 is."""
    activation = "sin(u) + (3 + 2*u**2)*exp(-u**2/2)"
    for target, verdict in (("z1*z2", H), ("z1*z2 + z1*z2*z3*z4", U), ("z1*z2*z3*z4", F)):
        assert check(target, "abbe.theorem10", activation=activation).finding("abbe.assumption7").verdict.value == verdict


def test_products_with_coefficients_that_are_not_algebraic_are_certified():
    found = {text: check(text).finding("abbe.nested_products") for text in ("pi*He(4,z1)", "He(4,z1)")}
    assert [f.evidence for f in found.values()] == [Evidence.CERTIFIED, Evidence.EXACT]
    assert len({f.reason for f in found.values()}) == 1


def test_without_products_d_is_not_known():
    found = check("z1*z2 + z3*z4", "abbe.theorem8").finding("abbe.assumption7")
    assert (found.verdict, found.evidence) == (Verdict.UNDECIDED, Evidence.NUMERICAL)
    assert "D is not known" in found.reason


def test_any_orthonormal_basis_will_do():
    turned = Target.from_expression("z1*z2", [["3/5", "4/5"], ["-4/5", "3/5"]])
    assert check(turned, "abbe.corollary9").verdict is Verdict.HOLDS
    assert check("z1**2 - z2**2", "abbe.corollary9").verdict is Verdict.HOLDS
    assert check(Target.from_expression("z1*z2", [[1, 0], [1, 1]]), "abbe.corollary9").verdict is Verdict.FAILS


def test_the_predictions_in_full():
    one, several = Exponents(1, 4, 1.0, 3, 3, 2), Exponents(3, 5, None, 2, 3, None)
    met = frozenset({"abbe.nested_products"})
    assert [(row.of(one, met).value, row.of(several, met).value, row.direction, row.status) for row in PAPER.predictions] == [
        (None, "d^2", "conjecture", "conjectured"),
        ("d^2", "d^2", "upper", "proved"),
        ("d^4", "d^5", "lower", "proved"),
        ("d^(3/2)", "d^(3/2)", "lower", "proved"),
    ]
    assert PAPER.predictions[1].of(one, frozenset()).value is None


@pytest.mark.parametrize(("target", "power"), [("He(5,z1)", 4), ("z1*z2*z3 + z1*z2*z3*z4*z5", 2), ("z1*z2 + z1*z2*z3*z4*z5", 2)])
def test_the_first_layer_is_learned_at_the_largest_degree(target, power):
    (row,) = [p for p in check(target).predictions if p.method == "layerwise projected SGD"]
    assert (row.exponent_d, row.applies) == (power, True)


def test_from_the_command_line(capsys):
    assert main(["check", "z1*z2", "--theorem", "abbe.theorem10", "--activation", "sigmoid(u + 1/2)"]) == 0
    out = capsys.readouterr().out
    assert "abbe.assumption7" in out
    assert "Recommended" not in out
    for flag in ("-d", "--loss", "--gamma"):
        assert main(["check", "z1*z2", "--theorem", "abbe.theorem10", flag, "3"]) == 2
        assert f"{flag} is for --theorem mousavi." in capsys.readouterr().err
    assert main(["check", "z1*z2", "--theorem", "damian.theorem1", "--activation", "relu"]) == 2
    assert "abbe.theorem8" in capsys.readouterr().err
