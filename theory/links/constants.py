"""Constants with three-valued decisions: proved zero, certified sign, or undecided with the ball shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flint import arb

from steinlab.theory.links.enclosures import certain_sign, negative_point
from steinlab.theory.links.quadrature import GUARD, enclosure
from steinlab.theory.links.symbolic import Sum, apply
from steinlab.theory.numbers import working_precision
from steinlab.theory.verdicts import Evidence, Verdict

PRECISIONS = (53, 106, 212)
"""Accuracies in bits that are tried, one after the other, until a sign is certified: the budget of a decision."""


@dataclass(frozen=True)
class Constant:
    """A real constant in exact form, with balls of any accuracy and decisions that are proofs.

    `form` is a Sum without variables: algebraic numbers, values of functions, and integrals E[...]. `zero_reason` says why it is
    zero where it is. Kind: exact where `evidence` is exact, else certified.

    >>> from steinlab.theory.links.expansion import LinkExpansion
    >>> c = LinkExpansion.from_expression("tanh(z1)").coefficient((1,))
    >>> c.sign, str(c), c.evidence.value
    (1, '0.6057055096', 'certified')
    """

    form: Sum
    zero_reason: str = "its closed form is identically zero"

    def ball(self, bits: int = PRECISIONS[0]) -> arb:
        """An enclosure, each integral in it to about 2^-bits; not finite where none is known."""
        return enclosure(self.form, bits)

    @cached_property
    def sign(self) -> int | None:
        """1 or -1 where a ball excludes zero or all integrands have that sign; 0 only where zero is proved; None: undecided."""
        if self.form.is_zero:
            return 0
        value = self.form.number
        if value is not None:
            return value.sign()
        return _common_sign(self.form) or next((side for side in map(certain_sign, map(self.ball, PRECISIONS)) if side), None)

    @property
    def is_zero(self) -> Verdict:
        """HOLDS where zero is proved, FAILS where a ball excludes it, UNDECIDED otherwise."""
        return {0: Verdict.HOLDS, None: Verdict.UNDECIDED}.get(self.sign, Verdict.FAILS)

    @property
    def is_exact(self) -> bool:
        """Whether the form is closed: no integral stands in it."""
        return not any(atom.name == "E" for product in self.form.terms for atom, _ in product)

    @property
    def evidence(self) -> Evidence:
        """EXACT for closed forms and proved zeros, CERTIFIED for integrals, NUMERICAL where neither ball nor sign is known."""
        if self.is_exact:
            return Evidence.EXACT
        return Evidence.CERTIFIED if self.ball().is_finite() or self.sign is not None else Evidence.NUMERICAL

    @property
    def reason(self) -> str:
        """What the decision rests on."""
        if self.sign == 0:
            return f"proved zero: {self.zero_reason}"
        if self.sign is None:
            return f"undecided: the enclosure {self.ball(PRECISIONS[-1])} holds zero and no symmetry or identity was found"
        return f"{'closed form' if self.is_exact else 'certified integral'}, {self}"

    def __float__(self) -> float:
        """The midpoint of a narrow ball; nan where no enclosure is known."""
        return float(self.ball().mid()) if self.ball().is_finite() else float("nan")

    def __str__(self) -> str:
        """The exact form where it is closed and short; else the digits that are certain."""
        text = str(self.form)
        if self.is_exact and len(text) <= 60:
            return text
        ball = self.ball()
        return ball.str(10, radius=False) if self.sign is not None else str(ball)


def _common_sign(form: Sum) -> int | None:
    """1 or -1 where every term has that sign, its integrands nowhere having the other and being nonzero near a point."""
    sides = set()
    for product, c in form.terms.items():
        side = c.sign()
        for atom, e in product:
            if atom.name == "E":
                value = apply("sign", atom.argument).number
                one_sided = None if value is None else value.sign()
                attained = one_sided is not None and negative_point(atom.argument * -one_sided) is not None
                side *= one_sided ** int(e) if one_sided is not None and attained else 0
            elif atom.name not in ("exp", "pi"):
                side = 0
        sides.add(side)
    return sides.pop() if len(sides) == 1 and 0 not in sides else None


def ball_of(value: Constant, bits: int) -> arb:
    """The ball at working precision: for arithmetic with other balls."""
    with working_precision(bits + GUARD):
        return value.ball(bits)
