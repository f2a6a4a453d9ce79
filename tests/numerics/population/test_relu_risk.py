"""The population risk of ReLU networks in closed form: quadrature at 30 digits, Monte Carlo, invariances, finite differences."""

import inspect
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy.stats import norm

from steinlab.numerics.networks.network import Network, symmetric_initialisation
from steinlab.numerics.population.relu_neurons import TILE
from steinlab.numerics.population.relu_risk import neuron_products, neuron_target_means, population_risk, population_risk_gradient
from steinlab.numerics.samples.link import Link
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

# A target as powers of linear forms, for an oracle that knows nothing of Hermite expansions: (coefficient, form, power).
POWERS = [("1/10", (1, -2), 3), ("1/5", (0, 1), 4), ("1", (1, 0), 2), ("1/2", (1, 1), 1), ("-3/4", (0, 0), 0)]
TARGET = Target.from_expression("(z1-2*z2)**3/10 + z2**4/5 + z1**2 + (z1+z2)/2 - 3/4")
FIGURE_1 = Target.from_expression("He(2,z1)/2 + He(4,z1)/sqrt(48)")
OBLIQUE = Target.from_expression("z1*z2**2/3 + z2**3/5 + z1 - 1/3", directions=[[1, 0, 1], [1, 2, 0]])
SEEDS = st.integers(0, 2**32)


def network(seed, m=6, d=4, scale=1.0):
    rng = np.random.default_rng(seed)
    return Network(rng.standard_normal((m, d)), scale * rng.standard_normal(m), rng.standard_normal(m))


def density(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def moment(k, j, a, b, c):
    """E[X^k Y^j] of a centred Gaussian pair with E X² = a, E XY = b, E Y² = c (Isserlis)."""
    if k == 0:
        return mpf(1) if j == 0 else (mpf(0) if j == 1 else (j - 1) * c * moment(0, j - 2, a, b, c))
    first = (k - 1) * a * moment(k - 2, j, a, b, c) if k > 1 else mpf(0)
    return first + (j * b * moment(k - 1, j - 1, a, b, c) if j else mpf(0))


def reference_risk(net, powers):
    """E (Σ_j a_j σ(u_j) - Σ c (v·x)^p)² at 30 digits, pair by pair, by one-dimensional quadrature."""
    with mp.workdps(30):
        dot = lambda v, w: sum((mpf(x) * mpf(y) for x, y in zip(v, w, strict=True)), mpf(0))  # noqa: E731
        neurons = [([mpf(x) for x in w], mpf(b), mpf(a)) for w, b, a in zip(net.weights, net.biases, net.head, strict=True)]
        forms = [(mpf(Fraction(c).numerator) / Fraction(c).denominator, v, p) for c, v, p in powers]
        total = sum(c * e * moment(p, q, dot(v, v), dot(v, w), dot(w, w)) for c, v, p in forms for e, w, q in forms)

        def over_kink(function, w, b):
            """E[σ(w·x + b) function(z)], z = ŵ·x."""
            s = mp.sqrt(dot(w, w))
            start = max(-b / s, mpf(-13))
            return mp.quad(lambda z: (s * z + b) * function(z) * density(z), mp.linspace(start, max(start, mpf(0)) + 13, 5)), s

        for w, b, a in neurons:
            s = mp.sqrt(dot(w, w))
            for c, v, p in forms:
                along, rest = dot(v, w) / s, dot(v, v) - dot(v, w) ** 2 / s**2
                terms = [math.comb(p, i) * along**i * moment(0, p - i, mpf(1), mpf(0), rest) for i in range(p + 1)]
                total -= 2 * a * c * over_kink(lambda z, terms=terms: sum(t * z**i for i, t in enumerate(terms)), w, b)[0]
            for v, k, e in neurons:
                along = dot(v, w) / s
                spread = mp.sqrt(dot(v, v) - along**2)

                def given(z, along=along, spread=spread, k=k):
                    mean = k + along * z
                    return spread * density(mean / spread) + mean * mp.ncdf(mean / spread)

                if v is w:
                    total += a * e * over_kink(lambda z, s=s, b=b: s * z + b, w, b)[0]
                else:
                    total += a * e * over_kink(given, w, b)[0]
        return total


@pytest.mark.parametrize("seed", range(3))
def test_small_networks_agree_with_quadrature_at_30_digits(seed):
    net = network(seed, m=3, d=2)
    found = population_risk(net, TARGET)
    error = abs(float(found.value - reference_risk(net, POWERS)))
    assert error <= found.rounding_error < 1e-13 * (1 + found.value)


@pytest.mark.parametrize("target", [TARGET, FIGURE_1, OBLIQUE])
def test_monte_carlo_agrees_within_its_error(target):
    net, beta = network(0, m=12), np.array([0.3, -1.0, 0.2, 0.5])
    X = np.random.default_rng(1).standard_normal((400_000, 4))
    samples = (0.7 + X @ beta + net.output(X) - Link(target, X.shape[1])(X)) ** 2
    found = population_risk(net, target, alpha=0.7, beta=beta)
    assert abs(found.value - samples.mean()) < 4 * samples.std() / math.sqrt(len(X))
    products = net.hidden(X) * Link(target, X.shape[1])(X)[:, None]
    gaps = np.abs(neuron_target_means(net.weights, net.biases, target) - products.mean(axis=0))
    assert (gaps < 5 * products.std(axis=0) / math.sqrt(len(X))).all()


def test_products_of_neurons_are_their_second_moments():
    net = network(2, m=TILE + 5, d=3)
    X = np.random.default_rng(1).standard_normal((200_000, 3))
    found = neuron_products(net.weights, net.biases)
    hidden = net.hidden(X)
    np.testing.assert_allclose(found, hidden.T @ hidden / len(X), atol=0.1, rtol=0.05)
    np.testing.assert_allclose(found, found.T, rtol=0, atol=1e-14)
    zero = Target.from_expression("z1")  # E (f - z1)² = aᵀKa - 2 aᵀE[σ z1] + 1
    expected = net.head @ found @ net.head - 2 * net.head @ neuron_target_means(net.weights, net.biases, zero) + 1
    risk = population_risk(net, zero)
    assert abs(risk.value - expected) <= 1e-12 * expected


@pytest.mark.parametrize("bias", [1e-3, 0.5, 3.0])
@pytest.mark.parametrize("step", [1e-3, 1e-6, 1e-9])
def test_the_error_estimate_covers_difference_quotients(step, bias):
    """f = (σ(z + b + s) - σ(z + b))/s is a smooth step although its heads are ±1/s: the worst case of cancellation."""
    net = Network(np.ones((2, 1)), np.array([bias + step, bias]), np.array([1, -1]) / step)
    found = population_risk(net, Target.from_expression("z1**2"))
    with mp.workdps(50):
        a, b, c, e = (mpf(x) for x in (*net.biases, *net.head))
        f = lambda z: c * max(z + a, mpf(0)) + e * max(z + b, mpf(0)) - z * z  # noqa: E731
        expected = mp.quad(lambda z: f(z) ** 2 * density(z), [-15, -a, -b, 0, 15])
    assert abs(found.value - float(expected)) <= found.rounding_error
    assert found.rounding_error < 1e-14 / step**2


def test_a_perfect_fit_has_a_risk_within_its_error_of_zero():
    net = Network(np.array([[3.0, -4.0], [-3.0, 4.0]]), np.array([0.5, -0.5]), np.array([1.0, -1.0]))  # u itself
    found = population_risk(net, Target.from_expression("3*z1 - 4*z2 + 1/2"))
    assert 0 <= found.value <= found.rounding_error < 1e-13
    rng = np.random.default_rng(0)  # a thousand neurons that add up to 1 + x_1, through the affine identity
    weights, biases, head = rng.standard_normal((500, 5)), rng.standard_normal(500), 10 * rng.standard_normal(500)
    many = Network(np.concatenate([weights, -2 * weights]), np.concatenate([biases, -2 * biases]), np.tile(head, 2))
    many = Network(many.weights, many.biases, np.concatenate([head, -head / 2]))
    found = population_risk(
        many, Target.from_expression("1 + z1"), alpha=1 - float(head @ biases), beta=np.eye(5)[0] - head @ weights
    )
    assert 0 <= found.value <= found.rounding_error < 1e-23


@given(SEEDS)
def test_a_zero_head_leaves_the_second_moment(seed):
    net = network(seed)
    empty = Network(net.weights, net.biases, np.zeros(6))
    for target in (TARGET, FIGURE_1, OBLIQUE):
        assert population_risk(empty, target).value == pytest.approx(float(target.expansion.second_moment), rel=1e-15)
    assert population_risk(symmetric_initialisation(10, 4, np.random.default_rng(seed)), FIGURE_1).value == 1


@given(SEEDS, st.sampled_from([TARGET, FIGURE_1, OBLIQUE]))
def test_the_risk_is_a_function_of_the_predictor_alone(seed, target):
    rng = np.random.default_rng(seed)
    net = network(rng.integers(2**32))
    found = population_risk(net, target)
    W, b, a = net.weights, net.biases, net.head
    order, c, share = rng.permutation(6), np.exp(3 * rng.standard_normal(6)), rng.standard_normal(6)
    same = [
        (Network(W[order], b[order], a[order]), {}),
        (Network(c[:, None] * W, c * b, a / c), {}),
        (Network(np.tile(W, (2, 1)), np.tile(b, 2), np.concatenate([share, a - share])), {}),
        (Network(-W, -b, a), {"alpha": float(a @ b), "beta": a @ W}),  # σ(u) = u + σ(-u)
        (Network(np.vstack([W, 0 * W[:1]]), np.append(b, 2.0), np.append(a, 1.5)), {"alpha": -3.0}),
    ]
    for other, affine in same:
        again = population_risk(other, target, **affine)
        assert abs(again.value - found.value) <= found.rounding_error + again.rounding_error


@given(SEEDS)
def test_rotating_everything_changes_nothing(seed):
    net = network(seed, d=3)
    turn = np.array([[3, 4, 0], [-4, 3, 0], [0, 0, -5]]) / 5
    plain = Target.from_expression("z1**3/3 - z1*z2**2 + z3", directions=np.eye(3, dtype=int).tolist())
    turned = Target.from_expression(plain.link, directions=[["3/5", "4/5", "0"], ["-4/5", "3/5", "0"], ["0", "0", "-1"]])
    first = population_risk_gradient(net, plain)
    second = population_risk_gradient(Network(net.weights @ turn, net.biases, net.head), turned)
    assert abs(first.risk.value - second.risk.value) <= first.risk.rounding_error
    np.testing.assert_allclose(first.weights @ turn, second.weights, atol=1e-12)
    np.testing.assert_allclose(first.beta @ turn, second.beta, atol=1e-12)


def differences(function, x, step=1e-5):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        shift = np.zeros_like(x)
        shift[i] = step
        found[i] = (function(x + shift) - function(x - shift)) / (2 * step)
    return found


@pytest.mark.parametrize("target", [TARGET, FIGURE_1, OBLIQUE])
@pytest.mark.parametrize("paired", [False, True])
def test_the_gradient_is_the_derivative(target, paired):
    net, alpha, beta = network(5, m=8), 0.4, np.array([0.3, -1.0, 0.2, 0.5])
    W, b, a = net.weights.copy(), net.biases.copy(), net.head
    if paired:  # opposite, parallel and equal weights, zero and large biases, a dead neuron
        W[1], W[3], W[5], b[5], b[0], b[4], a[7] = -W[0], 2 * W[2], W[4], b[4], 0.0, b[5], 0.0
        b[6], b[3] = -100.0, 60.0

    def risk(W=W, b=b, a=a, alpha=alpha, beta=beta):
        return population_risk(Network(W, b, a), target, alpha=alpha, beta=beta).value

    found = population_risk_gradient(Network(W, b, a), target, alpha=alpha, beta=beta)
    assert found.risk == population_risk(Network(W, b, a), target, alpha=alpha, beta=beta)
    # Of the risk's digits differences lose those of 1/step; its size is that of the term with bias 60.
    tolerance = 1e-9 * max(1.0, found.risk.value) * (100 if paired else 1)
    np.testing.assert_allclose(found.head, differences(lambda x: risk(a=x), a), atol=tolerance)
    np.testing.assert_allclose(found.biases, differences(lambda x: risk(b=x), b), atol=tolerance)
    np.testing.assert_allclose(found.weights, differences(lambda x: risk(W=x), W), atol=tolerance)
    np.testing.assert_allclose(found.beta, differences(lambda x: risk(beta=x), beta), atol=tolerance)
    assert found.alpha == pytest.approx((risk(alpha=alpha + 1e-5) - risk(alpha=alpha - 1e-5)) / 2e-5, abs=tolerance)


def test_a_neuron_at_the_kink_counts_as_active():
    net = Network(np.zeros((1, 1)), np.zeros(1), np.array([3.0]))  # f = 0, so that Δ = -z
    found = population_risk_gradient(net, Target.from_expression("z1"))
    assert (found.weights[0, 0], found.biases[0], found.head[0]) == (-6, 0, 0)


@given(SEEDS)
def test_euler_identity_of_the_gradient(seed):
    """σ is positively homogeneous: a_j ∂/∂a_j = w_j·∂/∂w_j + b_j ∂/∂b_j for every neuron."""
    net = network(seed, m=7, scale=2.0)
    found = population_risk_gradient(net, OBLIQUE)
    left = net.head * found.head
    right = np.sum(net.weights * found.weights, axis=1) + net.biases * found.biases
    np.testing.assert_allclose(left, right, atol=1e-13 * max(1.0, np.abs(left).max()) * 10)


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("angle", [1e-6, 1e-9, 1e-12])
def test_risk_and_gradient_are_continuous_where_weights_become_parallel(angle, side):
    rng = np.random.default_rng(0)
    w, turn, bias = rng.standard_normal(3), rng.standard_normal(3), 0.3

    def at(angle):
        weights = np.array([w, side * (w + angle * turn)])
        return Network(weights, np.array([bias, side * (bias + angle)]), np.array([1.0, -0.5]))

    near, limit = (population_risk_gradient(at(size), OBLIQUE) for size in (angle, 0.0))
    assert near.risk.value != limit.risk.value
    assert abs(near.risk.value - limit.risk.value) < 30 * angle + 1e-13
    for part in ("head", "biases", "weights"):
        np.testing.assert_allclose(getattr(near, part), getattr(limit, part), atol=30 * angle + 1e-13)


def test_overflow_is_reported_not_hidden():
    net = Network(np.ones((2, 2)), np.zeros(2), np.array([1e200, -1e180]))
    found = population_risk(net, FIGURE_1)
    assert math.isnan(found.value)
    assert math.isinf(found.rounding_error)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": np.zeros((3, 4))}, "shapes"),
        ({"weights": np.zeros(2)}, "shapes"),
        ({"biases": np.zeros(3)}, "shapes"),
        ({"head": np.array([1.0, math.nan])}, "NaN"),
        ({"biases": np.array([1.0, math.inf])}, "NaN or infinity|infinite"),
    ],
)
def test_bad_networks_are_refused(change, message):
    parts = {"weights": np.ones((2, 4)), "biases": np.zeros(2), "head": np.ones(2)} | change
    with pytest.raises(InputError, match=message):
        population_risk(Network(**parts), FIGURE_1)


def test_bad_targets_and_affine_parts_are_refused():
    net = network(0, d=2)
    with pytest.raises(InputError, match="d = 2 is too small"):
        population_risk(net, OBLIQUE)
    with pytest.raises(InputError, match="too small"):
        neuron_target_means(net.weights, net.biases, OBLIQUE)
    for affine in ({"beta": np.zeros(3)}, {"alpha": math.nan}, {"beta": np.array([0.0, math.inf])}):
        with pytest.raises(InputError, match="alpha and beta"):
            population_risk(net, FIGURE_1, **affine)
    with pytest.raises(InputError, match="beyond floating point"):
        population_risk(net, Target.from_expression("(10**200*z1)**2", directions=[["1/10**200", "0"]]))


@pytest.mark.parametrize("bias", [-0.5, 0.5])
@pytest.mark.parametrize("length", [1.0, 3.0])
def test_the_estimate_of_rounding_for_one_neuron_by_hand(bias, length):
    """4ε times the sizes of what is added: the pair, the sums over neurons, the energy, and what is left of degrees 0 and 1."""
    a, h, unit = 3.0, -abs(bias), 4 * 2.0**-52
    net = Network(np.array([[length, 0.0]]), np.array([length * bias]), np.array([a / length]))
    cdf, density = norm.cdf(h), norm.pdf(h)
    mean = a * (norm.pdf(bias) + bias * norm.cdf(bias))
    slope = a * norm.cdf(bias)
    own = a**2 * ((1 + h * h) * cdf + h * density - (density + h * cdf) ** 2 - cdf**2)
    cross = -2 * a * density / 2  # E σ(z + b) He_2(z) = φ(b)
    affine = mean**2 + (slope - 1) ** 2
    entries = unit * (a * (1 - h)) ** 2 * cdf
    sums = math.hypot(own, cross) + affine + 0.5 + mean**2 + abs(slope - 1) * slope
    found = population_risk(net, Target.from_expression("He(2,z1)/2 + z1"))
    assert found.rounding_error == pytest.approx(entries + unit * sums + unit**2 * (mean**2 + slope**2), rel=1e-12)
    assert found.value == pytest.approx(affine + 0.5 + own + cross, rel=1e-12)


def test_what_is_left_of_rounding_where_all_else_is_zero():
    """3σ(z) - 3σ(-z) = 3z: no kink is left, the means ±3φ(0) and slopes 3/2 were added up nevertheless."""
    net = Network(np.array([[1.0], [-1.0]]), np.zeros(2), np.array([3.0, -3.0]))
    found = population_risk(net, Target.from_expression("3*z1"))
    assert found.value == 0
    assert found.rounding_error == pytest.approx((4 * 2.0**-52) ** 2 * (9 / math.pi + 9 / 2), rel=1e-12)


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(population_risk).kwonlydefaults == {"alpha": 0.0, "beta": None}
    assert inspect.getfullargspec(population_risk_gradient).kwonlydefaults == {"alpha": 0.0, "beta": None}
