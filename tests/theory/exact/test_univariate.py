"""Roots of one-variable polynomials: built from known roots, and against SymPy, NumPy and mpmath."""

from fractions import Fraction
from itertools import combinations

import mpmath
import numpy as np
import pytest
import sympy
from flint import acb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.univariate import (
    all_real_roots,
    changes_sign,
    count_real_roots,
    derivative,
    divide,
    isolating_discs,
    squarefree_factors,
    univariate_gcd,
)
from steinlab.theory.exact.univariate import times as product_of
from steinlab.theory.language.polynomial_reader import number

x = sympy.Symbol("x")
integer_polynomials = st.lists(st.integers(-5, 5), min_size=1, max_size=6).filter(lambda c: c[-1] != 0)
ROOTS = ["-2", "-1/2", "0", "1", "3/2", "sqrt(2)", "-sqrt(2)", "1 + sqrt(2)"]
with_multiplicity = st.dictionaries(st.sampled_from(ROOTS), st.integers(1, 3), min_size=1, max_size=3)
no_real_root = st.sampled_from([["1"], ["1", "0", "1"], ["3", "2", "1"], ["1", "0", "2", "0", "1"]])


def coefficients(values):
    return [Number.of(v) if isinstance(v, (int, Fraction)) else number(v) for v in values]


def times(a, b):
    out = [Number.of(0)] * (len(a) + len(b) - 1)
    for i, u in enumerate(a):
        for j, v in enumerate(b):
            out[i + j] = out[i + j] + u * v
    return out


def from_roots(roots, cofactor=("1",), lead=1):
    p = [c * lead for c in coefficients(cofactor)]
    for root, multiplicity in roots.items():
        for _ in range(multiplicity):
            p = times(p, [-number(root), Number.of(1)])
    return p


@given(with_multiplicity, no_real_root, st.sampled_from([1, -2, Fraction(1, 3)]))
def test_distinct_real_roots_are_counted_and_odd_ones_change_the_sign(roots, cofactor, lead):
    p = from_roots(roots, cofactor, lead)
    assert count_real_roots(p) == len(roots)
    assert changes_sign(p) == any(m % 2 for m in roots.values())


@given(integer_polynomials)
def test_counts_agree_with_sympy(values):
    p = sympy.Poly(values[::-1], x)
    expected = p.count_roots() if p.degree() else 0
    assert count_real_roots(coefficients(values)) == expected


@given(with_multiplicity, no_real_root)
def test_squarefree_factors_gather_the_roots_of_each_multiplicity(roots, cofactor):
    factors = squarefree_factors(from_roots(roots, cofactor, 3))
    assert [m for _, m in factors] == sorted({m for _, m in factors})
    degrees = {m: len(f) - 1 for f, m in factors}
    for m in (1, 2, 3):
        inside = [r for r, n in roots.items() if n == m]
        repeated = cofactor == ["1", "0", "2", "0", "1"]  # (x² + 1)²
        extra = 2 if repeated and m == 2 else 0 if repeated or m != 1 else len(cofactor) - 1
        assert degrees.get(m, 0) == len(inside) + extra
    for factor, m in factors:
        for root, n in roots.items():
            value = sum((c * number(root) ** i for i, c in enumerate(factor)), Number.of(0))
            assert value.is_zero == (m == n)


def test_constants_have_no_factors_and_no_sign_change():
    assert squarefree_factors([Number.of(5)]) == []
    assert squarefree_factors([Number.of(5), Number.of(0)]) == []
    assert squarefree_factors([]) == []
    assert not changes_sign([Number.of(-5)])
    assert count_real_roots([Number.of(7)]) == 0


@given(integer_polynomials, integer_polynomials)
def test_products_are_those_of_numpy(a, b):
    found = product_of(coefficients(a), coefficients(b))
    assert [c.fraction for c in found] == np.polynomial.polynomial.polymul(a, b).round().astype(int).tolist()


@given(integer_polynomials, integer_polynomials)
def test_division_with_remainder(a, b):
    p, q = coefficients(a), coefficients(b)
    quotient, remainder = divide(p, q)
    assert len(remainder) < len(q)
    together = times(quotient, q) if quotient else [Number.of(0)]
    size = max(len(p), len(together), len(remainder))

    def padded(c):
        return list(c) + [Number.of(0)] * (size - len(c))

    assert padded(p) == [u + v for u, v in zip(padded(together), padded(remainder), strict=True)]
    assert derivative(p) == [i * c for i, c in enumerate(p)][1:]


@given(with_multiplicity)
def test_known_roots_are_found_with_their_multiplicities(roots):
    found = all_real_roots(from_roots(roots, lead=-2))
    expected = sorted(float(number(r)) for r, m in roots.items() for _ in range(m))
    assert [float(root) for root in found] == pytest.approx(expected, rel=1e-15, abs=0)
    for root in found:
        if root.exact is not None:
            assert root.exact in [number(r) for r in roots]
            assert str(root) == str(root.exact)


@given(st.integers(3, 6), st.integers(0, 10**6))
def test_eigenvalues_of_symmetric_matrices_agree_with_numpy(n, seed):
    a = np.random.default_rng(seed).integers(-4, 5, (n, n))
    a = a + a.T
    p = sympy.Matrix(a.tolist()).charpoly(x).all_coeffs()[::-1]
    found = all_real_roots([Number.of(int(c)) for c in p])
    values = [float(root) for root in found]
    assert values == pytest.approx(np.linalg.eigvalsh(a), abs=1e-10)


CUBIC = [-1, -3, 0, 1]  # x³ - 3x - 1: three irrational real roots, 2cos(20°) among them


def test_roots_without_closed_form_are_enclosed_to_the_precision_asked_for():
    found = all_real_roots(coefficients(CUBIC))
    with mpmath.workdps(80):
        expected = sorted(2 * mpmath.cos(mpmath.pi * k / 9) for k in (1, 5, 7))
        for root, value in zip(found, expected, strict=True):
            assert root.exact is None
            assert float(root) == float(value)
            assert str(root) == f"{float(value):.15g}"
            for bits in (64, 200):
                with working_precision(bits + 64):
                    ball = root.ball(bits)
                    assert ball.rel_accuracy_bits() > bits - 8
                    assert abs(mpmath.mpf(ball.mid().str(70, radius=False)) - value) < mpmath.mpf(2) ** (4 - bits)


def test_a_tiny_root_has_relative_accuracy():
    """x³ - 3x + 10^-40 over Q: the middle root is 10^-40/3 to forty digits."""
    found = all_real_roots([Number.of(Fraction(1, 10**40)), Number.of(-3), Number.of(0), Number.of(1)])
    assert [root.exact for root in found] == [None] * 3
    assert float(found[1]) == pytest.approx(1e-40 / 3, rel=1e-14)


def test_roots_over_a_number_field():
    """(x² - √2 x - 1)·x and a cubic with coefficients in Q(√2)."""
    quadratic = coefficients(["-1", "-sqrt(2)", "1"])
    found = all_real_roots(times(quadratic, coefficients([0, 1])))
    assert [float(r) for r in found] == pytest.approx([(2**0.5 - 6**0.5) / 2, 0, (2**0.5 + 6**0.5) / 2], abs=1e-15)
    assert found[1].exact == 0
    cubic = coefficients(["1", "-5*sqrt(2)", "0", "1"])
    expected = np.sort(np.roots([1, 0, -5 * 2**0.5, 1]))
    assert [float(r) for r in all_real_roots(cubic)] == pytest.approx(expected, rel=1e-12)


def test_a_quadratic_of_which_the_root_needs_too_large_a_field_is_enclosed():
    c = number("sqrt(2) + sqrt(3) + sqrt(5) + sqrt(7) + sqrt(11)")
    low, high = all_real_roots([-c, Number.of(-1), Number.of(1)])
    assert low.exact is None
    assert float(high) == pytest.approx((1 + (1 + 4 * float(c)) ** 0.5) / 2, rel=1e-14)
    assert float(low) == pytest.approx((1 - (1 + 4 * float(c)) ** 0.5) / 2, rel=1e-14)


@pytest.mark.parametrize("bits", [0, 40, 300])
@pytest.mark.parametrize("values", [CUBIC, [1, 0, 1], ["sqrt(2)", "-3", "1"], [-6, 11, -6, 1], [1, 0, 0, 0, 0, 2]])
def test_discs_hold_one_root_each_and_are_as_small_as_asked_for(values, bits):
    p = coefficients(values)
    discs = isolating_discs(tuple(p), bits)
    assert len(discs) == len(p) - 1
    with working_precision(2 * bits + 200):
        assert all(max(float(d.real.rad()), float(d.imag.rad())) <= 2.0**-bits for d in discs)
        assert not any(a.overlaps(b) for a, b in combinations(discs, 2))
        for disc in discs:
            value = sum((acb(c.ball()) * disc**k for k, c in enumerate(p)), acb(0))
            assert value.contains(0)


def test_no_discs_where_roots_meet_or_are_too_close():
    assert isolating_discs(tuple(coefficients([1, -2, 1]))) is None
    assert isolating_discs(tuple(coefficients([2]))) == isolating_discs(()) == ()
    close = times(coefficients([-1, 1]), coefficients([-1 - Fraction(1, 2**200), 1]))
    assert isolating_discs(tuple(close)) is None
    assert count_real_roots(close) == 2
    assert [float(r) for r in all_real_roots(close)] == [1, 1]
    assert count_real_roots(times(close, coefficients([1, 0, 1]))) == 2


small_polynomials = st.lists(st.integers(-3, 3), min_size=1, max_size=4).filter(lambda c: c[-1] != 0)


@given(small_polynomials, small_polynomials, small_polynomials)
def test_gcd_agrees_with_sympy_up_to_a_constant(a, b, common):
    p, q = (sympy.Poly(c[::-1], x) * sympy.Poly(common[::-1], x) for c in (a, b))
    got = univariate_gcd(*([Number.of(int(c)) for c in f.all_coeffs()[::-1]] for f in (p, q)))
    expected = sympy.gcd(p, q).all_coeffs()[::-1]
    assert len(got) == len(expected)
    assert [c / got[-1] for c in got] == [Fraction(int(c), int(expected[-1])) for c in expected]
