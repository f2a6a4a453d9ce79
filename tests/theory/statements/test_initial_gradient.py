"""The gradient at initialisation against exact half-space moments."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import matrices, polynomials, unit_vectors
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.exact.gaussian_numbers import GaussianNumber
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import number, polynomial
from steinlab.theory.statements.initial_gradient import initial_gradient

ridges = st.builds(Ridge, polynomials(2, 4), matrices(2, 3)) | st.builds(Ridge, polynomials(3, 4))


def expand(text):
    return HermiteExpansion(polynomial(parse(text)))


def values(gradient, w):
    return [(x.rational.fraction, x.over_sqrt_2pi.fraction) for x in gradient.evaluate(w)]


def total(*vectors):
    return [tuple(map(sum, zip(*entries, strict=True))) for entries in zip(*vectors, strict=True)]


@given(ridges, unit_vectors(3))
def test_it_is_the_half_space_moment(ridge, w):
    gradient = initial_gradient(ridge.expansion)
    assert values(gradient, w) == oracles.half_space_gradient(ridge.ambient, w)


@given(ridges, unit_vectors(3))
def test_leading_and_remainder_make_up_the_whole(ridge, w):
    gradient = initial_gradient(ridge.expansion)
    assert total(values(gradient.leading, w), values(gradient.remainder, w)) == values(gradient, w)


@given(ridges, unit_vectors(3))
def test_the_leading_term_is_h_w(ridge, w):
    """H w/√(2π), H = E∇²f from derivatives and moments."""
    h = oracles.moment_tensors(ridge.ambient, 3, 2)
    expected = [(0, sum(h.get((min(i, j), max(i, j)), Fraction(0)) * w[j] for j in range(3))) for i in range(3)]
    assert values(initial_gradient(ridge.expansion).leading, w) == expected


@given(ridges, unit_vectors(3))
def test_centring_removes_the_mean_and_the_linear_part(ridge, w):
    f = ridge.ambient
    linear = [oracles.moment_tensors(f, 3, 1).get((i,), Fraction(0)) for i in range(3)]
    residual = oracles.add(f, oracles.scale(-1, oracles.add(oracles.constant(oracles.expectation(f), 3), oracles.linear(linear))))
    gradient = initial_gradient(ridge.expansion, centred=True)
    assert values(gradient, w) == oracles.half_space_gradient(residual, w)
    assert all(t.k >= 1 for t in gradient.direction_terms)
    assert all(t.k >= 2 for t in gradient.radial_terms)


def test_after_centring_the_second_largest_term_is_the_radial_one():
    """-w (wᵀHw)/(2√(2π)), because c_3 = 0."""
    gradient = initial_gradient(expand("z1**3 + 2*z1*z2 + z2**2 + 5*z1 + 1"), centred=True)
    assert [t.k for t in gradient.direction_terms] == [1]
    radial = gradient.radial_terms[0]
    assert radial.k == 2
    assert radial.coefficient == GaussianNumber(0, Fraction(-1, 2))
    assert {a: c.fraction for a, c in radial.factor.terms().items()} == {(1, 1): 4, (0, 2): 2}


def test_the_second_sum_reaches_the_degree():
    """Eq. (1) of the paper stops at p - 1: for He_4 that would lose this term."""
    gradient = initial_gradient(expand("He(4, z1)"))
    assert [t.k for t in gradient.direction_terms] == [3]
    assert [t.k for t in gradient.radial_terms] == [4]
    assert gradient.direction_terms[0].coefficient == GaussianNumber(0, Fraction(-1, 6))
    assert gradient.radial_terms[0].coefficient == GaussianNumber(0, Fraction(3, 24))
    assert gradient.direction_terms[0].components[0].coefficient((3,)) == 24
    assert gradient.radial_terms[0].factor.coefficient((4,)) == 24


def test_it_holds_in_more_dimensions_than_the_directions_span():
    ridge = Ridge({(2, 1): Fraction(1), (1, 0): Fraction(2)})
    w = (Fraction(1, 3), Fraction(2, 3), Fraction(-2, 3))
    padded = {(*alpha, 0): c for alpha, c in ridge.link.items()}
    assert values(initial_gradient(ridge.expansion), w) == oracles.half_space_gradient(padded, w)


def test_irrational_points_and_coefficients():
    """w = (1, -1)/√2: in coordinates s along w and t across, the moments are half-line times whole-line ones, by hand."""
    w = [number("sqrt(2)/2"), number("-sqrt(2)/2")]
    first, second = initial_gradient(expand("sqrt(2)*z1*z2")).evaluate(w)
    # f = √2 (t² - s²)/2, x = (s + t, t - s)/√2, E s 1{s>=0} = 1/√(2π), E s³ 1{s>=0} = 2/√(2π): E[f s 1{s>=0}] = -1/√(4π)
    assert first == GaussianNumber(0, Fraction(-1, 2))
    assert second == GaussianNumber(0, Fraction(1, 2))


@pytest.mark.parametrize(
    ("w", "match"), [([1, 1], "\\|w\\|² is 2: expected a unit vector"), ([1], "w has 1 entries: expected at least 2")]
)
def test_bad_points(w, match):
    with pytest.raises(ValueError, match=match):
        initial_gradient(expand("z1*z2")).evaluate(w)


@given(polynomials(2, 4), unit_vectors(2))
def test_sympy_form_agrees(link, w):
    e = Ridge(link).expansion
    along, radial = initial_gradient(e).to_sympy()
    point = {sympy.Symbol(f"v{i + 1}", real=True): sympy.Rational(c.numerator, c.denominator) for i, c in enumerate(w)}
    got = [float(x) for x in initial_gradient(e).evaluate(w)]
    expected = [float((along[i] + radial * sympy.Rational(c.numerator, c.denominator)).subs(point)) for i, c in enumerate(w)]
    assert got == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_sympy_form_of_algebraic_coefficients():
    along, radial = initial_gradient(expand("sqrt(2)*2**(1/3)*z1*z2")).to_sympy()
    v1, v2 = sympy.symbols("v1 v2", real=True)
    c = sympy.sqrt(2) * sympy.cbrt(2) / sympy.sqrt(2 * sympy.pi)
    for difference in (along[0] - c * v2, along[1] - c * v1, radial + c * v1 * v2):
        assert abs(difference.evalf(40, subs={v1: 3, v2: -7})) < 1e-38


def test_text():
    assert str(initial_gradient(expand("z1*z2"))) == (
        "(1/sqrt(2*pi))*(v2)*u1 + (1/sqrt(2*pi))*(v1)*u2 + (-1/2/sqrt(2*pi))*(2*v1*v2)*w"
    )
    assert str(initial_gradient(expand("z1"), centred=True)) == "0"


def test_size_of_the_terms():
    """For w uniform on the sphere of R^d the leading term is of size d^(-1/2) and the rest of size 1/d."""
    gradient = initial_gradient(expand("He(2,z1) + He(4,z1)"), centred=True)
    for d in (100, 2_500):
        w = [Fraction(1, int(d**0.5))] * d
        lead = max(abs(float(x)) for x in gradient.leading.evaluate(w[:d]))
        rest = np.linalg.norm([float(x) for x in gradient.remainder.evaluate(w)])
        assert lead * d**0.5 == pytest.approx(2 / (2 * np.pi) ** 0.5)
        assert rest * d < 3


def test_html_has_a_row_for_each_term_and_no_raw_comparison_sign():
    gradient = initial_gradient(expand("z1*z2 + z1"))
    html = gradient._repr_html_()
    assert "&gt;= 0" in html
    assert html.count("along u_1") == len(gradient.direction_terms)
