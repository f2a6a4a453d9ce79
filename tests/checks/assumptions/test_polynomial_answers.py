"""What exact algebra answers about polynomials, against values by hand and by NumPy's eigenvalues."""

from math import comb

import numpy as np
import pytest
from hypothesis import given

from steinlab.checks.assumptions import polynomial_answers as module
from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.polynomial_answers import shown
from steinlab.checks.claims.cases import polynomials
from steinlab.theory.budget import attempt, charge
from steinlab.theory.errors import InputError
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.language.polynomial_reader import number
from steinlab.theory.targets.target import Noise, Target
from steinlab.theory.verdicts import Evidence, Verdict


def answers(text, *directions, noise=None):
    return check(Target.from_expression(text, directions or None, noise or Noise("none"))).answers


@pytest.mark.parametrize(
    ("text", "exact", "words"),
    [
        ("3/4", "3/4", "3/4"),
        ("-7", "-7", "-7"),
        ("sqrt(2)", "sqrt(2)", "sqrt(2) ≈ 1.41421"),
        ("10**39", "1" + "0" * 39, "1" + "0" * 39),
        ("10**40", "1" + "0" * 40, "≈ 1e+40"),
    ],
)
def test_exact_numbers_are_shown_whole_with_their_decimals_where_they_are_long_or_irrational(text, exact, words):
    found = shown(number(text))
    assert (found.text, found.exact, found.words, found.reason) == (exact, exact, words, "")
    assert (found.nearest, found.interval) == (None, None)


def test_moments_and_energies_by_hand():
    """3 + 2 z1 + He_2(z2)/2: mean 3, energies 4 and 1/2, E f² = 9 + 9/2."""
    a = answers("3 + 2*z1 + He(2,z2)/2")
    assert [a.moment(name).text for name in ("mean", "variance", "second_moment")] == ["3", "9/2", "27/2"]
    energies, degrees = a.energies
    assert {k: x.text for k, x in energies.items() if k} == {1: "4", 2: "1/2"}
    assert degrees == "all others are zero"
    assert (a.degree.value, a.degree.evidence) == (2, Evidence.EXACT)
    assert (a.dimension.value, a.square_integrable.verdict, a.doubt) == (2, Verdict.HOLDS, "")


@given(polynomials(3, 4))
def test_eigenvalues_and_kappa_are_those_of_the_matrix_that_is_shown(link):
    try:
        a = check(Target.from_polynomial(Polynomial.from_terms(link))).answers
    except InputError:  # constant
        return
    h = np.array([[float(number(x.text)) for x in row] for row in a.matrix])
    expected, scale = np.linalg.eigvalsh(h), 1 + abs(h).max()
    assert [x.nearest for x in a.eigenvalues] == pytest.approx(list(expected), abs=1e-9 * scale)
    for shown_value, x in zip(a.eigenvalues, expected, strict=True):
        low, high = shown_value.interval
        assert low - 1e-9 * scale <= x <= high + 1e-9 * scale
        assert low <= high <= low + 1e-15 * scale
    rank = int((abs(expected) > 1e-9 * scale).sum())
    assert a.rank.value == rank
    assert a.nondegenerate is (Verdict.HOLDS if rank == a.dimension.value else Verdict.FAILS)
    if a.nondegenerate is Verdict.HOLDS:
        second = float(number(a.moment("second_moment").text))
        smallest = min(abs(x) for x in expected if abs(x) > 1e-9 * scale)
        assert a.kappa.nearest == pytest.approx((second / rank) ** 0.5 / smallest, rel=1e-6)
        assert a.kappa.reason == ""
    else:
        assert (a.kappa.text, a.kappa.reason) == (None, "undefined (Assumption 2 fails)")


def test_a_rational_kappa_is_exact_and_a_huge_one_is_bounded():
    assert answers("He(2,z1)/2 + He(4,z1)/sqrt(48)").kappa.exact == "1"
    assert answers("z1**2 + z2**2/10**400").kappa.reason == "above 1e+300"


@pytest.mark.parametrize(("r", "k"), [(1, 3), (2, 4), (3, 5)])
def test_each_coefficient_of_a_degree_is_told_once_those_that_are_not_zero_first(r, k):
    """There are C(r + k - 1, k) of them, and only that of z1**k is not zero: its E[g He_k] is k!."""
    found = answers(f"He({k},z1)" + "".join(f" + z{i}" for i in range(2, r + 1))).coefficients(k)
    assert len({c.name for c in found}) == len(found) == comb(r + k - 1, k)
    assert [c.zero for c in found] == [Verdict.FAILS] + [Verdict.HOLDS] * (len(found) - 1)
    assert found[0].name == (f"E[g He_{k}]" if r == 1 else f"E[g He_{(k, *[0] * (r - 1))}]")


def test_zero_coefficients_are_not_told_where_they_are_too_many(monkeypatch):
    """There are C(5, 2) monomials of degree at most 2 in three variables."""
    a = answers("He(2,z1) + z2*z3")
    monkeypatch.setattr(module, "MAX_COEFFICIENTS", comb(5, 2))
    assert len(a.coefficients(2)) == 6
    monkeypatch.setattr(module, "MAX_COEFFICIENTS", comb(5, 2) - 1)
    assert len(a.coefficients(2)) == 2


def test_the_least_power_of_the_label_that_restores_assumption_2():
    """y = z1: E[y² He_2] = 2. y = z1*z2*z3: E[y²] = z1² z2² z3² sees every direction."""
    assert answers("z1").restoring_power() == (2, Evidence.EXACT)
    assert answers("z1*z2*z3").restoring_power() == (2, Evidence.EXACT)
    assert answers("z1*He(2,z2)").restoring_power() == (2, Evidence.EXACT)


@pytest.mark.parametrize("noise", [Noise("none"), Noise("gaussian", "2")])
def test_the_cube_is_tried_after_the_square(noise):
    """y = z² - 3: E[y² He_2] = 12 - 6*2 = 0 by E[z⁴ He_2] = 12 and E[z² He_2] = 2; of y³ it is 90 - 9*12 + 27*2 and more."""
    assert answers("z1**2 - 3", noise=noise).restoring_power() == (3, Evidence.EXACT)


def test_a_power_with_too_many_monomials_is_not_tried():
    assert answers(" + ".join(f"z{i}*z{i + 1}**9" for i in range(1, 12))).restoring_power() is None


def test_weights_are_in_the_directions_as_typed():
    a = answers("z1 + He(2,z2)", [3, 4], [0, 2])
    assert a.weights(a.subspace[0])[1] == "u"
    latent = [[float(weight) for weight in a.weights(v)[0]] for v in a.subspace]
    assert abs(np.linalg.det(latent)) > 0.1
    assert len(a.principal_subspace()) == 2


@pytest.mark.parametrize(("effort", "answer"), [(1, "more than 10 steps"), (2, "done")])
def test_what_has_a_budget_beside_the_algebra_is_allowed_the_effort(effort, answer):
    found = check("He(2,z1)", effort=effort).answers
    work = lambda: attempt(lambda: charge(15) or "done", lambda why: why, 10)  # noqa: E731
    assert answer in found.attempt(work, str)
