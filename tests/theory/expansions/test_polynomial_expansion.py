"""The Hermite expansion against derivatives and moments in x-space, for any directions."""

from fractions import Fraction
from itertools import product
from math import factorial

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import matrices, polynomials, rationals, ridges, unit_vectors
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import dot, identity
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion, gradient_rows
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import number, polynomial

any_ridge = ridges(4, latent=3, ambient=3)


def exact(rows):
    return tuple(tuple(Number.of(c) for c in row) for row in rows)


def expand(text, directions=None):
    return HermiteExpansion(polynomial(parse(text)), directions and tuple(tuple(number(c) for c in row) for row in directions))


def unfolding_rank(f, d, degree):
    """dim of the span of all mode-1 columns of C_1, C_2, ...: the rank of the table of E[∂_i ∂^α f], by SymPy."""
    columns = []
    for k in range(1, degree + 1):
        entries = oracles.moment_tensors(f, d, k)
        rests = product(range(d), repeat=k - 1)
        columns += [[entries.get(tuple(sorted((i, *rest))), Fraction(0)) for i in range(d)] for rest in rests]
    return sympy.Matrix([[sympy.Rational(c.numerator, c.denominator) for c in column] for column in columns]).rank()


@given(any_ridge)
def test_energies_are_norms_of_the_tensors_in_x_space(ridge):
    e, f = ridge.expansion, ridge.ambient
    for k in range(6):
        norm = oracles.norm_squared(oracles.moment_tensors(f, ridge.d, k), ridge.d, k)
        assert e.energy(k) == norm / factorial(k)
    assert e.degree_energies == {k: e.energy(k) for k in range(6) if e.energy(k)}
    assert list(e.degree_energies) == sorted(e.degree_energies)
    assert e.degree == oracles.degree(f)


@given(any_ridge)
def test_parseval(ridge):
    e, f = ridge.expansion, ridge.ambient
    mean, second = oracles.expectation(f), oracles.expectation(oracles.multiply(f, f))
    assert (e.mean, e.second_moment, e.variance) == (mean, second, second - mean**2)
    assert sum(e.degree_energies.values(), Number.of(0)) == second


@given(any_ridge, st.integers(0, 4))
def test_tensors_lift_to_those_in_x_space(ridge, k):
    """C_k in x-space is the lift of E[∇^k g] by U."""
    latent = {index: c.fraction for index, c in ridge.expansion.tensor(k).items()}
    assert all(index == tuple(sorted(index)) and c for index, c in latent.items())
    rows = ridge.directions or [[Fraction(int(i == j)) for j in range(ridge.r)] for i in range(ridge.r)]
    lifted = {}
    for index in product(range(ridge.d), repeat=k):
        total = Fraction(0)
        for source in product(range(ridge.r), repeat=k):
            c = latent.get(tuple(sorted(source)))
            if c:
                for i, j in zip(source, index, strict=True):
                    c = c * rows[i][j]
                total += c
        if total and index == tuple(sorted(index)):
            lifted[index] = total
    assert lifted == oracles.moment_tensors(ridge.ambient, ridge.d, k)


@given(polynomials(3, 5))
def test_taylor_tensors_are_the_derivatives_at_zero(link):
    e = HermiteExpansion(Polynomial.from_terms(link))
    for k in range(7):
        expected = {}
        for alpha, c in link.items():
            if sum(alpha) == k:
                orders = factorial(k)
                for a in alpha:
                    orders //= factorial(a)
                expected[tuple(i for i, a in enumerate(alpha) for _ in range(a))] = c / orders
        assert e.taylor_tensor(k) == expected


def test_taylor_tensors_need_orthonormal_directions():
    with pytest.raises(ValueError, match="orthonormal"):
        expand("z1**2", [["2"]]).taylor_tensor(0)
    assert expand("z1*z2", [["3/5", "4/5"], ["-4/5", "3/5"]]).taylor_tensor(2) == {(0, 1): Fraction(1, 2)}


def test_taylor_tensors_have_a_bound():
    e = expand("z10**2")
    assert e.taylor_tensor(10) == {}  # C(19, 10) = 92378 entries at most
    with pytest.raises(InputError, match="the tensor T_11 could have 167960"):
        e.taylor_tensor(11)


@given(any_ridge)
def test_effective_subspace_is_the_span_of_the_unfoldings(ridge):
    e, f = ridge.expansion, ridge.ambient
    assert e.effective_dimension.value == unfolding_rank(f, ridge.d, oracles.degree(f))
    basis = [e.in_ambient(v) for v in e.effective_subspace]
    table = [[x.fraction for x in row] for row in basis]
    assert sympy.Matrix(table).rank() == len(basis) if basis else True
    # f does not change along a direction orthogonal to S*
    slopes = [oracles.derivative(f, i) for i in range(ridge.d)]
    for direction in sympy.Matrix(table or [[0] * ridge.d]).nullspace():
        along = {}
        for c, slope in zip(direction, slopes, strict=True):
            along = oracles.add(along, oracles.scale(Fraction(int(c.p), int(c.q)), slope))
        assert along == {}


@given(polynomials(2, 4), matrices(2, 3))
def test_intrinsic_symbol_is_the_expansion_along_the_span(link, rows):
    """At w = Σ t_a u_{pivots[a]} the intrinsic symbol is the smoothed f, and |w|² = tᵀ G t."""
    e = HermiteExpansion(Polynomial.from_terms(link), exact(rows))
    view = e.intrinsic
    f = oracles.substitute(link, rows, 3)
    smoothed = oracles.smoothed(f, [[Fraction(int(i == j)) for j in range(3)] for i in range(3)])
    for t in ([Fraction(1), Fraction(-2)], [Fraction(1, 3), Fraction(2)]):
        t = t[: len(view.pivots)]
        w = [sum((c * rows[i][j] for c, i in zip(t, view.pivots, strict=True)), Fraction(0)) for j in range(3)]
        if t:
            assert e.symbol.evaluate([dot(row, exact([t])[0]) for row in view.lift]) == oracles.evaluate(smoothed, w)
            assert dot(exact([t])[0], [dot(row, exact([t])[0]) for row in view.gram]) == oracles.dot(w, w)
        assert e.in_ambient(exact([t])[0]) == exact([w])[0]
    assert len(view.pivots) == sympy.Matrix([list(row) for row in rows]).rank()


@given(polynomials(2, 4), unit_vectors(3))
def test_a_rotation_changes_nothing(link, w):
    """Two columns of an explicit orthogonal matrix as directions leave energies and dimensions as they were."""
    plain = HermiteExpansion(Polynomial.from_terms(link))
    rotated = HermiteExpansion(Polynomial.from_terms(link), exact(oracles.householder(w)[:2]))
    assert rotated.gram is None
    assert rotated.degree_energies == plain.degree_energies
    assert rotated.effective_dimension == plain.effective_dimension
    assert rotated.symbol == plain.symbol
    assert rotated.tensor(2) == plain.tensor(2)


@given(polynomials(2, 3), matrices(2, 2), rationals().filter(bool))
def test_scaling_the_link_and_the_directions(link, rows, c):
    e = HermiteExpansion(Polynomial.from_terms(link), exact(rows))
    scaled = HermiteExpansion(Polynomial.from_terms(oracles.scale(c, link)), exact(rows))
    assert scaled.degree_energies == {k: c * c * energy for k, energy in e.degree_energies.items()}
    assert scaled.effective_dimension == e.effective_dimension
    stretched = HermiteExpansion(Polynomial.from_terms(link), exact([[c * x for x in row] for row in rows]))
    inside = Polynomial.from_terms({alpha: c ** sum(alpha) * x for alpha, x in link.items()})
    assert stretched.degree_energies == HermiteExpansion(inside, exact(rows)).degree_energies


def test_substituting_dependent_directions_gives_the_same_target():
    written = expand("z1*z2 + z3**2", [["1", "1"], ["1", "-1"], ["2", "0"]])
    plain = expand("z1**2 - z2**2 + 4*z1**2")
    assert written.degree_energies == plain.degree_energies
    assert written.effective_dimension.value == plain.effective_dimension.value == 2
    assert written.intrinsic.pivots == (0, 1)


@pytest.mark.parametrize(
    ("text", "directions", "dimension"),
    [
        ("(z1+z2)**2", None, 1),
        ("(z1+sqrt(2)*z2)**3 - z1 - sqrt(2)*z2", None, 1),
        ("(sqrt(2)*z1+sqrt(3)*z2)**2 + (sqrt(6)*z1 + 3*z2)**3", None, 1),
        ("(sqrt(2)*z1+sqrt(3)*z2)**2 + (sqrt(6)*z1 + 3.0000000000000000001*z2)**3", None, 2),
        ("z1 + z2", [["1", "0"], ["0", "0"]], 1),
        ("z1**2 - z2**2", [["1", "1"], ["1", "1"]], 0),
        ("z1*z2*z3", [["1", "0"], ["sqrt(2)", "0"], ["0", "1"]], 2),
        ("z1 + z3**2", None, 2),
        ("z1**3 + 3", None, 1),
    ],
)
def test_effective_dimension(text, directions, dimension):
    e = expand(text, directions)
    assert e.effective_dimension.value == dimension
    assert len(e.effective_subspace) == dimension


def test_cancelling_directions_leave_a_constant():
    e = expand("z1**2 - z2**2 + 5", [["1", "1"], ["1", "1"]])
    assert (e.degree, e.degree_energies, e.variance, e.mean) == (0, {0: 25}, 0, 5)


def test_orthonormal_directions_are_recognised_exactly():
    assert expand("z1", [["sqrt(2)/2", "sqrt(2)/2"]]).gram is None
    assert expand("z1*z2", [["sqrt(2)/2", "sqrt(2)/2"], ["1/sqrt(2)", "-1/sqrt(2)"]]).gram is None
    assert expand("z1", [["0.70710678118654752440", "0.70710678118654752440"]]).gram is not None
    assert expand("z1", [["1", "1"]]).gram == ((Number.of(2),),)


def test_vectors_in_latent_and_ambient_coordinates():
    e = expand("z1 + z2 + z3", [["0", "0", "0"], ["1", "2", "0"], ["0", "1", "1"]])
    assert e.intrinsic.pivots == (1, 2)
    vector = (Number.of(3), Number.of(0))
    assert e.in_latents(vector) == (0, 3, 0)
    assert e.in_ambient(vector) == (3, 6, 0)
    plain = expand("z1 + z3")
    assert plain.in_ambient((Number.of(1), Number.of(0), Number.of(2))) == (1, 0, 2)


@given(polynomials(3, 3))
def test_gradient_rows_hold_the_gradient(link):
    p = Polynomial.from_terms(link)
    rows = gradient_rows(p, 2)
    monomials = {alpha for i in (0, 1) for alpha in oracles.derivative(link, i)}
    assert len(rows) == len(monomials)
    got = sorted(tuple(x.fraction for x in row) for row in rows)
    assert got == sorted(tuple(oracles.derivative(link, i).get(alpha, Fraction(0)) for i in (0, 1)) for alpha in monomials)


@given(polynomials(2, 3))
def test_an_algebraic_factor_scales_energies_exactly(link):
    assume(oracles.degree(link) > 0)
    p = Polynomial.from_terms(link)
    e, scaled = HermiteExpansion(p), HermiteExpansion(p * number("sqrt(2) - 2**(1/2)/3"))
    factor = Fraction(8, 9)
    assert scaled.degree_energies == {k: factor * energy for k, energy in e.degree_energies.items()}


def test_a_large_expansion_agrees_with_quadrature():
    """(z1+...+z5)^8 + z1 z2 z3: variance from the one-dimensional law of the sum, N(0, 5)."""
    e = expand("(z1+z2+z3+z4+z5)**8 + z1*z2*z3")
    moment = [Fraction(1)]
    for n in range(1, 9):
        moment.append(moment[-1] * (2 * n - 1) * 5)  # E s^{2n}
    # the cross term: E[s^8 z1 z2 z3] = 0 by sign
    assert e.second_moment == moment[8] + 1
    assert e.mean == moment[4]
    assert e.energy(8) == 5**8 * factorial(8)
    assert np.isclose(float(e.variance), float(moment[8] + 1 - moment[4] ** 2))
    assert e.effective_dimension.value == 4
    assert identity(5) == HermiteExpansion(polynomial(parse("z5"))).intrinsic.gram


def test_what_the_exponents_ask_a_polynomial():
    """z1 He_2(z2) + He_2(z1) + z1: degrees 1 and 2 gain e1 from nothing; with e1 seen degree 1 gains nothing and 2 gains e2."""
    e = expand("z1*(z2**2 - 1) + z1**2 - 1 + z1")
    first = (Number.of(1), Number.of(0))
    second = (Number.of(0), Number.of(1))
    assert [e.across(())(k) for k in (1, 2)] == [(first,), (first,)]
    assert len(e.across(())(3)) == 2
    assert e.across(())(4) == ()
    assert [e.across((first,))(k) for k in (1, 2, 3)] == [(), (second,), ()]
    assert e.axes == {0, 1}
    assert [e.axes_gained((), (0, 1), k) for k in (1, 2, 3, 4)] == [{0}, {0}, {0, 1}, set()]
    assert [e.axes_gained((0,), (1,), k) for k in (1, 2)] == [set(), {1}]
    assert (e.size, e.search_degree, e.effort, e.doubt, e.labels_independent) == (2, 3, 1, "", True)
    assert e.linear_span == e.effective_subspace
    assert len(e.linear_span) == 2
    assert e.reduced is e
    assert e.from_reduced(second) is second
    assert [e.reached(highest, 2) for highest in (2, 3, 4)] == [0, 2, 2]
    assert e.gained_for_certain((), 1, 2) == 2
    assert expand("z1", [["1", "1"]]).axes is None
    assert [e.vanishes(k).verdict.value for k in (1, 2, 3, 4)] == ["fails", "fails", "fails", "holds"]
    assert [e.vanishes(k).explain() for k in (2, 4)] == ["‖C_2‖_F²/2! = 2 is not zero", "‖C_4‖_F²/4! = 0"]
    assert e.vanishes(2).evidence().value == "exact"


def test_directions_that_are_not_orthonormal_are_gained_in_their_own_metric():
    """f* = x1 (x1 + x2) in y1 = x1, y2 = x1 + x2: given y1 what is gained is x2 = y2 - y1, across x1."""
    e = expand("z1*z2 + z1", [["1", "0"], ["1", "1"]])
    seen = (Number.of(1), Number.of(0))
    ((along, across),) = e.across((seen,))(1)
    assert not across.is_zero
    assert along == -across
    assert e.inner(seen, (along, across)).is_zero
    assert [str(e.inner(a, b)) for a, b in ((seen, seen), ((Number.of(0), Number.of(1)),) * 2)] == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "exponent"), [("z1**3 - 3*z1", 1), ("z1**4", 2), ("z1**2 + z1", 1), ("(z1+z2)**2", 2), ("z1*z2", None)]
)
def test_the_generative_exponent_of_a_polynomial_of_one_direction(text, exponent):
    found = expand(text).generative_exponent()
    assert (None if found is None else found.value.value) == exponent


def test_display():
    e = expand("z1**2 - 2*z2")
    assert "z1**2 - 2*z2" in repr(e)
    html = e._repr_html_()
    for shown in ("z1**2 - 2*z2 + 1", "mean", "variance", "6"):
        assert shown in html
