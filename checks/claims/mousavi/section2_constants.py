"""Mousavi-Hosseini et al. 2022, section 2: the constants of activations, and the largest Gaussian density at a point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import arb, arb_series

from steinlab.checks.claims.claim import (
    HOLDS,
    AnyClaim,
    Claim,
    Fault,
    Outcome,
    every,
    failed,
    mousavi,
)
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import apply, constant, pi
from steinlab.theory.shape.bounds import Bound
from steinlab.theory.statements.activations import ACTIVATIONS, Activation
from steinlab.theory.statements.thresholds import density_supremum
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


_BITS = 160
_TINY = 1e-20
"""Relative slack of the balls in claims about suprema: far above their width, far below any other value of the constant."""


@dataclass(frozen=True)
class DensityCase:
    b: Fraction
    s: Fraction


def _densities() -> SearchStrategy[DensityCase]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    return st.builds(DensityCase, cases.nonzero_rationals(), cases.nonzero_rationals(6).map(abs))


def _density(b: Fraction, s: Fraction) -> arb:
    """The density of N(0, s²) at b."""
    x = arb(b.numerator) / b.denominator / (arb(s.numerator) / s.denominator)
    return (-x * x / 2).exp() / (2 * arb.pi()).sqrt() / (arb(s.numerator) / s.denominator)


def _check_density(subject: Callable[[Fraction], Constant], case: DensityCase) -> Outcome:
    value = subject(case.b).ball(_BITS)
    with working_precision(_BITS):
        slack = value * _TINY
        return every(
            [
                *(
                    _certain(_density(case.b, s) <= value + slack, f"the density for s = {s} is above the supremum")
                    for s in (case.s, abs(case.b))
                ),
                _certain(value <= _density(case.b, abs(case.b)) + slack, "the supremum is not attained at s = |b|"),
            ]
        )


def _certain(holds: bool, otherwise: str) -> Outcome:
    """A ball comparison that is certain, or a failure: the slack is far wider than the balls, so a doubt is a difference."""
    return HOLDS if holds else failed(otherwise)


def _points() -> SearchStrategy[Fraction]:
    from steinlab.checks.claims import cases

    return cases.rationals(8)


Constants = Callable[[str], tuple[Bound, Bound, Bound]]


def _constants(name: str) -> tuple[Bound, Bound, Bound]:
    at = Activation.of(name)
    return at.beta0, at.beta1, at.beta2


def _derivatives(name: str, z: arb) -> tuple[arb, arb, arb]:
    """σ, σ', σ'' at z from a Taylor series around it."""
    x = arb_series([z, 1], 3)
    if name == "relu":  # away from the kink
        return (z.max(arb(0)), arb(1) if z > 0 else arb(0), arb(0))
    if name == "erf":
        series = x.erf()
    else:
        e = ((2 if name == "tanh" else 1) * x).exp()
        series = {"tanh": (e - 1) / (e + 1), "sigmoid": e / (e + 1), "softplus": (e + 1).log()}[name]
    coefficients = [*series.coeffs(), arb(0), arb(0), arb(0)]
    return coefficients[0], coefficients[1], 2 * coefficients[2]


def _extremes(name: str) -> tuple[arb, arb, arb]:
    """Points where |σ|, |σ'|, |σ''| come within the slack of their suprema; where there is none, a far one."""
    root = arb(3).sqrt()
    far = arb(60)
    return {
        "tanh": (far, arb(0), ((1 + 1 / root) / (1 - 1 / root)).log() / 2),
        "erf": (far, arb(0), 1 / arb(2).sqrt()),
        "sigmoid": (far, arb(0), (2 + root).log()),
        "softplus": (arb(10**6), far, arb(0)),
        "relu": (arb(10**6), arb(1), arb(0)),
    }[name]


def _check_constants(subject: Constants, z: Fraction) -> Outcome:
    """Every activation at the drawn point and at those where its derivatives are largest."""
    with working_precision(_BITS):
        return every([outcome for name in ACTIVATIONS for outcome in _constants_hold(subject(name), name, z)])


def _constants_hold(bounds: tuple[Bound, Bound, Bound], name: str, z: Fraction) -> Iterator[Outcome]:
    here = _derivatives(name, arb(z.numerator) / z.denominator) if name != "relu" or z else None
    for order, (bound, extreme) in enumerate(zip(bounds, _extremes(name), strict=True)):
        what = f"sup|σ^({order})| of {name}"
        attained = abs(_derivatives(name, extreme)[order])
        if bound.value is None:
            kink = name == "relu" and order == 2
            yield _certain(kink or attained > 1000, f"{what} is not infinite")
            continue
        value = bound.value.ball(_BITS)
        yield _certain(value <= attained + _TINY, f"{what} is less than {bound}")
        yield _certain(attained <= value + _TINY, f"{what} is above {bound}")
        if here is not None:
            yield _certain(abs(here[order]) <= value + _TINY, f"{what} is above {bound} at z = {z}")


def _with_constant(name: str, order: int, value: Bound) -> Constants:
    def constants(of: str) -> tuple[Bound, Bound, Bound]:
        out = list(_constants(of))
        if of == name:
            out[order] = value
        return out[0], out[1], out[2]

    return constants


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="mousavi.activation_constants",
        statement="(β_0, β_1, β_2): tanh (1, 1, 4/(3√3)), erf (1, 2/√π, 2√2/√(πe)), sigmoid (1, ¼, √3/18), softplus (∞, 1, ¼)",
        hypotheses="β_i = sup of the i-th derivative of σ in size; ReLU: (∞, 1, ∞)",
        source=mousavi("Section 1, the smooth case and ReLU"),
        direction="identity",
        method="Taylor series of balls: at most the constant at drawn points, within 1e-20 of it at a critical one",
        evidence=Evidence.CERTIFIED,
        subject=_constants,
        cases=_points,
        check=_check_constants,
        faults=(
            Fault(
                "β_2 of tanh as 3/4, which few points exceed", _with_constant("tanh", 2, Bound.exact(Fraction(3, 4), "planted"))
            ),
            Fault("β_1 of erf without its factor 2", _with_constant("erf", 1, Bound.exact(pi(Fraction(-1, 2)), "planted"))),
            Fault("β_2 of sigmoid as 1/10", _with_constant("sigmoid", 2, Bound.exact(Fraction(1, 10), "planted"))),
            Fault("β_2 of softplus infinite", _with_constant("softplus", 2, Bound.infinite("planted"))),
        ),
    ),
    Claim(
        id="mousavi.threshold_relu",
        statement="sup_s e^{-b²/2s²}/(√(2π) s) = 1/(|b| √(2πe)), attained at s = |b|: γ_0 = L/(b* √(2πe)) for ReLU",
        hypotheses="b ≠ 0, s > 0",
        source=mousavi("Section 2, the threshold for ReLU"),
        direction="identity",
        method="balls: the density at drawn s is at most the constant, the one at s = |b| within 1e-20 of it",
        evidence=Evidence.CERTIFIED,
        subject=density_supremum,
        cases=_densities,
        check=_check_density,
        faults=(
            Fault("without √e", lambda b: Constant(density_supremum(b).form * apply("exp", constant(Fraction(1, 2))))),
            Fault("1/b² in place of 1/|b|", lambda b: Constant(density_supremum(b).form * abs(1 / b))),
            Fault("one part in a million less", lambda b: Constant(density_supremum(b).form * Fraction(999_999, 1_000_000))),
        ),
    ),
)
