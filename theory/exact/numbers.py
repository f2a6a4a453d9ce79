"""Exact real algebraic numbers, so that "is this zero?" is decided by algebra and never by a float.

A `Number` is an element of a tower Q(t_1, ..., t_s) of real radicals (`number_fields.py`); arithmetic goes to a tower that holds
both sides (`field_extensions.py`), and the towers grow where a root is taken.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import gcd, inf, lcm
from typing import Protocol, Self, TypeAlias, TypeVar

from flint import arb, fmpq, fmpq_mpoly, fmpz

from steinlab.theory.errors import InputError
from steinlab.theory.exact.field_extensions import compositum, embedded, extend
from steinlab.theory.exact.integers import coprime_powers, whole_root
from steinlab.theory.exact.number_fields import QQ, NumberField
from steinlab.theory.exact.precision import exact_fraction, working_precision

_ORDER_BITS = 192
"""Binary digits after the point by which numbers with nested radicals are sorted."""

Rational: TypeAlias = int | Fraction | fmpq | fmpz
Scalar: TypeAlias = "Number | Rational"


class Number:
    """An exact real algebraic number. Arithmetic, comparison and sign are exact; `float` is correctly rounded.

    >>> a = Number.of(48).root(2)
    >>> str(a), str(1 / a), a * a == 48, a.sign()
    ('4*sqrt(3)', 'sqrt(3)/12', True, 1)
    """

    __slots__ = ("_hash", "field", "flint")

    def __init__(self, field: NumberField, p: fmpq_mpoly) -> None:
        self.field = field
        self.flint = p
        self._hash: int | None = None

    @staticmethod
    def of(value: Scalar) -> Number:
        """The number `value`; floats are refused, since they are rarely what was meant."""
        if isinstance(value, Number):
            return value
        if isinstance(value, Fraction):
            return Number(QQ, QQ.ring.constant(fmpq(value.numerator, value.denominator)))
        if isinstance(value, (int, fmpz, fmpq)):
            return Number(QQ, QQ.ring.constant(fmpq(value)))
        raise TypeError(f"{value!r} is not an exact number: use an int, a Fraction or a Number")

    # -- structure

    @property
    def is_zero(self) -> bool:
        return not self.flint

    @property
    def is_rational(self) -> bool:
        return bool(self.flint.is_constant())

    @property
    def rational(self) -> fmpq:
        """The value as FLINT's rational; ValueError if irrational."""
        if not self.is_rational:
            raise ValueError(f"{self} is irrational")
        return self.flint.leading_coefficient() if self.flint else fmpq(0)

    @property
    def fraction(self) -> Fraction:
        """The value as a Fraction; ValueError if irrational."""
        q = self.rational
        return Fraction(int(q.p), int(q.q))

    def monomials(self) -> list[tuple[tuple[int, ...], fmpq]]:
        """Pairs (exponents of the radicals, bottom of the tower first; rational coefficient)."""
        return self.field.monomials(self.flint)

    # -- arithmetic

    def __add__(self, other: Scalar) -> Number:
        if not _is_exact(other):
            return NotImplemented
        field, p, q = _together(self, Number.of(other))
        return Number(field, p + q)

    def __sub__(self, other: Scalar) -> Number:
        if not _is_exact(other):
            return NotImplemented
        field, p, q = _together(self, Number.of(other))
        return Number(field, p - q)

    def __mul__(self, other: Scalar) -> Number:
        if not _is_exact(other):
            return NotImplemented
        field, p, q = _together(self, Number.of(other))
        return Number(field, field.product(p, q))

    def __truediv__(self, other: Scalar) -> Number:
        return self * Number.of(other).inverse()

    def __radd__(self, other: Rational) -> Number:
        return self + other

    def __rsub__(self, other: Rational) -> Number:
        return Number.of(other) - self

    def __rmul__(self, other: Rational) -> Number:
        return self * other

    def __rtruediv__(self, other: Rational) -> Number:
        return Number.of(other) * self.inverse()

    def __neg__(self) -> Number:
        return Number(self.field, -self.flint)

    def __abs__(self) -> Number:
        return -self if self.sign() < 0 else self

    def __pow__(self, exponent: int) -> Number:
        if exponent < 0:
            return self.inverse() ** (-exponent)
        return repeated_squaring(self, exponent, Number.of(1))

    def inverse(self) -> Number:
        """1/self, at the cost of the radicals that occur. ZeroDivisionError at zero. Kind: exact.

        >>> str((1 + Number.of(2).root(2) + Number.of(3).root(2)).inverse()), str(Number.of(4).root(3).inverse())
        ('1/2 + sqrt(2)/4 - sqrt(6)/4', '2**(1/3)/2')
        """
        if self.is_rational and not self.is_zero:
            return Number.of(1 / self.rational)
        return Number(self.field, self.field.inverse(self.flint))

    # -- fields and roots

    @property
    def canonical(self) -> Number:
        """The same number in the least tower of its radicals: equal numbers without nested ones become the same there.

        >>> a = Number.of(6).root(2)
        >>> str((a + Number.of(2).root(2) - Number.of(2).root(2)).canonical.field)
        'Q(sqrt(6))'
        """
        if self.is_rational:
            return self if self.field is QQ else Number.of(self.rational)
        if self.field.is_nested(self.flint):
            return Number(*self.field.in_least_tower(self.flint))
        total = Number.of(0)
        for roots, c in sorted((self.field.roots_of_integers(m), c) for m, c in self.monomials()):
            total = total + reduce(
                Number.__mul__, (Number.of(n).root(x.denominator) ** x.numerator for x, n in roots), Number.of(c)
            )
        return total

    def root(self, order: int) -> Number:
        """The real `order`-th root. InputError for an even root of a negative number.

        >>> str(Number.of(Fraction(1, 8)).root(3)), str(Number.of(4).root(4)), str((3 + 2 * Number.of(2).root(2)).root(2))
        ('1/2', 'sqrt(2)', '1 + sqrt(2)')
        """
        sign = self.sign()
        if sign == 0 or order == 1:
            return self
        if sign < 0:
            if order % 2 == 0:
                raise InputError(f"the root of order {order} of {self} is not real: use a number that is not negative")
            return -((-self).root(order))
        if not self.is_rational:
            power = self._rational_power()
            if power is not None:
                return (self**power).root(order * power)
            split = self._split_root() if order == 2 else None
            return Number(*extend(*self.field.in_least_tower(self.flint), order)) if split is None else split
        q = self.rational
        outside = Fraction(1, int(q.q))
        groups: dict[Fraction, int] = {}  # the factors under the root, gathered by what is left of their exponents
        for factors, times in ((coprime_powers(q.p), 1), (coprime_powers(q.q), order - 1)):
            for p, e in factors:
                outside *= Fraction(p) ** (e * times // order)
                rest = Fraction(e * times % order, order)
                if rest:
                    groups[rest] = groups.get(rest, 1) * p
        field = NumberField.of_integer_roots({a: rest.denominator for rest, a in groups.items()})
        numerators = {a: rest.numerator for rest, a in groups.items()}
        monomial = tuple(numerators[a] for a in sorted(numerators))
        return Number(field, field.element({monomial: fmpq(1)})) * outside

    def _split_root(self) -> Number | None:
        """√(a + u) = √((a + d)/2) ± √((a - d)/2) for rational a, u² and d = √(a² - u²); None for other numbers."""
        a = Number.of(sum((c for m, c in self.monomials() if not any(m)), fmpq(0)))
        rest = self - a
        gap = a * a - rest * rest
        if not gap.is_rational or gap.sign() < 0:
            return None
        (p, exact), (q, whole) = whole_root(int(gap.rational.p), 2), whole_root(int(gap.rational.q), 2)
        if not (exact and whole):
            return None
        d = Fraction(p, q)
        return ((a + d) / 2).root(2) + ((a - d) / 2).root(2) * rest.sign()

    def _rational_power(self) -> int | None:
        """The least k with self^k rational, for a rational times a product of roots of integers; None for other numbers.

        A root of such a number is a root of an integer, whose field does not depend on how the number came about.
        """
        terms = self.monomials()
        if len(terms) != 1:
            return None
        used = [(r, e) for r, e in zip(self.field.radicals, terms[0][0], strict=False) if e]
        if any(r.is_nested for r, _ in used):
            return None
        return lcm(*(r.order // gcd(r.order, int(e)) for r, e in used))

    # -- the real line

    @property
    def exact(self) -> Number:
        """The number itself: what is asked of every real number, whether it is known exactly or not."""
        return self

    def ball(self, bits: int | None = None) -> arb:
        """An enclosure at FLINT's current precision, or at that of so many bits."""
        if bits is None:
            return self.field.ball(self.flint)
        with working_precision(bits):
            return self.ball()

    def sign(self) -> int:
        """-1, 0 or 1, exactly: zero is decided by algebra, the rest by balls refined until they exclude zero."""
        if self.is_zero:
            return 0
        if self.is_rational:
            return 1 if self.rational > 0 else -1
        bits = 64
        while True:
            with working_precision(bits):
                ball = self.ball()
                if ball > 0:
                    return 1
                if ball < 0:
                    return -1
            bits *= 2

    def __float__(self) -> float:
        if self.is_rational:
            return float(self.fraction)
        bits = 64
        while True:
            with working_precision(bits):
                ball = self.ball()
                low, high = float(exact_fraction(ball.lower())), float(exact_fraction(ball.upper()))
                if low == high:
                    return low
            bits *= 2

    def __lt__(self, other: Scalar) -> bool:
        return (self - other).sign() < 0

    def __le__(self, other: Scalar) -> bool:
        return (self - other).sign() <= 0

    def __gt__(self, other: Scalar) -> bool:
        return (self - other).sign() > 0

    def __ge__(self, other: Scalar) -> bool:
        return (self - other).sign() >= 0

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Number, int, Fraction, fmpq, fmpz)):
            return (self - other).is_zero
        return NotImplemented

    def __hash__(self) -> int:
        if self._hash is None:
            try:
                self._hash = hash(self.fraction) if self.is_rational else hash(float(self))
            except OverflowError:  # an irrational number beyond floating point
                self._hash = hash(self.sign() * inf)
        return self._hash

    def __bool__(self) -> bool:
        return not self.is_zero

    def __reduce__(self) -> tuple[object, ...]:
        return _number_of_terms, (self.field, dict(self.monomials()))

    # -- text

    @property
    def order_text(self) -> str:
        """A text to sort by, the same for equal numbers: nested radicals have several forms, so these stand as binary digits."""
        if not self.field.is_nested(self.flint):
            return str(self)
        bits = 2 * _ORDER_BITS
        while True:
            with working_precision(bits):
                digits = (self.ball() * arb(2) ** _ORDER_BITS).floor().unique_fmpz()
            if digits is not None:
                return f"{digits}/2**{_ORDER_BITS}"
            bits *= 2

    def __str__(self) -> str:
        return self.field.text(self.flint)

    def __repr__(self) -> str:
        return f"Number({str(self)!r})"


class Multiplied(Protocol):
    """What is multiplied by its like."""

    def __mul__(self, other: Self, /) -> Self: ...


M = TypeVar("M", bound=Multiplied)


def repeated_squaring(base: M, exponent: int, one: M) -> M:
    """base^exponent for a whole exponent >= 0, in about two products a binary digit.

    >>> str(repeated_squaring(Number.of(2).root(2), 5, Number.of(1)))
    '4*sqrt(2)'
    """
    out = one
    while exponent:
        if exponent & 1:
            out = out * base
        exponent >>= 1
        if exponent:
            base = base * base
    return out


def _is_exact(value: object) -> bool:
    """Whether arithmetic with `value` is ours; floats are, so that `Number.of` refuses them with its reason."""
    return isinstance(value, (Number, int, Fraction, fmpq, fmpz, float))


def _together(a: Number, b: Number) -> tuple[NumberField, fmpq_mpoly, fmpq_mpoly]:
    """A field that contains both numbers, and each in it."""
    if a.field is b.field:
        return a.field, a.flint, b.flint
    try:
        field = b.field if a.is_rational else a.field if b.is_rational else compositum(a.field, b.field)
    except InputError:  # equal numbers are one key of a cache: whether a field is too large must not hang on the tower first met
        (below, p), (beside, q) = a.field.in_least_tower(a.flint), b.field.in_least_tower(b.flint)
        field = compositum(below, beside)
        return field, embedded(below, p, field), embedded(beside, q, field)
    return field, embedded(a.field, a.flint, field), embedded(b.field, b.flint, field)


def embed(a: Number, field: NumberField) -> Number:
    """The number in a field that contains its own."""
    return Number(field, embedded(a.field, a.flint, field))


def _number_of_terms(field: NumberField, terms: dict[tuple[int, ...], fmpq]) -> Number:
    return Number(field, field.element(terms))
