"""The gap over heads: a valid lower bound, against a case that can be solved by hand and a search on a grid."""

import inspect
import math

import numpy as np
import pytest

from steinlab.numerics.networks.losses import loss_functions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.population import generalisation
from steinlab.numerics.population.generalisation import generalisation_gap
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

LINEAR = Target.from_expression("z1", noise=Noise("rademacher", "1/2"))
LOSS = loss_functions("huber", 0.5)


def layer(W):
    return Network(W, np.zeros(len(W)), np.zeros(len(W)))


def mean_loss(W, a, b, target, n, seed, stream):
    total = 0.0
    for X, y in GaussianData(target, n, W.shape[1], seed, stream):
        error = np.abs(np.maximum(X @ W.T + b, 0) @ a - y)
        total += np.sum(np.where(error <= 0.5, error**2 / 2, 0.5 * error - 0.125))
    return total / n


def test_the_head_is_in_the_set_and_the_gap_is_that_of_the_head():
    W = np.random.default_rng(0).standard_normal((6, 3))
    gap = generalisation_gap(
        layer(W), LOSS, LINEAR, T=100, seed=3, head_radius=2.0, bias_radius=0.5, fresh=20_000, iterations=10, restarts=1
    )
    assert np.linalg.norm(gap.head) <= 2 / math.sqrt(6) * (1 + 1e-12)
    assert np.abs(gap.biases).max() <= 0.5
    empirical = mean_loss(W, gap.head, gap.biases, LINEAR, 100, 3, "train")
    assert gap.empirical == pytest.approx(empirical, rel=1e-12)
    population = mean_loss(W, gap.head, gap.biases, LINEAR, 200_000, 99, "another")
    assert gap.gap == pytest.approx(gap.sign * (population - empirical), abs=5 * gap.standard_error)
    assert 0 < gap.standard_error < 0.01


def test_it_finds_what_a_grid_finds_with_one_neuron():
    W = np.array([[1.0, 0.0]])
    gap = generalisation_gap(layer(W), LOSS, LINEAR, T=40, seed=1, fresh=50_000, restarts=3, iterations=40)
    grid = [
        mean_loss(W, np.array([a]), np.array([b]), LINEAR, 50_000, 5, "grid")
        - mean_loss(W, np.array([a]), np.array([b]), LINEAR, 40, 1, "train")
        for a in np.linspace(-1, 1, 9)
        for b in np.linspace(-1, 1, 5)
    ]
    assert gap.gap > max(abs(value) for value in grid) - 4 * gap.standard_error


def test_ascent_beats_the_zero_head():
    W = np.random.default_rng(1).standard_normal((20, 4))
    gap = generalisation_gap(layer(W), LOSS, LINEAR, T=60, seed=2, fresh=20_000)
    zero = abs(
        mean_loss(W, np.zeros(20), np.zeros(20), LINEAR, 50_000, 7, "zero")
        - mean_loss(W, np.zeros(20), np.zeros(20), LINEAR, 60, 2, "train")
    )
    assert gap.gap > zero + 3 * gap.standard_error
    assert gap.found > 0


def test_the_gap_is_measured_on_samples_that_the_search_never_saw():
    W = np.random.default_rng(1).standard_normal((20, 4))
    gaps = [generalisation_gap(layer(W), LOSS, LINEAR, T=2000, seed=s, fresh=100, iterations=15, restarts=1) for s in range(8)]
    differences = np.array([gap.found - gap.gap for gap in gaps])
    # A search on 100 points fits their noise: what it finds there is well above what holds elsewhere.
    assert differences.mean() > 2 * np.mean([gap.standard_error for gap in gaps]) / np.sqrt(8)


def test_it_is_a_function_of_its_arguments_and_shrinks_with_samples():
    W = np.eye(5)[[0, 0, 1]]
    options = {"seed": 0, "fresh": 8000, "iterations": 15}
    first, again = (generalisation_gap(layer(W), LOSS, LINEAR, T=50, **options) for _ in range(2))
    assert first.gap == again.gap
    np.testing.assert_array_equal(first.head, again.head)
    seeds = [{"seed": s, "fresh": 8000, "iterations": 15} for s in range(4)]
    few, many = (np.mean([generalisation_gap(layer(W), LOSS, LINEAR, T=T, **o).gap for o in seeds]) for T in (50, 3200))
    assert few > 3 * many


@pytest.mark.parametrize(
    "options", [{"T": 0}, {"head_radius": 0.0}, {"bias_radius": -1.0}, {"fresh": 1}, {"restarts": 0}, {"iterations": 0}]
)
def test_bad_input_is_refused(options):
    with pytest.raises(InputError):
        generalisation_gap(layer(np.eye(3)), LOSS, LINEAR, **({"T": 10, "seed": 0} | options))


def test_the_weights_of_a_diverged_run_are_refused():
    with pytest.raises(InputError, match="diverged"):
        generalisation_gap(layer(np.full((3, 3), np.nan)), LOSS, LINEAR, T=10, seed=0)


def test_memory_and_work_are_counted_before_the_search(monkeypatch):
    """Single precision: four bytes a projection; value and gradients are some 20 operations each."""
    asked = {}
    for name in ("require_memory", "require_work"):
        monkeypatch.setattr(generalisation, name, lambda *sizes, name=name: asked.update({name: sizes}))
    generalisation_gap(layer(np.eye(3)), LOSS, LINEAR, T=10, seed=0, fresh=20, restarts=2, iterations=5)
    what = "the gap with T = 10, 20 fresh samples and m = 3"
    assert asked["require_memory"] == (4 * 3 * 30, what, "take fewer fresh samples or neurons")
    assert asked["require_work"] == (20 * 2 * 5 * 3 * 30, what, "take fewer samples, neurons or iterations")


def test_the_least_sizes_are_accepted():
    gap = generalisation_gap(layer(np.eye(2)), LOSS, LINEAR, T=1, seed=0, fresh=2, restarts=1, iterations=1)
    assert np.linalg.norm(gap.head) == pytest.approx(1 / math.sqrt(2))
    assert np.abs(gap.biases).max() <= 1


def test_the_mean_loss_and_its_gradients_are_those_of_all_rows(monkeypatch):
    """Against differences of the loss written out, with rows taken 7 at a time."""
    monkeypatch.setattr(generalisation, "ROWS", 7)
    rng = np.random.default_rng(0)
    W, a, b = rng.standard_normal((4, 2)), rng.standard_normal(4), rng.standard_normal(4)
    found = generalisation._Sample(Network(W, b, a, "tanh"), loss_functions("squared"), LINEAR, 30, 5, "train", None)
    X, y = (np.concatenate(parts) for parts in zip(*GaussianData(LINEAR, 30, 2, 5, "train"), strict=True))

    def risk(a, b):
        return np.mean((np.tanh(X @ W.T + b) @ a - y) ** 2) / 2

    value, in_head, in_biases = found.gradient(a, b)
    assert value == pytest.approx(risk(a, b), rel=1e-5)
    for j, step in enumerate(1e-5 * np.eye(4)):
        assert in_head[j] == pytest.approx((risk(a + step, b) - risk(a - step, b)) / 2e-5, abs=1e-4)
        assert in_biases[j] == pytest.approx((risk(a, b + step) - risk(a, b - step)) / 2e-5, abs=1e-4)


def test_the_ascent_is_the_one_that_is_described():
    """Starts uniform in the cube, a along the gradient at a = 0 on its sphere, steps 1/(2√i) of the radii: the first iterates."""
    asked = []
    real = generalisation._Sample.gradient

    class Recorded(generalisation._Sample):
        def gradient(self, head, biases):
            found = real(self, head, biases)
            asked.append((self, head, biases, found))
            return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generalisation, "_Sample", Recorded)
        options = {"head_radius": 3.0, "bias_radius": 0.5, "fresh": 40, "restarts": 1, "iterations": 2}
        generalisation_gap(layer(np.eye(2)), LOSS, LINEAR, T=10, seed=4, **options)
    radius, start = 3 / math.sqrt(2), generator(4, "gap", 0).uniform(-0.5, 0.5, 2)
    assert np.array_equal(asked[0][2], start)
    assert not asked[0][1].any()
    slope = asked[0][3][1] - asked[1][3][1]
    for sign, first in ((1, 2), (-1, 6)):
        (_, a, b, here), (*_, there) = asked[first : first + 2]
        np.testing.assert_allclose(a, sign * radius * slope / np.linalg.norm(slope), rtol=1e-12)
        assert np.array_equal(b, start)
        moved = a + radius / 2 * sign * (here[1] - there[1]) / np.linalg.norm(here[1] - there[1])
        np.testing.assert_allclose(asked[first + 2][1], moved * min(1, radius / np.linalg.norm(moved)), rtol=1e-12)
        turned = np.clip(start + 0.25 * np.sign(sign * (here[2] - there[2])), -0.5, 0.5)
        np.testing.assert_allclose(asked[first + 2][2], turned, rtol=1e-12)


def test_settings_are_given_by_name_and_have_these_defaults():
    search = {"fresh": 20_000, "restarts": 2, "iterations": 40, "noise": None}
    assert inspect.getfullargspec(generalisation_gap).kwonlydefaults == search | {"head_radius": 1.0, "bias_radius": 1.0}
