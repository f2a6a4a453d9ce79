"""The student: laws of its initialisation, its features, and its risk against formulas and the closed form."""

import math
import pickle

import numpy as np
import pytest

from steinlab.numerics.networks.features import HiddenFeatures
from steinlab.numerics.networks.functions import loss_functions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.networks.student import Student, labelled_data
from steinlab.numerics.population.loss_risk import loss_risk, loss_values
from steinlab.numerics.population.monte_carlo import mean_and_error
from steinlab.numerics.samples.blocks import Signed
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

Z = Target.from_expression("z1")


def test_the_closed_form_puts_the_kink_where_the_shift_says():
    target, student = Target.from_expression("z1"), Student(loss="squared", shift=1.5)
    W, b, head = np.array([[2.0, 0.0], [-1.0, 0.5]]), np.array([0.5, -0.25]), np.array([1.0, -2.0])
    exact, sampled = (
        loss_risk(student.network(W, b, head), student.loss_functions, target, points=40_000, seed=0, closed_form=closed_form)
        for closed_form in (True, False)
    )
    assert abs(exact.value - sampled.value) < 4 * sampled.standard_error < 0.1


def test_the_initialisation_has_the_stated_laws():
    drawn = Student(bias_scale=0.5).draw(4000, 5, 0)
    W, b, a = drawn.weights, drawn.biases, drawn.head
    assert 5 * np.mean(W**2) == pytest.approx(1, abs=0.05)
    assert abs(np.mean(W)) < 0.01
    assert set(b.tolist()) == {-0.5, 0.5}
    assert set(a.tolist()) == {-1 / 4000, 1 / 4000}
    assert abs(np.mean(np.sign(b))) < 0.06
    assert abs(np.mean(np.sign(a))) < 0.06
    assert abs(np.mean(np.sign(a * b))) < 0.06
    assert np.std(Student(biases="gaussian", bias_scale=0.5).draw(4000, 1, 0).biases) == pytest.approx(0.5, rel=0.05)
    assert set(Student(biases="fixed").draw(9, 1, 0).biases.tolist()) == {1.0}
    assert not np.array_equal(W, Student().draw(4000, 5, 1).weights)


def test_a_mean_and_its_standard_error():
    assert mean_and_error(np.array([1.0, 3.0, 5.0])) == pytest.approx((3.0, 2 / math.sqrt(3)))


def test_smooth_features_are_a_feature_map_and_can_be_pickled():
    rng = np.random.default_rng(0)
    W, b, X = rng.standard_normal((4, 3)), rng.standard_normal(4), rng.standard_normal((6, 3))
    shifted = pickle.loads(pickle.dumps(HiddenFeatures(Student("relu", shift=0.5).network(W, b, np.zeros(4)))))
    plain = HiddenFeatures(Network(W, b - 0.5, np.zeros(4)))
    heads, weights = rng.standard_normal((4, 2)), rng.standard_normal((6, 2))
    assert shifted.size == 4
    np.testing.assert_allclose(shifted.matrix(X), plain.matrix(X), atol=1e-14)
    np.testing.assert_allclose(shifted.apply(X, heads), plain.apply(X, heads), atol=1e-14)
    np.testing.assert_allclose(shifted.adjoint(X, weights), plain.adjoint(X, weights), atol=1e-14)
    np.testing.assert_allclose(shifted.kernel(X), plain.kernel(X), atol=1e-13)


def test_the_logistic_loss_gets_signs():
    target = Target.from_expression("z1", noise=Noise("gaussian", 1))
    raw = np.concatenate([y for _, y in GaussianData(target, 3000, 2, 0)])
    signs = np.concatenate([y for _, y in labelled_data(loss_functions("logistic"), target, 3000, 2, 0, "train", None)])
    np.testing.assert_array_equal(signs, np.where(raw >= 0, 1, -1))
    assert isinstance(labelled_data(loss_functions("logistic"), target, 5, 2, 0, "train", None), Signed)


def test_losses_are_point_by_point_those_of_the_network_and_of_the_target():
    target = Target.from_expression("z1*z2", noise=Noise("rademacher", "1/2"))
    rng = np.random.default_rng(1)
    W, b, a = rng.standard_normal((5, 3)), rng.standard_normal(5), rng.standard_normal(5)
    values, best = loss_values(Network(W, b, a, "tanh"), loss_functions("squared"), target, points=1500, seed=4)
    X, y = (np.concatenate(parts) for parts in zip(*GaussianData(target, 1500, 3, 4, "test"), strict=True))
    np.testing.assert_allclose(values, (np.tanh(X @ W.T + b) @ a - y) ** 2 / 2, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(best, 0.125)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Student("gelu"),
        lambda: Student(loss="hinge"),
        lambda: Student(biases="uniform"),
        lambda: Student(bias_scale=0.0),
        lambda: Student(shift=math.inf),
        lambda: Student(delta=-1.0),
        lambda: loss_risk(Network(np.eye(2), np.ones(2), np.ones(2)), loss_functions("huber"), Z, points=1, seed=0),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InputError):
        call()
