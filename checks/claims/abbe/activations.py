"""Abbe, Boix-Adserà, Misiakiewicz 2023, Assumption 7: bounded derivatives, and moments that are not zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import acb, arb

from steinlab.checks.claims.claim import HOLDS, AnyClaim, Claim, Fault, Outcome, abbe, failed, undecided
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.statements.activations import Activation, smooth_with_nonzero_moments
from steinlab.theory.verdicts import Evidence, Verdict

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_BITS = 160
_REACH = 20
"""Beyond it the Gaussian weight times a Hermite polynomial and a bounded function is below `_TAIL`."""
_TAIL = 1e-60
BOUNDED = ("sigmoid", "tanh", "erf")
"""Each with all its derivatives, which are polynomials in itself or Gaussians times polynomials."""
UNBOUNDED = ("softplus", "relu", "gelu")


@dataclass(frozen=True)
class Shifted:
    """σ(u + c) with the degree D of Assumption 7."""

    name: str
    c: Fraction
    degree: int

    @property
    def text(self) -> str:
        return f"{self.name}(u + ({self.c}))"


def _cases() -> SearchStrategy[Shifted]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    shifts = st.just(Fraction(0)) | cases.rationals()
    return st.builds(Shifted, st.sampled_from(BOUNDED + UNBOUNDED), shifts, st.integers(2, 4))


def _verdict(case: Shifted) -> Verdict:
    return smooth_with_nonzero_moments(Activation.of(case.text), case.degree).verdict


def _value(name: str, z: acb) -> acb:
    if name == "erf":
        return z.erf()
    e = ((2 if name == "tanh" else 1) * z).exp()
    return (e - 1) / (e + 1) if name == "tanh" else e / (e + 1)


def _moment(case: Shifted, k: int) -> arb:
    """E[σ(G + c) He_k(G)] by integration of an analytic function, the tail beyond ±20 in its radius."""

    def integrand(z: acb, _: bool) -> acb:
        below, hermite = acb(0), acb(1)
        for j in range(k):
            below, hermite = hermite, z * hermite - j * below
        shift = acb(case.c.numerator) / case.c.denominator
        return _value(case.name, z + shift) * hermite * (-z * z / 2).exp()

    with working_precision(_BITS):
        total = acb.integral(integrand, acb(-_REACH), acb(_REACH)).real / (2 * arb.pi()).sqrt()
        return total + arb(0, _TAIL)


def _check(subject: Callable[[Shifted], Verdict], case: Shifted) -> Outcome:
    """It fails for what is unbounded and, without a shift, by parity; it holds where every ball excludes zero."""
    actual = subject(case)
    if case.name in UNBOUNDED or not case.c:  # tanh and erf are odd, the sigmoid is less its mean
        return HOLDS if actual is Verdict.FAILS else failed(f"{case.text}, D = {case.degree}: {actual.value}, expected fails")
    moments = [_moment(case, k) for k in range(case.degree + 1)]
    if any(0 in moment for moment in moments):
        return undecided("a moment is too small to be told from zero")
    return HOLDS if actual is Verdict.HOLDS else failed(f"{case.text}, D = {case.degree}: {actual.value}, expected holds")


def _odd_moments_alone(case: Shifted) -> Verdict:
    return Verdict.FAILS if case.name in UNBOUNDED else Verdict.HOLDS


def _moments_alone(case: Shifted) -> Verdict:
    return Verdict.HOLDS if case.name in UNBOUNDED else _verdict(case)


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="abbe.assumption7",
        statement="Assumption 7 holds for shifted sigmoid, tanh and erf; it fails without a shift, and for softplus, ReLU, GELU",
        hypotheses="2 <= D <= 4, rational shifts c; σ(u + c) has bounded derivatives, and moments that are checked one by one",
        source=abbe("Assumption 7, page 9; for almost all shifts of the sigmoid"),
        direction="identity",
        method="parity for c = 0; for others each E[σ(G + c) He_k(G)] by integration of balls in the complex plane",
        evidence=Evidence.CERTIFIED,
        subject=_verdict,
        cases=_cases,
        check=_check,
        faults=(
            Fault("moments of odd degree alone", _odd_moments_alone),
            Fault("derivatives that need not be bounded", _moments_alone),
            Fault("a shift does not help", lambda case: _verdict(Shifted(case.name, Fraction(0), case.degree))),
        ),
        extremal=lambda: (
            Shifted("sigmoid", Fraction(1, 2), 4),
            Shifted("sigmoid", Fraction(0), 2),
            Shifted("softplus", Fraction(0), 2),
        ),
    ),
)
