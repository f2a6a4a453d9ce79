"""Predicted sample complexities, evaluated for a target, each with its direction, conditions and source."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Direction = Literal["upper", "lower", "tight", "conjecture"]


@dataclass(frozen=True)
class Exponents:
    """What the predictions depend on. `r` dim S*, `p` the degree, `kappa` κ or None when Assumption 2 fails, `information` the information
    exponent, `leap` the subspace leap, `generative` the generative exponent (None if undefined), `monotone` whether the target is a
    monotone function of one direction.
    """

    r: int
    p: int
    kappa: float | None
    information: int
    leap: int
    generative: int | None
    monotone: bool


@dataclass(frozen=True)
class Prediction:
    """A predicted number of samples as d grows, up to constants and logarithms.

    `rate` is the formula, `value` the formula with this target's r, p, κ put in, `exponent_d` its power of d (None when it does not
    apply), `direction` what is proved: "upper" suffices, "lower" is necessary, "tight" both, "conjecture" neither. `holds_when` are the
    conditions and `applies` whether this target meets them.
    """

    method: str
    rate: str
    value: str
    exponent_d: Fraction | None
    direction: Direction
    holds_when: str
    applies: bool
    source: str


_DAMIAN = "Damian, Lee, Soltanolkotabi 2022"


def predictions(e: Exponents) -> tuple[Prediction, ...]:
    """The table of predicted sample complexities for a target with these exponents.

    Statement: one row for each method, with the direction that is proved and the conditions. Rows that do not apply to the target
    are kept, with `applies` False and no exponent. Kind: as each row's source proves; constants and logarithms are not included.

    >>> rows = predictions(Exponents(r=1, p=4, kappa=1.0, information=2, leap=2, generative=2, monotone=False))
    >>> [(row.method, str(row.exponent_d), row.direction) for row in rows if row.applies][:4]
    [('one-step', '2', 'upper'), ('one-step, fresh data for the head', '2', 'upper'), ('transfer, target samples', '0', 'upper'), ('kernels', '4', 'lower')]
    """
    return (*_one_step(e), *_lower_bounds(e), *_sgd(e))


def _row(
    method: str, rate: str, value: str, exponent: Fraction | int, direction: Direction, holds_when: str, applies: bool, source: str
) -> Prediction:
    return Prediction(
        method, rate, value if applies else "", Fraction(exponent) if applies else None, direction, holds_when, applies, source
    )


def power_of_d(exponent: Fraction | int) -> str:
    """d^exponent as text."""
    if exponent == 1:
        return "d"
    return f"d^{exponent}" if Fraction(exponent).denominator == 1 else f"d^({exponent})"


def _one_step(e: Exponents) -> tuple[Prediction, ...]:
    applies = e.kappa is not None
    kappa = e.kappa or 0.0
    first, head = e.r * kappa**2, e.r**e.p * kappa ** (2 * e.p)
    assumptions = "Assumptions 1 and 2"
    return (
        _row(
            "one-step", "d^2 r κ^2 + d r^p κ^(2p)", f"{first:.4g} d^2 + {head:.4g} d", 2, "upper", assumptions, applies, f"{_DAMIAN}, Theorem 1"
        ),
        _row(
            "one-step, fresh data for the head", "d^2 r κ^2 + r^p κ^(2p)", f"{first:.4g} d^2 + {head:.4g}", 2, "upper", assumptions, applies,
            f"{_DAMIAN}, Theorem 1 (remark)",
        ),
        _row(
            "transfer, target samples", "r^p κ^(2p)", f"{head:.4g}", 0, "upper", "Assumption 2 on the source target", applies,
            f"{_DAMIAN}, Theorem 3",
        ),
    )  # fmt: skip


def _lower_bounds(e: Exponents) -> tuple[Prediction, ...]:
    single = e.r == 1
    k, star = e.information, e.generative or 1
    return (
        _row(
            "kernels", "d^p", power_of_d(e.p), e.p, "lower", "inner-product kernels; random features and the tangent kernel among them", True,
            "Ghorbani, Mei, Misiakiewicz, Montanari 2021, as quoted by " + _DAMIAN,
        ),
        _row(
            "correlational statistical queries", "d^(k/2)", power_of_d(Fraction(k, 2)), Fraction(k, 2), "lower",
            "one direction, worst case over it, tolerance τ ≈ n^(-1/2); k the information exponent", single,
            f"{_DAMIAN}, Theorem 2 (for He_p); general k by the same proof (derived)",
        ),
        _row(
            "statistical queries and low-degree polynomials", "d^max(1, k*/2)", power_of_d(max(Fraction(1), Fraction(star, 2))),
            max(Fraction(1), Fraction(star, 2)), "lower", "one direction; k* the generative exponent; attained", e.generative is not None,
            "Damian, Pillaud-Vivien, Lee, Bruna 2024",
        ),
    )  # fmt: skip


def _sgd(e: Exponents) -> tuple[Prediction, ...]:
    single = e.r == 1
    one_pass, multi = max(1, e.information - 1), max(1, e.leap - 1)
    log = " log d" if e.information == 2 else ""
    return (
        _row(
            "online SGD, one direction", "d^max(1, k-1), d log d at k = 2", power_of_d(one_pass) + log, one_pass, "tight",
            "one direction, spherical one-pass SGD; k the information exponent", single, "Ben Arous, Gheissari, Jagannath 2021",
        ),
        _row(
            "SGD, several directions", "d^max(1, leap-1)", power_of_d(multi), multi, "conjecture", "subspace leap", not single,
            "Abbe, Boix-Adserà, Misiakiewicz 2023 (conjecture)",
        ),
        _row(
            "SGD with weight decay, ReLU", "d", "d", 1, "upper", "a monotone function of one direction with polynomial growth", e.monotone,
            "Mousavi-Hosseini et al. 2022, section 5",
        ),
    )  # fmt: skip
