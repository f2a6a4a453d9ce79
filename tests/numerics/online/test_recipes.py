"""Recipes: the defaults of the theorem, and what is lost by others."""

import inspect
import math

import pytest

from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.recipes import label_size, recipe_for, student_threshold
from steinlab.theory.errors import InputError
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.convergence import curvature, least_offset, threshold
from steinlab.theory.statements.losses import Loss
from steinlab.theory.targets.target import Noise, Target


def test_the_default_offset_is_late_enough_for_the_theory():
    for name in ("relu", "tanh", "erf", "sigmoid", "softplus"):
        for gamma in (0.01, 0.5, 20.0):
            recipe = recipe_for(Student(name), T=10, d=1, m=7, gamma=gamma)
            activation, loss = Activation.of(name), Loss.huber()
            gamma_0 = threshold(activation, loss, bias_gap=1)
            assert recipe.steps.t_star >= least_offset(gamma_0, gamma, curvature(activation, loss))


def test_thresholds_of_the_three_cases():
    assert student_threshold(Student(delta=2.0, bias_scale=0.5))[0] == pytest.approx(4 / math.sqrt(2 * math.pi * math.e))
    assert student_threshold(Student("tanh", delta=3.0))[0] == pytest.approx(3 * 4 / (3 * math.sqrt(3)))
    assert student_threshold(Student("sigmoid", loss="squared"), 2.0)[0] == pytest.approx(3 / (6 * math.sqrt(3)))
    # The kink of σ(z - c) at b = ±b* is |b* - |c|| away from zero.
    assert student_threshold(Student(shift=0.75))[0] == pytest.approx(4 / math.sqrt(2 * math.pi * math.e))
    for student in (Student(loss="squared"), Student("softplus", loss="squared"), Student(biases="gaussian")):
        value, reason = student_threshold(student, 1.0)
        assert value is None
        assert reason


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"weight_decay": 0.0}, "not above the threshold"),
        ({"schedule": "constant"}, "the step size is constant"),
        ({"T": 10}, "below t*"),
        ({"t_star": 0}, "exceeds 1"),
    ],
)
def test_a_lost_guarantee_is_named(options, sentence):
    recipe = recipe_for(Student(), **({"T": 10_000, "d": 10, "m": 20} | options))
    assert [s for s in recipe.warnings if sentence in s]


def test_the_defaults_lose_nothing():
    recipe = recipe_for(Student(), T=10_000, d=10, m=20)
    assert recipe.warnings == ()
    assert recipe.weight_decay == pytest.approx((recipe.gamma_0 + 0.5) / 20, rel=1e-14)
    assert recipe.steps.scale == 20 / 0.5
    assert recipe_for(Student(), T=recipe.steps.t_star, d=10, m=20).warnings == ()  # t* = T still is in time
    assert recipe_for(Student(), T=recipe.steps.t_star - 1, d=10, m=20).warnings
    assert recipe_for(Student(), T=1, d=1, m=1)
    for name in ("T", "d", "m"):
        with pytest.raises(InputError, match=f"{name} = 0 is too small"):
            recipe_for(Student(), **({"T": 1, "d": 1, "m": 1} | {name: 0}))


def test_recipes_as_json():
    steps = {"schedule": "decaying", "scale": 40.0, "t_star": 43}
    assert recipe_for(Student(), T=99, d=10, m=20, gamma_0=0.25).to_mapping() == {
        "weight_decay": 0.0375,
        "gamma_0": 0.25,
        **steps,
    }
    constant = recipe_for(Student(), T=99, d=10, m=20, gamma_0=0.0, schedule="constant", step_size=0.25)
    assert constant.to_mapping() == {"weight_decay": 0.025, "gamma_0": 0.0, "schedule": "constant", "size": 0.25}


def test_a_weight_decay_is_above_the_threshold_or_the_loss_is_told():
    """λ m = γ_0 is not above it; without a threshold the margin is the default, and nothing guarantees W_⊥ = 0."""
    sizes = {"T": 10_000, "d": 10, "m": 20}
    at, above = (recipe_for(Student(), **sizes, gamma_0=2.0, weight_decay=decay) for decay in (0.1, 0.2))
    assert at.warnings[0].startswith("λ = 0.1 is not above the threshold γ_0/m = 0.1: neither W_⊥ = 0 at every")
    assert (at.steps.scale, above.steps.scale) == (40.0, 10.0)
    assert not above.warnings
    assert recipe_for(Student(), **sizes, gamma_0=2.0, weight_decay=0.2, gamma=5.0).steps.scale == 4.0
    unknown = recipe_for(Student(loss="squared"), **sizes, weight_decay=0.1)
    assert (unknown.gamma_0, unknown.weight_decay, unknown.steps.t_star) == (None, 0.1, 2 * (10 + 0.5) / 0.5)
    assert unknown.warnings[0].endswith("L-Lipschitz loss, such as huber; no λ guarantees that W_⊥ vanishes")
    assert len(unknown.warnings) == 1


def test_the_first_step_contracts_up_to_one():
    """η_0 λ = 1 exactly still does not expand W."""
    sizes = {"T": 100, "d": 1, "m": 4, "gamma_0": 0.0, "gamma": 2.0, "schedule": "constant"}
    assert len(recipe_for(Student(), **sizes, step_size=2.0).warnings) == 1
    assert recipe_for(Student(), **sizes, step_size=2.5).warnings[1].startswith("η_0 λ = 1.25 exceeds 1: ")


def test_labels_are_bounded_by_their_second_moment():
    """E(2z)² = 4 and E e² = 9/4; the labels of the logistic loss are signs."""
    assert label_size(Target.from_expression("2*z1"), Noise("gaussian", "3/2")) == pytest.approx(2.5, rel=1e-14)
    squared, logistic = Student("tanh", loss="squared"), Student("tanh", loss="logistic")
    assert student_threshold(squared)[0] is None
    assert student_threshold(squared, 2.0)[0] > student_threshold(squared, 1.0)[0] > 0
    assert student_threshold(logistic)[0] == student_threshold(logistic, 5.0)[0] > 0


@pytest.mark.parametrize(("gamma", "size"), [(0.25, 0.25 * 30 / (8 * 7)), (1.0, 30 / (8 * 7)), (4.0, 30 / (8 * 7))])
def test_the_constant_step_is_gamma_m_over_8d_and_at_most_m_over_8d(gamma, size):
    recipe = recipe_for(Student(), T=1000, d=7, m=30, gamma=gamma, schedule="constant")
    assert recipe.steps.size == pytest.approx(size, rel=1e-12)
    assert recipe.weight_decay == pytest.approx((recipe.gamma_0 + gamma) / 30, rel=1e-12)
    assert recipe_for(Student(), T=1000, d=7, m=30, gamma=gamma, schedule="constant", step_size=0.3).steps.size == 0.3


@pytest.mark.parametrize(("gamma", "d"), [(0.5, 10), (2.0, 3), (3.0, 100)])
def test_the_default_offset_is_the_least_whole_number_above_its_formula(gamma, d):
    recipe = recipe_for(Student(), T=10**6, d=d, m=9, gamma=gamma)
    exact = 2 * (d + recipe.gamma_0 + gamma) / gamma
    assert exact <= recipe.steps.t_star < exact + 1
    assert recipe.steps.scale == 9 / gamma


def test_gamma_follows_a_weight_decay_above_the_threshold():
    recipe = recipe_for(Student(), T=1000, d=10, m=20, weight_decay=0.1)
    assert 20 / recipe.steps.scale == pytest.approx(2 - recipe.gamma_0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: recipe_for(Student(biases="zero"), T=9, d=2, m=2), "ReLU bias vanish"),
        (lambda: recipe_for(Student(shift=1.0), T=9, d=2, m=2), "ReLU bias vanish"),
        (lambda: recipe_for(Student(loss="squared"), T=9, d=2, m=2), "unbounded"),
        (lambda: recipe_for(Student(loss="squared"), T=9, d=2, m=2), "without γ_0 there is no default: give weight_decay"),
        (lambda: recipe_for(Student(), T=9, d=2, m=2, gamma_0=-1.0), "gamma_0"),
        (lambda: recipe_for(Student(), T=9, d=2, m=2, unguaranteed=1), "unguaranteed"),
        (lambda: recipe_for(Student(), T=9, d=2, m=2, schedule="constant", step_size=0.0), "step_size"),
        (lambda: recipe_for(Student(), T=9, d=2, m=2, weight_decay=-1.0), "weight_decay"),
        (lambda: recipe_for(Student(), T=9, d=2, m=2, gamma=0.0), "gamma"),
        (lambda: recipe_for(Student(), T=9, d=2, m=2, step_size=0.1), "constant"),
        (lambda: recipe_for(Student(), T=9, d=2, m=2, schedule="cosine"), "schedule"),
    ],
)
def test_bad_input_is_refused_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_settings_are_given_by_name_and_have_these_defaults():
    chosen = dict.fromkeys(("weight_decay", "gamma", "gamma_0", "step_size", "t_star"))
    assert inspect.getfullargspec(recipe_for).kwonlydefaults == chosen | {
        "label_size": math.inf,
        "schedule": "decaying",
        "unguaranteed": False,
    }
