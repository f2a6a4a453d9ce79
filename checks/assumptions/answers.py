"""What is asked of a target, whichever engine answers: numbers as they are shown, and the questions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple, TypeVar

from steinlab.theory.exact.linear_algebra import Matrix, Vector, rank
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.reals import Enclosed, Real
from steinlab.theory.expansions.expansion import Expansion
from steinlab.theory.expansions.generative import GenerativeExponent
from steinlab.theory.targets import exponents
from steinlab.theory.targets.exponents import SubspaceLeap
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict

T = TypeVar("T")
MAX_LABEL_POWER = 3
"""Highest power of the label tried when looking for a transformation that restores Assumption 2."""


class Shown(NamedTuple):
    """A real number as it is shown.

    `text`: its exact form or the digits that are proved, None where it is not known, for this `reason`. `words`: the same for
    people. `nearest`: a float, `interval` floats around it, `exact` its exact form, each None where there is none.
    """

    text: str | None
    words: str
    reason: str = ""
    nearest: float | None = None
    interval: tuple[float, float] | None = None
    exact: str | None = None


class Coefficient(NamedTuple):
    """A coefficient of the expansion in words: E[g He_α], its value, whether it is zero, and why."""

    name: str
    value: str
    zero: Verdict
    why: str


def learned_at(leap: SubspaceLeap, vector: Vector) -> int | None:
    """The largest leap taken before `vector` lies in the span of what was found; None where it is not reached."""
    found: list[Vector] = []
    highest = 0
    for step in leap.steps:
        found += step.basis
        highest = max(highest, step.degree)
        if rank([*found, vector]) == rank(found):
            return highest
    return None


def unknown(why: str, lower: int, upper: int | None) -> Decided:
    """A whole number that is not decided."""
    return Decided(None, Evidence.NUMERICAL, why, lower, upper)


@dataclass(frozen=True)
class Answers(ABC):
    """What is said of a target: each answer exact, certified or undecided. Vectors are in coordinates of the expansion.

    The expansion answers. For each of its engines there is a subclass, which says how its numbers are shown, what work it may
    take, and what is asked of the link itself.
    """

    target: Target

    coordinate_condition: ClassVar[str]
    """What the coordinate leap is defined for."""
    power_evidence: ClassVar[Evidence]
    """How the rank of the Hessian of a power of the label is proved."""
    kinds: ClassVar[str] = "exact, certified"
    """The evidence of what is said, in words."""

    @property
    def expansion(self) -> Expansion:
        return self.target.expansion

    def attempt(self, compute: Callable[[], T], undecided: Callable[[str], T]) -> T:
        """A fact, or what stands for it with the reason why it could not be computed within its budget."""
        return compute()

    def within_budget(self, compute: Callable[[], T]) -> T:
        """What is computed from several facts, which share the budget of the report."""
        return compute()

    @property
    @abstractmethod
    def degree(self) -> Decided | None:
        """The degree of f* as a polynomial; None where it is not written as one."""

    @cached_property
    def dimension(self) -> Decided:
        """dim S*."""
        most = self.target.latent_dimension
        return self.attempt(lambda: self.target.effective_dimension, lambda why: unknown(why, 0, most))

    @property
    def subspace(self) -> Matrix | None:
        """A basis of what f* depends on."""
        return self.attempt(lambda: self.expansion.linear_span, lambda _: None)

    def principal_subspace(self) -> Matrix | None:
        """Rows that span S* in R^d."""
        return self.attempt(self.target.principal_subspace, lambda _: None)

    # -- integrals

    @property
    @abstractmethod
    def square_integrable(self) -> Finding:
        """Whether E f*² is finite; where its reason says so, no integral is known."""

    @property
    def doubt(self) -> str:
        """Why no integral of f* is known, empty where they are."""
        return self.expansion.doubt

    @abstractmethod
    def moment(self, name: str) -> Shown:
        """The `mean`, the `variance` or the `second_moment`."""

    @property
    @abstractmethod
    def energies(self) -> tuple[dict[int, Shown], str]:
        """The energies by degree, and in words which degrees they are."""

    @abstractmethod
    def coefficients(self, k: int) -> Sequence[Coefficient]:
        """The coefficients of degree k, those that are not zero first."""

    # -- the expected Hessian

    @cached_property
    def hessian(self) -> ExpectedHessian:
        return ExpectedHessian(self.expansion)

    @property
    @abstractmethod
    def coordinates(self) -> str:
        """Which coordinates the matrix of H is in."""

    @property
    @abstractmethod
    def matrix(self) -> Sequence[Sequence[Shown]] | None:
        """H; None where its entries could not be computed."""

    @cached_property
    def rank(self) -> Decided:
        """rank H. H vanishes across S*."""
        return self.attempt(lambda: self.hessian.rank, lambda why: unknown(why, 0, self.dimension.upper))

    @cached_property
    def nondegenerate(self) -> Verdict:
        """Assumption 2: rank H = dim S*."""
        return self.attempt(lambda: self.hessian.nondegenerate, lambda _: Verdict.UNDECIDED)

    @abstractmethod
    def shown_eigenvalue(self, value: Real) -> Shown: ...
    @cached_property
    def eigenvalues(self) -> tuple[Shown, ...] | None:
        """The eigenvalues of H on the span of the directions, rising, each repeated by its multiplicity."""
        found = self.attempt(lambda: self.hessian.eigenvalues, lambda _: None)
        return None if found is None else tuple(map(self.shown_eigenvalue, found))

    @abstractmethod
    def shown_kappa(self, value: Enclosed) -> Shown: ...
    @cached_property
    def kappa(self) -> Shown:
        """κ; `text` is None unless Assumption 2 holds and an enclosure is known."""
        found = self.attempt(lambda: self.hessian.kappa, lambda _: None)
        if found is not None:
            return self.shown_kappa(found)
        if self.nondegenerate is Verdict.HOLDS:
            why = "undecided (no enclosure of the eigenvalues of H leaves out zero)"
        else:
            why = f"undefined (Assumption 2 {'fails' if self.nondegenerate is Verdict.FAILS else 'is undecided'})"
        return Shown(None, why, why)

    @cached_property
    def visible(self) -> Matrix | None:
        """A basis of range(H), where it is known exactly."""
        return self.attempt(lambda: self.hessian.range, lambda _: None)

    @cached_property
    def invisible(self) -> Matrix | None:
        """A basis of S* ∩ ker H, where it is known exactly."""
        return self.attempt(lambda: self.hessian.invisible, lambda _: None)

    @abstractmethod
    def mean_label(self, power: int) -> Expansion | None:
        """E[y^power | x], where it has a finite variance and is not too large; power 2 or 3.

        The noise is independent, of mean 0 and symmetric: E[y² | x] = f*² + Var e and E[y³ | x] = f*³ + 3 Var(e) f*.
        """

    def restoring_power(self) -> tuple[int, Evidence] | None:
        """The least power of the label whose expected Hessian is proved non-degenerate on S*; None where none is found."""
        return self.attempt(self._restoring_power, lambda _: None)

    def _restoring_power(self) -> tuple[int, Evidence] | None:
        for power in range(2, MAX_LABEL_POWER + 1) if self.dimension.value is not None else ():
            label = self.mean_label(power)
            if label is None:
                return None
            if ExpectedHessian(label).rank.lower == self.dimension.value:
                return power, self.power_evidence
        return None

    # -- exponents

    @cached_property
    def information_exponent(self) -> Decided:
        return self.attempt(lambda: exponents.information_exponent(self.expansion), lambda why: unknown(why, 1, None))

    @cached_property
    def subspace_leap(self) -> SubspaceLeap:
        return self.attempt(lambda: exponents.subspace_leap(self.expansion), lambda why: SubspaceLeap(unknown(why, 1, None), ()))

    @cached_property
    def coordinate_leap(self) -> Decided | None:
        return self.attempt(lambda: exponents.coordinate_leap(self.expansion), lambda why: unknown(why, 1, None))

    @cached_property
    def generative_exponent(self) -> GenerativeExponent | None:
        """None for a target that is proved to depend on several directions."""

        def undecided(why: str) -> GenerativeExponent | None:
            return GenerativeExponent(unknown(why, 1, None), None, ()) if self.dimension.lower <= 1 else None

        found = self.attempt(lambda: self.expansion.generative_exponent(), undecided)
        return found or undecided("whether f* depends on one direction alone is not known")

    # -- vectors

    def weights(self, vector: Vector) -> tuple[Sequence[Number], str]:
        """A vector as weights, and the letter of what they weigh: u for the directions, x for the inputs."""
        latents = self.expansion.in_latents(vector)
        return (self.expansion.in_ambient(vector), "x") if latents is None else (latents, "u")

    @property
    @abstractmethod
    def independent(self) -> bool:
        """Whether the directions are known to be linearly independent."""

    # -- the shape of the link

    @abstractmethod
    def polynomial(self) -> Finding:
        """f* is a polynomial."""

    @abstractmethod
    def monotone_link(self) -> Finding:
        """f* is a monotone function of one direction."""

    @abstractmethod
    def polynomial_growth(self) -> Finding:
        """The link grows at most polynomially."""

    @abstractmethod
    def weakly_differentiable(self) -> Finding:
        """The link has a weak derivative."""
