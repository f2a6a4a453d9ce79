"""Constants with three-valued decisions: proved zero, certified sign, or undecided with the ball shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flint import arb

from steinlab.theory.budget import PricedProperty, attempt
from steinlab.theory.exact.digits import in_words
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.reals import GUARD, ROUGH
from steinlab.theory.integrals.pairs import energy_enclosure
from steinlab.theory.integrals.quadrature import UNKNOWN, enclosure
from steinlab.theory.links.balls import certain_sign, strict_side
from steinlab.theory.links.enclosures import negative_point
from steinlab.theory.links.ring import ENERGY, Atom, Sum, apply
from steinlab.theory.verdicts import Evidence, Verdict

PRECISIONS = (53, 106, 212)
"""Accuracies in bits that are tried, one after the other, until a sign is certified: the budget of a decision."""
SIGN_ACCURACIES = (3, ROUGH, *PRECISIONS)
"""Accuracies in bits at which a sign is looked for: the first is enough for a coefficient of the size of its target."""
BALL_STEPS = 200_000
"""Steps of work for one ball, times the effort."""
_SHOWN_BITS = 34
"""Relative accuracy of a ball that shows ten digits."""
_NARROW = 2.0**-34
"""Radius of a ball whose midpoint is taken for the value, whatever the size of that."""
_NARROW_BITS = 10
"""Relative accuracy of a ball whose midpoint is taken for the value, whatever its radius."""


@dataclass(frozen=True)
class Constant:
    """A real constant in exact form, with balls of any accuracy and decisions that are proofs.

    `form` is a Sum without variables: algebraic numbers, values of functions, and integrals E[...]. `explain()` says why it
    is zero where it is, or why it is not known. Kind: exact where `evidence` is exact, else certified.

    >>> from steinlab.theory.expansions.link_expansion import LinkExpansion
    >>> c = LinkExpansion.from_expression("tanh(z1)").coefficient((1,))
    >>> c.sign, str(c), c.evidence.value
    (1, '0.6057055096', 'certified')
    """

    form: Sum
    explain: Callable[[], str] = field(default=lambda: "its closed form is identically zero", compare=False, repr=False)

    @property
    def zero_reason(self) -> str:
        return self.explain()

    def ball(self, bits: int = PRECISIONS[0]) -> arb:
        """An enclosure, each integral in it to about 2^-bits, or rough where that is too dear; not finite where none is known."""
        ball = attempt(lambda: enclosure(self.form, bits, energy_enclosure), lambda _: None, BALL_STEPS)
        if ball is None:
            return self.ball(ROUGH) if bits > ROUGH else UNKNOWN
        return ball

    @PricedProperty
    def sign(self) -> int | None:
        """1 or -1 where a ball or a strict bound excludes zero, or all integrands have that sign.

        0 only where zero is proved; None: undecided.
        """
        if self.form.is_zero:
            return 0
        value = self.form.number
        if value is not None:
            return value.sign()
        balls = map(self.ball, SIGN_ACCURACIES)
        return (
            _common_sign(self.form) or next((side for side in map(certain_sign, balls) if side), None) or strict_side(self.form)
        )

    @property
    def is_zero(self) -> Verdict:
        """HOLDS where zero is proved, FAILS where a ball excludes it, UNDECIDED otherwise."""
        return {0: Verdict.HOLDS, None: Verdict.UNDECIDED}.get(self.sign, Verdict.FAILS)

    @property
    def exact(self) -> Number | None:
        """The number itself, where its form is that of an algebraic one."""
        return self.form.number

    @property
    def is_exact(self) -> bool:
        """Whether the form is closed: no integral stands in it."""
        return not _expectations(self.form)

    @property
    def is_dear(self) -> bool:
        """Whether an integral over several variables stands in it: balls are narrowed slowly."""
        return any(len(atom.argument.variables) > 1 for atom in _expectations(self.form))

    @property
    def evidence(self) -> Evidence:
        """EXACT for closed forms and proved zeros, CERTIFIED for integrals, NUMERICAL where neither ball nor sign is known."""
        if self.is_exact:
            return Evidence.EXACT
        return Evidence.CERTIFIED if self.sign is not None or self.ball().is_finite() else Evidence.NUMERICAL

    @property
    def reason(self) -> str:
        """What the decision rests on."""
        if self.sign == 0:
            return f"proved zero: {self.zero_reason}"
        if self.sign is None:
            ball = in_words(self.ball(PRECISIONS[-1]))
            if any(atom.name == "unknown" for product in self.form.terms for atom, _ in product):
                return f"undecided: {self.explain()}"
            if ball is None:
                return "undecided: no enclosure is known, and no symmetry or identity was found"
            return f"undecided: the enclosure {ball} holds zero and no symmetry or identity was found"
        if self.is_exact and strict_side(self.form):
            return f"closed form, {self}: an increasing bounded function attains no bound"
        return f"{'closed form' if self.is_exact else 'certified integral'}, {self}"

    @PricedProperty
    def shown(self) -> arb:
        """The ball that text and floats are read off: finer than the first one where that shows few digits and more are cheap."""
        best = self.ball()
        for bits in PRECISIONS[1:] if best.is_finite() and not self.is_dear else ():
            if best.rel_accuracy_bits() >= _SHOWN_BITS:
                break
            finer = self.ball(bits)
            best = finer if finer.is_finite() and finer.rad() < best.rad() else best
        return best

    def __float__(self) -> float:
        """The midpoint of a ball that is narrow, absolutely or for its size; nan where no such ball is known."""
        ball = self.shown
        narrow = ball.is_finite() and (ball.rad() < _NARROW or ball.rel_accuracy_bits() >= _NARROW_BITS)
        return float(ball.mid()) if narrow else float("nan")

    def __str__(self) -> str:
        """The exact form where it is closed and short; else the digits that are proved, or an interval where there are none."""
        text = str(self.form)
        if self.is_exact and len(text) <= 60:
            return text
        return in_words(self.shown) or "not enclosed"


def _expectations(form: Sum) -> list[Atom]:
    return [atom for product in form.terms for atom, _ in product if atom.name in ("E", ENERGY, "unknown")]


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
