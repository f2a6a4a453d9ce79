"""What is asked of a target, whichever engine answers: numbers as they are shown, and the questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from steinlab.theory.exact.linear_algebra import Matrix, Vector, rank
from steinlab.theory.exact.numbers import Number
from steinlab.theory.targets.exponents import SubspaceLeap
from steinlab.theory.targets.generative import GenerativeExponent
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict

T = TypeVar("T")


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


class Answers(Protocol):
    """What an engine says of a target: each answer exact, certified or undecided. Vectors are in coordinates of its own."""

    coordinate_condition: str
    """What the coordinate leap is defined for."""

    @property
    def target(self) -> Target: ...
    def attempt(self, compute: Callable[[], T], undecided: Callable[[str], T]) -> T:
        """A fact, or what stands for it with the reason why it could not be computed within its budget."""

    def within_budget(self, compute: Callable[[], T]) -> T:
        """What is computed from several facts, which share the budget of the report."""

    @property
    def degree(self) -> Decided | None:
        """The degree of f* as a polynomial; None where it is not written as one."""

    @property
    def dimension(self) -> Decided:
        """dim S*."""

    @property
    def square_integrable(self) -> Finding:
        """Whether E f*² is finite; where its reason says so, no integral is known."""

    @property
    def doubt(self) -> str:
        """Why no integral of f* is known, empty where they are."""

    def moment(self, name: str) -> Shown:
        """The `mean`, the `variance` or the `second_moment`."""

    @property
    def energies(self) -> tuple[dict[int, Shown], str]:
        """The energies by degree, and in words which degrees they are."""

    @property
    def coordinates(self) -> str:
        """Which coordinates the matrix of H is in."""

    @property
    def matrix(self) -> Sequence[Sequence[Shown]] | None:
        """H; None where its entries could not be computed."""

    @property
    def rank(self) -> Decided:
        """rank H."""

    @property
    def nondegenerate(self) -> Verdict:
        """Assumption 2: rank H = dim S*."""

    @property
    def eigenvalues(self) -> Sequence[Shown] | None:
        """The eigenvalues of H on the span of the directions, rising, each repeated by its multiplicity."""

    @property
    def kappa(self) -> Shown:
        """κ; `text` is None unless Assumption 2 holds and an enclosure is known."""

    @property
    def visible(self) -> Matrix | None:
        """A basis of range(H), where it is known exactly."""

    @property
    def invisible(self) -> Matrix | None:
        """A basis of S* ∩ ker H, where it is known exactly."""

    @property
    def subspace(self) -> Matrix | None:
        """A basis of what f* depends on."""

    @property
    def information_exponent(self) -> Decided: ...
    @property
    def subspace_leap(self) -> SubspaceLeap: ...
    @property
    def coordinate_leap(self) -> Decided | None: ...
    @property
    def generative_exponent(self) -> GenerativeExponent | None:
        """None for a target of several directions."""

    def coefficients(self, k: int) -> Sequence[Coefficient]:
        """The coefficients of degree k, those that are not zero first."""

    def weights(self, vector: Vector) -> tuple[Sequence[Number], str]:
        """A vector as weights, and the letter of what they weigh: u for the directions, x for the inputs."""

    @property
    def independent(self) -> bool:
        """Whether the directions are known to be linearly independent."""

    def principal_subspace(self) -> Matrix | None:
        """Rows that span S* in R^d."""

    def restoring_power(self) -> tuple[int, Evidence] | None:
        """The least power of the label whose expected Hessian is proved non-degenerate on S*; None where none is found."""

    # -- the shape of the link

    def polynomial(self) -> Finding:
        """f* is a polynomial."""

    def monotone_link(self) -> Finding:
        """f* is a monotone function of one direction."""

    def polynomial_growth(self) -> Finding:
        """The link grows at most polynomially."""

    def weakly_differentiable(self) -> Finding:
        """The link has a weak derivative."""
