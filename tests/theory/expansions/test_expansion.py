"""What every engine of targets must give: drawn polynomials, against the definitions carried out in x-space by the oracles.

An engine takes a polynomial link and directions and returns its expansion: `ENGINES` has one line for each, and a new engine is
one line more. An engine that is made for wider classes of links must still decide everything about polynomials.
"""

from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, factorial, prod, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import hermite_sums, matrices, ridges, unit_vectors
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.targets.exponents import coordinate_leap, information_exponent, subspace_leap
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.targets.target import Target


def neurons(link):
    """W, a, b and u^n with Σ_j a_j (<w_j, z> + b_j)^n = the link, n its degree.

    By polarisation, n! l_1...l_n = Σ_S (-1)^(n - |S|) (Σ_{i in S} l_i)^n: a monomial is a product of n latent variables and ones.
    """
    n = link.degree
    head = Counter()
    for alpha, c in link.terms().items():
        powers = (*alpha, n - sum(alpha))
        for chosen in product(*(range(k + 1) for k in powers)):
            sign = (-1) ** (n - sum(chosen))
            head[chosen] += c * Fraction(sign * prod(map(comb, powers, chosen)), factorial(n))
    return [w for *w, _ in head], list(head.values()), [b for *_, b in head], f"u**{n}"


ENGINES = {
    "polynomials": HermiteExpansion,
    "links": lambda link, rows: LinkExpansion.from_expression(str(link), rows),
    "networks": lambda link, rows: Target.from_network(*neurons(link), directions=rows).expansion,
}

every_engine = pytest.mark.parametrize("engine", [pytest.param(engine, id=name) for name, engine in ENGINES.items()])
drawn = ridges(3).filter(lambda f: oracles.degree(f.ambient) >= 1)
sparse = hermite_sums(3, 4)  # with leaps of every kind: dense polynomials have leap 1


def expanded(engine, ridge):
    rows = ridge.directions and tuple(tuple(Number.of(c) for c in row) for row in ridge.directions)
    assume(all(any(alpha[i] for alpha in ridge.link) for i in range(ridge.r)))  # so that the text names every variable
    return engine(Polynomial.from_terms(ridge.link), rows)


def steps(expansion):
    return [(step.degree, step.gained) for step in subspace_leap(expansion).steps]


@every_engine
@given(drawn)
def test_moments_and_energies(engine, ridge):
    """Parseval: the energies are those of the tensors in x-space and add up to E f²."""
    e, f = expanded(engine, ridge), ridge.ambient
    mean, second = oracles.expectation(f), oracles.expectation(oracles.multiply(f, f))
    assert (e.mean.exact, e.second_moment.exact, e.variance.exact) == (mean, second, second - mean**2)
    energies = [e.energy(k).exact for k in range(oracles.degree(f) + 2)]
    norms = [oracles.norm_squared(oracles.moment_tensors(f, ridge.d, k), ridge.d, k) for k in range(len(energies))]
    assert energies == [norm / factorial(k) for k, norm in enumerate(norms)]
    assert sum(energies, Number.of(0)) == second


@every_engine
@given(sparse)
def test_coefficients_along_the_axes(engine, link):
    e = expanded(engine, Ridge(link))
    for k in range(oracles.degree(link) + 2):
        assert {index: c.exact for index, c in e.tensor(k).items()} == oracles.moment_tensors(link, 3, k)


@every_engine
@given(drawn)
def test_the_principal_subspace_and_the_range_of_the_hessian(engine, ridge):
    e, f = expanded(engine, ridge), ridge.ambient
    assert e.effective_dimension.value == len(oracles.relevant_subspace(f, ridge.d))
    rows = [
        [oracles.moment_tensors(f, ridge.d, 2).get((min(i, j), max(i, j)), 0) for j in range(ridge.d)] for i in range(ridge.d)
    ]
    assert ExpectedHessian(e).rank.value == len(oracles.orthogonalised([[Fraction(x) for x in row] for row in rows]))


@every_engine
@given(drawn, st.data())
def test_vectors_and_their_inner_products_are_those_of_x_space(engine, ridge, data):
    e = expanded(engine, ridge)
    vectors = st.lists(st.integers(-2, 2), min_size=e.size, max_size=e.size).map(lambda v: tuple(map(Number.of, v)))
    a, b = data.draw(vectors), data.draw(vectors)
    assert e.inner(a, b) == sum((x * y for x, y in zip(e.in_ambient(a), e.in_ambient(b), strict=True)), Number.of(0))
    assert e.size <= ridge.d
    rows = ridge.directions or [[int(i == j) for j in range(ridge.d)] for i in range(ridge.d)]
    weights = e.in_latents(a)
    if weights is None:
        assert len(oracles.orthogonalised([[Fraction(x) for x in row] for row in rows])) < len(rows)
    else:
        columns = zip(*rows, strict=True)
        assert e.in_ambient(a) == tuple(sum(w * x for w, x in zip(weights, c, strict=True)) for c in columns)


@every_engine
@given(drawn)
def test_what_the_hessian_sees_and_what_it_does_not(engine, ridge):
    """In x-space: its range, ker H ∩ S*, its eigenvalues, and κ = √(E f²)/(least |λ| √r)."""
    e, f, d = expanded(engine, ridge), ridge.ambient, ridge.d
    h, entries = ExpectedHessian(e), oracles.moment_tensors(f, d, 2)
    full = np.array([[float(entries.get((min(i, j), max(i, j)), 0)) for j in range(d)] for i in range(d)])
    expected = np.linalg.eigvalsh(full)
    got = sorted([float(x) for x in h.eigenvalues] + [0.0] * (d - len(h.eigenvalues)))
    assert got == pytest.approx(expected.tolist(), abs=1e-9)
    seen, lost = (np.array([[float(x) for x in e.in_ambient(v)] for v in rows]).reshape(-1, d) for rows in (h.range, h.invisible))
    rank, dimension = h.rank.value, e.effective_dimension.value
    assert (len(seen), len(lost)) == (rank, dimension - rank)
    assert np.linalg.matrix_rank(np.vstack([full, seen]), tol=1e-7) == rank
    assert abs(full @ lost.T).max(initial=0) < 1e-9
    assert np.linalg.matrix_rank(np.vstack([seen, lost]), tol=1e-7) == dimension
    if rank == dimension:
        second = float(oracles.expectation(oracles.multiply(f, f)))
        assert float(h.kappa) == pytest.approx(sqrt(second / rank) / min(abs(x) for x in expected if abs(x) > 1e-9), rel=1e-6)
    else:
        assert h.kappa is None


@every_engine
@given(st.one_of(st.builds(Ridge, sparse), drawn))
def test_information_exponent_and_leap(engine, ridge):
    e, f = expanded(engine, ridge), ridge.ambient
    first = next(k for k in range(1, oracles.degree(f) + 1) if oracles.moment_tensors(f, ridge.d, k))
    assert information_exponent(e).value == first
    expected = oracles.subspace_leap_steps(f, ridge.d)
    assert steps(e) == expected
    assert subspace_leap(e).value.value == max(k for k, _ in expected)


@every_engine
@given(sparse)
def test_coordinate_leap(engine, link):
    axes = [[Fraction(int(i == j)) for j in range(3)] for i in range(3)]
    monomials = [alpha for alpha in oracles.smoothed(link, axes) if any(alpha)]
    assert coordinate_leap(expanded(engine, Ridge(link))).value == oracles.coordinate_leap(monomials)


@every_engine
@given(hermite_sums(1, 4))
def test_generative_exponent(engine, link):
    """2 for an even link, else 1."""
    found = expanded(engine, Ridge(link)).generative_exponent()
    even = all(alpha[0] % 2 == 0 for alpha in link)
    assert found.value.value == (2 if even else 1)


@every_engine
@given(sparse, unit_vectors(3))
def test_a_rotation_changes_nothing(engine, link, w):
    plain, turned = (expanded(engine, Ridge(link, rows)) for rows in (None, tuple(map(tuple, oracles.householder(w)))))
    for k in range(oracles.degree(link) + 1):
        assert plain.energy(k).exact == turned.energy(k).exact
    assert steps(plain) == steps(turned)
    assert ExpectedHessian(plain).rank.value == ExpectedHessian(turned).rank.value


@every_engine
@given(sparse, matrices(3, 3))
def test_oblique_and_dependent_directions(engine, link, rows):
    ridge = Ridge(link, rows)
    assume(oracles.degree(ridge.ambient) >= 1)
    e = expanded(engine, ridge)
    assert steps(e) == oracles.subspace_leap_steps(ridge.ambient, 3)
    assert e.effective_dimension.value == len(oracles.relevant_subspace(ridge.ambient, 3))
