"""The report on a polynomial target: every finding is decided exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from steinlab.checks.assumptions.report import Report, attempt, count, single_index_finding
from steinlab.theory.exact.linear_algebra import Vector, rank
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import MAX_MONOMIALS, Polynomial, dense_monomials
from steinlab.theory.exact.univariate import changes_sign
from steinlab.theory.statements.predictions import Exponents, power_of_d
from steinlab.theory.targets.exponents import SubspaceLeap, coordinate_leap, information_exponent, subspace_leap
from steinlab.theory.targets.generative import generative_exponent
from steinlab.theory.targets.polynomial_expansion import HermiteExpansion
from steinlab.theory.targets.polynomial_hessian import ExpectedHessian, expected_hessian
from steinlab.theory.targets.target import PolynomialTarget
from steinlab.theory.verdicts import Evidence, Finding, Verdict

MAX_LABEL_POWER = 3
"""Highest power of the label tried when looking for a transformation that restores Assumption 2."""


@dataclass(frozen=True, repr=False)
class PolynomialReport(Report):
    """Everything `steinlab check` says about a polynomial target.

    Assumption findings, exponents and predictions are exact; floats appear only as roundings of enclosures.
    """

    target: PolynomialTarget

    @cached_property
    def hessian(self) -> ExpectedHessian:
        return expected_hessian(self.target.expansion)

    @cached_property
    def kappa(self) -> float | None:
        """κ as a float; None unless Assumption 2 holds and floats reach so far."""
        return attempt(lambda: self.hessian.kappa, lambda _: None)

    @cached_property
    def information_exponent(self) -> int:
        return information_exponent(self.target.expansion).lower

    @cached_property
    def subspace_leap(self) -> SubspaceLeap:
        return subspace_leap(self.target.expansion)

    @cached_property
    def coordinate_leap(self) -> int | None:
        leap = coordinate_leap(self.target.expansion)
        return None if leap is None else leap.value

    @cached_property
    def generative_exponent(self) -> int | None:
        exponent = generative_exponent(self.target.expansion)
        return None if exponent is None else exponent.value.value

    @cached_property
    def assumptions(self) -> tuple[Finding, ...]:
        return tuple(test(self) for test in ASSUMPTIONS.values())

    @property
    def exponents(self) -> Exponents:
        return Exponents(
            r=self.target.effective_dimension,
            p=self.target.degree,
            kappa=self.kappa,
            information=self.information_exponent,
            leap=self.subspace_leap.value.value,
            generative=self.generative_exponent,
            monotone=self.is_monotone,
        )

    def learned_at(self, vector: Vector) -> int:
        """The largest leap to be taken before `vector` (of S*, intrinsic coordinates) lies in the span of what was found."""
        found: list[Vector] = []
        highest = 0
        for step in self.subspace_leap.steps:
            found += step.basis
            highest = max(highest, step.degree)
            if rank([*found, vector]) == rank(found):
                return highest
        raise ValueError("the vector is not in the effective subspace")

    @cached_property
    def advice(self) -> tuple[str, ...]:
        if self.hessian.is_nondegenerate:
            return ()
        tips = []
        power = self._restoring_power()
        if power is not None:
            tips.append(
                f"Transform the labels: E[∇² E[y^{power} | x]] has rank {self.target.effective_dimension} (exact; derived), so a "
                f"gradient step on y^{power} sees every direction. Take that step for W, then fit the head on y."
            )
        tips.append(
            "Transfer (Theorem 3): pretrain W on another target of the same directions with a non-degenerate expected Hessian, "
            "such as this one plus He(2, .) of each invisible direction, then refit the head."
        )
        leap = self.subspace_leap.value.lower
        tips.append(
            f"Take many steps: SGD on a target of subspace leap {leap} is conjectured to need about "
            f"{power_of_d(max(1, leap - 1))} samples, where one step sees only the range of H."
        )
        return tuple(tips)

    def _restoring_power(self) -> int | None:
        """The least power of the label, up to MAX_LABEL_POWER, with E[∇² E[y^power | x]] non-degenerate on S*.

        The noise is independent, of mean 0 and symmetric: E[y² | x] = f*² + Var e and E[y³ | x] = f*³ + 3 Var(e) f*.
        """
        f, r = self.target.polynomial, self.target.effective_dimension
        variance = self.target.noise.scale**2
        for power in range(2, MAX_LABEL_POWER + 1):
            if dense_monomials(f.variables, f.degree * power) * f.field.degree > MAX_MONOMIALS:
                return None
            mean_label = f**power + (f * (3 * variance) if power == 3 else variance)
            if expected_hessian(HermiteExpansion(mean_label, self.target.directions)).rank == r:
                return power
        return None


# -- one function for each assumption


def polynomial(report: PolynomialReport) -> Finding:
    """f* is a polynomial. Source: Damian et al. 2022, section 1."""
    reason = f"f* is a polynomial of degree {report.target.degree}"
    return Finding("damian.polynomial", Verdict.HOLDS, Evidence.EXACT, reason)


def assumption1(report: PolynomialReport) -> Finding:
    """f*(x) = g(<x, u_1>, ..., <x, u_r>) with linearly independent u_i. Source: Damian et al. 2022, Assumption 1."""
    target = report.target
    written, effective = target.latent_dimension, target.effective_dimension
    reason = f"f* is a polynomial of degree {target.degree} of {count(effective, 'linearly independent direction')}"
    if effective < written:
        reason += f"; {written} latent variables are written, {written - effective} of them redundant: it depends on "
        reason += f"{_subspace_text(report)} only"
    return Finding("damian.assumption1", Verdict.HOLDS, Evidence.EXACT, reason)


def assumption2(report: PolynomialReport) -> Finding:
    """H = E[∇²f*(x)] has rank r = dim S*. Source: Damian et al. 2022, Assumption 2."""
    h, r = report.hessian, report.target.effective_dimension
    if h.is_nondegenerate:
        return Finding("damian.assumption2", Verdict.HOLDS, Evidence.EXACT, f"rank H = {h.rank} = dim S*")
    lost = "; ".join(f"{direction_text(report, v)} (learned at leap {report.learned_at(v)})" for v in h.invisible)
    reason = f"rank H = {h.rank} < {r} = dim S*: H does not see {lost}"
    return Finding("damian.assumption2", Verdict.FAILS, Evidence.EXACT, reason)


def single_index(report: PolynomialReport) -> Finding:
    return single_index_finding(report.target.effective_dimension, Evidence.EXACT)


def monotone_link(report: PolynomialReport) -> Finding:
    """The link is monotone in its one direction. Source: Mousavi-Hosseini et al. 2022."""
    expansion = report.target.expansion
    if report.target.effective_dimension != 1:
        return Finding("mousavi.monotone_link", Verdict.FAILS, Evidence.EXACT, "f* depends on more than one direction")
    (axis,) = expansion.effective_subspace
    slope = _along(report.target, axis).derivative(0)
    coefficients = [slope.coefficient((i,)) for i in range(slope.degree + 1)]
    if changes_sign(coefficients):
        reason = "the derivative of the link changes sign (it has a real root of odd multiplicity, by Sturm's theorem)"
        return Finding("mousavi.monotone_link", Verdict.FAILS, Evidence.EXACT, reason)
    reason = "the derivative of the link has no real root of odd multiplicity (Sturm's theorem)"
    return Finding("mousavi.monotone_link", Verdict.HOLDS, Evidence.EXACT, reason)


def polynomial_growth(report: PolynomialReport) -> Finding:
    """The link grows at most polynomially. Source: Mousavi-Hosseini et al. 2022."""
    reason = f"the link is a polynomial of degree {report.target.degree}"
    return Finding("mousavi.polynomial_growth", Verdict.HOLDS, Evidence.EXACT, reason)


def weakly_differentiable(report: PolynomialReport) -> Finding:
    """The link has a weak derivative. Source: Mousavi-Hosseini et al. 2022."""
    return Finding("mousavi.weakly_differentiable", Verdict.HOLDS, Evidence.EXACT, "a polynomial is smooth")


ASSUMPTIONS: dict[str, Callable[[PolynomialReport], Finding]] = {
    "damian.polynomial": polynomial,
    "damian.assumption1": assumption1,
    "damian.assumption2": assumption2,
    "mousavi.single_index": single_index,
    "mousavi.monotone_link": monotone_link,
    "mousavi.polynomial_growth": polynomial_growth,
    "mousavi.weakly_differentiable": weakly_differentiable,
}


# -- words


def direction_text(report: PolynomialReport, vector: Vector) -> str:
    """A vector in intrinsic coordinates in terms of the directions, such as 'u1 - 2*u3'."""
    coefficients = report.target.expansion.in_latents(vector)
    names = [f"u{i + 1}" for i in range(report.target.latent_dimension)]
    units = {tuple(int(j == i) for j in range(len(names))): c for i, c in coefficients.items()}
    return Polynomial.from_terms(units, len(names)).to_text(names)


def _subspace_text(report: PolynomialReport) -> str:
    return ", ".join(direction_text(report, v) for v in report.target.expansion.effective_subspace)


def _along(target: PolynomialTarget, axis: Sequence[Number]) -> Polynomial:
    """The link along the one direction f* depends on: t ↦ g(U(t w)), w = Σ_a axis_a u_a."""
    expansion = target.expansion
    pivots = expansion.intrinsic.pivots
    r = target.latent_dimension
    if expansion.gram is None:
        slopes = list(axis)
    else:
        slopes = [sum((row[i] * c for i, c in zip(pivots, axis, strict=True)), Number.of(0)) for row in expansion.gram]
    return target.polynomial.compose([Polynomial.from_terms({(1,): slopes[i]}) for i in range(r)])
