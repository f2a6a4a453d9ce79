"""Gaussian expectations from points, against exact values and certified ones."""

import itertools
import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermeval

from steinlab.theory.callables import sampled
from steinlab.theory.callables.sampled import hermite_means
from steinlab.theory.targets.target import Target


def relu(u):
    return np.maximum(u, 0)


@given(st.integers(1, 3), st.data())
def test_hermite_sums_have_their_coefficients(size, data):
    """E[f He_α] = c_α α! of Σ c_α Π_i He_{α_i}(z_i), and E f² = Σ c_α² α!."""
    alphas = data.draw(st.lists(st.tuples(*[st.integers(0, 2)] * size), min_size=1, max_size=3, unique=True))
    terms = {alpha: data.draw(st.integers(1, 3)) for alpha in alphas}

    def f(z):
        return sum(
            c * np.prod([hermeval(z[:, i], [0] * a + [1]) for i, a in enumerate(alpha)], axis=0) for alpha, c in terms.items()
        )

    found = hermite_means(f, size, 4)
    for alpha, (value, error) in found.coefficients.items():
        exact = terms.get(alpha, 0) * math.prod(map(math.factorial, alpha))
        assert abs(value - exact) <= error
        assert error < 1e-9
        assert sum(alpha) <= 4
    second = sum(c * c * math.prod(map(math.factorial, alpha)) for alpha, c in terms.items())
    assert abs(found.second_moment[0] - second) <= found.second_moment[1] < 1e-9
    assert len(found.coefficients) == math.comb(size + 4, 4)
    assert found.mean == found.coefficients[(0,) * size]


KNOWN = [
    ("relu(z1)", lambda z: relu(z[:, 0])),
    ("tanh(z1 - z2)", lambda z: np.tanh(z[:, 0] - z[:, 1])),
    ("relu(z1)*z2 + abs(z2)", lambda z: relu(z[:, 0]) * z[:, 1] + np.abs(z[:, 1])),
    ("sign(z1 - 1/3)", lambda z: np.sign(z[:, 0] - 1 / 3)),
    ("exp(z1/2)*z3 + z2**2", lambda z: np.exp(z[:, 0] / 2) * z[:, 2] + z[:, 1] ** 2),
]


@pytest.mark.parametrize(("link", "f"), KNOWN)
def test_intervals_hold_what_balls_prove(link, f):
    exact = Target.from_expression(link).expansion
    size = Target.from_expression(link).latent_dimension
    found = hermite_means(f, size, 2)
    for alpha, (value, error) in found.coefficients.items():
        index = tuple(i for i, k in enumerate(alpha) for _ in range(k))
        known = float(exact.tensor(sum(alpha)).get(index, 0)) if sum(alpha) else float(exact.mean)
        assert abs(value - known) <= error + 1e-15, alpha
        assert error < (0.5 if "sign" in link else 0.05)
    assert abs(found.second_moment[0] - float(exact.second_moment)) <= found.second_moment[1]


def test_digits_are_those_of_the_smoothness():
    def digits(f):
        return hermite_means(f, 1, 1).coefficients[(1,)][1]

    assert digits(lambda z: z[:, 0] ** 3) < 1e-11
    assert digits(lambda z: np.tanh(z[:, 0])) < 1e-6
    assert 1e-6 < digits(lambda z: relu(z[:, 0] - 0.3)) < 1e-2
    assert 1e-4 < digits(lambda z: np.sign(z[:, 0] - 0.3)) < 0.1


@pytest.mark.parametrize("size", [4, 7])
def test_sequences_hold_exact_values_and_keep_parity(size):
    def f(z):
        return z[:, 0] * z[:, 1] + np.abs(z[:, 2]) + z[:, 3] ** 2

    found = hermite_means(f, size, 3)
    root = math.sqrt(2 / math.pi)
    known = {
        (0,) * size: root + 1,
        (1, 1) + (0,) * (size - 2): 1,
        (0, 0, 2) + (0,) * (size - 3): root,
        (0, 0, 0, 2) + (0,) * (size - 4): 2,
    }
    for alpha, (value, error) in found.coefficients.items():
        assert abs(value - known.get(alpha, 0)) <= error, alpha
        if sum(alpha) % 2:
            assert value == 0
        assert error < 0.1
    assert abs(found.second_moment[0] - (1 + 1 + 3 + 2 * root)) <= found.second_moment[1] < 0.1
    assert "2^13" in found.rule


def test_sequences_cover_many_integrals_at_once():
    """All 35 intervals of degree <= 3 in four variables hold: of f with a kink, at several places of it."""
    for shift in np.linspace(-1, 1, 5):
        found = hermite_means(lambda z, shift=shift: relu(z.sum(axis=1) / 2 - shift), 4, 3)
        density, tail = math.exp(-(shift**2) / 2) / math.sqrt(2 * math.pi), math.erfc(shift / math.sqrt(2)) / 2
        line = [density - shift * tail, tail, density, shift * density]  # E[relu(u - c) He_k(u)], u = Σ z_i / 2
        for alpha, (value, error) in found.coefficients.items():
            assert abs(value - line[sum(alpha)] / 2 ** sum(alpha)) <= error, (shift, alpha)


def test_effort_buys_points_up_to_a_bound():
    assert hermite_means(lambda z: z[:, 0], 1, 1, effort=2).rule.endswith("order 512")
    assert hermite_means(lambda z: z[:, 0], 2, 1, effort=4).rule.endswith("order 256")
    seen = []
    hermite_means(lambda z: seen.append(len(z)) or z[:, 0], 1, 1, effort=10**9)
    assert max(seen) == sampled.MOST_EFFORT * 256
    assert "2^14" in hermite_means(lambda z: z[:, 0], 4, 1, effort=3).rule


def test_the_same_points_give_the_same_bits():
    f = lambda z: np.tanh(z.sum(axis=1))  # noqa: E731
    assert hermite_means(f, 4, 2) == hermite_means(f, 4, 2)


def test_the_error_of_a_product_rule_is_three_times_the_largest_change():
    """From 256 points to 255 and to 128, beside 2^-44 of the sum of sizes."""
    means, sizes = [], []
    for order in (256, 255, 128):
        nodes, weights = scipy.special.roots_hermitenorm(order)
        weights = weights / weights.sum()
        means.append([weights @ (relu(nodes - 0.3) * nodes), weights @ relu(nodes - 0.3) ** 2])
        sizes.append([weights @ abs(relu(nodes - 0.3) * nodes), weights @ relu(nodes - 0.3) ** 2])
    found = hermite_means(lambda z: relu(z[:, 0] - 0.3), 1, 1)
    for (value, error), mean, changes, size in zip(
        (found.coefficients[(1,)], found.second_moment), means[0], np.transpose(means[1:]), sizes[0], strict=True
    ):
        assert value == pytest.approx(mean, rel=1e-12)
        assert error == pytest.approx(3 * max(abs(changes - mean)) + 2.0**-44 * size, rel=1e-6)
    exact = hermite_means(lambda z: z[:, 0] ** 2, 1, 2)
    assert exact.coefficients[(2,)][1] >= 2.0**-44 * 2  # rounding is counted where nothing changes


def test_the_error_of_sequences_is_students():
    """Scramblings whose means are 0, ..., 15: of f, constant on each; and of all six numbers one at most is missed in 99%."""
    calls = itertools.count()
    found = hermite_means(lambda z: np.full(len(z), float(next(calls) // 2)), 4, 1)
    assert next(calls) == 32
    reach = scipy.stats.t(15).isf(0.01 / 12) / math.sqrt(16)
    assert found.mean == pytest.approx((7.5, reach * np.std(np.arange(16), ddof=1) + 2.0**-44 * 15), rel=1e-12)
    assert found.second_moment == pytest.approx((77.5, reach * np.std(np.arange(16.0) ** 2, ddof=1)), rel=1e-12)
    assert [found.coefficients[alpha][0] for alpha in found.coefficients if any(alpha)] == [0] * 4
