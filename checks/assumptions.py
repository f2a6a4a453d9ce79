"""The hypotheses of the theorems, checked for one target: what holds, what fails and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

from steinlab.theory.errors import InputError
from steinlab.theory.expansion import HermiteExpansion
from steinlab.theory.exponents import SubspaceLeap, coordinate_leap, generative_exponent, information_exponent, subspace_leap
from steinlab.theory.hessian import ExpectedHessian, expected_hessian
from steinlab.theory.linear_algebra import Vector, rank
from steinlab.theory.numbers import Number
from steinlab.theory.polynomials import MAX_MONOMIALS, Polynomial, dense_monomials
from steinlab.theory.predictions import Exponents, Prediction, power_of_d, predictions
from steinlab.theory.targets import Target
from steinlab.theory.univariate import changes_sign
from steinlab.theory.verdicts import Evidence, Finding, Verdict

THEOREMS: dict[str, tuple[str, ...]] = {
    "damian.theorem1": ("damian.assumption1", "damian.assumption2"),
    "damian.theorem3": ("damian.assumption1", "damian.assumption2"),
    "mousavi.single_index": ("mousavi.single_index", "mousavi.monotone_link", "mousavi.polynomial_growth"),
}
"""For each theorem the assumptions on the target that it needs. Theorem 3 asks them of the source target."""

MAX_LABEL_POWER = 3
"""Highest power of the label tried when looking for a transformation that restores Assumption 2."""


@dataclass(frozen=True)
class Report:
    """Everything `steinlab check` says about a target. Build it with `check`.

    Assumption findings, exponents and predictions are exact for polynomial targets; floats appear only as roundings of
    enclosures.
    """

    target: Target
    theorem: str = "damian.theorem1"

    @cached_property
    def hessian(self) -> ExpectedHessian:
        return expected_hessian(self.target.expansion)

    @cached_property
    def information_exponent(self) -> int:
        return information_exponent(self.target.expansion)

    @cached_property
    def subspace_leap(self) -> SubspaceLeap:
        return subspace_leap(self.target.expansion)

    @cached_property
    def coordinate_leap(self) -> int | None:
        return coordinate_leap(self.target.expansion)

    @cached_property
    def generative_exponent(self) -> int | None:
        return generative_exponent(self.target.expansion)

    @cached_property
    def assumptions(self) -> tuple[Finding, ...]:
        """Every assumption known, whichever theorem is asked about."""
        return tuple(test(self) for test in ASSUMPTIONS.values())

    @property
    def required(self) -> tuple[Finding, ...]:
        """The assumptions of the theorem asked about."""
        return tuple(f for f in self.assumptions if f.id in THEOREMS[self.theorem])

    @property
    def verdict(self) -> Verdict:
        """HOLDS if every required assumption holds, FAILS if one fails, UNDECIDED otherwise."""
        verdicts = {f.verdict for f in self.required}
        if verdicts == {Verdict.HOLDS}:
            return Verdict.HOLDS
        return Verdict.FAILS if Verdict.FAILS in verdicts else Verdict.UNDECIDED

    @cached_property
    def predictions(self) -> tuple[Prediction, ...]:
        monotone = all(f.verdict is Verdict.HOLDS for f in self.assumptions if f.id in THEOREMS["mousavi.single_index"])
        return predictions(
            Exponents(
                r=self.target.effective_dimension,
                p=self.target.degree,
                kappa=self.hessian.kappa,
                information=self.information_exponent,
                leap=self.subspace_leap.value,
                generative=self.generative_exponent,
                monotone=monotone,
            )
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
        """What to try when Assumption 2 fails; empty when it holds."""
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
        leap = self.subspace_leap.value
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

    def _repr_html_(self) -> str:
        from steinlab.checks.commands.check import render

        return f"<pre>{escape(render(self))}</pre>"

    def __repr__(self) -> str:
        return f"Report({self.target.link!r}, {self.theorem}: {self.verdict.value})"


def check(target: Target | str, theorem: str = "damian.theorem1") -> Report:
    """Check the assumptions of a theorem for a target.

    `target`: a Target, or an expression for one. `theorem`: one of THEOREMS. Raises InputError for anything else.
    Kind: exact for polynomial targets.

    >>> report = check("He(2,z1)/2 + He(4,z1)/sqrt(48)")
    >>> report.verdict.value, report.information_exponent, report.hessian.kappa
    ('holds', 2, 1.0)
    """
    if theorem not in THEOREMS:
        raise InputError(f"theorem {theorem!r} is unknown: use one of {', '.join(THEOREMS)}")
    if isinstance(target, str):
        target = Target.from_expression(target)
    if not isinstance(target, Target):
        raise InputError(f"the target is {target!r}: expected a Target or an expression as text")
    return Report(target, theorem)


# -- one function for each assumption


def assumption1(report: Report) -> Finding:
    """f*(x) = g(<x, u_1>, ..., <x, u_r>) with linearly independent u_i. Source: Damian et al. 2022, Assumption 1."""
    target = report.target
    written, effective = target.latent_dimension, target.effective_dimension
    reason = f"f* is a polynomial of degree {target.degree} of {_count(effective, 'linearly independent direction')}"
    if effective < written:
        reason += f"; {written} latent variables are written, {written - effective} of them redundant: it depends on "
        reason += f"{_subspace_text(report)} only"
    return Finding("damian.assumption1", Verdict.HOLDS, Evidence.EXACT, reason)


def assumption2(report: Report) -> Finding:
    """H = E[∇²f*(x)] has rank r = dim S*. Source: Damian et al. 2022, Assumption 2."""
    h, r = report.hessian, report.target.effective_dimension
    if h.is_nondegenerate:
        return Finding("damian.assumption2", Verdict.HOLDS, Evidence.EXACT, f"rank H = {h.rank} = dim S*")
    lost = "; ".join(f"{direction_text(report, v)} (learned at leap {report.learned_at(v)})" for v in h.invisible)
    reason = f"rank H = {h.rank} < {r} = dim S*: H does not see {lost}"
    return Finding("damian.assumption2", Verdict.FAILS, Evidence.EXACT, reason)


def single_index(report: Report) -> Finding:
    """f* depends on one direction. Source: Mousavi-Hosseini et al. 2022, section 5."""
    r = report.target.effective_dimension
    verdict = Verdict.HOLDS if r == 1 else Verdict.FAILS
    return Finding("mousavi.single_index", verdict, Evidence.EXACT, f"f* depends on {_count(r, 'direction')}")


def monotone_link(report: Report) -> Finding:
    """The link is monotone in its one direction. Source: Mousavi-Hosseini et al. 2022, section 5."""
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


def polynomial_growth(report: Report) -> Finding:
    """The link grows at most polynomially. Source: Mousavi-Hosseini et al. 2022, section 5."""
    reason = f"the link is a polynomial of degree {report.target.degree}"
    return Finding("mousavi.polynomial_growth", Verdict.HOLDS, Evidence.EXACT, reason)


ASSUMPTIONS: dict[str, Callable[[Report], Finding]] = {
    "damian.assumption1": assumption1,
    "damian.assumption2": assumption2,
    "mousavi.single_index": single_index,
    "mousavi.monotone_link": monotone_link,
    "mousavi.polynomial_growth": polynomial_growth,
}


# -- words


def direction_text(report: Report, vector: Vector) -> str:
    """A vector in intrinsic coordinates in terms of the directions, such as 'u1 - 2*u3'."""
    coefficients = report.target.expansion.in_latents(vector)
    names = [f"u{i + 1}" for i in range(report.target.latent_dimension)]
    units = {tuple(int(j == i) for j in range(len(names))): c for i, c in coefficients.items()}
    return Polynomial.from_terms(units, len(names)).to_text(names)


def _subspace_text(report: Report) -> str:
    return ", ".join(direction_text(report, v) for v in report.target.expansion.effective_subspace)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" + ("" if n == 1 else "s")


def _along(target: Target, axis: Sequence[Number]) -> Polynomial:
    """The link along the one direction f* depends on: t ↦ g(U(t w)), w = Σ_a axis_a u_a."""
    expansion = target.expansion
    pivots = expansion.intrinsic.pivots
    r = target.latent_dimension
    if expansion.gram is None:
        slopes = list(axis)
    else:
        slopes = [sum((row[i] * c for i, c in zip(pivots, axis, strict=True)), Number.of(0)) for row in expansion.gram]
    return target.polynomial.compose([Polynomial.from_terms({(1,): slopes[i]}) for i in range(r)])
