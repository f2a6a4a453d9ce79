"""Expressions as polynomials, against SymPy's evaluation; bounds on what they expand to, before they are expanded."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

from steinlab.checks.claims.cases import polynomials
from steinlab.theory.errors import InputError
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import _size, number, polynomial

Z = sympy.symbols("z1 z2 z3")


def sympy_hermite(k, u):
    """He_k by its generating relation with the physicists' H_k."""
    x = sympy.Symbol("x")
    p = sympy.expand(sympy.sqrt(2) ** (-k) * sympy.hermite(k, x / sympy.sqrt(2)))
    return p.subs(x, u)


# -- a grammar: every node is (text that the parser reads, the same expression in SymPy)

numerals = st.one_of(
    st.integers(0, 9).map(lambda n: (str(n), sympy.Integer(n))),
    st.tuples(st.integers(0, 99), st.integers(1, 99)).map(
        lambda t: (f"{t[0]}.{t[1]:02d}", sympy.Rational(100 * t[0] + t[1], 100))
    ),
    st.sampled_from(
        [(".5", sympy.Rational(1, 2)), ("2.", sympy.Integer(2)), ("25e-1", sympy.Rational(5, 2)), ("1E2", sympy.Integer(100))]
    ),
)
surds = st.sampled_from(
    [("sqrt(2)", sympy.sqrt(2)), ("sqrt(8)", sympy.sqrt(8)), ("3**(1/2)", sympy.sqrt(3)), ("2**-1", sympy.Rational(1, 2))]
)
variables = st.sampled_from([(f"z{i + 1}", z) for i, z in enumerate(Z)])


def grow(inner):
    signs = st.sampled_from(["-", "+", "- -"])
    return st.one_of(
        st.tuples(inner, inner).map(lambda t: (f"({t[0][0]} + {t[1][0]})", t[0][1] + t[1][1])),
        st.tuples(inner, inner).map(lambda t: (f"({t[0][0]} - {t[1][0]})", t[0][1] - t[1][1])),
        st.tuples(inner, inner).map(lambda t: (f"({t[0][0]})*({t[1][0]})", t[0][1] * t[1][1])),
        st.tuples(inner, st.integers(0, 3)).map(lambda t: (f"({t[0][0]})**{t[1]}", t[0][1] ** t[1])),
        st.tuples(inner, st.integers(1, 5)).map(lambda t: (f"({t[0][0]})/({t[1]}/3)", t[0][1] * 3 / t[1])),
        st.tuples(signs, inner).map(lambda t: (f"({t[0]}({t[1][0]}))", -t[1][1] if t[0] == "-" else t[1][1])),
        st.tuples(st.integers(0, 4), inner).map(lambda t: (f"He({t[0]}, {t[1][0]})", sympy_hermite(t[0], t[1][1]))),
    )


expressions = st.recursive(numerals | surds | variables | variables, grow, max_leaves=5)


@given(expressions)
@example(("-z1**2", -(Z[0] ** 2)))
@example(("6/2/3*z1", Z[0]))
@example(("1-2-3+z1*-2", -4 - 2 * Z[0]))
@example(("z1-(z2-z3)", Z[0] - Z[1] + Z[2]))
@example(("(-8)**(1/3)*z1 + 4**-0.5", -2 * Z[0] + sympy.Rational(1, 2)))
@example(("z1**(1+1) + z2**(3-2) + z3**(4/2) + z1**-(-3) + z2**(2*2)", Z[0] ** 2 + Z[1] + Z[2] ** 2 + Z[0] ** 3 + Z[1] ** 4))
def test_expansion_agrees_with_sympy(pair):
    text, expected = pair
    terms = sympy.Poly(sympy.expand(expected), *Z).terms()
    got = polynomial(parse(text), 3)
    assert got == Polynomial.from_terms({alpha: number(str(c)) for alpha, c in terms}, 3)


@given(expressions, st.integers(0, 10**6))
def test_spaces_and_line_breaks_do_not_matter(pair, seed):
    text = pair[0]
    gaps = [" ", "\n", "\t", "  "]
    spread = "".join(gaps[(seed + i) % 4] if c == " " else c for i, c in enumerate(text))
    assert polynomial(parse(f"\n {spread} "), 3) == polynomial(parse(text), 3)
    assert "\n" not in parse(spread).text


@given(polynomials(3, 4))
def test_text_of_a_polynomial_reads_back(terms):
    p = Polynomial.from_terms(terms)
    again = parse(str(p))
    assert polynomial(again, 3) == p
    assert str(again) == again.text == str(p)
    used = [i + 1 for i in range(3) if any(alpha[i] for alpha in terms)]
    assert again.latents == max(used, default=0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("1e-3", Fraction(1, 1000)),
        (".125", Fraction(1, 8)),
        ("3.", 3),
        ("1/3", Fraction(1, 3)),
        ("-2/6", Fraction(-1, 3)),
        ("0.1 + 0.2 - 0.3", 0),
        ("1e1000/1e999", 10),
        ("0**0", 1),
        ("2**0.5*2**0.5", 2),
        ("He(3, 2)", 2),
        ("+-+1", -1),
        ("1234567890123456789012345678901234567890", 1234567890123456789012345678901234567890),
    ],
)
def test_numbers_are_read_exactly(text, value):
    assert number(text) == value


def test_constants_have_no_variables():
    with pytest.raises(InputError, match="'z1' is not a constant"):
        number("z1")
    with pytest.raises(InputError, match="pi is not algebraic"):
        number("pi")


@pytest.mark.parametrize(
    ("text", "degree", "terms", "bits"),
    [
        ("z1 + 2", 1, 2, 6),
        ("z1 + z2 + z3", 1, 3, 6),
        ("-z1", 1, 1, 1),
        ("z1**2*5", 2, 1, 9),
        ("3*z1*z2 - z1/7 + 1", 2, 3, 18),
        ("(z1 + 2)*(z2 - 3)", 2, 4, 14),
        ("(z1 + 1)**3", 3, 4, 21),
        ("(z1 + z2)**0*4", 0, 1, 11),
        ("He(4, 2*z1 + 1)", 4, 5, 70),
        ("sqrt(3)*z1", 1, 1, 5),
        ("2**(1/2)*z1", 1, 1, 11),
        ("z1*z2 + (z1 + z2 + z3)**5*z3", 6, 22, 47),
    ],
)
def test_sizes_are_bounded_before_anything_is_expanded(text, degree, terms, bits):
    """Above the true ones, and not by much: sums add a bit for each term, products the bits of the shorter one's length."""
    e = parse(text)
    found = _size(e.tree, e)
    assert (found.degree, found.terms, found.bits) == (degree, terms, bits)
    expanded = polynomial(e)
    assert expanded.degree <= degree
    assert len(expanded.terms()) <= terms
    rationals = [q for c in expanded.terms().values() for _, q in c.monomials()]
    assert max(int(abs(q.p)).bit_length() + int(q.q).bit_length() for q in rationals) <= bits + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2**5000*z1 + 3**5000*z2 + 7", "could have coefficients of 30017 bits; the bound is 20000"),
        ("(z1 + 2**400)**40", "could have coefficients of 48320 bits"),
        ("He(60, 2**300*z1 + 1)", "could have coefficients of 55937 bits"),
        ("He(30, z1 + z2 + z3 + z4 + z5 + z6)", "could have 1947792 monomials; the bound is 100000"),
        ("(z1 + z2 + z3 + z4)**30*(z1 + z2 + z3 + z4)**30", "could have 635376 monomials"),
        ("(z1**2)**200", "has degree 400; the bound is 200"),
        ("z1**201", "has degree 201"),
    ],
)
def test_what_would_be_too_large_is_refused_with_its_size(text, said):
    with pytest.raises(InputError, match=said):
        polynomial(parse(text))


def test_the_largest_degree_is_read():
    assert polynomial(parse("z1**200")).degree == 200
