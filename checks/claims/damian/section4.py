"""Damian, Lee, Soltanolkotabi 2022, section 4: Gaussian calculus, ReLU's coefficients and the gradient at initialisation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import factorial
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import AnyClaim, Claim, Fault, Outcome, Source, damian, equal, equal_entries, every
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.exact.gaussian import gaussian_mean, heat
from steinlab.theory.exact.gaussian_numbers import GaussianNumber
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.statements.activations import relu_coefficient
from steinlab.theory.statements.initial_gradient import InitialGradient, initial_gradient
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Vector = tuple[Fraction, ...]
Mean = Callable[[Polynomial, Matrix], Number]
Gradient = Callable[[Ridge], InitialGradient]


@dataclass(frozen=True)
class GaussianPolynomial:
    """A polynomial p of y = A z, z ~ N(0, I), so that y has covariance AAᵀ."""

    p: oracles.Poly
    root: tuple[Vector, ...]

    @property
    def polynomial(self) -> Polynomial:
        return Polynomial.from_terms(self.p)

    @property
    def covariance(self) -> Matrix:
        return tuple(tuple(Number.of(oracles.dot(a, b)) for b in self.root) for a in self.root)


@dataclass(frozen=True)
class NeuronCase:
    target: Ridge
    w: Vector


def _gaussian_polynomials() -> SearchStrategy[GaussianPolynomial]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    def of_size(r: int) -> SearchStrategy[GaussianPolynomial]:
        return st.builds(GaussianPolynomial, cases.polynomials(r, 4), cases.matrices(r, 2))

    return st.integers(1, 3).flatmap(of_size)


def _neurons() -> SearchStrategy[NeuronCase]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    return cases.ridges(4).flatmap(lambda f: st.builds(NeuronCase, st.just(f), cases.unit_vectors(f.d)))


def _degrees() -> SearchStrategy[int]:
    from hypothesis import strategies as st

    return st.integers(0, 24)


# -- the heat operator and Stein's lemma


def _check_heat(subject: Callable[[Polynomial, Matrix], Polynomial], case: GaussianPolynomial) -> Outcome:
    actual = subject(case.polynomial, case.covariance).terms()
    return equal_entries("the coefficient of E p(v + y)", actual, oracles.smoothed(case.p, case.root))


def _check_stein(subject: Mean, case: GaussianPolynomial) -> Outcome:
    r = len(case.root)
    p, covariance = case.polynomial, case.covariance
    rotated = oracles.substitute(case.p, case.root, len(case.root[0]))
    outcomes = []
    for i in range(r):
        left = subject(Polynomial.variable(i, r) * p, covariance)
        right = sum((covariance[i][j] * subject(p.derivative(j), covariance) for j in range(r)), Number.of(0))
        expected = oracles.expectation(oracles.multiply(oracles.linear(case.root[i]), rotated))
        outcomes += [equal(f"E[y_{i} p(y)]", left, expected), equal(f"Σ_j Σ_{i}j E ∂_j p", right, expected)]
    return every(outcomes)


# -- ReLU


def _equal_half(what: str, actual: GaussianNumber, expected: oracles.HalfMoment) -> Outcome:
    """Both parts of a + b/√(2π) agree; they are unique, π being transcendental."""
    return every(
        [
            equal(f"the rational part of {what}", actual.rational, expected[0]),
            equal(f"the factor of 1/√(2π) in {what}", actual.over_sqrt_2pi, expected[1]),
        ]
    )


def _check_relu(subject: Callable[[int], GaussianNumber], k: int) -> Outcome:
    a = b = Fraction(0)
    for (n,), c in oracles.hermite(k).items():
        half = oracles.half_line_moment(n + 1)
        a, b = a + c * half[0], b + c * half[1]
    return _equal_half(f"c_{k}", subject(k), (a, b))


# -- the gradient at initialisation


def _gradient(target: Ridge) -> InitialGradient:
    return initial_gradient(target.expansion)


def _printed_limits(target: Ridge) -> InitialGradient:
    """Eq. (1) of the paper: both sums stop at k = p - 1."""
    gradient = _gradient(target)
    terms = tuple(term for term in gradient.radial_terms if term.k <= target.expansion.degree - 1)
    return replace(gradient, radial_terms=terms)


def _indices_of_the_derivative(target: Ridge) -> InitialGradient:
    """c_k read as the coefficients of σ', as the text of eq. (1) says: c_{k+2} where c_{k+1} is meant."""
    gradient = _gradient(target)
    terms = (replace(t, coefficient=relu_coefficient(t.k + 2) * Fraction(1, factorial(t.k))) for t in gradient.direction_terms)
    return replace(gradient, direction_terms=tuple(terms))


def _check_gradient(subject: Gradient, case: NeuronCase) -> Outcome:
    actual = subject(case.target).evaluate(case.w)
    return _equal_vectors("E[f x 1{w·x >= 0}]", actual, oracles.half_space_gradient(case.target.ambient, case.w))


def _equal_vectors(what: str, actual: Sequence[GaussianNumber], expected: Sequence[oracles.HalfMoment]) -> Outcome:
    pairs = enumerate(zip(actual, expected, strict=True))
    return every(_equal_half(f"{what}[{i}]", a, e) for i, (a, e) in pairs)


def _centred(target: Ridge) -> InitialGradient:
    return initial_gradient(target.expansion, centred=True)


def _doubled_leading_term(target: Ridge) -> InitialGradient:
    gradient = _centred(target)
    terms = (replace(t, coefficient=t.coefficient * (2 if t.k == 1 else 1)) for t in gradient.direction_terms)
    return replace(gradient, direction_terms=tuple(terms))


def _check_centred_gradient(subject: Gradient, case: NeuronCase) -> Outcome:
    f, d, w = case.target.ambient, case.target.d, case.w
    gradient = subject(case.target)
    hessian = oracles.moment_tensors(f, d, 2)
    entry = [[hessian.get((min(i, j), max(i, j)), Fraction(0)) for j in range(d)] for i in range(d)]
    slope = oracles.moment_tensors(f, d, 1)
    affine = oracles.add(
        oracles.constant(oracles.expectation(f), d), oracles.linear([slope.get((i,), Fraction(0)) for i in range(d)])
    )
    rest = oracles.half_space_gradient(oracles.add(f, oracles.scale(-1, affine)), w)
    leading = [(Fraction(0), oracles.dot(row, w)) for row in entry]
    remainder = [(whole[0], whole[1] - lead[1]) for whole, lead in zip(rest, leading, strict=True)]
    return every(
        [
            _equal_vectors("the leading term", gradient.leading.evaluate(w), leading),
            _equal_vectors("the remainder", gradient.remainder.evaluate(w), remainder),
        ]
    )


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="gaussian.heat_operator",
        statement="exp(½ ∇ᵀΣ∇) p (v) = E p(v + y)",
        hypotheses="p a polynomial, y ~ N(0, Σ), Σ any covariance, singular ones included",
        source=Source("the Gaussian semigroup", "exact Gaussian calculus", printed=False),
        direction="identity",
        method="random rational polynomials in up to 3 variables and Σ = AAᵀ, against p(v + Az) expanded into monomials",
        evidence=Evidence.EXACT,
        subject=heat,
        cases=_gaussian_polynomials,
        check=_check_heat,
        faults=(
            Fault("without the ½", lambda p, covariance: heat(p, covariance, time=2)),
            Fault("the covariance taken to be the identity", lambda p, covariance: heat(p)),
        ),
    ),
    Claim(
        id="damian.stein_lemma",
        statement="E[y p(y)] = Σ E[∇p(y)]",
        hypotheses="p a polynomial, y ~ N(0, Σ)",
        source=damian("Section 4, Stein's lemma"),
        direction="identity",
        method="both sides by the theory's Gaussian mean, each against p(Az) expanded into monomials, Σ = AAᵀ",
        evidence=Evidence.EXACT,
        subject=gaussian_mean,
        cases=_gaussian_polynomials,
        check=_check_stein,
        faults=(Fault("the mean under N(0, I)", lambda p, covariance: gaussian_mean(p)),),
    ),
    Claim(
        id="damian.relu_coefficients",
        statement="c_0 = c_2 = 1/√(2π), c_1 = 1/2, c_{2k} = (-1)^{k-1} (2k-3)!!/√(2π), c_k = 0 for odd k >= 3",
        hypotheses="c_k = E[σ(z) He_k(z)], z ~ N(0, 1), σ = ReLU, k <= 24",
        source=damian("Section 4 and Appendix A, ReLU expansions"),
        direction="identity",
        method="exact half-line moments of z He_k(z), every k <= 24",
        evidence=Evidence.EXACT,
        subject=relu_coefficient,
        cases=_degrees,
        check=_check_relu,
        faults=(
            Fault("the coefficients of σ' in place of σ's", lambda k: relu_coefficient(k + 1)),
            Fault(
                "without the alternating sign",
                lambda k: relu_coefficient(k) * (-1 if k >= 4 and k % 4 == 0 else 1),
            ),
        ),
    ),
    Claim(
        id="damian.gradient_expansion",
        statement="E[f x 1{w·x>=0}] = Σ_{k<=p-1} (c_{k+1}/k!) C_{k+1}(w^{⊗k}) + w Σ_{k<=p} (c_{k+2}/k!) C_k(w^{⊗k})",
        hypotheses="f(x) = g(Ux) a polynomial of degree p, ‖w‖ = 1, x ~ N(0, I_d)",
        source=damian("Equation (1) with its second upper limit corrected to p", printed=False),
        direction="identity",
        method="rational unit w completed to an orthonormal basis by a Householder reflection: A + B/√(2π) exactly",
        evidence=Evidence.EXACT,
        subject=_gradient,
        cases=_neurons,
        check=_check_gradient,
        faults=(
            Fault("the printed limits: both sums stop at p - 1", _printed_limits),
            Fault("c_k read as the coefficients of σ', as printed", _indices_of_the_derivative),
        ),
    ),
    Claim(
        id="damian.gradient_leading_term",
        statement="Once C_0 and C_1 are removed, the gradient is H w/√(2π) plus the terms of the expansion with k >= 2",
        hypotheses="f(x) = g(Ux) a polynomial, H = E ∇²f, ‖w‖ = 1, x ~ N(0, I_d)",
        source=damian("Lemma 1 and Section 4, the leading term"),
        direction="identity",
        method="f minus its affine part, exact half-space moments, leading term and remainder compared separately",
        evidence=Evidence.EXACT,
        subject=_centred,
        cases=_neurons,
        check=_check_centred_gradient,
        faults=(
            Fault("C_0 and C_1 left in", _gradient),
            Fault("the leading term 2 H w/√(2π)", _doubled_leading_term),
        ),
    ),
)
