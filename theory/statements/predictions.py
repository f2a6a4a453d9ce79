"""Predicted sample complexities as d grows, up to constants and logarithms: the formulas, evaluated for a target.

Each gives None where an exponent that it needs is undefined or undecided. The papers that state them, with direction and
conditions, are data of `checks/papers`.
"""

from __future__ import annotations

from fractions import Fraction
from math import log10
from typing import NamedTuple


class Exponents(NamedTuple):
    """What the predictions depend on.

    `r` dim S*, `p` the degree, `kappa` κ, `information` the information exponent, `leap` the subspace leap, `generative` the
    generative exponent; each is None where it is undefined (p of a general link, κ when Assumption 2 fails) or undecided.
    """

    r: int | None
    p: int | None
    kappa: float | None
    information: int | None
    leap: int | None
    generative: int | None


class Samples(NamedTuple):
    """A number of samples: its power of d, and the formula with a target's numbers put in."""

    exponent: Fraction
    text: str


def power_of_d(exponent: Fraction | int) -> str:
    """d^exponent as text."""
    if exponent == 1:
        return "d"
    return f"d^{exponent}" if Fraction(exponent).denominator == 1 else f"d^({exponent})"


def _samples(exponent: Fraction | int, text: str | None = None) -> Samples:
    return Samples(Fraction(exponent), power_of_d(exponent) if text is None else text)


def _power(r: int, kappa: float, p: int) -> str:
    """(r κ²)^p as text; it may be far beyond the range of floats."""
    size = p * (log10(r) + 2 * log10(kappa))
    return f"{(r * kappa**2) ** p:.4g}" if size < 300 else f"10^{size:.0f}"


def one_step(e: Exponents) -> Samples | None:
    """d² r κ² + d r^p κ^(2p).

    >>> one_step(Exponents(r=1, p=4, kappa=1.0, information=2, leap=2, generative=2)).text
    '1 d^2 + 1 d'
    """
    if e.kappa is None or e.r is None or e.p is None:
        return None
    return _samples(2, f"{_power(e.r, e.kappa, 1)} d^2 + {_power(e.r, e.kappa, e.p)} d")


def one_step_fresh_head(e: Exponents) -> Samples | None:
    """d² r κ² + r^p κ^(2p): the head is fitted on data of its own."""
    if e.kappa is None or e.r is None or e.p is None:
        return None
    return _samples(2, f"{_power(e.r, e.kappa, 1)} d^2 + {_power(e.r, e.kappa, e.p)}")


def transfer(e: Exponents) -> Samples | None:
    """r^p κ^(2p) samples of the new target."""
    if e.kappa is None or e.r is None or e.p is None:
        return None
    return _samples(0, _power(e.r, e.kappa, e.p))


def kernels(e: Exponents) -> Samples | None:
    """d^p."""
    return None if e.p is None else _samples(e.p)


def correlational_queries(e: Exponents) -> Samples | None:
    """d^(k/2), k the information exponent, for one direction."""
    return None if e.r != 1 or e.information is None else _samples(Fraction(e.information, 2))


def statistical_queries(e: Exponents) -> Samples | None:
    """d^max(1, k*/2), k* the generative exponent."""
    return None if e.generative is None else _samples(max(Fraction(1), Fraction(e.generative, 2)))


def online_sgd(e: Exponents) -> Samples | None:
    """d^max(1, k-1), d log d at k = 2, for one direction."""
    if e.r != 1 or e.information is None:
        return None
    return _samples(max(1, e.information - 1), "d log d" if e.information == 2 else None)


def sgd_several_directions(e: Exponents) -> Samples | None:
    """d^max(1, leap-1), for several directions."""
    return None if e.r is None or e.r <= 1 or e.leap is None else _samples(max(1, e.leap - 1))


def layerwise_sgd(e: Exponents) -> Samples | None:
    """d^(D-1), D the largest of the D_l of a nested sum of products, which is its subspace leap (derived)."""
    return None if e.leap is None else _samples(e.leap - 1)


def queries_over_tolerance(e: Exponents) -> Samples | None:
    """d^(leap/2) for the number of correlational queries over their squared tolerance."""
    return None if e.leap is None else _samples(Fraction(e.leap, 2))


def monotone_sgd(_: Exponents) -> Samples | None:
    """d, for what is a monotone function of one direction."""
    return _samples(1)
