"""Against one-dimensional moments, brute-force sums over all entries and Gamma functions; no formula of the module."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import exp, factorial, lgamma, log, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.statements.tensors import (
    SymmetricTensor,
    chi_moment,
    contraction_bound,
    contraction_second_moment,
    gaussian_moment,
    ldl,
    moment_certificate,
    sphere_moment,
)

fractions = st.builds(Fraction, st.integers(-5, 5), st.integers(1, 4))


@st.composite
def symmetric_tensors(draw: st.DrawFn, max_order: int = 4) -> SymmetricTensor:
    dimension, order = draw(st.integers(1, 3)), draw(st.integers(0, max_order))
    indices = list(combinations_with_replacement(range(dimension), order))
    return SymmetricTensor(dimension, order, draw(st.dictionaries(st.sampled_from(indices), fractions, max_size=6)))


def moment(n: int) -> int:
    return 0 if n % 2 else prod(range(1, n, 2))


@given(symmetric_tensors())
def test_norm_and_trace_sum_over_every_entry(tensor):
    everything = product(range(tensor.dimension), repeat=tensor.order)
    assert tensor.norm_squared() == sum((tensor[i] * tensor[i] for i in everything), Number.of(0))
    if tensor.order >= 2:
        for index in product(range(tensor.dimension), repeat=tensor.order - 2):
            assert tensor.trace()[index] == sum((tensor[(j, *index, j)] for j in range(tensor.dimension)), Number.of(0))


@given(st.integers(1, 4), st.integers(0, 3))
def test_gaussian_moment_entries_are_products_of_moments(dimension, k):
    tensor = gaussian_moment(dimension, k)
    for index in combinations_with_replacement(range(dimension), 2 * k):
        assert tensor[index] == prod(moment(index.count(i)) for i in range(dimension))


@given(st.integers(1, 4), st.integers(1, 3))
def test_spherical_moments_trace_down_because_the_norm_is_one(dimension, k):
    assert sphere_moment(dimension, k).trace() == sphere_moment(dimension, k - 1)


def test_spherical_moments_known_values():
    assert sphere_moment(3, 1)[0, 0] == Fraction(1, 3)
    assert sphere_moment(3, 2)[0, 0, 0, 0] == Fraction(1, 5)
    assert sphere_moment(2, 2)[0, 0, 1, 1] == Fraction(1, 8)


@given(st.integers(1, 60), st.integers(0, 12))
def test_chi_moment_is_a_ratio_of_gamma_functions(dimension, k):
    expected = exp(k * log(2) + lgamma(dimension / 2 + k) - lgamma(dimension / 2))
    assert chi_moment(dimension, k) == pytest.approx(expected, rel=1e-11)


@given(st.integers(0, 5), st.data())
def test_second_moment_of_a_rank_one_tensor(order, data):
    """T = u^{⊗p} with ‖u‖ = 1: ‖T(w^{⊗k})‖_F = |u·w|^k."""
    u = data.draw(st.sampled_from([(Fraction(3, 5), Fraction(-4, 5)), (Fraction(5, 13), Fraction(12, 13)), (Fraction(1),)]))
    indices = combinations_with_replacement(range(len(u)), order)
    tensor = SymmetricTensor(len(u), order, {i: prod((u[j] for j in i), start=Fraction(1)) for i in indices})
    k = data.draw(st.integers(0, order))
    assert contraction_second_moment(tensor, k) == moment(2 * k)


@given(symmetric_tensors())
def test_second_moment_without_contraction_is_the_norm(tensor):
    assert contraction_second_moment(tensor, 0) == tensor.norm_squared()


@given(symmetric_tensors())
def test_the_bound_dominates_and_is_attained(tensor):
    values = [contraction_second_moment(tensor, k) for k in range(tensor.order + 1)]
    assert max(values) == values[-1] == contraction_bound(tensor)


def test_tensors_take_irrational_entries():
    root = Number.of(2).root(2)
    assert SymmetricTensor(1, 1, {(0,): root}).norm_squared() == 2


@given(st.integers(1, 3), st.integers(0, 3))
def test_certificate_multiplies_out(dimension, k):
    certificate = moment_certificate(dimension, k)
    assert certificate is not None
    assert certificate.constant == factorial(k)
    lower, diagonal = certificate.lower, certificate.diagonal
    for i, alpha in enumerate(certificate.monomials):
        for j, beta in enumerate(certificate.monomials):
            gap = prod(moment(a + b) for a, b in zip(alpha, beta, strict=True))
            if i == j:
                gap -= prod(map(factorial, alpha))
            assert sum((lower[i][m] * diagonal[m] * lower[j][m] for m in range(len(diagonal))), Number.of(0)) == gap
    assert all(d >= 0 for d in diagonal)


@given(st.integers(2, 3), st.integers(1, 3))
def test_no_larger_constant_is_certified(dimension, k):
    assert moment_certificate(dimension, k, factorial(k) + Fraction(1, 10**9)) is None


def test_one_dimension_allows_the_whole_moment():
    assert moment_certificate(1, 2, Fraction(3)) is not None
    assert moment_certificate(1, 2, Fraction(3) + Fraction(1, 10**9)) is None


@given(st.integers(1, 4), st.data())
def test_ldl_decides_semidefiniteness(size, data):
    """B Bᵀ - t I: semidefinite at t = 0 whatever the rank of B, never for t > 0 when B is singular."""
    b = [[data.draw(fractions) for _ in range(size)] for _ in range(size)]
    factor = data.draw(fractions) if size > 1 else Fraction(0)
    b[-1] = [factor * x for x in b[0]]
    for t in (0, Fraction(1, 10**6)):
        gram = [[sum(x * y for x, y in zip(u, v, strict=True)) for v in b] for u in b]
        matrix = [[Number.of(c - t * (i == j)) for j, c in enumerate(row)] for i, row in enumerate(gram)]
        factors = ldl(tuple(map(tuple, matrix)))
        semidefinite = factors is not None and all(d >= 0 for d in factors[1])
        assert semidefinite == (t == 0)
        if factors is not None:
            lower, diagonal = factors
            for i in range(size):
                assert lower[i][i] == 1
                assert all(lower[i][j] == 0 for j in range(i + 1, size))
                for j in range(size):
                    assert sum((lower[i][m] * d * lower[j][m] for m, d in enumerate(diagonal)), Number.of(0)) == matrix[i][j]


def test_ldl_refuses_a_zero_pivot_with_something_below():
    zero, one = Number.of(0), Number.of(1)
    assert ldl(((zero, one), (one, zero))) is None
    assert ldl(((zero, zero), (zero, one))) == (((one, zero), (zero, one)), (zero, one))


@pytest.mark.parametrize(
    ("dimension", "order", "entries"),
    [(2, 2, {(0,): 1}), (2, 2, {(1, 0): 1}), (2, 2, {(0, 2): 1}), (2, 1, {(-1,): 1}), (0, 1, {}), (1, -1, {})],
)
def test_malformed_tensors_are_refused(dimension, order, entries):
    with pytest.raises(InputError):
        SymmetricTensor(dimension, order, entries)


def test_arguments_out_of_range_are_refused():
    tensor = SymmetricTensor(2, 1, {(0,): 1})
    for call in (
        tensor.trace,
        lambda: contraction_second_moment(tensor, 2),
        lambda: contraction_second_moment(tensor, -1),
        lambda: gaussian_moment(0, 1),
        lambda: sphere_moment(2, -1),
        lambda: chi_moment(0, 1),
        lambda: moment_certificate(2, -1),
    ):
        with pytest.raises(InputError):
            call()


def test_floats_are_refused():
    with pytest.raises(TypeError):
        SymmetricTensor(1, 1, {(0,): 0.5})


def test_certificates_are_values():
    certificate = moment_certificate(2, 2)
    assert certificate == moment_certificate(2, 2)
    assert certificate != replace(certificate, constant=Fraction(1))
