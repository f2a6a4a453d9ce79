"""Moments and ranges of the labels y = f*(x) + e that thresholds and losses ask for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from steinlab.theory.errors import InputError
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.integrals.expectations import expectation
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ranges import value_range
from steinlab.theory.links.ring import Sum, absolute, constant, power
from steinlab.theory.shape.bounds import Bound
from steinlab.theory.shape.suprema import suprema
from steinlab.theory.targets.target import LinkTarget, PolynomialTarget, Target
from steinlab.theory.verdicts import Evidence, Verdict

MAX_DEGREE = 24
"""Highest degree of a polynomial link whose E|y| is computed; above it sqrt(E y²) stands in."""


@dataclass(frozen=True)
class LabelMoments:
    """E y² (`mean_square`), an upper bound on E|y| (`mean_size`: tight where it is E|y| itself) and sup|y| (`largest`).

    Each is exact or certified; see `label_moments`.
    """

    mean_square: Constant
    mean_size: Bound
    largest: Bound

    @property
    def root_mean_square(self) -> Constant:
        """sqrt(E y²)."""
        return Constant(power(self.mean_square.form, Fraction(1, 2)))


def label_moments(target: Target | str) -> LabelMoments:
    """The moments of y = f*(x) + e for a target and its noise.

    E|y| itself where f* has one direction and the noise is none or Rademacher (an exact or certified integral); otherwise its
    upper bound sqrt(E y²), by Jensen. Kind: exact or certified, upper.

    >>> sign, cubic = label_moments("sign(z1)"), label_moments("z1**3/3 + z1")
    >>> str(sign.mean_size), str(sign.largest), str(cubic.mean_size.value), str(cubic.largest)
    ('1', '1', '5*sqrt(2)/3*pi**(-1/2)', 'infinite')
    """
    if isinstance(target, str):
        target = Target.from_expression(target)
    if not isinstance(target, (PolynomialTarget, LinkTarget)):
        raise InputError(f"the target is {target!r}: expected a Target or an expression as text")
    variance = target.noise.scale**2
    second = target.expansion.second_moment
    form = second.form + variance if isinstance(second, Constant) else constant(second + variance)
    function = _one_direction(target)
    mean = None if function is None else _mean_size(target, function)
    largest = _largest(target, function)
    return LabelMoments(Constant(form), mean or _upper(Constant(form), largest), largest)


def _upper(mean_square: Constant, largest: Bound) -> Bound:
    """A bound on E|y| through E y², or through sup|y| where E y² has no enclosure."""
    if mean_square.is_exact or mean_square.ball().is_finite():
        root = Constant(power(mean_square.form, Fraction(1, 2)))
        return Bound(root, Verdict.HOLDS, mean_square.evidence, False, "E|y| <= sqrt(E y²), by Jensen")
    if largest.value is not None:
        return Bound(largest.value, Verdict.HOLDS, largest.evidence, False, f"E|y| <= sup|y|: {largest.reason}")
    return Bound.unknown("the integral E y² has no enclosure, and no bound on |y| was proved")


def _one_direction(target: PolynomialTarget | LinkTarget) -> Sum | None:
    """f* as a link in one orthonormal coordinate; None where it has more directions, or too high a degree."""
    if isinstance(target, LinkTarget):
        reduced = target.expansion.reduced
    elif target.effective_dimension.value == 1 and target.degree <= MAX_DEGREE:
        reduced = LinkExpansion.from_expression(parse(target.link), target.directions).reduced
    else:
        return None
    return reduced.function if reduced.size == 1 else None


def _mean_size(target: Target, g: Sum) -> Bound | None:
    """E|y|, None where it is not known."""
    if target.noise.kind == "gaussian" and target.noise.scale:
        return None
    s = target.noise.scale
    try:
        mean = Constant(expectation((absolute(g + s) + absolute(g - s)) * Fraction(1, 2)))
        finite = mean.is_exact or mean.ball().is_finite()
    except InputError:  # a kink that has no exact form
        return None
    evidence = mean.evidence
    return Bound(mean, Verdict.HOLDS, evidence, True, f"E|y| = {mean}, a closed form or certified integral") if finite else None


def _largest(target: PolynomialTarget | LinkTarget, function: Sum | None) -> Bound:
    noise = target.noise
    if noise.kind == "gaussian" and noise.scale:
        return Bound.infinite("Gaussian noise is unbounded")
    if isinstance(target, PolynomialTarget):
        return Bound.infinite("a polynomial that is not constant is unbounded")
    bounds = value_range(target.expansion.function)
    if bounds.low is not None and bounds.high is not None:
        top = max(abs(bounds.low), abs(bounds.high)) + noise.scale
        return Bound(Constant(constant(top)), Verdict.HOLDS, Evidence.EXACT, False, "exact ranges of the terms of the link")
    if function is None:
        return Bound.unknown("no bound on the link was proved")
    size = suprema(function)[0]
    if size.value is None:
        return size
    return Bound(Constant(size.value.form + noise.scale), Verdict.HOLDS, size.evidence, False, size.reason)
