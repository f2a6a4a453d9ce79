"""What exact algebra answers about a polynomial target: every answer is exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from typing import TypeVar

from steinlab.checks.assumptions.answers import Coefficient, Shown
from steinlab.theory.exact.digits import midpoint, outward
from steinlab.theory.exact.linear_algebra import Matrix, Vector
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import MAX_MONOMIALS, dense_monomials
from steinlab.theory.exact.reals import Real
from steinlab.theory.shape import polynomials as shape
from steinlab.theory.targets.exponents import SubspaceLeap, coordinate_leap, information_exponent, subspace_leap
from steinlab.theory.targets.generative import GenerativeExponent, generative_exponent
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.targets.polynomial_expansion import HermiteExpansion
from steinlab.theory.targets.target import PolynomialTarget
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict

T = TypeVar("T")
MAX_LABEL_POWER = 3
"""Highest power of the label tried when looking for a transformation that restores Assumption 2."""
MAX_COEFFICIENTS = 1_000
"""Most coefficients of one degree that are explained one by one."""
MAX_KAPPA = 1e300
"""Largest κ that is reported: beyond lie no floats."""
_BITS = 64
"""Precision of the intervals that are shown of eigenvalues and κ."""


@dataclass(frozen=True)
class PolynomialAnswers:
    """Everything that is asked of a polynomial target; vectors are in the intrinsic coordinates of its expansion."""

    target: PolynomialTarget
    coordinate_condition = "orthonormal directions"
    coordinates = "latent variables"
    doubt = ""
    independent = False

    def attempt(self, compute: Callable[[], T], undecided: Callable[[str], T]) -> T:
        return compute()

    def within_budget(self, compute: Callable[[], T]) -> T:
        return compute()

    @property
    def expansion(self) -> HermiteExpansion:
        return self.target.expansion

    @property
    def degree(self) -> Decided:
        return Decided.exact(self.target.degree, "the highest degree of a Hermite coefficient that is not zero")

    @cached_property
    def dimension(self) -> Decided:
        return self.expansion.effective_dimension

    @property
    def square_integrable(self) -> Finding:
        return Finding("square_integrable", Verdict.HOLDS, Evidence.EXACT, "every polynomial has a finite variance")

    def moment(self, name: str) -> Shown:
        moments = {"mean": self.expansion.mean, "variance": self.expansion.variance}
        return shown(moments.get(name, self.expansion.second_moment))

    @property
    def energies(self) -> tuple[dict[int, Shown], str]:
        return {k: shown(energy) for k, energy in self.expansion.degree_energies.items()}, "all others are zero"

    # -- the expected Hessian

    @cached_property
    def hessian(self) -> ExpectedHessian:
        return ExpectedHessian(self.expansion)

    @property
    def matrix(self) -> list[list[Shown]]:
        return [[shown(x) for x in row] for row in self.expansion.hessian().matrix]

    @property
    def rank(self) -> Decided:
        return self.hessian.rank

    @property
    def nondegenerate(self) -> Verdict:
        return self.hessian.nondegenerate

    @cached_property
    def eigenvalues(self) -> tuple[Shown, ...] | None:
        found = self.hessian.eigenvalues
        return None if found is None else tuple(map(_eigenvalue, found))

    @cached_property
    def kappa(self) -> Shown:
        kappa = self.hessian.kappa
        value = None if kappa is None else midpoint(kappa.enclosure)
        if kappa is None or value is None or value > MAX_KAPPA:
            failing = self.nondegenerate is Verdict.FAILS
            why = "undefined (Assumption 2 fails)" if failing else f"above {MAX_KAPPA:.0e}"
            return Shown(None, why, why)
        words = f"{value:.6g}" if kappa.exact is None else short(kappa.exact)
        return Shown(repr(value), words, nearest=value, exact=None if kappa.exact is None else str(kappa.exact))

    @property
    def visible(self) -> Matrix | None:
        return self.hessian.range

    @property
    def invisible(self) -> Matrix | None:
        return self.hessian.invisible

    @property
    def subspace(self) -> Matrix:
        return self.expansion.effective_subspace

    # -- exponents

    @cached_property
    def information_exponent(self) -> Decided:
        return information_exponent(self.expansion)

    @cached_property
    def subspace_leap(self) -> SubspaceLeap:
        return subspace_leap(self.expansion)

    @cached_property
    def coordinate_leap(self) -> Decided | None:
        return coordinate_leap(self.expansion)

    @cached_property
    def generative_exponent(self) -> GenerativeExponent | None:
        return generative_exponent(self.expansion)

    def coefficients(self, k: int) -> Sequence[Coefficient]:
        tensor, r = self.expansion.tensor(k), self.target.latent_dimension
        found = [_coefficient(index, r, value) for index, value in tensor.items() if value]
        if dense_monomials(r, k) <= MAX_COEFFICIENTS:
            zero = (index for index in combinations_with_replacement(range(r), k) if not tensor.get(index))
            found += [_coefficient(index, r, Number.of(0)) for index in zero]
        return found

    # -- vectors

    def weights(self, vector: Vector) -> tuple[Sequence[Number], str]:
        latent = self.expansion.in_latents(vector)
        return [latent.get(i, Number.of(0)) for i in range(self.target.latent_dimension)], "u"

    def principal_subspace(self) -> Matrix:
        return self.target.principal_subspace()

    def restoring_power(self) -> tuple[int, Evidence] | None:
        """The noise is independent, of mean 0 and symmetric: E[y² | x] = f*² + Var e and E[y³ | x] = f*³ + 3 Var(e) f*."""
        f, r = self.target.polynomial, self.dimension.value
        variance = self.target.noise.scale**2
        for power in range(2, MAX_LABEL_POWER + 1):
            if dense_monomials(f.variables, f.degree * power) * f.field.degree > MAX_MONOMIALS:
                return None
            mean_label = f**power + (f * (3 * variance) if power == 3 else variance)
            if HermiteExpansion(mean_label, self.target.directions).hessian().rank.value == r:
                return power, Evidence.EXACT
        return None

    # -- the shape of the link

    def polynomial(self) -> Finding:
        return shape.polynomial(self.target)

    def monotone_link(self) -> Finding:
        return shape.monotone_link(self.target)

    def polynomial_growth(self) -> Finding:
        return shape.polynomial_growth(self.target)

    def weakly_differentiable(self) -> Finding:
        return shape.weakly_differentiable(self.target)


def shown(x: Number) -> Shown:
    """An exact number as it is shown."""
    return Shown(str(x), short(x), exact=str(x))


def short(x: Number) -> str:
    """An exact number as text, with its decimal value where the exact one is long or irrational."""
    text = str(x)
    if len(text) > 40:
        return f"≈ {float(x):.6g}"
    return text if x.is_rational else f"{text} ≈ {float(x):.6g}"


def _eigenvalue(root: Real) -> Shown:
    """An eigenvalue; one that is not zero and rounds to it has no float."""
    exact = None if root.exact is None else str(root.exact)
    nearest = None if root.exact and not float(root) else float(root)
    return Shown(str(root), str(root), nearest=nearest, exact=exact, interval=outward(root.ball(_BITS)))


def _coefficient(index: tuple[int, ...], r: int, value: Number) -> Coefficient:
    alpha = [index.count(i) for i in range(r)]
    name = f"E[g He_{alpha[0] if r == 1 else tuple(alpha)}]"
    if value:
        return Coefficient(name, short(value), Verdict.FAILS, f"{name} = {short(value)} is not zero")
    return Coefficient(name, "0", Verdict.HOLDS, f"{name} = 0: no such term is left in the Hermite expansion")
