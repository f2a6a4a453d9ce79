"""Scales: products of powers of x, log x, log log x, ... and exponentials of such, in their order for x -> ∞.

Exponents are exact constants, whose signs are certified or not known: e^{x²/4} x^{-3/10} log x. Kind: certified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

from steinlab.theory.budget import priced
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.links.balls import certain_sign, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import Sum, constant

_BITS = (64, 256)
_DEPTH = 4
"""How often the logarithm is iterated in a scale."""


class UnknownBehaviour(Exception):
    """Nothing is proved about a function at an end."""


@priced(20_000)
def constant_sign(u: Sum) -> int | None:
    """The sign of a sum without variables, exact or by balls; None where neither decides."""
    value = u.number
    if value is not None:
        return value.sign()
    for bits in _BITS:
        with working_precision(bits):
            side = certain_sign(real_value(compile_sum(u), []))
        if side is not None:
            return side
    return None


@dataclass(frozen=True)
class Scale:
    """exp(Σ c m) over its powers {m: c}, each m a scale that tends to infinity; the innermost logarithm has a name instead."""

    powers: tuple[tuple[Scale, Sum], ...] = ()
    name: str = ""

    @cached_property
    def key(self) -> str:
        """A text that equal scales share."""
        return self.name or "exp(" + " + ".join(f"({c}) {m.key}" for m, c in self.powers) + ")"

    @cached_property
    def _hash(self) -> int:
        return crc32(self.key.encode())  # the same in every process, so that sets of scales are gone through in one order

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Scale) and self.key == other.key)

    def written(self, name: str, side: int) -> str:
        """In terms of a quantity with the given name, x = name^side.

        >>> from fractions import Fraction
        >>> (X ** constant(Fraction(3, 10)) * LOGARITHMS[0]).written("abs(z1)", -1)
        'abs(z1)**(-3/10)*abs(log(abs(z1)))'
        """
        if self in LOGARITHMS:
            inner = LOGARITHMS.index(self)
            return f"abs(log({name if inner == 0 else LOGARITHMS[inner - 1].written(name, side)}))"
        factors, exponent = [], []
        for m, c in self.powers:
            if m in LOGARITHMS:
                depth = LOGARITHMS.index(m)
                base, e = (LOGARITHMS[depth - 1].written(name, side), c) if depth else (name, c * side)
                number = e.number is not None and e.number.is_rational and e.number.fraction.denominator == 1 and e.number > 0
                factors.append(base if e.number == 1 else f"{base}**{e}" if number else f"{base}**({e})")
            else:
                sign = "-" if c.number == -1 else "" if c.number == 1 else f"({c})*"
                exponent.append(sign + m.written(name, side))
        factors += [f"exp({' + '.join(exponent)})"] if exponent else []
        return "*".join(factors) or "1"

    def __mul__(self, other: Scale) -> Scale:
        return exponential(combined(self.exponent, other.exponent))

    def __pow__(self, e: Sum) -> Scale:
        return exponential({m: c * e for m, c in self.exponent.items()})

    @property
    def exponent(self) -> dict[Scale, Sum]:
        if self.name:
            raise UnknownBehaviour("logarithms are nested too deep")
        return dict(self.powers)


def exponential(powers: Mapping[Scale, Sum]) -> Scale:
    """exp(Σ c m)."""
    return Scale(tuple(sorted(((m, c) for m, c in powers.items() if not c.is_zero), key=lambda item: item[0].key)))


def combined(a: Mapping[Scale, Sum], b: Mapping[Scale, Sum]) -> dict[Scale, Sum]:
    out = dict(a)
    for m, c in b.items():
        out[m] = out[m] + c if m in out else c
    return out


def _logarithms() -> tuple[Scale, ...]:
    """log x, log log x, ..."""
    out = [Scale(name="log " * _DEPTH + "x")]
    for _ in range(_DEPTH - 1):
        out.insert(0, exponential({out[0]: constant(1)}))
    return tuple(out)


ONE = Scale()
LOGARITHMS = _logarithms()
X = exponential({LOGARITHMS[0]: constant(1)})


@priced(50_000)
def compare(a: Scale, b: Scale) -> int | None:
    """1 where a/b tends to infinity, -1 where to zero, 0 where a = b; None where a sign is not certified."""
    if a == b:
        return 0
    if a.name or b.name:  # the innermost logarithm is smaller than all else that tends to infinity
        side = compare(b if a.name else a, ONE)
        larger = side if side is None else 1 if side == 1 else -1
        return larger if b.name or larger is None else -larger
    lead = leading_power(exponential(combined(dict(a.powers), {m: -c for m, c in b.powers})))
    return None if lead is None else lead[1]


def leading_power(a: Scale) -> tuple[Scale, int] | None:
    """(m, sign of c) for the term c m of a scale's exponent that outgrows the others; None where that is not certified."""
    for m, c in a.powers:
        if all(other == m or compare(m, other) == 1 for other, _ in a.powers):
            side = constant_sign(c)
            return (m, side) if side else None
    return None
