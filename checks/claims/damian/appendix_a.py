"""Damian, Lee, Soltanolkotabi 2022, Appendix A: Parseval's identity, and random ReLU features that represent monomials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import factorial, prod
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import (
    HOLDS,
    AnyClaim,
    Claim,
    Fault,
    Outcome,
    at_most,
    damian,
    equal,
    equal_entries,
    every,
    failed,
    undecided,
)
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.statements.random_features import (
    gaussian_monomial_weight,
    monomial_weight,
    monomial_weight_supremum,
    polynomial_weight,
)
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Weight = Callable[[int, int], tuple[Fraction, ...]]


# -- Lemma 5


@dataclass(frozen=True)
class Invisible:
    """f(x) = g(Ux) in ambient coordinates, and a vector that every row of U is orthogonal to."""

    f: oracles.Poly
    normal: tuple[Fraction, ...]


def _ridges() -> SearchStrategy[Ridge]:
    from steinlab.checks.claims import cases

    return cases.ridges(4)


def _invisibles() -> SearchStrategy[Invisible]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    def build(link: oracles.Poly, rows: tuple[tuple[Fraction, ...], ...], normal: tuple[Fraction, ...]) -> Invisible:
        square = oracles.dot(normal, normal)
        flat = [[c - oracles.dot(row, normal) / square * n for c, n in zip(row, normal, strict=True)] for row in rows]
        return Invisible(oracles.substitute(link, flat, len(normal)), normal)

    def of_shape(shape: tuple[int, int]) -> SearchStrategy[Invisible]:
        r, d = shape
        normals = cases.vectors(d).filter(any)
        return st.builds(build, cases.polynomials(r, 4), cases.matrices(r, d), normals).filter(lambda case: bool(case.f))

    return st.tuples(st.integers(1, 2), st.integers(2, 3)).flatmap(of_shape)


def _energies(f: Ridge) -> dict[int, Number]:
    return f.expansion.degree_energies


def _energies_of_orthonormal_directions(f: Ridge) -> dict[int, Number]:
    return HermiteExpansion(Polynomial.from_terms(f.link)).degree_energies


def _check_energies(subject: Callable[[Ridge], dict[int, Number]], case: Ridge) -> Outcome:
    f, energies = case.ambient, subject(case)
    second_moment = oracles.expectation(oracles.multiply(f, f))
    expected = {
        k: oracles.norm_squared(oracles.moment_tensors(f, case.d, k), case.d, k) / factorial(k)
        for k in range(oracles.degree(f) + 1)
    }
    return every(
        [
            equal_entries("‖C_k‖_F²/k!", energies, expected),
            equal("Σ_k ‖C_k‖_F²/k!", sum(energies.values(), Number.of(0)), second_moment),
            *(at_most(f"‖C_{k}‖_F²/{k}! <= E f²", energy, second_moment) for k, energy in energies.items()),
        ]
    )


def _tensors(f: oracles.Poly) -> dict[tuple[int, ...], Number]:
    """The entries of every C_k, k >= 1; an entry's order is the length of its index."""
    expansion = HermiteExpansion(Polynomial.from_terms(f))
    return {index: c for k in range(1, oracles.degree(f) + 1) for index, c in expansion.tensor(k).items()}


def _coefficients_as_entries(f: oracles.Poly) -> dict[tuple[int, ...], Number]:
    """The coefficients of C_k(v^{⊗k})/k! where its entries belong."""
    return {index: c / prod(factorial(index.count(i)) for i in set(index)) for index, c in _tensors(f).items()}


def _check_subspace(subject: Callable[[oracles.Poly], dict[tuple[int, ...], Number]], case: Invisible) -> Outcome:
    """Every C_k contracted with a vector orthogonal to S* is 0."""
    entries, d = subject(case.f), len(case.normal)
    orders = range(1, oracles.degree(case.f) + 1)
    outcomes = [HOLDS]
    for free in (index for k in orders for index in combinations_with_replacement(range(d), k - 1)):
        contracted = sum(
            (n * entries.get(tuple(sorted((*free, j))), Number.of(0)) for j, n in enumerate(case.normal)), Number.of(0)
        )
        outcomes.append(equal(f"C_{len(free) + 1}(n) at {free} for n orthogonal to S*", contracted, 0))
    return every(outcomes)


# -- Lemma 9 and Corollary 3


def _powers() -> SearchStrategy[int]:
    from hypothesis import strategies as st

    return st.integers(0, 20)


def _coefficients() -> SearchStrategy[list[Fraction]]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    return st.lists(cases.rationals(), min_size=1, max_size=9)


def _average(weights: tuple[tuple[Fraction, ...], tuple[Fraction, ...]], density: Fraction) -> oracles.Poly:
    """E over a uniform on {-1, 1} of ∫ density · weight_a(b) σ(ax + b) db, |b| <= 1, as a polynomial in x."""
    both = oracles.add(oracles.integral_of_relu(weights[0], -1), oracles.integral_of_relu(weights[1], 1))
    return oracles.scale(density / 2, both)


def _check_uniform(subject: Weight, k: int) -> Outcome:
    average = _average((subject(k, -1), subject(k, 1)), Fraction(1, 2))
    return equal_entries(f"E[v_{k} σ(ax+b)], coefficients in x,", average, {(k,): 1})


def _check_gaussian(subject: Weight, k: int) -> Outcome:
    """The weight is q(b)/μ(b) on |b| <= 1, so μ cancels against the density of b and Lebesgue measure is left."""
    average = _average((subject(k, -1), subject(k, 1)), Fraction(1))
    return equal_entries("E[v σ(ax+b)], coefficients in x,", average, {(k,): 1})


def _check_polynomial(subject: Callable[[list[Fraction], int], tuple[Fraction, ...]], f: list[Fraction]) -> Outcome:
    average = _average((subject(f, -1), subject(f, 1)), Fraction(1, 2))
    return equal_entries("E[v_f σ(ax+b)], coefficients in x,", average, {(k,): c for k, c in enumerate(f)})


def _printed_weight(k: int, a: int) -> list[Fraction]:
    """Lemma 9's v_k = 2(1-a) f''(b) - [f'(1) - f(1)] 6b + f'(1) 2a with f = x^k, coefficients in b."""
    f: oracles.Poly = {(k,): Fraction(1)}
    first = oracles.derivative(f, 0)
    slope = oracles.evaluate(first, [Fraction(1)])
    v = oracles.scale(2 * (1 - a), oracles.derivative(first, 0))
    v = oracles.add(v, {(1,): -6 * (slope - 1), (0,): 2 * a * slope})
    return [v.get((n,), Fraction(0)) for n in range(max(2, k))]


def _check_supremum(subject: Callable[[int], int], k: int) -> Outcome:
    """|v_k| <= bound everywhere, by Bernstein coefficients, and |v_k| = bound somewhere, at an end of the interval."""
    bound = subject(k)
    outcomes, reached = [], False
    for a, sign in product((-1, 1), repeat=2):
        gap = [bound * (n == 0) + sign * c for n, c in enumerate(_printed_weight(k, a))]
        below = oracles.nonnegative_on_interval(gap, Fraction(-1), Fraction(1))
        if below is None:
            outcomes.append(undecided(f"bisection did not settle |v_{k}| <= {bound} at a = {a}"))
        else:
            outcomes.append(HOLDS if below else failed(f"|v_{k}| exceeds {bound} at a = {a}"))
        reached = reached or any(sum(c * b**n for n, c in enumerate(gap)) == 0 for b in (-1, 1))
    return every([*outcomes, HOLDS if reached else failed(f"|v_{k}| does not reach {bound}")])


def _without_boundary_term(k: int, a: int) -> tuple[Fraction, ...]:
    """v_k without - [f'(1) - f(1)] v_0."""
    weight = list(monomial_weight(k, a))
    if k >= 2:
        weight[1] += 6 * (k - 1)
    return tuple(weight)


def _half_second_derivative(k: int, a: int) -> tuple[Fraction, ...]:
    """v_k with (1-a) f''(b) in place of 2(1-a) f''(b)."""
    weight = list(monomial_weight(k, a))
    if k >= 2:
        weight[k - 2] -= (1 - a) * k * (k - 1)
    return tuple(weight)


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="damian.lemma5",
        statement="E f² = Σ_k ‖C_k‖_F²/k!, hence ‖C_k‖_F² <= k! E f²",
        hypotheses="f(x) = g(Ux) a polynomial, U any matrix, x ~ N(0, I_d), C_k = E ∇^k f",
        source=damian("Lemma 5"),
        direction="identity",
        method="random rational links and directions in R^d, d <= 3, against f expanded in x and differentiated k times",
        evidence=Evidence.EXACT,
        subject=_energies,
        cases=_ridges,
        check=_check_energies,
        faults=(
            Fault("‖C_k‖_F² without 1/k!", lambda f: {k: factorial(k) * e for k, e in _energies(f).items()}),
            Fault("directions taken to be orthonormal", _energies_of_orthonormal_directions),
        ),
    ),
    Claim(
        id="damian.lemma5_subspace",
        statement="C_k(x^{⊗k}) depends on Π*x only",
        hypotheses="f(x) = g(Ux) a polynomial, x ~ N(0, I_d), C_k = E ∇^k f, Π* the projector on the row space of U",
        source=damian("Lemma 5"),
        direction="identity",
        method="random rational U with a given null vector n, d <= 3: C_k contracted with n vanishes",
        evidence=Evidence.EXACT,
        subject=_tensors,
        cases=_invisibles,
        check=_check_subspace,
        faults=(Fault("entries without the factors α!", _coefficients_as_entries),),
    ),
    Claim(
        id="damian.lemma9",
        statement="E[v_k(a,b) σ(ax+b)] = x^k for |x| <= 1",
        hypotheses="a uniform on {-1, 1}, b uniform on [-1, 1], σ = ReLU, k <= 20",
        source=damian("Lemma 9"),
        direction="identity",
        method="the integral over b >= -ax as a polynomial in x, coefficient by coefficient, for every k <= 20",
        evidence=Evidence.EXACT,
        subject=monomial_weight,
        cases=_powers,
        check=_check_uniform,
        faults=(
            Fault("without the term [f'(1) - f(1)] v_0", _without_boundary_term),
            Fault("(1-a) f''(b) in place of 2(1-a) f''(b)", _half_second_derivative),
        ),
    ),
    Claim(
        id="damian.lemma9_polynomials",
        statement="E[Σ f_k v_k(a,b) σ(ax+b)] = f(x) for |x| <= 1",
        hypotheses="f = Σ f_k x^k, a uniform on {-1, 1}, b uniform on [-1, 1], σ = ReLU",
        source=damian("Lemma 9, by linearity", printed=False),
        direction="identity",
        method="random rational polynomials up to degree 8, the integral over b >= -ax as a polynomial in x",
        evidence=Evidence.EXACT,
        subject=polynomial_weight,
        cases=_coefficients,
        check=_check_polynomial,
        faults=(Fault("the constant term of f dropped", lambda f, a: polynomial_weight([0, *f[1:]], a)),),
    ),
    Claim(
        id="damian.lemma9_supremum",
        statement="sup |v_k| = 6, 2, 10, 18, 58, 66, then 4k² - 6 for even k and 4k² - 8k + 6 for odd k",
        hypotheses="a in {-1, 1}, |b| <= 1, k <= 20",
        source=damian("Lemma 9 says bounded; the values", printed=False),
        direction="identity",
        method="upper side by Bernstein coefficients with bisection, attained at an end of the interval, for every k <= 20",
        evidence=Evidence.EXACT,
        subject=monomial_weight_supremum,
        cases=_powers,
        check=_check_supremum,
        faults=(
            Fault("the bound 8k - 6 of the half a = 1 only", lambda k: max(8 * k - 6, 2) if k else 6),
            Fault("one more than the supremum", lambda k: monomial_weight_supremum(k) + 1),
        ),
    ),
    Claim(
        id="damian.corollary3",
        statement="E[1{|b|<=1} v_k(a,b)/(2μ(b)) σ(ax+b)] = x^k for |x| <= 1",
        hypotheses="a uniform on {-1, 1}, b ~ N(0, 1) with density μ, σ = ReLU, k <= 20",
        source=damian("Corollary 3"),
        direction="identity",
        method="μ cancels, and the integral over b >= -ax is a polynomial in x, coefficient by coefficient, for every k <= 20",
        evidence=Evidence.EXACT,
        subject=gaussian_monomial_weight,
        cases=_powers,
        check=_check_gaussian,
        faults=(Fault("1/μ in place of 1/(2μ)", monomial_weight),),
    ),
)
