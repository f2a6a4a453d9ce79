"""Laws of the biases b_j, as far as theorems ask: how far their support stays from a point."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.language.polynomial_reader import number
from steinlab.theory.shape.bounds import exact_number

_UNIFORM = re.compile(r"\s*(±|\+-)?\s*uniform\(([^,]*),([^,]*)\)\s*")
_SIGNED = re.compile(r"\s*(±|\+-)(.*)")


@dataclass(frozen=True)
class BiasLaw:
    """A law of biases by its support, a finite union of closed intervals; None stands for the whole line.

    >>> law = BiasLaw.of("±uniform(1/2, 2)")
    >>> str(law.gap(0)), str(law.gap(Fraction(1, 4))), str(BiasLaw.of("normal").gap(0))
    ('1/2', '1/4', '0')
    """

    name: str
    support: tuple[tuple[Number, Number], ...] | None

    @staticmethod
    def of(value: BiasLaw | str | Scalar) -> BiasLaw:
        """A law as it is, or as text: "1/2" (every b_j), "±1/2", "uniform(a, b)", "±uniform(a, b)" or "normal".

        Raises: InputError for anything else.
        """
        if isinstance(value, BiasLaw):
            return value
        if not isinstance(value, str):
            return BiasLaw.of(str(exact_number("the bias", value)))
        if value.strip() in ("normal", "gaussian"):
            return BiasLaw("normal", None)
        found, signed = _UNIFORM.fullmatch(value), _SIGNED.fullmatch(value)
        try:
            if found is not None:
                low, high, mirrored = number(found[2].strip()), number(found[3].strip()), found[1]
            elif signed is not None:
                low = high = number(signed[2].strip())
                mirrored = signed[1]
            else:
                low = high = number(value.strip())
                mirrored = None
        except InputError as error:
            raise InputError(
                f"the bias law is {value!r}: expected a number, ±number, uniform(a, b), ±uniform(a, b) or normal ({error})"
            ) from None
        if low > high:
            raise InputError(f"the bias law {value!r} has its ends in the wrong order: write uniform({high}, {low})")
        return BiasLaw(value.strip(), ((low, high), *([(-high, -low)] if mirrored else [])))

    @staticmethod
    def from_values(biases: Sequence[float]) -> BiasLaw:
        """The biases of a concrete network, each the exact value of its float."""
        if not len(biases):
            raise InputError("there are no biases: expected at least one")
        points = tuple(Number.of(Fraction(float(b))) for b in biases)
        return BiasLaw(f"{len(points)} given biases", tuple((b, b) for b in points))

    def gap(self, point: Scalar) -> Number:
        """b*, the distance of the support from a point: every |b_j - point| is at least this. Kind: exact."""
        if self.support is None:
            return Number.of(0)
        c = exact_number("the kink", point)
        return min(Number.of(0) if low <= c <= high else min(abs(low - c), abs(high - c)) for low, high in self.support)

    def __str__(self) -> str:
        return self.name
