"""Trajectories of online SGD: the plain loop, seed by seed, and what the theory says of them."""

import dataclasses
import inspect
import math

import numpy as np
import pytest

from steinlab.numerics.networks.student import Student
from steinlab.numerics.online import trajectories
from steinlab.numerics.online.recipes import recipe_for
from steinlab.numerics.online.trajectories import online_sgd
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

TANH = Target.from_expression("tanh(z1)")
FIELDS = ("norm", "perpendicular", "alignment", "singular_values", "risk", "excess_risk", "weights")


def plain_run(target, T, d, m, seed, student, recipe, noise=None):
    """The recursion on the samples of a seed, written with NumPy for one run; yields W before every step and at the end."""
    drawn = student.draw(m, d, seed)
    W, b, a = drawn.weights, drawn.biases, drawn.head
    value, slope, _ = student.activation_functions
    residual = student.loss_functions.slope
    yield W
    t = 0
    for X, y in GaussianData(target, T, d, seed, "train", noise):
        for x, label in zip(X, y, strict=True):
            label = label if student.loss != "logistic" else (1.0 if label >= 0 else -1.0)
            hidden = W @ x + b
            eta = recipe.steps.sizes(t, t + 1)[0]
            force = residual(np.array([a @ value(hidden)]), np.array([label]))[0]
            W = (1 - eta * recipe.weight_decay) * W - eta * force * np.outer(a * slope(hidden), x)
            t += 1
            yield W


@pytest.mark.parametrize(
    ("target", "student"),
    [
        (TANH, Student()),
        (
            Target.from_expression("z1*z2 + z3", noise=Noise("gaussian", "1/2")),
            Student("tanh", loss="squared", biases="gaussian"),
        ),
        (Target.from_expression("relu(z1 - z2)", directions=[[1, 1, 0], [0, 1, 2]]), Student("sigmoid", shift=0.5)),
        (Target.from_expression("He(2, z1)"), Student(loss="logistic", biases="fixed")),
    ],
)
def test_trajectories_are_those_of_the_plain_loop_at_exactly_the_recorded_steps(target, student):
    T, d, m, record = 150, 4, 6, (0, 1, 17, 64, 65, 150)
    recipe = recipe_for(student, T=T, d=d, m=m, label_size=2.0)
    run = online_sgd(target, T=T, d=d, m=m, seeds=[5], student=student, recipes=recipe, record=record, snapshots=record, test=0)
    iterates = list(plain_run(target, T, d, m, 5, student, recipe))
    basis = np.linalg.qr(np.array([[float(x) for x in row] + [0.0] * (d - len(row)) for row in target.principal_subspace()]).T)[0]
    assert run.steps.tolist() == list(record)
    for k, t in enumerate(record):
        W = iterates[t]
        np.testing.assert_allclose(run.snapshots[t][0, 0], W, atol=1e-13)
        outside = W - W @ basis @ basis.T
        np.testing.assert_allclose(run.norm[0, 0, k], np.linalg.norm(W) / math.sqrt(m), rtol=1e-12)
        np.testing.assert_allclose(run.perpendicular[0, 0, k], np.linalg.norm(outside) / math.sqrt(m), rtol=1e-10)
        np.testing.assert_allclose(
            run.alignment[0, 0, k], np.linalg.norm(W @ basis) ** 2 / np.linalg.norm(W) ** 2, rtol=1e-9, atol=1e-12
        )
        np.testing.assert_allclose(run.singular_values[0, 0, k], np.linalg.svd(W, compute_uv=False)[:3], rtol=1e-6)
    np.testing.assert_allclose(run.weights[0, 0], iterates[-1], atol=1e-13)


@pytest.mark.parametrize("precision", ["double", "single"])
def test_a_seed_and_a_recipe_give_the_same_bits_alone_and_with_others(precision):
    student = Student()
    recipes = [recipe_for(student, T=200, d=12, m=33, gamma=gamma) for gamma in (0.5, 1.0, 2.0)]
    options = {"T": 200, "d": 12, "m": 33, "student": student, "precision": precision, "test": 50}
    together = online_sgd(TANH, seeds=[3, 1, 4, 15], recipes=recipes, record=7, **options)
    for s, seed in enumerate(together.seeds):
        for r, recipe in enumerate(recipes):
            alone = online_sgd(TANH, seeds=[seed], recipes=recipe, record=7, **options)
            for name in FIELDS:
                np.testing.assert_array_equal(getattr(alone, name)[0, 0], getattr(together, name)[s, r], err_msg=name)
    assert len({together.weights[s, r].tobytes() for s in range(4) for r in range(3)}) == 12


def test_groups_of_seeds_and_what_is_recorded_change_no_bit(monkeypatch):
    options = {"T": 130, "d": 5, "m": 20, "seeds": [0, 1, 2], "test": 0}
    first = online_sgd(TANH, record=[130], **options)
    monkeypatch.setattr("steinlab.numerics.online.trajectories.GROUP_NEURONS", 1)
    second = online_sgd(TANH, record=40, snapshots=[3, 100], **options)
    np.testing.assert_array_equal(first.weights, second.weights)


def test_a_longer_run_sees_the_samples_of_the_shorter_one():
    recipe = recipe_for(Student(), T=100, d=5, m=8)
    short, long = (
        online_sgd(TANH, T=T, d=5, m=8, seeds=[0], recipes=recipe, record=[100], snapshots=[100], test=0) for T in (100, 1100)
    )
    np.testing.assert_array_equal(short.snapshots[100], long.snapshots[100])


def test_at_the_benchmark_size_ten_seeds_have_the_bits_of_one():
    run = online_sgd(TANH, T=80, d=100, m=1000, seeds=range(10), record=[80], test=0, precision="single")
    alone = online_sgd(TANH, T=80, d=100, m=1000, seeds=[7], record=[80], test=0, precision="single")
    np.testing.assert_array_equal(run.weights[7], alone.weights[0])


def test_the_closed_form_risk_agrees_with_monte_carlo():
    target = Target.from_expression("z1 + He(2, z1)/2", noise=Noise("rademacher", "1/2"))
    student = Student(loss="squared", shift=0.25)
    recipe = recipe_for(student, T=300, d=4, m=10, weight_decay=0.05)
    options = {"T": 300, "d": 4, "m": 10, "seeds": [2], "student": student, "recipes": recipe, "record": [0, 300]}
    exact = online_sgd(target, test=2, closed_form=True, **options)
    sampled = online_sgd(target, test=60_000, closed_form=False, **options)
    assert (exact.risk_method, sampled.risk_method) == ("closed form", "Monte Carlo")
    for name in ("risk", "excess_risk"):
        error = getattr(sampled, f"{name}_standard_error")
        assert np.all(np.abs(getattr(exact, name) - getattr(sampled, name)) < 4 * error), name
        assert np.all(error < 0.1 * getattr(exact, name) + 0.02)
    np.testing.assert_allclose(exact.risk - exact.excess_risk, 0.125)


def test_the_logistic_loss_has_no_excess_and_a_constant_predictor_has_log_2():
    student = Student("tanh", loss="logistic")
    recipe = recipe_for(student, T=1, d=2, m=1, gamma=1.0)
    run = online_sgd(TANH, T=1, d=2, m=400, seeds=[0], student=student, recipes=recipe, record=[0], test=500)
    assert abs(run.risk[0, 0, 0] - math.log(2)) < 0.1
    assert np.isnan(run.excess_risk).all()


def test_a_diverging_seed_is_flagged_at_its_step_and_averaged_nowhere():
    student = Student("softplus", loss="squared", biases="zero")
    wild = recipe_for(student, T=400, d=6, m=10, weight_decay=0.0, schedule="constant", step_size=90.0)
    calm = recipe_for(student, T=400, d=6, m=10, weight_decay=0.01, schedule="constant", step_size=0.1)
    record = tuple(range(401))
    bound = 50.0
    run = online_sgd(
        TANH,
        T=400,
        d=6,
        m=10,
        seeds=[0, 1, 2],
        student=student,
        recipes=[wild, calm],
        record=record,
        test=0,
        divergence_bound=bound,
    )
    assert np.all(run.diverged_at[:, 0] > 0)
    assert np.all(run.diverged_at[:, 1] == 0)
    with np.errstate(all="ignore"):
        for s, seed in enumerate(run.seeds):
            norms = [np.linalg.norm(W) / math.sqrt(10) for W in plain_run(TANH, 400, 6, 10, seed, student, wild)]
            at = next(t for t, norm in enumerate(norms) if not norm <= bound)
            assert run.diverged_at[s, 0] == at
            before = np.array(record) < at
            assert np.isfinite(run.norm[s, 0, before]).all()
            assert np.isnan(run.norm[s, 0, ~before]).all()
    assert np.isnan(run.weights[:, 0]).all()
    alone = online_sgd(TANH, T=400, d=6, m=10, seeds=[1], student=student, recipes=calm, record=record, test=0)
    np.testing.assert_array_equal(alone.weights[0, 0], run.weights[1, 1])
    assert sum("diverged at step" in sentence for sentence in run.warnings) == 3
    means, errors, counts = run.mean_over_seeds(run.norm)
    assert counts[:, 0].tolist() == [0, 3]
    assert np.isnan(means[0]).all()
    np.testing.assert_allclose(means[1], run.norm[:, 1].mean(axis=0))
    np.testing.assert_allclose(errors[1], run.norm[:, 1].std(axis=0, ddof=1) / math.sqrt(3))


def test_the_perpendicular_part_falls_as_the_theorem_says_and_stays_without_weight_decay():
    student, steps = Student(), (1500, 6000)
    recipes = [recipe_for(student, T=6000, d=20, m=50, gamma=0.7, weight_decay=decay) for decay in (None, 0.0)]
    run = online_sgd(TANH, T=6000, d=20, m=50, seeds=range(12), recipes=recipes, record=steps, test=0)
    means, errors, _ = run.mean_over_seeds(run.perpendicular)
    scale = np.sqrt(np.array(steps) / 20)
    # ‖W_⊥‖_F/√m √(T/d) was between .29 and .34 in a run of another program.
    assert np.all(np.abs(means[0] * scale - 0.315) < 0.025 + 3 * errors[0] * scale)
    assert np.all(errors[0] * scale < 0.03)
    assert means[1].min() > 0.5


def test_memory_and_work_are_those_of_the_runs_that_are_asked_for(monkeypatch):
    """Doubles of the weights that are kept; iterates and blocks of 64 steps of a group; 1024 samples of each of its seeds."""
    asked = []
    for name in ("require_memory", "require_work"):
        monkeypatch.setattr(trajectories, name, lambda *sizes: asked.append(sizes))
    recipes = [recipe_for(Student(), T=9, d=5, m=3, gamma=gamma) for gamma in (1.0, 2.0)]
    options = {"T": 9, "d": 5, "m": 3, "recipes": recipes, "snapshots": [2, 4, 9], "record": [], "test": 0}
    online_sgd(TANH, seeds=[0, 1, 2, 3], **options)
    kept, iterates, read = 8 * (3 * 5) * 8 * 4, 8 * 3 * (10 + 128) * 8, 8 * 1024 * 5 * 4
    what = "online SGD with T = 9, d = 5, m = 3 and 8 runs"
    assert asked.pop(0) == (kept + iterates + read, what, "take fewer seeds at a time, a smaller width or fewer snapshots")
    assert asked.pop(0) == (4 * 9 * 8 * 3 * (5 + 64), what, "take fewer steps, seeds or neurons")
    monkeypatch.setattr(trajectories, "GROUP_NEURONS", 13)  # two seeds at a time
    online_sgd(TANH, seeds=[0, 1, 2, 3], precision="single", **options)
    assert asked.pop(0)[0] == kept + iterates // 4 + read // 2
    asked.clear()
    monkeypatch.undo()
    monkeypatch.setattr(trajectories, "require_memory", lambda *sizes: asked.append(sizes))
    online_sgd(TANH, T=1, d=1, m=2**13, seeds=[0, 1, 2], recipes=recipes[0], record=[], test=0)  # 2^14 neurons at a time
    assert asked.pop(0)[0] == 8 * 2**13 * 3 + 8 * 2**13 * (2 + 128) * 2 + 8 * 1024 * 2


def test_runs_cannot_be_altered_and_show_their_sizes():
    run = online_sgd(TANH, T=2, d=3, m=4, seeds=[0], record=[], test=0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.steps = None
    assert repr(run) == "OnlineSGDRun(1 seeds, 1 recipes, m = 4, d = 3, T = 2)"
    assert run != dataclasses.replace(run)


def test_one_narrow_run_in_a_high_dimension_is_not_charged_for_many():
    assert np.isfinite(online_sgd(TANH, T=2, d=10_000, m=2, seeds=[0], record=[], test=0).weights).all()


def test_settings_say_all_that_a_result_depends_on():
    recipe = recipe_for(Student(), T=9, d=2, m=3, gamma=1.0)
    run = online_sgd("tanh(z1)", T=9, d=2, m=3, seeds=[-(2**63)], recipes=recipe, noise=Noise("gaussian", "1/2"), test=7)
    assert run.settings == {
        "target": "tanh(z1)",
        "T": 9,
        "d": 2,
        "m": 3,
        "noise_kind": "gaussian",
        "noise_scale": "1/2",
        "recipes": [recipe.to_mapping()],
        "test": 7,
        "precision": "double",
        "divergence_bound": 1e6,
        "activation": "relu",
        "shift": 0.0,
        "loss": "huber",
        "delta": 1.0,
        "biases": "signs",
        "bias_scale": 1.0,
    }
    assert run.singular_values.shape == (1, 1, 10, 2)  # at most min(m, d), at each of 0, 1, ..., 9 that 24 steps come to
    defaults = online_sgd(TANH, T=10**4, d=5, m=4, seeds=[0], test=0)
    assert defaults.singular_values.shape[3] == 3
    assert len(defaults.steps) == 24  # 0, and 24 steps evenly spaced in the logarithm, of which two round to 1
    assert online_sgd(TANH, T=9, d=2, m=3, seeds=[0], record=[9], test=0, leading=0).singular_values.shape == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: online_sgd(TANH, T=0, d=2, m=2, seeds=[0]), "T = 0 is too small"),
        (lambda: online_sgd(TANH, T=9, d=2, m=0, seeds=[0]), "m = 0 is too small"),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[0], recipes=[]), "1 seeds and 0 recipes"),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[-(2**63) - 1]), "seed = "),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[0], leading=-1), "leading = -1"),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[0], test=-1), "test = -1"),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[0], divergence_bound=0.0), "divergence_bound = 0"),
        (lambda: online_sgd("z1*z2*z3", T=9, d=2, m=2, seeds=[0]), "d = 2 is too small"),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[]), "at least one"),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[1, 1]), "no seed twice"),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[0], record=[10]), "beyond T = 9"),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[0], precision="half"), "precision"),
        (lambda: online_sgd(TANH, T=9, d=2, m=2, seeds=[0], closed_form=True), "closed form"),
        (lambda: online_sgd(TANH, T=10**14, d=100, m=1000, seeds=[0]), "floating-point operations"),
        (lambda: online_sgd(TANH, T=10, d=10**6, m=10**6, seeds=[0]), "memory"),
    ],
)
def test_bad_input_is_refused_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_zero_biases_run_when_the_loss_of_guarantees_is_accepted():
    student = Student(biases="zero")
    recipe = recipe_for(student, T=50, d=3, m=5, weight_decay=0.1, unguaranteed=True)
    assert recipe.gamma_0 is None
    assert np.isfinite(online_sgd(TANH, T=50, d=3, m=5, seeds=[0], student=student, recipes=recipe, test=0).weights).all()


def test_settings_are_given_by_name_and_have_these_defaults():
    plan = {"student": None, "recipes": None, "noise": None, "snapshots": (), "precision": "double", "divergence_bound": 1e6}
    measured = {"record": 24, "leading": 3, "test": 10_000, "closed_form": None}
    assert inspect.getfullargspec(online_sgd).kwonlydefaults == plan | measured
