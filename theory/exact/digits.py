"""Balls as text and as floats that claim no more than the ball proves."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from math import inf, isfinite, nextafter

from flint import arb

from steinlab.theory.exact.precision import working_precision

DIGITS = 10
"""Most decimal digits that are shown."""
_END_DIGITS = 4
"""Digits of the ends of an interval."""
_BITS = 128
_EXACT = Context(prec=DIGITS + 20, Emax=MAX_EMAX, Emin=MIN_EMIN)


def in_words(ball: arb, digits: int = DIGITS) -> str | None:
    """The digits that a ball proves; where it proves none, its interval "[lo, hi]"; None where it is not finite.

    >>> in_words(arb("0.333333", "1e-4")), in_words(arb(0, 3)), in_words(arb("nan"))
    ('0.333', '[-3.001, 3.001]', None)
    """
    if not ball.is_finite():
        return None
    decimal = proved_decimal(ball, digits)
    return f"[{_end(ball.lower(), -1)}, {_end(ball.upper(), 1)}]" if decimal is None else decimal


def proved_decimal(ball: arb, digits: int = DIGITS) -> str | None:
    """A decimal within one unit of its last digit of every point of the ball; None where that would leave no digit.

    >>> [proved_decimal(x) for x in (arb(2) / 3, arb("0.48", "0.004"), arb("0.48", "0.5"), arb(0))]
    ['0.6666666667', '0.48', None, '0']
    """
    if not ball.is_finite():
        return None
    text = ball.str(digits, radius=False)
    # FLINT writes "0e+4" for a ball without a digit
    return text if ball.is_zero() or not Decimal(text).is_zero() else None


def _end(point: arb, side: int) -> str:
    """A decimal of a few digits that is not above (side -1) or not below (side 1) an exact point."""
    if point.is_zero():
        return "0"
    text = point.str(_END_DIGITS, radius=False)  # within one unit of the point
    with working_precision(_BITS):
        beyond = (arb(text) - point) * side >= 0
    if beyond:
        return text
    near = Decimal(text)
    unit = Decimal((0, (1,), int(near.as_tuple().exponent)))
    return str(_EXACT.add(near, unit.copy_sign(Decimal(side)))).lower()


def above(x: float) -> str:
    """A short decimal that is not below x.

    >>> above(2.0), above(0.5), above(3.14159)
    ('2', '0.5', '3.142')
    """
    text = _end(arb(x), 1)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def outward(ball: arb) -> tuple[float, float] | None:
    """Floats (low, high) that hold the ball; None where no finite ones do.

    >>> outward(arb(1) / 4), outward(arb("inf"))
    ((0.25, 0.25), None)
    """
    low, high = _float_end(ball.lower(), -1), _float_end(ball.upper(), 1)
    return None if low is None or high is None else (low, high)


def _float_end(point: arb, side: int) -> float | None:
    value = float(point)
    if not isfinite(value):
        return None
    if not (arb(value) - point) * side >= 0:
        value = nextafter(value, side * inf)
    return value if isfinite(value) else None


def midpoint(ball: arb) -> float | None:
    """The middle of a ball as a float; None unless the ball proves a digit of it.

    >>> midpoint(arb(1, 1e-3)), midpoint(arb(0, 1e-3))
    (1.0, None)
    """
    value = float("nan") if proved_decimal(ball) is None else float(ball.mid())
    return value if isfinite(value) else None
