"""The report on a general link: every finding is exact, certified by balls, or undecided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from flint import arb

from steinlab.checks.assumptions.report import Report, attempt, count, single_index_finding
from steinlab.theory.budget import at_effort
from steinlab.theory.errors import InputError
from steinlab.theory.exact.digits import midpoint
from steinlab.theory.exact.linear_algebra import Matrix, Vector, dot, kernel, multiply, rank, transpose
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.shape import monotone as shape
from steinlab.theory.shape import regularity
from steinlab.theory.statements.predictions import Exponents, power_of_d
from steinlab.theory.targets.exponents import SubspaceLeap, coordinate_leap, information_exponent, subspace_leap
from steinlab.theory.targets.generative import GenerativeExponent
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.targets.link_generative import generative_exponent
from steinlab.theory.targets.link_hessian import LinkHessian
from steinlab.theory.targets.target import LinkTarget
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict

T = TypeVar("T")

MAX_LABEL_POWER = 3
"""Highest power of the label tried when looking for a transformation that restores Assumption 2."""
KAPPA_BITS = 24
"""Least relative accuracy of κ, in bits, for a predicted cost with its powers put in."""


def _unknown(why: str, lower: int, upper: int | None) -> Decided:
    return Decided(None, Evidence.NUMERICAL, why, lower, upper)


@dataclass(frozen=True, repr=False)
class LinkReport(Report):
    """Everything `steinlab check` says about a target with a general link.

    Vectors are in the orthonormal coordinates t of `target.expansion`. Kind: exact, certified or undecided, as each part says.
    """

    target: LinkTarget

    @property
    def effort(self) -> int:
        return self.target.effort

    def _attempt(self, compute: Callable[[], T], undecided: Callable[[str], T]) -> T:
        with at_effort(self.effort, self.purse):
            return attempt(compute, undecided, self.effort)

    def settle(self) -> None:
        """Ask for every fact, always in this order: what the purse is spent on does not depend on how the report is read."""
        _ = self.assumptions, self.information_exponent, self.subspace_leap, self.coordinate_leap, self.generative_exponent
        _ = self.eigenvalues, self.kappa, self.visible, self.invisible

    @cached_property
    def dimension(self) -> Decided:
        """dim S*, or the bounds on it that are proved."""
        most = self.target.latent_dimension
        return self._attempt(lambda: self.target.effective_dimension, lambda why: _unknown(why, 0, most))

    @cached_property
    def hessian(self) -> LinkHessian:
        return LinkHessian(self.target.expansion)

    @cached_property
    def rank(self) -> Decided:
        """rank H, or the bounds on it that are proved: H vanishes across S*."""
        return self._attempt(lambda: self.hessian.rank, lambda why: _unknown(why, 0, self.dimension.upper))

    @cached_property
    def nondegenerate(self) -> Verdict:
        """Assumption 2: rank H = dim S*."""
        return self._attempt(lambda: self.hessian.nondegenerate, lambda _: Verdict.UNDECIDED)

    @cached_property
    def information_exponent(self) -> Decided:
        return self._attempt(lambda: information_exponent(self.target.expansion), lambda why: _unknown(why, 1, None))

    @cached_property
    def subspace_leap(self) -> SubspaceLeap:
        return self._attempt(lambda: subspace_leap(self.target.expansion), lambda why: SubspaceLeap(_unknown(why, 1, None), ()))

    @cached_property
    def coordinate_leap(self) -> Decided | None:
        return self._attempt(lambda: coordinate_leap(self.target.expansion), lambda why: _unknown(why, 1, None))

    @cached_property
    def generative_exponent(self) -> GenerativeExponent | None:
        """The generative exponent of a target of one direction; None for another one."""

        def unknown(why: str) -> GenerativeExponent | None:
            most_directions = self.dimension.value is None or self.dimension.value == 1
            return GenerativeExponent(_unknown(why, 1, None), None, ()) if most_directions else None

        return self._attempt(lambda: generative_exponent(self.target.expansion), unknown)

    @cached_property
    def eigenvalues(self) -> tuple[arb, ...] | None:
        """Enclosures of the eigenvalues of H on the span of the directions, rising; None where none are found.

        Where rank H is proved and no more balls than H has zero eigenvalues hold zero, those are zero.
        """
        found = self._attempt(self.hessian.eigenvalues, lambda _: None)
        if found is None or self.rank.value is None:
            return None if found is None else tuple(found)
        doubtful = [x for x in found if not (x.is_finite() and not x.contains(0))]
        vanish = len(doubtful) == len(found) - self.rank.value
        return tuple(arb(0) if vanish and any(x is y for y in doubtful) else x for x in found)

    @cached_property
    def kappa(self) -> arb | None:
        """A ball that holds κ; None unless Assumption 2 holds and one is known."""
        ball = self._attempt(lambda: self.hessian.kappa, lambda _: None)
        return None if ball is None or not ball.is_finite() else ball

    @cached_property
    def visible(self) -> Matrix | None:
        """A basis of range(H) in the coordinates t, where it is known exactly."""
        return self._attempt(lambda: self.target.expansion.exact_span(2), lambda _: None)

    @cached_property
    def invisible(self) -> Matrix | None:
        """A basis of S* ∩ ker H in the coordinates t, where range(H) and S* are known exactly."""
        return self._attempt(self._invisible, lambda _: None)

    def _invisible(self) -> Matrix | None:
        expansion = self.target.expansion
        if self.visible is None or self.dimension.value is None:
            return None
        form = expansion.linear_span
        seen = [tuple(dot(row, v) for row in form) for v in self.visible]
        return multiply(kernel(seen, len(form)), form) if form else ()

    @cached_property
    def assumptions(self) -> tuple[Finding, ...]:
        return tuple(self._tested(id, test) for id, test in ASSUMPTIONS.items())

    def _tested(self, id: str, test: Callable[[LinkReport], Finding]) -> Finding:
        return self._attempt(lambda: test(self), lambda why: Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, why))

    @property
    def exponents(self) -> Exponents:
        generative = self.generative_exponent
        return Exponents(
            r=self.dimension.value,
            p=self.target.degree,
            kappa=None if self.kappa is None or self.kappa.rel_accuracy_bits() < KAPPA_BITS else midpoint(self.kappa),
            information=self.information_exponent.value,
            leap=self.subspace_leap.value.value,
            generative=None if generative is None else generative.value.value,
            monotone=self.is_monotone,
        )

    def learned_at(self, vector: Vector) -> int | None:
        """The largest leap taken before `vector` lies in the span of what was found; None where the leap is undecided."""
        found: list[Vector] = []
        highest = 0
        for step in self.subspace_leap.steps:
            found += step.basis
            highest = max(highest, step.degree)
            if rank([*found, vector]) == rank(found):
                return highest
        return None

    @cached_property
    def advice(self) -> tuple[str, ...]:
        if self.nondegenerate is Verdict.HOLDS:
            return ()
        tips = []
        power = self._attempt(self._restoring_power, lambda _: None)
        if power is not None:
            tips.append(
                f"Transform the labels: E[∇² E[y^{power} | x]] has rank dim S* (certified; derived), so a gradient step on "
                f"y^{power} sees every direction. Take that step for W, then fit the head on y."
            )
        if self.nondegenerate is Verdict.FAILS:
            tips.append(
                "Transfer (Theorem 3): pretrain W on a polynomial target of the same directions with a non-degenerate expected "
                "Hessian, such as a sum of He(2, .) of each direction, then refit the head."
            )
        leap = self.subspace_leap.value.value
        if leap is not None:
            tips.append(
                f"Take many steps: SGD on a target of subspace leap {leap} is conjectured to need about "
                f"{power_of_d(max(1, leap - 1))} samples, where one step sees only the range of H."
            )
        return tuple(tips)

    def _restoring_power(self) -> int | None:
        """The least power of the label, up to MAX_LABEL_POWER, with E[∇² E[y^power | x]] certified non-degenerate on S*.

        The noise is independent, of mean 0 and symmetric: E[y² | x] = f*² + Var e and E[y³ | x] = f*³ + 3 Var(e) f*.
        """
        dimension = self.dimension.value
        g = self.target.expansion.reduced.function
        variance = self.target.noise.scale**2
        for power in range(2, MAX_LABEL_POWER + 1) if dimension is not None else ():
            try:
                label = LinkExpansion(g**power + (g * (variance * 3) if power == 3 else variance), variables=dimension)
            except InputError:  # the power has no finite variance
                return None
            if LinkHessian(label).rank.lower == dimension:
                return power
        return None


# -- one function for each assumption


def polynomial(report: LinkReport) -> Finding:
    """f* is a polynomial. Source: Damian et al. 2022, section 1."""
    return regularity.polynomial(report.target.expansion)


def assumption1(report: LinkReport) -> Finding:
    """f*(x) = g(<x, u_1>, ..., <x, u_r>) with linearly independent u_i. Source: Damian et al. 2022, Assumption 1."""
    target, dimension = report.target, report.dimension
    if dimension.value is None:  # it holds with some r, which is not known
        at_most = target.latent_dimension if dimension.upper is None else dimension.upper
        reason = f"f* depends on at least {dimension.lower} and at most {count(at_most, 'direction')}: {dimension.reason}"
        return Finding("damian.assumption1", Verdict.UNDECIDED, Evidence.NUMERICAL, reason)
    reason = f"f* is a function of {count(dimension.value, 'linearly independent direction')}"
    if dimension.value < target.latent_dimension:
        reason += f"; {target.latent_dimension} latent variables are written: it depends on "
        reason += span_text(target, target.expansion.linear_span) + " only"
    return Finding("damian.assumption1", Verdict.HOLDS, dimension.evidence, reason)


def assumption2(report: LinkReport) -> Finding:
    """H = E[∇²f*(x)] has rank r = dim S*. Source: Damian et al. 2022, Assumption 2."""
    id = "damian.assumption2"
    rank, dimension = report.rank, report.dimension
    if report.nondegenerate is Verdict.HOLDS:
        return Finding(id, Verdict.HOLDS, rank.evidence, f"rank H = {rank.value} = dim S*: {rank.reason}")
    if report.nondegenerate is Verdict.FAILS:
        reason = f"rank H <= {rank.upper} < {dimension.lower} <= dim S*"
        if report.invisible:
            reason += f": H does not see {'; '.join(invisible_text(report, v) for v in report.invisible)}"
        exact = rank.evidence is dimension.evidence is Evidence.EXACT
        return Finding(id, Verdict.FAILS, Evidence.EXACT if exact else Evidence.CERTIFIED, reason)
    return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"{rank.reason}; dim S*: {dimension.reason}")


def single_index(report: LinkReport) -> Finding:
    dimension = report.dimension
    if dimension.value is not None:
        return single_index_finding(dimension.value, dimension.evidence)
    if dimension.lower > 1:
        return single_index_finding(dimension.lower, Evidence.CERTIFIED)
    return Finding("mousavi.single_index", Verdict.UNDECIDED, Evidence.NUMERICAL, dimension.reason)


def monotone_link(report: LinkReport) -> Finding:
    return shape.monotone_link(report.target.expansion)


def polynomial_growth(report: LinkReport) -> Finding:
    return shape.polynomial_growth(report.target.expansion)


def weakly_differentiable(report: LinkReport) -> Finding:
    return regularity.weakly_differentiable(report.target.expansion)


ASSUMPTIONS: dict[str, Callable[[LinkReport], Finding]] = {
    "damian.polynomial": polynomial,
    "damian.assumption1": assumption1,
    "damian.assumption2": assumption2,
    "mousavi.single_index": single_index,
    "mousavi.monotone_link": monotone_link,
    "mousavi.polynomial_growth": polynomial_growth,
    "mousavi.weakly_differentiable": weakly_differentiable,
}


# -- words


def invisible_text(report: LinkReport, vector: Vector) -> str:
    """A direction that H does not see, with the leap at which it is learned where that is decided."""
    leap = report.learned_at(vector)
    return direction_text(report.target, vector) + ("" if leap is None else f" (learned at leap {leap})")


def direction_text(target: LinkTarget, vector: Vector) -> str:
    """A vector in the coordinates t: as u1 - 2*u3 where the directions are the axes or independent, else in x1, x2, ...

    >>> target = LinkTarget.from_expression("tanh(z1 - 2*z2)")
    >>> direction_text(target, target.expansion.linear_span[0])
    'u1 - 2*u2'
    """
    weights = in_latents(target, vector)
    names = [f"u{i + 1}" for i in range(target.latent_dimension)]
    if weights is None:
        weights = target.expansion.in_ambient(vector)
        names = [f"x{i + 1}" for i in range(target.ambient_dimension)]
    units = {tuple(int(j == i) for j in range(len(names))): c for i, c in enumerate(weights)}
    return Polynomial.from_terms(units, len(names)).to_text(names)


def span_text(target: LinkTarget, basis: Matrix) -> str:
    """A basis in words: u1, u2, ... where it spans all of what independent directions span."""
    if len(basis) == target.latent_dimension == target.expansion.size:
        return ", ".join(f"u{i + 1}" for i in range(len(basis)))
    return ", ".join(direction_text(target, v) for v in basis)


def in_latents(target: LinkTarget, vector: Vector) -> tuple[Number, ...] | None:
    """The weights w with Σ_i w_i u_i = the vector (in the coordinates t); None where the u_i are dependent."""
    ambient = target.expansion.in_ambient(vector)
    if target.directions is None:
        return ambient
    rows = target.directions
    if rank(rows) < len(rows):
        return None
    (relation,) = kernel(transpose((*rows, ambient), len(ambient)), len(rows) + 1)
    return tuple(-x / relation[-1] for x in relation[:-1])
