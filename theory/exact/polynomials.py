"""Exact polynomials in z1, ..., zr with real algebraic coefficients, on FLINT's sparse multivariate polynomials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import comb, prod

from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx, fmpz

from steinlab.theory.errors import InputError
from steinlab.theory.exact.field_extensions import compositum, embedding
from steinlab.theory.exact.number_fields import QQ, Element, NumberField
from steinlab.theory.exact.numbers import Number, Scalar, embed, repeated_squaring

MAX_MONOMIALS = 100_000
"""Largest number of monomials of any polynomial that is built; checked before expanding."""


MAX_COMPOSITION = 10_000_000
"""Largest cost of a substitution: monomials that the monomials expand to, times the squared degree of the number field."""


def dense_monomials(variables: int, degree: int) -> int:
    """The number of monomials of degree at most `degree` in `variables` variables."""
    return comb(variables + degree, variables)


class Polynomial:
    """An immutable exact polynomial p(z1, ..., zr).

    >>> p = Polynomial.from_terms({(2, 0): 1, (0, 1): Fraction(1, 2)})
    >>> str(p), p.degree, str(p.derivative(0)), str(p.evaluate([3, 4]))
    ('z1**2 + z2/2', 2, '2*z1', '11')
    """

    __slots__ = ("_terms", "field", "flint", "variables")

    def __init__(self, field: NumberField, variables: int, p: fmpq_mpoly) -> None:
        self.field = field
        self.variables = variables
        self.flint = p
        self._terms: dict[tuple[int, ...], Number] | None = None

    # -- construction

    @staticmethod
    def from_terms(terms: Mapping[tuple[int, ...], Scalar], variables: int | None = None) -> Polynomial:
        """Sum of c_α z^α over a mapping {α: c_α}. `variables` is needed when the mapping is empty."""
        if variables is None:
            variables = len(next(iter(terms)))
        field = QQ
        numbers = {alpha: Number.of(c) for alpha, c in terms.items()}
        for c in numbers.values():
            field = compositum(field, c.field)
        ring = field.polynomial_ring(variables)
        out: dict[tuple[int, ...], fmpq] = {}
        for alpha, c in numbers.items():
            for monomial, q in embed(c, field).monomials():
                out[tuple(reversed(monomial)) + tuple(alpha) or (0,)] = q
        return Polynomial(field, variables, ring.from_dict(out))

    @staticmethod
    def constant(value: Scalar, variables: int) -> Polynomial:
        return Polynomial.from_terms({(0,) * variables: value}, variables)

    @staticmethod
    def variable(i: int, variables: int) -> Polynomial:
        """z_{i+1}."""
        return Polynomial.from_terms({tuple(int(j == i) for j in range(variables)): 1}, variables)

    # -- structure

    @property
    def is_zero(self) -> bool:
        return not self.flint

    @property
    def degree(self) -> int:
        """Total degree in z; 0 for constants and for zero."""
        if not self.variables:
            return 0
        if self.field is QQ:
            return max(int(self.flint.total_degree()), 0)
        size = len(self.field.radicals)
        return max((int(sum(m[size:])) for m in self.flint.monoms()), default=0)

    @property
    def is_constant(self) -> bool:
        return self.degree == 0

    def terms(self) -> Mapping[tuple[int, ...], Number]:
        """{α: c_α}, the nonzero coefficients only, by falling degree and then lexicographically."""
        if self._terms is None:
            self._terms = self._read_terms()
        return self._terms

    def _read_terms(self) -> dict[tuple[int, ...], Number]:
        size = len(self.field.radicals)
        ring = self.field.ring
        grouped: dict[tuple[int, ...], dict[tuple[int, ...], fmpq]] = {}
        for m, c in self.flint.to_dict().items():
            grouped.setdefault(_alpha(m, size, self.variables), {})[m[:size] or (0,)] = c
        order = sorted(grouped, key=lambda alpha: (-sum(alpha), tuple(-a for a in alpha)))
        return {alpha: Number(self.field, ring.from_dict(grouped[alpha])) for alpha in order}

    def coefficient(self, alpha: Sequence[int]) -> Number:
        """The coefficient of z^α."""
        size = len(self.field.radicals)
        wanted = tuple(alpha)
        found = {m[:size] or (0,): c for m, c in self.flint.to_dict().items() if _alpha(m, size, self.variables) == wanted}
        return Number(self.field, self.field.ring.from_dict(found))

    def homogeneous_parts(self) -> dict[int, Polynomial]:
        """{k: the part of degree k}, nonzero parts only, by rising k."""
        size = len(self.field.radicals)
        parts: dict[int, dict[tuple[int, ...], fmpq]] = {}
        for m, c in self.flint.to_dict().items():
            parts.setdefault(int(sum(m[size:])) if self.variables else 0, {})[m] = c
        return {k: self._same(self._ring.from_dict(parts[k])) for k in sorted(parts)}

    def homogeneous_part(self, k: int) -> Polynomial:
        """The part of degree k."""
        return self.homogeneous_parts().get(k, self._same(self._ring.constant(0)))

    @property
    def _ring(self) -> fmpq_mpoly_ctx:
        return self.field.polynomial_ring(self.variables)

    def _same(self, p: fmpq_mpoly) -> Polynomial:
        return Polynomial(self.field, self.variables, p)

    # -- arithmetic

    def __add__(self, other: Polynomial | Scalar) -> Polynomial:
        a, b = _unify(self, other)
        return a._same(a.flint + b.flint)

    def __sub__(self, other: Polynomial | Scalar) -> Polynomial:
        a, b = _unify(self, other)
        return a._same(a.flint - b.flint)

    def __mul__(self, other: Polynomial | Scalar) -> Polynomial:
        if isinstance(other, (int, fmpq)):
            return self._same(self.flint * other)
        a, b = _unify(self, other)
        if a.field is not QQ:  # here a monomial is a power of z times powers of radicals, which the parser does not count
            dense = dense_monomials(a.variables, a.degree + b.degree) * a.field.degree
            require_monomials(min(len(a.flint) * len(b.flint), dense), f"a product over {a.field}")
        return a._same(a.field.reduce(a.flint * b.flint, a.variables))

    def __truediv__(self, other: Scalar) -> Polynomial:
        return self * Number.of(other).inverse()

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Scalar) -> Polynomial:
        return -self + other

    def __neg__(self) -> Polynomial:
        return self._same(-self.flint)

    def __pow__(self, exponent: int) -> Polynomial:
        if exponent < 0:
            raise ValueError(f"the power {exponent} of a polynomial is not a polynomial: expected an exponent >= 0")
        if self.field is QQ:
            return self._same(self.flint**exponent)
        return repeated_squaring(self, exponent, Polynomial.constant(1, self.variables))

    def derivative(self, i: int) -> Polynomial:
        """∂p/∂z_{i+1}."""
        return self._same(self.flint.derivative(len(self.field.radicals) + i))

    def compose(self, substitutes: Sequence[Polynomial]) -> Polynomial:
        """p(q_1, ..., q_r): one polynomial for each variable, all in the same variables."""
        field = self.field
        for q in substitutes:
            field = compositum(field, q.field)
        target = substitutes[0].variables
        _require_cheap_composition(self, substitutes, target, field)
        lifted = [_constant_in(image, field, target) for image in reversed(embedding(self.field, field))]
        lifted += [_lift(q, field).flint for q in substitutes]
        ring = field.polynomial_ring(target)
        return Polynomial(field, target, field.reduce(self.flint.compose(*lifted, ctx=ring), target))

    def evaluate(self, point: Sequence[Scalar]) -> Number:
        """p at an exact point."""
        total = Number.of(0)
        for alpha, c in self.terms().items():
            for x, e in zip(point, alpha, strict=True):
                c = c * Number.of(x) ** e
            total = total + c
        return total

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Polynomial) and other.variables != self.variables:
            return False
        if isinstance(other, (Polynomial, Number, int, Fraction, fmpq, fmpz)):
            return (self - other).is_zero
        return NotImplemented

    def __hash__(self) -> int:
        if self.is_constant:  # equal to its value, so hashed like it
            return hash(self.coefficient((0,) * self.variables))
        return hash((self.variables, tuple(self.terms().items())))

    def __reduce__(self) -> tuple[object, ...]:
        return Polynomial.from_terms, (dict(self.terms()), self.variables)

    # -- text

    def __str__(self) -> str:
        return self.to_text([f"z{i + 1}" for i in range(self.variables)])

    def to_text(self, names: Sequence[str]) -> str:
        """The polynomial in the given variable names, in the syntax that the parser reads."""
        if self.is_zero:
            return "0"
        pieces = []
        for alpha, c in self.terms().items():
            factors = [name if e == 1 else f"{name}**{e}" for name, e in zip(names, alpha, strict=True) if e]
            pieces.append(_term_text(c, "*".join(factors)))
        return " + ".join(pieces).replace("+ -", "- ")

    def __repr__(self) -> str:
        return f"Polynomial({str(self)!r})"


def _require_cheap_composition(p: Polynomial, substitutes: Sequence[Polynomial], variables: int, field: NumberField) -> None:
    """InputError where a substitution would take too long: each monomial is multiplied out, and radicals are reduced only after
    that. It costs what all its monomials could be, or the product of the terms that are multiplied, where that is less."""
    degree = max(q.degree for q in substitutes)
    lengths = [len(q.flint) for q in substitutes]
    work = field.degree**2
    cost = 0
    for monomial in p.flint.monoms():
        alpha = _alpha(monomial, len(p.field.radicals), p.variables)
        dense = dense_monomials(variables - 1, sum(alpha) * degree) if variables else 0
        cost += min(work * dense, prod(min(n, MAX_COMPOSITION) ** e for n, e in zip(lengths, alpha, strict=True)))
    if cost > MAX_COMPOSITION:
        raise InputError(
            f"a change of coordinates of degree {p.degree * degree} in {variables} variables over {field} would take about "
            f"{cost} steps; the bound is {MAX_COMPOSITION}: use fewer latent variables, a lower degree or simpler directions"
        )


def _alpha(m: tuple[int, ...], size: int, variables: int) -> tuple[int, ...]:
    return tuple(map(int, m[size:])) if variables else ()


def _lift(p: Polynomial, field: NumberField) -> Polynomial:
    if p.field is field:
        return p
    if not p.variables:  # FLINT's ring of no variables has one all the same, so that composition would need it
        return Polynomial(field, 0, _constant_in(embed(p.coefficient(()), field).flint, field, 0))
    ring = field.polynomial_ring(p.variables)
    radicals = [_constant_in(image, field, p.variables) for image in reversed(embedding(p.field, field))]
    variables = list(ring.gens())[len(field.radicals) :]
    return Polynomial(field, p.variables, field.reduce(p.flint.compose(*radicals, *variables, ctx=ring), p.variables))


def _constant_in(c: Element, field: NumberField, variables: int) -> fmpq_mpoly:
    """A number of `field` as an element of the polynomial ring over it."""
    terms = {tuple(reversed(m)) + (0,) * variables: q for m, q in field.monomials(c)}
    return field.polynomial_ring(variables).from_dict(terms)


def _unify(a: Polynomial, b: Polynomial | Scalar) -> tuple[Polynomial, Polynomial]:
    if not isinstance(b, Polynomial):
        b = Polynomial.constant(b, a.variables)
    if a.field is b.field and a.variables == b.variables:
        return a, b
    if a.variables != b.variables:
        raise ValueError(f"polynomials in {a.variables} and in {b.variables} variables do not combine")
    field = compositum(a.field, b.field)
    return _lift(a, field), _lift(b, field)


def _term_text(c: Number, monomial: str) -> str:
    if not monomial:
        return str(c)
    if c == 1:
        return monomial
    if c == -1:
        return f"-{monomial}"
    terms = c.monomials()
    if len(terms) > 1:
        return f"({c})*{monomial}"
    numerator, slash, denominator = str(c).rpartition("/")
    if slash and denominator.isdigit():
        head = "" if numerator == "1" else "-" if numerator == "-1" else f"{numerator}*"
        return f"{head}{monomial}/{denominator}"
    return f"{c}*{monomial}"


def require_monomials(count: int, what: str) -> None:
    """InputError when `what` could need more than MAX_MONOMIALS monomials."""
    if count > MAX_MONOMIALS:
        raise InputError(
            f"{what} could have {count} monomials; the bound is {MAX_MONOMIALS}: lower the degree or use fewer variables"
        )
