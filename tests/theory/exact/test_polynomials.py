"""Polynomials against dictionaries of Fractions, and against SymPy where coefficients are algebraic."""

from fractions import Fraction
from itertools import product

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import polynomials, rationals, vectors
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import MAX_COMPOSITION, MAX_MONOMIALS, Polynomial, dense_monomials, require_monomials
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import number, polynomial

rational = polynomials(2, 4)
surds = st.sampled_from(["1", "-2/3", "sqrt(2)", "-sqrt(3)", "1 - sqrt(6)/2", "2**(1/3)", "sqrt(1 + sqrt(2))", "-1 - sqrt(2)"])
algebraic = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 2)), surds, min_size=1, max_size=3)


def plain(p):
    return {alpha: c.fraction for alpha, c in p.terms().items()}


def build(terms):
    return Polynomial.from_terms({alpha: number(c) for alpha, c in terms.items()})


def to_sympy(p):
    z = sympy.symbols("z1 z2")
    return sympy.sympify(str(p), rational=True), z


def agree(got, expected):
    """Whether a Polynomial and a SymPy expression are the same to 40 digits at algebraically unrelated points."""
    expression, z = to_sympy(got)
    points = {z[0]: sympy.Rational(7, 5), z[1]: -sympy.Rational(11, 9)}, {z[0]: sympy.Integer(-3), z[1]: sympy.Rational(1, 7)}
    return all(abs(sympy.N((expression - expected).subs(point), 50)) < sympy.Float("1e-40") for point in points)


@given(rational, rational, st.integers(0, 3), rationals())
def test_ring_operations(p, q, n, c):
    f, g = Polynomial.from_terms(p), Polynomial.from_terms(q)
    assert plain(f + g) == oracles.add(p, q)
    assert plain(f - g) == oracles.add(p, oracles.scale(-1, q))
    assert plain(f * g) == oracles.multiply(p, q)
    assert plain(f**n) == oracles.power(p, n, 2)
    assert plain(-f) == oracles.scale(-1, p)
    assert plain(f + c) == plain(c + f) == oracles.add(p, oracles.constant(c, 2))
    assert plain(f - c) == plain(-(c - f)) == oracles.add(p, oracles.constant(-c, 2))
    assert plain(f * c) == plain(c * f) == oracles.scale(c, p)
    if c:
        assert plain(f / c) == oracles.scale(1 / c, p)


@given(rational, vectors(2), st.tuples(vectors(3), vectors(3)))
def test_calculus_and_substitution(p, point, rows):
    f = Polynomial.from_terms(p)
    assert f.evaluate(point) == oracles.evaluate(p, point)
    for i in (0, 1):
        assert plain(f.derivative(i)) == oracles.derivative(p, i)
    forms = [Polynomial.from_terms({tuple(int(i == j) for j in range(3)): c for i, c in enumerate(row)}) for row in rows]
    assert plain(f.compose(forms)) == oracles.substitute(p, rows, 3)


@given(rational)
def test_structure(p):
    f = Polynomial.from_terms(p)
    assert f.variables == 2
    assert f.degree == oracles.degree(p)
    assert f.is_constant == (f.degree == 0)
    assert not f.is_zero
    assert (f - f).is_zero
    assert plain(f) == p
    assert all(f.coefficient(alpha) == p.get(alpha, 0) for alpha in product(range(5), repeat=2))
    parts = f.homogeneous_parts()
    assert list(parts) == sorted({sum(alpha) for alpha in p})
    assert all(plain(f.homogeneous_part(k)) == {a: c for a, c in p.items() if sum(a) == k} for k in range(6))
    assert all(f.homogeneous_part(k) == part for k, part in parts.items())
    keys = list(f.terms())
    assert keys == sorted(keys, key=lambda a: (-sum(a), tuple(-e for e in a)))
    assert hash(f) == hash(Polynomial.from_terms(dict(reversed(p.items()))))


@given(algebraic, algebraic)
def test_algebraic_coefficients_agree_with_sympy(p, q):
    f, g = build(p), build(q)
    (u, z), (v, _) = to_sympy(f), to_sympy(g)
    assert agree(f + g, u + v)
    assert agree(f - g, u - v)
    assert agree(f * g, u * v)
    assert agree(f.derivative(0), sympy.diff(u, z[0]))
    assert agree(f.derivative(1), sympy.diff(u, z[1]))
    assert f.coefficient((0, 0)) == number(p.get((0, 0), "0"))
    assert dict(f.terms()) == {a: number(c) for a, c in p.items()}
    shifted = f.compose([Polynomial.variable(1, 2) * number("sqrt(2)"), Polynomial.variable(0, 2) - number("sqrt(3)")])
    assert agree(shifted, u.subs({z[0]: z[1] * sympy.sqrt(2), z[1]: z[0] - sympy.sqrt(3)}, simultaneous=True))
    assert f.evaluate([number("sqrt(2)"), 3]) == f.compose(
        [Polynomial.constant(number("sqrt(2)"), 1), Polynomial.constant(3, 1)]
    ).coefficient((0,))


@given(algebraic)
def test_powers_with_algebraic_coefficients_are_products(p):
    f = build(p)
    assert f**0 == 1
    assert f**1 == f
    assert f**3 == f * f * f
    assert (f - f).degree == 0


@given(rational | algebraic)
def test_text_reads_back(terms):
    f = build({alpha: str(c) for alpha, c in terms.items()})
    assert polynomial(parse(str(f)), 2) == f
    assert repr(f) == f"Polynomial({str(f)!r})"


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({(1, 0): 1, (0, 1): -1}, "z1 - z2"),
        ({(2, 1): -1, (0, 0): Fraction(-1, 2)}, "-z1**2*z2 - 1/2"),
        ({(1, 0): Fraction(1, 3), (0, 1): Fraction(-2, 3)}, "z1/3 - 2*z2/3"),
        ({(1, 0): Fraction(-1, 3)}, "-z1/3"),
        ({(1, 0): Number.of(2).root(2) / 2}, "sqrt(2)*z1/2"),
        ({(1, 0): 1 + Number.of(2).root(2), (0, 0): -1 - Number.of(2).root(2)}, "(1 + sqrt(2))*z1 - 1 - sqrt(2)"),
        ({(1, 0): Number.of(2).root(3)}, "2**(1/3)*z1"),
        ({}, "0"),
    ],
)
def test_text_is_what_a_person_would_write(terms, text):
    assert str(Polynomial.from_terms(terms, 2)) == text


def test_text_in_other_names():
    p = Polynomial.from_terms({(2, 1): 3, (0, 0): 1})
    assert p.to_text(["a", "b"]) == "3*a**2*b + 1"


def test_polynomials_in_different_variables_are_unequal_and_do_not_combine():
    one, two = Polynomial.variable(0, 1), Polynomial.variable(0, 2)
    assert one != two
    assert one != "z1"
    with pytest.raises(ValueError, match="in 1 and in 2 variables"):
        _ = one + two


@pytest.mark.parametrize("c", [1, Number.of(2).root(2)])
def test_negative_powers_are_refused(c):
    with pytest.raises(ValueError, match="power -1"):
        _ = (Polynomial.variable(0, 1) * c) ** -1


def test_evaluation_needs_one_value_for_each_variable():
    with pytest.raises(ValueError, match="zip"):
        Polynomial.variable(0, 2).evaluate([1])


def test_constants_and_variables():
    assert Polynomial.constant(0, 3).is_zero
    assert Polynomial.constant(7, 0).coefficient(()) == 7
    assert Polynomial.constant(7, 0).degree == 0
    assert Polynomial.constant(5, 2) == 5
    assert Polynomial.constant(5, 2) != 6
    assert plain(Polynomial.variable(1, 3)) == {(0, 1, 0): 1}


@given(st.integers(0, 4), st.integers(0, 5))
def test_dense_monomials_counts_them(variables, degree):
    assert dense_monomials(variables, degree) == sum(sum(a) <= degree for a in product(range(degree + 1), repeat=variables))


def test_the_bound_on_monomials_is_inclusive_and_named():
    require_monomials(MAX_MONOMIALS, "it")
    with pytest.raises(InputError, match=f"it could have {MAX_MONOMIALS + 1} monomials; the bound is {MAX_MONOMIALS}"):
        require_monomials(MAX_MONOMIALS + 1, "it")


def test_products_over_number_fields_are_bounded():
    """In Q(√2), where the parser's count of monomials in z is not the count of terms."""
    square = [(i, j) for i in range(20) for j in range(20)]
    a = Polynomial.from_terms({(i, j, 0, 0): 1 for i, j in square} | {(0, 0, 0, 0): Number.of(2).root(2)})
    b = Polynomial.from_terms({(0, 0, i, j): 1 for i, j in square})
    with pytest.raises(InputError, match=r"a product over Q\(sqrt\(2\)\) could have 160000 monomials"):
        _ = a * b
    assert (a * b.homogeneous_part(2)).degree == 40


def test_a_substitution_is_bounded_before_it_starts():
    z = [Polynomial.variable(i, 2) for i in range(2)]
    surds = sum((Number.of(p).root(2) for p in (2, 3, 5, 7, 11, 13)), Number.of(0))  # a field of degree 64
    with pytest.raises(InputError, match=rf"about \d{{8}} steps; the bound is {MAX_COMPOSITION}"):
        ((z[0] + z[1]) ** 60).compose([z[0] * surds, z[1]])  # 61 monomials, each of which expands to 61
    assert ((z[0] + z[1]) ** 2).compose([z[0] * surds, z[1]]) == (z[0] * surds + z[1]) ** 2


def test_a_renaming_of_many_variables_costs_one_step_a_monomial():
    size = 16
    p = Polynomial.from_terms({(1,) * size: 3, (2, *(0 for _ in range(size - 1))): 1})
    turned = p.compose([Polynomial.variable((i + 1) % size, size) * -1 for i in range(size)])
    assert turned == Polynomial.from_terms({(1,) * size: 3, (0, 2, *(0 for _ in range(size - 2))): 1})
    with pytest.raises(InputError, match="a change of coordinates of degree 16"):
        p.compose([sum((Polynomial.variable(i, size) for i in range(5)), Polynomial.constant(k, size)) for k in range(size)])
