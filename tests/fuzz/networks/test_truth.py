"""The oracle of networks against closed forms, and what it does not say."""

from math import acos, atan2, exp, inf, pi, sqrt

import pytest
from scipy.special import ndtr

from fuzz.classes import draw
from fuzz.networks.truth import NetworkTruth


def network(weights, head=None, biases=None, activation="relu", directions=None):
    count = len(weights)
    table = {"weights": weights, "head": head or ["1"] * count, "biases": biases or ["0"] * count, "activation": activation}
    return NetworkTruth(table, directions)


def kernel(rho):
    """E relu(s) relu(t), the arc-cosine kernel."""
    return (sqrt(1 - rho * rho) + (pi - acos(rho)) * rho) / (2 * pi)


@pytest.mark.parametrize(
    ("truth", "mean", "second"),
    [
        (network([["1"]]), 1 / sqrt(2 * pi), 1 / 2),
        (network([["1", "0"], ["0.6", "0.8"]]), 2 / sqrt(2 * pi), 1 + 2 * kernel(0.6)),
        (network([["1", "0"], ["-0.6", "0.8"]], ["1", "-2"]), -1 / sqrt(2 * pi), 5 / 2 - 4 * kernel(-0.6)),
        (network([["3", "0"], ["0", "0"]], ["1", "2"], ["0", "3"]), 6 + 3 / sqrt(2 * pi), 36 + 36 / sqrt(2 * pi) + 9 / 2),
        (network([["1"]], biases=["1"]), exp(-1 / 2) / sqrt(2 * pi) + ndtr(1), ndtr(1) * 2 + exp(-1 / 2) / sqrt(2 * pi)),
        (network([["1"], ["-1"]], ["1", "-1"]), 0, 1),
        (network([["1"], ["1"]]), 2 / sqrt(2 * pi), 2),
        (network([["1", "1"], ["1", "-1"]], ["1", "2"], activation="sign"), 0, 5),
        (network([["1", "1"], ["1", "0"]], activation="sign"), 0, 2 + 2 * (1 - 2 * atan2(1, 1) / pi)),
        (network([["1"]], activation="exp(-u**2)"), 1 / sqrt(3), 1 / sqrt(5)),
        (network([["1", "0"], ["0", "1"]], activation="relu", directions=[["3/5", "4/5"], ["3/5", "4/5"]]), 2 / sqrt(2 * pi), 2),
    ],
)
def test_moments_agree_with_closed_forms(truth, mean, second):
    for found, expected in ((truth.mean, mean), (truth.second_moment, second), (truth.variance, second - mean**2)):
        assert abs(found[0] - expected) <= found[1] + 1e-14
        assert found[1] < 1e-8


@pytest.mark.parametrize(
    ("truth", "facts"),
    [
        (network([["1", "2"], ["-1", "-2"]], ["1", "-1"]), {"degree": (1, 1), "rank": (0, 0), "dimension": (1, 1)}),
        (network([["1"], ["1"]], ["1", "-1"]), {"constant": True, "dimension": (0, 0)}),
        (network([["1", "1"], ["1", "-1"]], activation="abs"), {"information_exponent": (2, 2), "leap": (2, 2), "rank": (2, 2)}),
        (network([["1", "0"], ["0", "2"]], activation="tanh"), {"leap": (1, 1), "rank": (0, 0), "degree": (30, inf)}),
        (network([["1", "0"], ["0", "1"]]), {"leap": (1, 2), "rank": (2, 2), "dimension": (2, 2)}),
        (network([[0.1, 0.3], [0.3, 0.9]]), {"dimension": (2, 2)}),  # not parallel, as doubles
        (network([["0.1", "0.3"], ["0.3", "0.9"]]), {"dimension": (1, 1)}),
        (network([["1"]], activation="exp(-u**2)"), {"generative_exponent": (2, 2), "monotone": "fails"}),
        (network([["1"], ["2"]], activation="erf"), {"generative_exponent": (1, 1), "monotone": "holds"}),
        (network([["1"], ["2"]], ["1", "-1"], activation="sign"), {"constant": True}),
        (network([["1"], ["1"]], ["1", "-1"], ["0", "1"], activation="sign"), {"jumps": True, "degree": (30, inf)}),
    ],
)
def test_facts_are_known_where_they_are_known(truth, facts):
    for name, value in facts.items():
        assert getattr(truth, name) == value, name


def test_energies_add_up_to_no_more_than_the_second_moment():
    for index in range(6):
        drawn = draw("energies", "two-layer-networks", index)
        truth = NetworkTruth(drawn.network, drawn.directions)
        energies = [truth.energy(k) for k in range(7)]
        assert all(value >= -error for value, error in energies)
        second, error = truth.second_moment
        assert sum(value for value, _ in energies) <= second + error + sum(e for _, e in energies) + 1e-12
