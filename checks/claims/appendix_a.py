"""Damian, Lee, Soltanolkotabi 2022, Appendix A: random ReLU features represent monomials."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import (
    HOLDS,
    AnyClaim,
    Claim,
    Fault,
    Outcome,
    damian,
    equal_entries,
    every,
    failed,
    undecided,
)
from steinlab.theory.random_features import (
    gaussian_monomial_weight,
    monomial_weight,
    monomial_weight_supremum,
    polynomial_weight,
)
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Weight = Callable[[int, int], tuple[Fraction, ...]]


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
