"""The expected Hessian against E∇²f in x-space and NumPy's eigenvalues."""

from fractions import Fraction
from math import sqrt

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import matrices, nonzero_rationals, polynomials, ridges, unit_vectors
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.parsing import number, parse, polynomial
from steinlab.theory.targets.polynomial_expansion import HermiteExpansion
from steinlab.theory.targets.polynomial_hessian import MAX_KAPPA, expected_hessian
from steinlab.theory.targets.target import Target

any_ridge = ridges(4, latent=3, ambient=3)


def of(text, directions=None):
    return expected_hessian(
        HermiteExpansion(polynomial(parse(text)), directions and tuple(tuple(number(c) for c in row) for row in directions))
    )


def in_x_space(ridge):
    """E∇²f as a table of Fractions."""
    h = oracles.moment_tensors(ridge.ambient, ridge.d, 2)
    return [[h.get((min(i, j), max(i, j)), Fraction(0)) for j in range(ridge.d)] for i in range(ridge.d)]


def table(fractions):
    return sympy.Matrix([[sympy.Rational(c.numerator, c.denominator) for c in row] for row in fractions])


@given(any_ridge)
def test_rank_and_eigenvalues_are_those_in_x_space(ridge):
    h, full = expected_hessian(ridge.expansion), in_x_space(ridge)
    assert h.rank == table(full).rank()
    span = len(ridge.expansion.intrinsic.pivots)
    values = sorted([float(root) for root in h.eigenvalues] + [0.0] * (ridge.d - span))
    assert values == pytest.approx(np.linalg.eigvalsh(np.array(full, float)), abs=1e-9)
    assert len(h.eigenvalues) == span
    assert sum(1 for root in h.eigenvalues if root.exact is None or root.exact) == h.rank
    assert h.is_nondegenerate == (h.rank == ridge.expansion.effective_dimension.value)


@given(polynomials(3, 4))
def test_the_matrix_is_the_mean_second_derivative(link):
    h = expected_hessian(Ridge(link).expansion)
    assert [[x.fraction for x in row] for row in h.matrix] == in_x_space(Ridge(link))


@given(polynomials(2, 3), matrices(2, 3))
def test_the_matrix_is_in_latent_coordinates_for_any_directions(link, rows):
    """E[∂_i ∂_j g(y)], y ~ N(0, UUᵀ)."""
    h = expected_hessian(Ridge(link, rows).expansion)
    for i in range(2):
        for j in range(2):
            slope = oracles.derivative(oracles.derivative(link, i), j)
            assert h.matrix[i][j] == oracles.expectation(oracles.substitute(slope, rows, 3))


@given(any_ridge)
def test_range_and_invisible_directions(ridge):
    """In x-space: range(H) is spanned, ker H ∩ S* is spanned, and together they have the dimension of S*."""
    e, full = ridge.expansion, table(in_x_space(ridge))
    h = expected_hessian(e)
    seen = [[x.fraction for x in e.in_ambient(v)] for v in h.range]
    lost = [[x.fraction for x in e.in_ambient(v)] for v in h.invisible]
    star = [[x.fraction for x in e.in_ambient(v)] for v in e.effective_subspace]
    assert len(seen) == h.rank
    assert len(lost) == e.effective_dimension.value - h.rank
    if seen:
        assert table(seen).rank() == h.rank == full.row_join(table(seen).T).rank()
    for v in lost:
        assert full * table([v]).T == sympy.zeros(ridge.d, 1)
        assert table([*star, v]).rank() == len(star)
    if lost:
        assert table(lost).rank() == len(lost)


@given(any_ridge)
def test_kappa_is_that_of_numpy_and_at_least_its_bound(ridge):
    e = ridge.expansion
    h = expected_hessian(e)
    assume(h.rank)
    values = [abs(x) for x in np.linalg.eigvalsh(np.array(in_x_space(ridge), float)) if abs(x) > 1e-9]
    f = ridge.ambient
    second = float(oracles.expectation(oracles.multiply(f, f)))
    if h.rank < e.effective_dimension.value:
        assert h.kappa is None
        assert h.kappa_exact is None
    else:
        assert h.kappa == pytest.approx(sqrt(second) / min(values) / sqrt(h.rank), rel=1e-6)
        assert h.kappa >= sqrt(0.5) * (1 - 1e-15)
        if h.kappa_exact is not None:
            assert float(h.kappa_exact) == pytest.approx(h.kappa, rel=1e-15)


@given(polynomials(2, 4), matrices(2, 3), nonzero_rationals())
def test_kappa_does_not_depend_on_the_scale_of_the_target(link, rows, c):
    plain = expected_hessian(Ridge(link, rows).expansion)
    scaled = expected_hessian(Ridge(oracles.scale(c, link), rows).expansion)
    assume(plain.rank)
    assert scaled.kappa == (None if plain.kappa is None else pytest.approx(plain.kappa, rel=1e-15))
    got, expected = ([float(root) for root in h.eigenvalues] for h in (scaled, plain))
    assert got == pytest.approx(sorted(float(c) * x for x in expected), rel=1e-12, abs=1e-300)


@given(polynomials(3, 3), unit_vectors(3))
def test_a_rotation_leaves_the_spectrum(link, w):
    plain, rotated = expected_hessian(Ridge(link).expansion), expected_hessian(Ridge(link, oracles.householder(w)).expansion)
    assert [float(root) for root in rotated.eigenvalues] == [float(root) for root in plain.eigenvalues]
    assert (rotated.rank, rotated.kappa, rotated.matrix) == (plain.rank, plain.kappa, plain.matrix)


@pytest.mark.parametrize(
    ("text", "kappa"),
    [
        ("He(2,z1)/sqrt(2)", "sqrt(1/2)"),
        ("He(2,z1)/2 + He(4,z1)/sqrt(48)", "1"),
        ("z1*z2", "1/sqrt(2)"),
        ("z1*z2 + 7", "5"),
        ("He(2,z1) + He(2,z2)*3", "sqrt(20)/(2*sqrt(2))"),
        ("sqrt(2)*He(2,z1) + sqrt(3)*He(2,z2)", "sqrt(10)/4"),
        ("z1**2 - z2", None),
        ("He(3,z1)", None),
    ],
)
def test_kappa_by_hand(text, kappa):
    h = of(text)
    if kappa is None:
        assert h.kappa is None
        assert not h.is_nondegenerate
    else:
        assert h.kappa_exact == number(kappa)
        assert h.kappa == float(number(kappa))


def test_the_bound_on_kappa_is_attained_where_all_energy_is_in_degree_two_and_eigenvalues_are_equal():
    assert of("z1**2 + z2**2 + z3**2 - 3").kappa_exact == number("sqrt(1/2)")


def test_rank_over_a_number_field_is_exact():
    assert of("(z1 + sqrt(2)*z2)**2 + (sqrt(2)*z1 + 2*z2)**3").rank == 1
    assert of("(z1 + sqrt(2)*z2)**2 + (sqrt(2)*z1 + 2.0000000000000000000001*z2)**3").rank == 1
    degenerate = of("z1**2/2 + sqrt(6)*z1*z2 + 3*z2**2")
    assert [str(root) for root in degenerate.eigenvalues] == ["0", "7"]
    assert of("z1**2/2 + sqrt(6)*z1*z2 + 3.0000000000000000000001*z2**2").rank == 2


def test_eigenvalues_are_exact_where_they_can_be_written():
    assert [str(root) for root in of("z1*z2 + He(3,z3)").eigenvalues] == ["-1", "0", "1"]
    assert [str(root) for root in of("z1**2/2 + z1*z2").eigenvalues] == ["1/2 - sqrt(5)/2", "1/2 + sqrt(5)/2"]
    assert [str(root) for root in of("z1**2 + z2**2 - z3**2").eigenvalues] == ["-2", "2", "2"]
    cubic = of("z1*z2 + z2*z3 + z1**2/2").eigenvalues
    assert [root.exact for root in cubic] == [None] * 3


def test_kappa_of_a_nearly_singular_hessian_has_relative_accuracy():
    """Eigenvalues about 1e-64 and 1e24: an enclosure of fixed absolute width would be worth nothing."""
    text = "z1**2/2 + 10**12*z1*z2 + (10**24 + 1/10**40)*z2**2/2"
    h = of(text)
    with mpmath.workdps(150):
        trace, det = 1 + mpmath.mpf(10) ** 24 + mpmath.mpf(10) ** -40, mpmath.mpf(10) ** -40
        small = 2 * det / (trace + mpmath.sqrt(trace**2 - 4 * det))
        q = h.expansion.second_moment.fraction
        expected = mpmath.sqrt(mpmath.mpf(q.numerator) / q.denominator) / small / mpmath.sqrt(2)
    assert h.kappa == pytest.approx(float(expected), rel=1e-14)


def test_a_kappa_beyond_floats_is_refused():
    with pytest.raises(InputError, match="κ is above 1e\\+300"):
        _ = of("1e-400*He(2,z1) + He(2,z2)").kappa
    assert of("1e-299*He(2,z1) + He(2,z2)").kappa < MAX_KAPPA


def test_the_zero_hessian():
    h = of("z1 + He(3,z2)")
    assert (h.rank, h.kappa, h.kappa_exact, h.range) == (0, None, None, ())
    assert len(h.invisible) == 2
    assert of("He(3,z1)", [["1"]]).invisible == ((Number.of(1),),)


@given(st.sampled_from(["z1**40", "z1**100 + z2**2", "He(90, z1)/10**60 + He(2,z1)"]))
def test_high_degrees_have_a_finite_kappa(text):
    h = expected_hessian(Target.from_expression(text).expansion)
    assert h.kappa is not None
    assert np.isfinite(h.kappa)


def test_html_says_what_kappa_is_or_that_it_is_undefined():
    """Rows of 'name value', tags taken out."""
    for text, kappa in (("z1*z2 + 7", "5.0"), ("z1**2 + z2", "undefined: rank H is less than dim S*")):
        html = of(text)._repr_html_()
        assert kappa in html
        assert ("undefined" in html) == ("undefined" in kappa)
        assert html.count("<tr>") == html.count("</tr>") >= 4


@given(
    st.lists(st.tuples(st.sampled_from([1, -1]), st.sampled_from([0, 1, 2, -1])), min_size=2, max_size=3),
    st.sampled_from([3, 17, 20, 60]),
    st.booleans(),
)
def test_kappa_belongs_to_the_least_eigenvalue_where_floats_do_not_tell_them_apart(parts, digits, mixed):
    values = [side * (1 + Fraction(share, 10**digits)) for side, share in parts]
    forms = ["(3*z1+4*z2)/5", "(4*z1-3*z2)/5", "z3"] if mixed else ["z1", "z2", "z3"]
    h = of("+".join(f"({value})*He(2,{form})/2" for value, form in zip(values, forms, strict=False)))
    energy = sum(value**2 for value in values) / 2
    assert h.kappa_exact is not None
    assert h.kappa_exact**2 == energy / (len(values) * min(value**2 for value in values))
    assert [root.exact for root in h.eigenvalues] == sorted(values)


def test_kappa_is_exact_beside_eigenvalues_without_a_closed_form():
    small, large = of("He(2,z1)/10**4 + z2*z3 + z3*z4 + He(2,z2)/2"), of("10*He(2,z1) + z2*z3 + z3*z4 + He(2,z2)/2")
    assert any(root.exact is None for root in small.eigenvalues)
    assert small.kappa_exact is not None
    assert float(small.kappa_exact) == pytest.approx(small.kappa, rel=1e-15)
    assert large.kappa_exact is None
