import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy.stats import norm

from steinlab.numerics.networks.features import TangentFeatures
from steinlab.numerics.networks.network import Network
from steinlab.numerics.population import tangent_risk as tangent_risk_module
from steinlab.numerics.population.relu_neurons import TILE
from steinlab.numerics.population.relu_risk import population_risk
from steinlab.numerics.population.tangent_risk import tangent_risk
from steinlab.numerics.samples.link import Link
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

TARGET = Target.from_expression("(z1-2*z2)**3/10 + z2**4/5 + z1**2 + (z1+z2)/2 - 3/4")
OBLIQUE = Target.from_expression("z1*z2**2/3 + z2**3/5 + z1 - 1/3", directions=[[1, 0, 1], [1, 2, 0]])
SEEDS = st.integers(0, 2**32)


def draw(seed, m, d, include_head=True):
    rng = np.random.default_rng(seed)
    features = TangentFeatures(rng.standard_normal((m, d)), rng.standard_normal(m), include_head)
    return features, rng.standard_normal(features.size), float(rng.standard_normal()), rng.standard_normal(d)


@pytest.mark.parametrize("target", [TARGET, OBLIQUE])
@pytest.mark.parametrize("include_head", [True, False])
def test_monte_carlo_agrees_within_its_error(target, include_head):
    features, head, alpha, beta = draw(0, 10, 4, include_head)
    W, b = features.weights, features.biases
    W[1], W[3], W[5], b[5], b[0] = -W[0], 2 * W[2], W[4], b[4], 0.0
    b[6], b[7] = 200.0, -200.0
    X = np.random.default_rng(1).standard_normal((400_000, 4))
    samples = (alpha + X @ beta + features.apply(X, head[:, None])[:, 0] - Link(target, X.shape[1])(X)) ** 2
    found = tangent_risk(features, head, target, alpha=alpha, beta=beta)
    assert abs(found.value - samples.mean()) < 4 * samples.std() / math.sqrt(len(X))
    assert found.rounding_error < 1e-13 * found.value


@given(SEEDS, st.sampled_from([TARGET, OBLIQUE]), st.booleans())
def test_a_relu_network_is_a_tangent_function_in_two_ways(seed, target, through_weights):
    """σ(u) = 1{u >= 0} u, by the head's features, or for b = 0 by those of the weights."""
    features, head, alpha, beta = draw(seed, 7, 4)
    m, d = features.weights.shape
    a = head[d * m :].copy()
    head[:] = 0
    if through_weights:
        features.biases[:] = 0
        head[: d * m] = (a[:, None] * features.weights).T.ravel()
    else:
        head[d * m :] = a
    network = Network(features.weights, features.biases, a)
    expected = population_risk(network, target, alpha=alpha, beta=beta)
    found = tangent_risk(features, head, target, alpha=alpha, beta=beta)
    assert abs(found.value - expected.value) <= found.rounding_error + expected.rounding_error


@pytest.mark.parametrize("seed", range(3))
def test_unbiased_networks_agree_with_polar_coordinates_at_30_digits(seed):
    """In the plane f is r F(φ) and f* is r² G(φ): E (f - f*)² is one integral over the angle, smooth between the kinks."""
    rng = np.random.default_rng(seed)
    W, forms = rng.standard_normal((4, 2)), rng.standard_normal((4, 2))
    features = TangentFeatures(W, np.zeros(4), include_head=False)
    found = tangent_risk(features, forms.T.ravel(), Target.from_expression("z1**2/2 - 3*z1*z2"))
    with mp.workdps(30):
        kinks = [mp.atan2(mpf(w[1]), mpf(w[0])) + side * mp.pi / 2 for w in W for side in (-1, 1)]

        def at(angle):
            x = (mp.cos(angle), mp.sin(angle))
            inside = [v for w, v in zip(W, forms, strict=True) if mpf(w[0]) * x[0] + mpf(w[1]) * x[1] >= 0]
            f = sum((mpf(v[0]) * x[0] + mpf(v[1]) * x[1] for v in inside), mpf(0))
            g = x[0] ** 2 / 2 - 3 * x[0] * x[1]
            return (2 * f * f - 2 * 3 * mp.sqrt(mp.pi / 2) * f * g + 8 * g * g) / (2 * mp.pi)  # E r², E r³, E r⁴

        edges = sorted({-mp.pi, mp.pi, *(mp.atan2(mp.sin(kink), mp.cos(kink)) for kink in kinks)})
        expected = mp.quad(at, edges)
    assert abs(found.value - float(expected)) <= found.rounding_error < 1e-13 * (1 + found.value)


@pytest.mark.parametrize("angle", [0.5, 1e-2, 1e-5, 1e-9, 1e-13, 1e-15, 0.0])
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("across", [True, False])
def test_almost_parallel_half_planes_keep_their_angle(angle, side, across):
    """E (1{v·x >= 0} t·x - 1{w·x >= 0} t·x)² for v = e₁ and w at the angle θ: t·x squared over two wedges of angle θ."""
    W = np.array([[1.0, 0.0], [side * math.cos(angle), side * math.sin(angle)]])
    form = np.array([0.0, 1.0]) if across else np.array([1.0, 0.0])
    features = TangentFeatures(W, np.zeros(2), include_head=False)
    if side > 0:
        found = tangent_risk(features, np.array([form, -form]).T.ravel(), Target.from_expression("z1"), beta=np.array([1.0, 0.0]))
    else:  # 1{-w·x >= 0} = 1 - 1{w·x >= 0}
        beta = np.array([1.0, 0.0]) - form
        found = tangent_risk(features, np.array([form, form]).T.ravel(), Target.from_expression("z1"), beta=beta)
    double = math.sin(2 * angle) / 2 if angle > 1e-3 else angle - 2 * angle**3 / 3
    expected = (angle + double) / math.pi / 1 if across else (2 * angle**3 / 3 if angle <= 1e-3 else angle - double) / math.pi
    assert abs(found.value - expected) < 2e-15


@given(SEEDS)
def test_the_risk_is_a_function_of_the_predictor_alone(seed):
    features, head, alpha, beta = draw(seed, 6, 4)
    rng = np.random.default_rng(seed)
    W, b, (m, d) = features.weights, features.biases, features.weights.shape
    theta, e = head[: m * d].reshape(d, m).T, head[m * d :]
    found = tangent_risk(features, head, OBLIQUE, alpha=alpha, beta=beta)

    def risk(W, b, theta, e, alpha=alpha, beta=beta):
        return tangent_risk(TangentFeatures(W, b, True), np.concatenate([theta.T.ravel(), e]), OBLIQUE, alpha=alpha, beta=beta)

    order, c = rng.permutation(m), np.exp(rng.standard_normal(m))
    same = [
        risk(W[order], b[order], theta[order], e[order]),
        risk(c[:, None] * W, c * b, theta, e / c),
        risk(-W, -b, -theta, e, alpha + float(e @ b), beta + theta.sum(axis=0) + e @ W),  # 1{u >= 0} = 1 - 1{-u > 0}
    ]
    for again in same:
        assert abs(again.value - found.value) <= found.rounding_error + again.rounding_error


def test_tiles_are_counted_once_and_overflow_is_reported():
    features, head, alpha, beta = draw(3, TILE + 7, 4)
    X = np.random.default_rng(1).standard_normal((100_000, 4))
    samples = (alpha + X @ beta + features.apply(X, head[:, None])[:, 0] - Link(TARGET, X.shape[1])(X)) ** 2
    found = tangent_risk(features, head, TARGET, alpha=alpha, beta=beta)
    assert abs(found.value - samples.mean()) < 4 * samples.std() / math.sqrt(len(X))
    huge = tangent_risk(features, 1e200 * head, TARGET)
    assert (math.isnan(huge.value), huge.rounding_error) == (True, math.inf)
    with pytest.raises(InputError, match="too small"):
        tangent_risk(TangentFeatures(np.ones((2, 2)), np.zeros(2), False), np.zeros(4), OBLIQUE)


def test_the_estimate_of_rounding_for_one_half_space_by_hand():
    """4ε times the sizes of what is added: the pair, and the sums over half-spaces and degrees."""
    v, h, unit = np.array([2.0, -3.0]), -0.5, 4 * 2.0**-52
    features = TangentFeatures(np.array([[2.0, 0.0]]), np.array([-1.0]), include_head=False)
    cdf, density = norm.cdf(h), norm.pdf(h)
    single = 2 * (-v[1] * cdf - v[0] * (h * h + 1) * density / 2)  # against -x_2 - He_2(x_1)/2 on x_1 >= 1/2
    entries = unit * (np.linalg.norm(v) * (1 - h)) ** 2 * (cdf + density)
    found = tangent_risk(features, v, Target.from_expression("He(2,z1)/2 + z2"))
    assert found.rounding_error == pytest.approx(entries + unit * (1 + 0.5 + abs(single)), rel=1e-12)
    squared = v[0] ** 2 * (cdf - h * density) + v[1] ** 2 * cdf
    assert found.value == pytest.approx(1 + 0.5 + single + squared, rel=1e-12)


def test_what_is_turned_is_affine_minus_its_opposite():
    """1{u >= 0} = 1 - 1{-u > 0} for b > 0, which a head sees through its mean and its slope."""
    features = TangentFeatures(np.array([[2.0, 0.0]]), np.array([1.0]), include_head=True)
    head = np.array([2.0, -3.0, 0.5])  # v = θ + e w = (3, -3), c = 1/2
    forms = tangent_risk_module._TruncatedForms(features, head)
    assert (forms.mean, forms.slope.tolist()) == (0.5, [3.0, -3.0])
    assert (forms.directions.tolist(), forms.shifts.tolist()) == ([[-1.0, 0.0]], [-0.5])
    assert (forms.forms.tolist(), forms.constants.tolist(), forms.along.tolist()) == ([[-3.0, 3.0]], [-0.5], [3.0])


@pytest.mark.parametrize("bias", [0.0, 2.0, -2.0])
def test_a_half_space_without_a_boundary_is_all_or_nothing(bias):
    """1{0·x + b >= 0} is 1 for b >= 0, b = 0 too, and 0 for b < 0: beside x_1 it leaves nothing, or all."""
    features = TangentFeatures(np.zeros((1, 2)), np.array([bias]), include_head=False)
    head, X = np.array([1.0, 0.0]), np.array([[2.0, 3.0]])
    assert features.apply(X, head[:, None])[0, 0] == (2.0 if bias >= 0 else 0.0)
    found = tangent_risk(features, head, Target.from_expression("z1"))
    assert found.value == (0.0 if bias >= 0 else 1.0)


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(tangent_risk).kwonlydefaults == {"alpha": 0.0, "beta": None}
