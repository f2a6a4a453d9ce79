"""Exact algebraic numbers against SymPy's evaluation, minimal polynomials and IEEE square roots."""

import copy
import math
import pickle
from fractions import Fraction
from functools import reduce
from operator import mul

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.exact.field_extensions import compositum
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.language.polynomial_reader import number

x = sympy.Symbol("x")
fractions = st.builds(Fraction, st.integers(-12, 12), st.integers(1, 6))
RADICALS = ["sqrt(2)", "sqrt(3)", "sqrt(6)", "sqrt(2/3)", "2**(1/3)", "sqrt(1 + sqrt(2))", "4**(1/3)", "sqrt(12)"]


def root(a, order=2):
    return Number.of(a).root(order)


PRIMES = [p for p in range(2, 100) if all(p % q for q in range(2, p))]
LARGE = [10**30 + 57, 10**30 + 99, 10**40 + 121, 10**40 + 139]  # primes


def surd(texts):
    """a + b r + c s for two radicals of a field of small degree, as text."""
    return st.tuples(fractions, fractions, fractions, st.sampled_from(texts), st.sampled_from(texts)).map(
        lambda t: f"({t[0]}) + ({t[1]})*{t[3]} + ({t[2]})*{t[4]}"
    )


square_surds = surd(["sqrt(2)", "sqrt(3)", "sqrt(6)", "sqrt(2/3)", "sqrt(12)", "sqrt(5)"])
cubic_surds = surd(["2**(1/3)", "4**(1/3)", "sqrt(2)", "16**(1/3)"])
nested_surds = surd(["sqrt(1 + sqrt(2))", "sqrt(2)", "8**(1/2)"])
surds = square_surds | cubic_surds | nested_surds


def decimal(text, digits=60):
    """The value of an expression as a Fraction within 10^-digits of it, by SymPy's evaluation."""
    return Fraction(str(sympy.N(sympy.sympify(text, rational=True), digits)))


@given(surds)
def test_float_is_the_nearest_double(text):
    assert float(number(text)) == float(decimal(text))


@given(st.integers(0, 2**53), st.integers(1, 10**6))
def test_square_roots_round_as_ieee_does(n, q):
    assert float(root(n)) == math.sqrt(n)
    assert float(root(Fraction(n, q * q))) == float(Fraction(math.isqrt(n * 10**60), q * 10**30))


@given(square_surds, square_surds)
def test_arithmetic_agrees_with_sympy_on_square_roots(a, b):
    compare_arithmetic(a, b)


@given(cubic_surds, cubic_surds)
def test_arithmetic_agrees_with_sympy_on_cube_roots(a, b):
    compare_arithmetic(a, b)


@given(nested_surds, nested_surds)
def test_arithmetic_agrees_with_sympy_on_nested_roots(a, b):
    compare_arithmetic(a, b)


def compare_arithmetic(a, b):
    left, right, u, v = number(a), number(b), decimal(a), decimal(b)
    for got, expected in ((left + right, u + v), (left - right, u - v), (left * right, u * v), (-left, -u), (abs(left), abs(u))):
        assert abs(Fraction(str(sympy.N(sympy.sympify(str(got), rational=True), 50))) - expected) < Fraction(1, 10**40)
    assert left.sign() == (0 if left.is_zero else 1 if u > 0 else -1)
    assert (left < right, left > right) == (u < v and left != right, u > v and left != right)
    assert (left <= right, left >= right) == (u <= v or left == right, u >= v or left == right)
    assert (left == right) == (abs(u - v) < Fraction(1, 10**40))
    if not right.is_zero:
        assert (left / right) * right == left
        assert right**-2 * (right * right) == 1
        assert 1 / right == right.inverse()


@given(surds, fractions)
def test_mixed_arithmetic_with_rationals(text, q):
    a = number(text)
    assert q + a == a + q == a - (-q)
    assert q - a == -(a - q)
    assert q * a == a * q
    assert (a - a).is_zero
    assert not (a - a)
    assert a - a == 0
    assert (a + q) ** 3 == (a + q) * (a + q) * (a + q)
    assert (q - a == 0) == (a == q)


@given(surds)
def test_text_reads_back_and_equal_numbers_hash_alike(text):
    a = number(text)
    again = number(str(a))
    assert again == a
    assert hash(again) == hash(a)
    assert repr(a) == f"Number({str(a)!r})"
    assert hash((a + root(7)) - root(7)) == hash(a)
    huge = a * Number.of(10) ** 400  # beyond floating point
    assert hash((huge + root(7)) - root(7)) == hash(huge)


@given(fractions)
def test_rationals_are_fractions(q):
    a = Number.of(q)
    assert a.is_rational
    assert a.fraction == q
    assert (a == q, hash(a) == hash(q), str(a), float(a)) == (True, True, str(q), float(q))
    assert a.sign() == (q > 0) - (q < 0)


smooth = st.builds(
    lambda a, b, c: Fraction(2) ** a * Fraction(3) ** b * c, st.integers(-7, 7), st.integers(-7, 7), st.sampled_from([0, 1, 1])
)


@given(smooth, st.integers(2, 5))
def test_a_root_raised_to_its_order_is_the_radicand(q, order):
    r = root(q, order)
    assert r**order == q
    assert r.sign() == (1 if q else 0)
    if order % 2:
        assert Number.of(-q).root(order) == -r


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sqrt(2)*sqrt(3)", "sqrt(6)"),
        ("sqrt(48)", "4*sqrt(3)"),
        ("sqrt(5 + 2*sqrt(6))", "sqrt(2) + sqrt(3)"),
        ("sqrt(3 - 2*sqrt(2))", "sqrt(2) - 1"),
        ("2**(1/3)*4**(1/3)", "2"),
        ("4**(1/3)", "2**(1/3)*2**(1/3)"),
        ("2**(2/3)", "4**(1/3)"),
        ("(7 + 5*sqrt(2))**(1/3)", "1 + sqrt(2)"),
        ("(2 + sqrt(5))**(1/3)", "(1 + sqrt(5))/2"),
        ("4**(1/4)", "sqrt(2)"),
        ("8**(1/6)", "sqrt(2)"),
        ("(1/4)**(1/4)", "1/sqrt(2)"),
        ("2**(1/4)*2**(1/4)", "sqrt(2)"),
        ("sqrt(2) - 2**(1/4)*2**(1/4)", "0"),
        ("sqrt(sqrt(2))", "2**(1/4)"),
        ("sqrt(2 + sqrt(2))*sqrt(2 - sqrt(2))", "sqrt(2)"),
        ("(-8)**(1/3)", "-2"),
        ("8**(-2/3)", "1/4"),
        ("sqrt(0)", "0"),
        ("0**(1/3)", "0"),
        ("1/(1 + sqrt(2) + sqrt(3))", "1/2 + sqrt(2)/4 - sqrt(6)/4"),
        ("(5*2**(1/3) - 4)**2", "25*4**(1/3) - 40*2**(1/3) + 16"),
        ("sqrt(25*4**(1/3) - 40*2**(1/3) + 16)", "5*2**(1/3) - 4"),
    ],
)
def test_identities_are_decided_exactly(left, right):
    assert number(left) == number(right)
    assert (number(left) - number(right)).is_zero
    assert number(left) != number(right) + Fraction(1, 10**30)


def test_sign_of_a_difference_far_below_double_precision():
    almost = root(10**40 + 1) - 10**20
    assert almost.sign() == 1
    assert (-almost).sign() == -1
    assert float(almost) == pytest.approx(5e-21, rel=1e-12)
    assert 0 < almost < Fraction(1, 10**20)


def test_balls_enclose_the_number_and_shrink():
    a = number("sqrt(2) - 2**(1/3)")
    for bits in (60, 200):
        with working_precision(bits):
            ball = a.ball()
            assert ball.rel_accuracy_bits() > bits - 10
            assert abs(ball.mid() - ball.mid().__class__(2).sqrt() + ball.mid().__class__(2).root(3)) < 2.0 ** (-bits + 8)


def test_very_long_rationals_have_text():
    digits = "7" * 5000
    a = Number.of(10**3000 + 1) * Number.of(10**3000 - 1)
    assert str(a) == "9" * 6000
    assert str(a * root(2)) == "9" * 6000 + "*sqrt(2)"
    assert len(digits) < len(str(a))


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: root(-2), "order 2 of -2 is not real"),
        (lambda: (1 - root(2)).root(4), "order 4 of 1 - sqrt\\(2\\) is not real"),
        (lambda: sum((root(p, 3) for p in (2, 3, 5, 7)), Number.of(0)).inverse(), "degree 81 or more.*most degree 64"),
        (lambda: (1 + root(2, 67)).inverse(), "degree 67 or more"),
        (lambda: reduce(mul, (1 + root(p) for p in PRIMES[:9])) ** 2, "512 and 512 terms in .* pairs are multiplied"),
        (lambda: (1 + root(2, 5)).root(5), "degree up to 25.*to degree 24"),
    ],
)
def test_limits_are_named(make, match):
    with pytest.raises(InputError, match=match):
        make()


def test_fields_at_the_limits_are_accepted():
    assert sum((root(p) for p in (2, 3, 5, 7, 11, 13)), Number.of(0)).field.degree == 64
    assert root(2, 24).field.degree == 24
    assert root(2**159 + 1) ** 2 == 2**159 + 1


def test_what_is_not_an_exact_number_is_refused():
    with pytest.raises(TypeError, match=r"0\.5 is not an exact number"):
        Number.of(0.5)
    with pytest.raises(ValueError, match="irrational"):
        _ = root(2).fraction
    with pytest.raises(ZeroDivisionError):
        _ = 1 / (root(6) - root(2) * root(3))
    assert root(2) != "sqrt(2)"
    assert root(2) != math.sqrt(2)


@given(st.lists(surds, min_size=2, max_size=4))
def test_order_is_the_order_of_the_real_line(texts):
    numbers = [number(t) for t in texts]
    assert [float(a) for a in sorted(numbers)] == sorted(float(a) for a in numbers)


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([2, 3, 4]))
def test_roots_multiply_whatever_primes_they_share(a, b, order):
    left, right = Number.of(a).root(order), Number.of(b).root(order)
    assert left * right == Number.of(a * b).root(order)
    assert float(left * right) == pytest.approx((a * b) ** (1 / order), rel=1e-14)


@pytest.mark.parametrize("text", ["3/7", "sqrt(2) + 6**(1/3)", "sqrt(1 + sqrt(2))*sqrt(3) + 1", "0"])
def test_numbers_survive_pickling_and_copying(text):
    value = number(text)
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value
    assert str(pickle.loads(pickle.dumps(value))) == str(value)


@st.composite
def sums_of_radicals(draw, most=5):
    """(the number, its value to 80 digits), from roots of orders 2, 3, 4 and 6 of several primes, whole and inverted."""
    total, value = Number.of(draw(fractions)), None
    with mpmath.workdps(80):
        value = mpmath.mpf(int(total.rational.p)) / int(total.rational.q)
        for _ in range(draw(st.integers(1, most))):
            c, p, n = (
                draw(fractions),
                draw(st.sampled_from([2, 3, 5, 6, 7, 12, 18, 22])),
                draw(st.sampled_from([2, 2, 2, 3, 4, 6])),
            )
            total = total + c * root(p, n)
            value += mpmath.mpf(c.numerator) / c.denominator * mpmath.root(p, n)
    return total, value


@settings(max_examples=60, deadline=None)
@given(sums_of_radicals(3), sums_of_radicals(3))
def test_sums_of_radicals_agree_with_high_precision(left, right):
    (a, u), (b, v) = left, right
    with mpmath.workdps(80):
        for got, expected in ((a + b, u + v), (a - b, u - v), (a * b, u * v), (a * a * b, u * u * v)):
            assert abs(mpmath.mpmathify(decimal(str(got), 70)) - expected) < mpmath.mpf(10) ** -50
            assert got.sign() == (0 if abs(expected) < mpmath.mpf(10) ** -50 else int(mpmath.sign(expected)))
        assert (a == b) == (abs(u - v) < mpmath.mpf(10) ** -50)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9).filter(bool), st.sampled_from(PRIMES)), min_size=1, max_size=8))
def test_square_roots_of_many_primes_have_exact_inverses(terms):
    a = sum((c * root(p) for c, p in terms), Number.of(0))
    b = a * root(6) + Fraction(1, 3)
    for x in (a, b):
        if x:
            assert x * x.inverse() == 1
            assert (x / 7 - 7 / x * (x * x / 49)).is_zero


@pytest.mark.parametrize(
    "x",
    [
        root(2, 4) + root(3),
        root(2, 6) + root(2, 4),
        1 + root(2, 8) + root(5),
        root(12, 4) - root(18, 6) + root(7),
        3 * root(5, 4) ** 3,
        root(2) + (1 + root(3)).root(2),
    ],
)
def test_inverses_of_mixed_orders(x):
    assert x * x.inverse() == 1
    assert abs(float(x.inverse()) * float(x) - 1) < 1e-12


def test_a_nested_root_needs_the_radicals_under_it_alone():
    far = root(2) + root(5) + root(7) + root(11) + root(13)
    x = (3 + root(2)) + (far - far)
    assert x.root(2) ** 2 == x
    assert x.root(2).field.degree == 4


@given(st.sampled_from(LARGE), st.sampled_from(LARGE), st.integers(1, 50), st.integers(2, 4))
def test_roots_of_large_integers_are_exact_without_their_primes(a, b, q, order):
    """Neither integer is factored: equality rests on common divisors and perfect powers."""
    x = Number.of(Fraction(a * a * a * b, q)).root(order)
    assert x**order == Fraction(a * a * a * b, q)
    assert Number.of((a * b) ** order).root(order) == a * b
    assert Number.of(a**2 * b).root(2) == a * root(b)
    assert root(a**3 * b, 2) * root(a * b, 2) == a * a * b
    assert (root(a * b * b) - b * root(a)).sign() == 0
    assert (root(a) + root(b) - root(a + b + 1)).sign() == 1
    assert (root(a**3) * root(b**3) - a * b * root(a * b)).is_zero
    assert number(str(x)) == x


def test_coprime_parts_share_no_divisor_and_no_power():
    """√(P²Q) + √Q = (P + 1) √Q although P²Q is one radicand and Q another."""
    p, q = LARGE[0], LARGE[2]
    together, apart = root(p * p * q * q * q), root(q)
    assert together + apart == (p * q + 1) * apart
    assert (together * apart).fraction == p * q * q
    assert pickle.loads(pickle.dumps(together)) == together


@given(
    st.fractions(Fraction(1, 9), 9, max_denominator=9),
    st.lists(st.tuples(st.sampled_from([2, 3, 5]), st.integers(1, 5), st.sampled_from([2, 3, 4, 6])), min_size=1, max_size=2),
    st.integers(2, 3),
)
def test_roots_of_products_of_integer_roots_are_such_products(c, factors, order):
    """Else the field of a number hung on how it came about, and with it what could still be decided."""
    x = Number.of(c)
    for a, e, n in factors:
        x = x * Number.of(a).root(n) ** e
    if not x.is_rational:
        assert x._rational_power() == next(k for k in range(1, 13) if (x**k).is_rational)
    y = x.root(order)
    assert y**order == x
    assert not y.field.nested


def test_roots_that_have_cancelled_do_not_make_a_field_too_large():
    """Equal numbers are one key of a cache: what is supported must not hang on what was added to them before."""

    def with_passing(x, *nested):
        for y in nested:
            x = x + y
        for y in nested:
            x = x - y
        return x

    def root(n):
        return Number.of(n).root(2)

    left, right = with_passing(root(3), (2 + root(7)).root(2)), with_passing(root(5), (5 + root(13)).root(2))
    with pytest.raises(InputError, match="field of degree"):
        compositum(left.field, right.field)
    assert left + right == root(3) + root(5)
    assert left * right == root(15)
    assert (left - right).sign() == -1
