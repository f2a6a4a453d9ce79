"""What exact algebra answers about a polynomial target: every answer is exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TypeVar

from steinlab.checks.assumptions.answers import Answers, Coefficient, Shown
from steinlab.theory.budget import at_effort
from steinlab.theory.exact.digits import midpoint, outward
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import MAX_MONOMIALS, dense_monomials
from steinlab.theory.exact.reals import Enclosed, Real
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.shape import polynomials as shape
from steinlab.theory.targets.target import PolynomialTarget, mean_label_power
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict

T = TypeVar("T")
MAX_COEFFICIENTS = 1_000
"""Most coefficients of one degree that are explained one by one."""
MAX_KAPPA = 1e300
"""Largest κ that is reported: beyond lie no floats."""
_BITS = 64
"""Precision of the intervals that are shown of eigenvalues and κ."""


@dataclass(frozen=True)
class PolynomialAnswers(Answers):
    """Everything that is asked of a polynomial target; vectors are in the intrinsic coordinates of its expansion."""

    target: PolynomialTarget
    effort: int = 1
    """What multiplies budgets of work: not those of algebra, which has none, but those of an activation."""
    coordinate_condition = "orthonormal directions"
    power_evidence = Evidence.EXACT
    coordinates = "latent variables"
    independent = False

    @property
    def expansion(self) -> HermiteExpansion:
        return self.target.expansion

    def attempt(self, compute: Callable[[], T], undecided: Callable[[str], T]) -> T:
        with at_effort(self.effort):
            return compute()

    @property
    def degree(self) -> Decided:
        return Decided.exact(self.target.degree, "the highest degree of a Hermite coefficient that is not zero")

    # -- integrals

    @property
    def square_integrable(self) -> Finding:
        return Finding("square_integrable", Verdict.HOLDS, Evidence.EXACT, "every polynomial has a finite variance")

    def moment(self, name: str) -> Shown:
        return shown(getattr(self.expansion, name))

    @property
    def energies(self) -> tuple[dict[int, Shown], str]:
        return {k: shown(energy) for k, energy in self.expansion.degree_energies.items()}, "all others are zero"

    def coefficients(self, k: int) -> Sequence[Coefficient]:
        tensor, r = self.expansion.tensor(k), self.target.latent_dimension
        found = [_coefficient(index, r, value) for index, value in tensor.items() if value]
        if dense_monomials(r, k) <= MAX_COEFFICIENTS:
            zero = (index for index in combinations_with_replacement(range(r), k) if not tensor.get(index))
            found += [_coefficient(index, r, Number.of(0)) for index in zero]
        return found

    # -- the expected Hessian

    @property
    def matrix(self) -> list[list[Shown]]:
        return [[shown(x) for x in row] for row in self.expansion.hessian().matrix]

    def shown_eigenvalue(self, value: Real) -> Shown:
        """One that is not zero and rounds to it has no float."""
        exact = None if value.exact is None else str(value.exact)
        nearest = None if value.exact and not float(value) else float(value)
        return Shown(str(value), str(value), nearest=nearest, exact=exact, interval=outward(value.ball(_BITS)))

    def shown_kappa(self, value: Enclosed) -> Shown:
        nearest = midpoint(value.enclosure)
        if nearest is None or nearest > MAX_KAPPA:
            why = f"above {MAX_KAPPA:.0e}"
            return Shown(None, why, why)
        words = f"{nearest:.6g}" if value.exact is None else short(value.exact)
        return Shown(repr(nearest), words, nearest=nearest, exact=None if value.exact is None else str(value.exact))

    def mean_label(self, power: int) -> HermiteExpansion | None:
        f, variance = self.target.polynomial, self.target.noise.scale**2
        if dense_monomials(f.variables, f.degree * power) * f.field.degree > MAX_MONOMIALS:
            return None
        return HermiteExpansion(mean_label_power(f, power, variance), self.target.directions)

    # -- the shape of the link

    def polynomial(self) -> Finding:
        return shape.polynomial(self.target)

    def monotone_link(self) -> Finding:
        return shape.monotone_link(self.target)

    def polynomial_growth(self) -> Finding:
        return shape.polynomial_growth(self.target)

    def weakly_differentiable(self) -> Finding:
        return shape.weakly_differentiable(self.target)


def shown(x: Real) -> Shown:
    """An exact number as it is shown."""
    return Shown(str(x), short(x), exact=str(x))


def short(x: Real) -> str:
    """An exact number as text, with its decimal value where the exact one is long or irrational."""
    text = str(x)
    if len(text) > 40:
        return f"≈ {float(x):.6g}"
    return text if x.exact is not None and x.exact.is_rational else f"{text} ≈ {float(x):.6g}"


def _coefficient(index: tuple[int, ...], r: int, value: Number) -> Coefficient:
    alpha = [index.count(i) for i in range(r)]
    name = f"E[g He_{alpha[0] if r == 1 else tuple(alpha)}]"
    if value:
        return Coefficient(name, short(value), Verdict.FAILS, f"{name} = {short(value)} is not zero")
    return Coefficient(name, "0", Verdict.HOLDS, f"{name} = 0: no such term is left in the Hermite expansion")
