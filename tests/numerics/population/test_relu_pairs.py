import math

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from steinlab.numerics.population.relu_pairs import FLAT, relu_product_mean, shared_orthant
from steinlab.theory.errors import InputError

SHIFTS = st.one_of(st.floats(-6, 6), st.sampled_from([0.0, -0.0, 1e-300, -1e-9, 1e-9, 37.9, -38.1, 50.0]))
GAPS = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1e-16, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1.0]))
SIGNS = st.sampled_from([-1.0, 1.0])


def density(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def reference(h, k, rho):
    """E[(Z1+h)+ (Z2+k)+] at 30 digits: the second factor given Z1 = z, integrated over z by quadrature."""
    with mp.workdps(30):
        h, k, rho = mpf(h), mpf(k), mpf(rho)
        sine = mp.sqrt((1 - rho) * (1 + rho))

        def integrand(z):
            mean = k + rho * z
            given = sine * density(mean / sine) + mean * mp.ncdf(mean / sine) if sine else max(mean, mpf(0))
            return (z + h) * given * density(z)

        start, end = max(-h, mpf(-14)), max(-h + 1, mpf(14))
        bend = [-k / rho + sine / abs(rho) * step for step in (-9, -4, -1, 0, 1, 4, 9)] if rho else []
        return mp.quad(integrand, [start, *sorted(p for p in bend if start < p < end), end])


@pytest.mark.parametrize("gap", [0.0, 1e-13, 1e-9, 1e-5, 1e-3, 0.1, 0.6, 1.0])
@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize(
    "shifts", [(0.0, 0.0), (0.0, -0.7), (0.4, 0.0), (0.3, 1.2), (-2.0, 0.5), (-1.1, -1.1), (2.5, -2.5), (5.0, 3.0)]
)
def test_the_closed_form_agrees_with_quadrature_at_30_digits(shifts, side, gap):
    rho = side * (1 - gap)
    h, k = shifts
    assert abs(float(relu_product_mean(h, k, rho) - reference(h, k, rho))) < 4e-16 * (1 + abs(h)) * (1 + abs(k))


@pytest.mark.parametrize("difference", [1e-14, 1e-9, 1e-5])
@pytest.mark.parametrize("gap", [0.0, 1e-15, 1e-10, 1e-6])
def test_almost_equal_shifts_near_correlation_one(difference, gap):
    h, k = -0.8, -0.8 + difference
    assert abs(float(relu_product_mean(h, k, 1 - gap) - reference(h, k, 1 - gap))) < 1e-15
    assert abs(float(relu_product_mean(h, -k, gap - 1) - reference(h, -k, gap - 1))) < 1e-15


def test_values_that_are_known():
    angles = np.linspace(0, np.pi, 7)
    arc_cosine = (np.sin(angles) + (np.pi - angles) * np.cos(angles)) / (2 * np.pi)
    np.testing.assert_allclose(relu_product_mean(0, 0, np.cos(angles)), arc_cosine, rtol=0, atol=3e-16)
    assert relu_product_mean(1.0, 1.0, 1) == pytest.approx(2 * 0.8413447460685429 + 0.24197072451914337, abs=1e-15)
    assert relu_product_mean(FLAT + 1, FLAT + 2, 0.25) == (FLAT + 1) * (FLAT + 2) + 0.25  # affine: E (Z1+h)(Z2+k)
    assert relu_product_mean(-FLAT - 1, 3.0, 0.5) == 0
    assert relu_product_mean(0.5, -0.2, [[0.1], [0.2]]).shape == (2, 1)


@given(SHIFTS, SHIFTS, GAPS, SIGNS)
@example(0.0, 0.0, 0.0, -1.0)
@example(-0.0, 0.0, 0.0, 1.0)
def test_symmetry_sign_and_the_affine_identity(h, k, gap, side):
    rho = side * (1 - gap)
    scale = 1e-15 * (1 + abs(h)) * (1 + abs(k))
    value = float(relu_product_mean(h, k, rho))
    assert abs(value - float(relu_product_mean(k, h, rho))) <= scale
    assert value >= -scale
    # σ(u) - σ(-u) = u, and E[u σ(v)] is known: k-mean and slope.
    mirrored = float(relu_product_mean(-h, k, -rho))
    normal = mpmath.npdf(k) + k * mpmath.ncdf(k)
    assert abs(value - mirrored - float(h * normal + rho * mpmath.ncdf(k))) <= 2 * scale


@given(st.floats(-3, 0), st.floats(-3, 0), st.floats(-0.99, 0.99))
def test_the_slopes_are_derivatives(h, k, rho):
    step = 1e-5

    def covariance(h, k):
        return float(_orthant(h, k, rho).covariance(np.array(h), np.array(k)))

    h, k = h - 2 * step, k - 2 * step
    found = _orthant(h, k, rho)
    first, second = (float(slope(np.array(h), np.array(k))) for slope in (found.first_slope, found.second_slope))
    assert math.isclose(first, (covariance(h + step, k) - covariance(h - step, k)) / (2 * step), abs_tol=1e-9)
    assert math.isclose(second, (covariance(h, k + step) - covariance(h, k - step)) / (2 * step), abs_tol=1e-9)


def _orthant(h, k, rho):
    return shared_orthant(np.array(h), np.array(k), np.array(rho), np.array(1 - abs(rho)))


@pytest.mark.parametrize("gap", [0.0, 1e-30, 1e-14, 1e-4, 0.3, 1.0])
@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize(("h", "k"), [(0.0, 0.0), (-1.0, -1.0), (-0.5, -2.0), (0.0, -1.5)])
def test_the_excess_probability_keeps_its_digits_when_the_gap_is_given(h, k, side, gap):
    """P(Z1 >= -h, Z2 >= -k) - Φ(h)Φ(k) against quadrature; at a gap of 1e-30 ρ itself is ±1 in floats."""
    found = float(shared_orthant(np.array(h), np.array(k), np.array(side * (1 - gap)), np.array(gap)).excess)
    with mp.workdps(40):
        rho = side * (1 - mpf(gap))
        sine = mp.sqrt((1 - rho) * (1 + rho))
        start = -mpf(h)
        if sine:
            edges = sorted(p for p in (-k / rho + sine * t for t in (-9, -1, 0, 1, 9)) if p > start) if rho else []
            both = mp.quad(lambda z: density(z) * mp.ncdf((k + rho * z) / sine), [start, *edges, start + 15])
        else:
            both = mp.ncdf(min(h, k)) if side > 0 else max(mpf(0), mp.ncdf(h) - mp.ncdf(-mpf(k)))
        expected = both - mp.ncdf(h) * mp.ncdf(k)
    assert abs(found - float(expected)) < 2e-16


@pytest.mark.parametrize("arguments", [(math.nan, 0, 0), (0, math.inf, 0), (0, 0, 1.5), (0, 0, math.nan)])
def test_bad_arguments_are_refused(arguments):
    with pytest.raises(InputError, match="finite"):
        relu_product_mean(*arguments)
