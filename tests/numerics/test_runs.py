"""One run of a method that is not online: its quantities, its samples, its refusals."""

import dataclasses
import inspect
import json

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from steinlab.numerics import registry
from steinlab.numerics import runs as training
from steinlab.numerics.population import loss_risk
from steinlab.numerics.population.relu_risk import PopulationRisk
from steinlab.numerics.registry import method_settings
from steinlab.numerics.runs import train
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

FIGURE_1 = Target.from_expression("He(2,z1)/2 + He(4,z1)/sqrt(48)", noise=Noise("rademacher", 1))
METHODS = registry.methods(online=False)
CUBIC = Target.from_expression("He(3,z1)/sqrt(6)", noise=Noise("rademacher", 1))
SMALL = {"n": 300, "d": 4, "m": 10, "seed": 0, "holdout": 500, "test": 2000}


@pytest.mark.parametrize("method", METHODS)
def test_a_run_is_a_function_of_its_arguments_to_the_bit_whatever_the_threads(method):
    first = train(FIGURE_1, method=method, **SMALL)
    with threadpool_limits(2):
        again = train(FIGURE_1, method=method, **SMALL)
    assert first == again
    assert train(FIGURE_1, method=method, **(SMALL | {"seed": 1})).excess_risk != first.excess_risk


@pytest.mark.parametrize("method", METHODS)
def test_results_are_json_with_every_setting_resolved(method):
    result = train(FIGURE_1, method=method, **SMALL)
    fields = {field.name: getattr(result, field.name) for field in dataclasses.fields(result) if field.name != "network"}
    assert json.loads(json.dumps(result.to_mapping(), allow_nan=False)) == fields
    assert result.network.score(*next(iter(GaussianData(FIGURE_1, 100, 4, 1)))) < 1
    assert set(method_settings(method)) <= set(result.settings)
    assert result.settings["ridge"] == result.ridge > 0
    assert (result.settings["noise_kind"], result.settings["noise_scale"]) == ("rademacher", "1")
    if method == "one-step":
        assert (result.settings["step_size"], result.settings["first_weight_decay"]) == (2.0, 0.5)
    assert "<td>" in result._repr_html_()


def test_algorithm_1_beats_the_kernels_on_figure_1():
    risks = {method: train(FIGURE_1, method=method, n=10_000, d=10, m=100, seed=1) for method in METHODS}
    assert risks["one-step"].excess_risk < 0.2
    assert risks["one-step"].alignment > 0.9
    for method in ("random-features", "tangent-kernel"):
        assert 0.5 < risks[method].excess_risk < 0.8
        assert risks[method].alignment < 0.25
        assert risks[method].excess_l1 > 3 * risks["one-step"].excess_l1


def test_more_samples_help():
    risks = [train(FIGURE_1, method="one-step", n=n, d=10, m=100, seed=2).excess_risk for n in (100, 3000, 100_000)]
    assert risks[0] > 0.8 > 0.4 > risks[1] > 2 * risks[2]


def test_transfer_learns_a_cubic_that_one_step_alone_cannot():
    sizes = {"d": 10, "m": 100, "seed": 0}
    transferred = train(FIGURE_1, method="one-step", n=30_000, transfer=(CUBIC, 2000), **sizes)
    alone = train(CUBIC, method="one-step", n=2000, **sizes)
    untrained = train(FIGURE_1, method="one-step", n=10, transfer=(CUBIC, 2000), **sizes)
    assert transferred.excess_risk < 0.1
    assert alone.excess_risk > 3 * transferred.excess_risk
    assert untrained.excess_risk > 0.9
    assert transferred.settings["transfer"] == "He(3,z1)/sqrt(6)"
    assert transferred.settings["transfer_samples"] == 2000


def test_every_purpose_has_its_own_samples(monkeypatch):
    made = []

    class Recording(training.GaussianData):
        def __init__(self, *arguments, **keywords):
            super().__init__(*arguments, **keywords)
            made.append(self)

    monkeypatch.setattr(training, "GaussianData", Recording)
    train(FIGURE_1, method="one-step", transfer=(CUBIC, 50), **SMALL)
    assert len(made) == len({data.stream for data in made}) == 5
    assert {data.seed for data in made} == {0}
    assert [data.noise.kind for data in made if data.stream == "test"] == ["none"]


def test_the_risk_of_no_predictor_is_the_second_moment():
    result = train(FIGURE_1, method="random-features", **SMALL, settings={"ridge": 1e12})
    assert result.excess_risk == pytest.approx(1, abs=1e-6)
    assert result.excess_risk_standard_error < 1e-6


@pytest.mark.parametrize("method", METHODS)
def test_networks_have_a_risk_in_closed_form_that_monte_carlo_confirms(monkeypatch, method):
    sizes = SMALL | {"test": 50_000}
    exact = train(FIGURE_1, method=method, **sizes)
    monkeypatch.setattr(loss_risk, "CLOSED_FORM_WIDTH", 4)
    sampled = train(FIGURE_1, method=method, **sizes)
    assert (sampled.excess_risk_method, sampled.excess_risk_rounding_error) == ("Monte Carlo", 0)
    assert (exact.excess_risk_method, exact.excess_risk_standard_error) == ("closed form", 0)
    assert 0 < exact.excess_risk_rounding_error < 1e-12
    assert 0 < abs(exact.excess_risk - sampled.excess_risk) < 4 * sampled.excess_risk_standard_error
    assert exact.excess_l1 == sampled.excess_l1


def test_the_closed_form_needs_no_test_points_and_covers_transfer():
    few, many = (train(FIGURE_1, method="one-step", transfer=(CUBIC, 200), **(SMALL | {"test": test})) for test in (2, 5000))
    assert few.excess_risk == many.excess_risk
    assert few.excess_risk_method == "closed form"


def test_monte_carlo_takes_over_where_rounding_would_cost_more(monkeypatch):
    plain = train(FIGURE_1, method="one-step", **SMALL)

    def imprecise(*arguments, **keywords):
        return PopulationRisk(-1.0, 1.01 * error)

    monkeypatch.setattr(loss_risk, "CLOSED_FORM_WIDTH", 4)
    error = train(FIGURE_1, method="one-step", **SMALL).excess_risk_standard_error
    monkeypatch.undo()
    monkeypatch.setattr(loss_risk, "population_risk", imprecise)
    sampled = train(FIGURE_1, method="one-step", **SMALL)
    assert (sampled.excess_risk_method, sampled.excess_risk_standard_error) == ("Monte Carlo", error)
    error /= 1.02
    assert train(FIGURE_1, method="one-step", **SMALL).excess_risk == -1
    assert plain.excess_risk_method == "closed form"


def test_without_noise_the_risk_is_lower():
    noisy = train(FIGURE_1, method="tangent-kernel", **SMALL, noise=2)
    clean = train(FIGURE_1, method="tangent-kernel", **SMALL, noise=0)
    assert clean.excess_risk < noisy.excess_risk
    assert (clean.settings["noise_kind"], clean.settings["noise_scale"]) == ("none", "0")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n": 0}, "n = 0"),
        ({"n": 10.0}, "n = 10.0 is not a whole number"),
        ({"m": 0}, "m = 0"),
        ({"m": 7}, "m = 7 is odd"),
        ({"d": 0}, "d = 0"),
        ({"d": 10**13}, "GiB"),
        ({"n": 10**16}, "floating-point operations"),
        ({"m": 10**9}, "GiB"),
        ({"test": 10**13}, "fresh points"),
        ({"holdout": 10**14}, "floating-point operations"),
        ({"test": 1}, "test = 1"),
        ({"holdout": 0}, "holdout = 0"),
        ({"seed": 0.5}, "not an integer"),
        ({"method": "online-sgd"}, "choose from one-step, random-features, tangent-kernel"),
        ({"settings": {"colour": 1}}, "no setting 'colour'"),
        ({"settings": {"width": 4}}, "no setting 'width'"),
        ({"settings": {"random_state": 4}}, "no setting 'random_state'"),
        ({"noise": "nan"}, "noise scale"),
        ({"transfer": (CUBIC, 0)}, "N = 0"),
        ({"transfer": (Target.from_expression("z7"), 5)}, "d = 4 is too small"),
        ({"method": "random-features", "transfer": (CUBIC, 5)}, "learns no features"),
    ],
)
def test_bad_input_is_refused_before_work(changes, message):
    with pytest.raises(InputError, match=message):
        train(FIGURE_1, **({"method": "one-step"} | SMALL | changes))


@pytest.mark.parametrize("method", METHODS)
def test_a_risk_beyond_floating_point_is_refused(method):
    target = Target.from_expression("1e140*z1")
    with pytest.raises(InputError, match=r"the risk on '1e140\*z1' is beyond floating point"):
        train(target, method=method, **SMALL)


def test_a_target_may_be_given_as_an_expression():
    size = {"method": "random-features", "n": 40, "d": 3, "m": 4, "seed": 1, "holdout": 50, "test": 50}
    assert training.train("z1*z2", **size) == training.train(Target.from_expression("z1*z2"), **size)


def test_the_least_sizes_and_the_memory_of_the_risk(monkeypatch):
    asked = []
    real = training.require_memory
    monkeypatch.setattr(training, "require_memory", lambda *sizes: asked.append(sizes) or real(*sizes))
    least = {"n": 1, "d": 1, "m": 2, "seed": -1, "holdout": 1, "test": 2}
    result = train("z1**2", method="random-features", **least)
    assert (result.n, result.d, result.m, result.seed) == (1, 1, 2, -1)
    assert asked[0] == (64 * 2, "the risk on 2 fresh points", "take fewer test points")
    assert result.settings["ridge_rule"] == "holdout"
    fixed = train("z1**2", method="random-features", settings={"ridge": 0.5}, **least)
    assert (fixed.settings["ridge_rule"], fixed.ridge) == ("fixed", 0.5)
    defaults = inspect.signature(train).parameters
    assert (defaults["holdout"].default, defaults["test"].default) == (100_000, 100_000)


def test_the_mean_over_fresh_points_is_controlled_by_the_target_and_its_square():
    """Δ and y on the test stream; the regression on y - E y and y² - E y² by NumPy."""
    result = train(FIGURE_1, method="random-features", **SMALL)
    data = GaussianData(FIGURE_1, 2000, 4, 0, "test", Noise())
    X, y = (np.concatenate(parts) for parts in zip(*data, strict=True))
    absolute = np.maximum(np.abs(result.network.predict_block(X) - y), 1) - 1
    columns = np.stack([np.ones(2000), y - 0.0, y**2 - 1.0], axis=1)  # E f* = 0 and E f*² = 1
    coefficients, *_ = np.linalg.lstsq(columns, absolute, rcond=None)
    assert result.excess_l1 == pytest.approx(coefficients[0], rel=1e-10)
    residuals = absolute - columns @ coefficients
    assert result.excess_l1_standard_error == pytest.approx(np.sqrt(np.mean(residuals**2) / 2000), rel=1e-10)


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(train).kwonlydefaults == {
        "noise": None,
        "settings": None,
        "transfer": None,
        "holdout": 100_000,
        "test": 100_000,
    }


@pytest.mark.parametrize("method", registry.methods(online=False))
def test_a_callable_trains_as_the_same_target_with_a_formula(method):
    size = {"method": method, "n": 400, "d": 4, "m": 8, "seed": 1, "holdout": 200, "test": 200, "settings": {"ridge": 1.0}}
    seen = train(Target.from_callable(lambda z: np.abs(z[:, 0]) * z[:, 1], latent_dimension=2), **size)
    known = train("abs(z1)*z2", **size)
    assert seen.excess_risk == pytest.approx(known.excess_risk, rel=0.05)
    assert seen.excess_l1 == pytest.approx(known.excess_l1, rel=0.05)
    assert seen.alignment == pytest.approx(known.alignment)
