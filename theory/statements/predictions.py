"""Predicted sample complexities, evaluated for a target, each with its direction, conditions and source."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import log10
from typing import Literal

from steinlab.theory.display import html_table

Direction = Literal["upper", "lower", "tight", "conjecture"]

DAMIAN = "Damian, Lee, Soltanolkotabi 2022"
MOUSAVI = "Mousavi-Hosseini et al. 2022"


@dataclass(frozen=True)
class Exponents:
    """What the predictions depend on.

    `r` dim S*, `p` the degree, `kappa` κ, `information` the information exponent, `leap` the subspace leap, `generative` the
    generative exponent; each is None where it is undefined (p of a general link, κ when Assumption 2 fails) or undecided.
    `monotone`: whether the target is proved to be a monotone function of one direction.
    """

    r: int | None
    p: int | None
    kappa: float | None
    information: int | None
    leap: int | None
    generative: int | None
    monotone: bool


@dataclass(frozen=True)
class Prediction:
    """A predicted number of samples as d grows, up to constants and logarithms.

    `rate` is the formula and `value` the formula with this target's r, p, κ put in; `exponent_d` is its power of d.
    `direction` is what is proved: "upper" suffices, "lower" is necessary, "tight" both, "conjecture" neither. `holds_when` are
    the conditions and `applies` whether this target meets them; where it does not, `value` and `exponent_d` are None.
    """

    method: str
    rate: str
    direction: Direction
    holds_when: str
    source: str
    applies: bool
    value: str | None
    exponent_d: Fraction | None

    def _repr_html_(self) -> str:
        samples = self.value if self.applies else f"no prediction: needs {self.holds_when}"
        rows = [("samples", samples), ("formula", self.rate), ("direction", self.direction), ("source", self.source)]
        return html_table(self.method, rows)


def power_of_d(exponent: Fraction | int) -> str:
    """d^exponent as text."""
    if exponent == 1:
        return "d"
    return f"d^{exponent}" if Fraction(exponent).denominator == 1 else f"d^({exponent})"


def predictions(e: Exponents) -> tuple[Prediction, ...]:
    """The table of predicted sample complexities for a target with these exponents.

    Statement: one row for each method, with the direction that is proved and the conditions. Rows that do not apply to the target
    are kept, with `applies` False and no exponent. Kind: as each row's source proves; constants and logarithms are left out.

    >>> rows = predictions(Exponents(r=1, p=4, kappa=1.0, information=2, leap=2, generative=2, monotone=False))
    >>> for row in rows[:4]:
    ...     print(row.method, "|", row.value, "|", row.direction)
    one-step | 1 d^2 + 1 d | upper
    one-step, fresh data for the head | 1 d^2 + 1 | upper
    transfer, target samples | 1 | upper
    kernels | d^4 | lower
    """
    return (*_one_step(e), *_lower_bounds(e), *_sgd(e))


def _row(
    method: str,
    rate: str,
    direction: Direction,
    holds_when: str,
    source: str,
    *,
    applies: bool,
    exponent: Fraction | int,
    value: str | None = None,
) -> Prediction:
    exponent = Fraction(exponent)
    shown = power_of_d(exponent) if value is None else value
    return Prediction(
        method, rate, direction, holds_when, source, applies, shown if applies else None, exponent if applies else None
    )


def _power(r: int, kappa: float, p: int) -> str:
    """(r κ²)^p as text; it may be far beyond the range of floats."""
    size = p * (log10(r) + 2 * log10(kappa))
    return f"{(r * kappa**2) ** p:.4g}" if size < 300 else f"10^{size:.0f}"


def _one_step(e: Exponents) -> tuple[Prediction, ...]:
    step = head = ""
    applies = False
    if e.kappa is not None and e.r is not None and e.p is not None:
        applies = True
        step, head = f"{_power(e.r, e.kappa, 1)} d^2", _power(e.r, e.kappa, e.p)
    needs = "a polynomial target, Assumptions 1 and 2"
    return (
        _row(
            "one-step",
            "d^2 r κ^2 + d r^p κ^(2p)",
            "upper",
            needs,
            f"{DAMIAN}, Theorem 1",
            applies=applies,
            exponent=2,
            value=f"{step} + {head} d",
        ),
        _row(
            "one-step, fresh data for the head",
            "d^2 r κ^2 + r^p κ^(2p)",
            "upper",
            needs,
            f"{DAMIAN}, Theorem 1 (remark)",
            applies=applies,
            exponent=2,
            value=f"{step} + {head}",
        ),
        _row(
            "transfer, target samples",
            "r^p κ^(2p)",
            "upper",
            "a polynomial target, Assumption 2 on the source target",
            f"{DAMIAN}, Theorem 3",
            applies=applies,
            exponent=0,
            value=head,
        ),
    )


def _lower_bounds(e: Exponents) -> tuple[Prediction, ...]:
    return (
        _row(
            "kernels",
            "d^p",
            "lower",
            "a polynomial target; inner-product kernels, among them those of random features and the tangent kernel",
            f"Ghorbani, Mei, Misiakiewicz, Montanari 2021, as quoted by {DAMIAN}",
            applies=e.p is not None,
            exponent=e.p or 0,
        ),
        _row(
            "correlational statistical queries",
            "d^(k/2)",
            "lower",
            "one direction, worst case over it, tolerance τ ≈ n^(-1/2); k the information exponent",
            f"{DAMIAN}, Theorem 2 (for He_p; general k by the same proof, derived)",
            applies=e.r == 1 and e.information is not None,
            exponent=Fraction(e.information or 0, 2),
        ),
        _row(
            "statistical queries and low-degree polynomials",
            "d^max(1, k*/2)",
            "lower",
            "one direction; k* the generative exponent; attained",
            "Damian, Pillaud-Vivien, Lee, Bruna 2024",
            applies=e.generative is not None,
            exponent=max(Fraction(1), Fraction(e.generative or 1, 2)),
        ),
    )


def _sgd(e: Exponents) -> tuple[Prediction, ...]:
    one_pass, many = max(1, (e.information or 0) - 1), max(1, (e.leap or 0) - 1)
    return (
        _row(
            "online SGD, one direction",
            "d^max(1, k-1), d log d at k = 2",
            "tight",
            "one direction, spherical one-pass SGD; k the information exponent",
            "Ben Arous, Gheissari, Jagannath 2021",
            applies=e.r == 1 and e.information is not None,
            exponent=one_pass,
            value="d log d" if e.information == 2 else None,
        ),
        _row(
            "SGD, several directions",
            "d^max(1, leap-1)",
            "conjecture",
            "several directions; the subspace leap",
            "Abbe, Boix-Adserà, Misiakiewicz 2023",
            applies=e.r is not None and e.r > 1 and e.leap is not None,
            exponent=many,
        ),
        _row(
            "SGD with weight decay, ReLU",
            "d",
            "upper",
            "a monotone function of one direction with polynomial growth",
            f"{MOUSAVI}, monotone single-index targets",
            applies=e.monotone,
            exponent=1,
        ),
    )
