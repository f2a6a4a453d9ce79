"""The student: laws of its initialisation, and the labels of its loss."""

import math

import numpy as np
import pytest

from steinlab.numerics.networks.losses import loss_functions
from steinlab.numerics.networks.student import Student, labelled_data
from steinlab.numerics.samples.blocks import Signed
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target


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


def test_what_a_seed_draws_stays_what_it_is():
    drawn = Student(bias_scale=0.5).draw(6, 2, 0)
    assert (drawn.head * 6).tolist() == [-1, 1, 1, 1, -1, -1]
    assert (drawn.biases * 2).tolist() == [1, -1, -1, -1, -1, 1]
    assert not Student(biases="zero").draw(6, 2, 0).biases.any()


@pytest.mark.parametrize(
    ("student", "distance"),
    [
        (Student(bias_scale=2.0, shift=0.5), 1.5),
        (Student(bias_scale=2.0, shift=-3.0), 1.0),
        (Student(biases="fixed", bias_scale=2.0, shift=-3.0), 5.0),
        (Student(biases="zero", shift=-3.0), 3.0),
        (Student(biases="gaussian", shift=-3.0), 0.0),
    ],
)
def test_the_least_distance_of_a_kink(student, distance):
    assert student.least_bias == distance


def test_the_logistic_loss_gets_signs():
    target = Target.from_expression("z1", noise=Noise("gaussian", 1))
    raw = np.concatenate([y for _, y in GaussianData(target, 3000, 2, 0)])
    signs = np.concatenate([y for _, y in labelled_data(loss_functions("logistic"), target, 3000, 2, 0, "train", None)])
    np.testing.assert_array_equal(signs, np.where(raw >= 0, 1, -1))
    assert isinstance(labelled_data(loss_functions("logistic"), target, 5, 2, 0, "train", None), Signed)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Student("gelu"),
        lambda: Student(loss="hinge"),
        lambda: Student(biases="uniform"),
        lambda: Student(bias_scale=0.0),
        lambda: Student(shift=math.inf),
        lambda: Student(delta=-1.0),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InputError):
        call()
