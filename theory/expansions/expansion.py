"""What an engine of targets gives, and what the exponents stand on.

Two engines give it: `HermiteExpansion`, polynomials by exact algebra, and `LinkExpansion`, general links by certified balls. Both
pass the suite in tests/theory/expansions/test_expansion.py, as the next one must.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from steinlab.theory.exact.linear_algebra import Matrix, Vector
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.reals import Real
from steinlab.theory.expansions.generative import GenerativeExponent
from steinlab.theory.verdicts import Decided, Evidence, Verdict


@dataclass(frozen=True)
class Vanishing:
    """Whether a C_k is zero: HOLDS, FAILS or UNDECIDED; its evidence and why are worked out, and paid, when asked for."""

    verdict: Verdict
    evidence: Callable[[], Evidence]
    explain: Callable[[], str]


class SymmetricMap(Protocol):
    """A symmetric map of the span of the directions: H as an engine gives it."""

    @property
    def matrix(self) -> Sequence[Sequence[Real]]:
        """Its entries, in the coordinates that the engine writes it in."""

    @property
    def rank(self) -> Decided: ...
    @property
    def range(self) -> Matrix | None:
        """A basis of its range in the coordinates of the expansion, where that is known exactly."""

    def eigenvalues(self, bits: int, /) -> Sequence[Real]:
        """The eigenvalues to about so many bits, rising, each repeated by its multiplicity."""

    @property
    def accuracies(self) -> Iterable[int]:
        """The bits that it pays to ask for, one after the other, until a number is known to `relative_bits`."""

    @property
    def relative_bits(self) -> int: ...


class Expansion(Protocol):
    """The Hermite expansion f*(x) = Σ_k (1/k!) <C_k, He_k(x)>, x ~ N(0, I_d), as an engine gives it.

    Vectors are in coordinates of the engine's own, on the span of the directions.
    """

    @property
    def effective_dimension(self) -> Decided:
        """dim S*."""

    @property
    def linear_span(self) -> Matrix:
        """A basis of a space that holds S*: of S* itself where the effective dimension is decided and theirs meet."""

    @property
    def size(self) -> int:
        """The number of coordinates."""

    @property
    def search_degree(self) -> int:
        """The highest degree in which anything is looked for: nothing stands above it, or nothing is known."""

    @property
    def labels_independent(self) -> bool:
        """Whether `across` is what is gained, not a bound on it: the conditional expectations are written in independent labels.

        Hermite polynomials of the seen coordinates are independent; functions of them that are told apart by how they are written
        may not be. An engine with independent labels decides everything, exactly and outside all budgets.
        """

    @property
    def doubt(self) -> str:
        """Why no integral of f* is known; empty where they are."""

    @property
    def effort(self) -> int:
        """What the budgets of its facts are multiplied by."""

    @property
    def mean(self) -> Real:
        """E f* = C_0."""

    @property
    def second_moment(self) -> Real:
        """E f*² = Σ_k ‖C_k‖_F²/k!."""

    @property
    def variance(self) -> Real:
        """Var f*."""

    def energy(self, k: int) -> Real:
        """‖C_k‖_F²/k!, the share of E f*² in degree k."""

    def tensor(self, k: int) -> Mapping[tuple[int, ...], Real]:
        """C_k along the axes that the engine writes it in: entries that are not proved zero, by sorted 0-based index tuple."""

    def hessian(self) -> SymmetricMap:
        """C_2 = E[∇²f*(x)] as a map; nothing of it is kept."""

    def inner(self, a: Vector, b: Vector) -> Number:
        """The inner product of two vectors of x-space in these coordinates."""

    def in_ambient(self, vector: Vector) -> Vector:
        """A vector in these coordinates as one of R^d."""

    def in_latents(self, vector: Vector) -> Vector | None:
        """Weights w with Σ_i w_i u_i = the vector; None where the directions are dependent and the engine chooses none."""

    @property
    def axes(self) -> set[int] | None:
        """The latent variables that f* depends on as written; None where their Hermite monomials may not be orthogonal."""

    @property
    def reduced(self) -> Expansion:
        """The same target in coordinates of which none is redundant, where the engine knows them."""

    def from_reduced(self, vector: Vector) -> Vector:
        """A vector in the coordinates of `reduced` in these."""

    def vanishes(self, k: int) -> Vanishing:
        """Whether C_k = 0."""

    def across(self, seen: Sequence[Vector]) -> Callable[[int], Matrix]:
        """k ↦ a basis of a space across `seen` that holds what is gained at degree k, where nothing is at lower ones.

        What is gained is the span of the vectors Σ_i E[∂_i ∂^β f* | seen] e_i over all β of order k - 1 and all values of the
        seen coordinates, i and β across them.
        """

    def gained_for_certain(self, seen: Sequence[Vector], k: int, most: int) -> int:
        """A lower bound on the dimension that is gained at degree k, at most `most`, where nothing is at lower ones."""

    def reached(self, highest: int, dimension: int) -> int:
        """A lower bound on the dimension that steps of degree <= `highest` reach, at most `dimension`."""

    def generative_exponent(self) -> GenerativeExponent | None:
        """The least k >= 1 such that E[He_k(Z) | Y] is not identically zero; None where f* may depend on several directions."""

    def axes_gained(self, seen: Sequence[int], unseen: Sequence[int], k: int) -> set[int] | None:
        """The latent variables of Hermite monomials of degree k in `unseen`, of any in `seen`, that occur in f*: of all such
        monomials or of one. Empty if none occurs, None if that is undecided.
        """
