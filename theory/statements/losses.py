"""Losses ℓ(ŷ, y) as values that carry their constants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.shape.bounds import Bound, exact_number
from steinlab.theory.statements.activations import declared_bound

LOSSES = ("squared", "huber", "logistic")
"""The named losses."""


@dataclass(frozen=True)
class Loss:
    """A loss ℓ(ŷ, y) with its constants; derivatives are in the prediction ŷ.

    `lipschitz` = L = sup|ℓ'|, `smoothness` = sup|ℓ''| (the Lipschitz constant of ℓ'), `convex` in ŷ. `max_label`: the constants
    hold for labels |y| <= max_label (None: for all). Build one with `squared`, `huber`, `logistic`, `declared` or, by name, `of`.
    Constants are exact, with their proofs as reasons, or declared.

    >>> str(Loss.of("huber(1/2)").lipschitz), str(Loss.of("squared").lipschitz), Loss.logistic().max_label == 1
    ('1/2', 'infinite', True)
    """

    name: str
    lipschitz: Bound
    smoothness: Bound
    convex: bool
    delta: Number | None = None
    max_label: Number | None = None
    is_declared: bool = False

    @staticmethod
    def of(value: Loss | str) -> Loss:
        """A loss as it is, or by name: "squared", "huber", "huber(1/2)", "logistic"."""
        if isinstance(value, Loss):
            return value
        if value == "squared":
            return Loss.squared()
        if value == "logistic":
            return Loss.logistic()
        found = re.fullmatch(r"huber(?:\((.+)\))?", value) if isinstance(value, str) else None
        if found is None:
            raise InputError(f"the loss is {value!r}: expected {', '.join(LOSSES)}, huber(δ) with δ > 0, or a Loss")
        return Loss.huber(found[1] or 1)

    @staticmethod
    def squared() -> Loss:
        """½ (ŷ - y)²."""
        return Loss("squared", Bound.infinite("ℓ' = ŷ - y is unbounded"), Bound.exact(1, "ℓ'' = 1"), True)

    @staticmethod
    def huber(delta: Scalar | str = 1) -> Loss:
        """½ r² for |r| <= δ and δ|r| - ½ δ² beyond, r = ŷ - y. InputError unless δ > 0."""
        d = exact_number("the δ of the Huber loss", delta)
        if d.sign() <= 0:
            raise InputError(f"the δ of the Huber loss is {d}: expected a number > 0")
        return Loss(
            "huber" if d == 1 else f"huber({d})",
            Bound.exact(d, "ℓ' = max(-δ, min(δ, ŷ - y))"),
            Bound.exact(1, "ℓ'' is 1 for |ŷ - y| < δ and 0 beyond, and ℓ' is continuous"),
            True,
            delta=d,
        )

    @staticmethod
    def logistic(max_label: Scalar | str = 1) -> Loss:
        """log(1 + e^{-yŷ}), for labels |y| <= max_label (±1 in classification). InputError unless max_label > 0."""
        top = exact_number("the largest label of the logistic loss", max_label)
        if top.sign() <= 0:
            raise InputError(f"the largest label of the logistic loss is {top}: expected a number > 0")
        return Loss(
            "logistic",
            Bound.exact(top, "ℓ' = -y s(-yŷ), s the sigmoid with values in (0, 1)"),
            Bound.exact(top * top * Fraction(1, 4), "ℓ'' = y² s(1 - s)"),
            True,
            max_label=top,
        )

    @staticmethod
    def declared(name: str, *, lipschitz: Scalar | None, smoothness: Scalar | None, convex: bool) -> Loss:
        """A user's own loss by its constants, which nothing checks; None for infinite. What rests on them stays undecided."""
        first, second = (Bound.infinite("declared") if c is None else declared_bound(name, c) for c in (lipschitz, smoothness))
        return Loss(name, first, second, convex, is_declared=True)

    @property
    def is_squared(self) -> bool:
        """Whether this is ½ (ŷ - y)², which no loss is that is declared by its constants, whatever its name."""
        return self == Loss.squared()

    def __str__(self) -> str:
        return self.name
