"""What points answer about a function without a formula: numerical, from intervals, and much undecided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
from flint import arb

from steinlab.checks.assumptions.answers import Answers, Coefficient, Shown, unknown
from steinlab.theory.callables.sampled import Array, Function
from steinlab.theory.exact.digits import in_words, midpoint, outward
from steinlab.theory.exact.multi_indices import multi_indices
from steinlab.theory.exact.reals import Enclosed, Real
from steinlab.theory.expansions.callable_expansion import CallableExpansion
from steinlab.theory.expansions.expansion import Expansion
from steinlab.theory.targets.target import CallableTarget, mean_label_power
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict

T = TypeVar("T")
_AT_POINTS = "values at points fit functions with it and without it"


@dataclass(frozen=True)
class CallableAnswers(Answers):
    """Everything that is asked of a function that is seen at points only; vectors are in its latent variables."""

    target: CallableTarget
    coordinate_condition = "the axes as directions"
    power_evidence = Evidence.NUMERICAL
    kinds = "numerical, from intervals"
    coordinates = "latent variables"
    independent = True

    @property
    def expansion(self) -> CallableExpansion:
        return self.target.expansion

    def attempt(self, compute: Callable[[], T], undecided: Callable[[str], T]) -> T:
        """A fact; a finding is numerical, also where it follows from how many variables the function was said to have."""
        found = compute()
        return replace(found, evidence=Evidence.NUMERICAL) if isinstance(found, Finding) else found

    @property
    def degree(self) -> Decided | None:
        return None

    @property
    def coordinate_leap(self) -> Decided:
        return unknown("not worked out for a function that is seen at points only", 1, None)

    # -- integrals

    @property
    def square_integrable(self) -> Finding:
        reason = f"a function that is seen at points only ({self.expansion.means.rule}); its integrals are supposed to be finite"
        return Finding("square_integrable", Verdict.UNDECIDED, Evidence.NUMERICAL, reason)

    def moment(self, name: str) -> Shown:
        return shown(getattr(self.expansion, name).enclosure)

    @property
    def energies(self) -> tuple[dict[int, Shown], str]:
        last = self.expansion.search_degree
        words = f"degrees 0 to {last}, numerically; whether there are more is undecided"
        return {k: shown(self.expansion.energy(k).enclosure) for k in range(last + 1)}, words

    def coefficients(self, k: int) -> Sequence[Coefficient]:
        size, found = self.expansion.size, []
        for alpha in multi_indices(size, k) if k <= self.expansion.search_degree else ():
            ball = self.expansion.coefficient(alpha).enclosure
            name = f"E[g He_{alpha[0] if size == 1 else alpha}]"
            zero = Verdict.UNDECIDED if ball.contains(0) else Verdict.FAILS
            is_zero = "may be zero" if ball.contains(0) else "is not zero, numerically"
            found.append(Coefficient(name, shown(ball).words, zero, f"{name} = {shown(ball).words} {is_zero}"))
        return sorted(found, key=lambda c: c.zero is not Verdict.FAILS)

    # -- the expected Hessian

    @property
    def matrix(self) -> Sequence[Sequence[Shown]]:
        return [[shown(entry.enclosure) for entry in row] for row in self.expansion.hessian().matrix]

    def shown_eigenvalue(self, value: Real) -> Shown:
        return shown(value.ball(53))

    def shown_kappa(self, value: Enclosed) -> Shown:
        return shown(value.enclosure)

    def mean_label(self, power: int) -> Expansion | None:
        variance = float(self.target.noise.scale) ** 2
        return CallableExpansion(partial(_mean_label, self.expansion.function, power, variance), self.expansion.size)

    # -- the shape of the link

    def polynomial(self) -> Finding:
        return _undecided("damian.polynomial")

    def monotone_link(self) -> Finding:
        dimension = self.dimension
        if dimension.lower >= 2:
            reason = f"f* depends on at least {dimension.lower} directions: {dimension.reason}"
            return Finding("mousavi.monotone_link", Verdict.FAILS, Evidence.NUMERICAL, reason)
        return _undecided("mousavi.monotone_link")

    def polynomial_growth(self) -> Finding:
        return _undecided("mousavi.polynomial_growth")

    def weakly_differentiable(self) -> Finding:
        return _undecided("mousavi.weakly_differentiable")


def shown(ball: arb) -> Shown:
    """The digits that an interval leaves no doubt of; where it leaves none, its ends."""
    text = in_words(ball, 15)
    if text is None:
        return Shown(None, "undecided (not worked out)", "not worked out for a function that is seen at points only")
    return Shown(text, text, "", midpoint(ball), outward(ball))


def _undecided(id: str) -> Finding:
    return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, _AT_POINTS)


def _mean_label(f: Function, power: int, variance: float, Z: Array) -> Array:
    return np.asarray(mean_label_power(f(Z), power, variance))
