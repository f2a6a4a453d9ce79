"""The numerical Stein decomposition against the gradient itself, finite differences, the exact twin and sampling."""

import inspect
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from steinlab.numerics.networks.losses import loss_functions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.population import stein
from steinlab.numerics.population.quadrature import Forms
from steinlab.numerics.population.stein import quadrature_risk, stein_decomposition
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.losses import Loss
from steinlab.theory.statements.thresholds import threshold
from steinlab.theory.targets.target import Noise, Target


def network(m, d, activation, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((m, d)) / np.sqrt(d)
    heads = np.resize([1.0, -1.0], m) / m
    biases = np.resize([0.7, -1.1, 0.4], m)
    return Network(weights, biases, heads, activation, shift)


SQUARED, HUBER = loss_functions("squared"), loss_functions("huber")
LINEAR = Target.from_expression("z1")
GAUSSIAN, SIGNS = Noise("gaussian", "1/2"), Noise("rademacher", 1)
SMOOTH = [
    ("z1**3 - z1", Noise(), 3, "tanh", "squared"),
    ("z1*z2", SIGNS, 3, "erf", "squared"),
    ("z1**3 + z1", Noise(), 4, "relu", "squared"),
    ("relu(z1 - 1/2)", Noise(), 3, "relu", "squared"),
    ("tanh(z1)*z2", GAUSSIAN, 2, "sigmoid", "squared"),
    ("tanh(z1)", GAUSSIAN, 1, "tanh", "huber"),
    ("tanh(z1)", GAUSSIAN, 2, "relu", "huber"),
    ("z1", SIGNS, 1, "softplus", "logistic"),
    ("relu(z1)", Noise(), 2, "relu", "logistic"),
]


@pytest.mark.parametrize(("text", "noise", "m", "activation", "loss"), SMOOTH)
def test_the_decomposition_is_the_gradient(text, noise, m, activation, loss):
    """ℋ W + 𝒟 U against E[ℓ' a_j σ'_j x], in which no second derivative and no slope of g stands."""
    target = Target.from_expression(text, noise=noise)
    at = stein_decomposition(network(m, 4, activation), loss_functions(loss), target, budget=200_000)
    assert at.method == "quadrature"
    assert np.abs(at.gradient - at.direct).max() <= 1e-8 * max(1.0, np.abs(at.direct).max())
    assert np.abs(at.direct @ at.projector - at.perpendicular).max() <= 1e-8
    assert at.error <= 1e-5
    assert np.abs(at.direct).max() > 1e-3


@pytest.mark.parametrize(("text", "noise", "m", "activation", "loss"), [case for case in SMOOTH if case[2] <= 2])
def test_the_gradient_is_the_slope_of_the_risk(text, noise, m, activation, loss):
    # Rows far from parallel: next to a kink of one, the kink of a nearly parallel one makes a steep integrand.
    weights = np.array([[0.5, 0.6, 0.0], [0.3, 0.1, -0.7]])[:m]
    target, h = Target.from_expression(text, noise=noise), 1e-3
    at = Network(weights, np.array([0.7, -1.1])[:m], np.array([0.5, -0.5])[:m], activation)
    ell = loss_functions(loss)
    expected = np.zeros_like(at.weights)
    for index in np.ndindex(*at.weights.shape):
        step = np.zeros_like(at.weights)
        step[index] = h
        up, down = (quadrature_risk(replace(at, weights=at.weights + s * step), ell, target, budget=100_000) for s in (1, -1))
        expected[index] = (up - down) / (2 * h)
    assert np.abs(stein_decomposition(at, ell, target, budget=100_000).direct - expected).max() <= 3e-6


@pytest.mark.parametrize("text", ["sign(z1)", "sign(z1 - 1/3) + relu(z1)"])
@pytest.mark.parametrize(
    ("activation", "loss", "noise"), [("relu", "squared", SIGNS), ("tanh", "squared", Noise()), ("relu", "huber", GAUSSIAN)]
)
def test_the_perpendicular_part_needs_no_smoothness(text, activation, loss, noise):
    target = Target.from_expression(text, noise=noise)
    at = stein_decomposition(network(2, 4, activation), loss_functions(loss), target, budget=200_000)
    assert at.drift is None
    assert np.abs(at.direct @ at.projector - at.perpendicular).max() <= 1e-7
    assert np.abs(at.perpendicular).max() > 1e-4
    with pytest.raises(InputError, match="jumps"):
        _ = at.gradient
    with pytest.raises(InputError, match="jumps"):
        at.stationary_point(1.0)


def test_huber_without_noise_is_of_lower_order_and_says_so():
    at = stein_decomposition(network(1, 3, "tanh"), HUBER, Target.from_expression("2*z1"), budget=200_000)
    assert np.abs(at.gradient - at.direct).max() <= max(10 * at.error, 1e-3)
    assert at.error > 1e-8


@pytest.mark.parametrize(("text", "noise", "m", "activation", "loss"), SMOOTH)
def test_sampling_agrees_within_its_error(text, noise, m, activation, loss):
    """An independent estimate of the whole gradient: labels, pre-activations and slopes drawn here."""
    target, net = Target.from_expression(text, noise=noise), network(m, 4, activation)
    rng = np.random.default_rng(5)
    x = rng.standard_normal((200_000, 4))
    z = {f"z{i + 1}": x[:, i] for i in range(2)}
    names = {"relu": lambda u: np.maximum(u, 0), "tanh": np.tanh, "sign": np.sign} | z
    y = eval(text, {"__builtins__": {}}, names)  # the tests' own links
    y = y + float(noise.scale) * (rng.standard_normal(len(x)) if noise.kind == "gaussian" else rng.choice([-1.0, 1.0], len(x)))
    pre = x @ net.weights.T + net.biases
    slope = {
        "relu": lambda u: (u > 0) * 1.0,
        "tanh": lambda u: 1 / np.cosh(u) ** 2,
        "erf": lambda u: 2 / np.sqrt(np.pi) * np.exp(-(u**2)),
        "sigmoid": lambda u: np.exp(-u) / (1 + np.exp(-u)) ** 2,
        "softplus": lambda u: 1 / (1 + np.exp(-u)),
    }[activation]
    from scipy.special import erf

    value = {"relu": lambda u: np.maximum(u, 0), "tanh": np.tanh, "erf": erf, "sigmoid": lambda u: 1 / (1 + np.exp(-u))}.get(
        activation, lambda u: np.logaddexp(0, u)
    )
    prediction = value(pre) @ net.head
    ell = {
        "squared": prediction - y,
        "huber": np.clip(prediction - y, -1, 1),
        "logistic": -y / (1 + np.exp(y * prediction)),
    }[loss]
    found = stein_decomposition(net, loss_functions(loss), target, budget=60_000).direct
    for j in range(m):
        terms = (ell * net.head[j] * slope(pre[:, j]))[:, None] * x
        assert (np.abs(terms.mean(0) - found[j]) <= 6 * terms.std(0) / np.sqrt(len(x)) + 1e-12).all()


def test_beyond_the_budget_it_samples_and_says_so():
    problem = network(5, 8, "tanh"), loss_functions("logistic"), Target.from_expression("tanh(z1)")
    at = stein_decomposition(*problem, budget=100_000)
    assert at.method == "sampling"
    assert 0 < at.error < 0.01
    assert np.abs(at.gradient - at.direct).max() <= 8 * at.error
    again = stein_decomposition(*problem, budget=100_000)
    assert (again.coupling == at.coupling).all()
    assert (stein_decomposition(*problem, budget=100_000, seed=1).coupling != at.coupling).any()
    with pytest.raises(InputError, match="budget"):
        quadrature_risk(*problem, budget=100_000)


def test_relu_heads_sampled_and_by_quadrature_agree():
    problem = network(2, 5, "relu"), HUBER, Target.from_expression("tanh(z1)", noise=GAUSSIAN)
    exact = stein_decomposition(*problem)
    sampled = stein_decomposition(*problem, budget=3_000)  # three directions do not fit
    assert (exact.method, sampled.method) == ("quadrature", "sampling")
    assert np.abs(exact.coupling - sampled.coupling).max() <= 8 * sampled.error


def test_width_does_not_widen_the_rules_of_the_squared_loss():
    at = stein_decomposition(network(12, 20, "relu"), SQUARED, Target.from_expression("z1**2"), budget=10_000)
    assert at.method == "quadrature"
    assert np.abs(at.gradient - at.direct).max() <= 1e-10


def test_the_curvature_term_respects_the_threshold():
    """λ_min(ℋ) >= -γ_0/m, the heart of the contraction, for ReLU and Huber at a few networks."""
    gamma0 = float(threshold(Activation.of("relu"), Loss.huber(), bias_gap=Fraction(2, 5)))
    for seed in range(3):
        target = Target.from_expression("3*z1", noise=GAUSSIAN)
        at = stein_decomposition(network(2, 4, "relu", seed=seed), HUBER, target, budget=50_000)
        assert np.linalg.eigvalsh(at.coupling).min() >= -gamma0 / 2 - 1e-9
        assert np.abs(at.coupling - at.coupling.T).max() <= 1e-9


def test_stationary_points_lie_in_the_principal_subspace():
    target = Target.from_expression("z1 + z2**2")
    at = stein_decomposition(network(4, 5, "tanh"), SQUARED, target, budget=50_000)
    found = at.stationary_point(1.0)
    assert np.linalg.matrix_rank(found, tol=1e-10) <= 2
    assert np.abs((at.coupling + np.eye(4)) @ found + at.drift @ at.directions).max() <= 1e-12


def test_shifts_move_the_kink():
    plain, moved = network(2, 3, "relu"), network(2, 3, "relu", shift=0.3)
    back = replace(moved, biases=moved.biases + 0.3)
    target = Target.from_expression("z1**2")
    here, there, elsewhere = (stein_decomposition(net, SQUARED, target).coupling for net in (plain, back, moved))
    assert np.allclose(here, there, atol=1e-12)
    assert not np.allclose(here, elsewhere, atol=1e-3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: stein_decomposition(Network(np.full((1, 2), np.nan), np.ones(1), np.ones(1)), SQUARED, LINEAR),
        lambda: stein_decomposition(Network(np.ones((0, 2)), np.ones(0), np.ones(0)), SQUARED, LINEAR),
        lambda: stein_decomposition(network(1, 2, "tanh"), SQUARED, Target.from_expression("z1*z2*z3")),
        lambda: stein_decomposition(network(1, 2, "tanh"), SQUARED, LINEAR, nodes=1),
        lambda: stein_decomposition(network(1, 2, "tanh"), SQUARED, LINEAR, budget=1),
        lambda: stein_decomposition(Network(np.zeros((1, 2)), np.zeros(1), np.ones(1)), HUBER, LINEAR),
    ],
)
def test_bad_input(make):
    with pytest.raises(InputError):
        make()


def test_a_dead_neuron_has_no_curvature():
    net = Network(np.zeros((1, 2)), np.array([0.5]), np.ones(1))
    at = stein_decomposition(net, SQUARED, Target.from_expression("z1 + 1"))
    assert at.coupling == pytest.approx(np.array([[1.0]]))
    assert np.allclose(at.gradient, at.direct)


def test_points_are_those_that_the_budget_allows():
    """n^q points on each panel that kinks cut: (budget/panels)^(1/q) each, at least 16 and at most 128, for every rule."""
    line, plane = Forms(np.eye(1), [[]]), Forms(np.eye(2), [[0.0], [1.0, 2.0]])
    assert (plane.panels, plane.dimension) == (6, 2)
    assert stein._points([plane], None, 6 * 400) == 20
    assert stein._points([plane], None, 6 * 256) == 16
    assert stein._points([plane], None, 6 * 256 - 1) is None
    assert stein._points([line, plane], None, 6 * 900) == 30
    assert stein._points([line], None, 10**6) == 128
    assert stein._points([line], 500, 16) == 500
    for nodes, budget in ((1, 16), (None, 15)):
        with pytest.raises(InputError):
            stein._points([line], nodes, budget)
    with pytest.raises(InputError, match=r"the risk needs 2 x 16\^3 nodes, the budget is 8191; use fewer neurons"):
        quadrature_risk(network(1, 3, "relu"), HUBER, Target.from_expression("z1*z2"), budget=8191)


def test_the_density_at_the_kink():
    """N(0, |w|²) at c - b; none for a neuron that never moves."""
    weights, biases = np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([0.5, 0.25])
    problem = stein._Problem(Network(weights, biases, np.ones(2), "relu", 2.0), SQUARED, LINEAR)
    assert problem.density(0) == pytest.approx(np.exp(-(1.5**2) / 50) / (5 * np.sqrt(2 * np.pi)), rel=1e-14)
    assert problem.density(1) == 0
    with pytest.raises(InputError, match="neuron 1 has zero weights and its bias at the kink"):
        stein._Problem(Network(weights, np.array([0.5, 2.0]), np.ones(2), "relu", 2.0), SQUARED, LINEAR).density(1)


def test_errors_are_the_spread_of_sixteen_batches():
    """Of the batches' means, so that more draws shrink it as 1/√n."""
    problem = network(5, 8, "tanh"), loss_functions("logistic"), Target.from_expression("tanh(z1)")
    few, many = (stein_decomposition(*problem, budget=budget).error for budget in (1_600, 160_000))
    assert 5 < few / many < 20
    batch = stein._Problem(*problem).evaluate(partial(stein._sampled_rule, 100, generator(0, "stein", 0)))
    draws = [stein._Problem(*problem).evaluate(partial(stein._sampled_rule, 100, generator(0, "stein", b))) for b in range(16)]
    assert np.array_equal(batch[0], draws[0][0])
    spread = max(float(np.array(parts).std(axis=0, ddof=1).max()) for parts in zip(*draws, strict=True))
    assert few == pytest.approx(spread / 4, rel=1e-12)
    assert np.allclose(stein_decomposition(*problem, budget=1_600).direct, np.mean([d[2] for d in draws], axis=0), rtol=1e-12)


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(stein_decomposition).kwonlydefaults == {"nodes": None, "budget": 400_000, "seed": 0}
    assert inspect.getfullargspec(quadrature_risk).kwonlydefaults == {"nodes": None, "budget": 400_000}
