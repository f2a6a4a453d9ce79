"""Schedules and run lengths against brute force, and the bound against a simulation of SGD itself."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import constant
from steinlab.theory.shape.labels import label_moments
from steinlab.theory.statements import convergence
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.convergence import (
    Schedule,
    curvature,
    horizon_warning,
    least_offset,
    least_steps,
    mean_square_bound,
    noise_constant,
    recommend,
    steps_from_measured_constant,
    threshold,
)
from steinlab.theory.statements.losses import Loss

positive = st.fractions(Fraction(1, 20), 20, max_denominator=20)


@given(st.integers(1, 100), positive, positive, st.integers(0, 1000))
def test_steps_decay_and_contract(m, gamma, offset, t):
    schedule = Schedule(m, gamma, offset)
    here, following = schedule.exact_step(t), schedule.exact_step(t + 1)
    assert 0 < following < here
    assert 0 <= 1 - here * gamma / m < 1
    assert schedule.step(t) == pytest.approx(float(here))


@given(st.sampled_from(["tanh", "erf", "softplus", "relu"]), positive)
def test_the_least_offset_is_the_least(name, gamma):
    activation, loss = Activation.of(name), Loss.huber()
    gamma0 = threshold(activation, loss, bias_gap=Fraction(1, 3))
    found = least_offset(gamma0, gamma, curvature(activation, loss))
    top = 2 * float(gamma0) + 2 * float(gamma) + float(curvature(activation, loss))

    def stable(t):
        return (2 * t + 1) / (float(gamma) * (t + 1) ** 2) * top <= 2 + 1e-12

    assert stable(found)
    assert found == 0 or not stable(found - 1 - 1e-9)


@given(st.floats(0.02, 1), positive, st.fractions(0, 30, max_denominator=3), st.floats(0.01, 5), st.integers(2, 200), st.data())
def test_least_steps_is_the_first_time_the_bound_is_met_for_good(tolerance, gamma, offset, noise, d, data):
    k = data.draw(st.integers(1, d))
    schedule = Schedule(7, gamma, offset)
    found = least_steps(tolerance, schedule, noise, d=d, k=k)

    def bound(t):
        return mean_square_bound(t, schedule, noise, d=d, k=k)

    assert found >= offset
    assert bound(found) <= tolerance**2
    assert all(bound(found + extra) <= tolerance**2 for extra in (1, 10, 1000, 10**6))
    assert found - 1 < offset or bound(found - 1) > tolerance**2


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_sgd_stays_below_the_bound(name):
    """Plain online SGD on y = tanh(x_1) + noise with the recommended settings, 40 runs side by side."""
    m, d, steps, runs = 5, 6, 400, 40
    plan = recommend(name, "huber", width=m, d=d, k=1, tolerance=0.5, bias_gap=1, gamma=2)
    rng = np.random.default_rng(1)
    sigma, slope = {"relu": (lambda z: np.maximum(z, 0), lambda z: z > 0), "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2)}[name]
    a = rng.choice([-1.0, 1.0], (runs, m)) / m
    b = rng.choice([-1.0, 1.0], (runs, m))
    w = rng.standard_normal((runs, m, d)) / np.sqrt(d)
    noise = float(noise_constant(Activation.of(name), Loss.huber()))
    for t in range(steps):
        x = rng.standard_normal((runs, d))
        y = np.tanh(x[:, 0]) + rng.standard_normal(runs)
        pre = np.einsum("rmd,rd->rm", w, x) + b
        loss_slope = np.clip((a * sigma(pre)).sum(1) - y, -1, 1)
        gradient = (loss_slope[:, None] * a * slope(pre))[:, :, None] * x[:, None, :]
        w = (1 - plan.schedule.step(t) * plan.weight_decay) * w - plan.schedule.step(t) * gradient
        if t + 1 in (1, 10, 100, 400):
            size = (w[:, :, 1:] ** 2).sum((1, 2)) / m
            bound = mean_square_bound(t + 1, plan.schedule, noise, d=d, k=1)
            assert size.mean() - 4 * size.std() / np.sqrt(runs) <= bound


def test_noise_constants():
    assert float(noise_constant(Activation.of("relu"), Loss.huber(3))) == 9
    labels = label_moments("z1")
    assert float(noise_constant(Activation.of("sigmoid"), Loss.squared(), labels)) == pytest.approx((1 + 1) ** 2 / 16)
    for activation, loss, labels in (
        ("softplus", "squared", label_moments("z1")),
        ("tanh", "squared", None),
        ("z1**2", "huber", None),
    ):
        with pytest.raises(InputError):
            noise_constant(Activation.of(activation), Loss.of(loss), labels)


def test_recommendations_say_what_is_derived_chosen_and_measured():
    plan = recommend("relu", "huber", width=100, d=30, k=1, tolerance=0.2, bias_gap=1)
    text = " ".join(plan.notes)
    assert "derived" in text
    assert "chosen" in text
    assert "unknown" in text
    assert plan.weight_decay == pytest.approx(2 * float(plan.threshold) / 100, rel=1e-9)
    assert plan.weight_decay * 100 > 2 * float(plan.threshold)
    assert plan.mean_square <= 0.04
    measured = recommend("relu", "huber", width=100, d=30, k=1, tolerance=0.2, bias_gap=1, measured_constant=0.3, delta=0.05)
    assert measured.steps < plan.steps
    assert "measured constant 0.3" in " ".join(measured.notes)
    declared = recommend(Activation.declared("mine", 1, 1, 1), "huber", width=10, d=3, k=1, tolerance=0.5)
    assert "declared" in " ".join(declared.notes)


def test_the_measured_constant_enters_by_the_papers_shape():
    base = steps_from_measured_constant(0.1, 0.3, 1.0, d=100, delta=1.0)
    assert base == 900
    assert steps_from_measured_constant(0.05, 0.3, 1.0, d=100, delta=1.0) == 4 * base
    assert steps_from_measured_constant(0.1, 0.3, 2.0, d=100, delta=1.0) == base / 4
    assert steps_from_measured_constant(0.1, 0.3, 1.0, d=100, delta=0.01) > base


def test_short_runs_are_warned_about():
    schedule = Schedule(10, Fraction(1), Fraction(20))
    assert "below t*" in horizon_warning(19, schedule)
    assert horizon_warning(20, schedule) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tolerance": 0.0}, "tolerance"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"k": 4}, "k = 4"),
        ({"k": 0}, "k = 0"),
        ({"width": 0}, "width"),
        ({"gamma": 0}, "γ"),
        ({"gamma": -1.0}, "γ"),
        ({"measured_constant": -0.1}, "measured constant"),
        ({"measured_constant": 0.1, "delta": 2.0}, "δ"),
        ({"bias_gap": 0}, "b\\*"),
        ({"loss": "squared"}, "unbounded"),
        ({"tolerance": 1e-200}, "tolerance"),
        ({"tolerance": 1e-9}, "tolerance"),
        ({"tolerance": 1e-200, "k": 3}, "tolerance"),
        ({"tolerance": 1e-9, "measured_constant": 1.0}, "tolerance"),
        ({"gamma": 1e-200}, "γ"),
        ({"gamma": 1e200}, "γ"),
    ],
)
def test_bad_input(changes, message):
    arguments = {"activation": "relu", "loss": "huber", "width": 10, "d": 3, "k": 1, "tolerance": 0.5, "bias_gap": 1} | changes
    with pytest.raises(InputError, match=message):
        recommend(**arguments)


@given(
    st.integers(1, 9), positive, st.integers(0, 9), st.integers(0, 60), st.fractions(0, 5, max_denominator=4), st.integers(2, 9)
)
def test_the_bound_is_the_recursion_that_telescopes(m, gamma, offset, steps, noise, d):
    """a_0 = (d-k)/d, a_{t+1} = (1 - η_t γ/m) a_t + 4 C (d-k)/(γ (s + 1))², s = t + t*: the last is at least η_t² C (d-k)/m²."""
    schedule, k = Schedule(m, gamma, Fraction(offset)), 1 + d // 3
    a = Fraction(d - k, d)
    for t in range(steps):
        s, step = t + offset, schedule.exact_step(t)
        assert 1 - step * gamma / m == Fraction(s**2, (s + 1) ** 2)
        assert step**2 / m**2 <= 4 / (gamma * (s + 1)) ** 2
        a = (1 - step * gamma / m) * a + 4 * noise * (d - k) / (gamma * (s + 1)) ** 2
    assert mean_square_bound(steps, schedule, float(noise), d=d, k=k) == pytest.approx(float(a))


@given(st.floats(0.01, 1), positive, st.integers(0, 40), st.floats(0.01, 5), st.integers(2, 200))
def test_the_number_of_steps_is_solved_for_and_not_searched(tolerance, gamma, offset, noise, d):
    calls = []
    with pytest.MonkeyPatch.context() as patch:

        def counted(*arguments, **settings):
            calls.append(1)
            assert len(calls) <= 5
            return mean_square_bound(*arguments, **settings)

        patch.setattr(convergence, "mean_square_bound", counted)
        least_steps(tolerance, Schedule(7, gamma, Fraction(offset)), noise, d=d, k=1)


def test_least_offsets_by_hand():
    """(2t + 1)/(t + 1)² <= q, which is 1 - (t/(t+1))²: q = 3/4, 5/9, 7/16, 19/100 are met at t = 1, 2, 3, 9, and no less."""

    def of(q):  # 2γ/(2γ_0 + 2γ + Sβ_1²) = q at γ_0 = 0, γ = 1
        zero = threshold(Activation.of("relu"), Loss.huber(), bias_gap=1)
        return least_offset(replace(zero, value=Constant(constant(0))), 1, Constant(constant(2 / q - 2)))

    for t in (1, 2, 3, 9, 99):
        q = 1 - Fraction(t, t + 1) ** 2
        assert (of(q), of(q - Fraction(1, 10**9)), of(q + Fraction(1, 10**9))) == (t, t + 1, t)
    assert of(Fraction(1)) == 0


def test_curvatures_and_noise_of_steep_and_flat_activations():
    """S β_1² and L² β_1²; β_1 = 1/4 of the logistic function, 3 of 3 tanh."""
    steep, flat = Activation.of("3*tanh(z1)"), Activation.of("sigmoid")
    assert [float(curvature(a, Loss.huber(2))) for a in (steep, flat)] == [9, 1 / 16]
    assert [float(noise_constant(a, Loss.huber(2))) for a in (steep, flat)] == [36, 1 / 4]
    assert float(noise_constant(steep, Loss.squared(), label_moments("2*z1"))) == pytest.approx(9 * (3 + 2) ** 2)
    with pytest.raises(InputError, match="needs a Lipschitz activation and a bounded ℓ''"):
        curvature(Activation.of("z1**2"), Loss.huber())


def test_the_measured_constant_is_rounded_up_to_a_step():
    """9 (100 + log 100) = 941.4..., 36 (3 + log 2) = 132.95..."""
    assert steps_from_measured_constant(0.1, 0.3, 1.0, d=100, delta=0.01) == 942
    assert steps_from_measured_constant(0.1, 1.2, 2.0, d=3, delta=0.5) == 133


def test_the_notes_of_a_plan():
    common = {"width": 100, "d": 30, "k": 1, "tolerance": 0.2, "bias_gap": 1}
    plan = recommend("relu", "huber", gamma=2, **common)
    assert plan.notes == (
        f"γ_0 = {plan.threshold} ({plan.threshold.case}): {convergence.DERIVED}",
        "γ = 2: given",
        f"t* = {plan.offset}: the least whole offset for which every step contracts, derived",
        "T: sqrt(E‖W_⊥‖_F²/m) <= tolerance by the telescoped recursion, derived with explicit constants",
        "with probability 1 - δ: ‖W_⊥‖_F/√m ≲ sqrt((d + log(1/δ))/(γ² T)), the paper's shape; its constant is unknown",
    )
    assert (plan.gamma, plan.schedule.width) == (2, 100)
    assert plan.weight_decay == pytest.approx((float(plan.threshold) + 2) / 100)
    assert plan.mean_square == mean_square_bound(plan.steps, plan.schedule, 1.0, d=30, k=1)
    measured = recommend("relu", "huber", measured_constant=1e-3, delta=0.05, **common)
    assert measured.notes[-1] == "T: the paper's shape with a measured constant 0.001 and δ = 0.05; no guarantee beyond it"
    assert measured.steps == measured.offset  # not before the step sizes decay
    assert measured.notes[1].endswith("chosen by this project, equal to γ_0 rounded up")
    flat = recommend(Activation.declared("mine", 1, 1, 0), "huber", **{**common, "bias_gap": None})
    assert flat.notes[-1] == "a declared constant was used: nothing is proved unless it is true"
    assert (flat.threshold.upper, flat.gamma) == (0, 1)


@pytest.mark.parametrize("gamma", [Fraction(1, 10**15) * 2, Fraction(10**15)])
def test_the_range_of_the_rate(gamma):
    assert Schedule(1, gamma, Fraction(0)).gamma == gamma
    for beyond in (gamma / 4, gamma * 2):
        if not 1e-15 <= beyond <= 1e15:
            with pytest.raises(InputError, match=r"expected a number between 1e-15 and 1e\+15"):
                Schedule(1, beyond, Fraction(0))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: steps_from_measured_constant(0.1, 1e15, 1.0, d=1, delta=1.0),
            r"constant is 1000000000000000.0: .* 1e-15 and 1e\+15",
        ),
        (lambda: steps_from_measured_constant(0.1, 1.0, 1.0, d=1, delta=0.0), "δ is 0"),
        (lambda: steps_from_measured_constant(1.0, 1.0, 1.0, d=10**15, delta=1.0), r"asks for more than 1e\+15 steps"),
        (lambda: least_steps(float("inf"), Schedule(1, Fraction(1), Fraction(0)), 1.0, d=2, k=1), "at least 1e-15"),
        (lambda: least_steps(1e-16, Schedule(1, Fraction(1), Fraction(0)), 0.0, d=2, k=1), "at least 1e-15"),
        (lambda: mean_square_bound(1, Schedule(1, Fraction(1), Fraction(0)), 1.0, d=2, k=3), "k = 3 directions in d = 2"),
    ],
)
def test_what_is_out_of_range(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_at_the_edges_of_the_ranges():
    still = Schedule(1, Fraction(1), Fraction(0))
    assert mean_square_bound(0, still, 1.0, d=4, k=1) == 0.75
    assert mean_square_bound(5, still, 1.0, d=4, k=4) == 0
    assert least_steps(1.0, still, 0.0, d=4, k=1) == 0
    assert least_steps(1e-6, still, 1e-12, d=2, k=1) == 4
    assert steps_from_measured_constant(1.0, 1.0, 1.0, d=10**15 - 1, delta=1.0) == 10**15 - 1
