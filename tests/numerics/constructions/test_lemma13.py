import inspect
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.constructions import lemma13
from steinlab.numerics.constructions.lemma13 import TensorWeight, feature_head
from steinlab.numerics.networks.network import Network
from steinlab.numerics.population.relu_risk import population_risk
from steinlab.numerics.samples.link import Link
from steinlab.theory.errors import InputError
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.targets.target import Target

SEEDS = st.integers(0, 2**32)
CUBIC = Target.from_expression("z1**2*z2 - 3*z2**3 + z1*z2/2")
OBLIQUE = Target.from_expression("z1**2/2 + z1*z2 - z2 + 1/3", directions=[[1, 2, 0], [0, 1, -1]])


@given(SEEDS, st.sampled_from([2, 3]))
def test_corollary_4_averages_powers_to_the_tensor(seed, degree):
    rng = np.random.default_rng(seed)
    gradients, X = np.exp(rng.uniform(-5, 5)) * rng.standard_normal((40, 3)), rng.standard_normal((5, 3))
    part = CUBIC.polynomial.homogeneous_part(degree)
    weight = TensorWeight(part, gradients)
    found = np.mean(weight(gradients)[:, None] * (gradients @ X.T) ** degree, axis=0)
    np.testing.assert_allclose(found, Link(Target.from_polynomial(part), X.shape[1])(X), atol=1e-9)
    assert weight.second_moment == pytest.approx(np.mean(weight(gradients) ** 2), rel=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_the_expectation_over_signs_and_biases_is_the_target(seed):
    """E_b by Gauss-Legendre on [-1, 1], split at the kink, for every neuron at once: f*(x) to many digits, not to 1/√m."""
    rng = np.random.default_rng(seed)
    m, eta = 30, 0.05
    gradients, X = rng.standard_normal((m, 3)), 0.5 * rng.standard_normal((2, 3))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    for x in X:
        total = 0.0
        reach = 2 * eta * gradients @ x
        assert (np.abs(reach) <= 1).all()
        for sign in (-1.0, 1.0):
            kink = -sign * reach
            for low, high in ((-1.0, kink), (kink, 1.0)):
                for node, weight in zip(nodes, weights, strict=True):
                    biases = (low + high) / 2 + (high - low) / 2 * node
                    fit = feature_head(OBLIQUE, gradients, np.full(m, sign), biases, step_size=eta)
                    values = fit.network.head * fit.network.hidden(x[None])[0]
                    density = np.exp(-(biases**2) / 2) / np.sqrt(2 * np.pi)
                    total += float(np.sum(values * density * weight * (high - low) / 2)) / 2
        assert total == pytest.approx(Link(OBLIQUE, len(x))(x[None])[0], abs=1e-8)


def test_lemma_13_the_error_falls_as_the_width_grows():
    target = Target.from_expression("(He(2,z1) + z1*z2)/2")
    risks = {}
    for m in (250, 1000):
        rng = np.random.default_rng(m)
        draws = [(rng.standard_normal((m, 2)), rng.choice([-1.0, 1.0], m), rng.standard_normal(m)) for _ in range(8)]
        fits = [feature_head(target, *draw, step_size=0.08) for draw in draws]
        risks[m] = np.mean([population_risk(fit.network, target).value for fit in fits])
        for fit in fits:
            assert np.sum(fit.network.head**2) == pytest.approx(fit.second_moment / m)
            assert np.max(np.abs(fit.network.head)) == pytest.approx(fit.supremum / m)
    assert 2 < risks[250] / risks[1000] < 8  # 1/m means 4


def test_a_smaller_step_costs_a_larger_head():
    rng = np.random.default_rng(0)
    draw = rng.standard_normal((500, 3)), rng.choice([-1.0, 1.0], 500), rng.standard_normal(500)
    square = Target.from_expression("z1**2 - z2*z3")
    wide, narrow = (feature_head(square, *draw, step_size=eta).second_moment for eta in (0.1, 0.05))
    assert narrow == pytest.approx(16 * wide, rel=1e-9)


def test_bad_input_is_refused():
    rng = np.random.default_rng(0)
    g, signs, biases = rng.standard_normal((20, 2)), np.ones(20), np.zeros(20)
    with pytest.raises(InputError, match="step_size = 0"):
        feature_head(CUBIC, g, signs, biases, step_size=0)
    with pytest.raises(InputError, match="-1 or 1"):
        feature_head(CUBIC, g, 2 * signs, biases, step_size=1)
    with pytest.raises(InputError, match="do not span"):
        feature_head(CUBIC, g * [1.0, 0.0], signs, biases, step_size=1)
    with pytest.raises(InputError, match="do not span"):
        feature_head(CUBIC, g[:2], signs[:2], biases[:2], step_size=1)
    with pytest.raises(InputError, match="dimension"):
        feature_head(OBLIQUE, g, signs, biases, step_size=1)
    assert isinstance(feature_head(CUBIC, g, signs, biases, step_size=1).network, Network)


def test_memory_is_three_copies_of_the_tensors_at_the_draws(monkeypatch):
    """C(4 + 3 - 1, 3) = 20 entries of a symmetric tensor of order 3 in dimension 4."""
    asked = []
    monkeypatch.setattr(lemma13, "require_memory", lambda *sizes: asked.append(sizes))
    TensorWeight(CUBIC.polynomial.homogeneous_part(3), np.random.default_rng(0).standard_normal((50, 4)))
    what = "the symmetric tensors of order 3 in dimension 4 at 50 gradients"
    assert asked == [(8 * 3 * 50 * 20, what, "take a smaller d or fewer gradients")]


def test_biases_up_to_one_count():
    """Corollary 3's weight lives on [-1, 1], its ends among them; beyond, a neuron has no head."""
    g = np.array([[1.0], [2.0], [1.0], [3.0]])
    biases = np.array([1.0, -1.0, 1.0 + 1e-12, -2.0])
    head = feature_head(Target.from_expression("z1**2 + z1"), g, np.ones(4), biases, step_size=0.1).network.head
    assert [bool(a) for a in head] == [True, True, False, False]


@pytest.mark.parametrize(("index", "count"), [((), 1), ((0,), 1), ((0, 0), 1), ((0, 1), 2), ((0, 0, 1), 3), ((0, 1, 2, 2), 12)])
def test_multiplicities_are_numbers_of_arrangements(index, count):
    assert TensorWeight._multiplicity(index) == count == len(set(itertools.permutations(index)))


def test_gradients_of_zero_reach_nothing_but_the_constant():
    """The scale of gradients that vanish is 1: the constant is fitted, a tensor is not."""
    assert TensorWeight(Polynomial.from_terms({(0,): 3}, 1), np.zeros((5, 1)))(np.zeros((2, 1))) == pytest.approx(3.0)
    with pytest.raises(InputError, match="5 gradients in dimension 1 do not span the tensor of"):
        TensorWeight(Polynomial.from_terms({(2,): 3}, 1), np.zeros((5, 1)))


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(feature_head).kwonlyargs == ["step_size"]
