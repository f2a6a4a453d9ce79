"""Coprime factors of integers against SymPy's factorisation and perfect powers."""

from itertools import combinations
from math import gcd, prod

import pytest
import sympy
from flint import fmpz
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.exact.integers import MAX_FACTORED_BITS, coprime_base, coprime_powers, valuation, whole_root

LARGE = [10**30 + 57, 10**30 + 99, 10**40 + 121, 10**40 + 139]  # primes
smooth = st.lists(st.sampled_from([2, 3, 5, 7, 11]), max_size=12).map(prod)


def is_base(integers):
    """Pairwise coprime integers above 1, none of them a perfect power."""
    return (
        all(b > 1 and not sympy.perfect_power(b) for b in integers)
        and len(set(integers)) == len(integers)
        and all(gcd(a, b) == 1 for a, b in combinations(integers, 2))
    )


@given(st.integers(1, 10**9))
def test_of_small_integers_they_are_the_primes(n):
    assert dict(coprime_powers(fmpz(n))) == sympy.factorint(n)


@given(smooth, st.sampled_from(LARGE), st.sampled_from(LARGE[:2]), st.integers(1, 4), st.integers(1, 3))
def test_large_integers_are_powers_of_a_base_without_their_primes(q, a, b, e, f):
    n = q * a**e * b**f
    factors = coprime_powers(fmpz(n))
    assert prod(p**k for p, k in factors) == n
    assert is_base([p for p, _ in factors])
    assert {p: k for p, k in factors if p < 100} == sympy.factorint(q)
    assert factors == tuple(sorted(factors))


def test_large_integers_are_not_factored_beyond_small_primes():
    p, q = 2**89 - 1, 2**107 - 1  # primes; to find one of them in the product would take years
    assert dict(coprime_powers(fmpz(6 * p * q))) == {2: 1, 3: 1, p * q: 1}
    assert dict(coprime_powers(fmpz(12 * (p * q) ** 3))) == {2: 2, 3: 1, p * q: 3}
    assert (p * q).bit_length() > MAX_FACTORED_BITS
    far = sympy.prevprime(27_449)  # the 3,000th prime is 27,449
    assert dict(coprime_powers(fmpz(far * p * q))) == {far: 1, p * q: 1}


@given(st.lists(smooth | st.integers(1, 10**6), max_size=5))
def test_every_integer_is_a_product_of_powers_of_the_base(integers):
    base = coprime_base(integers)
    assert is_base(base)
    for x in integers:
        assert prod(b ** valuation(x, b) for b in base) == x
    assert all(any(x % b == 0 for x in integers) for b in base)


@given(st.integers(0, 10**40), st.integers(2, 9))
def test_whole_roots_are_those_of_sympy(n, order):
    assert whole_root(n, order) == sympy.integer_nthroot(n, order)
    assert whole_root(n**order, order) == (n, True)


@given(st.integers(1, 10**6), st.integers(2, 7), st.integers(0, 20))
def test_valuations_count_divisions(x, c, e):
    assert valuation(x, c) == sympy.multiplicity(c, x)
    assert valuation(x * c**e, c) == valuation(x, c) + e


@pytest.mark.parametrize(("n", "expected"), [(1, ()), (2**10, ((2, 10),)), (36, ((2, 2), (3, 2)))])
def test_perfect_powers_are_taken_apart(n, expected):
    assert coprime_powers(fmpz(n)) == expected
    assert sorted(coprime_base([n])) == ([] if n == 1 else [sympy.perfect_power(n)[0]])
