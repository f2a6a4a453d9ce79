"""Against Gauss-Hermite quadrature, explicit classes of vectors, SciPy's Beta law and exact integration in odd dimensions."""

from fractions import Fraction
from math import comb, factorial, log, sqrt

import mpmath
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.statements.csq import (
    ToleranceBound,
    _best_cosine,
    class_correlation,
    hermite_correlation,
    largest_class_bound,
    queries_needed,
    random_class_bound,
    removed_by_one_query,
    removed_by_one_query_sharp,
    rotated_correlation,
    theorem2_printed,
    theorem2_quarter,
    tolerance_from_class,
    tolerance_from_class_sharp,
)
from steinlab.theory.statements.near_orthogonal import inner_product_tail, maximal_set_size

cosines = st.builds(Fraction, st.integers(-7, 7), st.just(7))


@given(st.integers(0, 6), st.integers(0, 6), cosines)
def test_correlation_by_quadrature(j, k, cosine):
    nodes, weights = np.polynomial.hermite_e.hermegauss(16)
    weights = weights / weights.sum()
    x, y = nodes[:, None], nodes[None, :]
    rho = float(cosine)
    he = np.polynomial.hermite_e.hermeval
    left = he(x, [0] * j + [1])
    right = he(rho * x + sqrt(1 - rho * rho) * y, [0] * k + [1])
    expected = (weights[:, None] * weights[None, :] * left * right).sum()
    assert float(hermite_correlation(j, k, cosine)) == pytest.approx(expected, abs=1e-8)


@given(st.integers(0, 12), st.integers(1, 40))
def test_the_share_of_a_rotated_component_is_a_moment_of_a_coordinate_on_the_sphere(k, d):
    """E (u·v)^{2m}, m = ⌈k/2⌉, u uniform on the sphere of R^d: (u·v)² has the law Beta(1/2, (d - 1)/2)."""
    m = (k + 1) // 2
    moment = float(mpmath.gammaprod([m + 0.5, d / 2], [0.5, m + d / 2]))
    assert float(rotated_correlation(k, d)) == pytest.approx(moment, rel=1e-12)


@given(st.integers(2, 40), st.integers(0, 8))
def test_equal_correlations_and_their_mean_attain_the_sharp_count(count, n):
    """c vectors with pairwise product ε and h their normalised mean: <h, f>² = (1 + (c-1)ε)/c for each of them."""
    correlation = Fraction(n, 10)
    reached = (1 + (count - 1) * correlation) / count
    assert removed_by_one_query_sharp(reached, correlation) == count


@given(st.integers(0, 9), st.integers(1, 10))
def test_printed_count_is_more_than_twice_the_sharp_one(n, gap):
    correlation, tolerance = Fraction(n, 20), Fraction(n + gap, 20)
    assert removed_by_one_query(tolerance, correlation) >= 2 * removed_by_one_query_sharp(tolerance, correlation)


def test_queries_needed_is_the_printed_bound():
    assert queries_needed(1000, Fraction(1, 2), Fraction(1, 10)) == 200
    assert queries_needed(1, Fraction(1, 2), Fraction(0)) == Fraction(1, 4)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: rotated_correlation(-1, 2), "degree -1 in dimension 2"),
        (lambda: rotated_correlation(2, 0), "degree 2 in dimension 0"),
        (lambda: hermite_correlation(-1, 2, 0), "degrees -1, 2"),
        (lambda: hermite_correlation(2, -1, 0), "degrees 2, -1"),
        (lambda: hermite_correlation(2, 2, Fraction(8, 7)), "cosine 8/7"),
        (lambda: hermite_correlation(2, 2, Fraction(-8, 7)), "cosine -8/7"),
        (lambda: removed_by_one_query(Fraction(1, 2), Fraction(1, 2)), "0 <= ε < τ²"),
        (lambda: removed_by_one_query_sharp(Fraction(1, 2), Fraction(-1, 2)), "ε = -1/2"),
        (lambda: queries_needed(0, Fraction(1, 2), Fraction(1, 4)), "0 functions"),
        (lambda: class_correlation({}, Fraction(1, 2)), "degrees \\[\\]"),
        (lambda: class_correlation({0: Fraction(1)}, Fraction(1, 2)), "degrees \\[0\\]"),
        (lambda: class_correlation({2: Fraction(-1)}, Fraction(1, 2)), "nonnegative"),
        (lambda: tolerance_from_class(1, Fraction(0), 1), "1 functions"),
        (lambda: tolerance_from_class(2, Fraction(2), 1), "correlation 2"),
        (lambda: tolerance_from_class(2, Fraction(-1, 2), 1), "correlation -1/2"),
        (lambda: tolerance_from_class_sharp(2, Fraction(0), 0), "0 queries"),
        (lambda: largest_class_bound(3, {2: Fraction(1)}, 1, r=3), "give 3 < d <= 1000000000"),
        (lambda: largest_class_bound(3, {2: Fraction(1)}, 1, r=0), "0 direction"),
        (lambda: largest_class_bound(3, {2: Fraction(1)}, 0), "0 queries"),
        (lambda: random_class_bound(1, 2, 1), "d = 1, 1 direction"),
        (lambda: random_class_bound(10, 0, 1), "degrees \\[0\\]"),
        (lambda: theorem2_quarter(10, 0, 1), "degree 0"),
        (lambda: theorem2_quarter(10**9 + 1, 2, 1), "d = 1000000001"),
        (lambda: theorem2_quarter(1, 2, 1), "1 direction"),
        (lambda: theorem2_printed(10, 2, 0), "0 queries"),
        (lambda: theorem2_printed(1, 2, 1), "1 direction"),
    ],
)
def test_hypotheses_are_enforced(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_at_the_edges_of_the_hypotheses():
    assert (hermite_correlation(3, 3, 1), hermite_correlation(3, 3, -1), hermite_correlation(0, 0, 0)) == (6, -6, 1)
    assert class_correlation({1: Fraction(0)}, Fraction(1, 2)) == 0
    assert tolerance_from_class(2, Fraction(1), 1) == 2
    assert tolerance_from_class_sharp(2, Fraction(1), 1) == 1
    assert removed_by_one_query(Fraction(1, 8), Fraction(0)) == 16
    assert removed_by_one_query_sharp(Fraction(1, 8), Fraction(1, 16)) == 15
    assert theorem2_quarter(2, 1, 1).tolerance_squared > 0
    assert (ToleranceBound("", Fraction(2, 7), "").samples, ToleranceBound("", Fraction(3), "").samples) == (3, 1)


def exact_tail(d, cosine):
    """P(|u·v| > δ) for odd d: the density (1-t²)^{(d-3)/2} is a polynomial, integrated term by term."""
    n = (d - 3) // 2

    def antiderivative(t):
        return sum(Fraction((-1) ** i * comb(n, i), 2 * i + 1) * t ** (2 * i + 1) for i in range(n + 1))

    return 1 - antiderivative(cosine) / antiderivative(Fraction(1))


odd_dimensions = st.integers(2, 40).map(lambda n: 2 * n + 1)


@given(odd_dimensions, st.integers(1, 6), st.integers(1, 10**4))
def test_the_bound_of_the_largest_class_follows_from_its_parts(d, k, queries):
    """Its class exists by the exact law, and Lemma 2 with the exact count gives no more than what is returned."""
    bound = largest_class_bound(d, {k: Fraction(1)}, queries)
    exact = exact_tail(d, bound.cosine)
    assert (bound.size - 1) * exact < 1, "more functions than a maximal set is known to have"
    assert bound.correlation == bound.cosine**k
    if bound.size > 1:
        # at τ² just above the bound, the queries leave at least two functions
        above = bound.tolerance_squared + Fraction(1, 10**9)
        assert queries * removed_by_one_query_sharp(above, bound.correlation) < bound.size - 1
    assert bound.samples <= max(1, 1 / bound.tolerance_squared) < bound.samples + 1
    assert bound.vacuous == (bound.tolerance_squared >= 1)


@given(odd_dimensions, st.integers(1, 6), st.integers(1, 10**4))
def test_the_bound_of_random_vectors_follows_from_its_parts(d, k, queries):
    bound = random_class_bound(d, k, queries)
    exact = exact_tail(d, bound.cosine)
    assert comb(bound.size, 2) * exact < 1
    assert bound.correlation == bound.cosine**k
    if bound.size > 1:
        above = bound.tolerance_squared + Fraction(1, 10**9)
        assert queries < queries_needed(bound.size, above, bound.correlation)


@pytest.mark.parametrize(("d", "k", "queries"), [(100, 4, 10**6), (1000, 3, 10**3), (50, 4, 10), (30, 2, 100)])
def test_the_cosine_is_nearly_the_best(d, k, queries):
    """A grid of δ with SciPy's Beta law finds nothing lower by more than 2%."""
    grid = np.linspace(0.05, 0.98, 300)
    tail = 2 * scipy.stats.beta((d - 1) / 2, (d - 1) / 2).cdf((1 - grid) / 2)
    for bound, values in (
        (largest_class_bound(d, {k: Fraction(1)}, queries), grid**k + queries * (1 - grid**k) * tail),
        (random_class_bound(d, k, queries), grid**k + 2 * queries * np.sqrt(tail / 2)),
    ):
        assert float(bound.tolerance_squared) <= 1.02 * min(values.min(), 1)


@given(st.integers(2, 10**6), st.integers(1, 8), st.integers(1, 10**9))
def test_closed_form_with_a_quarter(d, k, queries):
    power = (d / 4) ** (k / 2)
    expected = (1 + max(log(4 * queries * power), 0) ** (k / 2)) / power
    assert float(theorem2_quarter(d, k, queries).tolerance_squared) == pytest.approx(expected, rel=1e-9)


@given(st.integers(20, 10**6), st.integers(1, 6), st.integers(1, 10**6))
def test_the_exact_law_never_loses_to_the_quarter(d, k, queries):
    quarter = theorem2_quarter(d, k, queries)
    if not quarter.vacuous:
        ours = random_class_bound(d, k, queries).tolerance_squared
        assert largest_class_bound(d, {k: Fraction(1)}, queries).tolerance_squared <= ours <= quarter.tolerance_squared


def test_a_negative_logarithm_counts_as_zero():
    """4q (d/4)^{k/2} = 1/2, so the bound is (d/4)^{-k/2} = 8."""
    assert theorem2_quarter(2, 6, 1).tolerance_squared == 8


def test_vacuous():
    assert ToleranceBound("", Fraction(1), "").vacuous
    assert not ToleranceBound("", Fraction(99, 100), "").vacuous


def test_printed_order():
    assert theorem2_printed(50, 3, 7) == pytest.approx(log(350) ** 1.5 / 50**1.5)


@pytest.mark.parametrize("queries", [1, 10**100])
@pytest.mark.parametrize("d", [2, 3, 10**9])
def test_extreme_sizes(d, queries):
    for bound in (largest_class_bound(d, {4: Fraction(1)}, queries), random_class_bound(d, 4, queries)):
        assert bound.tolerance_squared > 0
        assert bound.samples >= 1


@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4), st.integers(-7, 7))
def test_class_correlation_by_quadrature(numbers, seventh):
    """E g(u·x) g(v·x) for g = Σ_k c_k He_k is Σ e_k ρ^k, at most the bound at δ >= |ρ|, and equal at ρ = δ."""
    rho = seventh / 7
    nodes, weights = np.polynomial.hermite_e.hermegauss(16)
    weights = weights / weights.sum()
    x, y = nodes[:, None], nodes[None, :]
    coefficients = [0, *numbers]
    left = np.polynomial.hermite_e.hermeval(x, coefficients)
    right = np.polynomial.hermite_e.hermeval(rho * x + sqrt(1 - rho * rho) * y, coefficients)
    correlation = (weights[:, None] * weights[None, :] * left * right).sum()
    energies = {k: Fraction(c * c * factorial(k)) for k, c in enumerate(coefficients) if k}
    bound = float(class_correlation(energies, Fraction(abs(seventh), 7)))
    assert abs(correlation) <= bound + 1e-7
    if seventh >= 0:
        assert correlation == pytest.approx(bound, abs=1e-7)


def test_frames_of_two_directions():
    """E f_U f_V for f = z1 z2, by the exact formula tr-like: (A11 A22 + A12 A21), against ‖A‖_op²."""
    rng = np.random.default_rng(5)
    for _ in range(50):
        u, v = (np.linalg.qr(rng.standard_normal((5, 2)))[0].T for _ in range(2))
        a = u @ v.T
        delta = np.linalg.norm(a, 2)
        exact = a[0, 0] * a[1, 1] + a[0, 1] * a[1, 0]
        assert abs(exact) <= float(class_correlation({2: Fraction(1)}, Fraction(delta))) + 1e-12


def test_frames_are_fewer_than_vectors():
    one, three = (largest_class_bound(1000, {4: Fraction(1)}, 10**6, r) for r in (1, 3))
    assert one.tolerance_squared < three.tolerance_squared < 1
    assert three.size == maximal_set_size(inner_product_tail(1000, three.cosine, 3))


def test_the_sharp_rule_is_attained_by_asking_for_each_member():
    """Orthonormal functions e_1..e_N and queries e_1..e_{N-1}: one removed by each, for any τ < 1; one is left."""
    size = 6
    assert tolerance_from_class_sharp(size, Fraction(0), size - 1) == 1
    assert tolerance_from_class_sharp(size, Fraction(0), size - 2) < 1
    assert tolerance_from_class(size, Fraction(0), size - 2) > 1


@pytest.mark.parametrize(("d", "k", "queries"), [(100, 4, 10**6), (10**4, 3, 10), (10**6, 2, 10**3)])
def test_the_correlation_that_the_quarter_stands_for(d, k, queries):
    """ε² = log(4q (d/4)^{k/2})/(d/4), and ε^k is at most 1."""
    squared = log(4 * queries * (d / 4) ** (k / 2)) / (d / 4)
    assert float(theorem2_quarter(d, k, queries).correlation) == pytest.approx(min(squared ** (k / 2), 1))


@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize(
    ("d", "r", "energies", "queries"),
    [
        (100, 1, {4: 1.0}, 10**6),
        (1000, 1, {3: 1.0}, 10**3),
        (400, 1, {2: 0.3, 5: 0.7}, 10**4),
        (400, 3, {4: 1.0}, 10**4),
        (60, 2, {2: 0.5, 6: 0.5}, 50),
        (10**5, 1, {4: 1.0}, 10**9),
    ],
)
def test_the_cosine_is_that_of_a_fine_grid(pairs, d, r, energies, queries):
    """The minimiser of ε(δ) + q P(δ), or 2q √(P(δ)/2), P = r P(Beta(r/2, (d-r)/2) > δ²/r), by SciPy's law, to one percent."""
    grid = np.exp(np.linspace(log(0.1 / sqrt(d)), log(0.999), 20_001))
    tail = np.minimum(r * scipy.stats.beta(r / 2, (d - r) / 2).sf(grid**2 / r), 1)
    removed = queries * (2 * np.sqrt(tail / 2) if pairs else tail)
    best = grid[np.argmin(sum(e * grid**k for k, e in energies.items()) + removed)]
    found = _best_cosine(d, {k: Fraction(e) for k, e in energies.items()}, queries, r, pairs=pairs)
    assert float(found) == pytest.approx(best, rel=0.01)
    assert 2**40 % found.denominator == 0
