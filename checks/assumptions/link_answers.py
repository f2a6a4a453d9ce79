"""What certified integrals answer about a general link: every answer is exact, certified by balls, or undecided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from math import comb
from typing import TypeVar

from flint import arb

from steinlab.checks.assumptions.answers import Answers, Coefficient, Shown
from steinlab.theory import budget
from steinlab.theory.errors import InputError
from steinlab.theory.exact.digits import in_words, midpoint, outward, proved_decimal
from steinlab.theory.exact.multi_indices import multi_indices
from steinlab.theory.exact.reals import Enclosed, Real
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.shape import monotone, regularity
from steinlab.theory.targets.target import LinkTarget, mean_label_power
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict

T = TypeVar("T")
KAPPA_BITS = 24
"""Least relative accuracy of κ, in bits, for a predicted cost with its powers put in."""
ENERGY_DEGREES = 4
"""Highest degree whose energy is shown of a link that is not a polynomial."""
MAX_COEFFICIENTS = 500
"""Most coefficients of a polynomial whose energies are all shown."""
NOT_ENCLOSED = "no enclosure is known"
UNKNOWN = f"undecided ({NOT_ENCLOSED})"


class LinkAnswers(Answers):
    """Everything that is asked of a general link; vectors are in the orthonormal coordinates t of its expansion."""

    target: LinkTarget
    coordinate_condition = "the axes as directions"
    power_evidence = Evidence.CERTIFIED

    @cached_property
    def purse(self) -> budget.Purse:
        """The steps of work for all answers together."""
        return budget.Purse(budget.REPORT_STEPS, self.target.effort, budget.FACT_SHARE)

    @property
    def expansion(self) -> LinkExpansion:
        return self.target.expansion

    def attempt(self, compute: Callable[[], T], undecided: Callable[[str], T]) -> T:
        with budget.at_effort(self.target.effort, self.purse):
            return budget.attempt(compute, undecided, effort=self.target.effort, alone=True)

    def within_budget(self, compute: Callable[[], T]) -> T:
        with budget.at_effort(self.target.effort, self.purse):
            return compute()

    @property
    def degree(self) -> Decided | None:
        return self.target.polynomial_degree

    # -- integrals

    @property
    def square_integrable(self) -> Finding:
        found = self.expansion.integrability
        return Finding("square_integrable", found.verdict, found.evidence, self.doubt or found.reason)

    def moment(self, name: str) -> Shown:
        return shown(lambda: getattr(self.expansion, name))

    @property
    def energies(self) -> tuple[dict[int, Shown], str]:
        degree = None if self.degree is None else self.degree.upper
        last, words = ENERGY_DEGREES, f"degrees 0 to {ENERGY_DEGREES}; whether there are more is undecided"
        if degree is not None and comb(self.expansion.size + degree, degree) <= MAX_COEFFICIENTS:
            last, words = degree, f"degrees 0 to {degree}, all of a polynomial"
        elif degree is not None:
            words = f"degrees 0 to {ENERGY_DEGREES} of {degree}"
        elif self.polynomial().verdict is Verdict.FAILS:
            words = f"degrees 0 to {ENERGY_DEGREES} of infinitely many"
        return {k: shown(partial(self.expansion.energy, k)) for k in range(last + 1)}, words

    # -- the expected Hessian

    @property
    def coordinates(self) -> str:
        return (
            "latent variables" if self.expansion.latent_frame is not None else "orthonormal basis of the span of the directions"
        )

    @property
    def matrix(self) -> Sequence[Sequence[Shown]] | None:
        found = budget.attempt(self.expansion.latent_hessian, lambda _: None, alone=True)
        return None if found is None else [[_shown(entry) for entry in row] for row in found]

    def shown_eigenvalue(self, value: Real) -> Shown:
        ball = value.ball(budget.BITS)
        return Shown(_ball(ball), _ball(ball), "", midpoint(ball), outward(ball))

    def shown_kappa(self, value: Enclosed) -> Shown:
        ball, interval = value.enclosure, outward(value.enclosure)
        words, accurate = _ball(ball), ball.rel_accuracy_bits() >= KAPPA_BITS
        why = "" if interval is not None else f"beyond the range of floats: {words}"
        return Shown(words if accurate else None, words, why, midpoint(ball), interval)

    def mean_label(self, power: int) -> LinkExpansion | None:
        g, variance = self.expansion.reduced.function, self.target.noise.scale**2
        try:
            return LinkExpansion(mean_label_power(g, power, variance), variables=self.dimension.value)
        except InputError:  # the power has no finite variance
            return None

    # -- coefficients

    def coefficients(self, k: int) -> Sequence[Coefficient]:
        reduced, found = self.expansion.reduced, []
        for alpha in multi_indices(reduced.size, k):
            c = reduced.coefficient(alpha)
            name = f"E[g He_{alpha[0] if len(alpha) == 1 else alpha}]"
            value = _shown(c).words
            why = f"{name} = {value} is not zero" if c.is_zero is Verdict.FAILS else f"{name} is {c.reason}"
            found.append(Coefficient(name, value, c.is_zero, why))
        return sorted(found, key=lambda c: (Verdict.FAILS, Verdict.UNDECIDED, Verdict.HOLDS).index(c.zero))

    # -- vectors

    @property
    def independent(self) -> bool:
        return self.target.latent_dimension == self.expansion.size

    # -- the shape of the link

    @cached_property
    def _polynomial(self) -> Finding:
        def undecided(why: str) -> Finding:
            return Finding("damian.polynomial", Verdict.UNDECIDED, Evidence.NUMERICAL, why)

        return self.attempt(lambda: regularity.polynomial(self.expansion), undecided)

    def polynomial(self) -> Finding:
        return self._polynomial

    def monotone_link(self) -> Finding:
        return monotone.monotone_link(self.expansion)

    def polynomial_growth(self) -> Finding:
        return monotone.polynomial_growth(self.expansion)

    def weakly_differentiable(self) -> Finding:
        return regularity.weakly_differentiable(self.expansion)


# -- numbers


def shown(compute: Callable[[], Constant]) -> Shown:
    """A constant as it is shown, or why it is not known."""
    return budget.attempt(lambda: _shown(compute()), lambda why: Shown(None, f"undecided ({why})", why), alone=True)


def _shown(value: Constant) -> Shown:
    """Its exact form, with its decimal value where that is irrational, else the digits that are proved."""
    if not (value.is_exact or value.shown.is_finite()):
        names = [[atom.name for atom, _ in product] for product in value.form.terms]
        why = value.zero_reason if names == [["unknown"]] else NOT_ENCLOSED  # others are integrals without an enclosure
        return Shown(None, f"undecided ({why})", why)
    text = str(value)
    if not value.is_exact or (value.form.number is not None and value.form.number.is_rational):
        return Shown(text, text)
    decimal = in_words(value.shown, 6)
    return Shown(text, text if decimal is None or text == in_words(value.shown) else f"{text} ≈ {decimal}")


def _ball(ball: arb) -> str:
    return ball.str(8) if proved_decimal(ball) is not None else in_words(ball) or UNKNOWN
