"""Targets as sums of ReLU neurons: the same function, and the risk of a student on them against Monte Carlo."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.numerics.networks.losses import loss_functions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.population.loss_risk import loss_risk
from steinlab.numerics.population.relu_risk import population_risk, population_risk_gradient
from steinlab.numerics.population.relu_target import has_relu_form, relu_sum
from steinlab.numerics.runs import train
from steinlab.numerics.samples.link import Link
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import PolynomialTarget, Target

PARTS = ("weights", "biases", "head")
X = np.random.default_rng(7).standard_normal((200_000, 4))


def value(found, x):
    return found.alpha + x @ found.beta + np.maximum(x @ found.weights.T + found.biases, 0) @ found.head


@st.composite
def teachers(draw):
    m, r = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    weights = [[draw(st.integers(-2, 2)) for _ in range(r)] for _ in range(m)]
    biases = [draw(st.sampled_from([0, 1, -0.5, "sqrt(2)"])) for _ in range(m)]
    head = [draw(st.sampled_from([1, -1, 2, "1/3"])) for _ in range(m)]
    directions = draw(
        st.sampled_from([None, [[1, 0, 0, 1], [1, 2, 0, 0], [0, 0, -1, 0]], [[1, 0, 0, 0], [1, 0, 0, 0], [0, 2, 0, 0]]])
    )
    try:
        return Target.from_network(weights, head, biases, directions=directions and directions[:r])
    except InputError:  # a constant
        return Target.from_network([[1, -1]], [1], ["1/2"])


@settings(max_examples=20)
@given(teachers())
def test_the_sum_is_the_target_and_its_risk_that_of_fresh_samples(target):
    student = Network(np.random.default_rng(1).standard_normal((6, 4)), np.linspace(-1, 1, 6), np.ones(6), shift=0.25)
    label = Link(target, 4)(X)
    if not isinstance(target, PolynomialTarget):
        np.testing.assert_allclose(value(relu_sum(target, 4), X), label, atol=1e-11)
    risk = population_risk(student, target, alpha=0.5, beta=np.array([0.0, 1.0, 0.0, -1.0]))
    samples = (0.5 + X[:, 1] - X[:, 3] + student.output(X) - label) ** 2
    assert abs(risk.value - samples.mean()) < 5 * samples.std() / math.sqrt(len(X))
    assert risk.rounding_error < 1e-11 * (1 + risk.value)


def test_a_student_that_is_the_teacher_has_no_risk():
    w, a, b = np.random.default_rng(3).standard_normal((5, 4)), np.arange(1.0, 6), np.linspace(-1, 1, 5)
    target = Target.from_network(w, a, b)
    risk = population_risk(Network(w, b, a), target)
    assert risk.value < 1e-12
    assert abs(risk.value) <= 10 * risk.rounding_error + 1e-15


def test_the_gradient_is_that_of_the_risk():
    target = Target.from_network([[1, 2, 0], [0, -1, 1]], [1, -2], [0.5, 0])
    rng = np.random.default_rng(5)
    student = Network(rng.standard_normal((3, 4)), rng.standard_normal(3), rng.standard_normal(3))
    gradient = population_risk_gradient(student, target, alpha=0.3)
    assert (gradient.weights.shape, gradient.biases.shape, gradient.head.shape) == ((3, 4), (3,), (3,))
    step = 1e-5
    for name in PARTS:
        move = rng.standard_normal(getattr(student, name).shape)
        ends = []
        for side in (1, -1):
            parts = {key: getattr(student, key) + (side * step * move if key == name else 0) for key in PARTS}
            ends.append(population_risk(Network(**parts), target, alpha=0.3).value)
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx((getattr(gradient, name) * move).sum(), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("relu(z1) + z2", True),
        ("abs(z1 - z2) + Max(z1, z3)", True),
        ("leaky_relu(z1 - 1) - 2*relu(z1) + 3", True),
        ("tanh(z1) + relu(z2)", False),
        ("relu(z1) + z2**2", False),
        ("sign(z1) + relu(z2)", False),
        ("relu(z1)*relu(z2)", False),
        ("pi*z1 + relu(z2)", False),
        ("relu(z1)**2", False),
        ("z1 + z2", False),
    ],
)
def test_which_targets_are_sums_of_relu_neurons(text, known):
    target = Target.from_expression(text)
    assert has_relu_form(target) is known
    if known:
        np.testing.assert_allclose(value(relu_sum(target, 4), X[:500]), Link(target, 4)(X[:500]), atol=1e-12)


def test_what_has_no_closed_form_says_so():
    target, squared = Target.from_network([[1, 1]], [1], [1]), loss_functions("squared")
    relu, tanh = (Network(np.eye(4), np.zeros(4), np.ones(4), activation) for activation in ("relu", "tanh"))
    assert loss_risk(relu, squared, target, points=10, seed=0).method == "closed form"
    assert loss_risk(tanh, squared, target, points=10, seed=0).method == "Monte Carlo"
    with pytest.raises(InputError, match="a polynomial or a sum of ReLU neurons"):
        loss_risk(tanh, squared, target, points=10, seed=0, closed_form=True)
    with pytest.raises(InputError, match="not a polynomial"):
        population_risk(relu, Target.from_expression("tanh(z1)"))
    with pytest.raises(InputError, match="d = 4 is too small"):
        population_risk(relu, Target.from_network([[1, 1, 1, 1, 1]], [1], [1]))


def test_training_on_a_network_reports_its_closed_form():
    target = Target.from_network([[1, 2], [1, -1]], [1, 1], [0.1, 0])
    result = train(target, method="one-step", n=400, d=5, m=20, seed=0, test=1000)
    assert result.excess_risk_method == "closed form"
    assert result.excess_risk_standard_error == 0
