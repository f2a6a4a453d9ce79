"""Tail bounds with exact constants (Damian et al., Appendix C)."""

from __future__ import annotations

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, Scalar


def chi_square_upper(d: int, t: Scalar) -> Number:
    """d + 2√(dt) + 2t, which X ~ χ²(d) exceeds with probability at most e^{-t}. Upper bound on the tail; Lemma 15.

    InputError unless d >= 1 and t >= 0. The value is exact.

    >>> str(chi_square_upper(2, 1))
    '4 + 2*sqrt(2)'
    """
    root = _root(d, t)
    return d + 2 * root + 2 * Number.of(t)


def chi_square_lower(d: int, t: Scalar) -> Number:
    """d - 2√(dt), below which X ~ χ²(d) lies with probability at most e^{-t}. Upper bound on the tail; Lemma 15.

    Vacuous (not positive) for t >= d/4. InputError unless d >= 1 and t >= 0. The value is exact.

    >>> str(chi_square_lower(9, 1))
    '3'
    """
    return d - 2 * _root(d, t)


def _root(d: int, t: Scalar) -> Number:
    if d < 1 or Number.of(t) < 0:
        raise InputError(f"d = {d} and t = {t}: give d >= 1 degrees of freedom and t >= 0")
    return (d * Number.of(t)).root(2)
