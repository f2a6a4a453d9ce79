"""The engine for functions seen at points: numbers beside those that the exact engine proves, and nothing that is not known."""

from itertools import product
from math import factorial, sqrt
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.checks.claims.cases import hermite_sums
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.callable_expansion import CallableExpansion
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.targets.exponents import coordinate_leap, information_exponent, subspace_leap
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.verdicts import Evidence, Verdict


def both(link):
    """An expansion from points of the polynomial with these terms, and the exact one."""
    terms = {alpha: float(c) for alpha, c in link.items()}

    def f(z):
        return sum(c * np.prod(z ** np.array(alpha), axis=1) for alpha, c in terms.items())

    size = len(next(iter(link)))
    return CallableExpansion(f, size), HermiteExpansion(Polynomial.from_terms(link), None)


def holds(enclosed, exact):
    return abs(float(enclosed.enclosure.mid()) - float(exact)) <= float(enclosed.enclosure.rad())


@settings(max_examples=15)
@given(hermite_sums(3, 4))
def test_intervals_hold_the_exact_numbers(link):
    seen, exact = both(link)
    assert holds(seen.mean, exact.mean)
    assert holds(seen.second_moment, exact.second_moment)
    assert holds(seen.variance, exact.variance)
    for k in range(seen.search_degree + 1):
        assert holds(seen.energy(k), exact.energy(k))
        entries = exact.tensor(k)
        assert all(holds(value, entries.get(index, 0)) for index, value in seen.tensor(k).items())


@settings(max_examples=15)
@given(hermite_sums(3, 4))
def test_claims_are_true_and_one_sided(link):
    seen, exact = both(link)
    for k in range(1, 5):
        assert seen.vanishes(k).verdict is not Verdict.HOLDS
        assert (seen.vanishes(k).verdict is Verdict.FAILS) == (exact.vanishes(k).verdict is Verdict.FAILS)
        assert seen.vanishes(k).evidence() is Evidence.NUMERICAL
    dimension, rank = seen.effective_dimension, seen.hessian().rank
    assert dimension.lower <= exact.effective_dimension.value
    assert rank.lower == ExpectedHessian(exact).rank.value
    assert dimension.upper == rank.upper == 3
    assert rank.lower <= dimension.lower
    assert (dimension.value is None) == (dimension.lower < 3)
    first = information_exponent(seen)
    truth = information_exponent(exact).value
    assert first.lower == 1
    assert first.upper == (truth if truth <= 4 else None)
    assert first.evidence is Evidence.NUMERICAL
    leap = subspace_leap(seen)
    assert leap.value.evidence is Evidence.NUMERICAL
    assert leap.value.lower == 1
    assert leap.value.value is None
    assert coordinate_leap(seen) is None


@given(st.integers(1, 4))
def test_one_direction_has_its_first_exponent_only(k):
    seen = CallableExpansion(lambda z: np.polynomial.hermite_e.hermeval(z[:, 0], [0] * k + [1]), 1)
    first, leap = information_exponent(seen), subspace_leap(seen)
    assert (first.value, first.upper) == (1 if k == 1 else None, k)
    assert leap.value.value == first.value
    assert leap.value.evidence is Evidence.NUMERICAL
    assert seen.generative_exponent().value.value is None


def test_the_rank_counts_what_errors_cannot_make():
    """relu's error at its kink hides an eigenvalue that is smaller."""

    def f(z):
        return np.maximum(z[:, 0], 0) + np.maximum(z[:, 1], 0) + 1e-5 * z[:, 2] ** 2

    seen = CallableExpansion(f, 3)
    assert seen.hessian().rank.lower == 2
    assert seen.hessian().rank.value is None
    h = ExpectedHessian(seen)
    assert h.nondegenerate is Verdict.UNDECIDED
    assert h.kappa is None


def test_eigenvalues_and_kappa_lie_in_their_intervals():
    seen = CallableExpansion(lambda z: z[:, 0] ** 2 + z[:, 0] * z[:, 1], 2)
    h = ExpectedHessian(seen)
    assert h.nondegenerate is Verdict.HOLDS
    for value, known in zip(h.eigenvalues, (1 - sqrt(2), 1 + sqrt(2)), strict=True):
        assert holds(value, known)
    second = 3 + 1
    assert holds(h.kappa, sqrt(second / 2) / (sqrt(2) - 1))
    assert [float(x) for x in seen.hessian().matrix[0]] == pytest.approx([2, 1])


def test_many_variables_are_looked_at_to_degree_three():
    seen = CallableExpansion(lambda z: z.sum(axis=1) + z[:, 5] ** 3, 6)
    assert seen.search_degree == 3
    assert CallableExpansion(lambda z: z[:, 0], 5).search_degree == 4
    assert not seen.energy(4).enclosure.is_finite()
    assert seen.tensor(4) == {}
    assert holds(seen.energy(3), 6)
    assert holds(seen.energy(1), 5 + 16)
    assert seen.effective_dimension.lower == 2


def test_the_unfolding_keeps_the_norm():
    seen = CallableExpansion(lambda z: z[:, 0] * z[:, 1] * z[:, 2] + z[:, 0] ** 3, 3)
    values, errors = seen._unfolded(3)
    assert values.shape == errors.shape == (3, 9)
    assert np.sum(values**2) == pytest.approx(float(seen.energy(3).enclosure.mid()))
    assert np.linalg.matrix_rank(values, tol=1e-6) == 3
    assert factorial(3) * values[0, 0] ** 2 == pytest.approx(36)


def planted(size, coefficients, mean=(3.0, 0.1), second=(10.0, 0.5)):
    """An expansion whose coefficients are given with their errors, (0, 0.01) elsewhere."""
    seen = CallableExpansion(None, size)
    every = {alpha: (0.0, 0.01) for k in range(5) for alpha in product(range(k + 1), repeat=size) if sum(alpha) == k}
    seen.__dict__["means"] = SimpleNamespace(mean=mean, second_moment=second, coefficients=every | coefficients)
    return seen


def parts(enclosed):
    return [float(enclosed.enclosure.mid()), float(enclosed.enclosure.rad())]


def test_errors_are_carried_through_to_first_and_second_order():
    seen = planted(2, {(2, 0): (-4.0, 0.5), (1, 1): (3.0, 0.25), (0, 2): (1.0, 2.0)})
    assert parts(seen.mean) == pytest.approx([3, 0.1])
    assert parts(seen.second_moment) == pytest.approx([10, 0.5])
    assert parts(seen.variance) == pytest.approx([1, 0.5 + 2 * 3 * 0.1 + 0.1**2])
    wide = (2 * 4 * 0.5 + 0.5**2) / 2 + (2 * 3 * 0.25 + 0.25**2) + (2 * 1 * 2 + 2**2) / 2
    assert parts(seen.energy(2)) == pytest.approx([16 / 2 + 9 + 1 / 2, wide])
    assert {index: parts(value) for index, value in seen.tensor(2).items()} == {
        (0, 0): pytest.approx([-4, 0.5]), (0, 1): pytest.approx([3, 0.25]), (1, 1): pytest.approx([1, 2]),
    }  # fmt: skip
    hessian = seen.hessian()
    assert hessian.values == pytest.approx(np.array([[-4, 3], [3, 1]]))
    assert hessian.errors == pytest.approx(np.array([[0.5, 0.25], [0.25, 2]]))
    bound = sqrt(0.5**2 + 2 * 0.25**2 + 2**2)
    known = np.linalg.eigvalsh([[-4, 3], [3, 1]])
    assert [parts(x) for x in hessian.eigenvalues(53)] == [pytest.approx([value, bound]) for value in known]
    assert [[parts(x) for x in row] for row in hessian.matrix] == [
        [pytest.approx([-4, 0.5]), pytest.approx([3, 0.25])], [pytest.approx([3, 0.25]), pytest.approx([1, 2])],
    ]  # fmt: skip
    assert (hessian.rank.lower, hessian.rank.value, hessian.rank.upper) == (2, 2, 2)
    assert hessian.rank.reason == "numerically, 2 of the eigenvalues of H exceed 2, what errors can make of nothing"


OPEN = "no coefficient of degree 1 is told from zero at points: E[g He_(1, 0)] ="


@pytest.mark.parametrize(
    ("coefficients", "verdict", "why"),
    [
        ({(1, 0): (2.0, 0.5), (0, 1): (-1.0, 0.1)}, Verdict.FAILS, "E[g He_(0, 1)] = -1 ± 0.1, numerically, is not zero"),
        ({(1, 0): (0.5, 0.5), (0, 1): (0.0, 0.1)}, Verdict.UNDECIDED, f"{OPEN} 0.5 ± 0.5"),
        ({(1, 0): (9.0, 0.5), (0, 1): (1e-9, 0.0)}, Verdict.FAILS, "E[g He_(0, 1)] = 1e-09 ± 0, numerically, is not zero"),
        ({(1, 0): (0.25, 0.5), (0, 1): (0.0, 0.0)}, Verdict.UNDECIDED, f"{OPEN} 0.2 ± 0.5"),
    ],
)  # fmt: skip
def test_the_coefficient_that_is_farthest_from_zero_is_named(coefficients, verdict, why):
    found = planted(2, coefficients).vanishes(1)
    assert (found.verdict, found.explain()) == (verdict, why)


@pytest.mark.parametrize(("size", "lower"), [(1.0, 1), (0.2, 1), (0.13, 0), (0.0, 0)])
def test_a_dimension_is_claimed_beyond_all_errors_together(size, lower):
    """C_1 = (size, 0) beside errors 1/100 in the 2 + 4 + 8 entries of degree 1 to 3, over √k! each, and 0.13 in one."""
    bound = sqrt(0.13**2 + 1e-4 + 4e-4 / 2 + 8e-4 / 6)
    assert 0.13 < bound < 0.2
    found = planted(2, {(1, 0): (size, 0.13)}).effective_dimension
    assert (found.lower, found.value, found.upper) == (lower, None, 2)
    assert found.reason.startswith(f"numerically, {lower} of the singular values of the coefficients of degree 1 to 3 exceed 0.1")
